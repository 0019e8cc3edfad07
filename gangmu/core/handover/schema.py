"""Hand-overs, changes since, what is in hand and notices over HTTP."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gangmu.core.event.schema import EventRow
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema

Long = Field("", max_length=4000)


class HandOverIn(Schema):
    """What a shift leaves besides the open matters, which are listed by themselves."""

    notes: str = Long
    watch: str = Long
    keys: str = Long


class SignIn(Schema):
    receipt: str = Field("", max_length=1000)


class MatterOut(Schema):
    """An open matter as it stood then, and what it is now for who may see it."""

    event_id: Id
    case_no: str
    title: str
    lateness: Literal["", "near", "late"]
    due_at: datetime | None
    state_title: str
    open: bool | None = Field(description="whether it is open still; null for who may not see it")


class HandOverRow(Schema):
    id: Id
    shift: Id
    kind: str
    org: Id
    org_name: str
    person_name: str
    starts_at: datetime
    ends_at: datetime
    open_count: int
    late_count: int
    written_at: datetime
    received_by_name: str
    received_at: datetime | None
    mine: bool
    version: int


class HandOverOut(HandOverRow):
    notes: str
    watch: str
    keys: str
    receipt: str
    matters: list[MatterOut]


class HandOvers(Listed):
    items: list[HandOverRow]


class OpenMatters(Listed):
    """What would be handed over now, late ones first; ``most`` are shown."""

    items: list[EventRow]
    late: int
    most: int
    as_of: datetime


class MovedOut(Schema):
    event: EventRow
    acts: int
    verb: str
    verb_title: str
    by: str
    at: datetime


class SinceOut(Listed):
    """What others have done since one's last shift ended."""

    since: datetime
    as_of: datetime
    had_shift: bool
    acts: int
    events: int
    opened: int
    closed: int
    late: int
    items: list[MovedOut]


class InHandOut(Listed):
    """What is in hand at a post: ``total`` in all, a page of those that one may see."""

    items: list[EventRow]
    total: int
    tasks: int


class PostHandOver(Schema):
    to: Id
    reason: str = Field(min_length=1, max_length=500)
    events: list[Id] | None = Field(None, max_length=500, description="only these; all when left out")


class PostHandedOver(Schema):
    """How many events went over; ``left`` did not, since the other one had done the work himself."""

    done: int
    left: list[Id]


class NoticeOut(Schema):
    id: Id
    event_id: Id
    what: Literal["near", "late", "waits"]
    stage: str
    case_no: str
    title: str
    org_name: str
    at: datetime
    seen_at: datetime | None


class Notices(Listed):
    items: list[NoticeOut]
    as_of: datetime


class SeenIn(Schema):
    ids: list[Id] = Field(min_length=1, max_length=500)


class SeenOut(Schema):
    seen: int
