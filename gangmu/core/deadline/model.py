"""Deadlines (时限): when a limit runs out on a calendar, with suspensions and extensions.

One rule for all clocks: a clock begins at an amount on its scale, and it is due at the earliest instant at
which its limit has been counted, whatever was suspended left out. Domain facts: GB/T 30428 practice, four clocks;
a working day is 8 working hours from now, the end of the next working day or the same time on it, by setting.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from gangmu.base.calendar import Season
from gangmu.base.calendar.timeline import Almanac, OutOfTime, SameTime, Scale, instant
from gangmu.core.deadline.errors import BadSuspension, ExtensionRefused, NeverDue
from gangmu.core.deadline.limit import Limit, Meaning

_FOUR_YEARS = 4 * 366 * 86_400 * 1_000_000
Marks = tuple[float, ...]
DEFAULT_MARKS: Marks = (0.5, 0.8)


class Rework(StrEnum):
    """What a failed check does to the clock of the work: it goes on with what was left, begins anew with the whole
    limit, or anew with half of it."""

    go_on = "continue"
    new = "new"
    half = "half"


@dataclass(frozen=True, slots=True)
class Pause:
    """A suspension (挂账). ``last`` None = still going on, nobody knows till when."""

    first: datetime
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Clock:
    """One limit running since ``started_at``. ``extensions`` grants have each added one original limit."""

    limit: Limit
    started_at: datetime
    meaning: Meaning = Meaning.hours
    pauses: tuple[Pause, ...] = ()
    extensions: int = 0
    stopped_at: datetime | None = None


class Due(NamedTuple):
    """When a clock runs out; None while a suspension without end keeps it. ``unknown_years`` are those it touches
    whose holidays nobody has published yet: then the deadline is provisional."""

    at: datetime | None
    unknown_years: tuple[int, ...] = ()

    @property
    def is_provisional(self) -> bool:
        return bool(self.unknown_years)


@dataclass(frozen=True, slots=True)
class Reading:
    """A clock at one moment. Times are counted on the clock itself (working time for a working clock), in seconds;
    ``share`` is elapsed / limit, above 1 when overdue; ``times_over`` how many original limits it is late."""

    elapsed_s: float
    remaining_s: float
    share: float
    is_overdue: bool
    times_over: float
    is_paused: bool


# --- when it is due ----------------------------------------------------------------------------------------


def due(clock: Clock, almanac: Almanac) -> Due:
    """When the clock runs out. ``NeverDue`` when its calendar holds no such time."""
    start = instant(clock.started_at)
    at = due_instant(clock, almanac, start)
    if at is None:
        return Due(None)
    unknown = tuple(almanac.unknown_years(start, at)) if clock.limit.follows_calendar else ()
    return Due(almanac.local_time(at), unknown)


def due_instant(clock: Clock, almanac: Almanac, start: int | None = None) -> int | None:
    """``due`` in microseconds since the epoch, without the question what is known."""
    if start is None:
        start = instant(clock.started_at)
    rule: _Rule = almanac.memo.get((clock.limit, clock.meaning)) or _rule(almanac, clock.limit, clock.meaning)
    pauses = pauses_of(clock, start) if clock.pauses else ()
    amount = rule.total * (1 + clock.extensions)
    last = pauses[-1][1] or pauses[-1][0] if pauses else start
    if rule.first <= start and last <= rule.last:
        try:
            reached = _reach_on(rule.scale, start, pauses, amount)
            if reached is None or reached <= rule.last:
                return reached
        except IndexError:
            pass  # past the years laid out
    almanac.memo.clear()
    return _reach(_Question(almanac, rule.kind, rule.seasons, start, pauses), amount)


class _Rule(NamedTuple):
    """What a limit comes to on a calendar: amount, scale and season, and the years that the scale holds for."""

    kind: str
    seasons: tuple[Season, ...]
    total: int
    scale: Scale
    first: int
    last: int


def _rule(almanac: Almanac, limit: Limit, meaning: Meaning) -> _Rule:
    found: _Rule | None = almanac.memo.get((limit, meaning))
    if found is None:
        calendar, first, last = almanac.calendar, almanac.first, almanac.last
        seasons, kind = limit.seasons(calendar.seasons), limit.scale_kind(meaning)
        scale = almanac.scale(kind, seasons, first, last)
        found = _Rule(kind, seasons, limit.total(meaning, calendar), scale, first, last)
        almanac.memo[limit, meaning] = found
    return found


class _Question(NamedTuple):
    """A start and its pauses on a scale of an almanac."""

    almanac: Almanac
    kind: str
    seasons: tuple[Season, ...]
    start: int
    pauses: "Pauses"


Pauses = Sequence[tuple[int, int | None]]


def _reach(question: _Question, amount: int) -> int | None:
    """The earliest instant at which ``amount`` has been counted from the start on, pauses left out; None when a
    pause without end keeps it. Grows the almanac until it holds the answer."""
    almanac, kind, seasons, start, pauses = question
    last = pauses[-1][1] or pauses[-1][0] if pauses else start
    more = _FOUR_YEARS
    try:
        while True:
            try:
                reached = _reach_on(almanac.scale(kind, seasons, start, last), start, pauses, amount)
            except IndexError:
                almanac.grow(more)
                more *= 3
                continue
            if reached is None or reached <= almanac.last:
                return reached
            last = reached
    except OutOfTime:
        raise NeverDue(almanac.calendar.name) from None


def _reach_on(scale: Scale, start: int, pauses: Pauses, amount: int) -> int | None:
    if isinstance(scale, SameTime):
        return _same_time(scale, start, pauses, amount)
    base = scale.begin(start)
    target = base + amount
    for first, end in pauses:
        before = scale.count(first)
        if before < base:
            before = base
        if before >= target:
            break
        if end is None:
            return None
        after = scale.count(end)
        if after > before:
            target += after - before
    reached = scale.reach(target)
    return reached if reached > start else start


def _same_time(scale: SameTime, start: int, pauses: Pauses, amount: int) -> int | None:
    """The same clock time so many working days later, put off by the working time that suspensions took."""
    at = scale.reach(scale.begin(start) + amount)
    for first, end in pauses:
        if first >= at:
            break
        if end is None:
            return None
        lost = scale.working.count(end) - scale.working.count(first)
        if lost > 0:
            at = scale.put_off(at, lost)
    return at


def pauses_of(clock: Clock, start: int) -> Pauses:
    """The pauses from the start on as instants, in order, joined where they overlap."""
    spans: list[tuple[int, int | None]] = []
    for pause in clock.pauses:
        last = None if pause.last is None else int(pause.last.timestamp() * 1e6 + 0.5)
        first = int(pause.first.timestamp() * 1e6 + 0.5)
        if last is None or (last > start and last > first):
            spans.append((first if first > start else start, last))
    if len(spans) < 2:
        return spans
    spans.sort(key=_first)
    joined: list[tuple[int, int | None]] = []
    for first, last in spans:
        if joined:
            before, end = joined[-1]
            if end is None:
                break
            if first <= end:
                joined[-1] = (before, None if last is None else max(end, last))
                continue
        joined.append((first, last))
    return joined


def _first(span: tuple[int, int | None]) -> int:
    return span[0]


# --- how far it is -----------------------------------------------------------------------------------------


def mark_times(clock: Clock, almanac: Almanac, marks: Marks = DEFAULT_MARKS) -> list[datetime | None]:
    """When each share of the limit is used up; None while an open suspension keeps it from coming."""
    flow = _flow(clock, almanac)
    found = []
    for share in marks:
        at = _reach(flow.question, int(flow.total * share))
        found.append(None if at is None else almanac.local_time(at))
    return found


def read(clock: Clock, almanac: Almanac, now: datetime) -> Reading:
    """The clock at ``now`` (at its stop, if it has stopped before)."""
    moment = clock.stopped_at if clock.stopped_at is not None and clock.stopped_at < now else now
    flow = _flow(clock, almanac)
    at = max(instant(moment), flow.question.start)
    elapsed = flow.counted(at)
    one = flow.total / (1 + clock.extensions)
    overdue = flow.due is not None and at > flow.due
    return Reading(
        elapsed_s=elapsed / 1e6,
        remaining_s=(flow.total - elapsed) / 1e6,
        share=elapsed / flow.total,
        is_overdue=overdue,
        times_over=max(elapsed - flow.total, 0) / one if overdue else 0.0,
        is_paused=clock.stopped_at is None
        and any(first <= at and (end is None or at < end) for first, end in flow.question.pauses),
    )


@dataclass(frozen=True, slots=True)
class _Flow:
    """A clock on its flowing scale: what has passed of what in all."""

    question: _Question
    total: int
    due: int | None

    def counted(self, at: int) -> int:
        almanac, kind, seasons, start, pauses = self.question
        scale = almanac.scale(kind, seasons, start, at)
        counted = scale.count(at) - scale.count(start)
        for first, end in pauses:
            if first < at:
                counted -= scale.count(at if end is None or end > at else end) - scale.count(first)
        return counted


def _flow(clock: Clock, almanac: Almanac) -> _Flow:
    start, kind = instant(clock.started_at), clock.limit.flowing_kind
    rule = _rule(almanac, clock.limit, clock.meaning)
    pauses = pauses_of(clock, start)
    question = _Question(almanac, kind, rule.seasons, start, pauses)
    at = due_instant(clock, almanac, start)
    if rule.kind == kind:
        return _Flow(question, rule.total * (1 + clock.extensions), at)
    closed = at
    if closed is None:
        closed = due_instant(replace(clock, pauses=tuple(p for p in clock.pauses if p.last)), almanac, start)
    assert closed is not None
    ended = [(first, end) for first, end in pauses if end is not None]
    total = _Flow(question._replace(pauses=ended), 1, None).counted(closed)
    return _Flow(question, max(total, 1), at)


# --- what people do to it ----------------------------------------------------------------------------------


def extend(clock: Clock, almanac: Almanac, now: datetime, at_most: int = 2) -> Clock:
    """Grant one more original limit on the current deadline: only before it is overdue, not suspended, and at most so
    many times. Refusals of a request do not count."""
    if clock.stopped_at is not None:
        raise ExtensionRefused("stopped")
    if is_paused(clock, now):
        raise ExtensionRefused("suspended")
    at = due(clock, almanac).at
    if at is not None and now > at:
        raise ExtensionRefused("overdue")
    if clock.extensions >= at_most:
        raise ExtensionRefused("spent", at_most=at_most)
    return replace(clock, extensions=clock.extensions + 1)


def is_paused(clock: Clock, now: datetime) -> bool:
    return any(pause.first <= now and (pause.last is None or now < pause.last) for pause in clock.pauses)


def pause(clock: Clock, at: datetime, until: datetime | None, longest: timedelta = timedelta(days=366)) -> Clock:
    """Suspend the clock from ``at`` to ``until`` (None = until somebody resumes it)."""
    if clock.stopped_at is not None:
        raise BadSuspension("suspension_stopped")
    if is_paused(clock, at):
        raise BadSuspension("suspension_again")
    if until is not None and until <= at:
        raise BadSuspension("suspension_backwards")
    if until is not None and until - at > longest:
        raise BadSuspension("suspension_too_long", days=longest.days)
    return replace(clock, pauses=(*clock.pauses, Pause(max(at, clock.started_at), until)))


def resume(clock: Clock, at: datetime) -> Clock:
    """End the suspension that is going on at ``at``; unchanged when there is none (it has ended by itself)."""
    ended = tuple(Pause(p.first, at) if p.first <= at and (p.last is None or at < p.last) else p for p in clock.pauses)
    return replace(clock, pauses=tuple(p for p in ended if p.last is None or p.last > p.first))


def stop(clock: Clock, at: datetime) -> Clock:
    """Stop the clock. The handle clock stops when the department confirms back, not at the worker's tap."""
    stopped_at = max(at, clock.started_at)
    return replace(resume(clock, at), stopped_at=stopped_at)


def rework(clock: Clock, at: datetime, policy: Rework) -> Clock:
    """Let a stopped clock run again after a failed check."""
    if policy is Rework.go_on:
        rest = (Pause(clock.stopped_at, at),) if clock.stopped_at is not None and clock.stopped_at < at else ()
        return replace(clock, stopped_at=None, pauses=(*clock.pauses, *rest))
    limit = clock.limit.half() if policy is Rework.half else clock.limit
    return Clock(limit, at, clock.meaning)
