"""Retention over HTTP."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema


class RuleIn(Schema):
    """A new edition: how long, on what ground, after which source."""

    keep_days: int = Field(ge=1, le=36_500)
    basis_zh: str = Field("", max_length=500)
    basis_en: str = Field("", max_length=500)
    source: str = Field("", max_length=300)
    verified: bool = False


class RuleOut(Schema):
    """A rule in words and numbers; ``due`` is what it would erase now, ``held`` what holds keep."""

    id: Id
    kind: str
    title: str
    what: str
    moment: str
    action: str
    action_title: str
    keep_days: int
    basis_zh: str
    basis_en: str
    source: str
    verified: bool
    valid_from: datetime
    due: int
    held: int
    more: bool


class Rules(Listed):
    items: list[RuleOut]
    confirm: bool


class HoldIn(Schema):
    event: Id
    reason: str = Field(min_length=2, max_length=500)


class HoldOut(Schema):
    id: Id
    event: Id
    case_no: str
    reason: str
    made_at: datetime
    ended_at: datetime | None
    may_lift: bool = False


class HoldMark(Schema):
    """A hold as the page of an event shows it; ``own`` when it is on this very event and not on one merged with it."""

    id: Id
    case_no: str
    own: bool
    reason: str | None
    made_by_name: str
    made_at: datetime
    may_lift: bool


class HoldMarks(Schema):
    items: list[HoldMark]
    may_hold: bool


class Holds(Listed):
    items: list[HoldOut]


class RunOut(Schema):
    """A list of what is due, by kind; ``may_decide`` is whether the asker is the second person."""

    id: Id
    state: Literal["proposed", "confirmed", "refused", "done"]
    made_at: datetime
    counts: dict[str, int]
    erased: dict[str, int]
    confirmed_at: datetime | None
    done_at: datetime | None
    digest: str
    note: str
    by_night: bool
    may_decide: bool


class Runs(Listed):
    items: list[RunOut]


class RefuseIn(Schema):
    note: str = Field(min_length=2, max_length=500)


class LeftOut(Schema):
    thing: str
    part: str


class ProofOut(Schema):
    """What was found when a list was looked at again."""

    run: Id
    ok: bool
    erased: dict[str, int]
    left: list[LeftOut]
    digest: str
    digest_agrees: bool
    journal: Id | None


class NoticeRule(Schema):
    """What is kept of people, in words."""

    title: str
    what: str
    moment: str
    keep: str
    action: str
    basis: str
    verified: bool


class NoticeOut(Schema):
    """The privacy notice of this house, made of the rules in force."""

    title: str
    lead: list[str]
    rules: list[NoticeRule]
    rights: list[str]
    contact: str
