"""Scores as data: weights that add up, bands that fit, grades that can be reached; and what a score comes to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.brain.evaluate import scoring, shipped
from gangmu.brain.evaluate.model import Figure
from gangmu.brain.evaluate.scoring import Band, Grade, Part

RATES = {rate.id: rate for rate in shipped.rates()}
SCORES = {one.id: one for one in shipped.scores()}


def figure(share: float) -> Figure:
    return Figure(round(share * 1000), 1000)


def test_what_is_shipped_can_be_published() -> None:
    assert {name: scoring.problems_of(one, RATES) for name, one in SCORES.items()} == {name: [] for name in SCORES}
    for one in SCORES.values():
        assert shipped.score_of(shipped.plain_score(one)) == one


def test_a_patrols_index_takes_what_he_missed_as_one_less() -> None:
    given = {
        "valid_reporting": figure(0.9),
        "missing": figure(0.1),
        "verify_in_time": figure(0.8),
        "check_in_time": figure(1),
    }
    made = scoring.score(SCORES["patrol"], given, few=5)
    assert (made.value, made.grade) == (pytest.approx(36 + 18 + 16 + 20), "A")
    silent = scoring.score(SCORES["patrol"], {**given, "missing": Figure(0, 0)}, few=5)
    assert (silent.value, silent.why, silent.about) == (None, "no_data", "missing")
    small = {name: Figure(1, 2) for name in given}
    assert scoring.score(SCORES["patrol"], small, few=5).why == "too_few"


@pytest.mark.parametrize(
    ("filed", "points"),
    [(0, 100), (1, 90), (2, 90), (3, 75), (4, 75), (5, 60), (6, 60), (7, 40), (8, 40), (9, 0), (500, 0)],
)
def test_an_areas_band(filed: int, points: float) -> None:
    part = next(part for part in SCORES["area"].parts if part.bands)
    assert scoring.points_of(part, Figure(filed, is_count=True)) == points


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_a_score_lies_between_its_least_and_its_most(shares: list[float]) -> None:
    rule = SCORES["department"]
    made = scoring.score(rule, {p.rate: figure(s) for p, s in zip(rule.parts, shares, strict=True)}, few=1)
    least, most = scoring.reach_of(rule)
    assert made.value is not None and least <= made.value <= most
    grade = next(one for one in rule.grades if one.name == made.grade)
    assert made.value >= grade.at_least and all(
        made.value < g.at_least for g in rule.grades if g.at_least > grade.at_least
    )


@given(st.lists(st.integers(1, 100), min_size=1, max_size=6))
def test_only_weights_of_one_are_taken(weights: list[int]) -> None:
    names = sorted(name for name, rate in RATES.items() if rate.denominator and "department" in rate.scopes)
    parts = tuple(Part(name, weight / 100) for name, weight in zip(names, weights, strict=False))
    found = scoring.problems_of(replace(SCORES["department"], parts=parts), RATES)
    assert (found == []) == (sum(weights) == 100)


def problems(**changed: object) -> list[str]:
    return scoring.problems_of(replace(SCORES["area"], **changed), RATES)  # type: ignore[arg-type]


def test_what_cannot_hold_is_named() -> None:
    parts = SCORES["area"].parts
    counted = replace(parts[1], bands=())
    assert any("needs bands" in one for one in problems(parts=(parts[0], counted, *parts[2:])))
    gap = replace(parts[1], bands=(Band(1, 100), Band(3, 50)))
    assert any("leave out" in one for one in problems(parts=(parts[0], gap, *parts[2:])))
    twice = replace(parts[1], bands=(Band(0, 100), Band(3, 50), Band(3, 20)))
    assert any("overlap" in one for one in problems(parts=(parts[0], twice, *parts[2:])))
    assert any("counted twice" in one for one in problems(parts=(parts[0], parts[0], *parts[2:])))
    assert any("unknown rate" in one for one in problems(parts=(replace(parts[0], rate="wishes"), *parts[1:])))
    assert any("not counted for post" in one for one in problems(scope="post"))
    assert any("go down" in one for one in problems(grades=(Grade("A", 60), Grade("B", 75), Grade("C", 0))))
    assert any("no grade for" in one for one in problems(grades=(Grade("A", 60),)))
    low = tuple(replace(part, bands=(Band(0, 10), Band(0.5, 50))) for part in parts)
    assert any("grade A cannot be reached" in one for one in problems(parts=low))


def test_places_are_shared() -> None:
    rows = [(name, scoring.Scored(value)) for name, value in (("a", 80.0), ("b", 90.0), ("c", 80.0), ("d", None))]
    assert dict(scoring.ranked(rows)) == {"b": 1, "a": 2, "c": 2, "d": None}
