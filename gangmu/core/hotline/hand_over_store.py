"""SQL of the hotline: calls handed to emergency lines, and their follow-up."""

import sqlalchemy as sa

from gangmu.base import access
from gangmu.core.hotline.model import HandOver
from gangmu.core.hotline.store import READ
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    id_col,
    maker,
    metadata,
    ref_col,
    text_col,
    version_col,
    when,
)
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

hand_over = sa.Table(
    "hotline_hand_over",
    metadata,
    id_col("id", "hov"),
    ref_col("call", "tel", nullable=False, index=True),
    sa.Column("line", sa.Text, nullable=False),
    text_col("receiver"),
    sa.Column("division", sa.Text, nullable=False),
    when("handed_at", nullable=False),
    ref_col("handed_by", "prs"),
    when("due_at"),
    sa.Column("state", sa.Text, nullable=False),
    text_col("result"),
    when("done_at"),
    ref_col("done_by", "prs"),
    version_col(),
    sa.Index("ix_hotline_hand_over_open", "handed_at", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_hotline_hand_over_newest", sa.text("handed_at DESC"), sa.text("id DESC")),
)

_hand_over = maker(HandOver)


def get_hand_over(unit: Unit, hand_over_id: Id, *, seen_by: Actor, lock: bool = False) -> HandOver:
    query = sa.select(hand_over).where(
        hand_over.c.id == hand_over_id, access.scope(seen_by, READ, hand_over.c.division)
    )
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(hand_over_id))
    return _hand_over(row)


def list_hand_overs(unit: Unit, at: Page, open_only: bool, *, seen_by: Actor) -> Paged[HandOver]:
    """Hand-overs that nobody has followed up, the oldest first; or all, the newest first."""
    query = sa.select(hand_over).where(access.scope(seen_by, READ, hand_over.c.division))
    if open_only:
        waiting = query.where(sa.literal_column("hotline_hand_over.state = 'open'"))
        return page.of(unit, waiting, at, [hand_over.c.handed_at, hand_over.c.id], _hand_over)
    order = [page.Key(hand_over.c.handed_at, descending=True), page.Key(hand_over.c.id, descending=True)]
    return page.of(unit, query, at, order, _hand_over)


def list_hand_overs_of(unit: Unit, call_id: Id, *, seen_by: Actor) -> list[HandOver]:
    """The hand-overs of a call that may be seen."""
    query = sa.select(hand_over).where(hand_over.c.call == call_id).order_by(hand_over.c.handed_at)
    return [_hand_over(row) for row in unit.rows(query)]


def add_hand_over(unit: Unit, new: HandOver) -> None:
    unit.insert(hand_over, db.values_of(new, hand_over))


def save_hand_over(unit: Unit, now: HandOver, was: HandOver) -> None:
    names = ("state", "result", "done_at", "done_by")
    unit.update(hand_over, was.id, {name: getattr(now, name) for name in names}, was=was)
