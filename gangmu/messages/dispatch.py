"""Facts of dispatching: what organisations owe to events, disputes about whose duty it is, changes of the duty list."""

from datetime import date, datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message


@message(version=1)
class DutyChanged:
    """A row of the duty list was opened (``ended`` None) or came to its end."""

    about: str
    tree: str
    code: str
    division: str
    level: str
    lead_org: str
    orgs: list[str]
    valid_from: date
    ended: date | None
    replaces: str | None


@message(version=1)
class ObligationMoved:
    """An organisation owes something to an event (``state`` open), or does not any more."""

    event_id: str
    obligation_id: str
    org: str
    role: str
    state: str
    division: str
    orgs: list[str]
    since: datetime
    at: datetime
    until: datetime | None = None
    done_at: datetime | None = None
    version: int = 1


@message(version=1)
class DisputeRaised:
    """An organisation gave an event back, or a dispute was put up for coordination (``state`` coordinated)."""

    event_id: str
    dispute_id: str
    org: str | None
    state: str
    times: int
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class DisputeDecided:
    """A dispute is over: ``lead_org`` has it, for good when ``binding``."""

    event_id: str
    dispute_id: str
    org: str | None
    lead_org: str | None
    binding: bool
    outcome: str
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class DutyTrialAsked:
    """An edition of the duty list shall be tried on the events of the past."""

    about: str
    edition: str
    orgs: list[str]
    division: str
    at: datetime


ticks_of(ObligationMoved.__name__, "event")
for _fact in (DisputeRaised, DisputeDecided):
    ticks_of(_fact.__name__, "dispute")
ticks_of(DutyChanged.__name__, "duty")
