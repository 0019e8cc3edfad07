"""Counting time on a calendar, fast: countable stretches of time with prefix sums.

Instants are whole microseconds since 1970-01-01T00:00Z. A ``Scale`` maps instants to an amount counted so
far and back; every clock of the house is one of six scales of an ``Almanac`` (历书), which is a calendar
laid out over the years asked for:

    running   clock time (紧急工作时), all of it or only in a season
    working   working hours (工作时)
    days      whole working days by their ends (工作日, the meaning "end of the next working day")
    same_time working days by the wall clock (the meaning "the same time on the next working day")
    wall      natural days by the wall clock (自然日): a day later is the same local time, also over a DST change
    midnights natural days by their ends
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from gangmu.base.calendar.model import DAY, Calendar, Season, Span

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY_US = 86_400 * SECOND
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
Seasons = tuple[Season, ...]


class OutOfTime(Exception):
    """The count runs past the years an almanac may cover, so it never ends."""


def instant(moment: datetime) -> int:
    """Microseconds since the epoch of an aware datetime."""
    return int(moment.timestamp() * 1e6 + 0.5)


class Scale(Protocol):
    """Amount counted before an instant (``count``), the earliest instant at which an amount is reached (``reach``),
    and the amount at which a clock beginning at an instant begins (``begin``)."""

    def count(self, at: int) -> int: ...
    def reach(self, amount: int) -> int: ...
    def begin(self, at: int) -> int: ...


class Running:
    """All time counts."""

    __slots__ = ()

    def count(self, at: int) -> int:
        return at

    def reach(self, amount: int) -> int:
        return amount

    begin = count


class Stretches:
    """Only these stretches of time count: sorted, apart, from (included) to (left out)."""

    __slots__ = ("_ends", "_starts", "_sums", "_totals")

    def __init__(self, stretches: Sequence[tuple[int, int]]) -> None:
        self._starts = [first for first, _ in stretches]
        self._ends = [last for _, last in stretches]
        self._sums, total = [], 0  # counted before each stretch
        self._totals = []  # counted at the end of each stretch
        for first, last in stretches:
            self._sums.append(total)
            total += last - first
            self._totals.append(total)

    def count(self, at: int) -> int:
        i = bisect_right(self._starts, at) - 1
        if i < 0:
            return 0
        end = self._ends[i]
        return self._sums[i] + (at if at < end else end) - self._starts[i]

    def reach(self, amount: int) -> int:
        i = bisect_left(self._totals, amount)
        return self._ends[i] - (self._totals[i] - amount)

    begin = count

    def opening(self, at: int) -> int:
        """The first instant from ``at`` on that counts."""
        i = bisect_right(self._starts, at) - 1
        return at if i >= 0 and at < self._ends[i] else self._starts[i + 1]

    def between(self, first: int, last: int) -> list[tuple[int, int]]:
        """The countable stretches inside a span of time."""
        found = []
        for i in range(max(bisect_right(self._starts, first) - 1, 0), bisect_left(self._starts, last)):
            a, b = max(self._starts[i], first), min(self._ends[i], last)
            if a < b:
                found.append((a, b))
        return found


class Ends:
    """Whole days, counted at their ends. A clock begins to count with the day after the one it starts on."""

    __slots__ = ("_begin", "_ends", "_keys")

    def __init__(self, days: Sequence[tuple[int, int]], day_of: Callable[[int], int]) -> None:
        self._keys = [key for key, _ in days]
        self._ends = [end for _, end in days]
        self._begin = day_of

    def count(self, at: int) -> int:
        return bisect_right(self._ends, at)

    def reach(self, amount: int) -> int:
        return self._ends[max(amount, 1) - 1]

    def begin(self, at: int) -> int:
        return bisect_right(self._keys, self._begin(at))


class Wall:
    """Local clock time of a zone, which only grows: in the repeated hour of autumn it stands still, in the gap of
    spring it jumps. On top of it an optional scale in local time (a season)."""

    __slots__ = ("_first", "_inner", "_offsets", "_peaks", "_starts")

    def __init__(self, zone: "Offsets", inner: Stretches | None) -> None:
        self._starts, self._offsets, self._inner = zone.starts, zone.offsets, inner
        self._peaks, peak = [], -(1 << 62)  # the highest local time reached by the end of each offset
        for start, offset in zip(self._starts[1:], self._offsets, strict=False):
            peak = max(peak, start + offset)
            self._peaks.append(peak)
        self._first = self._starts[0]

    def local(self, at: int) -> int:
        i = max(bisect_right(self._starts, at) - 1, 0)
        here = at + self._offsets[i]
        return max(here, self._peaks[i - 1]) if i else here

    def instant(self, local: int) -> int:
        """The earliest instant at which the wall clock has reached this local time."""
        i = bisect_left(self._peaks, local)
        return max(self._starts[i], local - self._offsets[i]) if i else local - self._offsets[0]

    def count(self, at: int) -> int:
        here = self.local(at)
        return here if self._inner is None else self._inner.count(here)

    def reach(self, amount: int) -> int:
        return self.instant(amount if self._inner is None else self._inner.reach(amount))

    begin = count


class SameTime:
    """Working days by the wall clock: a working day later is the same local time on the next day worked. What begins
    outside the hours begins when they open, and what would end outside them ends when they open next."""

    __slots__ = ("_wall", "working")

    def __init__(self, wall: Wall, working: Stretches) -> None:
        self._wall, self.working = wall, working

    def count(self, at: int) -> int:
        return self._wall.count(self.working.opening(at))

    def reach(self, amount: int) -> int:
        return self.working.opening(self._wall.reach(amount))

    begin = count

    def put_off(self, at: int, counted: int) -> int:
        """``at``, put off by this much working time."""
        return self.working.opening(self.working.reach(self.working.count(at) + counted))


class Offsets:
    """The offsets of a time zone over a span of years: ``offsets[i]`` holds from ``starts[i]`` on."""

    __slots__ = ("offsets", "starts")

    def __init__(self, name: str, first: int, last: int) -> None:
        zone = ZoneInfo(name)

        def offset_at(second: int) -> int:
            moment = datetime.fromtimestamp(second, zone)
            return int((moment.utcoffset() or timedelta()).total_seconds())

        self.starts, self.offsets = [first], [offset_at(first // SECOND) * SECOND]
        probes = range(first // SECOND, last // SECOND + 86_400, 86_400)
        before = offset_at(probes[0])
        for left, right in pairwise(probes):
            after = offset_at(right)
            if after != before:
                low, high = left, right
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if offset_at(middle) == before else (low, middle)
                self.starts.append(high * SECOND)
                self.offsets.append(after * SECOND)
                before = after

    def at(self, instant: int) -> int:
        return self.offsets[max(bisect_right(self.starts, instant) - 1, 0)]


class Almanac:
    """A calendar laid out for counting. Covers some years around those asked for and grows by itself;
    safe to share between threads (a grown layout replaces the old one whole)."""

    __slots__ = ("_known", "_layout", "calendar", "memo", "zone")

    def __init__(self, calendar: Calendar, first: int = 2018, last: int = 2031) -> None:
        self.calendar = calendar
        self.zone = ZoneInfo(calendar.zone)
        self._layout = _Layout(calendar, first, last)
        self._known: tuple[int, int] | None = None
        self.memo: dict[object, Any] = {}  # what its users have worked out about it

    def scale(self, kind: str, seasons: Seasons, first: int, last: int) -> Scale:
        """A scale good for instants from ``first`` to ``last`` at least (``reach`` may need more: see ``grow``)."""
        layout = self._layout
        if first < layout.first or last > layout.last:
            layout = self._grow(first, last)
        return layout.scale(kind, seasons)

    @property
    def first(self) -> int:
        """The first instant covered now."""
        return self._layout.first

    @property
    def last(self) -> int:
        """The last instant covered now."""
        return self._layout.last

    def grow(self, span: int) -> None:
        """Cover ``span`` microseconds more at the far end; ``OutOfTime`` past the last year there is."""
        self._grow(self._layout.first, self._layout.last + span)

    def is_known(self, first: int, last: int) -> bool:
        """Whether the holidays of all days from one instant to the other are published."""
        return not self.unknown_years(first, last)

    def unknown_years(self, first: int, last: int) -> list[int]:
        """The years touched between two instants whose holidays are not published. The last three days of a year
        count with the next one: its notice has moved them in three years out of eight."""
        calendar = self.calendar
        if calendar.years is None:
            return []
        known = self._known
        if known is not None and known[0] <= first and last <= known[1]:
            return []
        begin, end = self.local_date(first), self.local_date(last)
        years = range(begin.year, (end + timedelta(days=3)).year + 1)
        unknown = [year for year in years if not calendar.knows(year)]
        if not unknown and known is None:
            self._known = self._known_around(begin.year)
        return unknown

    def local_date(self, at: int) -> date:
        return date.fromordinal(self.day_number(at) + _EPOCH_DAY)

    def day_number(self, at: int) -> int:
        """Days since the epoch, by the local date."""
        if not self._layout.first <= at <= self._layout.last:
            self._grow(at, at)
        return self._layout.day_number(at)

    def local_time(self, at: int) -> datetime:
        """The instant as a datetime of the calendar's zone."""
        seconds, micros = divmod(at, SECOND)
        there = datetime.fromtimestamp(seconds, self.zone)
        return there.replace(microsecond=micros) if micros else there  # adding would forget the repeated hour

    def _grow(self, first: int, last: int) -> "_Layout":
        layout = self._layout
        first_year, last_year = _year(first) - 1, _year(last) + 2
        if last_year > _LAST_YEAR or first_year < _FIRST_YEAR:
            raise OutOfTime
        self._layout = _Layout(self.calendar, min(first_year, layout.first_year), max(last_year, layout.last_year))
        return self._layout

    def _known_around(self, year: int) -> tuple[int, int]:
        first = last = year
        while self.calendar.knows(first - 1):
            first -= 1
        while self.calendar.knows(last + 1):
            last += 1
        return _micros(date(first, 1, 2)), _micros(date(last, 12, 28))


class _Layout:
    """The scales of one calendar over whole years, made when first asked for."""

    def __init__(self, calendar: Calendar, first_year: int, last_year: int) -> None:
        self.calendar, self.first_year, self.last_year = calendar, first_year, last_year
        self.first, self.last = _micros(date(first_year, 1, 2)), _micros(date(last_year, 12, 30))
        self._from, self._to = date(first_year, 1, 1), date(last_year, 12, 31)
        self.zone = Offsets(calendar.zone, self.first - 3 * DAY_US, self.last + 3 * DAY_US)
        self._single = self.zone.offsets[0] if len(self.zone.offsets) == 1 else None
        self._scales: dict[tuple[str, Seasons], Scale] = {}

    def scale(self, kind: str, seasons: Seasons) -> Scale:
        found = self._scales.get((kind, seasons))
        if found is None:
            found = self._scales[kind, seasons] = getattr(self, f"_{kind}")(seasons)
        return found

    def day_number(self, at: int) -> int:
        offset = self._single if self._single is not None else self.zone.at(at)
        return (at + offset) // DAY_US

    def _running(self, seasons: Seasons) -> Scale:
        return Stretches(self._stretches(_whole_day, seasons)) if seasons else Running()

    def _working(self, seasons: Seasons) -> Scale:
        return Stretches(self._stretches(self.calendar.spans_on, seasons))

    def _days(self, seasons: Seasons) -> Scale:
        return Ends(self._ends(self.calendar.spans_on, seasons), self.day_number)

    def _same_time(self, seasons: Seasons) -> Scale:
        worked = [
            (at * DAY_US, (at + 1) * DAY_US)
            for at in self._numbers(seasons)
            if self.calendar.spans_on(date.fromordinal(at + _EPOCH_DAY))
        ]
        working = Stretches(self._stretches(self.calendar.spans_on, seasons))
        return SameTime(Wall(self.zone, Stretches(_joined(worked))), working)

    def _midnights(self, seasons: Seasons) -> Scale:
        return Ends(self._ends(_whole_day, seasons), self.day_number)

    def _wall(self, seasons: Seasons) -> Scale:
        local = [(at * DAY_US, (at + 1) * DAY_US) for at in self._numbers(seasons)] if seasons else None
        return Wall(self.zone, None if local is None else Stretches(_joined(local)))

    def _numbers(self, seasons: Seasons) -> list[int]:
        """The days laid out, as days since the epoch."""
        first, last = self._from.toordinal(), self._to.toordinal()
        return [
            number - _EPOCH_DAY
            for number in range(first, last + 1)
            if not seasons or any(season.covers(date.fromordinal(number)) for season in seasons)
        ]

    def _pieces(self, spans_on: Callable[[date], Sequence[Span]], seasons: Seasons) -> list[tuple[int, int, int]]:
        """(day, from, to) of every countable piece: the local hours of each day under each offset of the zone, cut
        to the time that this offset holds, so that gaps and repeated hours come out as they are."""
        local: list[tuple[int, int, int]] = []
        for day in self._numbers(seasons):
            start = day * DAY_US
            for first, last in spans_on(date.fromordinal(day + _EPOCH_DAY)):
                local.append((day, start + first * MINUTE, start + last * MINUTE))
        if self._single is not None:
            return [(day, first - self._single, last - self._single) for day, first, last in local]
        return self._under_offsets(local)

    def _under_offsets(self, local: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        pieces: list[tuple[int, int, int]] = []
        firsts = [first for _, first, _ in local]
        ends = [*self.zone.starts[1:], self.last + 4 * DAY_US]
        for start, end, offset in zip(self.zone.starts, ends, self.zone.offsets, strict=True):
            at = max(bisect_right(firsts, start + offset) - 2, 0)
            while at < len(local) and local[at][1] < end + offset:
                day, first, last = local[at]
                a, b = max(first - offset, start), min(last - offset, end)
                if a < b:
                    pieces.append((day, a, b))
                at += 1
        return pieces

    def _stretches(self, spans_on: Callable[[date], Sequence[Span]], seasons: Seasons) -> list[tuple[int, int]]:
        return _joined([(first, last) for _, first, last in self._pieces(spans_on, seasons)])

    def _ends(self, spans_on: Callable[[date], Sequence[Span]], seasons: Seasons) -> list[tuple[int, int]]:
        ends: dict[int, int] = {}
        for day, _, last in self._pieces(spans_on, seasons):
            ends[day] = max(ends.get(day, last), last)
        return sorted(ends.items())


def _joined(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in stretches:
        if joined and joined[-1][1] == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


def _whole_day(_: date) -> Sequence[Span]:
    return ((0, DAY),)


def _micros(day: date) -> int:
    return (day.toordinal() - _EPOCH_DAY) * DAY_US


def _year(at: int) -> int:
    return date.fromordinal(at // DAY_US + _EPOCH_DAY).year
