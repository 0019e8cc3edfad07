"""The only SQL of hand-overs and of notices to who is on duty."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base import access
from gangmu.core.handover.model import HandOver, Matter, Notice
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.db import IdList, id_col, json_col, metadata, ref_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

hand_over = sa.Table(
    "hand_over",
    metadata,
    id_col("id", "hov"),
    ref_col("shift", "shf", nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    ref_col("org", "org", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    ref_col("post", "pst", nullable=False),
    ref_col("person", "prs", nullable=False),
    when("starts_at", nullable=False),
    when("ends_at", nullable=False),
    text_col("notes"),
    text_col("watch"),
    text_col("keys"),
    json_col("matters", nullable=False),
    sa.Column("open_count", sa.Integer, nullable=False),
    sa.Column("late_count", sa.Integer, nullable=False),
    when("written_at", nullable=False),
    ref_col("received_by", "prs"),
    ref_col("received_post", "pst"),
    when("received_at"),
    text_col("receipt"),
    version_col(),
    sa.UniqueConstraint("shift"),
    sa.Index("ix_hand_over_newest", sa.text("written_at DESC"), sa.text("id DESC")),
)

duty_notice = sa.Table(
    "duty_notice",
    metadata,
    id_col("id", "ntc"),
    ref_col("event", "evt", nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    text_col("stage"),
    sa.Column("about", sa.Text, nullable=False),
    ref_col("post", "pst"),
    ref_col("person", "prs"),
    ref_col("org", "org"),
    sa.Column("division", sa.Text, nullable=False),
    when("at", nullable=False),
    when("seen_at"),
    sa.UniqueConstraint("about", "person", postgresql_nulls_not_distinct=True),
    sa.Index("ix_duty_notice_open", "person", "at", "id", postgresql_where=sa.text("seen_at IS NULL")),
    sa.Index("ix_duty_notice_newest", sa.text("at DESC"), sa.text("id DESC")),
)


def _scoped(actor: Actor, table: sa.Table, permission: str) -> sa.ColumnElement[bool]:
    return access.scope(actor, permission, table.c.division, sa.cast(array([table.c.org]), IdList("org")))


# --- hand-over -------------------------------------------------------------------------------------------


def _hand_over(row: Any) -> HandOver:
    values = {name: getattr(row, name) for name in HandOver.__dataclass_fields__}
    matters = tuple(Matter(**{**each, "event": Id(each["event"])}) for each in row.matters)
    return HandOver(**{**values, "matters": matters})


def _values(one: HandOver) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in HandOver.__dataclass_fields__}
    return {**values, "matters": [asdict(each) for each in one.matters]}


def add(unit: Unit, new: HandOver) -> None:
    unit.insert(hand_over, _values(new))


def save(unit: Unit, changed: HandOver, was: HandOver) -> None:
    values = _values(changed)
    values.pop("version")
    unit.update(hand_over, was.id, values, was=_values(was))


def get(unit: Unit, hand_over_id: Id, *, seen_by: Actor, lock: bool = False) -> HandOver:
    query = sa.select(hand_over).where(hand_over.c.id == hand_over_id, _seen(seen_by))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(hand_over_id))
    return _hand_over(row)


def find_of_shift(unit: Unit, shift: Id, *, seen_by: Actor) -> HandOver | None:
    row = unit.one(sa.select(hand_over).where(hand_over.c.shift == shift).with_for_update())
    return None if row is None else _hand_over(row)


def list_hand_overs(
    unit: Unit, at: Page, *, seen_by: Actor, org: Id | None = None, open_only: bool = False
) -> Paged[HandOver]:
    """Hand-overs that one may see, newest first."""
    query = sa.select(hand_over).where(_seen(seen_by))
    if org is not None:
        query = query.where(hand_over.c.org == org)
    if open_only:
        query = query.where(hand_over.c.received_at.is_(None))
    keys = [page.Key(hand_over.c.written_at, descending=True), page.Key(hand_over.c.id, descending=True)]
    return page.of(unit, query, at, keys, _hand_over)


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    """The hand-overs of one's own organisation and those below; one's own anyway. What a shift leaves to the next is
    not for the rest of the division."""
    own = hand_over.c.person == actor.person if actor.person is not None else sa.false()
    return sa.or_(_scoped(actor, hand_over, "shift.use"), own)


# --- notices ---------------------------------------------------------------------------------------------


def _notice(row: Any) -> Notice:
    return Notice(**{name: getattr(row, name) for name in Notice.__dataclass_fields__})


def add_notice(unit: Unit, new: Notice) -> bool:
    """Keep a notice once; whether it was new. No journal: the event's own history tells the same."""
    row = {name: getattr(new, name) for name in Notice.__dataclass_fields__}
    return unit.run(pg_insert(duty_notice).values(row).on_conflict_do_nothing()) == 1


def list_notices(unit: Unit, at: Page, *, seen_by: Actor, nobody: bool = False, unseen: bool = True) -> Paged[Notice]:
    """One's own notices, newest first; or (``nobody``) those for which nobody was on duty."""
    if nobody:
        query = sa.select(duty_notice).where(
            duty_notice.c.person.is_(None), _scoped(seen_by, duty_notice, "roster.manage")
        )
    else:
        query = sa.select(duty_notice).where(duty_notice.c.person == seen_by.person)
    if unseen:
        query = query.where(duty_notice.c.seen_at.is_(None))
    keys = [page.Key(duty_notice.c.at, descending=True), page.Key(duty_notice.c.id, descending=True)]
    return page.of(unit, query, at, keys, _notice)


def see(unit: Unit, wanted: Iterable[Id], person: Id, at: datetime) -> int:
    """Mark one's own notices as read."""
    own = sa.update(duty_notice).where(
        duty_notice.c.id.in_(list(wanted)), duty_notice.c.person == person, duty_notice.c.seen_at.is_(None)
    )
    return unit.run(own.values(seen_at=at))


def forget_notices(unit: Unit, before: datetime) -> int:
    return unit.run(sa.delete(duty_notice).where(duty_notice.c.at < before))
