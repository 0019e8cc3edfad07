"""One row becomes a report, or says what is wrong with it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangmu.core.intake import profile as profiles
from gangmu.core.intake.mapping import Mapper
from gangmu.core.intake.model import Incoming, Known, Rules, is_of_profile
from gangmu.core.intake.readers.table import Raw
from tests.unit.intake.conftest import HEADER, NOW, a_row, take

STANDARD = profiles.load("standard")
BOXED = replace(STANDARD, bounds=(117.0, 36.0, 119.0, 38.0))


def mapped(profile=STANDARD, known=None, **given_cells):
    mapper = Mapper(profile, HEADER, Rules(text_chars=1000), known)
    return mapper.map(Raw(2, a_row(1, **given_cells)), NOW)


def reasons(found):
    assert isinstance(found, list), found
    return [(error.field, error.reason) for error in found]


def test_a_plain_row_becomes_a_report():
    found = mapped()
    assert isinstance(found, Incoming)
    assert (found.key, found.channel, found.kind, found.life) == ("T000001", "hotline12345", "complaint", "open")
    assert found.happened_at.isoformat() == "2026-09-02T00:01:00+00:00"
    assert (found.lon, found.lat, found.division) == (118.01, 36.81, "370303000000")
    assert (found.reporter_name, found.reporter_phone, found.flags) == ("王某某", "13900000000", ())


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"标题": "", "内容": ""}, [("title", "missing"), ("text", "missing")]),
        ({"发生时间": ""}, [("happened_at", "missing")]),
        ({"发生时间": "昨天下午"}, [("happened_at", "bad_time")]),
        ({"发生时间": "2026-02-30 08:00"}, [("happened_at", "bad_time")]),
        ({"发生时间": "2027-01-01 08:00"}, [("happened_at", "time_in_future")]),
        ({"发生时间": "0202-01-01"}, [("happened_at", "time_too_old")]),
        ({"状态": "飞走了"}, [("life", "unknown_code")]),
        ({"渠道": "飞鸽传书"}, [("channel", "unknown_code")]),
        ({"类型": "牢骚"}, [("kind", "unknown_code")]),
        ({"经度": "abc"}, [("lon", "bad_number")]),
        ({"经度": "nan"}, [("lon", "bad_number")]),
        ({"经度": "999"}, [("lon", "point_off_globe")]),
        ({"经度": "36.8", "纬度": "118.05"}, [("lat", "point_swapped")]),
        ({"区划代码": "3703x3"}, [("division", "bad_division")]),
        ({"标题": "题" * 201}, [("title", "too_long")]),
        ({"内容": "文" * 1001}, [("text", "too_long")]),
        ({"地址": "#REF!"}, [("address", "error_cell")]),
        ({"状态": "结案", "办结时间": "2026-08-01 08:00"}, [("closed_at", "closed_before_start")]),
        ({"状态": "结案", "办结时间": "2027-08-01 08:00"}, [("closed_at", "time_in_future")]),
    ],
)
def test_what_is_wrong_is_said_by_field_and_reason(cells, expected):
    assert reasons(mapped(**cells)) == expected


def test_every_fault_of_a_row_is_told_at_once():
    found = reasons(mapped(渠道="?", 类型="?", 发生时间="?", 经度="?"))
    assert {field for field, _ in found} == {"channel", "kind", "happened_at", "lon"} or len(found) >= 3


@pytest.mark.parametrize(
    ("cells", "flags"),
    [
        ({"经度": ""}, ("half_point",)),
        ({"经度": "0", "纬度": "0"}, ("no_point",)),
        ({"发生时间": "2026-09-01"}, ("day_only",)),
        ({"状态": "结案"}, ("end_unknown",)),
        ({"状态": "办理中", "办结时间": "2026-09-05 08:00"}, ("open_with_end",)),
        ({"状态": "结案", "办结时间": "2026-09-02"}, ("end_day_only",)),
        ({"状态": "结案", "办结时间": "2026-09-02 08:00:30"}, ("clock_skew",)),
    ],
)
def test_what_is_odd_is_kept_and_flagged(cells, flags):
    found = mapped(**cells)
    assert isinstance(found, Incoming), found
    assert found.flags == flags


def test_a_point_outside_the_city_is_kept_and_flagged_and_a_swapped_one_is_not():
    outside = mapped(BOXED, 经度="121.5", 纬度="31.2")
    assert isinstance(outside, Incoming) and outside.flags == ("outside_city",) and outside.lon == 121.5
    lying = replace(STANDARD, bounds=(10.0, 50.0, 20.0, 60.0))
    assert reasons(mapped(lying, 经度="55", 纬度="15")) == [("lon", "point_swapped")]


def test_codes_that_the_city_does_not_know_are_bad():
    known = Known(divisions={"370302000000"}, matters={"0110"})
    assert reasons(mapped(known=known)) == [("division", "unknown_division")]


def test_a_row_without_a_number_is_known_by_its_content():
    first, again, other = (mapped(编号="", 标题=title) for title in ("甲", "甲", "乙"))
    assert first.key.startswith("=") and first.key == again.key != other.key


def test_names_and_phones_are_never_shown():
    mapper = Mapper(STANDARD, HEADER, Rules())
    raw = Raw(2, a_row(1, 发生时间="?", 内容="请回电13912345678或37030319800101123X"))
    shown = mapper.shown_cells(raw)
    assert shown["姓名"] == shown["电话"] == "***"
    assert "13912345678" not in str(shown) and "37030319800101123X" not in str(shown)
    errors = mapper.map(Raw(2, a_row(1, 电话="1" * 60)), NOW)
    assert [(e.field, e.value) for e in errors] == [("reporter_phone", "***")]


def test_public_sets_are_masked_as_they_come_in():
    plan = replace(STANDARD, masks=frozenset({"phone", "id_number", "email", "plate", "card"}))
    found = mapped(plan, 内容="找张三13912345678,邮箱a.b@c.cn,车鲁C12345,证37030319800101123X,卡6222020200112233445")
    assert found.text == "找张三[电话],邮箱[邮箱],车[车牌],证[证件号],卡[号码]"


def test_injected_text_is_text():
    evil = "'; DROP TABLE event; -- <script>alert(1)</script> ${7*7} =cmd|' /C calc'!A0"
    found = mapped(标题=evil, 内容=evil)
    assert found.title == evil and found.text == evil


def test_a_missing_column_makes_every_row_bad_not_the_file():
    header = [name for name in HEADER if name != "发生时间"]
    assert is_of_profile(STANDARD, header)
    row = [cell for name, cell in zip(HEADER, a_row(1), strict=True) if name != "发生时间"]
    mapper = Mapper(STANDARD, header, Rules())
    assert mapper.missing == ("happened_at",)
    assert reasons(mapper.map(Raw(2, row), NOW)) == [("happened_at", "missing_column")]
    assert not is_of_profile(STANDARD, ["alpha", "beta"])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=60),
            st.none(),
            st.integers(),
            st.floats(),
            st.booleans(),
            st.datetimes(),
            st.dates(),
            st.times(),
            st.timedeltas(),
        ),
        min_size=len(HEADER),
        max_size=len(HEADER),
    )
)
def test_any_cells_make_a_report_or_reasons_never_a_crash(cells):
    mapper = Mapper(BOXED, HEADER, Rules())
    found = mapper.map(Raw(2, cells), NOW)
    if isinstance(found, Incoming):
        assert found.title and found.happened_at.tzinfo is not None and "\x00" not in found.title + found.text
    else:
        assert found and all(error.reason for error in found)
    mapper.shown_cells(Raw(2, cells))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text(alphabet="ab,\"\n;é井\r'", max_size=8), min_size=3, max_size=3), max_size=12))
def test_written_csv_is_read_back(tmp_path_factory, rows):
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "title", "time"], *[[f"n{n}", *row[1:]] for n, row in enumerate(rows)]])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    taken = take(path)
    assert taken.read == len(rows)
    assert "broken_quotes" not in taken.reasons() and "wrong_width" not in taken.reasons()
