"""The only SQL about which running clocks a part of the year touches, for trying a calendar before it holds."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gangmu.core.deadline.store import RUNNING, ClockRow, clock, make_clock
from gangmu.kit.actor import Actor
from gangmu.kit.unit import Unit


def list_touching(
    unit: Unit, calendar: str, spans: Sequence[tuple[datetime, datetime]], most: int, *, seen_by: Actor
) -> list[ClockRow]:
    """Running clocks of a calendar that run while one of these spans does; those of unknown years too, whose deadline
    may lie anywhere."""
    if not seen_by.may("event.read"):
        return []
    during = [sa.and_(clock.c.started_at < last, clock.c.due_at > first) for first, last in spans]
    query = sa.select(clock).where(RUNNING, clock.c.calendar == calendar, sa.or_(clock.c.provisional, *during))
    return [make_clock(row) for row in unit.rows(query.order_by(clock.c.due_at, clock.c.id).limit(most))]
