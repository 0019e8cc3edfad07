"""Dispatch (派遣、派单): whose duty a matter is, what was laid on whom, and the disputes about it.

Comes in: the duty list (职责清单) as edits and workbooks, dispatches and returns of events. Goes out: suggestions with
reasons whose acceptance is measured, obligations of leads and assistants with their clocks, disputes and designations.
"""

from gangmu.core.dispatch.model import Dispute, Duty, Obligation, Suggestion
from gangmu.core.dispatch.service import (
    DutyDraft,
    acceptance,
    add_duty,
    change_duty,
    list_disputes,
    list_duties,
    list_obligations,
    suggest_for,
)

__all__ = [
    "Dispute",
    "Duty",
    "DutyDraft",
    "Obligation",
    "Suggestion",
    "acceptance",
    "add_duty",
    "change_duty",
    "list_disputes",
    "list_duties",
    "list_obligations",
    "suggest_for",
]
