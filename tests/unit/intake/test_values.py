"""Cells as values."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.core.intake.values import as_text, masked, number, to_utc, wall_time


@pytest.mark.parametrize(
    ("text", "made", "day_only"),
    [
        ("2018-01-02", datetime(2018, 1, 2), True),
        ("2018-01-02 03:04", datetime(2018, 1, 2, 3, 4), False),
        ("2018-01-02T03:04:05.678", datetime(2018, 1, 2, 3, 4, 5), False),
        ("2018/1/2 3:04:05", datetime(2018, 1, 2, 3, 4, 5), False),
        ("2018.1.2", datetime(2018, 1, 2), True),
        ("2018年1月2日", datetime(2018, 1, 2), True),
        ("2018年1月2日3时4分5秒", datetime(2018, 1, 2, 3, 4, 5), False),
        ("2018年1月2日 3点", datetime(2018, 1, 2, 3), False),
        ("20180102", datetime(2018, 1, 2), True),
        ("20180102030405", datetime(2018, 1, 2, 3, 4, 5), False),
        ("2018-01-02T03:04:05Z", datetime(2018, 1, 2, 3, 4, 5, tzinfo=UTC), False),
        ("43102.5", datetime(2018, 1, 2, 12), False),
    ],
)
def test_times_as_people_write_them(text, made, day_only):
    assert wall_time(text, text, ["auto"]) == (made, day_only)


@pytest.mark.parametrize("text", ["", "soon", "2018-13-01", "2018-02-30", "18-01-02", "1/2/2018", "25:00", "9" * 50])
def test_what_is_no_time(text):
    assert wall_time(text, text, ["auto"]) is None


def test_named_formats_and_cells_of_workbooks():
    assert wall_time("", "01/02/2018 03:04 PM", ["auto", "%m/%d/%Y %I:%M %p"]) == (datetime(2018, 1, 2, 15, 4), False)
    assert wall_time(43102, "43102", ["auto"]) == (datetime(2018, 1, 2), True)
    assert wall_time(date(2018, 1, 2), "", ["auto"]) == (datetime(2018, 1, 2), True)


def test_wall_clocks_become_instants_by_their_zone():
    boston = ZoneInfo("America/New_York")
    assert to_utc(datetime(2018, 7, 1, 12), boston) == datetime(2018, 7, 1, 16, tzinfo=UTC)
    assert to_utc(datetime(2018, 1, 1, 12), boston) == datetime(2018, 1, 1, 17, tzinfo=UTC)
    skipped = to_utc(datetime(2018, 3, 11, 2, 30), boston)
    assert skipped == datetime(2018, 3, 11, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (5.0, "5"),
        (5.25, "5.25"),
        (True, "true"),
        ("　全角空格　", "全角空格"),
        (10**20, "1" + "0" * 20),
    ],
)
def test_cells_as_text(cell, text):
    assert as_text(cell) == text


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.datetimes()))
def test_text_of_a_cell_is_stable(cell):
    once = as_text(cell)
    assert as_text(once) == once or "\x00" in once


@pytest.mark.parametrize("text", ["1e400", "nan", "inf", "1_000", "12,5", "x", "", "1" * 41])
def test_what_is_no_number(text):
    assert number(None, text) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("打13912345678问", "打[电话]问"),
        ("139 1234 5678", "[电话]"),
        ("0533-2345678", "[电话]"),
        ("call (617) 555-0123 now", "call [电话] now"),
        ("身份证370303198001011234", "身份证[证件号]"),
        ("x@y.com", "[邮箱]"),
        ("鲁C12345停在门口", "[车牌]停在门口"),
        ("门牌 4853 S WOOD 60609", "门牌 4853 S WOOD 60609"),
        ("1200元,2026年9月", "1200元,2026年9月"),
    ],
)
def test_numbers_that_lead_to_a_person_are_covered(text, shown):
    assert masked(text) == shown
