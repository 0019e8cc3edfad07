"""Deadlines that somebody else has set (时限由来源系统掌握): a clock that runs out at exactly that moment.

The limit is what lies between the start and the deadline, counted through, so that the clock explains itself like any
other and no calendar of ours moves it. Suspensions and extensions of ours are gone with it: the other side's deadline
says all.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_UP, Decimal

from gangmu.base.calendar import service as calendar_service
from gangmu.core.deadline import model, service, store
from gangmu.core.deadline.limit import parse
from gangmu.core.deadline.model import Clock
from gangmu.core.deadline.service import Start, change_clock, stop_clock
from gangmu.core.deadline.settings import DeadlineSettings
from gangmu.core.deadline.store import ClockRow
from gangmu.kit import settings
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

SHORTEST = timedelta(minutes=1)
_PINS = System("deadline.pinned")
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def limit_between(started_at: datetime, due_at: datetime) -> str:
    """The time between two moments as a limit on the clock that never rests: ``5ud``, ``36u``, ``90um``."""
    span = due_at - started_at
    if span % _DAY == timedelta() and span <= 3660 * _DAY:
        return f"{span // _DAY}ud"
    if span % _HOUR == timedelta() and span <= 20_000 * _HOUR:
        return f"{span // _HOUR}u"
    microseconds = Decimal(span // timedelta(microseconds=1))
    unit, name = (_MINUTE, "um") if span <= 1_000_000 * _MINUTE else (_DAY, "ud")
    amount = microseconds / Decimal(unit // timedelta(microseconds=1))
    return f"{amount.quantize(Decimal('1e-9'), ROUND_UP).normalize():f}{name}"


def start_of(started_at: datetime, due_at: datetime) -> datetime:
    """When the clock began; a deadline before its own beginning counts from right before it."""
    return started_at if started_at <= due_at - SHORTEST else due_at - SHORTEST


def starting(event_id: Id, stage: str, started_at: datetime, due_at: datetime) -> Start:
    """A clock to be started in bulk that runs out at ``due_at``."""
    begun = start_of(started_at, due_at)
    return Start(event_id, stage, limit_between(begun, due_at), begun)


def pin(unit: Unit, event_id: Id, stage: str, started_at: datetime, due_at: datetime) -> ClockRow:
    """Let the stage run out at ``due_at``: the clock that runs is set to it, or one is started."""
    rows = [row for row in store.running_of(unit, event_id, stage, seen_by=_PINS) if row.org is None]
    if not rows:
        one = starting(event_id, stage, started_at, due_at)
        return service.start(unit, event_id, stage, one.limit, started_at=one.started_at)[0]
    begun = start_of(rows[0].started_at, due_at)
    for row in rows[1:]:  # the second part of a limit in two parts: the other side knows one deadline
        stop_clock(unit, row, unit.now, cancelled=False)
    clock = Clock(parse(limit_between(begun, due_at)), begun, rows[0].clock().meaning)
    return change_clock(unit, rows[0], clock)


def due_of(unit: Unit, limits: Sequence[tuple[str, datetime]]) -> list[datetime | None]:
    """When limits that start at these times run out, on the city's calendar."""
    rules = settings.get(DeadlineSettings)
    found = []
    for limit, started_at in limits:
        almanac = calendar_service.almanac(unit, rules.calendar, on=started_at.date())
        due = model.due(Clock(parse(limit), started_at.astimezone(UTC), rules.day_meaning), almanac).at
        found.append(None if due is None else due.astimezone(UTC))
    return found
