"""Calls over HTTP."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field, field_validator

from gangmu.core.event.schema import EventRow, ReportIn, ReportOut
from gangmu.core.hotline.model import Ending, Fact
from gangmu.core.hotline.telephone import CallFact
from gangmu.core.report import Kind
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema

LineWord = Literal["110", "119", "120", "122"]
WayWord = Literal["three_party", "expert_seat", "department"]


class CallFactIn(Schema):
    """A fact of a call as the telephone system tells it; told again it changes nothing."""

    call_id: str = Field(min_length=1, max_length=100, description="the telephone system's own number of the call")
    event: Fact
    at: datetime
    number: str = Field("", max_length=30)
    queue: str = Field("", max_length=60)
    seat: str = Field("", max_length=60)
    recording_url: str = Field("", max_length=1000)

    @field_validator("at")
    @classmethod
    def _aware(cls, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("needs an offset")
        return at

    def fact(self) -> CallFact:
        return CallFact(
            self.call_id, self.event, self.at, self.number, " ".join(self.queue.split()), " ".join(self.seat.split()),
            self.recording_url,
        )  # fmt: skip


class CallFactOut(Schema):
    """``fresh`` False: this fact was known."""

    id: Id
    state: str
    fresh: bool


class SeatIn(Schema):
    """The seat of the telephone system that one sits at; empty: none."""

    seat: str = Field(max_length=60)


class CallIn(Schema):
    """A call taken without the telephone system's telling."""

    number: str = Field("", max_length=30)


class CloseIn(Schema):
    """How a call ends on the line."""

    outcome: str = Field(min_length=1, max_length=60)
    kind: Kind = Kind.enquiry
    text: str = Field("", max_length=8000, description="what was asked")
    answer: str = Field("", max_length=8000, description="what the caller was told; else the outcome's words")
    reason: str = Field("", max_length=2000)
    authority: str = Field("", max_length=200, description="fills {authority} in the outcome's words")
    entries: list[Id] = Field([], max_length=10)
    event: Id | None = None
    tree: str = Field("", max_length=60)
    code: str = Field("", max_length=16, pattern=r"^\d*$")
    unanswered: str = Field("", max_length=200, description="a search that the knowledge base did not answer")

    def ending(self) -> Ending:
        return Ending(
            kind=self.kind.value,
            text=self.text,
            answer=self.answer,
            reason=self.reason,
            authority=self.authority,
            entries=tuple(dict.fromkeys(self.entries)),
            event=self.event,
            tree=self.tree,
            code=self.code,
        )


class EmergencyIn(Schema):
    """Passed to an emergency line; one key."""

    line: LineWord
    note: str = Field("", max_length=2000)
    kind: Kind = Kind.help


class TransferIn(Schema):
    way: WayWord
    receiver: str = Field(min_length=1, max_length=200, description="which department, expert or seat")
    note: str = Field("", max_length=500)


class ConfirmIn(Schema):
    agree: bool
    reason: str = Field(min_length=2, max_length=500)


class TryIn(Schema):
    """A call-back was tried."""

    reached: bool


class GiveUpIn(Schema):
    reason: str = Field(min_length=2, max_length=500)


class ResultIn(Schema):
    result: str = Field(min_length=2, max_length=2000)


class PurposeIn(Schema):
    purpose: str = Field(min_length=2, max_length=200)


class RecordingOut(Schema):
    url: str


class NumberShown(Schema):
    number: str


class NamedEntry(Schema):
    id: Id
    question: str


class CallOut(Schema):
    """A call as lists show it: the number masked."""

    id: Id
    call_no: str
    queue: str
    seat: str
    direction: str
    number: str
    division: str
    post: Id | None
    operator: str
    state: str
    kind: str
    text: str
    outcome: str
    outcome_title: str
    outcome_group: str
    way: str
    answer: str
    reason: str
    confirm: str
    entries: list[NamedEntry]
    report: Id | None
    event: Id | None
    missed: Id | None
    began_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    closed_at: datetime | None
    waited_s: float | None
    talked_s: float | None
    has_recording: bool
    version: int


class Calls(Listed):
    items: list[CallOut]
    as_of: datetime


class CallActOut(Schema):
    what: str
    at: datetime
    by_name: str
    told: dict[str, str]


class EmergencyOut(Schema):
    id: Id
    call: Id
    line: str
    receiver: str
    handed_at: datetime
    due_at: datetime | None
    late: bool
    state: str
    result: str
    done_at: datetime | None
    text: str
    number: str


class Emergencies(Listed):
    items: list[EmergencyOut]
    as_of: datetime


class CallWhole(Schema):
    """A call with its history."""

    call: CallOut
    acts: list[CallActOut]
    hand_overs: list[EmergencyOut]


class Seat(Schema):
    """One's seat: the calls that ring, talk or wait for their outcome, the number of the first in clear (it is one's
    own call; journaled)."""

    seat: str
    calls: list[CallOut]
    number: str
    as_of: datetime


class CallerHistory(Schema):
    """What is known of a caller; ``confidential``: he once asked for confidence, of those reports nothing is shown."""

    name: str
    confidential: bool
    calls: list[CallOut]
    reports: list[ReportOut]


class OrderIn(ReportIn):
    """The call becomes a report: as of taking a report."""


class OrderOut(Schema):
    call: CallOut
    report: ReportOut
    event: EventRow | None


class HandedOver(Schema):
    call: CallOut
    hand_over: EmergencyOut


class MissedOut(Schema):
    """A number to call back: all its missed calls."""

    id: Id
    number: str
    times: int
    first_at: datetime
    last_at: datetime
    due_at: datetime | None
    late: bool
    state: str
    tries: int
    tries_least: int
    tried_at: datetime | None
    done_at: datetime | None
    reason: str


class MissedList(Listed):
    items: list[MissedOut]
    as_of: datetime


class Tried(Schema):
    """A call-back: with the call to record when somebody picked up."""

    missed: MissedOut
    call: CallOut | None


class OutcomeRow(Schema):
    """A way in which a call ends, with the words for the caller."""

    key: str
    group: str
    hot_key: str
    title: str
    answer: str
    authority: str
    needs: list[str]
    source: str
    region: str
    verified: bool
    valid_from: date
    valid_to: date | None
    title_zh: str
    title_en: str
    answer_zh: str
    answer_en: str
    authority_zh: str
    authority_en: str
    version: int


class Outcomes(Listed):
    items: list[OutcomeRow]


class OutcomeChange(Schema):
    """The next edition of an outcome's words."""

    hot_key: str = Field("", max_length=1, pattern="^[a-z0-9]?$")
    title_zh: str = Field(min_length=1, max_length=80)
    title_en: str = Field(min_length=1, max_length=80)
    answer_zh: str = Field(min_length=1, max_length=2000)
    answer_en: str = Field(min_length=1, max_length=2000)
    authority_zh: str = Field("", max_length=200)
    authority_en: str = Field("", max_length=200)
    source: str = Field("", max_length=300)
    region: str = Field("", max_length=100)
    verified: bool = False
    version: int = Field(ge=1)


class RateOut(Schema):
    """``n`` of ``of``; ``rate`` is null where ``of`` is 0: no data is not 0."""

    n: int
    of: int
    rate: float | None


class DayFigures(Schema):
    """The calls of one day. ``calls`` null: nothing was recorded on it. ``matters`` are new events, ``orders`` calls
    that led to one, new or known."""

    day: date
    calls: int | None
    outgoing: int | None
    answered: int | None
    missed: int | None
    called_back: int | None
    matters: int | None
    orders: int | None
    answer_rate: RateOut
    in_time_rate: RateOut
    direct_rate: RateOut
    call_back_rate: RateOut
    mean_wait_s: float | None
    mean_talk_s: float | None
    outcomes: dict[str, int]
    kinds: dict[str, int]


class Figures(Schema):
    """Days and their sum; ratios are sums over sums."""

    days: list[DayFigures]
    total: DayFigures
    titles: dict[str, str]
    within_s: int
    within_verified: bool
    as_of: datetime
