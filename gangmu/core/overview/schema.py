"""The desks' views over HTTP: every number with the list that it opens."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from gangmu.core.event.schema import EventRow
from gangmu.kit.ids import Id
from gangmu.kit.web import Schema

Opens = dict[str, str | bool]


class Bar(Schema):
    """One row of a drawn table: open events of a department, a place or a state, and the list it opens."""

    key: str
    name: str
    n: int
    late: int
    near: int
    supervised: int
    opens: Opens


class QueueOut(Bar):
    """A state that waits: who holds it, since when the longest waits, what is due first."""

    flow: str
    flow_title: str
    holder: str
    own: bool
    since: datetime | None
    due_at: datetime | None
    first: Id | None


class ShareOut(Schema):
    """A part of a whole over the same days; null when there was nothing."""

    id: str
    part: int
    whole: int
    rate: float | None


class Counter(Schema):
    """Open, late and unread instructions."""

    open: int
    late: int
    unread: int


class ShiftOut(Schema):
    queues: list[QueueOut]
    total: Bar
    shares: list[ShareOut]
    share_days: int
    instructions: Counter | None
    as_of: datetime


class LoadOut(Schema):
    """What lies on one of one's people; nobody: not assigned yet."""

    post: Id | None
    name: str
    title: str
    org_name: str
    n: int
    late: int
    near: int
    due_at: datetime | None


class Happened(Schema):
    """How often something happened in the last days."""

    what: str
    n: int


class DepartmentOut(Schema):
    total: Bar
    queues: list[QueueOut]
    staff: list[LoadOut]
    rework: list[Bar]
    happened: list[Happened]
    days: int
    instructions: Counter | None
    as_of: datetime


class RepeatOut(Schema):
    """The same class at the same place, or the same number, again and again; nobody's name stands here."""

    id: Id
    n: int
    open: int
    matter: Id | None
    matter_title: str
    division: str
    division_name: str
    address: str
    bbox: str
    last_at: datetime


class TrendDay(Schema):
    day: date
    opened: int
    closed: int


class LeadOut(Schema):
    total: Bar
    departments: list[Bar]
    places: list[Bar]
    trend: list[TrendDay]
    shares: list[ShareOut]
    share_days: int
    repeated_places: list[RepeatOut]
    repeated_callers: list[RepeatOut]
    repeat_days: int
    repeat_least: int
    repeats_as_of: datetime | None
    instructions: Counter | None
    as_of: datetime


class EventList(Schema):
    items: list[EventRow]
    as_of: datetime


class MemoryIn(Schema):
    value: dict[str, Any] = Field(description="small, at most 8 kB")


class MemoryOut(Schema):
    """What one's own desk remembers, by key."""

    items: dict[str, dict[str, Any]]
