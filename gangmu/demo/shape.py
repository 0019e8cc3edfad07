"""When what happens in the invented city (形态): hours, weekdays, holidays, storms, and one matter of which the whole
town speaks. Pure: the same seed and time give the same answer. The figures are data (``data/shape.toml``).
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Present:
    """How the city is at a time: times the usual rate, which classes are spoken of how much more, what the weather and
    the day are. ``scandal`` is its number when it runs."""

    rate: float
    louder: Mapping[Key, float]
    storm: str = ""  # "", storm, after
    day: str = "working"  # working, weekend, holiday, swapped
    scandal: int | None = None


@lru_cache(maxsize=1)
def figures() -> Mapping[str, Any]:
    """The shape as data."""
    return tomllib.loads((resources.files("gangmu.demo") / "data" / "shape.toml").read_text("utf-8"))


class Shape:
    """The shape of a seed's city. ``is_working`` says whether a day is a working day by the city's calendar."""

    def __init__(self, seed: int, is_working: Callable[[date], bool], told: Mapping[str, Any] | None = None) -> None:
        self._seed, self._is_working, self._told = seed, is_working, told or figures()

    def present(self, now: datetime) -> Present:
        """How it is at a time."""
        told, local = self._told, now.astimezone(ZONE)
        day = self.day(local.date())
        rate = told["hours"][local.hour] / max(told["hours"])
        rate *= {"holiday": told["holiday"], "swapped": told["swapped"]}.get(day, told["weekdays"][local.weekday()])
        louder: dict[Key, float] = {}
        if day == "holiday":
            _raise(louder, told["holiday_talk"])
        storm = self.storm(local)
        if storm == "storm":
            rate = max(rate, 0.25) * told["storm"]["rate"]
            _raise(louder, told["storm"]["talk"])
        elif storm == "after":
            _raise(louder, told["storm"]["after"])
        return Present(max(rate, told["least"]), louder, storm, day, self.scandal(local))

    def day(self, day: date) -> str:
        works, weekend = self._is_working(day), day.weekday() >= 5
        return {(True, False): "working", (False, True): "weekend", (False, False): "holiday"}.get(
            (works, weekend), "swapped"
        )

    def storm(self, local: datetime) -> str:
        """Whether a storm rages or has just passed."""
        for back in (0, 1, 2):
            spell = self.storm_of(local.date() - timedelta(days=back))
            if spell is None:
                continue
            begins, ends = spell
            if begins <= local < ends:
                return "storm"
            if ends <= local < ends + timedelta(hours=self._told["storm"]["after_h"]):
                return "after"
        return ""

    def storm_of(self, day: date) -> tuple[datetime, datetime] | None:
        """From when to when the storm of a day rages, if it has one."""
        chance, told = Random(f"storm {self._seed} {day}"), self._told["storm"]
        if chance.random() >= told["days_of_ten"] / 10:
            return None
        begins = datetime(day.year, day.month, day.day, chance.choice(told["from_hours"]), tzinfo=ZONE)
        return begins, begins + timedelta(hours=chance.randint(*told["lasts_h"]))

    def scandal(self, local: datetime) -> int | None:
        """Which run of the scandal is on, if one is."""
        told = self._told["scandal"]
        offset = Random(f"scandal {self._seed}").randrange(told["every_days"])
        for back in (0, 1, 2):
            day = local.date() - timedelta(days=back)
            number, rest = divmod(day.toordinal() - offset, told["every_days"])
            begins = datetime(day.year, day.month, day.day, told["from_hour"], tzinfo=ZONE)
            if rest == 0 and begins <= local < begins + timedelta(hours=told["lasts_h"]):
                return number
        return None


def _raise(louder: dict[Key, float], rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        for code in row["codes"]:
            louder[row["tree"], code] = louder.get((row["tree"], code), 1.0) * row["times"]
