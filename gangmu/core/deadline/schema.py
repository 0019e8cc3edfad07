"""What travels of clocks."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from gangmu.core.deadline.limit import Kind, Meaning
from gangmu.core.deadline.steps import Reason
from gangmu.kit.ids import Id
from gangmu.kit.web import Schema

Moment = Annotated[str, Field(max_length=40, examples=["2026-09-18T17:00"])]


class _Spanning(Schema):
    """Has ``from`` and ``to`` on the wire."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, populate_by_name=True, serialize_by_alias=True)


class SuspendIn(_Spanning):
    """A suspension; without ``to`` it has no end yet."""

    first: Moment = Field(alias="from")
    last: Moment | None = Field(None, alias="to")


class ComputeIn(Schema):
    """A deadline to be worked out. Times without an offset are those of the calendar's zone."""

    start: Moment
    limit: Annotated[str, Field(min_length=1, max_length=200, examples=["4h", "1ud", "3d", "1u+5d"])]
    calendar: Annotated[str, Field(max_length=40)] = Field("", description="Empty: the one that this city runs on.")
    calendar_version: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    day_meaning: Meaning | None = None
    suspend: Annotated[list[SuspendIn], Field(max_length=50, default_factory=list)]
    extensions: Annotated[int, Field(ge=0, le=10)] = 0


class StepOut(_Spanning):
    """A step of a count: ``kind`` is count, skip or mark (an extension)."""

    kind: str
    why: Reason
    first: datetime = Field(alias="from")
    last: datetime = Field(alias="to")
    counted: str
    counted_s: float | None = Field(description="Seconds counted; null where whole days are counted.")
    counted_days: int | None
    text: str
    provisional: bool


class MarkOut(Schema):
    """When this share of the limit is used up; null while a suspension without end keeps it."""

    share: float
    at: datetime | None


class SuspendedOut(_Spanning):
    first: datetime = Field(alias="from")
    last: datetime | None = Field(alias="to")


class PartOut(Schema):
    """One limit counted."""

    part: str
    limit: str
    limit_text: str
    kind: Kind
    due_at: datetime | None
    provisional: bool
    unknown_years: list[int]
    marks: list[MarkOut]
    steps: list[StepOut]
    steps_left_out: bool = Field(description="True when the span is too long to be told step by step.")


class ComputeOut(PartOut):
    """A deadline worked out. For a limit in two parts the whole is the later one, and ``parts`` holds both."""

    start: datetime
    calendar: str
    calendar_version: int
    zone: str
    day_meaning: Meaning
    suspend: list[SuspendedOut]
    extensions: int
    summary: str
    parts: list[PartOut]


class ClockOut(Schema):
    """A clock of an event, now. Seconds are counted on the clock itself (working time for a working clock);
    ``overdue`` says that it is late now or was when it stopped. A window (``is_window``) is a time within which one
    may do something; when it has passed nobody is late."""

    id: Id
    stage: str
    part: str
    title: str
    org: Id | None
    kind: Kind
    limit: str
    limit_text: str
    calendar: str
    calendar_version: int
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    stopped_at: datetime | None
    paused: bool
    paused_until: datetime | None
    state: str
    overdue: bool
    is_window: bool
    cancelled: bool
    provisional: bool
    extended: int
    bundled_into: Id | None
    elapsed_s: float
    remaining_s: float
    share: float
    times_over: float


class ClockExplained(ClockOut):
    """A clock with the steps of its count, in words."""

    clock: Id
    summary: str
    day_meaning: Meaning
    zone: str
    steps: list[StepOut]
    steps_left_out: bool


class ExplainedOut(Schema):
    """How each deadline of an event is counted."""

    explanations: list[ClockExplained]
    as_of: datetime
