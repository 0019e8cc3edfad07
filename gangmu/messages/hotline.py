"""Facts of the hotline's calls (来电)."""

from datetime import datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message


@message(version=1)
class CallMoved:
    """Something happened to a call at a seat: it rang, was answered, ended, was closed. ``about`` is the post of the
    operator whose screen it concerns, empty when nobody has it."""

    about: str
    call_id: str
    fact: str
    state: str
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class CallMissed:
    """A call that nobody answered waits for its call-back."""

    about: str
    division: str
    orgs: list[str]


@message(version=1)
class CallHandedOver:
    """A call was passed to an emergency line."""

    about: str
    call_id: str
    line: str
    division: str
    orgs: list[str]


@message(version=1)
class CallCounted:
    """A call has its outcome; the complete row for read models."""

    call_id: str
    outcome: str
    group: str
    kind: str
    division: str
    orgs: list[str]
    event: str | None
    closed_at: datetime


@message(version=1)
class CallTold:
    """The row of a call as it stands at ``version``."""

    call_id: str
    version: int
    direction: str
    state: str
    division: str
    org: str | None
    post: str | None
    person: str | None
    outcome: str
    group: str
    kind: str
    event: str | None
    is_new_matter: bool
    began_at: datetime
    rang_at: datetime | None
    answered_at: datetime | None
    missed_at: datetime | None
    called_back_at: datetime | None
    closed_at: datetime | None


ticks_of(CallMoved.__name__, "call")
ticks_of(CallMissed.__name__, "calls")
ticks_of(CallHandedOver.__name__, "calls")
