"""A deadline explained: the steps of its count, from the start to the deadline without a gap.

Each step says what was counted in it and why, or why nothing was. The words are in the locale files; the sum of the
counted parts is the limit and its extensions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import cast

from gangmu.base.calendar import Why
from gangmu.base.calendar.timeline import DAY_US, Almanac, Stretches, instant
from gangmu.core.deadline.limit import Limit
from gangmu.core.deadline.model import Clock, Pauses, due_instant, pauses_of


class Reason(StrEnum):
    """Why a step counts, or why not."""

    running = "running"  # the clock runs on
    natural = "natural"  # natural days
    working = "working"  # working hours of a working day
    swapped = "swapped"  # working hours of a swapped working day
    start_day = "start_day"  # the day it starts on is not counted
    break_ = "break"  # between the hours of a day
    night = "night"  # outside working hours
    rest = "rest"  # weekend, holidays
    season = "season"  # outside the season
    suspended = "suspended"
    extended = "extended"  # a marker: here one more limit was granted


@dataclass(frozen=True, slots=True)
class Step:
    """From ``first`` to ``last``: ``counted`` of the limit's measure (``unit`` is ``s`` seconds or ``d`` days).
    ``names`` are the holidays met, ``is_provisional`` says that a year is not published yet."""

    first: datetime
    last: datetime
    counted: float
    unit: str
    why: Reason
    names: tuple[str, ...] = ()
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    first: int
    last: int
    counted: int
    why: Reason
    names: tuple[str, ...] = ()


def explain(clock: Clock, almanac: Almanac, now: datetime) -> list[Step]:
    """The steps of the count up to the deadline (up to ``now`` while a suspension without end holds it up)."""
    start = instant(clock.started_at)
    due_at = due_instant(clock, almanac, start)
    end = max(due_at if due_at is not None else instant(now), start)
    asked = _Asked(clock, almanac, start, end, pauses_of(clock, start))
    grants = _grants(clock, almanac, start)
    if clock.limit.scale_kind(clock.meaning) in ("days", "midnights"):
        return [asked.step(piece, "d", 1.0) for piece in _with_marks(list(asked.by_days()), grants)]
    pieces: list[_Piece] = []
    for first, last in pairwise([start, *grants, end]):
        if first != start:
            pieces.append(_Piece(first, first, 0, Reason.extended))
        pieces.extend(replace(asked, start=first, end=last).by_time(clock.limit.flowing_kind))
    return [asked.step(piece, "s", 1e6) for piece in _drawn_together(pieces)]


@dataclass(frozen=True, slots=True)
class _Asked:
    clock: Clock
    almanac: Almanac
    start: int
    end: int
    pauses: Pauses

    @property
    def limit(self) -> Limit:
        return self.clock.limit

    def step(self, piece: _Piece, unit: str, per: float) -> Step:
        almanac = self.almanac
        unknown = self.limit.follows_calendar and not almanac.is_known(piece.first, max(piece.last - 1, piece.first))
        return Step(
            almanac.local_time(piece.first),
            almanac.local_time(piece.last),
            piece.counted / per,
            unit,
            piece.why,
            piece.names,
            unknown,
        )

    # --- counted by time ---

    def by_time(self, kind: str) -> Iterator[_Piece]:
        """Countable stretches, suspensions and the gaps between them, in order."""
        at = self.start
        for first, last in self._stretches(kind):
            if first > at:
                yield from self._gap(kind, at, first)
            yield from self._cut(kind, first, last)
            at = last
        if at < self.end:
            yield from self._gap(kind, at, self.end)

    def _stretches(self, kind: str) -> list[tuple[int, int]]:
        """What would count: whole time, or the hours of each day drawn together (a break inside is left out)."""
        seasons = self.limit.seasons(self.almanac.calendar.seasons)
        scale_kind = "running" if kind == "wall" else kind
        scale = self.almanac.scale(scale_kind, seasons, self.start, self.end)
        if not isinstance(scale, Stretches):
            return [(self.start, self.end)] if self.end > self.start else []
        found = scale.between(self.start, self.end)
        if kind != "working":
            return found
        days: list[tuple[int, int]] = []
        for first, last in found:
            same_day = days and self.almanac.day_number(days[-1][1] - 1) == self.almanac.day_number(first)
            if same_day and not self._is_paused_between(days[-1][0], last):
                days[-1] = (days[-1][0], last)
            else:
                days.append((first, last))
        return days

    def _is_paused_between(self, first: int, last: int) -> bool:
        return any(begin < last and (end is None or end > first) for begin, end in self.pauses)

    def _cut(self, kind: str, first: int, last: int) -> Iterator[_Piece]:
        """A countable stretch with its suspensions cut out."""
        at = first
        for begin, end in self.pauses:
            until = last if end is None else min(end, last)
            if until <= at or begin >= last:
                continue
            if begin > at:
                yield self._counted(kind, at, begin)
            yield _Piece(max(begin, at), until, 0, Reason.suspended)
            at = until
        if at < last:
            yield self._counted(kind, at, last)

    def _counted(self, kind: str, first: int, last: int) -> _Piece:
        seasons = self.limit.seasons(self.almanac.calendar.seasons)
        scale = self.almanac.scale(kind, seasons, first, last)
        counted = scale.count(last) - scale.count(first)
        if kind == "working":
            day = self.almanac.local_date(first)
            if self.almanac.calendar.why(day) is Why.swapped:
                return _Piece(first, last, counted, Reason.swapped, self._names([day]))
            return _Piece(first, last, counted, Reason.working)
        return _Piece(first, last, counted, Reason.natural if kind == "wall" else Reason.running)

    def _gap(self, kind: str, first: int, last: int) -> Iterator[_Piece]:
        """Time that does not count, suspended parts of it told apart."""
        at = first
        for begin, end in self.pauses:
            until = last if end is None else min(end, last)
            if until <= at or begin >= last:
                continue
            if begin > at:
                yield self._idle(kind, at, begin)
            yield _Piece(max(begin, at), until, 0, Reason.suspended)
            at = until
        if at < last:
            yield self._idle(kind, at, last)

    def _idle(self, kind: str, first: int, last: int) -> _Piece:
        days = self._dates(first, last)
        seasons = self.limit.seasons(self.almanac.calendar.seasons)
        if seasons and not all(any(season.covers(day) for season in seasons) for day in days):
            return _Piece(first, last, 0, Reason.season)
        off = [day for day in days if not self.almanac.calendar.is_working(day)]
        if kind == "working" and off:
            return _Piece(first, last, 0, Reason.rest, self._names(off))
        return _Piece(first, last, 0, Reason.break_ if len(days) == 1 else Reason.night)

    # --- counted by whole days ---

    def by_days(self) -> Iterator[_Piece]:
        """The start day, then every day: counted, rest, out of season or suspended at its end."""
        almanac, calendar = self.almanac, self.almanac.calendar
        kind = self.limit.scale_kind(self.clock.meaning)
        seasons = self.limit.seasons(calendar.seasons)
        scale = almanac.scale(kind, seasons, self.start, self.end)
        idle: _Piece | None = None
        base, at = scale.begin(self.start), self.start
        for day in self._dates(self.start, self.end):
            until = min(self._midnight_after(day), self.end)
            if until <= at and until < self.end:
                continue
            end_of_day = self._end_of(day, kind, bool(seasons))
            counted = 0
            if at == self.start and day == almanac.local_date(self.start):
                why = Reason.start_day
            elif seasons and not any(season.covers(day) for season in seasons):
                why = Reason.season
            elif kind == "days" and not calendar.is_working(day):
                why = Reason.rest
            elif any(first < end_of_day and (last is None or end_of_day <= last) for first, last in self.pauses):
                why = Reason.suspended
            else:
                counted = scale.count(until) - max(scale.count(at), base)
                why = self._day_reason(day, kind)
            names = self._names([day]) if why in (Reason.rest, Reason.swapped) else ()
            piece = _Piece(at, until, max(counted, 0), why, names)
            at = until
            if piece.counted == 0 and idle is not None and idle.why is piece.why:
                idle = replace(idle, last=until, names=tuple(dict.fromkeys((*idle.names, *piece.names))))
                continue
            if idle is not None:
                yield idle
            idle = piece if piece.counted == 0 else None
            if piece.counted:
                yield piece
        if idle is not None:
            yield idle

    def _day_reason(self, day: date, kind: str) -> Reason:
        if kind == "midnights":
            return Reason.natural
        return Reason.swapped if self.almanac.calendar.why(day) is Why.swapped else Reason.working

    def _end_of(self, day: date, kind: str, has_season: bool) -> int:
        """When a day has been worked: the end of its hours, or midnight."""
        midnight = self._midnight_after(day)
        if kind == "midnights":
            return midnight
        scale = cast(Stretches, self.almanac.scale("working", (), midnight - 2 * DAY_US, midnight))
        found = scale.between(self._midnight_after(day - timedelta(days=1)), midnight)
        return found[-1][1] if found else midnight

    # --- both ---

    def _midnight_after(self, day: date) -> int:
        wall = self.almanac.scale("wall", (), self.start, self.end + DAY_US)
        return wall.reach((day.toordinal() - date(1970, 1, 1).toordinal() + 1) * DAY_US)

    def _dates(self, first: int, last: int) -> list[date]:
        begin, end = self.almanac.local_date(first), self.almanac.local_date(max(last - 1, first))
        return [begin + timedelta(days=number) for number in range((end - begin).days + 1)]

    def _names(self, days: list[date]) -> tuple[str, ...]:
        rows = (self.almanac.calendar.days.get(day) for day in days)
        return tuple(dict.fromkeys(row.name for row in rows if row is not None and row.name))


def _grants(clock: Clock, almanac: Almanac, start: int) -> list[int]:
    """The deadlines that extensions were added to."""
    found = []
    for number in range(clock.extensions):
        at = due_instant(replace(clock, extensions=number), almanac, start)
        if at is not None:
            found.append(at)
    return found


def _drawn_together(pieces: list[_Piece]) -> list[_Piece]:
    """One step for a suspension, whatever nights it runs over."""
    drawn: list[_Piece] = []
    for piece in pieces:
        if drawn and piece.why is Reason.suspended is drawn[-1].why and drawn[-1].last == piece.first:
            drawn[-1] = replace(drawn[-1], last=piece.last)
        else:
            drawn.append(piece)
    return drawn


def _with_marks(pieces: list[_Piece], grants: list[int]) -> list[_Piece]:
    """The whole days with a marker after the one that each extension was added to."""
    for grant in grants:
        at = next((n for n, piece in enumerate(pieces) if piece.last >= grant), len(pieces) - 1)
        pieces.insert(at + 1, _Piece(pieces[at].last, pieces[at].last, 0, Reason.extended))
    return pieces
