"""The only SQL of field tasks."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from gangmu.base import access
from gangmu.base.access.scoping import within
from gangmu.core.verify.model import Task, TaskState
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, metadata, ref_col, refs_col, text_col, texts_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

OPEN = sa.literal_column("field_task.state = 'open'")

field_task = sa.Table(
    "field_task",
    metadata,
    id_col("id", "tsk"),
    ref_col("event", "evt", nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    refs_col("orgs", "org"),
    refs_col("people", "prs"),
    ref_col("post", "pst"),
    ref_col("person", "prs"),
    text_col("ask"),
    ref_col("asked_by", "prs"),
    ref_col("opening_act", "act", nullable=False),
    when("opened_at", nullable=False),
    when("not_before"),
    sa.Column("window_first", sa.SmallInteger),
    sa.Column("window_last", sa.SmallInteger),
    when("due_at"),
    ref_col("closing_act", "act"),
    when("done_at"),
    text_col("verb"),
    text_col("result"),
    text_col("reason"),
    texts_col("flags"),
    version_col(),
    sa.Index("uq_field_task_open", "event", "kind", unique=True, postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_field_task_post", "post", "opened_at", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_field_task_waiting", "opened_at", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_field_task_newest", sa.text("opened_at DESC"), sa.text("id DESC")),
)


def _task(row: Any) -> Task:
    values = {name: getattr(row, name) for name in Task.__dataclass_fields__}
    return Task(**{**values, "flags": tuple(row.flags)})


def _values(one: Task) -> dict[str, Any]:
    lists = {"orgs": list(one.orgs), "people": list(one.people), "flags": list(one.flags)}
    return {**db.values_of(one, field_task), **lists}


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """The tasks that an actor may see: of his division, of his organisation's people, or his own."""
    return access.scope(actor, "task.read", field_task.c.division, field_task.c.orgs, field_task.c.people)


def get(unit: Unit, task_id: Id, *, seen_by: Actor) -> Task:
    row = unit.one(sa.select(field_task).where(field_task.c.id == task_id, visible(seen_by)))
    if row is None:
        raise NotFound(what=str(task_id))
    return _task(row)


def find_open(unit: Unit, event: Id, kind: str, *, seen_by: Actor) -> Task | None:
    """The open task of a kind of an event."""
    query = sa.select(field_task).where(field_task.c.event == event, field_task.c.kind == kind, OPEN, visible(seen_by))
    row = unit.one(query)
    return None if row is None else _task(row)


def list_of_event(unit: Unit, event: Id, *, seen_by: Actor) -> list[Task]:
    """All tasks of an event, oldest first."""
    query = sa.select(field_task).where(field_task.c.event == event, visible(seen_by))
    return [_task(row) for row in unit.rows(query.order_by(field_task.c.opened_at, field_task.c.id))]


def list_tasks(
    unit: Unit,
    at: Page,
    *,
    seen_by: Actor,
    state: str = TaskState.open.value,
    kind: str = "",
    mine: bool = False,
    division: str = "",
) -> Paged[Task]:
    """Open tasks, the oldest first; others the newest first. ``mine``: of one's own post, or free to take."""
    query = sa.select(field_task).where(visible(seen_by))
    if state:
        query = query.where(OPEN if state == TaskState.open else field_task.c.state == state)
    if kind:
        query = query.where(field_task.c.kind == kind)
    if division:
        query = query.where(within(field_task.c.division, division))
    if mine:
        own = field_task.c.post == seen_by.post
        free = sa.and_(field_task.c.post.is_(None), OPEN, access.scope(seen_by, "task.do", field_task.c.division))
        query = query.where(sa.or_(own, free))
    if state == TaskState.open:
        return page.of(unit, query, at, [field_task.c.opened_at, field_task.c.id], _task)
    keys = [page.Key(field_task.c.opened_at, descending=True), page.Key(field_task.c.id, descending=True)]
    return page.of(unit, query, at, keys, _task)


def list_of_post(unit: Unit, post: Id, *, seen_by: Actor) -> list[Task]:
    """The open tasks of a post."""
    query = sa.select(field_task).where(field_task.c.post == post, OPEN, visible(seen_by))
    return [_task(row) for row in unit.rows(query.order_by(field_task.c.id).limit(500))]


def open_counts(unit: Unit, posts: Iterable[Id]) -> dict[Id, int]:
    """How many open tasks each of these posts has."""
    wanted = list(posts)
    if not wanted:
        return {}
    query = sa.select(field_task.c.post, sa.func.count().label("n")).where(OPEN, field_task.c.post.in_(wanted))
    return {row.post: row.n for row in unit.rows(query.group_by(field_task.c.post))}


def add(unit: Unit, new: Task) -> None:
    unit.insert(field_task, _values(new))


def save(unit: Unit, changed: Task, was: Task) -> None:
    values = _values(changed)
    for name in ("id", "version"):
        values.pop(name)
    unit.update(field_task, was.id, values, was=_values(was))
