"""Whose duty it is: specificity, validity, the level guard, suggestions and what lowers them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.core.dispatch import model
from gangmu.core.dispatch.errors import PushedDown
from gangmu.core.dispatch.model import Acceptance, Duty, Returns
from gangmu.kit import ids
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id

DAY = date(2026, 9, 18)
COUNTY, TOWN = "990101000000", "990101001000"
CITY = "990100000000"
SANITATION, ROADS, STREET, BUREAU = (ids.new("org") for _ in range(4))
LEVELS = {SANITATION: "county", ROADS: "county", STREET: "town", BUREAU: "city"}


def a_duty(**given: object) -> Duty:
    plain = {
        "id": ids.new("dty"),
        "tree": "urban_event",
        "code": "0110",
        "division": COUNTY,
        "level": "county",
        "lead_org": SANITATION,
        "assistants": (),
        "to_towns": False,
        "source": "",
        "basis": "basis",
        "verified": True,
        "note": "",
        "valid_from": date(2026, 1, 1),
        "valid_to": None,
        "replaces": None,
    }
    return Duty(**{**plain, **given})  # type: ignore[arg-type]


def ranked(*rows: Duty, code: str = "0110", division: str = TOWN, day: date = DAY) -> list[Duty]:
    return model.matching(rows, "urban_event", code, division, day)


def test_the_deepest_class_wins_then_the_deepest_area_then_the_newest():
    wide = a_duty(code="01", division=TOWN)
    city = a_duty(division=CITY)
    county = a_duty()
    newer = a_duty(valid_from=date(2026, 5, 1), level="city")
    assert ranked(wide, city, county, newer) == [newer, county, city, wide]


def test_rows_of_other_trees_classes_areas_and_times_say_nothing():
    others = [
        a_duty(tree="hotline"),
        a_duty(code="0111"),
        a_duty(code="011001"),
        a_duty(division="990102000000"),
        a_duty(valid_from=DAY + timedelta(days=1)),
        a_duty(valid_to=DAY),
    ]
    assert ranked(*others) == []
    assert ranked(a_duty(valid_to=DAY + timedelta(days=1)), a_duty(valid_from=DAY)) != []


def test_a_departments_duty_is_not_pushed_down():
    rows = ranked(a_duty())
    for level in ("town", "community"):
        with pytest.raises(PushedDown) as refused:
            model.check_level(rows, STREET, level)
        assert refused.value.params["lead"] == SANITATION
    model.check_level(rows, ROADS, "county")
    model.check_level(rows, BUREAU, "city")
    model.check_level([], STREET, "town")


def test_the_street_may_do_what_is_its_own_or_given_to_it():
    model.check_level(ranked(a_duty(to_towns=True)), STREET, "town")
    model.check_level(ranked(a_duty(), a_duty(division=TOWN, level="town", lead_org=STREET)), STREET, "town")
    model.check_level(ranked(a_duty(), a_duty(level="town", lead_org=STREET)), STREET, "town")
    other = ids.new("org")
    with pytest.raises(PushedDown):
        model.check_level(ranked(a_duty(), a_duty(level="town", lead_org=STREET)), other, "town")


def test_a_wide_row_that_allows_it_does_not_open_a_narrow_one():
    """What is allowed for the class above is not allowed for the class that has a row of its own."""
    with pytest.raises(PushedDown):
        model.check_level(ranked(a_duty(code="01", to_towns=True), a_duty()), STREET, "town")


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "01", "0110"]), st.sampled_from([CITY, COUNTY, TOWN]),
                  st.sampled_from(model.LEVELS), st.booleans(), st.sampled_from(list(LEVELS)))
    )
)  # fmt: skip
def test_nobody_whom_the_guard_forbids_is_suggested(given_rows):
    rows = ranked(
        *[
            a_duty(code=code, division=area, level=level, to_towns=towns, lead_org=lead)
            for code, area, level, towns, lead in given_rows
        ]
    )
    for one in model.suggest(rows, "0110", TOWN, {}, LEVELS):
        model.check_level(rows, one.lead_org, LEVELS[one.lead_org])
        assert 0 < one.confidence <= 1 and one.reasons and one.duty in rows


def test_each_lead_is_suggested_once_the_likeliest_first():
    rows = ranked(a_duty(), a_duty(code="01"), a_duty(division=CITY, lead_org=BUREAU, level="city"))
    found = model.suggest(rows, "0110", TOWN, {}, LEVELS)
    assert [one.lead_org for one in found] == [SANITATION, BUREAU]
    assert found[0].confidence > found[1].confidence


def test_what_was_given_back_before_lowers_a_suggestion():
    rows = ranked(a_duty(), a_duty(division=CITY, lead_org=ROADS))

    def by(past: dict[Id, Returns]) -> dict[Id, float]:
        return {one.lead_org: one.confidence for one in model.suggest(rows, "0110", TOWN, past, LEVELS)}

    clean, often, here = by({}), by({SANITATION: Returns(4, 4)}), by({SANITATION: Returns(1, 1, True)})
    assert clean[SANITATION] > often[SANITATION] > here[SANITATION]
    assert next(iter(here)) == ROADS
    reasons = model.suggest(rows, "0110", TOWN, {SANITATION: Returns(1, 1, True)}, LEVELS)[-1].reasons
    assert {"returned_here", "returned"} <= {why.key for why in reasons}


def test_unverified_rows_are_less_sure_and_say_so_and_closed_ones_are_left_out():
    sure = model.suggest(ranked(a_duty()), "0110", TOWN, {}, LEVELS)[0]
    doubtful = model.suggest(ranked(a_duty(verified=False)), "0110", TOWN, {}, LEVELS)[0]
    assert doubtful.confidence < sure.confidence
    assert "unverified" in {why.key for why in doubtful.reasons}
    assert model.suggest(ranked(a_duty()), "0110", TOWN, {}, LEVELS, closed={SANITATION}) == []


@pytest.mark.parametrize(
    ("given", "lead_level", "field"),
    [
        ({"level": "province"}, "county", "level"),
        ({"valid_to": date(2026, 1, 1)}, "county", "valid_to"),
        ({"assistants": (SANITATION,)}, "county", "assistants"),
        ({"to_towns": True, "basis": " "}, "county", "basis"),
        ({"lead_org": STREET}, "town", "lead_org"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(given, lead_level, field):
    with pytest.raises(Invalid) as refused:
        model.check_duty(a_duty(**given), lead_level)
    assert refused.value.params["field"] == field


def test_rows_overlap_on_a_common_day_only():
    first = a_duty(valid_to=DAY)
    assert not model.overlaps(first, a_duty(valid_from=DAY))
    assert model.overlaps(first, a_duty(valid_from=DAY - timedelta(days=1)))
    assert not model.overlaps(first, a_duty(level="town"))


def test_a_rate_of_nothing_is_not_nought():
    assert Acceptance(3, 0, 0, 0).rate is None
    assert Acceptance(4, 3, 1, 2).rate == 0.3333
