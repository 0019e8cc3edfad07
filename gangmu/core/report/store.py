"""The only SQL of reports and reporters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from gangmu.base import access
from gangmu.core.report.model import Report
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, metadata, ref_col, refs_col, sealed_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

reporter = sa.Table(
    "reporter",
    metadata,
    id_col("id", "rep"),
    sealed_col("name"),
    sealed_col("phone"),
    sa.Column("phone_hash", sa.LargeBinary, index=True, info={"personal": True, "derived": True}),
    when("made_at", nullable=False),
    version_col(),
)

report = sa.Table(
    "report",
    metadata,
    id_col("id", "rpt"),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    text_col("title"),
    text_col("text"),
    ref_col("reporter", "rep", "reporter.id", index=True),
    sa.Column("anonymous", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("confidential", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("consent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("want_reply", sa.Boolean, nullable=False, server_default=sa.true()),
    when("happened_at", nullable=False),
    when("received_at", nullable=False),
    ref_col("matter", "mat"),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    text_col("datum"),
    text_col("address"),
    text_col("division"),
    text_col("unit_grid"),
    refs_col("attachments", "fil"),
    ref_col("event", "evt", index=True),
    text_col("review"),
    text_col("foreign_no"),
    text_col("source"),
    ref_col("taken_by", "prs"),
    version_col(),
    sa.Index("uq_report_foreign", "source", "foreign_no", unique=True, postgresql_where=sa.text("foreign_no <> ''")),
    sa.Index("ix_report_pending", "id", postgresql_where=sa.text("review = 'pending'")),
    sa.Index("ix_report_attachments", "attachments", postgresql_using="gin"),
)


@dataclass(frozen=True, slots=True)
class Reporter:
    """A reporter as stored: all sealed."""

    id: Id
    name: bytes | None
    phone: bytes | None


def _report(row: Any) -> Report:
    names = Report.__dataclass_fields__
    return Report(**{name: getattr(row, name) for name in names})


def add_reporter(
    unit: Unit, reporter_id: Id, name: bytes | None, phone: bytes | None, phone_hash: bytes | None
) -> None:
    row = {"id": reporter_id, "name": name, "phone": phone, "phone_hash": phone_hash, "made_at": unit.now}
    unit.insert(reporter, row)


def find_reporters(unit: Unit, phone_hash: bytes, *, seen_by: Actor) -> list[Reporter]:
    rows = unit.rows(sa.select(reporter).where(reporter.c.phone_hash == phone_hash).order_by(reporter.c.id).limit(50))
    return [Reporter(row.id, row.name, row.phone) for row in rows]


def find_named(unit: Unit, hashes: Mapping[str, bytes], *, seen_by: Actor) -> dict[tuple[str, str], Id]:
    """Reporters known by name and phone digits, for phones given as digits and blind hash."""
    if not hashes:
        return {}
    digits = {hashed: phone for phone, hashed in hashes.items()}
    wanted = sa.bindparam("wanted", list(digits), type_=ARRAY(sa.LargeBinary))
    query = sa.select(reporter.c.id, reporter.c.name, reporter.c.phone_hash)
    rows = unit.rows(query.where(reporter.c.phone_hash == sa.any_(wanted)).order_by(reporter.c.id))
    return {(unit.unseal(row.id, row.name) or "", digits[bytes(row.phone_hash)]): row.id for row in rows}


def get_reporter(unit: Unit, reporter_id: Id, *, seen_by: Actor) -> Reporter:
    row = unit.one(sa.select(reporter).where(reporter.c.id == reporter_id))
    if row is None:
        raise NotFound(what=str(reporter_id))
    return Reporter(row.id, row.name, row.phone)


def add_report(unit: Unit, new: Report) -> None:
    unit.insert_later(report, {name: getattr(new, name) for name in Report.__dataclass_fields__})


def save_report(unit: Unit, changed: Report, was: Report) -> None:
    values = {name: getattr(changed, name) for name in ("event", "review", "matter", "version")}
    values.pop("version")
    unit.update(report, changed.id, values, was=was)


def correct_report(unit: Unit, changed: Report, was: Report) -> None:
    """Keep what the source of a report says now."""
    values = {name: getattr(changed, name) for name in Report.__dataclass_fields__ if name not in ("id", "version")}
    unit.update(report, changed.id, values, was=was)


def get_report(unit: Unit, report_id: Id, *, seen_by: Actor) -> Report:
    clause = access.scope(seen_by, "report.read", report.c.division)
    row = unit.one(sa.select(report).where(report.c.id == report_id, clause))
    if row is None:
        raise NotFound(what=str(report_id))
    return _report(row)


def list_of_event(unit: Unit, event: Id, *, seen_by: Actor) -> list[Report]:
    """The reports of an event. Who may see the event is asked by ``core.event``; here the event is given."""
    query = sa.select(report).where(report.c.event == event).order_by(report.c.received_at, report.c.id).limit(1000)
    return [_report(row) for row in unit.rows(query)]


def list_of_reporters(unit: Unit, reporters: Sequence[Id], *, seen_by: Actor, most: int = 50) -> list[Report]:
    clause = access.scope(seen_by, "report.read", report.c.division)
    query = sa.select(report).where(report.c.reporter.in_(list(reporters)), clause)
    return [_report(row) for row in unit.rows(query.order_by(report.c.received_at.desc()).limit(most))]


def list_pending(unit: Unit, wanted: Page, *, seen_by: Actor) -> Paged[Report]:
    clause = access.scope(seen_by, "report.read", report.c.division)
    query = sa.select(report).where(report.c.review == "pending", clause)
    return page.of(unit, query, wanted, [page.Key(report.c.id, descending=True)], _report)


def count_callers(unit: Unit, event: Id) -> tuple[int, int]:
    """Reports and different reporters of an event (a nameless report counts as one caller each)."""
    distinct = sa.func.count(
        sa.distinct(sa.func.coalesce(sa.cast(report.c.reporter, sa.Text), sa.cast(report.c.id, sa.Text)))
    )
    row = unit.one(sa.select(sa.func.count().label("all"), distinct.label("callers")).where(report.c.event == event))
    return (row.all, row.callers) if row else (0, 0)


def events_of_phone(unit: Unit, phone_hash: bytes) -> list[Id]:
    query = (
        sa.select(report.c.event)
        .join(reporter, reporter.c.id == report.c.reporter)
        .where(reporter.c.phone_hash == phone_hash, report.c.event.is_not(None))
        .order_by(report.c.received_at.desc())
        .limit(200)
    )
    return list(dict.fromkeys(row.event for row in unit.rows(query)))


def event_of_attachment(unit: Unit, file_id: Id) -> tuple[Id | None, str] | None:
    """The event and division of a report that carries this file."""
    row = unit.one(
        sa.select(report.c.event, report.c.division).where(report.c.attachments.contains([file_id])).limit(1)
    )
    return None if row is None else (row.event, row.division)
