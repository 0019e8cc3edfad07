"""Counting on a calendar, over clock changes too."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.base.calendar import Almanac, read, shipped
from gangmu.base.calendar.timeline import SECOND, OutOfTime, instant

KINDS = ["running", "working", "days", "wall", "midnights"]
ZONES = ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu"]
NIGHT = {zone: Almanac(read({"name": "n", "zone": zone, "years": "all", "hours": "00:00-24:00"})) for zone in ZONES}
MOMENT = st.datetimes(datetime(2020, 1, 1), datetime(2029, 1, 1)).map(lambda at: instant(at.replace(tzinfo=UTC)))


def hours(almanac: Almanac, first: datetime, last: datetime) -> float:
    a, b = instant(first), instant(last)
    scale = almanac.scale("working", (), a, b)
    return (scale.count(b) - scale.count(a)) / SECOND / 3600


@given(MOMENT, MOMENT, st.sampled_from(KINDS), st.sampled_from(ZONES))
def test_counting_never_goes_back(one: int, other: int, kind: str, zone: str):
    first, last = sorted((one, other))
    scale = NIGHT[zone].scale(kind, (), first, last)
    assert scale.count(first) <= scale.count(last)


@given(MOMENT, st.integers(1, 10**12), st.sampled_from(["running", "working", "wall"]), st.sampled_from(ZONES))
def test_the_instant_reached_is_the_earliest(start: int, amount: int, kind: str, zone: str):
    scale = NIGHT[zone].scale(kind, (), start, start + 40 * 86_400 * SECOND)
    target = scale.count(start) + amount
    reached = scale.reach(target)
    assert scale.count(reached) >= target > scale.count(reached - 1)


def test_the_day_of_the_spring_change_has_23_hours_and_of_the_autumn_change_25():
    almanac = Almanac(
        read({"name": "n", "zone": "America/New_York", "years": "all", "hours": "00:00-24:00", "week": ["sun"]})
    )
    zone = almanac.zone
    assert hours(almanac, datetime(2026, 3, 8, tzinfo=zone), datetime(2026, 3, 9, tzinfo=zone)) == 23
    assert hours(almanac, datetime(2026, 11, 1, tzinfo=zone), datetime(2026, 11, 2, tzinfo=zone)) == 25


def test_hours_inside_the_gap_do_not_exist_and_repeated_ones_count_twice():
    almanac = Almanac(
        read({"name": "n", "zone": "America/New_York", "years": "all", "hours": "01:30-02:30", "week": ["sun"]})
    )
    zone = almanac.zone
    assert hours(almanac, datetime(2026, 3, 8, tzinfo=zone), datetime(2026, 3, 9, tzinfo=zone)) == 0.5
    assert hours(almanac, datetime(2026, 11, 1, tzinfo=zone), datetime(2026, 11, 2, tzinfo=zone)) == 1.5


def test_an_almanac_grows_to_the_years_asked_for():
    almanac = Almanac(shipped("plain"), 2026, 2026)
    early, late = datetime(1999, 6, 1, tzinfo=UTC), datetime(2101, 6, 1, tzinfo=UTC)
    assert hours(almanac, early, early + timedelta(days=7)) == 40
    assert hours(almanac, late, late + timedelta(days=7)) == 40


def test_an_almanac_has_an_end():
    almanac = Almanac(shipped("plain"))
    with pytest.raises(OutOfTime):
        almanac.grow(300 * 366 * 86_400 * SECOND)


def test_unknown_years_and_the_last_days_before_one():
    almanac = Almanac(shipped("cn"))

    def unknown(first: str, last: str) -> list[int]:
        moments = (datetime.fromisoformat(text).replace(tzinfo=almanac.zone) for text in (first, last))
        return almanac.unknown_years(*(instant(moment) for moment in moments))

    assert unknown("2026-01-01T00:00", "2026-12-28T23:59") == []
    assert unknown("2026-12-28T00:00", "2026-12-29T09:00") == [2027], "the notice of 2027 may move it"
    assert unknown("2026-12-01T00:00", "2028-01-05T00:00") == [2027, 2028]
    assert unknown("2018-06-01T00:00", "2019-01-05T00:00") == [2018]
    assert unknown("2020-06-01T00:00", "2021-01-05T00:00") == []


def test_local_time_keeps_the_second_of_two_equal_hours():
    almanac = NIGHT["America/New_York"]
    second = datetime(2026, 11, 1, 6, 30, 0, 250, tzinfo=UTC)
    there = almanac.local_time(instant(second))
    assert (there.hour, there.fold, there.microsecond) == (1, 1, 250)
    assert there.timestamp() == second.timestamp()


def test_local_dates_over_midnight():
    almanac = Almanac(shipped("cn"))
    assert almanac.local_date(instant(datetime(2026, 9, 18, 15, 59, tzinfo=UTC))) == date(2026, 9, 18)
    assert almanac.local_date(instant(datetime(2026, 9, 18, 16, 0, tzinfo=UTC))) == date(2026, 9, 19)
