"""Periods, rates and figures. Pure rules.

A figure is the sum of its parts: counts of facts over a span of days, for one area, department or post. Two figures add
up by adding their parts, never by a mean of their rates; of nothing there is no rate (domain facts 1.8, 10.2).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from gangmu.brain.evaluate.counting import EXCLUSIONS, WORDS
from gangmu.brain.evaluate.errors import BadPeriod
from gangmu.brain.evaluate.forms import named

SCOPES = ("area", "department", "post")
LEVELS = ("city", "county", "town", "community", "grid")
"""Of areas, the widest first."""


class Span(StrEnum):
    day = "day"  # 日
    week = "week"  # 周
    month = "month"  # 月
    quarter = "quarter"  # 季
    year = "year"  # 年


# --- periods ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """A span of whole days of the city, ``end`` not included. Named as people write it: 2026-11-30, 2026-W48, 2026-11,
    2026-Q4, 2026."""

    span: Span
    start: date
    end: date

    @property
    def name(self) -> str:
        year, week, _ = self.start.isocalendar()
        return {
            Span.day: self.start.isoformat(),
            Span.week: f"{year}-W{week:02d}",
            Span.month: f"{self.start:%Y-%m}",
            Span.quarter: f"{self.start.year}-Q{(self.start.month + 2) // 3}",
            Span.year: f"{self.start.year}",
        }[self.span]

    def before(self, many: int = 1) -> "Period":
        """The period so many before this one."""
        found = self
        for _ in range(many):
            found = period_of(found.span, found.start - timedelta(days=1))
        return found


def period_of(span: Span, day: date) -> Period:
    """The period of a kind that a day lies in."""
    if span is Span.day:
        return Period(span, day, day + timedelta(days=1))
    if span is Span.week:
        first = day - timedelta(days=day.weekday())
        return Period(span, first, first + timedelta(days=7))
    if span is Span.month:
        return Period(span, day.replace(day=1), _month_after(day, 1))
    if span is Span.quarter:
        first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        return Period(span, first, _month_after(first, 3))
    return Period(span, date(day.year, 1, 1), date(day.year + 1, 1, 1))


def _month_after(day: date, months: int) -> date:
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, 1)


_FORMS = (
    (Span.day, r"(\d{4})-(\d\d)-(\d\d)"),
    (Span.week, r"(\d{4})-W(\d\d)"),
    (Span.month, r"(\d{4})-(\d\d)"),
    (Span.quarter, r"(\d{4})-Q([1-4])"),
    (Span.year, r"(\d{4})"),
)


def parse_period(text: str) -> Period:
    """A period by its name; ``BadPeriod`` for what is none."""
    for span, form in _FORMS:
        if found := re.fullmatch(form, text.strip()):
            numbers = [int(part) for part in found.groups()]
            try:
                return period_of(span, _first_day(span, numbers))
            except (ValueError, OverflowError):
                break
    raise BadPeriod(text)


def _first_day(span: Span, numbers: Sequence[int]) -> date:
    if not 1990 <= numbers[0] <= 2200:
        raise ValueError(numbers[0])
    if span is Span.week:
        return date.fromisocalendar(numbers[0], numbers[1], 1)
    if span is Span.quarter:
        return date(numbers[0], numbers[1] * 3 - 2, 1)
    return date(*[*numbers, 1, 1][:3])


# --- rates --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """One kind of fact in a numerator or denominator; ``minus`` takes it off. Of a stage, if one is named."""

    word: str
    stage: str = ""
    minus: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as a city has declared it. Without a denominator it is a plain count. It applies to these flows, channels
    and roles (all, when none is named) and leaves out what is excluded for these causes."""

    id: str
    title: Mapping[str, str]
    numerator: tuple[Term, ...]
    denominator: tuple[Term, ...] = ()
    scopes: tuple[str, ...] = SCOPES
    flows: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = EXCLUSIONS
    unit: str = "%"
    better: str = "high"
    group: str = ""
    source: str = ""
    mark: str = "G"
    verified: bool = False
    note: Mapping[str, str] = field(default_factory=dict)

    def takes(self, cell: "Cell") -> bool:
        """Whether facts of such a kind are this rate's concern at all."""
        return (
            (not self.flows or cell.flow in self.flows)
            and (not self.channels or cell.channel in self.channels)
            and (not self.roles or cell.role in self.roles)
        )

    def words(self) -> set[str]:
        return {term.word for term in (*self.numerator, *self.denominator)}


def problems_of(rate: Rate) -> list[str]:
    """What stands in the way of declaring a rate: unknown words, scopes or exclusions, nothing to count."""
    found = [f"unknown word {term.word}" for term in (*rate.numerator, *rate.denominator) if term.word not in WORDS]
    found += [f"unknown scope {scope}" for scope in rate.scopes if scope not in SCOPES]
    found += [f"unknown exclusion {cause}" for cause in rate.leaves_out if cause not in EXCLUSIONS]
    if not rate.numerator or all(term.minus for term in rate.numerator):
        found.append("nothing is counted")
    if rate.denominator and all(term.minus for term in rate.denominator):
        found.append("nothing to divide by")
    if not rate.scopes:
        found.append("no scope")
    found += named(rate.id, rate.title)
    if rate.better not in ("high", "low", ""):
        found.append("better is high, low or nothing")
    return found


@dataclass(frozen=True, slots=True)
class Cell:
    """A sum of facts of one kind under one key."""

    key: str
    word: str
    n: int
    stage: str = ""
    role: str = ""
    flow: str = ""
    channel: str = ""
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a rate came to: its parts, and how many facts it left out. ``why`` says why there is no value."""

    numerator: int = 0
    denominator: int = 0
    excluded: int = 0
    is_count: bool = False

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.excluded + other.excluded,
            self.is_count or other.is_count,
        )

    @property
    def value(self) -> float | None:
        if self.is_count:
            return float(self.numerator)
        return self.numerator / self.denominator if self.denominator > 0 else None

    @property
    def why(self) -> str:
        """Why there is no value: all that was due is left out, or nothing was due."""
        if self.value is not None:
            return ""
        return "all_excluded" if self.excluded else "nothing_due"

    @property
    def base(self) -> int:
        """On how many facts it stands."""
        return self.numerator if self.is_count else self.denominator


def figure_of(rate: Rate, cells: Iterable[Cell]) -> Figure:
    """The figure of a rate from the sums of one key."""
    parts = [0, 0, 0]
    base = rate.denominator or rate.numerator
    for cell in cells:
        if not rate.takes(cell):
            continue
        if cell.excluded and cell.excluded in rate.leaves_out:
            parts[2] += _of(base, cell)
            continue
        parts[0] += _of(rate.numerator, cell)
        parts[1] += _of(rate.denominator, cell)
    return Figure(parts[0], parts[1], max(parts[2], 0), is_count=not rate.denominator)


def _of(terms: Sequence[Term], cell: Cell) -> int:
    total = 0
    for term in terms:
        if term.word == cell.word and term.stage in ("", cell.stage):
            total += -cell.n if term.minus else cell.n
    return total


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its key and the figures by rate."""

    key: str
    figures: Mapping[str, Figure]


_Share = tuple[int, int, int, int]
"""What one fact of a kind is to a rate: the rate's place, and what it adds to numerator, denominator and left out."""


def _shares(rates: Sequence[Rate], cell: Cell) -> list[_Share]:
    one = replace(cell, n=1)
    found = []
    for place, rate in enumerate(rates):
        if rate.takes(one):
            base = rate.denominator or rate.numerator
            out = bool(one.excluded) and one.excluded in rate.leaves_out
            share = (0, 0, _of(base, one)) if out else (_of(rate.numerator, one), _of(rate.denominator, one), 0)
            if any(share):
                found.append((place, *share))
    return found


def table_of(rates: Sequence[Rate], cells: Iterable[Cell]) -> list[Row]:
    """The lines of a table, one a key, in the order of the keys: each as ``figure_of`` says it, gone through once."""
    shares: dict[tuple[str, ...], list[_Share]] = {}
    parts: dict[str, dict[int, list[int]]] = {}
    for cell in cells:
        kind = (cell.word, cell.stage, cell.role, cell.flow, cell.channel, cell.excluded)
        if kind not in shares:
            shares[kind] = _shares(rates, cell)
        mine = parts.setdefault(cell.key, {})
        for place, above, below, out in shares[kind]:
            sums = mine.setdefault(place, [0, 0, 0])
            sums[0] += above * cell.n
            sums[1] += below * cell.n
            sums[2] += out * cell.n
    nothing = [Figure(is_count=not rate.denominator) for rate in rates]
    return [
        Row(key, {rate.id: _figure(nothing[at], parts[key].get(at)) for at, rate in enumerate(rates)})
        for key in sorted(parts)
    ]


def _figure(nothing: Figure, sums: list[int] | None) -> Figure:
    return nothing if sums is None else Figure(sums[0], sums[1], max(sums[2], 0), nothing.is_count)


def total_of(rates: Sequence[Rate], rows: Sequence[Row]) -> Row:
    """All lines as one: parts added up."""
    sums = {}
    for rate in rates:
        mine = [row.figures[rate.id] for row in rows]
        above, below = sum(one.numerator for one in mine), sum(one.denominator for one in mine)
        sums[rate.id] = Figure(above, below, sum(one.excluded for one in mine), is_count=not rate.denominator)
    return Row("", sums)


def rolled_up(cells: Iterable[Cell], parents: Mapping[str, str | None]) -> Iterator[Cell]:
    """Each sum once more under every key above its own (a department's under its parent organisation)."""
    for cell in cells:
        key: str | None = cell.key
        seen: set[str] = set()
        while key and key not in seen:
            yield replace(cell, key=key)
            seen.add(key)
            key = parents.get(key)
