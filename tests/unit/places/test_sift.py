"""Which rows of a list go in, and why the others stay out."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.base.places.sift import sift_divisions, sift_duty_grids

CITY = {"code": "3703", "level": "city", "name": "某市", "parent_code": ""}
COUNTY = {"code": "370303", "level": "county", "name": "甲区", "parent_code": "3703"}
TOWN = {"code": "370303001", "level": "township", "name": "乙街道", "parent_code": "370303"}
VILLAGE = {"code": "370303001001", "level": "village", "name": "丙社区", "parent_code": "370303001"}


def test_a_clean_list_goes_in_parents_first():
    sieve = sift_divisions([VILLAGE, TOWN, COUNTY, CITY], "370300")
    assert [one.name for one in sieve.good] == ["某市", "甲区", "乙街道", "丙社区"]
    assert sieve.findings == []
    assert sieve.good[3].parent == "370303001000"


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({**COUNTY, "code": ""}, "code", "missing"),
        ({**COUNTY, "code": "37030"}, "code", "bad_code"),
        ({**COUNTY, "code": "37O303"}, "code", "bad_code"),
        ({**COUNTY, "name": "  "}, "name", "missing"),
        ({**COUNTY, "name": "长" * 121}, "name", "too_long"),
        ({**COUNTY, "level": "township"}, "level", "bad_level"),
        ({**COUNTY, "level": "宇宙"}, "level", "bad_level"),
        ({**COUNTY, "parent_code": "3701"}, "parent_code", "bad_parent"),
        ({**COUNTY, "parent_code": "x"}, "parent_code", "bad_code"),
        ({**COUNTY, "code": "370103", "parent_code": "3701"}, "code", "not_in_city"),
        ({**COUNTY, "valid_from": "gestern"}, "valid_from", "bad_date"),
        ({**COUNTY, "valid_from": "2024-01-01", "valid_to": "2023-01-01"}, "valid_to", "ends_before_it_begins"),
        ({**COUNTY, "successor": "abc"}, "successor", "bad_code"),
        ({**TOWN, "code": "370304001", "parent_code": "370304"}, "parent_code", "no_parent"),
    ],
)
def test_a_bad_row_stays_out_and_the_others_go_in(row, field, reason):
    sieve = sift_divisions([CITY, row, {**COUNTY, "code": "370302", "name": "丁区"}], "3703")
    assert [(one.row, one.field, one.reason) for one in sieve.findings] == [(2, field, reason)]
    assert [one.code[:6] for one in sieve.good] == ["370300", "370302"]


def test_a_code_twice_is_a_repeat_or_a_contradiction():
    sieve = sift_divisions([CITY, COUNTY, dict(COUNTY), {**COUNTY, "name": "别区"}], "3703")
    assert sieve.repeated == 1
    assert [(one.row, one.reason) for one in sieve.findings] == [(4, "code_twice")]


def test_a_city_that_is_its_own_county_is_one_division():
    rows = [
        {"code": "4419", "level": "city", "name": "某市", "parent_code": "44"},
        {"code": "441900", "level": "county", "name": "某市", "parent_code": "4419"},
        {"code": "441900003", "level": "township", "name": "东街道", "parent_code": "441900"},
    ]
    sieve = sift_divisions(rows, "441900")
    assert sieve.findings == [] and sieve.repeated == 1
    assert [(one.code, one.parent) for one in sieve.good] == [
        ("441900000000", "440000000000"),
        ("441900003000", "441900000000"),
    ]


def test_a_county_that_is_its_own_town_is_one_division():
    rows = [CITY, COUNTY, {"code": "370303000", "level": "township", "name": "甲区", "parent_code": "370303"}]
    sieve = sift_divisions(rows, "3703")
    assert (len(sieve.good), sieve.repeated, sieve.findings) == (2, 1, [])


def test_a_child_of_a_row_left_out_stays_out_too():
    sieve = sift_divisions([CITY, {**COUNTY, "name": ""}, TOWN, VILLAGE], "3703")
    assert [(one.row, one.reason) for one in sieve.findings] == [(2, "missing"), (3, "no_parent"), (4, "no_parent")]


def test_parents_may_be_on_the_node_already():
    sieve = sift_divisions([VILLAGE], "3703", known={"370303001000"})
    assert [one.code for one in sieve.good] == ["370303001001"]


rows = st.lists(
    st.dictionaries(
        st.sampled_from(["code", "name", "level", "parent_code", "valid_from", "valid_to", "successor"]),
        st.one_of(
            st.sampled_from(["3703", "370303", "370303001", "370303001001", "甲", "city", "2024-01-01", ""]),
            st.text("037甲-/ \x00²", max_size=14),
        ),
    ),
    max_size=12,
)


@given(rows)
def test_no_list_breaks_the_sieve_and_every_row_is_accounted_for(listed):
    sieve = sift_divisions(listed, "3703")
    assert len(sieve.good) + len(sieve.findings) + sieve.repeated == len(listed)
    codes = [one.code for one in sieve.good]
    assert len(codes) == len(set(codes))


UNITS = {f"370303001001{number:03d}" for number in range(1, 6)} | {"370303002001001"}


def grids(*rows: dict, taken: dict | None = None, touch=lambda units: True) -> tuple[list, Iterator]:
    good, findings = sift_duty_grids(rows, UNITS, taken or {}, touch)
    return [code for _, code, _, _ in good], [(one.row, one.field, one.reason) for one in findings]


def test_responsibility_grids_are_sets_of_units_of_one_town():
    good, findings = grids(
        {"code": "370303001g0001", "units": "370303001001001;370303001001002"},
        {"code": "370303001G0002", "units": ["370303001001003"]},
    )
    assert good == ["370303001G0001", "370303001G0002"] and findings == []


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        ({"code": "", "units": "x"}, (1, "code", "missing")),
        ({"code": "370303001Q0001", "units": "x"}, (1, "code", "bad_duty_code")),
        ({"code": "370303001G0001", "units": ""}, (1, "units", "missing")),
        ({"code": "370303001G0001", "units": "370303001001999"}, (1, "units", "unknown_unit")),
        ({"code": "370303001G0001", "units": "370303002001001"}, (1, "units", "other_town")),
    ],
)
def test_bad_responsibility_grids_stay_out(row, finding):
    assert grids(row) == ([], [finding])


def test_a_unit_belongs_to_one_grid_of_a_kind():
    first = {"code": "370303001G0001", "units": "370303001001001"}
    assert grids(first, {"code": "370303001G0002", "units": "370303001001001"})[1] == [(2, "units", "unit_taken")]
    assert grids(first, {"code": "370303001C0002", "units": "370303001001001"})[1] == []
    assert grids(first, taken={"G370303001001001": "370303001G0009"})[1] == [(1, "units", "unit_taken")]
    assert grids(first, dict(first))[1] == [(2, "code", "code_twice")]


def test_units_that_do_not_touch_make_no_grid():
    row = {"code": "370303001G0001", "units": "370303001001001 370303001001005"}
    assert grids(row, touch=lambda units: False)[1] == [(1, "units", "not_adjacent")]
