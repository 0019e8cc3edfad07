"""The only SQL of counted days, repeats and what a person's desk remembers."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base import access
from gangmu.core.overview.model import DayCount, Place
from gangmu.kit.actor import Actor
from gangmu.kit.db import IdList, id_col, json_col, metadata, ref_col, refs_col, text_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

overview_day = sa.Table(
    "overview_day",
    metadata,
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    ref_col("org", "org"),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Index("ix_overview_day", "day"),
)

overview_repeat = sa.Table(
    "overview_repeat",
    metadata,
    id_col("id", "orp"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    refs_col("orgs", "org"),
    ref_col("matter", "mat"),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("open", sa.Integer, nullable=False),
    sa.Column("west", sa.Float),
    sa.Column("south", sa.Float),
    sa.Column("east", sa.Float),
    sa.Column("north", sa.Float),
    text_col("address"),
    when("last_at", nullable=False),
    refs_col("events", "evt"),
    when("made_at", nullable=False),
    sa.Index("ix_overview_repeat_most", sa.text("n DESC"), "id"),
)

desk_memory = sa.Table(
    "desk_memory",
    metadata,
    ref_col("person", "prs", primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    json_col("value", nullable=False),
    when("kept_at", nullable=False),
)

DAY_KEYS = ("day", "division", "org", "what")


def count_day(unit: Unit, values: dict[str, Any]) -> None:
    """One more of something on a day (a read model: not journaled); a chore folds the rows."""
    unit.run(sa.insert(overview_day).values({**values, "n": 1}))


def fold_days(unit: Unit, since: date, many: int) -> int:
    """Fold the counts of the last days into one row a combination, once ``many`` wait. Older ones are folded."""
    late = overview_day.c.day >= since
    some = sa.select(overview_day.c.n).where(late, overview_day.c.n == 1).limit(many).subquery()
    if (unit.value(sa.select(sa.func.count()).select_from(some)) or 0) < many:
        return 0
    gone = sa.delete(overview_day).where(late).returning(*overview_day.c).cte("gone")
    kept = [gone.c[name] for name in DAY_KEYS]
    folded = sa.select(*kept, sa.func.sum(gone.c.n)).group_by(*kept)
    unit.run(sa.text("LOCK TABLE overview_day IN SHARE UPDATE EXCLUSIVE MODE"))
    return unit.run(sa.insert(overview_day).from_select([*DAY_KEYS, "n"], folded))


def forget_days(unit: Unit, before: date) -> int:
    """Drop the counts of days before."""
    return unit.run(sa.delete(overview_day).where(overview_day.c.day < before))


def list_days(
    unit: Unit, since: date, *, seen_by: Actor, orgs: Sequence[Id] = (), by_day: bool = False
) -> list[DayCount]:
    """What happened since a day, as far as one may see it: by division or organisation."""
    own = sa.cast(array([overview_day.c.org]), IdList("org"))
    clause = access.scope(seen_by, "event.read", overview_day.c.division, own)
    day = overview_day.c.day if by_day else sa.literal(since).label("day")
    columns = [day, overview_day.c.what]
    query = sa.select(*columns, sa.func.sum(overview_day.c.n).label("n")).where(overview_day.c.day >= since, clause)
    if orgs:
        query = query.where(overview_day.c.org.in_(list(orgs)))
    grouped = query.group_by(overview_day.c.what, *([overview_day.c.day] if by_day else []))
    return [DayCount(row.day, row.what, int(row.n)) for row in unit.rows(grouped)]


def put_repeats(unit: Unit, new: Sequence[Place]) -> None:
    """What repeats now, over what repeated before (a read model: not journaled)."""
    unit.run(sa.delete(overview_repeat))
    lists = ("orgs", "events")
    rows = [
        {name: list(getattr(one, name)) if name in lists else getattr(one, name) for name in Place.__dataclass_fields__}
        for one in new
    ]
    if rows:
        unit.run(sa.insert(overview_repeat), rows)


def get_repeat(unit: Unit, repeat_id: Id, *, seen_by: Actor) -> Place:
    clause = access.scope(seen_by, "event.read", overview_repeat.c.division, overview_repeat.c.orgs)
    row = unit.one(sa.select(overview_repeat).where(overview_repeat.c.id == repeat_id, clause))
    if row is None:
        raise NotFound(what=str(repeat_id))
    return Place(**{name: getattr(row, name) for name in Place.__dataclass_fields__})


def list_repeats(unit: Unit, most: int, *, seen_by: Actor, kind: str) -> list[Place]:
    """What repeats most, as far as one may see it."""
    clause = access.scope(seen_by, "event.read", overview_repeat.c.division, overview_repeat.c.orgs)
    query = sa.select(overview_repeat).where(clause, overview_repeat.c.kind == kind)
    rows = unit.rows(query.order_by(overview_repeat.c.n.desc(), overview_repeat.c.id).limit(most))
    return [Place(**{name: getattr(row, name) for name in Place.__dataclass_fields__}) for row in rows]


def keep_memory(unit: Unit, person: Id, key: str, value: Any) -> None:
    """What a person's desk remembers (his own; not journaled)."""
    row = {"person": person, "key": key, "value": value, "kept_at": unit.now}
    adding = pg_insert(desk_memory).values(row)
    changed = {"value": value, "kept_at": unit.now}
    unit.run(adding.on_conflict_do_update(index_elements=["person", "key"], set_=changed))


def list_memory(unit: Unit, *, seen_by: Actor) -> dict[str, Any]:
    """All that the actor's own desk remembers."""
    query = sa.select(desk_memory.c.key, desk_memory.c.value).where(desk_memory.c.person == seen_by.person)
    return {row.key: row.value for row in unit.rows(query)}
