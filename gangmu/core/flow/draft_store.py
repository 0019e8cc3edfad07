"""The only SQL of drafts of flows. The journal keeps of a draft what changed, not its whole text at every save; what
is published is journaled whole with its version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, metadata, ref_col, refs_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

flow_draft = sa.Table(
    "flow_draft",
    metadata,
    id_col("id", "fdr"),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("base", sa.Integer),
    text_col("title"),
    json_col("definition", nullable=False, info={"derived": True}),
    text_col("note"),
    text_col("remark"),
    sa.Column("state", sa.Text, nullable=False),  # open | proposed | published | dropped
    ref_col("made_by", "prs"),
    text_col("made_by_name"),
    when("made_at", nullable=False),
    refs_col("editors", "prs"),
    text_col("changed_by_name"),
    when("changed_at", nullable=False),
    ref_col("proposed_by", "prs"),
    text_col("proposed_by_name"),
    when("proposed_at"),
    sa.Column("published", sa.Integer),
    json_col("tried"),
    version_col(),
    sa.Index("ix_flow_draft_newest", sa.text("changed_at DESC"), sa.text("id DESC")),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A flow that somebody works on. ``base`` is the version it began from (None: a flow of its own), ``editors`` all
    who wrote in it, ``tried`` what its last try-out found and at which version of the draft."""

    id: Id
    flow: str
    base: int | None
    title: str
    definition: Mapping[str, Any]
    note: str
    remark: str
    state: str
    made_by: Id | None
    made_by_name: str
    made_at: datetime
    editors: tuple[Id, ...]
    changed_by_name: str
    changed_at: datetime
    proposed_by: Id | None
    proposed_by_name: str
    proposed_at: datetime | None
    published: int | None
    tried: Mapping[str, Any] | None
    version: int = 1


_draft = db.maker(Draft)
WAITING = ("open", "proposed")


def get(unit: Unit, draft_id: Id, *, seen_by: Actor, lock: bool = False) -> Draft:
    """A draft; those who may read flows may read what is planned of them."""
    query = sa.select(flow_draft).where(flow_draft.c.id == draft_id)
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(draft_id))
    return _draft(row)


def list_drafts(unit: Unit, at: Page, flow: str, waiting: bool, *, seen_by: Actor) -> Paged[Draft]:
    """Drafts, the one changed last first."""
    query = sa.select(flow_draft)
    if flow:
        query = query.where(flow_draft.c.flow == flow)
    if waiting:
        query = query.where(flow_draft.c.state.in_(WAITING))
    keys = [page.Key(flow_draft.c.changed_at, descending=True), page.Key(flow_draft.c.id, descending=True)]
    return page.of(unit, query, at, keys, _draft)


def add(unit: Unit, new: Draft) -> None:
    unit.insert(flow_draft, {**db.values_of(new, flow_draft), "editors": list(new.editors)})


def save(unit: Unit, changed: Draft, was: Draft) -> None:
    """Keep what changed; ``StaleWrite`` when somebody saved meanwhile."""
    values = {**db.values_of(changed, flow_draft), "editors": list(changed.editors)}
    values.pop("version")
    unit.update(flow_draft, was.id, values, was={**db.values_of(was, flow_draft), "editors": list(was.editors)})


def keep_tried(unit: Unit, draft_id: Id, tried: Mapping[str, Any]) -> None:
    """Remember what the last try-out found (no edit: nobody's work in hand becomes stale)."""
    unit.run(sa.update(flow_draft).where(flow_draft.c.id == draft_id).values(tried=dict(tried)))
