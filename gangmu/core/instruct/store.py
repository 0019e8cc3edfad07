"""The only SQL of instructions."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from gangmu.base import access
from gangmu.core.instruct.model import Instruction
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, metadata, ref_col, refs_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

OPEN = sa.literal_column("instruction.state = 'open'")

instruction = sa.Table(
    "instruction",
    metadata,
    id_col("id", "ins"),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    refs_col("orgs", "org"),
    refs_col("people", "prs"),
    ref_col("to_org", "org", nullable=False),
    ref_col("to_post", "pst"),
    ref_col("person", "prs"),
    ref_col("post", "pst"),
    text_col("by_name"),
    when("made_at", nullable=False),
    when("due_at", nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    when("read_at"),
    text_col("read_by"),
    when("answered_at"),
    text_col("answered_by"),
    text_col("answer"),
    sa.Column("chased", sa.Integer, nullable=False, server_default="0"),
    when("chased_at"),
    version_col(),
    sa.Index("ix_instruction_open", "due_at", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_instruction_newest", sa.text("made_at DESC"), sa.text("id DESC")),
    sa.Index("ix_instruction_to", "to_org", sa.text("made_at DESC")),
)

instruction_event = sa.Table(
    "instruction_event",
    metadata,
    ref_col("instruction", "ins", primary_key=True),
    ref_col("event", "evt", primary_key=True, index=True),
)


def _instruction(row: Any) -> Instruction:
    return Instruction(**{name: getattr(row, name) for name in Instruction.__dataclass_fields__})


def _values(one: Instruction) -> dict[str, Any]:
    return {**db.values_of(one, instruction), "orgs": list(one.orgs), "people": list(one.people)}


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """The instructions that an actor may see: of his area, to his organisation, his own."""
    seen = instruction.c
    return access.scope(actor, "instruction.read", seen.division, seen.orgs, seen.people)


def add(unit: Unit, new: Instruction, events: Iterable[Id]) -> None:
    unit.insert(instruction, _values(new))
    for event in events:
        unit.insert(instruction_event, {"instruction": new.id, "event": event})


def save(unit: Unit, changed: Instruction, was: Instruction) -> None:
    values = _values(changed)
    for name in ("id", "version"):
        values.pop(name)
    unit.update(instruction, was.id, values, was=_values(was))


def get(unit: Unit, instruction_id: Id, *, seen_by: Actor, lock: bool = False) -> Instruction:
    query = sa.select(instruction).where(instruction.c.id == instruction_id, visible(seen_by))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(instruction_id))
    return _instruction(row)


def list_instructions(
    unit: Unit, at: Page, *, seen_by: Actor, state: str, late: bool, to: Iterable[Id], by: Id | None
) -> Paged[Instruction]:
    """Open ones, those due first on top; others the newest first. ``to``: of these organisations; ``by``: of this
    person."""
    query = sa.select(instruction).where(visible(seen_by))
    addressed = list(to)
    if addressed:
        query = query.where(instruction.c.to_org.in_(addressed))
    if by is not None:
        query = query.where(instruction.c.person == by)
    if late:
        query = query.where(instruction.c.due_at < unit.now)
    if state == "open":
        return page.of(unit, query.where(OPEN), at, [instruction.c.due_at, instruction.c.id], _instruction)
    if state:
        query = query.where(instruction.c.state == state)
    keys = [page.Key(instruction.c.made_at, descending=True), page.Key(instruction.c.id, descending=True)]
    return page.of(unit, query, at, keys, _instruction)


def list_of_event(unit: Unit, event: Id, *, seen_by: Actor) -> list[Instruction]:
    """The instructions about an event, the newest first."""
    about = sa.select(instruction_event.c.instruction).where(instruction_event.c.event == event)
    query = sa.select(instruction).where(instruction.c.id.in_(about), visible(seen_by))
    return [_instruction(row) for row in unit.rows(query.order_by(instruction.c.made_at.desc()).limit(100))]


def events_of(unit: Unit, wanted: Iterable[Id]) -> dict[Id, list[Id]]:
    """The events that instructions are about. Who may see the instruction was asked before."""
    query = sa.select(instruction_event).where(instruction_event.c.instruction.in_(list(wanted)))
    found: dict[Id, list[Id]] = {}
    for row in unit.rows(query.order_by(instruction_event.c.event)):
        found.setdefault(row.instruction, []).append(row.event)
    return found


def events_waiting(unit: Unit, events: Iterable[Id], *, seen_by: Actor) -> set[Id]:
    """The events of these about which an open instruction is."""
    about = instruction_event.c
    query = (
        sa.select(about.event)
        .join(instruction, instruction.c.id == about.instruction)
        .where(about.event.in_(list(events)), OPEN, visible(seen_by))
    )
    return {row.event for row in unit.rows(query)}


def count_open(unit: Unit, *, seen_by: Actor, most: int) -> tuple[int, int, int]:
    """Open, late and unread ones that one may see, counted up to ``most`` (there are few at a time)."""
    some = sa.select(instruction.c.due_at, instruction.c.read_at).where(OPEN, visible(seen_by)).limit(most).subquery()
    row = unit.one(
        sa.select(
            sa.func.count(),
            sa.func.count().filter(some.c.due_at < unit.now),
            sa.func.count().filter(some.c.read_at.is_(None)),
        ).select_from(some)
    )
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])
