"""The only SQL of retention."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gangmu.core.retention.model import Hold, Rule, Run
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, maker, metadata, ref_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.keeping import Due
from gangmu.kit.page import Page, Paged
from gangmu.kit.tables import journal_entry
from gangmu.kit.unit import Unit

rule = sa.Table(
    "retention_rule",
    metadata,
    id_col("id", "rlr"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("keep_days", sa.Integer, nullable=False),
    text_col("basis_zh"),
    text_col("basis_en"),
    text_col("source"),
    sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.false()),
    when("valid_from", nullable=False),
    when("valid_to"),
    ref_col("made_by", "prs"),
    sa.Index("uq_retention_rule_now", "kind", unique=True, postgresql_where=sa.text("valid_to IS NULL")),
)

hold = sa.Table(
    "retention_hold",
    metadata,
    id_col("id", "rth"),
    ref_col("event", "evt", nullable=False),
    text_col("case_no"),
    sa.Column("reason", sa.Text, nullable=False),
    when("made_at", nullable=False),
    ref_col("made_by", "prs"),
    when("ended_at"),
    ref_col("ended_by", "prs"),
    version_col(),
    sa.Index("uq_retention_hold_now", "event", unique=True, postgresql_where=sa.text("ended_at IS NULL")),
)

run = sa.Table(
    "retention_run",
    metadata,
    id_col("id", "rtr"),
    sa.Column("state", sa.Text, nullable=False),
    when("made_at", nullable=False),
    ref_col("made_by", "prs"),
    json_col("counts", nullable=False),
    json_col("rules", nullable=False),
    ref_col("confirmed_by", "prs"),
    when("confirmed_at"),
    when("done_at"),
    json_col("erased", nullable=False),
    text_col("digest"),
    text_col("note"),
    version_col(),
    sa.Index(
        "uq_retention_run_open",
        sa.text("(true)"),
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'confirmed')"),
    ),
)

item = sa.Table(
    "retention_item",
    metadata,
    ref_col("run", "rtr", "retention_run.id", primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    when("since", nullable=False),
    text_col("mark"),
    sa.Column("state", sa.Text, nullable=False),
)

_ERASING = 7401035
_rule = maker(Rule)
_hold = maker(Hold)
_run = maker(Run)


# --- rules -------------------------------------------------------------------------------------------------


def add_rule(unit: Unit, new: Rule) -> None:
    unit.insert(rule, db.values_of(new, rule))


def end_rule(unit: Unit, was: Rule) -> None:
    unit.update(rule, was.id, {"valid_to": unit.now}, was=was)


def list_rules(unit: Unit, *, seen_by: Actor, past: bool = False) -> list[Rule]:
    """The rules in force, by kind; with ``past`` all editions, newest first."""
    query = sa.select(rule) if past else sa.select(rule).where(rule.c.valid_to.is_(None))
    return [_rule(row) for row in unit.rows(query.order_by(rule.c.kind, rule.c.valid_from.desc()))]


# --- holds -------------------------------------------------------------------------------------------------


def keep_still(unit: Unit) -> None:
    """Nothing is erased until this unit ends: a hold counts before the part of a list that waits for it."""
    unit.run(sa.text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _ERASING})


def take_alone(unit: Unit) -> None:
    """No hold comes in until this unit ends; those on their way are waited for and seen."""
    unit.run(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ERASING})


def add_hold(unit: Unit, new: Hold) -> None:
    unit.insert(hold, db.values_of(new, hold))


def save_hold(unit: Unit, changed: Hold, was: Hold) -> None:
    unit.update(hold, was.id, {"ended_at": changed.ended_at, "ended_by": changed.ended_by}, was=was)


def get_hold(unit: Unit, hold_id: Id, *, seen_by: Actor) -> Hold:
    row = unit.one(sa.select(hold).where(hold.c.id == hold_id))
    if row is None:
        raise NotFound(what=str(hold_id))
    return _hold(row)


def list_holds(unit: Unit, wanted: Page, *, seen_by: Actor) -> Paged[Hold]:
    """Holds in force, newest first."""
    query = sa.select(hold).where(hold.c.ended_at.is_(None))
    return page.of(unit, query, wanted, [page.Key(hold.c.id, descending=True)], _hold)


def held(unit: Unit) -> set[Id]:
    """The events that are kept."""
    return {row.event for row in unit.rows(sa.select(hold.c.event).where(hold.c.ended_at.is_(None)).distinct())}


def holds_on(unit: Unit, events: Sequence[Id], *, seen_by: Actor) -> list[Hold]:
    """Holds in force on these events, oldest first."""
    query = sa.select(hold).where(hold.c.ended_at.is_(None), hold.c.event.in_(list(events)))
    return [_hold(row) for row in unit.rows(query.order_by(hold.c.id))]


# --- lists of what is due ----------------------------------------------------------------------------------


def add_run(unit: Unit, new: Run) -> None:
    unit.insert(run, db.values_of(new, run))


def save_run(unit: Unit, changed: Run, was: Run) -> None:
    names = ("state", "confirmed_by", "confirmed_at", "done_at", "erased", "digest", "note", "counts")
    unit.update(run, was.id, {name: getattr(changed, name) for name in names}, was=was)


def get_run(unit: Unit, run_id: Id, *, seen_by: Actor, lock: bool = False) -> Run:
    query = sa.select(run).where(run.c.id == run_id)
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(run_id))
    return _run(row)


def find_open(unit: Unit, *, seen_by: Actor) -> Run | None:
    row = unit.one(sa.select(run).where(run.c.state.in_(("proposed", "confirmed"))))
    return None if row is None else _run(row)


def find_last(unit: Unit, *, seen_by: Actor) -> Run | None:
    row = unit.one(sa.select(run).order_by(run.c.id.desc()).limit(1))
    return None if row is None else _run(row)


def list_runs(unit: Unit, wanted: Page, *, seen_by: Actor) -> Paged[Run]:
    return page.of(unit, sa.select(run), wanted, [page.Key(run.c.id, descending=True)], _run)


def add_items(unit: Unit, run_id: Id, kind: str, items: Sequence[Due]) -> None:
    rows = [
        {"run": run_id, "kind": kind, "subject": one.subject, "since": one.since, "mark": one.mark, "state": "due"}
        for one in items
    ]
    if rows:
        unit.run(sa.insert(item), rows)


def items_of(unit: Unit, run_id: Id, state: str, most: int, *, seen_by: Actor) -> list[tuple[str, Due]]:
    """Kind and thing of a list, those in a state, in order."""
    query = sa.select(item).where(item.c.run == run_id, item.c.state == state)
    rows = unit.rows(query.order_by(item.c.kind, item.c.subject).limit(most))
    return [(row.kind, Due(row.subject, row.since, (), row.mark)) for row in rows]


def mark_items(unit: Unit, run_id: Id, kind: str, subjects: Sequence[str], state: str) -> None:
    chosen = sa.update(item).where(item.c.run == run_id, item.c.kind == kind, item.c.subject.in_(list(subjects)))
    unit.run(chosen.values(state=state))


def count_items(unit: Unit, run_id: Id, state: str) -> dict[str, int]:
    query = sa.select(item.c.kind, sa.func.count().label("n")).where(item.c.run == run_id, item.c.state == state)
    return {row.kind: row.n for row in unit.rows(query.group_by(item.c.kind))}


def proofs_of(unit: Unit, run_id: Id, *, seen_by: Actor) -> list[Any]:
    """The journal entries about a list: id and body."""
    query = sa.select(journal_entry.c.id, journal_entry.c.body).where(journal_entry.c.about.contains([str(run_id)]))
    return list(unit.rows(query.order_by(journal_entry.c.id)))
