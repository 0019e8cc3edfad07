"""How a source promises (承诺时限): under which rule it sets the target of which cases. Data in the profile, with what
the source itself says of its targets and its duplicates.

A ``[[deadline]]`` names the cases by values of columns, a limit, the meaning of a working day, from when it counts and
on which calendar; with ``valid_from`` and ``valid_to`` it holds for cases that begin in between, so that a rule that
has changed over the years is several editions. The first that fits holds.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gangmu.base.calendar import Calendar, CalendarUnreadable, read
from gangmu.core.deadline.errors import LimitUnreadable
from gangmu.core.deadline.limit import Limit, Meaning, parse
from gangmu.core.deadline.rounding import Rounding, parse_rounding

_KEYS = {"id", "title", "when", "limit", "day_meaning", "start", "calendar", "valid_from", "valid_to", "note", "runs"}


@dataclass(frozen=True, slots=True)
class Promise:
    """One rule. ``when``: every column named has one of its values; empty = all cases. ``calendar`` empty = the
    profile's own. ``runs``: clocks of replayed cases run on it, not on the target that the row gives."""

    id: str
    title: str
    limit: Limit
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    meaning: Meaning = Meaning.hours
    start: Rounding | None = None
    calendar: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    runs: bool = False

    def fits(self, values: Mapping[str, str], opened: date) -> bool:
        """Whether a case with these values, opened on this day, is promised under it."""
        if self.valid_from is not None and opened < self.valid_from:
            return False
        if self.valid_to is not None and opened > self.valid_to:
            return False
        return all(values.get(column, "") in wanted for column, wanted in self.when.items())

    def begin(self, opened: datetime, calendar: Calendar) -> datetime:
        """From when the clock of a case counts."""
        return opened if self.start is None else self.start.apply(opened, calendar.tz)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Rows that the source itself calls duplicates without saying of what: ``pattern`` is found in the ``column``, the
    main case has the same values in the columns ``same``."""

    column: str
    pattern: re.Pattern[str]
    same: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The column in which the source itself says whether a target was met."""

    column: str
    met: frozenset[str]
    missed: frozenset[str]


def read_promises(rows: Sequence[Any]) -> tuple[Promise, ...]:
    """The rules of a profile; ``ValueError`` says which is wrong and why."""
    return tuple(_promise(row, f"deadline[{n}]") for n, row in enumerate(rows))


def _promise(row: Any, place: str) -> Promise:
    if not isinstance(row, dict) or not {"id", "limit"} <= row.keys():
        raise ValueError(f"{place}: id and limit are needed")
    unknown = sorted(row.keys() - _KEYS)
    if unknown:
        raise ValueError(f"{place}.{unknown[0]}: no such key; there are {', '.join(sorted(_KEYS))}")
    try:
        return Promise(
            id=str(row["id"]),
            title=str(row.get("title", row["id"])),
            limit=parse(str(row["limit"])),
            when=_when(row.get("when", {}), place),
            meaning=Meaning(row.get("day_meaning", "hours")),
            start=parse_rounding(row["start"]) if "start" in row else None,
            calendar=str(row.get("calendar", "")),
            valid_from=_day(row, "valid_from", place),
            valid_to=_day(row, "valid_to", place),
            runs=bool(row.get("runs", False)),
        )
    except LimitUnreadable as error:
        raise ValueError(f"{place}: {error.params['text']!r} cannot be read") from None
    except ValueError as error:
        raise ValueError(str(error) if str(error).startswith(place) else f"{place}: {error}") from None


def _when(given: Any, place: str) -> dict[str, frozenset[str]]:
    if not isinstance(given, dict):
        raise ValueError(f"{place}.when: a table of columns and their values is needed")
    return {str(key): frozenset([value] if isinstance(value, str) else map(str, value)) for key, value in given.items()}


def _day(row: Mapping[str, Any], key: str, place: str) -> date | None:
    found = row.get(key)
    if found is not None and type(found) is not date:
        raise ValueError(f"{place}.{key}: a day such as 2018-01-01 is needed")
    return found


def read_calendar(table: Any, *, zone: str, title: str, region: str, source: str) -> Calendar | None:
    """The calendar that a city begins with: all keys of a calendar file, or short ``days`` (1 = Monday) and ``hours``
    (pairs). One with a name alone is the shipped one of this name. ``ValueError`` says what is wrong."""
    if table is None:
        return None
    if not isinstance(table, dict) or not isinstance(table.get("name"), str):
        raise ValueError("calendar.name is missing")
    given = {"zone": zone, "title": title, "region": region, "source": source, "years": "all", **table}
    days = given.get("days")
    if isinstance(days, list) and all(type(day) is int for day in days):
        if not all(1 <= day <= 7 for day in days):
            raise ValueError("calendar.days: 1 (Monday) to 7")
        names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        given["week"] = [names[day - 1] for day in given.pop("days")]
    try:
        found = read(given)
        if "day_hours" not in given:
            found = read({**given, "day_hours": sum(last - first for first, last in found.spans) / 60})
    except CalendarUnreadable as error:
        raise ValueError(f"calendar.{error.params['where']}: {error.params['reason']}") from None
    return found


def read_duplicates(table: Any) -> Duplicates | None:
    """What the source calls duplicates. ``ValueError`` says what is wrong."""
    if table is None:
        return None
    column, pattern, same = _three(table, "duplicates", ("from", "pattern", "same"))
    try:
        return Duplicates(str(column), re.compile(str(pattern)), _names(same, "duplicates.same"))
    except re.error as error:
        raise ValueError(f"duplicates.pattern: {pattern!r} is no pattern: {error}") from None


def read_verdict(table: Any) -> Verdict | None:
    """What the source itself says of its targets. ``ValueError`` says what is wrong."""
    if table is None:
        return None
    column, met, missed = _three(table, "verdict", ("from", "met", "missed"))
    return Verdict(str(column), frozenset(_names(met, "verdict.met")), frozenset(_names(missed, "verdict.missed")))


def _three(table: Any, place: str, keys: tuple[str, str, str]) -> tuple[Any, Any, Any]:
    if not isinstance(table, dict) or set(table) != set(keys):
        raise ValueError(f"{place}: {keys[0]}, {keys[1]} and {keys[2]} are needed")
    return table[keys[0]], table[keys[1]], table[keys[2]]


def _names(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise ValueError(f"{place}: a list of texts is needed")
    return tuple(value)
