"""SQL of the hotline: missed calls, one open one a number."""

import sqlalchemy as sa

from gangmu.base import access
from gangmu.core.hotline.model import Missed
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

missed = sa.Table(
    "hotline_missed",
    metadata,
    id_col("id", "mis"),
    ref_col("caller", "clr", "hotline_caller.id", nullable=False, index=True),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    when("first_at", nullable=False),
    when("last_at", nullable=False),
    when("due_at"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    when("tried_at"),
    when("done_at"),
    ref_col("done_by", "prs"),
    text_col("reason"),
    version_col(),
    sa.Index("uq_hotline_missed_open", "caller", unique=True, postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_hotline_missed_due", "first_at", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_hotline_missed_newest", sa.text("last_at DESC"), sa.text("id DESC")),
)

_missed = maker(Missed)


def find_open_missed(unit: Unit, caller_id: Id, *, seen_by: Actor) -> Missed | None:
    """The open missed call of a number, wherever it is."""
    row = unit.one(sa.select(missed).where(missed.c.caller == caller_id, missed.c.state == "open").with_for_update())
    return None if row is None else _missed(row)


def get_missed(unit: Unit, missed_id: Id, *, seen_by: Actor, lock: bool = False) -> Missed:
    query = sa.select(missed).where(missed.c.id == missed_id, access.scope(seen_by, READ, missed.c.division))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(missed_id))
    return _missed(row)


def list_missed(unit: Unit, at: Page, open_only: bool, *, seen_by: Actor) -> Paged[Missed]:
    """Numbers to call back, the longest waiting first; or all, the newest first."""
    query = sa.select(missed).where(access.scope(seen_by, READ, missed.c.division))
    if open_only:
        waiting = query.where(sa.literal_column("hotline_missed.state = 'open'"))
        return page.of(unit, waiting, at, [missed.c.first_at, missed.c.id], _missed)
    order = [page.Key(missed.c.last_at, descending=True), page.Key(missed.c.id, descending=True)]
    return page.of(unit, query, at, order, _missed)


def add_missed(unit: Unit, new: Missed) -> None:
    unit.insert(missed, db.values_of(new, missed))


def save_missed(unit: Unit, now: Missed, was: Missed) -> None:
    values = db.values_of(now, missed)
    values.pop("version")
    unit.update(missed, was.id, values, was=was)
