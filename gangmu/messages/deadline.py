"""Facts of running clocks (时限)."""

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
