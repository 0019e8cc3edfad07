"""Rules of a source's targets, and the calendar of its city, as data of a profile."""

from datetime import UTC, date, datetime

import pytest

from gangmu.core.intake import profile as profiles
from gangmu.core.intake.errors import BadProfile
from gangmu.core.intake.promises import Promise

HEAD = """
name = "parks"
source = "test"
zone = "America/New_York"
[fields]
title = "what"
text = "what"
happened_at = "opened"
target_at = "promised"
"""


def parsed(more: str) -> profiles.Profile:
    return profiles.parse(HEAD + more)


def test_editions_of_a_rule_hold_for_cases_of_their_time():
    found = parsed("""
[[deadline]]
id = "mowing"
limit = "3d"
when = { what = ["grass", "hedge"], ward = "1" }
valid_to = 2016-12-31
[[deadline]]
id = "mowing"
limit = "5d"
day_meaning = "same_time"
valid_from = 2017-01-01
""").promises
    values = {"what": "grass", "ward": "1"}

    def limit_of(values: dict[str, str], day: date) -> str:
        return next((str(one.limit) for one in found if one.fits(values, day)), "")

    assert limit_of(values, date(2016, 12, 31)) == "3d"
    assert limit_of(values, date(2017, 1, 1)) == "5d"
    assert limit_of({"what": "tree", "ward": "1"}, date(2016, 1, 1)) == ""
    assert limit_of({"what": "tree"}, date(2018, 1, 1)) == "5d"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[[deadline]]\nid = "x"', "id and limit are needed"),
        ('[[deadline]]\nid = "x"\nlimit = "3x"', "'3x' cannot be read"),
        ('[[deadline]]\nid = "x"\nlimit = "3d"\nstart = "1m"', "'1m' cannot be read"),
        ('[[deadline]]\nid = "x"\nlimit = "3d"\nday_meaning = "soon"', "soon"),
        ('[[deadline]]\nid = "x"\nlimit = "3d"\nvalid_from = "soon"', "a day such as"),
        ('[[deadline]]\nid = "x"\nlimit = "3d"\nwhen = "grass"', "a table of columns"),
        ('[[deadline]]\nid = "x"\nlimit = "3d"\nuntil = 3', "no such key"),
        ('[calendar]\nhours = "08:00-12:00"', "calendar.name is missing"),
        ('[calendar]\nname = "parks"\nhours = "12:00-08:00"', "ends before it begins"),
        ('[calendar]\nname = "parks"\ndays = [0]', "1 (Monday) to 7"),
        ('[duplicates]\nfrom = "what"', "from, pattern and same are needed"),
    ],
)
def test_what_is_wrong_is_named(more: str, said: str):
    with pytest.raises(BadProfile) as error:
        parsed(more)
    assert said in error.value.params["reason"]


def test_a_calendar_may_be_short_or_whole():
    short = parsed('[calendar]\nname = "parks"\ndays = [1, 6]\nhours = [["09:00", "12:30"]]').calendar
    assert short is not None and short.zone == "America/New_York" and short.day_minutes == 210
    assert [day.works for day in short.week] == [True, False, False, False, False, True, False]
    whole = parsed('[calendar]\nname = "parks"\nzone = "UTC"\nyears = [2016]\nholidays = ["2016-07-04"]').calendar
    assert whole is not None and whole.zone == "UTC" and not whole.is_working(date(2016, 7, 4))
    assert whole.knows(2016) and not whole.knows(2017)


def test_boston_counts_from_the_middle_of_a_minute_that_is_named():
    plan = profiles.load("boston")
    rule: Promise = plan.promises[0]
    assert plan.calendar is not None and rule.meaning.value == "same_time"
    begun = rule.begin(datetime(2016, 1, 12, 16, 38, tzinfo=UTC), plan.calendar)
    assert begun == datetime(2016, 1, 12, 16, 38, 30, tzinfo=UTC)
