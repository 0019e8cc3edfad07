"""The only SQL of the duty list, obligations, disputes and what became of suggestions."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base import access
from gangmu.base.access.scoping import within
from gangmu.core.dispatch.model import Acceptance, Dispute, Duty, Obligation, ObligationRole, ObligationState, Returns
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, maker, metadata, ref_col, refs_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import division_full
from gangmu.kit.unit import Unit

duty_row = sa.Table(
    "duty_row",
    metadata,
    id_col("id", "dty"),
    sa.Column("tree", sa.Text, nullable=False),
    text_col("code"),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    ref_col("lead_org", "org", nullable=False, index=True),
    refs_col("assistants", "org"),
    sa.Column("to_towns", sa.Boolean, nullable=False, server_default=sa.false()),
    text_col("source"),
    text_col("basis"),
    sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.false()),
    text_col("note"),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    ref_col("replaces", "dty"),
    version_col(),
    sa.Index(
        "uq_duty_row_open",
        "tree",
        "code",
        "division",
        "level",
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    ),
    sa.Index("ix_duty_row_key", "tree", "code", "division"),
)

obligation = sa.Table(
    "obligation",
    metadata,
    id_col("id", "obl"),
    ref_col("event", "evt", nullable=False, index=True),
    ref_col("org", "org", nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    when("since", nullable=False),
    when("until"),
    when("done_at"),
    ref_col("act", "act", nullable=False, index=True),
    ref_col("duty_row", "dty"),
    text_col("tree"),
    text_col("code"),
    version_col(),
    sa.Index(
        "uq_obligation_open",
        "event",
        "org",
        "role",
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    ),
    sa.Index("ix_obligation_org", "org", "since", "id"),
    sa.Index("ix_obligation_past", "tree", "code", "since", postgresql_where=sa.text("role = 'host'")),
)

dispute = sa.Table(
    "dispute",
    metadata,
    id_col("id", "dsp"),
    ref_col("event", "evt", nullable=False, index=True),
    ref_col("org", "org"),
    sa.Column("division", sa.Text, nullable=False),
    refs_col("orgs", "org"),
    ref_col("matter", "mat"),
    ref_col("act", "act", nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    text_col("reason"),
    ref_col("person", "prs"),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("times_of_org", sa.Integer, nullable=False),
    ref_col("duty_row", "dty"),
    sa.Column("state", sa.Text, nullable=False),
    when("raised_at", nullable=False),
    when("coordinated_at"),
    when("decided_at"),
    ref_col("decided_by", "prs"),
    text_col("outcome"),
    ref_col("lead_org", "org"),
    text_col("decision"),
    sa.Column("binding", sa.Boolean, nullable=False, server_default=sa.false()),
    version_col(),
    text_col("source"),
    sa.Index("ix_dispute_matter", "matter", "raised_at", postgresql_where=sa.text("matter IS NOT NULL")),
    sa.Index("ix_dispute_open", "raised_at", "id", postgresql_where=sa.text("decided_at IS NULL")),
    sa.Index("ix_dispute_newest", sa.text("raised_at DESC"), sa.text("id DESC")),
)

suggestion_use = sa.Table(
    "suggestion_use",
    metadata,
    id_col("act", "act"),
    ref_col("event", "evt", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    refs_col("orgs", "org"),
    sa.Column("tree", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    ref_col("suggested", "org"),
    ref_col("chosen", "org", nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("algorithm", sa.Text, nullable=False),
    when("at", nullable=False, index=True),
)

_obligation = maker(Obligation)


def _duty(row: Any) -> Duty:
    return Duty(**{name: getattr(row, name) for name in Duty.__dataclass_fields__})


def make_dispute(row: Any) -> Dispute:
    """A row as a dispute."""
    return Dispute(**{name: getattr(row, name) for name in Dispute.__dataclass_fields__})


def _on(day: date) -> sa.ColumnElement[bool]:
    ends = duty_row.c.valid_to
    return sa.and_(duty_row.c.valid_from <= day, sa.or_(ends.is_(None), ends > day))


# --- the duty list ------------------------------------------------------------------------------------------


def get_duty(unit: Unit, duty_id: Id, *, seen_by: Actor, lock: bool = False) -> Duty:
    query = sa.select(duty_row).where(duty_row.c.id == duty_id, _seen(seen_by))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(duty_id))
    return _duty(row)


def find_duties(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> list[Duty]:
    """Those of these rows that are there."""
    query = sa.select(duty_row).where(duty_row.c.id.in_(list(wanted)), _seen(seen_by))
    return [_duty(row) for row in unit.rows(query)]


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    """The duty list is open to all who may read it: whose duty something is must not be a secret (政务公开)."""
    return access.scope(actor, "duty.read", duty_row.c.division)


def list_speaking(unit: Unit, tree: str, code: str, division: str, day: date, *, seen_by: Actor) -> list[Duty]:
    """The rows that speak of a class in a division on a day: of it or of what lies above."""
    codes = [code[:length] for length in range(len(code) + 1)]
    areas = {division_full(division[:length]) for length in (2, 4, 6, 9, 12)}
    query = sa.select(duty_row).where(
        duty_row.c.tree == tree, duty_row.c.code.in_(codes), duty_row.c.division.in_(areas), _on(day)
    )
    if seen_by.kind != "system" and not seen_by.may("duty.read"):
        return []

    def load() -> list[Duty]:
        return [_duty(row) for row in unit.rows(query)]

    return list(unit.lately(duty_row, ("speaking", tree, code, division, day), load))


def list_duties(
    unit: Unit,
    at: Page,
    *,
    seen_by: Actor,
    day: date | None,
    tree: str = "",
    code: str = "",
    division: str = "",
    org: Id | None = None,
    unverified: bool = False,
) -> Paged[Duty]:
    """The list on a day, or with all that ended when no day is given; by class, then area."""
    query = sa.select(duty_row).where(_seen(seen_by))
    if day is not None:
        query = query.where(_on(day))
    if tree:
        query = query.where(duty_row.c.tree == tree)
    if code:
        query = query.where(duty_row.c.code.startswith(code, autoescape=True))
    if division:
        query = query.where(within(duty_row.c.division, division))
    if org is not None:
        query = query.where(sa.or_(duty_row.c.lead_org == org, duty_row.c.assistants.contains([org])))
    if unverified:
        query = query.where(sa.not_(duty_row.c.verified))
    keys = [duty_row.c.tree, duty_row.c.code, duty_row.c.division, duty_row.c.id]
    return page.of(unit, query, at, keys, _duty)


def list_open(unit: Unit, *, seen_by: Actor) -> list[Duty]:
    """All rows without an end, for a workbook in or out."""
    query = sa.select(duty_row).where(duty_row.c.valid_to.is_(None), _seen(seen_by))
    order = (duty_row.c.tree, duty_row.c.code, duty_row.c.division, duty_row.c.level)
    return [_duty(row) for row in unit.rows(query.order_by(*order))]


def list_of_key(unit: Unit, key: tuple[str, str, str, str], *, seen_by: Actor) -> list[Duty]:
    """All editions of a row, oldest first."""
    columns = (duty_row.c.tree, duty_row.c.code, duty_row.c.division, duty_row.c.level)
    query = sa.select(duty_row).where(
        *[column == value for column, value in zip(columns, key, strict=True)], _seen(seen_by)
    )
    return [_duty(row) for row in unit.rows(query.order_by(duty_row.c.valid_from, duty_row.c.id))]


def add_duty(unit: Unit, new: Duty) -> None:
    unit.insert(duty_row, _duty_values(new))


def add_duties(unit: Unit, new: Sequence[Duty], source: str) -> None:
    unit.insert_many(duty_row, [_duty_values(row) for row in new], source=source)


def _duty_values(row: Duty) -> dict[str, Any]:
    return {**db.values_of(row, duty_row), "assistants": list(row.assistants)}


def end_duty(unit: Unit, was: Duty, day: date) -> None:
    unit.update(duty_row, was.id, {"valid_to": day}, was=was)


# --- obligations --------------------------------------------------------------------------------------------


def obligations_of(unit: Unit, event: Id, *, seen_by: Actor) -> list[Obligation]:
    """What was laid on whom for an event, oldest first. The caller has asked whether the event may be seen."""
    given = sa.bindparam("event", type_=obligation.c.event.type)

    def make() -> sa.Select[Any]:
        query = sa.select(obligation).where(obligation.c.event == given)
        return query.order_by(obligation.c.since, obligation.c.id)

    return [_obligation(row) for row in unit.soon("obligations", make, event=event).rows()]


def find_host_of_act(unit: Unit, act: Id, *, seen_by: Actor) -> Obligation | None:
    """The lead's obligation that an act laid down."""
    row = unit.one(sa.select(obligation).where(obligation.c.act == act, obligation.c.role == ObligationRole.host.value))
    return None if row is None else _obligation(row)


def add_obligation(unit: Unit, new: Obligation, tree: str, code: str) -> None:
    unit.insert_later(obligation, {**db.values_of(new, obligation), "tree": tree, "code": code})


def add_obligations(unit: Unit, new: Sequence[Obligation], source: str) -> None:
    """Many at once; of which class they were is not asked: they teach the suggestions nothing."""
    unit.insert_many(
        obligation, [{**db.values_of(one, obligation), "tree": "", "code": ""} for one in new], source=source
    )


def save_obligation(unit: Unit, changed: Obligation, was: Obligation) -> None:
    values = {name: getattr(changed, name) for name in ("state", "until", "done_at")}
    unit.update(obligation, was.id, values, was=was)


def past_of(
    unit: Unit, tree: str, code: str, since: datetime, before: datetime, event: Id | None, *, seen_by: Actor
) -> dict[Id, Returns]:
    """How organisations dealt with a class between two times, and who gave this event back."""
    gone = obligation.c.state == ObligationState.returned.value
    until = sa.and_(gone, obligation.c.until <= before)
    query = (
        sa.select(
            obligation.c.org,
            sa.func.count().label("given"),
            sa.func.count().filter(until).label("returned"),
        )
        .where(
            obligation.c.role == ObligationRole.host.value,
            obligation.c.tree == tree,
            obligation.c.code == code,
            obligation.c.since >= since,
            obligation.c.since < before,
        )
        .group_by(obligation.c.org)
    )
    here: set[Id] = set()
    if event is not None:
        gave = sa.select(obligation.c.org).where(obligation.c.event == event, until)
        here = {row.org for row in unit.rows(gave)}
    found = {row.org: Returns(row.given, row.returned, row.org in here) for row in unit.rows(query)}
    return {**{org: Returns(1, 1, True) for org in here}, **found}


# --- disputes -----------------------------------------------------------------------------------------------


def disputes_of(unit: Unit, event: Id, *, seen_by: Actor) -> list[Dispute]:
    """The disputes about an event, oldest first."""
    if seen_by.kind != "system":
        query = sa.select(dispute).where(dispute.c.event == event, disputes_seen(seen_by))
        return [make_dispute(row) for row in unit.rows(query.order_by(dispute.c.raised_at, dispute.c.id))]
    given = sa.bindparam("event", type_=dispute.c.event.type)

    def make() -> sa.Select[Any]:
        query = sa.select(dispute).where(dispute.c.event == given)
        return query.order_by(dispute.c.raised_at, dispute.c.id)

    return [make_dispute(row) for row in unit.soon("disputes", make, event=event).rows()]


def list_disputes(unit: Unit, at: Page, open_only: bool, *, seen_by: Actor) -> Paged[Dispute]:
    """Open disputes, the oldest first; or all, the newest first."""
    query = sa.select(dispute).where(disputes_seen(seen_by))
    if open_only:
        waiting = query.where(sa.literal_column("dispute.decided_at IS NULL"))
        return page.of(unit, waiting, at, [dispute.c.raised_at, dispute.c.id], make_dispute)
    keys = [page.Key(dispute.c.raised_at, descending=True), page.Key(dispute.c.id, descending=True)]
    return page.of(unit, query, at, keys, make_dispute)


def standing_disputes(unit: Unit, events: Iterable[Id], *, seen_by: Actor) -> dict[Id, tuple[bool, int]]:
    """By event: whether one is open, and how many there were."""
    undecided = sa.func.bool_or(dispute.c.decided_at.is_(None))
    query = sa.select(dispute.c.event, undecided, sa.func.count()).where(
        dispute.c.event.in_(list(events)), disputes_seen(seen_by)
    )
    return {row[0]: (bool(row[1]), int(row[2])) for row in unit.rows(query.group_by(dispute.c.event))}


def disputes_seen(actor: Actor) -> sa.ColumnElement[bool]:
    """The disputes that an actor may see: of his division, or of an organisation of his."""
    return access.scope(actor, "dispute.read", dispute.c.division, dispute.c.orgs)


def add_dispute(unit: Unit, new: Dispute) -> None:
    unit.insert(dispute, {**db.values_of(new, dispute), "orgs": list(new.orgs)})


def save_dispute(unit: Unit, changed: Dispute, was: Dispute) -> None:
    told = ("outcome", "lead_org", "decision", "source", "binding")
    names = ("state", "coordinated_at", "decided_at", "decided_by", *told)
    values = {name: getattr(changed, name) for name in names}
    unit.update(
        dispute,
        was.id,
        {**values, "orgs": list(changed.orgs)},
        was={**db.values_of(was, dispute), "orgs": list(was.orgs)},
    )


# --- what became of suggestions -----------------------------------------------------------------------------


def keep_use(unit: Unit, values: dict[str, Any]) -> None:
    """Remember once for an act whether the suggestion was taken (a read model: not journaled)."""
    unit.run(pg_insert(suggestion_use).values(values).on_conflict_do_nothing())


def count_uses(
    unit: Unit, since: datetime, until: datetime, tree: str = "", code: str = "", *, seen_by: Actor
) -> Acceptance:
    use = suggestion_use.c
    clauses = [use.at >= since, use.at < until, access.scope(seen_by, "dispute.read", use.division, use.orgs)]
    if tree:
        clauses.append(use.tree == tree)
    if code:
        clauses.append(use.code.startswith(code, autoescape=True))
    counted = sa.select(
        sa.func.count(),
        sa.func.count().filter(use.suggested.is_not(None)),
        sa.func.count().filter(use.place == 1),
        sa.func.count().filter(use.place >= 1),
    ).where(*clauses)
    row = unit.one(counted)
    assert row is not None
    return Acceptance(*row)


def names(rows: Iterable[Duty]) -> set[Id]:
    """The organisations that rows name."""
    return {org for row in rows for org in (row.lead_org, *row.assistants)}
