"""The only SQL of editions of the duty list: changes gathered before they hold, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from gangmu.base import access
from gangmu.core.dispatch.model import Duty, Obligation, ObligationRole, ObligationState, Returns
from gangmu.core.dispatch.store import duty_row, obligation
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, metadata, ref_col, refs_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

duty_edition = sa.Table(
    "duty_edition",
    metadata,
    id_col("id", "ded"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # draft | released | dropped
    sa.Column("valid_from", sa.Date, nullable=False),
    text_col("reason"),
    ref_col("made_by", "prs"),
    text_col("made_by_name"),
    when("made_at", nullable=False),
    text_col("released_by_name"),
    when("released_at"),
    ref_col("reverts", "ded"),
    ref_col("reverted_by", "ded"),
    json_col("tried"),
    version_col(),
    sa.Index("ix_duty_edition_newest", sa.text("made_at DESC"), sa.text("id DESC")),
)

duty_change = sa.Table(
    "duty_change",
    metadata,
    id_col("id", "dch"),
    ref_col("edition", "ded", "duty_edition.id", nullable=False),
    sa.Column("do", sa.Text, nullable=False),  # add | change | end
    ref_col("row", "dty"),
    sa.Column("row_version", sa.Integer),
    sa.Column("tree", sa.Text, nullable=False),
    text_col("code"),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    ref_col("lead_org", "org", nullable=False),
    refs_col("assistants", "org"),
    sa.Column("to_towns", sa.Boolean, nullable=False, server_default=sa.false()),
    text_col("source"),
    text_col("basis"),
    sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.false()),
    text_col("note"),
    ref_col("made", "dty"),
    sa.UniqueConstraint("edition", "tree", "code", "division", "level"),
)


@dataclass(frozen=True, slots=True)
class Edition:
    """Changes of the duty list that begin together on a day."""

    id: Id
    title: str
    state: str
    valid_from: date
    reason: str
    made_by: Id | None
    made_by_name: str
    made_at: datetime
    released_by_name: str
    released_at: datetime | None
    reverts: Id | None
    reverted_by: Id | None
    tried: Mapping[str, Any] | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Change:
    """One row that begins, changes or ends. ``row`` is the one in force, at the version that was seen; ``made`` the one
    that it became."""

    id: Id
    edition: Id
    do: str
    row: Id | None
    row_version: int | None
    tree: str
    code: str
    division: str
    level: str
    lead_org: Id
    assistants: tuple[Id, ...]
    to_towns: bool
    source: str
    basis: str
    verified: bool
    note: str
    made: Id | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.tree, self.code, self.division, self.level


_edition = db.maker(Edition)
_change = db.maker(Change)
_duty = db.maker(Duty)
_obligation = db.maker(Obligation)


def get(unit: Unit, edition_id: Id, *, seen_by: Actor, lock: bool = False) -> Edition:
    """An edition; who may read the duty list may read what is planned of it."""
    query = sa.select(duty_edition).where(duty_edition.c.id == edition_id)
    row = unit.one(query.with_for_update() if lock else query)
    if row is None or not seen_by.may("duty.read"):
        raise NotFound(what=str(edition_id))
    return _edition(row)


def list_editions(unit: Unit, at: Page, waiting: bool, *, seen_by: Actor) -> Paged[Edition]:
    """Editions, the newest first."""
    query = sa.select(duty_edition).where(sa.true() if seen_by.may("duty.read") else sa.false())
    if waiting:
        query = query.where(duty_edition.c.state == "draft")
    keys = [page.Key(duty_edition.c.made_at, descending=True), page.Key(duty_edition.c.id, descending=True)]
    return page.of(unit, query, at, keys, _edition)


def add(unit: Unit, new: Edition) -> None:
    unit.insert(duty_edition, db.values_of(new, duty_edition))


def save(unit: Unit, changed: Edition, was: Edition) -> None:
    values = db.values_of(changed, duty_edition)
    values.pop("version")
    unit.update(duty_edition, was.id, values, was=was)


def touch(unit: Unit, was: Edition) -> None:
    """Another change was put in or taken out: who looks at the edition as it was is told."""
    unit.run(sa.update(duty_edition).where(duty_edition.c.id == was.id).values(version=was.version + 1, tried=None))


def keep_tried(unit: Unit, edition_id: Id, tried: Mapping[str, Any]) -> None:
    unit.run(sa.update(duty_edition).where(duty_edition.c.id == edition_id).values(tried=dict(tried)))


def changes_of(unit: Unit, edition_id: Id, *, seen_by: Actor) -> list[Change]:
    """The changes of an edition, by class and area."""
    if not seen_by.may("duty.read"):
        return []
    order = (duty_change.c.tree, duty_change.c.code, duty_change.c.division, duty_change.c.level)
    query = sa.select(duty_change).where(duty_change.c.edition == edition_id).order_by(*order)
    return [_change(row) for row in unit.rows(query)]


def put_change(unit: Unit, new: Change) -> None:
    """Put a change in; one for the same class, area and level is replaced."""
    columns = (duty_change.c.tree, duty_change.c.code, duty_change.c.division, duty_change.c.level)
    same = [column == value for column, value in zip(columns, new.key, strict=True)]
    row = unit.one(sa.select(duty_change).where(duty_change.c.edition == new.edition, *same))
    if row is not None:
        unit.delete(duty_change, row.id, was=_values(_change(row)))
    unit.insert(duty_change, _values(new))


def add_changes(unit: Unit, new: Sequence[Change], source: str) -> None:
    unit.insert_many(duty_change, [_values(one) for one in new], source=source)


def drop_change(unit: Unit, was: Change) -> None:
    unit.delete(duty_change, was.id, was=_values(was))


def keep_made(unit: Unit, change: Change, made: Id) -> None:
    unit.run(sa.update(duty_change).where(duty_change.c.id == change.id).values(made=made))


def _values(change: Change) -> dict[str, Any]:
    return {**db.values_of(change, duty_change), "assistants": list(change.assistants)}


# --- what is tried ------------------------------------------------------------------------------------------


def list_holding(unit: Unit, day: date, *, seen_by: Actor) -> list[Duty]:
    """The whole duty list as it holds on a day."""
    ends = duty_row.c.valid_to
    holds = sa.and_(duty_row.c.valid_from <= day, sa.or_(ends.is_(None), ends > day))
    query = sa.select(duty_row).where(holds, access.scope(seen_by, "duty.read", duty_row.c.division))
    return [_duty(row) for row in unit.rows(query)]


def find_duties(unit: Unit, wanted: Sequence[Id], *, seen_by: Actor) -> dict[Id, Duty]:
    """These rows, in force or not."""
    query = sa.select(duty_row).where(
        duty_row.c.id.in_(list(wanted)), access.scope(seen_by, "duty.read", duty_row.c.division)
    )
    return {row.id: _duty(row) for row in unit.rows(query)}


def past_by_class(
    unit: Unit, since: datetime, before: datetime, *, seen_by: Actor
) -> dict[tuple[str, str], dict[Id, Returns]]:
    """How organisations dealt with every class between two times."""
    gone = sa.and_(obligation.c.state == ObligationState.returned.value, obligation.c.until <= before)
    query = (
        sa.select(
            obligation.c.tree,
            obligation.c.code,
            obligation.c.org,
            sa.func.count().label("given"),
            sa.func.count().filter(gone).label("returned"),
        )
        .where(obligation.c.role == ObligationRole.host.value, obligation.c.since >= since, obligation.c.since < before)
        .group_by(obligation.c.tree, obligation.c.code, obligation.c.org)
    )
    found: dict[tuple[str, str], dict[Id, Returns]] = {}
    for row in unit.rows(query) if seen_by.may("duty.read") else ():
        found.setdefault((row.tree, row.code), {})[row.org] = Returns(row.given, row.returned)
    return found


# --- what an organisation owes ------------------------------------------------------------------------------


def list_of_org(unit: Unit, org: Id, at: Page, open_only: bool, *, seen_by: Actor) -> Paged[Obligation]:
    """What was laid on an organisation across events, the oldest open first, or all, the newest first. Whether the
    asker may see an event is asked of the events."""
    query = sa.select(obligation).where(obligation.c.org == org, sa.true() if seen_by.may("event.read") else sa.false())
    if open_only:
        waiting = query.where(obligation.c.state == ObligationState.open.value)
        return page.of(unit, waiting, at, [obligation.c.since, obligation.c.id], _obligation)
    keys = [page.Key(obligation.c.since, descending=True), page.Key(obligation.c.id, descending=True)]
    return page.of(unit, query, at, keys, _obligation)
