"""Calendars in the database: versions, edits by several people, shipped rows and a city's own."""

from dataclasses import replace
from datetime import date

import pytest

from gangmu.base.calendar import CalendarUnreadable, Day, NoCalendar, service, shipped
from gangmu.base.calendar.model import Hours, Season
from gangmu.kit.actor import System
from gangmu.kit.errors import Conflict, StaleWrite

WHO = System("test")


def test_shipped_calendars_are_there_once(db):
    with db.unit() as unit:
        service.load_shipped(unit)
        found = {calendar.name: calendar for _, calendar in service.list_calendars(unit, WHO)}
    assert {"cn", "plain", "round-the-clock"} <= found.keys()
    assert found["cn"] == shipped("cn") and found["cn"].version == 1


def test_an_edited_day_makes_the_next_version_and_the_old_one_stays(db):
    day = Day(date(2026, 12, 31), False, "市里放假", (), "市政府通知")
    with db.unit() as unit:
        changed = service.put_day(unit, WHO, "cn", 1, day)
    with db.unit() as unit:
        assert changed.version == 2
        assert service.get_calendar(unit, WHO, "cn").days[day.date] == day
        assert day.date not in service.get_calendar(unit, WHO, "cn", 1).days
        assert service.almanac(unit, "cn").calendar.version == 2
        assert service.almanac(unit, "cn", 1).calendar.version == 1
        assert [row.version for row in service.list_versions(unit, WHO, "cn")] == [2, 1]


def test_two_editors_at_once_are_told(db):
    with db.unit() as unit:
        service.put_day(unit, WHO, "cn", 1, Day(date(2026, 12, 31), False, "一"))
    with pytest.raises(StaleWrite), db.unit() as unit:
        service.put_day(unit, WHO, "cn", 1, Day(date(2026, 12, 30), False, "二"))


def test_an_edit_that_changes_nothing_makes_no_version(db):
    with db.unit() as unit:
        row = shipped("cn").days[date(2026, 10, 1)]
        assert service.put_day(unit, WHO, "cn", 1, row).version == 1
        assert service.drop_day(unit, WHO, "cn", 1, date(2026, 11, 3)).version == 1


def test_a_published_year_becomes_known(db):
    off = [Day(date(2027, 1, 1), False, "元旦", (), "通知"), Day(date(2027, 2, 6), False, "春节", (), "通知")]
    with db.unit() as unit:
        changed = service.put_year(unit, WHO, "cn", 1, 2027, off)
        assert changed.knows(2027) and not changed.is_working(date(2027, 1, 1))
        assert changed.days[date(2026, 10, 1)].name == "国庆节"
    with pytest.raises(CalendarUnreadable), db.unit() as unit:
        service.put_year(unit, WHO, "cn", 2, 2027, [Day(date(2030, 1, 1), False)])


def test_seasonal_hours_and_a_calendar_of_ones_own(db):
    summer = Hours("夏季", Season("05-01", "09-30"), ((510, 720), (900, 1110)))
    with db.unit() as unit:
        cn = service.get_calendar(unit, WHO, "cn")
        service.put_calendar(unit, WHO, 0, replace(cn, name="district", title="区"))
        service.put_hours(unit, WHO, "district", 1, spans=cn.spans, hours=(summer,), week=cn.week, day_minutes=7 * 60)
    with db.unit() as unit:
        found = service.get_calendar(unit, WHO, "district")
        assert (found.version, found.hours, found.day_minutes) == (2, (summer,), 420)
        assert service.get_calendar(unit, WHO, "cn").version == 1
    with pytest.raises(Conflict), db.unit() as unit:
        service.put_calendar(unit, WHO, 0, replace(cn, name="district"))


def test_a_version_is_chosen_by_the_day_it_is_valid_on(db):
    with db.unit() as unit:
        cn = service.get_calendar(unit, WHO, "cn")
        later = replace(cn, spans=((540, 1020),), valid_from=date(2027, 1, 1))
        service.put_calendar(unit, WHO, 1, later)
        assert service.almanac(unit, "cn", on=date(2026, 6, 1)).calendar.version == 1
        assert service.almanac(unit, "cn", on=date(2027, 6, 1)).calendar.version == 2


def test_a_new_release_adds_years_to_an_edited_calendar_and_keeps_the_edits(db):
    local = Day(date(2026, 12, 31), False, "市里放假")
    with db.unit() as unit:
        service.put_day(unit, WHO, "cn", 1, local)
    cn = shipped("cn")
    release = replace(cn, years=cn.years | {2027}, days={**cn.days, date(2027, 1, 1): Day(date(2027, 1, 1), False)})
    with db.unit() as unit:
        service.take_over(unit, release)
        service.take_over(unit, release)
        found = service.get_calendar(unit, WHO, "cn")
    assert found.version == 3 and found.knows(2027)
    assert found.days[local.date] == local and not found.is_working(date(2027, 1, 1))


def test_no_such_calendar(db):
    with db.unit() as unit, pytest.raises(NoCalendar):
        service.get_calendar(unit, WHO, "atlantis")


def test_several_days_are_one_version(db):
    rows = {date(2026, 12, 30): Day(date(2026, 12, 30), False, "休"), date(2026, 10, 1): None}
    with db.unit() as unit:
        changed = service.put_days(unit, WHO, "cn", 1, rows)
        assert changed.version == 2 and date(2026, 10, 1) not in changed.days
        assert not changed.is_working(date(2026, 12, 30))
