"""The SQL of how long rows of other systems are kept as they came."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gangmu.core.docking.inbound_store import docking_in, docking_wait
from gangmu.core.docking.order_store import docking_order
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def rows_of_reports(unit: Unit, reports: Sequence[Id]) -> dict[Id, list[Id]]:
    """The rows of an order as they came, by the report that was made of it."""
    same = sa.and_(docking_in.c.link == docking_order.c.link, docking_in.c.number == docking_order.c.number)
    query = sa.select(docking_order.c.report, docking_in.c.id).join(docking_in, same)
    found: dict[Id, list[Id]] = {}
    for row in unit.rows(query.where(docking_order.c.report.in_(list(reports)))):
        found.setdefault(row.report, []).append(row.id)
    return found


def rows_before(
    unit: Unit, before: datetime, after: Id | None, most: int, only: Sequence[Id] | None
) -> list[tuple[Id, datetime, Id | None]]:
    """Row, when it came and its event: rows that do not wait any more and whose order is not open."""
    order = sa.and_(docking_order.c.link == docking_in.c.link, docking_order.c.number == docking_in.c.number)
    waits = sa.exists().where(docking_wait.c.id == docking_in.c.id, docking_wait.c.state == "waiting")
    query = (
        sa.select(docking_in.c.id, docking_in.c.received_at, docking_order.c.event)
        .join(docking_order, order, isouter=True)
        .where(
            docking_in.c.received_at < before,
            ~waits,
            sa.or_(docking_order.c.id.is_(None), docking_order.c.standing != "open"),
        )
    )
    if after is not None:
        query = query.where(docking_in.c.id > after)
    if only is not None:
        query = query.where(docking_in.c.id.in_(list(only)))
    rows = unit.rows(query.order_by(docking_in.c.id).limit(most))
    return [(row.id, row.received_at, row.event) for row in rows]
