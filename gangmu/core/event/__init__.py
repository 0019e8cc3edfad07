"""The event (城市事件) and its closed loop: from report to answer.

Comes in: reports, acts. Goes out: events with their history, evidence and counts; messages of every transition.
What may be done next is data (``core.flow``), how long it may take too (``core.deadline``, ``core.matter``); the
stages above (dispatch, verify) register effects and subscribe to messages.
"""

from gangmu.core.event.acting import act
from gangmu.core.event.effects import Acted, effect
from gangmu.core.event.finding import get_event, list_events
from gangmu.core.event.merging import list_duplicates
from gangmu.core.event.model import ActArgs, Event, Status
from gangmu.core.event.opening import take_report
from gangmu.core.event.store import Wanted

__all__ = [
    "ActArgs",
    "Acted",
    "Event",
    "Status",
    "Wanted",
    "act",
    "effect",
    "get_event",
    "list_duplicates",
    "list_events",
    "take_report",
]
