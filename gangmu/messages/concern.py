"""Facts of what an event concerns. They never name a person."""

from datetime import datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message


@message(version=1)
class ConcernChanged:
    """A component, a place or a person was put to an event, or taken off it. ``what`` is component, place or person;
    of persons nothing more is told."""

    event_id: str
    what: str
    component: str
    division: str
    orgs: list[str]
    at: datetime


ticks_of(ConcernChanged.__name__, "event")
