"""Limits (时限) as people write them: ``2u`` ``4h`` ``1ud`` ``3d`` ``15nd``, in two parts, in a season.

um, u, ud   紧急工作分, 紧急工作时, 紧急工作日   the clock runs on, nights and holidays included; a day is 24 h
m, h        工作分, 工作时                     only inside working hours
d           工作日                            working days, in one of three meanings (see ``Meaning``)
nd          自然日                            all days, by the wall clock
1u+5d       two parts: make safe within 1u, repair within 5d, both from the same start
15d@planting, 15d@03-01..04-30,10-15..11-30   counts only in this season (named by the calendar, or given)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from functools import lru_cache

from gangmu.base.calendar import Calendar, CalendarUnreadable, Season, read_season
from gangmu.core.deadline.errors import LimitUnreadable

SECOND = 1_000_000
_MOST = {"um": 1_000_000, "m": 1_000_000, "u": 20_000, "h": 20_000, "ud": 3660, "d": 3660, "nd": 3660}


class Kind(StrEnum):
    """What a limit counts in."""

    urgent_minute = "um"
    urgent_hour = "u"
    urgent_day = "ud"
    working_minute = "m"
    working_hour = "h"
    working_day = "d"
    natural_day = "nd"

    __hash__ = str.__hash__  # limits are looked up by the ten thousand


class Meaning(StrEnum):
    """The meanings of "1 working day": 8 working hours from now, the end of the next working day, or the same clock
    time on the next working day. For natural days: the same clock time a day later, or the end of the next day.

    8 hours from now and the same time tomorrow differ at the edges: work that comes in at night is due by the first at
    the end of the next day, by the second when the day after that opens."""

    hours = "hours"
    day_end = "day_end"
    same_time = "same_time"

    __hash__ = str.__hash__


_WORDS = {
    "紧急工作分钟": "um",
    "紧急工作分": "um",
    "紧急工作小时": "u",
    "紧急工作时": "u",
    "紧急工作日": "ud",
    "工作分钟": "m",
    "工作分": "m",
    "工作小时": "h",
    "工作时": "h",
    "个工作日": "d",
    "工作日": "d",
    "自然日": "nd",
    "个自然日": "nd",
    "个紧急工作日": "ud",
    "个工作时": "h",
    "个紧急工作时": "u",
}
_LIMIT = re.compile(r"^\s*(\d{1,7}(?:\.\d{1,9})?)\s*([a-z]{1,2}|[\u4e00-\u9fff]{3,7})\s*(?:@\s*(\S+?))?\s*$")
_NAME = re.compile(r"^[a-z][a-z0-9_-]{0,30}$")
_WORKING = {Kind.working_minute, Kind.working_hour, Kind.working_day}
_SECONDS = {Kind.urgent_minute: 60, Kind.working_minute: 60, Kind.urgent_hour: 3600, Kind.working_hour: 3600}
_DAY = 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take. ``season`` names a season of the calendar or spells one out; empty = all year."""

    amount: Decimal
    kind: Kind
    season: str = ""

    def __str__(self) -> str:
        number = f"{self.amount.normalize():f}"
        return f"{number}{self.kind.value}" + (f"@{self.season}" if self.season else "")

    @property
    def follows_calendar(self) -> bool:
        """Whether holidays move it."""
        return self.kind in _WORKING

    @property
    def is_in_days(self) -> bool:
        """Whether the meanings of a day make a difference."""
        return self.kind in (Kind.working_day, Kind.natural_day)

    def scale_kind(self, meaning: Meaning) -> str:
        """The scale of an almanac that it is counted on."""
        if self.is_in_days and meaning is Meaning.day_end:
            return "days" if self.kind is Kind.working_day else "midnights"
        if self.kind is Kind.working_day and meaning is Meaning.same_time:
            return "same_time"
        return self.flowing_kind

    @property
    def flowing_kind(self) -> str:
        """The scale of time elapsed, for shares and readings."""
        if self.kind in _WORKING:
            return "working"
        return "wall" if self.kind is Kind.natural_day else "running"

    def total(self, meaning: Meaning, calendar: Calendar) -> int:
        """The amount on that scale: whole days, or microseconds."""
        if self.is_in_days and meaning is Meaning.day_end:
            return int(self.amount.to_integral_value(ROUND_CEILING))
        if self.kind is Kind.working_day and meaning is Meaning.same_time:
            return int(self.amount.to_integral_value(ROUND_CEILING)) * _DAY
        if self.kind is Kind.working_day:
            return int(self.amount * calendar.day_minutes * 60 * SECOND)
        if self.kind in (Kind.urgent_day, Kind.natural_day):
            return int(self.amount * _DAY)
        return int(self.amount * _SECONDS[self.kind] * SECOND)

    def seasons(self, named: Mapping[str, tuple[Season, ...]]) -> tuple[Season, ...]:
        """The parts of the year that it counts in; empty = all year. ``LimitUnreadable`` when the calendar does not
        name the season."""
        if not self.season:
            return ()
        if _NAME.match(self.season):
            if self.season not in named:
                raise LimitUnreadable(str(self))
            return named[self.season]
        return tuple(read_season(part, "season") for part in self.season.split(","))

    def half(self) -> "Limit":
        """Half of it, as some rework rules grant."""
        return replace(self, amount=self.amount / 2)


@lru_cache(maxsize=4096)
def parse(text: str) -> Limit:
    """A limit from its text; ``LimitUnreadable`` when it is none, is nothing, or is longer than ten years."""
    match = _LIMIT.match(text)
    if match is None:
        raise LimitUnreadable(text)
    amount, unit, season = Decimal(match[1]), _WORDS.get(match[2], match[2]), match[3] or ""
    if unit not in _MOST or not 0 < amount <= _MOST[unit]:
        raise LimitUnreadable(text)
    limit = Limit(amount, Kind(unit), season)
    if season and not _NAME.match(season):
        try:
            limit.seasons({})
        except CalendarUnreadable:
            raise LimitUnreadable(text) from None
    return limit


def parse_parts(text: str) -> tuple[Limit, ...]:
    """One limit, or the two parts of an emergency: ``1u+5d``."""
    parts = tuple(parse(part) for part in text.split("+"))
    if len(parts) > 2:
        raise LimitUnreadable(text)
    return parts
