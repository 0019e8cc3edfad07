"""The rates, scores and words of flows and calls that the house ships."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from gangmu.brain.evaluate.counting import EXCLUSIONS, Words
from gangmu.brain.evaluate.model import SCOPES, Rate, Term
from gangmu.brain.evaluate.scoring import Band, Grade, Part, Score

GRADES = tuple(Grade(name, mark) for name, mark in (("A", 90.0), ("B", 75.0), ("C", 60.0), ("D", 40.0), ("E", 0.0)))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("gangmu.brain.evaluate") / "data" / name).read_text("utf-8"))


@cache
def words() -> Mapping[str, Words]:
    """The words of every flow."""
    found = {}
    for flow, given in _read("words.toml").items():
        verbs = {word: tuple(listed) for word, listed in given.items() if word not in ("due", "in_time")}
        found[flow] = Words(verbs, tuple(given.get("due", ())), tuple(given.get("in_time", ())))
    return found


@cache
def calls() -> Mapping[str, tuple[str, ...]]:
    """Which groups of a call's outcome are what."""
    return {name: tuple(listed) for name, listed in _read("calls.toml").items()}


def term_of(given: str | Mapping[str, Any]) -> Term:
    return Term(given) if isinstance(given, str) else Term(**given)


def rate_of(given: Mapping[str, Any]) -> Rate:
    """A rate from plain values, as a file or a row has them."""
    values = {**given}
    for name in ("numerator", "denominator"):
        values[name] = tuple(term_of(one) for one in given.get(name, ()))
    for name, usual in (("scopes", SCOPES), ("leaves_out", EXCLUSIONS), ("flows", ()), ("channels", ()), ("roles", ())):
        values[name] = tuple(given.get(name, usual))
    return Rate(**values)


def score_of(given: Mapping[str, Any]) -> Score:
    """A score from plain values."""
    parts = []
    for part in given["parts"]:
        bands = tuple(Band(float(least), float(points)) for least, points in part.get("bands", ()))
        parts.append(Part(part["rate"], float(part["weight"]), bool(part.get("inverted", False)), bands))
    grades = tuple(Grade(name, float(mark)) for name, mark in given["grades"]) if "grades" in given else GRADES
    levels = tuple(given.get("levels", ()))
    return Score(**{**given, "parts": tuple(parts), "grades": grades, "levels": levels})


def plain_rate(rate: Rate) -> dict[str, Any]:
    """A rate as plain values, for a row."""
    names = Rate.__dataclass_fields__
    values: dict[str, Any] = {name: getattr(rate, name) for name in names}
    for name in ("numerator", "denominator"):
        values[name] = [{"word": one.word, "stage": one.stage, "minus": one.minus} for one in getattr(rate, name)]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def plain_score(score: Score) -> dict[str, Any]:
    """A score as plain values, for a row."""
    values: dict[str, Any] = {name: getattr(score, name) for name in Score.__dataclass_fields__}
    values["parts"] = [
        {
            "rate": part.rate,
            "weight": part.weight,
            "inverted": part.inverted,
            "bands": [[band.at_least, band.points] for band in part.bands],
        }
        for part in score.parts
    ]
    values["levels"] = list(score.levels)
    values["grades"] = [[grade.name, grade.at_least] for grade in score.grades]
    return values


def same(kind: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two definitions are one rate or score, however they are written down."""
    return rate_of(one) == rate_of(other) if kind == "rate" else score_of(one) == score_of(other)


@cache
def rates() -> tuple[Rate, ...]:
    return tuple(rate_of(given) for given in _read("rates.toml")["rate"])


@cache
def scores() -> tuple[Score, ...]:
    return tuple(score_of(given) for given in _read("scores.toml")["score"])
