"""When people of the invented city are at work: offices by the city's calendar, the field every day."""

from datetime import date, datetime

import pytest

from gangmu.demo import roster, terrain
from gangmu.demo.life import Life
from gangmu.demo.script import ZONE

LAND = terrain.make(1)
STAFF = roster.make(LAND, 1)
HOLIDAY, SWAPPED = date(2026, 10, 1), date(2026, 10, 10)  # a Thursday of rest and a Saturday of work


def is_working(day: date) -> bool:
    return day == SWAPPED or (day.weekday() < 5 and day != HOLIDAY)


@pytest.mark.parametrize("day", [HOLIDAY, SWAPPED])
def test_offices_follow_the_calendar(day):
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)
    life = Life("http://127.0.0.1:1", LAND, STAFF, now=lambda: noon, is_working=is_working)
    at_work = {role: life._is_at_work(role) for role in ("dept_lead", "town_officer", "supervisor", "handler", "clerk")}
    offices = dict.fromkeys(("dept_lead", "town_officer", "supervisor"), day == SWAPPED)
    assert at_work == {**offices, "handler": True, "clerk": True}
