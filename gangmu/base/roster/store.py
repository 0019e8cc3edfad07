"""The only SQL of leave, patterns, shifts and swaps."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array

from gangmu.base import access
from gangmu.base.roster.model import LONGEST_SHIFT, Leave, LeaveState, Pattern, Shift, Slot, Swap
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.db import IdList, id_col, json_col, metadata, ref_col, refs_col, sealed_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

READ = "roster.read"

leave = sa.Table(
    "leave",
    metadata,
    id_col("id", "lev"),
    ref_col("person", "prs", nullable=False),
    ref_col("post", "pst", nullable=False),
    ref_col("org", "org", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    when("starts_at", nullable=False),
    when("ends_at", nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sealed_col("reason"),
    sa.Column("state", sa.Text, nullable=False),
    ref_col("asked_by", "prs"),
    when("asked_at", nullable=False),
    ref_col("decided_by", "prs"),
    when("decided_at"),
    text_col("note"),
    version_col(),
    sa.Index("ix_leave_person", "person", "ends_at"),
    sa.Index("ix_leave_newest", sa.text("starts_at DESC"), sa.text("id DESC")),
)

shift_pattern = sa.Table(
    "shift_pattern",
    metadata,
    id_col("id", "spt"),
    ref_col("org", "org", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    text_col("calendar"),
    json_col("slots", nullable=False),
    refs_col("crew", "pst"),
    sa.Column("rest_hours", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    version_col(),
    sa.UniqueConstraint("org", "title"),
)

shift = sa.Table(
    "shift",
    metadata,
    id_col("id", "shf"),
    ref_col("pattern", "spt"),
    text_col("slot"),
    sa.Column("kind", sa.Text, nullable=False),
    ref_col("org", "org", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    ref_col("post", "pst", nullable=False),
    when("starts_at", nullable=False),
    when("ends_at", nullable=False),
    sa.Column("made", sa.Text, nullable=False),
    text_col("note"),
    version_col(),
    sa.UniqueConstraint("post", "kind", "starts_at"),
    sa.Index("ix_shift_org", "org", "starts_at", "id"),
    sa.Index("ix_shift_start", "starts_at", "id"),
)

shift_swap = sa.Table(
    "shift_swap",
    metadata,
    id_col("id", "swp"),
    ref_col("org", "org", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    ref_col("shift", "shf", nullable=False),
    ref_col("other", "shf"),
    ref_col("from_post", "pst", nullable=False),
    ref_col("to_post", "pst", nullable=False),
    ref_col("from_person", "prs", nullable=False),
    ref_col("to_person", "prs", nullable=False),
    text_col("reason"),
    sa.Column("state", sa.Text, nullable=False),
    when("asked_at", nullable=False),
    when("agreed_at"),
    ref_col("decided_by", "prs"),
    when("decided_at"),
    text_col("note"),
    version_col(),
    sa.Index("ix_shift_swap_newest", sa.text("asked_at DESC"), sa.text("id DESC")),
    sa.Index("uq_shift_swap_open", "shift", unique=True, postgresql_where=sa.text("state IN ('asked', 'agreed')")),
)


def _leave(row: Any) -> Leave:
    return Leave(**{name: getattr(row, name) for name in Leave.__dataclass_fields__})


def _pattern(row: Any) -> Pattern:
    values = {name: getattr(row, name) for name in Pattern.__dataclass_fields__}
    return Pattern(**{**values, "slots": tuple(Slot(**slot) for slot in row.slots), "crew": tuple(row.crew)})


def _shift(row: Any) -> Shift:
    return Shift(**{name: getattr(row, name) for name in Shift.__dataclass_fields__})


def _swap(row: Any) -> Swap:
    return Swap(**{name: getattr(row, name) for name in Swap.__dataclass_fields__})


def _seen(actor: Actor, table: sa.Table, *people: Any, permission: str = READ) -> sa.ColumnElement[bool]:
    """The rows of a table that the actor may see: by division, organisation, or because he is concerned himself."""
    orgs = sa.cast(array([table.c.org]), IdList("org"))
    seen = access.scope(actor, permission, table.c.division, orgs)
    own = [column == actor.person for column in people if actor.person is not None]
    return sa.or_(seen, *own)


def _plain(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


# --- leave -----------------------------------------------------------------------------------------------


def add_leave(unit: Unit, new: Leave) -> None:
    unit.insert(leave, _plain(new))


def save_leave(unit: Unit, changed: Leave, was: Leave) -> None:
    names = ("ends_at", "state", "decided_by", "decided_at", "note")
    unit.update(leave, was.id, {name: getattr(changed, name) for name in names}, was=was)


def get_leave(unit: Unit, leave_id: Id, *, seen_by: Actor) -> Leave:
    row = unit.one(sa.select(leave).where(leave.c.id == leave_id, _seen(seen_by, leave, leave.c.person)))
    if row is None:
        raise NotFound(what=str(leave_id))
    return _leave(row)


def list_leaves(
    unit: Unit, wanted: Page, *, seen_by: Actor, state: str = "", org: Id | None = None, person: Id | None = None
) -> Paged[Leave]:
    query = sa.select(leave).where(_seen(seen_by, leave, leave.c.person))
    for column, value in ((leave.c.state, state), (leave.c.org, org), (leave.c.person, person)):
        if value:
            query = query.where(column == value)
    keys = [page.Key(leave.c.starts_at, descending=True), page.Key(leave.c.id, descending=True)]
    return page.of(unit, query, wanted, keys, _leave)


def away(
    unit: Unit, people: Iterable[Id], starts_at: datetime, ends_at: datetime
) -> dict[Id, list[tuple[datetime, datetime]]]:
    """When these people are on granted leave within a time."""
    wanted = list({one for one in people if one})
    if not wanted:
        return {}
    query = sa.select(leave.c.person, leave.c.starts_at, leave.c.ends_at).where(
        leave.c.person.in_(wanted),
        leave.c.state == LeaveState.granted.value,
        leave.c.ends_at > starts_at,
        leave.c.starts_at < ends_at,
    )
    found: dict[Id, list[tuple[datetime, datetime]]] = {}
    for row in unit.rows(query):
        found.setdefault(row.person, []).append((row.starts_at, row.ends_at))
    return found


# --- patterns --------------------------------------------------------------------------------------------


def add_pattern(unit: Unit, new: Pattern) -> None:
    values = {**_plain(new), "slots": [asdict(slot) for slot in new.slots], "crew": list(new.crew)}
    unit.insert(shift_pattern, values)


def save_pattern(unit: Unit, changed: Pattern, was: Pattern) -> None:
    values = {name: getattr(changed, name) for name in ("title", "kind", "calendar", "rest_hours", "active", "crew")}
    before = {**_plain(was), "slots": [asdict(slot) for slot in was.slots]}
    unit.update(shift_pattern, was.id, {**values, "slots": [asdict(slot) for slot in changed.slots]}, was=before)


def get_pattern(unit: Unit, pattern_id: Id, *, seen_by: Actor, lock: bool = False) -> Pattern:
    query = sa.select(shift_pattern).where(shift_pattern.c.id == pattern_id, _seen(seen_by, shift_pattern))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(pattern_id))
    return _pattern(row)


def list_patterns(
    unit: Unit, *, seen_by: Actor, org: Id | None = None, active: bool = True, title: str = ""
) -> list[Pattern]:
    query = sa.select(shift_pattern).where(_seen(seen_by, shift_pattern))
    if org is not None:
        query = query.where(shift_pattern.c.org == org)
    if active:
        query = query.where(shift_pattern.c.active)
    if title:
        query = query.where(shift_pattern.c.title == title)
    ordered = query.order_by(shift_pattern.c.division, shift_pattern.c.org, shift_pattern.c.title)
    return [_pattern(row) for row in unit.rows(ordered.limit(1000))]


# --- shifts ----------------------------------------------------------------------------------------------


def add_shift(unit: Unit, new: Shift) -> None:
    unit.insert(shift, _plain(new))


def save_shift(unit: Unit, changed: Shift, was: Shift) -> None:
    names = ("slot", "kind", "post", "starts_at", "ends_at", "made", "note")
    unit.update(shift, was.id, {name: getattr(changed, name) for name in names}, was=was)


def drop_shift(unit: Unit, was: Shift) -> None:
    unit.delete(shift, was.id, was=was)


def get_shift(unit: Unit, shift_id: Id, *, seen_by: Actor, lock: bool = False) -> Shift:
    query = sa.select(shift).where(shift.c.id == shift_id, _seen(seen_by, shift))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(shift_id))
    return _shift(row)


def shifts_by_id(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> list[Shift]:
    ids = list(wanted)
    return [_shift(row) for row in unit.rows(sa.select(shift).where(shift.c.id.in_(ids)))] if ids else []


def list_shifts(
    unit: Unit,
    wanted: Page,
    starts_at: datetime,
    ends_at: datetime,
    *,
    seen_by: Actor,
    org: Id | None = None,
    kind: str = "",
) -> Paged[Shift]:
    """Shifts that touch a time, page by page in their order."""
    query = _touching(starts_at, ends_at).where(_seen(seen_by, shift))
    if org is not None:
        query = query.where(shift.c.org == org)
    if kind:
        query = query.where(shift.c.kind == kind)
    return page.of(unit, query, wanted, [shift.c.starts_at, shift.c.id], _shift)


def _touching(starts_at: datetime, ends_at: datetime) -> sa.Select[Any]:
    """Shifts that touch a time. No shift is longer than the longest, so an index on the start serves."""
    begun = shift.c.starts_at > starts_at - LONGEST_SHIFT
    return sa.select(shift).where(begun, shift.c.starts_at < ends_at, shift.c.ends_at > starts_at)


def touching(
    unit: Unit,
    starts_at: datetime,
    ends_at: datetime,
    *,
    seen_by: Actor,
    org: Id | None = None,
    posts: Iterable[Id] | None = None,
    kind: str = "",
    most: int = 5000,
) -> list[Shift]:
    """All shifts of an organisation or of posts that touch a time, in their order."""
    query = _touching(starts_at, ends_at)
    if org is not None:
        query = query.where(shift.c.org == org)
    if posts is not None:
        query = query.where(shift.c.post.in_(list(posts)))
    if kind:
        query = query.where(shift.c.kind == kind)
    if seen_by.kind != "system":
        query = query.where(_seen(seen_by, shift))
    return [_shift(row) for row in unit.rows(query.order_by(shift.c.starts_at, shift.c.id).limit(most))]


def of_posts(unit: Unit, posts: Iterable[Id], before: datetime, *, seen_by: Actor) -> Shift | None:
    """The last shift of any of these posts that ended by a time."""
    query = sa.select(shift).where(shift.c.post.in_(list(posts)), shift.c.ends_at <= before)
    row = unit.one(query.order_by(shift.c.ends_at.desc()).limit(1))
    return None if row is None else _shift(row)


def next_of_posts(unit: Unit, posts: Iterable[Id], after: datetime, *, seen_by: Actor) -> Shift | None:
    """The next shift of any of these posts that begins after a time."""
    query = sa.select(shift).where(shift.c.post.in_(list(posts)), shift.c.starts_at > after)
    row = unit.one(query.order_by(shift.c.starts_at).limit(1))
    return None if row is None else _shift(row)


def count_coming(unit: Unit, post: Id, after: datetime) -> int:
    query = sa.select(sa.func.count()).select_from(shift).where(shift.c.post == post, shift.c.starts_at > after)
    return int(unit.value(query) or 0)


# --- swaps -----------------------------------------------------------------------------------------------


def add_swap(unit: Unit, new: Swap) -> None:
    unit.insert(shift_swap, _plain(new))


def save_swap(unit: Unit, changed: Swap, was: Swap) -> None:
    names = ("state", "agreed_at", "decided_by", "decided_at", "note")
    unit.update(shift_swap, was.id, {name: getattr(changed, name) for name in names}, was=was)


def get_swap(unit: Unit, swap_id: Id, *, seen_by: Actor) -> Swap:
    people = (shift_swap.c.from_person, shift_swap.c.to_person)
    query = sa.select(shift_swap).where(shift_swap.c.id == swap_id, _seen(seen_by, shift_swap, *people))
    row = unit.one(query.with_for_update())
    if row is None:
        raise NotFound(what=str(swap_id))
    return _swap(row)


def list_swaps(unit: Unit, wanted: Page, *, seen_by: Actor, open_only: bool = True) -> Paged[Swap]:
    query = sa.select(shift_swap).where(_seen(seen_by, shift_swap, shift_swap.c.from_person, shift_swap.c.to_person))
    if open_only:
        query = query.where(shift_swap.c.state.in_(["asked", "agreed"]))
    keys = [page.Key(shift_swap.c.asked_at, descending=True), page.Key(shift_swap.c.id, descending=True)]
    return page.of(unit, query, wanted, keys, _swap)
