"""What the board counts: stages of the way, squares of the map, verdicts, silence, consequence. Pure rules."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import floor

from gangmu.kit.ids import Id
from gangmu.kit.text import division_full

OTHER = "other"
"""The stage of states that the board's data does not name (a flow that a city made)."""
ENDS = ("closed", "void", "merged")
LATENESS = ("late", "near", "calm")

FINEST = 16
LEVELS = (10, 12, 14, 16)
"""Squares of the map: at level L a square is 360/2^L degrees wide; each level has four times four of the next."""
POINTS_FROM = 15.0
"""From this zoom on single events are shown."""

Count = tuple[object, str, Id | None, str, str]
"""What a figure is counted by: day or None, division (town), organisation, what, key."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How the board reads flows."""

    stages: tuple[str, ...]
    stage_of: Mapping[tuple[str, str], str]
    judged: Mapping[str, frozenset[str]]
    danger: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, int]

    def stage(self, flow: str, state: str, status: str) -> str:
        """Where on the way an event stands; what has ended, by how it ended."""
        return status if status in ENDS else self.stage_of.get((flow, state), OTHER)

    def is_judged(self, flow: str, clock_stage: str) -> bool:
        return clock_stage in self.judged.get(flow, frozenset())

    def is_danger(self, tree: str, code: str) -> bool:
        return any(code.startswith(head) for head in self.danger.get(tree, ()))


@dataclass(frozen=True, slots=True)
class Standing:
    """An open event as the board counts it; ``x`` and ``y`` are its square at the finest level."""

    event: Id
    stage: str
    division: str
    lateness: str
    lon: float | None
    lat: float | None
    x: int | None
    y: int | None
    reasons: tuple[str, ...]
    score: int
    due_at: datetime | None
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a department's limit: kept, or not; on the day on which that was certain."""

    clock: Id
    event: Id
    org: Id
    division: str
    day: object
    on_time: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Signs:
    """What can make an event abnormal."""

    late: bool
    near: bool
    danger: bool
    supervised: bool
    disputed: bool
    returns: int
    instructed: bool
    callers: int


def town(division: str) -> str:
    """The division that figures are counted by: the town, or what stands above one."""
    return division_full(division[:9])


def square(lon: float | None, lat: float | None) -> tuple[int | None, int | None]:
    """The square of a point at the finest level."""
    if lon is None or lat is None:
        return None, None
    size = 360 / 2**FINEST
    return floor((lon + 180) / size), floor((lat + 90) / size)


def at_level(x: int, y: int, level: int) -> tuple[int, int]:
    """The square of a coarser level that holds one of the finest."""
    return x >> (FINEST - level), y >> (FINEST - level)


def level_of(zoom: float) -> int:
    """The squares that suit a map's zoom: the finest that are still wide enough for a number."""
    fitting = [level for level in LEVELS if level <= zoom + 2]
    return fitting[-1] if fitting else LEVELS[0]


def span(first: float, last: float, origin: float, level: int) -> tuple[int, int]:
    """The squares between two longitudes (origin 180) or latitudes (origin 90)."""
    size = 360 / 2**level
    return floor((first + origin) / size), floor((last + origin) / size)


def reasons_of(signs: Signs, least_returns: int, least_callers: int) -> tuple[str, ...]:
    """Why an event is abnormal; nothing: it is not. Names of weights."""
    found = (
        ("danger_late", signs.late and signs.danger),
        ("danger_near", signs.near and signs.danger),
        ("supervised_late", signs.late and signs.supervised),
        ("instructed", signs.instructed),
        ("late", signs.late and not signs.danger and not signs.supervised),
        ("supervised", signs.supervised and not signs.late),
        ("disputed", signs.disputed),
        ("returned", signs.returns >= least_returns),
        ("crowd", signs.callers >= least_callers),
    )
    return tuple(name for name, there in found if there)


def score_of(reasons: Iterable[str], weights: Mapping[str, int]) -> int:
    return sum(weights.get(reason, 1) for reason in reasons)


def counts_of(one: Standing) -> dict[Count, int]:
    """What an open event adds to the stock."""
    place = town(one.division)
    found: dict[Count, int] = {(None, place, None, "stock", f"{one.stage}|{one.lateness or 'calm'}"): 1}
    for reason in one.reasons:
        found[None, place, None, "why", reason] = 1
    if one.x is None:
        found[None, place, None, "nowhere", ""] = 1
    return found


def count_of(one: Verdict) -> Count:
    return one.day, town(one.division), one.org, "verdict", "on_time" if one.on_time else "late"


def verdict_at(
    due_at: datetime | None, stopped_at: datetime | None, overdue: bool, off: bool, now: datetime
) -> tuple[bool, datetime] | None:
    """Whether a limit was kept and since when that is certain; None while nobody knows, and for one called off."""
    if off:
        return None
    if stopped_at is not None:
        return (False, due_at or stopped_at) if overdue else (True, stopped_at)
    return (False, due_at) if due_at is not None and due_at <= now else None


WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_REST = re.compile(
    rf"(?:({'|'.join(WEEK)})(?:-({'|'.join(WEEK)}))? )?([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)"
)
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Rest:
    """A time of the week at which a source is usually quiet: on these days (Monday is 0) from a minute of the day for
    so many minutes, also over midnight."""

    days: frozenset[int]
    begins: int
    minutes: int


def read_rest(text: str) -> Rest | None:
    """``22:00-06:00`` (every day, over midnight), ``sat-sun 00:00-24:00``; None of anything else."""
    found = _REST.fullmatch(text)
    if found is None:
        return None
    first, last, *clock = found.groups()
    since, till = (int(clock[0]) * 60 + int(clock[1])), (int(clock[2]) * 60 + int(clock[3]))
    if till > _DAY or since == till:
        return None
    span = [WEEK.index(first), WEEK.index(last or first)] if first else [0, 6]
    days = {(span[0] + n) % 7 for n in range((span[1] - span[0]) % 7 + 1)}
    return Rest(frozenset(days), since, (till - since) % _DAY or _DAY)


def awake(since: datetime, now: datetime, rests: Sequence[Rest], zone: tzinfo) -> timedelta:
    """How much of the time between lies outside the usual rests."""
    day, spans = since.astimezone(zone).date() - timedelta(days=1), []
    while day <= now.astimezone(zone).date():
        for rest in rests:
            if day.weekday() in rest.days:
                begins = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=rest.begins)
                spans.append((max(begins, since), min(begins + timedelta(minutes=rest.minutes), now)))
        day += timedelta(days=1)
    quiet, reached = timedelta(0), since
    for begins, ends in sorted(spans):
        quiet += max(timedelta(0), ends - max(begins, reached))
        reached = max(reached, ends)
    return now - since - quiet


def silence(
    last_at: datetime | None, minutes: int | None, now: datetime, rests: Sequence[Rest] = (), zone: tzinfo = UTC
) -> str:
    """How a source is: ``good``; ``silent`` for longer than it may be; ``resting`` where it would be silent by day, but
    is usually quiet at such a time; ``never`` heard of; ``unwatched``."""
    if minutes is None:
        return "unwatched" if last_at is not None else "never"
    if last_at is None:
        return "never"
    most = timedelta(minutes=minutes)
    if now - last_at <= most:
        return "good"
    return "silent" if awake(last_at, now, rests, zone) > most else "resting"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole, both told; of nothing there is no rate, of little one that is marked."""

    n: int
    d: int
    few: bool

    @property
    def rate(self) -> float | None:
        return round(self.n / self.d, 4) if self.d else None


def part(kept: int, missed: int, fewest: int) -> Part:
    whole = kept + missed
    return Part(kept, whole, 0 < whole < fewest)


def differences(was: Mapping[Count, int], now: Mapping[Count, int]) -> dict[Count, int]:
    """What must be added to the counts when one contribution takes the place of another."""
    keys = [*was, *(key for key in now if key not in was)]
    changed = {key: now.get(key, 0) - was.get(key, 0) for key in keys}
    return {key: n for key, n in changed.items() if n}


def summed(parts: Sequence[Mapping[Count, int]]) -> dict[Count, int]:
    whole: dict[Count, int] = {}
    for one in parts:
        for key, n in one.items():
            whole[key] = whole.get(key, 0) + n
    return {key: n for key, n in whole.items() if n}
