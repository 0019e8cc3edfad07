"""The SQL of how long reporters are kept."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gangmu.core.report.store import report, reporter
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def reports_of(unit: Unit, reporters: Sequence[Id]) -> list[tuple[Id, Id, Id | None, datetime]]:
    """Reporter, report, event and when it came in, of all reports of these."""
    query = sa.select(report.c.reporter, report.c.id, report.c.event, report.c.received_at)
    rows = unit.rows(query.where(report.c.reporter.in_(list(reporters))))
    return [(row.reporter, row.id, row.event, row.received_at) for row in rows]


def blank(unit: Unit, reporters: Sequence[Id]) -> int:
    """Nothing of them is left in their rows: neither sealed nor as search hash."""
    gone = sa.update(reporter).where(reporter.c.id.in_(list(reporters)))
    return unit.run(gone.values(name=None, phone=None, phone_hash=None))


def not_blank(unit: Unit, reporters: Sequence[Id]) -> set[Id]:
    """Those that still have something in their rows."""
    some = sa.or_(reporter.c.name.is_not(None), reporter.c.phone.is_not(None), reporter.c.phone_hash.is_not(None))
    return {row.id for row in unit.rows(sa.select(reporter.c.id).where(reporter.c.id.in_(list(reporters)), some))}


def attachments_of(unit: Unit, events: Sequence[Id]) -> list[tuple[Id, Id]]:
    """Event and file of everything attached to the reports of these events."""
    query = sa.select(report.c.event, report.c.attachments).where(
        report.c.event.in_(list(events)), sa.func.cardinality(report.c.attachments) > 0
    )
    return [(row.event, file) for row in unit.rows(query) for file in row.attachments]


def attachments_naming(unit: Unit, wanted: Sequence[Id]) -> list[tuple[Id, Id]]:
    """Event and file of every report of an event to which one of these files is attached."""
    mine = set(wanted)
    query = sa.select(report.c.event, report.c.attachments).where(
        report.c.attachments.op("&&")(list(wanted)), report.c.event.is_not(None)
    )
    return [(row.event, file) for row in unit.rows(query) for file in row.attachments if file in mine]


def loose_before(unit: Unit, before: datetime, after: Id | None, most: int) -> list[tuple[Id, list[Id]]]:
    """Reports that came in before a time and became no matter, with what is attached to them: a page, by their ids."""
    query = sa.select(report.c.id, report.c.attachments).where(
        report.c.event.is_(None), report.c.received_at < before, sa.func.cardinality(report.c.attachments) > 0
    )
    if after is not None:
        query = query.where(report.c.id > after)
    return [(row.id, row.attachments) for row in unit.rows(query.order_by(report.c.id).limit(most))]


def loose_naming(unit: Unit, wanted: Sequence[Id]) -> list[tuple[datetime, Id]]:
    """When it came in and file of every report of no matter to which one of these files is attached."""
    mine = set(wanted)
    query = sa.select(report.c.received_at, report.c.attachments).where(
        report.c.attachments.op("&&")(list(wanted)), report.c.event.is_(None)
    )
    return [(row.received_at, file) for row in unit.rows(query) for file in row.attachments if file in mine]


def blank_words(unit: Unit, events: Sequence[Id]) -> None:
    """The words of the reports of these events end. Not journaled: what is erased must not be written down again."""
    unit.run(sa.update(report).where(report.c.event.in_(list(events))).values(title="", text=""))


def worded(unit: Unit, events: Sequence[Id]) -> set[Id]:
    """Those of these events of which a report still has words."""
    some = sa.or_(report.c.title != "", report.c.text != "")
    return {row.event for row in unit.rows(sa.select(report.c.event).where(report.c.event.in_(list(events)), some))}
