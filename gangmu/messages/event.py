"""Facts of events (城市事件). Each carries the complete row of the transition: read models need no more."""

from dataclasses import dataclass, field
from datetime import datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message
from gangmu.messages.deadline import ClockFact


@dataclass(frozen=True, slots=True)
class EventFact:
    """The row of an event as it stands at ``version``."""

    id: str
    version: int
    case_no: str
    title: str
    flow: str
    state: str
    status: str
    channel: str
    kind: str
    matter: str | None
    division: str
    unit_grid: str
    duty_grid: str
    lead_org: str | None
    orgs: list[str]
    people: list[str]
    suspended_until: datetime | None
    outcome: str
    satisfaction: str
    exemptions: list[str]
    merged_into: str | None
    report_count: int
    reported_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ActFact:
    """One act of an event's history. ``target_at`` is the deadline that the source of an imported record had set."""

    id: str
    event_id: str
    seq: int
    verb: str
    kind: str
    from_state: str
    to_state: str
    person: str | None
    post: str | None
    org: str | None
    actor_name: str
    role: str
    reason: str
    outcome: str
    satisfaction: str
    done_at: datetime
    recorded_at: datetime
    target_at: datetime | None = None


@message(version=1)
class EventOpened:
    """A report became an event."""

    event_id: str
    case_no: str
    title: str
    flow: str
    state: str
    status: str
    channel: str
    division: str
    orgs: list[str]
    matter: str | None
    lon: float | None
    lat: float | None
    reported_at: datetime
    report_id: str
    row: EventFact | None = None
    act: ActFact | None = None
    clocks: list[ClockFact] = field(default_factory=list)


@message(version=1)
class EventMoved:
    """A verb was done on an event; ``from_state`` may equal ``to_state`` (an aside)."""

    event_id: str
    act_id: str
    verb: str
    from_state: str
    to_state: str
    status: str
    division: str
    orgs: list[str]
    lead_org: str | None
    matter: str | None
    condition: str | None
    due_at: datetime | None
    actor_person: str | None
    actor_post: str | None
    actor_org: str | None
    done_at: datetime
    recorded_at: datetime
    version: int
    row: EventFact | None = None
    act: ActFact | None = None
    clocks: list[ClockFact] = field(default_factory=list)


@message(version=1)
class EventRecounted:
    """Reports came to an event or left it (joined, merged, parted): its row and what its history says of it."""

    event_id: str
    row: EventFact
    act: ActFact


@message(version=1)
class EventsMerged:
    """The reports of one event went to another."""

    event_id: str
    into: str
    division: str
    orgs: list[str]
    reports: list[str]


@message(version=1)
class EventsParted:
    """Reports went back, or out, of an event."""

    event_id: str
    parted: str
    division: str
    orgs: list[str]
    reports: list[str]


@message(version=1)
class ReportJoined:
    """One more report of a matter that is an event already."""

    event_id: str
    report_id: str
    division: str
    orgs: list[str]


@message(version=1)
class ReporterAnswered:
    """An answer that a reporter must get, in the words given."""

    event_id: str
    report_id: str
    text: str
    outcome: str
    division: str
    orgs: list[str]


@message(version=1)
class AlarmReceived:
    """A machine's alarm waits for review."""

    about: str
    channel: str
    division: str
    orgs: list[str]


@message(version=1)
class EventTurned:
    """No act: time alone made an event near its deadline or late (``lateness``), or its clock is another."""

    event_id: str
    lateness: str
    due_at: datetime | None
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class EventsLoaded:
    """A batch of events came in from a file; ask the lists for what they are. Their ids lie between ``first`` and
    ``last``."""

    about: str
    source: str
    count: int
    division: str
    orgs: list[str]
    first: str = ""
    last: str = ""


@message(version=1)
class EventsTold:
    """Rows of events that came in by the batch, with their history and clocks, a page at a time."""

    rows: list[EventFact]
    acts: list[ActFact]
    clocks: list[ClockFact]


@message(version=1)
class WordsErased:
    """What people wrote of these events is kept no longer: ``title`` stands where their titles were."""

    events: list[str]
    title: str


for _fact in (EventOpened, EventMoved, EventTurned, EventsMerged, EventsParted, ReportJoined, EventsLoaded):
    ticks_of(_fact.__name__, "event")
ticks_of(AlarmReceived.__name__, "alarm")
