"""Reports and events over HTTP."""

from datetime import datetime
from typing import Any

from pydantic import Field

from gangmu.core.deadline.schema import ClockOut
from gangmu.core.event.model import ActArgs
from gangmu.core.report import Channel, Draft, Kind, ReporterDraft
from gangmu.kit import geo
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema


class ReporterIn(Schema):
    """Who reports. Sealed before it is stored."""

    name: str = Field("", max_length=80)
    phone: str = Field("", max_length=30)
    anonymous: bool = False
    confidential: bool = False


class ReportIn(Schema):
    """A report as the call-taker, patrol or citizen gives it. It opens an event, or joins one."""

    channel: Channel
    kind: Kind = Kind.report
    title: str = Field("", max_length=200)
    text: str = Field(min_length=1, max_length=20_000)
    happened_at: datetime | None = None
    address: str = Field("", max_length=500)
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    crs: str = Field("CGCS2000", max_length=20)
    division: str = Field("", max_length=12, pattern=r"^\d*$")
    matter_id: Id | None = None
    reporter: ReporterIn = ReporterIn()
    consent: bool = False
    want_reply: bool = True
    join_event_id: Id | None = None
    flow: str = Field("", max_length=60)
    urgent: bool = False
    attachments: list[Id] = Field([], max_length=20)

    def draft(self) -> Draft:
        if (self.lon is None) != (self.lat is None):
            raise Invalid(field="lat" if self.lat is None else "lon", reason="a place has both")
        if self.happened_at is not None and self.happened_at.tzinfo is None:
            raise Invalid(field="happened_at", reason="needs an offset")
        point = geo.point(self.lon, self.lat, self.crs) if self.lon is not None and self.lat is not None else None
        return Draft(
            channel=self.channel,
            kind=self.kind,
            title=self.title,
            text=self.text,
            happened_at=self.happened_at,
            address=self.address,
            point=point,
            division=self.division,
            matter=self.matter_id,
            reporter=ReporterDraft(**self.reporter.model_dump()),
            consent=self.consent,
            want_reply=self.want_reply,
            attachments=tuple(self.attachments),
        )


class WhoOut(Schema):
    """A reporter, masked unless revealed for a purpose."""

    id: Id | None
    name: str
    phone: str
    anonymous: bool
    confidential: bool
    revealed: bool


class ReportOut(Schema):
    id: Id
    channel: str
    kind: str
    title: str
    text: str
    reporter: WhoOut
    want_reply: bool
    happened_at: datetime
    received_at: datetime
    matter: Id | None
    lon: float | None
    lat: float | None
    datum: str
    address: str
    division: str
    unit_grid: str
    attachments: list[Id]
    event: Id | None
    review: str
    foreign_no: str
    source: str


class Reports(Listed):
    items: list[ReportOut]


class EventRow(Schema):
    """An event as lists show it."""

    id: Id
    case_no: str
    title: str
    channel: str
    kind: str
    flow: str
    state: str
    state_title: str
    status: str
    matter: Id | None
    matter_title: str
    division: str
    division_name: str
    address: str
    lon: float | None
    lat: float | None
    urgent: bool
    supervised: bool
    suspended_until: datetime | None
    lateness: str
    due_at: datetime | None
    clock_started_at: datetime | None
    reported_at: datetime
    closed_at: datetime | None
    moved_at: datetime
    lead_org: Id | None
    lead_org_name: str
    holder_role: str
    report_count: int
    caller_count: int
    merged_into: Id | None
    foreign_no: str
    version: int


class Events(Listed):
    """A page of events; ``as_of`` is the city's time of the list, ``seq`` the number to follow ticks after."""

    items: list[EventRow]
    as_of: datetime
    seq: int


class RefusalOut(Schema):
    """Why a verb may not be done now: a stable key and its words."""

    key: str
    text: str


class OutcomeOut(Schema):
    id: str
    title: str
    answer: str


class VerbOut(Schema):
    """A verb that the event's state offers: what must and may be given, and why not if not."""

    id: str
    title: str
    kind: str
    requires: list[str]
    takes: list[str]
    outcomes: list[OutcomeOut]
    choices: list[str]
    refused_because: RefusalOut | None


class NamedOrg(Schema):
    id: Id
    name: str


class NamedPost(Schema):
    id: Id
    title: str
    person_name: str
    org_name: str


class EventOut(EventRow):
    """An event whole."""

    text: str
    duty_grid: str
    unit_grid: str
    condition: Id | None
    condition_text: str
    closing_condition: Id | None
    orgs: list[NamedOrg]
    holder_of: str
    holder_post: NamedPost | None
    handler_post: NamedPost | None
    open_tasks: list[str]
    outcome: str
    satisfaction: str
    exemptions: list[str]
    flow_version: int
    flow_title: str
    clocks: list[ClockOut]
    verbs: list[VerbOut]
    as_of: datetime


class Taken(Schema):
    """What a report became: its event, or none when a machine's alarm waits for review."""

    report: ReportOut
    event: EventRow | None


class ProofIn(Schema):
    """An uploaded file as evidence of a kind (near, far, reference, before, after, check)."""

    file: Id
    kind: str = Field("after", pattern="^(near|far|reference|before|after|check)$")


class ActIn(Schema):
    """What is given with an act. The verb's ``requires`` says what must be."""

    reason: str = Field("", max_length=2000)
    matter_id: Id | None = Field(None, description="the class, where a filing condition is chosen under another one")
    condition_id: Id | None = None
    closing_condition_id: Id | None = None
    lead_org: Id | None = None
    assistants: list[Id] = Field([], max_length=20)
    handler_post: Id | None = None
    evidence: list[ProofIn] = Field([], max_length=20)
    answer: str = Field("", max_length=8000)
    until: datetime | None = None
    satisfaction: str = Field("", max_length=40)
    outcome: str = Field("", max_length=60)
    to_state: str = Field("", max_length=60)
    done_at: datetime | None = None
    version: int | None = Field(None, ge=1, description="the version that one saw; another one is refused")

    def args(self) -> ActArgs:
        for name in ("until", "done_at"):
            value = getattr(self, name)
            if value is not None and value.tzinfo is None:
                raise Invalid(field=name, reason="needs an offset")
        return ActArgs(
            reason=self.reason.strip(),
            matter_id=self.matter_id,
            condition_id=self.condition_id,
            closing_condition_id=self.closing_condition_id,
            lead_org=self.lead_org,
            assistants=tuple(self.assistants),
            handler_post=self.handler_post,
            evidence=tuple((proof.file, proof.kind) for proof in self.evidence),
            answer=self.answer.strip(),
            until=self.until,
            satisfaction=self.satisfaction,
            outcome=self.outcome,
            to_state=self.to_state,
            done_at=self.done_at,
        )


class ActOut(Schema):
    """One act of the history."""

    id: Id
    seq: int
    verb: str
    verb_title: str
    kind: str
    from_state: str
    to_state: str
    to_state_title: str
    actor_name: str
    org_name: str
    role: str
    reason: str
    args: dict[str, Any]
    done_at: datetime
    recorded_at: datetime


class Timeline(Listed):
    items: list[ActOut]


class EvidenceOut(Schema):
    """A piece of evidence with what the picture itself tells; ``flags`` are what is doubtful about it; ``source``: the
    system that it came from and its number there."""

    id: Id
    act: Id | None
    file: Id
    kind: str
    mime: str
    digest: str
    taken_at: datetime | None
    received_at: datetime
    lon: float | None
    lat: float | None
    reused: bool
    metres: float | None
    flags: list[str]
    source: str = ""


class EvidenceList(Listed):
    items: list[EvidenceOut]


class MergeIn(Schema):
    into: Id
    reason: str = Field(min_length=1, max_length=2000)


class UnmergeIn(Schema):
    report_ids: list[Id] = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=2000)


class ReviewIn(Schema):
    """What a look at a machine's alarm gave."""

    true: bool
    join_event_id: Id | None = None
    reason: str = Field("", max_length=500)


class LikenessOut(Schema):
    score: float
    metres: float | None
    text: float
    same_matter: bool
    days: float


class DuplicateOut(Schema):
    event: EventRow
    likeness: LikenessOut


class Duplicates(Listed):
    items: list[DuplicateOut]


class History(Schema):
    """What a caller has reported before."""

    name: str
    items: list[ReportOut]


class Reveal(Schema):
    purpose: str = Field(min_length=2, max_length=200)


class ViewOut(Schema):
    """A view of the inbox with its count: ``filter`` are query values of ``GET /events``."""

    id: str
    name: str
    own: bool
    filter: dict[str, Any]
    count: int | None


class Inbox(Schema):
    views: list[ViewOut]
    as_of: datetime
    seq: int


class ViewIn(Schema):
    name: str = Field(min_length=1, max_length=60)
    filter: dict[str, str | int | bool | list[str]]


class WhoMay(Schema):
    """Who may do what on the event: the roles of each verb and the people who hold them there."""

    verb: str
    title: str
    permission: str
    people: list[NamedPost]


class Access(Listed):
    items: list[WhoMay]
