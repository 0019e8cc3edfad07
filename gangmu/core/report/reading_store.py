"""SQL of reports for the desks' views: who calls again and again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gangmu.base import access
from gangmu.core.report.store import report, reporter
from gangmu.kit import clock
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id, of_uuid
from gangmu.kit.unit import Unit


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who reported again and again since a time, known by his blinded number alone: nobody's name or phone
    stands here."""

    divisions: tuple[str, ...]
    n: int
    last_at: datetime
    events: tuple[Id, ...]


def list_callers(unit: Unit, since: datetime, least: int, *, seen_by: Actor, most: int = 2000) -> list[Caller]:
    """Numbers that reported so often since a time, the most frequent first. For a chore, not for a request."""
    number = reporter.c.phone_hash
    oldest = UUID(int=int((clock.real_now() - (unit.now - since)).timestamp() * 1000) << 80)
    query = (
        sa.select(
            sa.func.array_agg(sa.distinct(report.c.division)).label("divisions"),
            sa.func.count().label("n"),
            sa.func.max(report.c.received_at).label("last_at"),
            sa.func.array_agg(sa.distinct(report.c.event)).label("events"),
        )
        .join(reporter, reporter.c.id == report.c.reporter)
        .where(
            report.c.id >= of_uuid("rpt", oldest),
            report.c.received_at >= since,
            number.is_not(None),
            report.c.event.is_not(None),
            access.scope(seen_by, "report.read", report.c.division),
        )
        .group_by(number)
        .having(sa.func.count() >= least)
        .order_by(sa.func.count().desc())
        .limit(most)
    )
    return [_caller(row) for row in unit.rows(query)]


def _caller(row: Any) -> Caller:
    events = tuple(each if isinstance(each, Id) else of_uuid("evt", each) for each in row.events[:50])
    return Caller(tuple(row.divisions), row.n, row.last_at, events)
