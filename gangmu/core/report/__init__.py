"""A report (上报): what somebody or something told us, once. Reports are evidence; an event is the matter.

Comes in: calls, patrols, citizens, transfers, sensors, files. Goes out: the report with its reporter sealed, the
history of a phone, the reports of an event. ``core.event`` opens events from them.
"""

from gangmu.core.report.model import Channel, Draft, Kind, Report, ReporterDraft
from gangmu.core.report.service import (
    attach,
    count_callers,
    find_by_phone,
    get_report,
    list_of_event,
    open_report,
    view_of,
)

__all__ = [
    "Channel",
    "Draft",
    "Kind",
    "Report",
    "ReporterDraft",
    "attach",
    "count_callers",
    "find_by_phone",
    "get_report",
    "list_of_event",
    "open_report",
    "view_of",
]
