"""A work calendar (工作日历): which days are worked, during which hours, in which time zone.

A calendar is data: a weekly pattern, the public holidays and swapped working weekends (调休) of each
published year, the hours of each season. A year without a published notice is unknown: its days follow
the weekly pattern, and whoever counts over it is told that the result is provisional.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

Span = tuple[int, int]  # minutes after local midnight, from (included) to (left out)

DEFAULT_SPANS: tuple[Span, ...] = ((8 * 60, 12 * 60), (14 * 60, 18 * 60))
DEFAULT_ZONE = "Asia/Shanghai"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60


class Why(StrEnum):
    """Why a day is worked or not."""

    working = "working"  # 工作日
    swapped = "swapped"  # 调休上班
    weekend = "weekend"  # 休息日
    holiday = "holiday"  # 节假日


@dataclass(frozen=True, slots=True)
class Season:
    """A part of every year, both days included, ``MM-DD``; it may run over the new year."""

    first: str
    last: str

    def covers(self, day: date) -> bool:
        here = f"{day.month:02d}-{day.day:02d}"
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@dataclass(frozen=True, slots=True)
class Hours:
    """The working hours of a season, for example summer 05-01..09-30, 08:00-12:00 and 15:00-18:30."""

    title: str
    season: Season
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day that differs from the weekly pattern: a holiday, a swapped working weekend, a half day."""

    date: date
    working: bool
    name: str = ""
    spans: tuple[Span, ...] = ()  # empty = the hours of the season
    source: str = ""
    verified: bool = True


@dataclass(frozen=True, slots=True)
class WeekDay:
    """A day of the weekly pattern; ``spans`` empty = the hours of the season."""

    works: bool
    spans: tuple[Span, ...] = ()


FIVE_DAYS = tuple(WeekDay(works=number < 5) for number in range(7))


@dataclass(frozen=True, slots=True)
class Calendar:
    """One version of a calendar. Never changed: an edit makes the next version.

    ``years`` are those whose holidays are published (None = every year is sure, for calendars that follow
    no yearly notice). ``day_minutes`` is what "one working day" is worth in working time. ``seasons`` are
    named parts of the year that seasonal limits count in, such as ``planting``.
    """

    name: str
    version: int = 1
    title: str = ""
    region: str = ""
    zone: str = DEFAULT_ZONE
    week: tuple[WeekDay, ...] = FIVE_DAYS
    spans: tuple[Span, ...] = DEFAULT_SPANS
    hours: tuple[Hours, ...] = ()
    days: Mapping[date, Day] = field(default_factory=dict)
    years: frozenset[int] | None = None
    seasons: Mapping[str, tuple[Season, ...]] = field(default_factory=dict)
    day_minutes: int = 8 * 60
    source: str = ""
    verified: bool = False
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def tz(self) -> ZoneInfo:
        """The zone itself."""
        return ZoneInfo(self.zone)

    def knows(self, year: int) -> bool:
        """Whether the holidays of this year are published."""
        return self.years is None or year in self.years

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def hours_of_season(self, day: date) -> tuple[Span, ...]:
        """The usual working hours at this time of the year."""
        for hours in self.hours:
            if hours.season.covers(day):
                return hours.spans
        return self.spans

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The working hours of this day; empty when it is not worked."""
        row = self.days.get(day)
        if row is not None:
            return (row.spans or self.hours_of_season(day)) if row.working else ()
        usual = self.week[day.weekday()]
        return (usual.spans or self.hours_of_season(day)) if usual.works else ()

    def is_working(self, day: date) -> bool:
        row = self.days.get(day)
        return row.working if row is not None else self.week[day.weekday()].works

    def why(self, day: date) -> Why:
        """What kind of day it is."""
        row, usual = self.days.get(day), self.week[day.weekday()].works
        if row is None:
            return Why.working if usual else Why.weekend
        if row.working:
            return Why.working if usual else Why.swapped
        return Why.holiday if usual or row.name else Why.weekend


def year_of_days(calendar: Calendar, year: int) -> list[tuple[date, Why, tuple[Span, ...], str]]:
    """Every day of a year with what it is, its hours and its name, for a year view."""
    day, rows = date(year, 1, 1), []
    while day.year == year:
        row = calendar.days.get(day)
        rows.append((day, calendar.why(day), calendar.spans_on(day), row.name if row else ""))
        day += timedelta(days=1)
    return rows


def agrees(old: Calendar, new: Calendar) -> bool:
    """Whether ``new`` only adds what ``old`` did not know: the same hours everywhere, the same days in every
    year that was published. Then a deadline counted under ``old`` may be settled under ``new``."""
    same = (old.zone, old.week, old.spans, old.hours, old.day_minutes) == (
        new.zone,
        new.week,
        new.spans,
        new.hours,
        new.day_minutes,
    )
    if not same or dict(old.seasons) != dict(new.seasons) or old.years is None:
        return False
    changed = {day for day in old.days.keys() | new.days.keys() if not _alike(old, new, day)}
    return all(not old.knows(day.year) for day in changed)


def _alike(old: Calendar, new: Calendar, day: date) -> bool:
    return old.spans_on(day) == new.spans_on(day)


def with_notice(was: Calendar, year: int, given: Iterable[Day]) -> Calendar:
    """The calendar with the notice of a year: its days replace those there were, and the year is known."""
    kept = {key: row for key, row in was.days.items() if key.year != year}
    return replace(was, days=with_days(kept, given), years=None if was.years is None else was.years | {year})


def missing_year(calendar: Calendar, today: date, ahead: timedelta = timedelta(days=90)) -> int | None:
    """The year that begins soon, or has begun, and whose notice is not entered: deadlines that touch it are
    provisional. None while everything near is known."""
    return next((year for year in (today.year, (today + ahead).year) if not calendar.knows(year)), None)


def with_days(days: Mapping[date, Day], more: Iterable[Day]) -> dict[date, Day]:
    """The days with these put over them, in order of date."""
    merged = {**days, **{row.date: row for row in more}}
    return dict(sorted(merged.items()))
