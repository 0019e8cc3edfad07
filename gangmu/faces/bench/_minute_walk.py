"""A second opinion on deadlines: walk every minute and count.

Shares nothing with the engine but the calendar's rows. Minutes are laid out over some years as arrays (is this
minute worked, is it the last of its day, how far does the wall clock move), then each history is walked from its
start, minute after minute, its suspended minutes crossed out.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from gangmu.base.calendar import Calendar, Season

Minutes = npt.NDArray[np.int8]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHUNK = 14 * 1440


@dataclass(frozen=True, slots=True)
class Walked:
    """A history in whole minutes since the epoch: what to count, how much of it, what is crossed out."""

    kind: str  # running, working, wall, days, midnights or same_time
    season: str
    amount: int  # minutes, or days
    start: int
    pauses: Sequence[tuple[int, int]]


class MinuteWalk:
    """The minutes of one calendar from the first to the last year (both whole, UTC)."""

    def __init__(self, calendar: Calendar, first_year: int, last_year: int) -> None:
        self._calendar = calendar
        begin = datetime(first_year, 1, 1, tzinfo=UTC)
        end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
        self._base = int((begin - _EPOCH).total_seconds()) // 60
        zone, local = ZoneInfo(calendar.zone), []
        at = begin
        while at < end:
            there = at.astimezone(zone).replace(tzinfo=UTC)
            first = int((there - _EPOCH).total_seconds()) // 60
            local.append(np.arange(first, first + 30))
            at += timedelta(minutes=30)
        self._local = np.concatenate(local)
        self._day, self._minute = self._local // 1440, self._local % 1440
        self._dates = {int(day): date(1970, 1, 1) + timedelta(days=int(day)) for day in np.unique(self._day)}
        self._rows: dict[tuple[str, str], Minutes] = {}

    def due(self, walked: Walked) -> int:
        """The minute (since the epoch) at which the amount has been counted."""
        if walked.kind == "same_time":
            return self._same_time(walked)
        steps = self._steps(walked.kind, walked.season)
        at, left = walked.start - self._base, walked.amount
        by_day = walked.kind in ("days", "midnights")
        while True:
            walk = steps[at : at + _CHUNK].astype(np.int32)
            if not len(walk):
                raise ValueError("walked off the years laid out")
            for first, last in walked.pauses:
                walk[max(first - self._base - at, 0) : max(last - self._base - at, 0)] = 0
            if by_day:
                walk[self._day[at : at + _CHUNK] == self._day[walked.start - self._base]] = 0
            total = np.cumsum(walk)
            if total[-1] >= left:
                return self._base + at + int(np.searchsorted(total, left)) + 1
            left -= int(total[-1])
            at += _CHUNK

    def _same_time(self, walked: Walked) -> int:
        """``amount`` days worked later at the same time by the wall clock; suspended minutes made up afterwards."""
        worked, begun = self._steps("working", walked.season), walked.start - self._base
        opened = begun + int(np.argmax(worked[begun:]))
        later = np.unique(self._day[opened:][worked[opened:] > 0])
        if len(later) <= walked.amount:
            raise ValueError("walked off the years laid out")
        wanted = int(later[walked.amount]) * 1440 + int(self._minute[opened])
        at = int(np.searchsorted(np.maximum.accumulate(self._local[opened:]), wanted)) + opened
        paused = np.zeros(len(worked), bool)
        for first, last in walked.pauses:
            paused[max(first - self._base, 0) : max(last - self._base, 0)] = True
        free, firsts = (worked > 0) & ~paused, {first - self._base for first, _ in walked.pauses}
        lost = int(np.count_nonzero(worked[begun:at].astype(bool) & paused[begun:at]))
        while True:
            begins = at in firsts and not (at > 0 and paused[at - 1])
            if not lost and worked[at] and (free[at] or begins):
                return self._base + at
            lost -= int(free[at])
            at += 1

    def _steps(self, kind: str, season: str) -> Minutes:
        found = self._rows.get((kind, season))
        if found is None:
            found = self._rows[kind, season] = self._lay_out(kind, season)
        return found

    def _lay_out(self, kind: str, season: str) -> Minutes:
        inside = self._flags(lambda day: not season or _in_season(day, self._calendar.seasons[season]))
        if kind == "running":
            return inside
        if kind == "wall":
            moved = np.diff(np.maximum.accumulate(self._local), append=self._local[-1] + 1)
            return (moved * inside).astype(np.int8)
        worked = np.ones_like(inside) if kind == "midnights" else self._worked()
        worked = worked & inside
        if kind == "working":
            return worked
        last = np.zeros_like(worked)
        at = np.flatnonzero(worked)
        latest: dict[int, int] = dict(zip(self._day[at].tolist(), at.tolist(), strict=True))
        last[list(latest.values())] = 1
        return last

    def _worked(self) -> Minutes:
        by_day = {day: _hours_of(self._calendar, there) for day, there in self._dates.items()}
        worked = np.zeros(len(self._local), np.int8)
        edges = np.flatnonzero(np.diff(self._day, prepend=self._day[0] - 1))
        for first, last in zip(edges, [*edges[1:], len(self._local)], strict=True):
            minutes = self._minute[first:last]
            for begin, end in by_day[int(self._day[first])]:
                worked[first:last] |= ((minutes >= begin) & (minutes < end)).astype(np.int8)
        return worked

    def _flags(self, holds: Callable[[date], bool]) -> Minutes:
        first = int(self._day.min())
        table = np.zeros(int(self._day.max()) - first + 1, np.int8)
        for day, there in self._dates.items():
            table[day - first] = holds(there)
        return table[self._day - first]


def _hours_of(calendar: Calendar, day: date) -> Iterable[tuple[int, int]]:
    usual = calendar.spans
    for hours in reversed(calendar.hours):
        if _in_season(day, (hours.season,)):
            usual = hours.spans
    if day in calendar.days:
        row = calendar.days[day]
        return (row.spans or usual) if row.working else ()
    week = calendar.week[day.weekday()]
    return (week.spans or usual) if week.works else ()


def _in_season(day: date, seasons: Sequence[Season]) -> bool:
    for season in seasons:
        month, first_day = (int(part) for part in season.first.split("-"))
        last_month, last_day = (int(part) for part in season.last.split("-"))
        here, first, last = (day.month, day.day), (month, first_day), (last_month, last_day)
        if first <= here <= last if first <= last else here >= first or here <= last:
            return True
    return False
