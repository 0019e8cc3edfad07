"""SQL of the hotline: outcomes by editions, and the figures of each day."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base import access
from gangmu.base.access.scoping import within
from gangmu.core.hotline.model import Outcome
from gangmu.core.hotline.store import READ
from gangmu.kit import db
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    id_col,
    metadata,
    text_col,
    texts_col,
    version_col,
)
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

outcome = sa.Table(
    "hotline_outcome",
    metadata,
    id_col("id", "hoc"),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("group", sa.Text, nullable=False),
    text_col("hot_key"),
    text_col("title_zh"),
    text_col("title_en"),
    text_col("answer_zh"),
    text_col("answer_en"),
    text_col("authority_zh"),
    text_col("authority_en"),
    texts_col("needs"),
    text_col("source"),
    text_col("region"),
    sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    version_col(),
    sa.Index("uq_hotline_outcome_open", "key", unique=True, postgresql_where=sa.text("valid_to IS NULL")),
)

count = sa.Table(
    "hotline_count",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("division", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("detail", sa.Text, primary_key=True, server_default=""),
    sa.Column("n", sa.BigInteger, nullable=False),
)


def _outcome(row: Any) -> Outcome:
    values = {name: getattr(row, name) for name in Outcome.__dataclass_fields__}
    return Outcome(**{**values, "needs": tuple(row.needs)})


def list_outcomes(unit: Unit, *, seen_by: Actor, history: str = "") -> list[Outcome]:
    """The outcomes without an end, in the order of the screen; or all editions of one, oldest first."""
    query = sa.select(outcome)
    query = query.where(outcome.c.key == history) if history else query.where(outcome.c.valid_to.is_(None))
    return [_outcome(row) for row in unit.rows(query.order_by(outcome.c.place, outcome.c.valid_from, outcome.c.id))]


def find_outcome(unit: Unit, key: str, *, seen_by: Actor) -> Outcome | None:
    """The outcome in force under a key."""
    row = unit.one(sa.select(outcome).where(outcome.c.key == key, outcome.c.valid_to.is_(None)))
    return None if row is None else _outcome(row)


def get_outcomes(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> dict[Id, Outcome]:
    """Outcome rows by id, in force or not: those that calls have pinned."""
    rows = unit.rows(sa.select(outcome).where(outcome.c.id.in_(list(wanted))))
    return {row.id: _outcome(row) for row in rows}


def add_outcome(unit: Unit, new: Outcome) -> None:
    unit.insert(outcome, {**db.values_of(new, outcome), "needs": list(new.needs)})


def end_outcome(unit: Unit, was: Outcome, day: date) -> None:
    unit.update(outcome, was.id, {"valid_to": day}, was={**db.values_of(was, outcome), "needs": list(was.needs)})


def add_counts(unit: Unit, day: date, division: str, delta: Mapping[tuple[str, str], int]) -> None:
    """Add to the figures of a day (a read model: not journaled; in one order, so that no two calls wait crosswise)."""
    for (what, detail), n in sorted(delta.items()):
        row = {"day": day, "division": division, "what": what, "detail": detail, "n": n}
        adding = pg_insert(count).values(row)
        keys = ["day", "division", "what", "detail"]
        unit.run(adding.on_conflict_do_update(index_elements=keys, set_={"n": count.c.n + n}))


def counts_between(
    unit: Unit, first: date, last: date, *, seen_by: Actor, division: str = ""
) -> dict[date, dict[tuple[str, str], int]]:
    """The figures of each day that has any, over the divisions that one may see."""
    summed = sa.func.sum(count.c.n).label("n")
    query = sa.select(count.c.day, count.c.what, count.c.detail, summed).where(
        count.c.day >= first, count.c.day <= last, access.scope(seen_by, READ, count.c.division)
    )
    if division:
        query = query.where(within(count.c.division, division))
    days: dict[date, dict[tuple[str, str], int]] = {}
    for row in unit.rows(query.group_by(count.c.day, count.c.what, count.c.detail)):
        days.setdefault(row.day, {})[row.what, row.detail] = int(row.n)
    return days
