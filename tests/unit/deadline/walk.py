"""The slowest possible deadline: a clock that looks at every single minute with ``datetime`` and asks whether it
counts. Written against the rules, not against the engine."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gangmu.base.calendar import Calendar

MINUTE = timedelta(minutes=1)
Spans = Sequence[tuple[datetime, datetime]]


def walk(
    calendar: Calendar, start: datetime, amount: int, unit: str, *, day_end: bool, pauses: Spans, limit: int = 600_000
) -> datetime:
    """The minute at which ``amount`` of ``unit`` (um u ud m h d nd) has been counted."""
    zone, at = ZoneInfo(calendar.zone), start.astimezone(UTC)
    begun = at.astimezone(zone)
    left = amount * {"um": 1, "m": 1, "u": 60, "h": 60, "ud": 1440, "nd": 1440, "d": calendar.day_minutes}[unit]
    if day_end and unit in ("d", "nd"):
        left = amount
    high = begun.replace(tzinfo=None)
    for _ in range(limit):
        here, after = at.astimezone(zone), (at + MINUTE).astimezone(zone)
        suspended = any(first <= at < last for first, last in pauses)
        step = 0
        if day_end and unit in ("d", "nd"):
            step = int(here.date() > begun.date() and _is_last(calendar, here, after, natural=unit == "nd"))
        elif unit == "nd":
            reached = max(high, after.replace(tzinfo=None))
            step, high = round((reached - high) / MINUTE), reached
        elif unit in ("m", "h", "d"):
            step = int(_is_worked(calendar, here))
        else:
            step = 1
        if not suspended:
            left -= step
        at += MINUTE
        if left <= 0:
            return at
    raise AssertionError("walked too far")


def walk_same_time(calendar: Calendar, start: datetime, days: int, pauses: Spans, limit: int = 600_000) -> datetime:
    """The minute at which the clock shows the same time again so many days worked later, suspended minutes made up."""
    zone, at = ZoneInfo(calendar.zone), start.astimezone(UTC)
    while not _is_worked(calendar, at.astimezone(zone)):
        at += MINUTE
    begun = at.astimezone(zone)
    seen, high, lost = [begun.date()], begun.replace(tzinfo=None), 0
    at = start.astimezone(UTC)
    for _ in range(limit):
        here = at.astimezone(zone)
        high = max(high, here.replace(tzinfo=None))
        if _hours(calendar, here.date()) and here.date() > seen[-1]:
            seen.append(here.date())
        reached = len(seen) > days and high >= datetime.combine(seen[days], begun.time())
        worked = _is_worked(calendar, here)
        suspended = any(first <= at < last for first, last in pauses)
        begins_here = all(first >= at for first, last in pauses if first <= at < last)
        if reached and worked and lost == 0 and (not suspended or begins_here):
            return at
        if not reached:
            lost += worked and suspended
        elif worked and not suspended:
            lost -= 1
        at += MINUTE
    raise AssertionError("walked too far")


def _is_worked(calendar: Calendar, here: datetime) -> bool:
    minute = here.hour * 60 + here.minute
    return any(first <= minute < last for first, last in _hours(calendar, here.date()))


def _is_last(calendar: Calendar, here: datetime, after: datetime, *, natural: bool) -> bool:
    if natural:
        return after.date() > here.date()
    hours = _hours(calendar, here.date())
    return bool(hours) and here.hour * 60 + here.minute == hours[-1][1] - 1


def _hours(calendar: Calendar, day: date) -> Sequence[tuple[int, int]]:
    if day in calendar.days:
        return calendar.spans if calendar.days[day].working else ()
    return calendar.spans if calendar.week[day.weekday()].works else ()
