"""Facts of running clocks (时限)."""

from dataclasses import dataclass
from datetime import datetime

from gangmu.kit.message import message


@message(version=1)
class DeadlineNear:
    """A clock has used up this share of its limit (a warn mark)."""

    clock_id: str
    event_id: str
    stage: str
    part: str
    org: str | None
    kind: str
    limit: str
    calendar: str
    started_at: datetime
    due_at: datetime
    share: float
    at: datetime


@message(version=1)
class DeadlinePassed:
    """A clock has run out (``share`` 1.0), or is late by as many limits more as ``share`` is above 1."""

    clock_id: str
    event_id: str
    stage: str
    part: str
    org: str | None
    kind: str
    limit: str
    calendar: str
    started_at: datetime
    due_at: datetime
    share: float
    at: datetime


@dataclass(frozen=True, slots=True)
class ClockFact:
    """A clock as it stands. ``due_at`` None while a suspension without end holds it; ``overdue`` is the fact at its
    stop; a ``cancelled`` one was called off, not done; one bundled into another event stands aside."""

    id: str
    event_id: str
    stage: str
    part: str
    org: str | None
    limit: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    cancelled: bool
    overdue: bool
    extended: int
    paused_s: int
    state: str
    bundled_into: str | None
    version: int


@message(version=1)
class ClocksMoved:
    """Clocks of an event were started, stopped, suspended, resumed, extended or set aside, and no act tells it."""

    event_id: str
    clocks: list[ClockFact]
    at: datetime
