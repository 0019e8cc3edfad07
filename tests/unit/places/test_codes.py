"""Codes of divisions and grids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.base.places import codes
from gangmu.base.places.codes import Level
from gangmu.base.places.errors import BadDivisionCode, GridCodesSpent

digits = st.text("0123456789", min_size=12, max_size=12).filter(lambda code: not code.startswith("00"))


@pytest.mark.parametrize("given", ["3703", "370300", "370300000", "370300000000", " 3703 "])
def test_one_city_however_it_is_written(given):
    assert codes.full_code(given) == "370300000000"
    assert codes.short_code(given) == "3703"
    assert codes.level_of(given) is Level.city


@pytest.mark.parametrize(
    ("code", "level", "short"),
    [
        ("37", Level.province, "37"),
        ("370303", Level.county, "370303"),
        ("370303001", Level.town, "370303001"),
        ("370303001001", Level.community, "370303001001"),
        ("441900003000", Level.town, "441900003"),
        ("419001", Level.county, "419001"),
    ],
)
def test_the_last_part_that_is_not_zero_is_the_level(code, level, short):
    assert codes.level_of(code) is level
    assert codes.short_code(code) == short


@pytest.mark.parametrize(
    "given",
    [
        "",
        "3",
        "370",
        "37030",
        "3703031",
        "3703030010",
        "37030300100",
        "3703030010011",
        "37O3",
        "37 03",
        "三七零三",
        "²²²²",
        "003703",
        "-370",
    ],
)
def test_other_texts_are_no_codes(given):
    with pytest.raises(BadDivisionCode):
        codes.full_code(given)


def test_the_way_up():
    assert codes.parent_of("370303001001") == "370303001000"
    assert codes.parent_of("370303") == "370300000000"
    assert codes.parent_of("37") == ""
    assert codes.parent_of("441900003") == "441900000000"
    assert codes.ancestors_of("441900003") == {
        Level.province: "440000000000",
        Level.city: "441900000000",
        Level.town: "441900003000",
    }


@given(digits)
def test_every_division_lies_in_all_above_it(code):
    level = codes.level_of(code)
    assert codes.full_code(codes.short_code(code)) == codes.full_code(code[:12])
    for above, outer in codes.ancestors_of(code).items():
        assert codes.level_of(outer) is above
        assert codes.is_inside(code, outer)
        assert above is level or not codes.is_inside(outer, code)
    assert codes.parent_of(code) in {"", *codes.ancestors_of(code).values()}


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("village", Level.community),
        ("township", Level.town),
        ("市", Level.city),
        ("County", Level.county),
        ("街道", Level.town),
        ("galaxy", None),
        ("", None),
    ],
)
def test_words_for_levels(word, level):
    assert codes.level_named(word) is level


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("320582110152102", True),
        ("320582110152000", False),
        ("320582110000102", False),
        ("32058211015210", False),
        ("32058211015210a", False),
        ("", False),
        ("000000000000001", False),
    ],
)
def test_unit_grid_codes(code, is_one):
    assert codes.is_unit_code(code) is is_one


def test_the_next_unit_grid_comes_after_the_highest_ever_used():
    used = ["370303001001001", "370303001001007", "370303001002500"]
    assert codes.next_unit_code("370303001001", used) == "370303001001008"
    assert codes.next_unit_code("370303001003", used) == "370303001003001"


def test_after_999_there_is_no_next_unit_grid():
    assert codes.next_unit_code("370303001001", ["370303001001998"]) == "370303001001999"
    with pytest.raises(GridCodesSpent):
        codes.next_unit_code("370303001001", ["370303001001001", "370303001001999"])


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("370303001G0001", True),
        ("370303001C9999", True),
        ("370303001X0001", False),
        ("370303001G0000", False),
        ("370303000G0001", False),
        ("370303001G001", False),
        ("370303001G00011", False),
        ("37030300１G0001", False),
    ],
)
def test_responsibility_grid_codes(code, is_one):
    assert codes.is_duty_code(code) is is_one


def test_the_next_responsibility_grid_counts_by_town_and_kind():
    used = ["370303001G0003", "370303001C0009", "370303002G0008"]
    assert codes.next_duty_code("370303001000", "G", used) == "370303001G0004"
    with pytest.raises(GridCodesSpent):
        codes.next_duty_code("370303001", "G", ["370303001G9999"])
