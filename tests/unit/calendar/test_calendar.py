"""Which days are worked, during which hours, and how sure that is."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from gangmu.base.calendar import CalendarUnreadable, Day, NoCalendar, Season, Why, load_file, read, shipped, write
from gangmu.base.calendar.model import agrees, with_days, year_of_days
from gangmu.base.calendar.shipped import shipped_names

USUAL = ((480, 720), (840, 1080))


def test_the_national_calendar_knows_holidays_and_swapped_weekends():
    cn = shipped("cn")
    assert cn.why(date(2026, 9, 20)) is Why.swapped and cn.spans_on(date(2026, 9, 20)) == USUAL
    assert cn.why(date(2026, 10, 1)) is Why.holiday and cn.spans_on(date(2026, 10, 1)) == ()
    assert cn.why(date(2026, 9, 19)) is Why.weekend
    assert cn.why(date(2026, 9, 18)) is Why.working
    assert cn.days[date(2026, 10, 1)].source == "国办发明电〔2025〕7号"


@pytest.mark.parametrize("year", range(2019, 2027))
def test_the_national_calendar_agrees_with_another_reading_of_the_notices(year: int):
    other = pytest.importorskip("chinese_calendar")
    cn, day = shipped("cn"), date(year, 1, 1)
    while day.year == year:
        assert cn.is_working(day) == other.is_workday(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize(("year", "off"), [(2019, 115), (2020, 117), (2024, 115), (2026, 117)])
def test_the_days_off_of_a_year_add_up(year: int, off: int):
    rows = year_of_days(shipped("cn"), year)
    assert sum(1 for _, _, spans, _ in rows if not spans) == off
    assert len(rows) == 366 if year % 4 == 0 else 365


def test_a_year_without_a_notice_is_unknown():
    cn = shipped("cn")
    assert cn.knows(2026) and not cn.knows(2027) and not cn.knows(2018)
    assert shipped("plain").knows(2050)


def test_seasonal_hours_take_the_place_of_the_usual_ones():
    summer = {"title": "夏季", "season": "05-01..09-30", "hours": "08:30-12:00,15:00-18:30"}
    calendar = read({**write(shipped("cn")), "season_hours": [summer]})
    assert calendar.spans_on(date(2026, 7, 1)) == ((510, 720), (900, 1110))
    assert calendar.spans_on(date(2026, 9, 20)) == ((510, 720), (900, 1110)), "a swapped Sunday has the season's hours"
    assert calendar.spans_on(date(2026, 11, 3)) == USUAL


def test_a_season_may_run_over_the_new_year():
    winter = Season("11-15", "03-15")
    assert winter.covers(date(2026, 1, 1)) and winter.covers(date(2025, 11, 15)) and winter.covers(date(2026, 3, 15))
    assert not winter.covers(date(2026, 3, 16))


def test_a_weekly_pattern_may_have_half_days():
    calendar = read({"name": "six", "week": {"mon": True, "sat": "09:00-12:00"}, "years": "all"})
    assert calendar.spans_on(date(2026, 9, 19)) == ((540, 720),)
    assert calendar.spans_on(date(2026, 9, 22)) == ()


def test_a_single_day_may_have_its_own_hours():
    half = Day(date(2026, 2, 13), True, "除夕前半天", ((480, 720),))
    cn = shipped("cn")
    calendar = replace(cn, days=with_days(cn.days, [half]))
    assert calendar.spans_on(date(2026, 2, 13)) == ((480, 720),)
    assert list(calendar.days) == sorted(calendar.days)


@pytest.mark.parametrize("name", shipped_names())
def test_what_is_written_reads_back_the_same(name: str):
    assert read(json.loads(json.dumps(write(shipped(name))))) == shipped(name)


def test_a_newer_version_agrees_when_it_only_adds_an_unknown_year():
    cn = shipped("cn")
    spring = Day(date(2027, 2, 8), False, "春节")
    assert agrees(cn, replace(cn, version=2, years=cn.years | {2027}, days=with_days(cn.days, [spring])))
    moved = Day(date(2026, 12, 1), False, "补休")
    assert not agrees(cn, replace(cn, version=2, days=with_days(cn.days, [moved])))
    assert not agrees(cn, replace(cn, version=2, spans=((540, 1020),)))


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({}, "name"),
        ({"name": "X Y"}, "name"),
        ({"name": "a", "zone": "Asia/Nowhere"}, "zone"),
        ({"name": "a", "hours": "12:00-08:00"}, "hours"),
        ({"name": "a", "hours": "08:00-12:00,11:00-13:00"}, "hours"),
        ({"name": "a", "hours": "08:00-25:00"}, "hours"),
        ({"name": "a", "hours": 8}, "hours"),
        ({"name": "a", "week": ["monday"]}, "week"),
        ({"name": "a", "holidays": ["2026-02-30"]}, "holidays"),
        ({"name": "a", "holidays": ["2026-10-07..2026-10-01"]}, "holidays"),
        ({"name": "a", "seasons": {"s": ["5-1..9-30"]}}, "seasons.s"),
        ({"name": "a", "day": [{"date": "2026-01-01"}]}, "day"),
        ({"name": "a", "day_hours": 0}, "day_hours"),
        ({"name": "a", "notice": [{"year": "x"}]}, "notice.year"),
        ({"name": "a", "holliday": []}, "holliday"),
    ],
)
def test_a_wrong_calendar_says_where(data: dict, where: str):
    with pytest.raises(CalendarUnreadable) as caught:
        read(data)
    assert caught.value.params["where"] == where


def test_calendar_files_of_both_kinds(tmp_path):
    toml = tmp_path / "My City.toml"
    toml.write_text('holidays = ["2026-10-01..2026-10-07"]\nworkdays = [2026-09-20]\n', "utf-8")
    calendar = load_file(toml)
    assert calendar.name == "my-city" and calendar.knows(2026) and not calendar.knows(2027)
    assert not calendar.is_working(date(2026, 10, 7)) and calendar.is_working(date(2026, 9, 20))
    as_json = tmp_path / "city.json"
    as_json.write_text(json.dumps({"name": "city", "holidays": {"2026-10-01": "国庆节"}}), "utf-8")
    assert load_file(as_json).days[date(2026, 10, 1)].name == "国庆节"


@pytest.mark.parametrize(
    ("name", "blob"),
    [("a.toml", b"name = "), ("a.json", b"[1]"), ("a.json", b"{"), ("a.toml", b"\xff\xfe"), ("a.toml", b"zone = 5")],
)
def test_a_broken_file_is_one_clear_error(tmp_path, name: str, blob: bytes):
    (tmp_path / name).write_bytes(blob)
    with pytest.raises(CalendarUnreadable) as caught:
        load_file(tmp_path / name)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_file_or_name():
    with pytest.raises(NoCalendar):
        shipped("atlantis")
