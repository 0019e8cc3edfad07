"""``gangmu bench deadline``: deadlines a second on mixed histories, each checked against the minute walk.

A history has one of all clock kinds in both meanings of a day, a calendar (national, with summer hours, New York
with half Saturdays, round the clock), perhaps a season, up to three suspensions and two extensions.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gangmu.base.calendar import Almanac, Calendar, read, shipped, write
from gangmu.core.deadline.limit import Limit, Meaning, parse
from gangmu.core.deadline.model import Clock, Pause, due
from gangmu.faces.bench import Args, Measured, say
from gangmu.faces.bench._minute_walk import MinuteWalk, Walked
from gangmu.kit import clock

USUAL, FULL, SEED = 60_000, 1_000_000, 20260918
_FIRST, _LAST = 2023, 2029
_BATCH = 20_000
_BEGIN = datetime(2023, 1, 2, tzinfo=UTC)
_SPAN_MINUTES = 4 * 365 * 1440 - 4 * 1440
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LIMITS = {
    "um": (10, 600),
    "u": (1, 72),
    "ud": (1, 10),
    "m": (10, 2000),
    "h": (1, 60),
    "d": (1, 20),
    "nd": (1, 40),
}
_PLANTING = {"planting": ["03-01..04-30", "10-15..11-30"]}


@dataclass(frozen=True, slots=True)
class History:
    """A clock, which calendar it runs on, and the same in whole minutes for the walk."""

    calendar: int
    clock: Clock
    walked: Walked


def calendars() -> list[Calendar]:
    """The calendars of the mix."""
    national = write(shipped("cn"))
    summer = {"title": "夏季", "season": "05-01..09-30", "hours": "08:30-12:00,15:00-18:30"}
    new_york = {
        "name": "new-york",
        "zone": "America/New_York",
        "week": {**dict.fromkeys(["mon", "tue", "wed", "thu", "fri"], True), "sat": "09:00-12:00"},
        "hours": "09:00-17:00",
        "holidays": ["2023-07-04", "2023-11-23", "2024-07-04", "2024-11-28", "2025-07-04", "2026-07-03"],
        "years": "all",
        "seasons": _PLANTING,
    }
    around = {**write(shipped("round-the-clock")), "zone": "Europe/London", "seasons": _PLANTING}
    shipped_ones = [{**national, "seasons": _PLANTING}, {**national, "seasons": _PLANTING, "season_hours": [summer]}]
    return [read(data) for data in [*shipped_ones, new_york, around]]


def history(chance: random.Random, on: list[Calendar]) -> History:
    """One mixed history."""
    number = chance.randrange(len(on))
    unit = chance.choice(list(_LIMITS))
    low, high = _LIMITS[unit]
    season = "@planting" if chance.random() < 0.08 else ""
    limit = parse(f"{chance.randint(low, high)}{unit}{season}")
    meaning = chance.choice(list(Meaning))
    start = chance.randrange(_SPAN_MINUTES)
    pauses = []
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        first = start + chance.randrange(-600, 20_000)
        pauses.append((first, first + chance.choice((7, 90, 600, 1440, 5000, 40_000))))
    extensions = chance.choice((0, 0, 0, 1, 2))
    clock = Clock(limit, _moment(start), meaning, tuple(Pause(_moment(a), _moment(b)) for a, b in pauses), extensions)
    return History(number, clock, walked(clock, on[number]))


def walked(running: Clock, calendar: Calendar) -> Walked:
    """The clock in the words of the minute walk."""
    return Walked(
        kind=_scale(running.limit, running.meaning),
        season=running.limit.season,
        amount=_amount(running.limit, running.meaning, calendar) * (1 + running.extensions),
        start=_minute(running.started_at),
        pauses=[(_minute(p.first), _minute(p.last)) for p in running.pauses if p.last],
    )


def _scale(limit: Limit, meaning: Meaning) -> str:
    unit = limit.kind.value
    if unit in ("d", "nd") and meaning is Meaning.day_end:
        return "days" if unit == "d" else "midnights"
    if unit == "d" and meaning is Meaning.same_time:
        return "same_time"
    return {"m": "working", "h": "working", "d": "working", "nd": "wall"}.get(unit, "running")


def _amount(limit: Limit, meaning: Meaning, calendar: Calendar) -> int:
    unit, number = limit.kind.value, int(limit.amount)
    if (unit in ("d", "nd") and meaning is Meaning.day_end) or (unit == "d" and meaning is Meaning.same_time):
        return number
    day = calendar.day_minutes if unit == "d" else 1440
    return number * {"um": 1, "m": 1, "u": 60, "h": 60}.get(unit, day)


def _moment(minute: int) -> datetime:
    return _BEGIN + timedelta(minutes=minute)


def _minute(moment: datetime) -> int:
    return int((moment - _EPOCH).total_seconds()) // 60


def run(args: Args) -> Measured:
    """Run it: 60,000 histories, 1,000,000 with ``--full``."""
    n, chance = args.size(USUAL, FULL), random.Random(SEED + (args.seed or 0))
    on = calendars()
    almanacs = [Almanac(calendar) for calendar in on]
    walks = [MinuteWalk(calendar, _FIRST, _LAST) for calendar in on]
    for item in [history(random.Random(warm), on) for warm in range(2_000)]:
        due(item.clock, almanacs[item.calendar])
        walks[item.calendar].due(item.walked)
    say("deadline: calendars laid out")
    done = mismatches = 0
    ours_s = walk_s = 0.0
    while done < n:
        batch = [history(chance, on) for _ in range(min(_BATCH, n - done))]
        tick = clock.monotonic()
        found = [due(item.clock, almanacs[item.calendar]).at for item in batch]
        ours_s += clock.monotonic() - tick
        tick = clock.monotonic()
        expected = [walks[item.calendar].due(item.walked) for item in batch]
        walk_s += clock.monotonic() - tick
        for item, at, minute in zip(batch, found, expected, strict=True):
            if at is None or at.timestamp() != minute * 60:
                mismatches += 1
                say(f"mismatch: {item} gave {at}, the walk minute {minute}")
        done += len(batch)
        say(f"deadline: {done} of {n} histories, {mismatches} mismatches")
    figures = {"mismatches": mismatches, "per_s": round(n / ours_s)}
    return Measured(figures, n, peer={"name": "minute-walk oracle", "per_s": round(n / walk_s)})
