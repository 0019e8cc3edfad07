"""Clocks of what happened elsewhere, long ago: started, stopped and judged by the same rules at their own times.

Rows are worked out in memory and loaded together. Marks that have passed are not told; what still runs waits for its
next mark, as the city's clock shows it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from gangmu.base.calendar import Almanac
from gangmu.core.deadline import service, store
from gangmu.core.deadline.service import Start
from gangmu.core.deadline.settings import DeadlineSettings
from gangmu.core.deadline.store import ClockRow
from gangmu.kit.unit import Unit


def begin(asked: Start, almanac: Almanac, rules: DeadlineSettings) -> list[ClockRow]:
    """The clocks that a start makes: one, or two for a limit in two parts."""
    return service._rows_of(asked, almanac, asked.started_at, rules)


def end(row: ClockRow, at: datetime, almanac: Almanac, *, cancelled: bool = False) -> ClockRow:
    """The clock as it stands when it stops: met or missed for good. One that was never suspended keeps the deadline
    that it has."""
    if row.pauses:
        return replace(service._settled(row, at, almanac), cancelled=cancelled)
    stopped = max(at.astimezone(UTC), row.started_at)
    overdue = row.due_at is not None and stopped > row.due_at
    return replace(row, stopped_at=stopped, state="stopped", overdue=overdue, cancelled=cancelled)


def load(unit: Unit, rows: Sequence[tuple[ClockRow, Almanac]], source: str) -> None:
    """Write clocks by the thousand; those that run get the timer of their next mark."""
    store.add_many(unit, [_waiting(unit, row, almanac) for row, almanac in rows], source)


def _waiting(unit: Unit, row: ClockRow, almanac: Almanac) -> ClockRow:
    return service._scheduled(unit, row, almanac, told=None) if row.is_running else row


def is_met(row: ClockRow, now: datetime) -> bool:
    """Whether the clock has held: stopped in time, or still running before its deadline."""
    if row.stopped_at is not None:
        return not row.overdue
    return row.due_at is None or now <= row.due_at
