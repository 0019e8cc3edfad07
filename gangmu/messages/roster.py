"""Facts of rotas, leave, stand-ins and hand-over."""

from datetime import datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message


@message(version=1)
class RotaChanged:
    """Shifts or patterns of an organisation changed."""

    about: str
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class SwapMoved:
    """A swap of shifts was asked, agreed, done, refused or withdrawn."""

    about: str
    shift: str
    state: str
    people: list[str]
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class LeaveMoved:
    """Leave was asked, granted, refused, withdrawn, or ended early."""

    about: str
    person: str
    state: str
    starts_at: datetime
    ends_at: datetime
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class StandInMoved:
    """Somebody is to stand in a post until ``ends_at``, or does not any more."""

    about: str
    post: str
    person: str
    starts_at: datetime
    ends_at: datetime
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class HandOverMoved:
    """A shift wrote its hand-over, or the next one signed it."""

    about: str
    shift: str
    received: bool
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class DutyTold:
    """Who is on duty got notice of an event (nobody was when ``person`` is None)."""

    event_id: str
    about: str
    what: str
    person: str | None
    division: str
    orgs: list[str]
    at: datetime


for _fact in (RotaChanged, SwapMoved, LeaveMoved, StandInMoved, HandOverMoved, DutyTold):
    ticks_of(_fact.__name__, "duty_notice" if _fact is DutyTold else "roster")
