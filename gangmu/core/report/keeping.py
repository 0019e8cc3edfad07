"""What other stages ask about reporters whose time is over. The kind is kept by ``core.event``, which knows when a
matter was over."""

from gangmu.core.report.keeping_store import (
    attachments_naming,
    attachments_of,
    blank,
    blank_words,
    loose_before,
    loose_naming,
    not_blank,
    reports_of,
    worded,
)

__all__ = [
    "attachments_naming",
    "attachments_of",
    "blank",
    "blank_words",
    "loose_before",
    "loose_naming",
    "not_blank",
    "reports_of",
    "worded",
]
