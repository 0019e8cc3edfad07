"""The only SQL of rows put forward for the duty list from decisions, and of what was returned before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gangmu.base import access
from gangmu.core.dispatch.model import Dispute, Proposal
from gangmu.core.dispatch.store import dispute, disputes_seen, make_dispute
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, metadata, ref_col, refs_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

duty_proposal = sa.Table(
    "duty_proposal",
    metadata,
    id_col("id", "dpp"),
    ref_col("dispute", "dsp", nullable=False),
    ref_col("event", "evt", nullable=False),
    sa.Column("tree", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    ref_col("lead_org", "org", nullable=False),
    refs_col("assistants", "org"),
    text_col("basis"),
    text_col("source"),
    text_col("note"),
    sa.Column("state", sa.Text, nullable=False),
    ref_col("replaces", "dty"),
    ref_col("duty_row", "dty"),
    ref_col("proposed_by", "prs"),
    when("proposed_at", nullable=False),
    ref_col("decided_by", "prs"),
    when("decided_at"),
    text_col("why"),
    version_col(),
    sa.Index("uq_duty_proposal_open", "dispute", unique=True, postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_duty_proposal_open", "proposed_at", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_duty_proposal_newest", sa.text("proposed_at DESC"), sa.text("id DESC")),
)


def _proposal(row: Any) -> Proposal:
    return Proposal(**{name: getattr(row, name) for name in Proposal.__dataclass_fields__})


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    return access.scope(actor, "duty.read", duty_proposal.c.division)


def add(unit: Unit, new: Proposal) -> None:
    unit.insert(duty_proposal, {**db.values_of(new, duty_proposal), "assistants": list(new.assistants)})


def save(unit: Unit, changed: Proposal, was: Proposal) -> None:
    names = ("state", "duty_row", "decided_by", "decided_at", "why")
    unit.update(duty_proposal, was.id, {name: getattr(changed, name) for name in names}, was=was)


def get(unit: Unit, proposal_id: Id, *, seen_by: Actor, lock: bool = False) -> Proposal:
    query = sa.select(duty_proposal).where(duty_proposal.c.id == proposal_id, _seen(seen_by))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(proposal_id))
    return _proposal(row)


def list_proposals(unit: Unit, at: Page, open_only: bool, *, seen_by: Actor) -> Paged[Proposal]:
    """Those that wait, the oldest first; or all, the newest first."""
    query = sa.select(duty_proposal).where(_seen(seen_by))
    if open_only:
        waiting = query.where(sa.literal_column("duty_proposal.state = 'open'"))
        return page.of(unit, waiting, at, [duty_proposal.c.proposed_at, duty_proposal.c.id], _proposal)
    keys = [page.Key(duty_proposal.c.proposed_at, descending=True), page.Key(duty_proposal.c.id, descending=True)]
    return page.of(unit, query, at, keys, _proposal)


def get_dispute(unit: Unit, dispute_id: Id, *, seen_by: Actor) -> Dispute:
    row = unit.one(sa.select(dispute).where(dispute.c.id == dispute_id, disputes_seen(seen_by)))
    if row is None:
        raise NotFound(what=str(dispute_id))
    return make_dispute(row)


def list_returns(unit: Unit, matter: Id, since: datetime, *, seen_by: Actor, most: int = 200) -> Sequence[Dispute]:
    """The returns of a class of matter since a time that one may see, the newest first."""
    query = sa.select(dispute).where(dispute.c.matter == matter, dispute.c.raised_at >= since, disputes_seen(seen_by))
    return [make_dispute(row) for row in unit.rows(query.order_by(dispute.c.raised_at.desc()).limit(most))]
