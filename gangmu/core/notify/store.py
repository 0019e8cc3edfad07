"""The only SQL of answers."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gangmu.base import access
from gangmu.core.notify.model import Answer
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, metadata, ref_col, refs_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

answer = sa.Table(
    "answer",
    metadata,
    id_col("id", "ans"),
    ref_col("report", "rpt", nullable=False, index=True),
    ref_col("event", "evt", nullable=False, index=True),
    sa.Column("division", sa.Text, nullable=False),
    refs_col("orgs", "org"),
    text_col("text"),
    text_col("outcome"),
    text_col("channel"),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    when("at", nullable=False),
    when("sent_at"),
    ref_col("sent_by", "prs"),
    when("seen_at"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    text_col("note"),
    version_col(),
    sa.Index("ix_answer_pending", "at", "id", postgresql_where=sa.text("state = 'pending'")),
    sa.Index("ix_answer_newest", sa.text("at DESC"), sa.text("id DESC")),
)


def blank_of(unit: Unit, events: Sequence[Id]) -> None:
    """The words of answers about these events end. Not journaled: what is erased must not be written down again."""
    unit.run(sa.update(answer).where(answer.c.event.in_(list(events))).values(text="", note=""))


def worded_of(unit: Unit, events: Sequence[Id]) -> set[Id]:
    """Those of these events about which an answer still has words."""
    some = sa.or_(answer.c.text != "", answer.c.note != "")
    return {row.event for row in unit.rows(sa.select(answer.c.event).where(answer.c.event.in_(list(events)), some))}


def _answer(row: Any) -> Answer:
    return Answer(**{name: getattr(row, name) for name in Answer.__dataclass_fields__})


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    return access.scope(actor, "report.read", answer.c.division, answer.c.orgs)


def add(unit: Unit, new: Answer) -> None:
    unit.insert(answer, {**db.values_of(new, answer), "orgs": list(new.orgs)})


def save(unit: Unit, changed: Answer, was: Answer) -> None:
    names = ("state", "sent_at", "sent_by", "seen_at", "tries", "note")
    unit.update(answer, was.id, {name: getattr(changed, name) for name in names}, was=was)


def get(unit: Unit, answer_id: Id, *, seen_by: Actor, lock: bool = False) -> Answer:
    query = sa.select(answer).where(answer.c.id == answer_id, _seen(seen_by))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(answer_id))
    return _answer(row)


def list_of_report(unit: Unit, report: Id, *, seen_by: Actor) -> list[Answer]:
    """The answers to a report, oldest first."""
    query = sa.select(answer).where(answer.c.report == report, _seen(seen_by))
    return [_answer(row) for row in unit.rows(query.order_by(answer.c.at, answer.c.id))]


def list_answers(unit: Unit, at: Page, state: str, *, seen_by: Actor) -> Paged[Answer]:
    """Answers in a state; those that wait, the oldest first."""
    query = sa.select(answer).where(_seen(seen_by))
    if state == "pending":
        waiting = query.where(sa.literal_column("answer.state = 'pending'"))
        return page.of(unit, waiting, at, [answer.c.at, answer.c.id], _answer)
    if state:
        query = query.where(answer.c.state == state)
    keys = [page.Key(answer.c.at, descending=True), page.Key(answer.c.id, descending=True)]
    return page.of(unit, query, at, keys, _answer)
