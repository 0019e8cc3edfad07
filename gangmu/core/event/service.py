"""The use cases of events, together: each lives in the file named after what it is about."""

from gangmu.core.event.acting import act, facts_of, hand_over, resume_suspended
from gangmu.core.event.clocks import refresh_clock
from gangmu.core.event.finding import (
    acts_of_many,
    add_view,
    counts,
    drop_view,
    find_events,
    get_event,
    list_acts,
    list_events,
    list_evidence,
    list_reports,
    list_views,
    locate,
    offers_of,
    search,
    standing_of,
)
from gangmu.core.event.merging import Duplicate, list_duplicates, merge, unmerge
from gangmu.core.event.opening import dismiss_alarm, open_event, review_alarm, take_report
from gangmu.core.event.proofs import may_see_file

__all__ = [
    "Duplicate",
    "act",
    "acts_of_many",
    "add_view",
    "counts",
    "dismiss_alarm",
    "drop_view",
    "facts_of",
    "find_events",
    "get_event",
    "hand_over",
    "list_acts",
    "list_duplicates",
    "list_events",
    "list_evidence",
    "list_reports",
    "list_views",
    "locate",
    "may_see_file",
    "merge",
    "offers_of",
    "open_event",
    "refresh_clock",
    "resume_suspended",
    "review_alarm",
    "search",
    "standing_of",
    "take_report",
    "unmerge",
]
