"""Rotas, leave, stand-ins and swaps over HTTP."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gangmu.base.org.schema import Moment
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema

KindWord = Literal["lead", "shift_leader", "seat", "dispatch", "patrol", "duty"]
DaysWord = Literal["every", "working", "off"]
LeaveWord = Literal["annual", "sick", "personal", "official", "other"]
Clock = Field(pattern=r"^([01]\d|2[0-4]):[0-5]\d$", description="HH:MM, 24:00 for midnight")
Text = Field("", max_length=500)


class SlotBody(Schema):
    """One shift of a pattern; one that ends at or before its start ends on the next day."""

    title: str = Field(min_length=1, max_length=40)
    starts: str = Clock
    ends: str = Clock
    days: DaysWord = "every"
    need: int = Field(1, ge=1, le=200)


class PatternBody(Schema):
    title: str = Field(min_length=1, max_length=80)
    kind: KindWord
    slots: list[SlotBody] = Field(min_length=1, max_length=12)
    crew: list[Id] = Field([], max_length=300, description="the posts that take turns, in their order")
    rest_hours: int = Field(11, ge=0, le=240)
    calendar: str = Field("", max_length=60)
    active: bool = True


class PatternIn(PatternBody):
    org: Id


class PatternChange(PatternBody):
    version: int = Field(ge=1)


class MemberOut(Schema):
    post: Id
    title: str
    person_name: str


class PatternOut(PatternBody):
    id: Id
    org: Id
    org_name: str
    division: str
    members: list[MemberOut]
    version: int


class Patterns(Listed):
    items: list[PatternOut]


class LayOut(Schema):
    month: str = Field(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$")
    anew: bool = Field(False, description="also lay out again what the pattern laid out and has not begun")


class FindingOut(Schema):
    """What a rota lacks: gap, double, away or left."""

    what: Literal["gap", "double", "away", "left"]
    kind: KindWord
    slot: str
    starts_at: datetime
    ends_at: datetime
    missing: int
    shifts: list[Id]
    person_name: str


class Findings(Listed):
    items: list[FindingOut]


class LaidOut(Schema):
    made: int
    findings: list[FindingOut]


class ShiftIn(Schema):
    org: Id
    kind: KindWord
    post: Id
    starts_at: Moment
    ends_at: Moment
    slot: str = Field("", max_length=40)
    note: str = Text


class ShiftChange(Schema):
    post: Id
    starts_at: Moment
    ends_at: Moment
    note: str = Text
    version: int = Field(ge=1)


class Versioned(Schema):
    version: int = Field(ge=1)


class ShiftOut(Schema):
    """A shift with who comes: the holder of the post or, with ``stands_in``, somebody for him."""

    id: Id
    org: Id
    org_name: str
    division: str
    kind: KindWord
    slot: str
    post: Id
    post_title: str
    holder_name: str
    person_name: str
    stands_in: bool
    mine: bool
    starts_at: datetime
    ends_at: datetime
    made: Literal["pattern", "hand", "swap", "sheet"]
    note: str
    version: int


class Shifts(Listed):
    items: list[ShiftOut]


class MyShifts(Schema):
    last: ShiftOut | None
    now: ShiftOut | None
    next: ShiftOut | None
    as_of: datetime


class SwapIn(Schema):
    shift: Id
    to_post: Id
    other: Id | None = None
    reason: str = Text


class Answer(Schema):
    yes: bool
    note: str = Text


class SwapOut(Schema):
    id: Id
    shift: ShiftOut | None
    other: ShiftOut | None
    from_name: str
    to_name: str
    reason: str
    state: Literal["asked", "agreed", "done", "refused", "withdrawn"]
    asked_at: datetime
    decided_at: datetime | None
    note: str
    mine: bool
    asks_me: bool
    version: int


class Swaps(Listed):
    items: list[SwapOut]


class LeaveIn(Schema):
    starts_at: Moment
    ends_at: Moment
    kind: LeaveWord
    reason: str = Text
    post: Id | None = Field(None, description="for somebody within one's reach; oneself when left out")


class LeaveOut(Schema):
    """Leave of somebody. ``reason`` is null for who neither asked nor decides."""

    id: Id
    person: Id
    person_name: str
    post: Id
    org: Id
    org_name: str
    starts_at: datetime
    ends_at: datetime
    kind: LeaveWord
    state: Literal["asked", "granted", "refused", "withdrawn"]
    asked_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    note: str
    mine: bool
    version: int


class LeaveWhole(LeaveOut):
    reason: str | None


class Leaves(Listed):
    items: list[LeaveOut]


class StandInIn(Schema):
    post: Id
    person: Id
    starts_at: Moment
    ends_at: Moment
    reason: str = Field(min_length=1, max_length=500)
    only: list[str] = Field([], max_length=200, description="narrow it to these permissions of the post")


class StandInOut(Schema):
    """Who stands in whose post until when; ``state`` says whether it has begun or is over."""

    id: Id
    post: Id
    post_title: str
    holder_name: str
    org: Id
    org_name: str
    person: Id
    person_name: str
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    reason: str
    only: list[str]
    made_by_name: str
    state: Literal["coming", "now", "over"]
    mine: bool
    version: int


class HeldPermission(Schema):
    """A permission with its words."""

    id: str
    title: str


class HeldPermissions(Listed):
    items: list[HeldPermission]


class StandIns(Listed):
    items: list[StandInOut]
