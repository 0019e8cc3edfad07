"""Scores and grades as data: weighted parts of rates, bands, letters. Pure rules.

What cannot hold is not published: weights that do not add up to one, bands that overlap or leave a gap, grades that
nobody can reach, rates that nobody has declared. All of it has been seen in the wild (domain facts 1.8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gangmu.brain.evaluate.forms import named
from gangmu.brain.evaluate.model import LEVELS, SCOPES, Figure, Rate

NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Band:
    """From a value on, so many points; the last band has no end."""

    at_least: float
    points: float


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: a rate with its weight. ``inverted``: the less the better, 1 - rate. ``bands`` make points
    (0 to 100) of a count or rate; without any, points are the rate itself in hundredths."""

    rate: str
    weight: float
    inverted: bool = False
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    name: str
    at_least: float


@dataclass(frozen=True, slots=True)
class Score:
    """A weighted composition for areas, departments or posts of some roles, with its grades from the best down.
    ``levels``: of areas, those that it is made for (all, when none is named); it is refused at the others."""

    id: str
    title: Mapping[str, str]
    scope: str
    parts: tuple[Part, ...]
    grades: tuple[Grade, ...] = ()
    levels: tuple[str, ...] = ()
    source: str = ""
    mark: str = "G"
    verified: bool = False
    note: Mapping[str, str] = field(default_factory=dict)

    def fits(self, level: str) -> bool:
        """Whether areas of a level are scored by it."""
        return not self.levels or level in self.levels


@dataclass(frozen=True, slots=True)
class Scored:
    """What a score came to. ``why``: no_data (and of which rate) or too_few; then there is no value."""

    value: float | None
    grade: str = ""
    why: str = ""
    about: str = ""
    points: Mapping[str, float | None] = field(default_factory=dict)


def points_of(part: Part, figure: Figure | None) -> float | None:
    """The points of one part, 0 to 100; None where there is no figure."""
    value = figure.value if figure is not None else None
    if value is None:
        return None
    if part.bands:
        return next((band.points for band in reversed(part.bands) if value >= band.at_least - NEAR), None)
    share = min(max(value, 0.0), 1.0)
    return 100 * (1 - share if part.inverted else share)


def score(rule: Score, figures: Mapping[str, Figure], few: int) -> Scored:
    """The score of one key. A part without data makes none: unknown beats wrong. Fewer matters than ``few``
    behind every one of its rates make none either."""
    points = {part.rate: points_of(part, figures.get(part.rate)) for part in rule.parts}
    missing = next((name for name, got in points.items() if got is None), None)
    if missing is not None:
        return Scored(None, why="no_data", about=missing, points=points)
    if max(figures[part.rate].base for part in rule.parts) < few:
        return Scored(None, why="too_few", points=points)
    value = sum(part.weight * (points[part.rate] or 0.0) for part in rule.parts)
    grade = next((one.name for one in rule.grades if value >= one.at_least - NEAR), "")
    return Scored(round(value, 4), grade, points=points)


def reach_of(rule: Score) -> tuple[float, float]:
    """The least and the most that anybody can get."""
    spans = [
        (min(b.points for b in part.bands), max(b.points for b in part.bands)) if part.bands else (0.0, 100.0)
        for part in rule.parts
    ]
    least = sum(part.weight * span[0] for part, span in zip(rule.parts, spans, strict=True))
    most = sum(part.weight * span[1] for part, span in zip(rule.parts, spans, strict=True))
    return least, most


def problems_of(rule: Score, rates: Mapping[str, Rate]) -> list[str]:
    """What stands in the way of publishing a score, each in a line."""
    found = named(rule.id, rule.title)
    total = sum(part.weight for part in rule.parts)
    if abs(total - 1) > NEAR:
        found.append(f"weights add up to {total:g}, not 1")
    if any(part.weight <= 0 for part in rule.parts):
        found.append("a weight is above 0")
    if rule.scope not in SCOPES:
        found.append(f"unknown scope {rule.scope}")
    found += [f"unknown level {level}" for level in rule.levels if level not in LEVELS]
    if rule.levels and rule.scope != "area":
        found.append("levels are of areas alone")
    names = [part.rate for part in rule.parts]
    found += [f"{name} is counted twice" for name in sorted({name for name in names if names.count(name) > 1})]
    for part in rule.parts:
        rate = rates.get(part.rate)
        if rate is None:
            found.append(f"unknown rate {part.rate}")
            continue
        if rule.scope in SCOPES and rule.scope not in rate.scopes:
            found.append(f"{part.rate} is not counted for {rule.scope}")
        if not rate.denominator and not part.bands:
            found.append(f"{part.rate} is a count and needs bands")
        found += _bands(part)
    return found + _grades(rule)


def _bands(part: Part) -> list[str]:
    starts = [band.at_least for band in part.bands]
    found = []
    if starts and starts[0] != 0:
        found.append(f"the bands of {part.rate} leave out what is below {starts[0]:g}")
    if starts != sorted(set(starts)):
        found.append(f"the bands of {part.rate} overlap")
    if any(not 0 <= band.points <= 100 for band in part.bands):
        found.append(f"the points of {part.rate} lie outside 0 to 100")
    if part.bands and part.inverted:
        found.append(f"{part.rate} has bands and is inverted")
    return found


def _grades(rule: Score) -> list[str]:
    if not rule.grades:
        return []
    marks = [grade.at_least for grade in rule.grades]
    least, most = reach_of(rule)
    found = []
    if marks != sorted(set(marks), reverse=True):
        found.append("grades overlap, or do not go down")
    if len({grade.name for grade in rule.grades}) != len(rule.grades):
        found.append("two grades of one name")
    if marks[-1] > least + NEAR:
        found.append(f"no grade for a score below {marks[-1]:g}")
    above = [101.0, *marks[:-1]]
    found += [
        f"grade {grade.name} cannot be reached"
        for grade, next_mark in zip(rule.grades, above, strict=True)
        if grade.at_least > most + NEAR or next_mark <= least
    ]
    return found


def ranked(rows: Sequence[tuple[str, Scored]]) -> list[tuple[str, int | None]]:
    """Places by score, equal scores on an equal place; who has none has no place. Only where a city asks for it."""
    known = sorted({scored.value for _, scored in rows if scored.value is not None}, reverse=True)
    values = [scored.value for _, scored in rows if scored.value is not None]
    place = {value: 1 + sum(other > value for other in values) for value in known}
    return [(key, None if scored.value is None else place[scored.value]) for key, scored in rows]
