"""What an event concerns (涉及的部件、地点、人员): the component that it is about, places, people.

Comes in: what reporters, grid workers and dispatchers point at. Goes out: what an event concerns, under the viewer's
rights; the events of a component; proposals of the component a report is about. People are sealed, and every look at
them is journaled with its purpose.
"""

from gangmu.core.concern.model import Concern, PersonKind, PersonRole
from gangmu.core.concern.service import list_events_of_component, of_event, point_component, suggest

__all__ = [
    "Concern",
    "PersonKind",
    "PersonRole",
    "list_events_of_component",
    "of_event",
    "point_component",
    "suggest",
]
