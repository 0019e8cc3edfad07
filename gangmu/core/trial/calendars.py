"""A calendar tried before it is released: whose deadlines would fall elsewhere.

A running clock keeps the calendar version that it began under. Only provisional ones, which touch a year whose notice
was not known, are counted anew when a version comes that merely adds what was unknown. Both are counted here, apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gangmu.base.calendar import Almanac
from gangmu.base.calendar import service as calendar_service
from gangmu.base.calendar.model import Calendar, Day, Hours, Span, WeekDay, agrees, with_days, with_notice
from gangmu.core.deadline import model as deadline_model
from gangmu.core.deadline import service as deadline_service
from gangmu.core.deadline.service import ClockRow, almanac_of
from gangmu.core.event import past
from gangmu.core.event.past import Shown
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

EVERYTHING = System("trial.calendar")
MOST = 20_000
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the calendar shall be: single days (None: follow the week again), the notice of a year, other hours."""

    days: Mapping[date, Day | None]
    year: int | None = None
    notice: Sequence[Day] = ()
    hours: tuple[tuple[Span, ...], tuple[Hours, ...], tuple[WeekDay, ...], int] | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A running clock whose deadline would fall elsewhere; ``keeps`` when it stays with the calendar it began under."""

    event: Id
    stage: str
    due_at: datetime | None
    would_be: datetime | None
    keeps: bool


@dataclass(frozen=True, slots=True)
class CalendarTrial:
    """``looked`` running clocks touch what changes; ``moves`` would be counted anew, ``keeps`` would differ but keep
    theirs. ``more``: there are more than were looked at, so the counts are at least so many."""

    calendar: Calendar
    changed_days: int
    looked: int
    moves: int
    keeps: int
    more: bool
    examples: list[tuple[Moved, Shown]]


def made(was: Calendar, wanted: Wanted) -> Calendar:
    """The calendar as it would be."""
    new = was
    if wanted.year is not None:
        new = with_notice(new, wanted.year, wanted.notice)
    if wanted.days:
        kept = {day: row for day, row in new.days.items() if day not in wanted.days}
        new = replace(new, days=with_days(kept, [row for row in wanted.days.values() if row is not None]))
    if wanted.hours is not None:
        spans, hours, week, minutes = wanted.hours
        new = replace(new, spans=spans, hours=hours, week=week, day_minutes=minutes)
    return new


def try_calendar(unit: Unit, actor: Actor, name: str, seen: int, wanted: Wanted) -> CalendarTrial:
    """Count the running deadlines that a change of a calendar is about. Nothing is kept."""
    was = calendar_service.get_calendar(unit, actor, name)
    if was.version != seen:
        raise StaleWrite(about=f"calendar {name}", version=was.version)
    new = made(was, wanted)
    days = _changed(was, new, unit.now.date())
    if not days and was.years == new.years:
        return CalendarTrial(new, 0, 0, 0, 0, False, [])
    rows = deadline_service.list_touching(unit, EVERYTHING, name, _spans(days, was), MOST + 1)
    almanac, moved = Almanac(new), list[Moved]()
    for row in rows[:MOST]:
        would_be = _due(row, almanac)
        if would_be != row.due_at:
            counted_anew = row.provisional and agrees(almanac_of(unit, row).calendar, new)
            moved.append(Moved(row.event_id, row.stage, row.due_at, would_be, not counted_anew))
    anew = sum(not one.keeps for one in moved)
    first = sorted(moved, key=lambda one: one.keeps)[: 5 * EXAMPLES]
    seen_events = {one.id: one for one in past.shown(unit, actor, list(dict.fromkeys(one.event for one in first)))}
    examples = [(one, seen_events[one.event]) for one in first if one.event in seen_events][:EXAMPLES]
    return CalendarTrial(new, len(days), min(len(rows), MOST), anew, len(moved) - anew, len(rows) > MOST, examples)


def _due(row: ClockRow, almanac: Almanac) -> datetime | None:
    due = deadline_model.due(row.clock(), almanac).at
    return None if due is None else due.astimezone(UTC)


def _changed(was: Calendar, new: Calendar, today: date) -> list[date]:
    """The days from the last year to the next three that are worked otherwise."""
    first = today - timedelta(days=366)
    whole = [first + timedelta(days=number) for number in range(5 * 366)]
    return [day for day in whole if was.spans_on(day) != new.spans_on(day)]


def _spans(days: Sequence[date], was: Calendar) -> list[tuple[datetime, datetime]]:
    """Changed days as spans of time; many are one span from the first to the last."""
    zone = ZoneInfo(was.zone)

    def at(day: date) -> datetime:
        return datetime.combine(day, time(), zone)

    if not days:
        return []
    if len(days) > 40:
        return [(at(days[0]), at(days[-1] + timedelta(days=1)))]
    return [(at(day), at(day + timedelta(days=1))) for day in days]
