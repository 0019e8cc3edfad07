"""The only SQL of published periods with what they froze, and of rates and scores as rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from gangmu.base import access
from gangmu.brain.evaluate import sum_store
from gangmu.brain.evaluate.store import evaluate_fact, evaluate_frozen, visible
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, maker, metadata, ref_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.text import division_prefix
from gangmu.kit.unit import Unit

evaluate_period = sa.Table(
    "evaluate_period",
    metadata,
    id_col("id", "evp"),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("start", sa.Date, nullable=False),
    sa.Column("end", sa.Date, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    text_col("reason"),
    ref_col("prepared_by", "prs"),
    text_col("prepared_name"),
    when("prepared_at", nullable=False),
    ref_col("published_by", "prs"),
    text_col("published_name"),
    when("published_at"),
    sa.Column("facts", sa.BigInteger, nullable=False, server_default="0"),
    json_col("rules", nullable=False),
    version_col(),
    sa.UniqueConstraint("period", "division", "edition"),
    sa.Index(
        "uq_evaluate_period_draft",
        "period",
        "division",
        unique=True,
        postgresql_where=sa.text("state = 'draft'"),
    ),
)

evaluate_rule = sa.Table(
    "evaluate_rule",
    metadata,
    id_col("id", "erl"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    text_col("division"),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    json_col("definition", nullable=False),
    text_col("reason"),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    ref_col("made_by", "prs"),
    text_col("made_name"),
    when("made_at", nullable=False),
    text_col("published_name"),
    when("published_at"),
    version_col(),
    sa.UniqueConstraint("kind", "key", "edition"),
)


@dataclass(frozen=True, slots=True)
class Publication:
    """A period as it was drafted or published; published ones never change. ``rules`` are those it was counted by."""

    id: Id
    period: str
    start: date
    end: date
    division: str
    edition: int
    state: str
    reason: str
    prepared_by: Id | None
    prepared_name: str
    prepared_at: datetime
    published_by: Id | None
    published_name: str
    published_at: datetime | None
    facts: int
    rules: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """An edition of a rate or a score."""

    id: Id
    kind: str
    key: str
    division: str
    edition: int
    state: str
    definition: Mapping[str, Any]
    reason: str
    valid_from: date
    valid_to: date | None
    made_by: Id | None
    made_name: str
    made_at: datetime
    published_name: str
    published_at: datetime | None
    version: int = 1


_publication, _rule = maker(Publication), maker(Rule)


def _changeable(one: Publication | Rule) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__ if name not in ("id", "version")}


# --- periods -------------------------------------------------------------------------------------------------


def add_period(unit: Unit, new: Publication) -> None:
    unit.insert(evaluate_period, {name: getattr(new, name) for name in Publication.__dataclass_fields__})


def save_period(unit: Unit, changed: Publication, was: Publication) -> None:
    values = {
        name: getattr(changed, name) for name in Publication.__dataclass_fields__ if name not in ("id", "version")
    }
    unit.update(evaluate_period, was.id, values, was=was)


def drop_period(unit: Unit, was: Publication) -> None:
    unit.delete(evaluate_period, was.id, was=was)


def _seen(seen_by: Actor) -> sa.ColumnElement[bool]:
    """Periods are published for a division: who belongs into it, and who reaches it, sees them."""
    if seen_by.kind == "system":
        return sa.true()
    if not seen_by.may("evaluate.read"):
        return sa.false()
    above = [division_prefix(seen_by.division)[:width].ljust(12, "0") for width in (0, 2, 4, 6, 9, 12)]
    reached = access.scope(seen_by, "evaluate.read", evaluate_period.c.division)
    return sa.or_(evaluate_period.c.division.in_(above), reached)


def get_period(unit: Unit, period_id: Id, *, seen_by: Actor, lock: bool = False) -> Publication:
    query = sa.select(evaluate_period).where(evaluate_period.c.id == period_id, _seen(seen_by))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(period_id))
    return _publication(row)


def list_periods(unit: Unit, period: str = "", *, seen_by: Actor) -> list[Publication]:
    """Drafts and publications, the newest period and edition first."""
    query = sa.select(evaluate_period).where(_seen(seen_by))
    if period:
        query = query.where(evaluate_period.c.period == period)
    columns = (evaluate_period.c.start.desc(), evaluate_period.c.period, evaluate_period.c.edition.desc())
    return [_publication(row) for row in unit.rows(query.order_by(*columns).limit(500))]


def freeze(unit: Unit, one: Publication) -> int:
    """Keep the facts of a period as they are now, for good."""
    names = [column.name for column in evaluate_fact.c]
    chosen = sa.select(sa.literal(one.id, evaluate_frozen.c.publication.type), *[evaluate_fact.c[n] for n in names])
    chosen = chosen.where(
        evaluate_fact.c.day >= one.start,
        evaluate_fact.c.day < one.end,
        access.within(evaluate_fact.c.division, one.division),
    )
    unit.run(sa.insert(evaluate_frozen).from_select(["publication", *names], chosen))
    sum_store.freeze(unit, one.id)
    kept = sa.select(sa.func.count()).where(evaluate_frozen.c.publication == one.id)
    return int(unit.value(kept) or 0)


def list_differences(unit: Unit, newer: Id, older: Id, most: int, *, seen_by: Actor) -> list[Mapping[str, Any]]:
    """Facts that one publication has and the other has not, or has otherwise."""
    if not seen_by.may("evaluate.read"):
        return []
    one, two = evaluate_frozen.alias("newer"), evaluate_frozen.alias("older")
    told = ("word", "at", "n", "org", "post", "excluded", "division", "why")
    left = sa.select(one).where(one.c.publication == newer, visible(seen_by, one)).subquery("one")
    right = sa.select(two).where(two.c.publication == older, visible(seen_by, two)).subquery("two")
    differs = sa.or_(*[left.c[name].is_distinct_from(right.c[name]) for name in told if name != "why"])
    query = (
        sa.select(
            sa.func.coalesce(left.c.id, right.c.id).label("id"),
            sa.func.coalesce(left.c.event, right.c.event).label("event"),
            sa.func.coalesce(left.c.word, right.c.word).label("word"),
            right.c.at.label("at_before"),
            left.c.at.label("at_now"),
            right.c.excluded.label("excluded_before"),
            left.c.excluded.label("excluded_now"),
            left.c.why.label("why"),
        )
        .select_from(left.join(right, left.c.id == right.c.id, full=True))
        .where(differs)
        .order_by(sa.text("1"))
        .limit(most)
    )
    return [dict(row._mapping) for row in unit.rows(query)]


# --- rules ---------------------------------------------------------------------------------------------------


def add_rule(unit: Unit, new: Rule) -> None:
    unit.insert(evaluate_rule, {name: getattr(new, name) for name in Rule.__dataclass_fields__})


def save_rule(unit: Unit, changed: Rule, was: Rule) -> None:
    values = _changeable(changed)
    unit.update(evaluate_rule, was.id, values, was=was)


def get_rule(unit: Unit, rule_id: Id, *, seen_by: Actor) -> Rule:
    row = unit.one(sa.select(evaluate_rule).where(evaluate_rule.c.id == rule_id))
    if row is None or not seen_by.may("evaluate.read"):
        raise NotFound(what=str(rule_id))
    return _rule(row)


def list_rules(unit: Unit, kind: str = "", key: str = "", *, seen_by: Actor) -> list[Rule]:
    """All editions, the newest of each key first."""
    if not seen_by.may("evaluate.read"):
        return []
    query = sa.select(evaluate_rule)
    if kind:
        query = query.where(evaluate_rule.c.kind == kind)
    if key:
        query = query.where(evaluate_rule.c.key == key)
    order = (evaluate_rule.c.kind, evaluate_rule.c.key, evaluate_rule.c.edition.desc())
    return [_rule(row) for row in unit.rows(query.order_by(*order))]
