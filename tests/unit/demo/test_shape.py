"""The shape of the invented city's days: nights, weekends, holidays, storms and the scandal; the wave of the latter."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from gangmu.demo import shape, speech, terrain
from gangmu.demo.shape import ZONE, Shape, figures
from gangmu.demo.speech import Talk
from gangmu.demo.wave import Wave

HOLIDAYS = {date(2026, 10, day) for day in range(1, 8)}
SWAPPED = {date(2026, 10, 10)}


def is_working(day: date) -> bool:
    return day in SWAPPED or (day.weekday() < 5 and day not in HOLIDAYS)


TOWN = Shape(1, is_working)
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)


def calm(hour: int, wanted) -> float:
    """The rate at an hour of the first day of a kind without a storm."""
    day = next(day for day in DAYS if wanted(day) and not TOWN.storm(at(day, hour)))
    return TOWN.present(at(day, hour)).rate


def test_every_kind_of_day_is_known():
    assert TOWN.day(date(2026, 10, 2)) == "holiday" and TOWN.day(date(2026, 10, 10)) == "swapped"
    assert TOWN.day(date(2026, 10, 3)) == "weekend" and TOWN.day(date(2026, 10, 14)) == "working"


def test_nights_and_days_off_are_quieter():
    working, weekend = (lambda day: TOWN.day(day) == "working"), (lambda day: TOWN.day(day) == "weekend")
    assert calm(3, working) < 0.2 * calm(9, working)
    assert calm(9, weekend) < calm(9, working)
    assert calm(9, lambda day: TOWN.day(day) == "holiday") < calm(9, working)
    assert calm(9, lambda day: TOWN.day(day) == "swapped") > calm(9, weekend)
    assert min(TOWN.present(at(day, hour)).rate for day in DAYS[:60] for hour in range(24)) >= figures()["least"]


def test_storms_come_at_their_rate_last_their_hours_and_leave_a_trace():
    spells = [spell for day in DAYS if (spell := TOWN.storm_of(day))]
    share = len(spells) / len(DAYS) * 10
    assert abs(share - figures()["storm"]["days_of_ten"]) < 0.7
    least, most = figures()["storm"]["lasts_h"]
    for begins, ends in spells:
        assert timedelta(hours=least) <= ends - begins <= timedelta(hours=most)
        raging, past = TOWN.present(begins), TOWN.present(ends + timedelta(minutes=1))
        assert raging.storm == "storm" and raging.louder["urban_event", "0506"] > 10
        assert raging.rate >= 0.25 * figures()["storm"]["rate"]
        assert past.storm in ("after", "storm")


def test_in_a_storm_the_town_speaks_of_water_and_trees():
    talk = Talk(terrain.make(1).addresses, 5)
    begins, _ = next(spell for day in DAYS if (spell := TOWN.storm_of(day)))
    louder = TOWN.present(begins).louder
    wet = {key for key, times in louder.items() if times > 1}
    said = Counter((one.tree, one.code) in wet for one in (talk.incident(louder=louder) for _ in range(600)))
    usual = Counter((one.tree, one.code) in wet for one in (talk.incident() for _ in range(600)))
    assert said[True] > 300 > 2 * usual[True]


def test_the_scandal_comes_again_and_ends():
    runs = [TOWN.present(at(day, 12)).scandal for day in DAYS[:60]]
    seen = [run for run in runs if run is not None]
    assert 4 <= len(set(seen)) <= 8 and None in runs
    assert max(Counter(seen).values()) <= 2


def test_the_same_seed_gives_the_same_days():
    times = [at(day, hour) for day in DAYS[:40] for hour in (3, 9, 16)]
    assert [TOWN.present(one) for one in times] == [Shape(1, is_working).present(one) for one in times]
    assert [TOWN.storm_of(day) for day in DAYS] != [Shape(2, is_working).storm_of(day) for day in DAYS]


def test_classes_of_the_shape_are_spoken_of():
    known = {(row["tree"], row["code"]) for row in speech.every()}
    told = figures()
    rows = [*told["holiday_talk"], *told["storm"]["talk"], *told["storm"]["after"], told["scandal"]]
    named = {(row["tree"], code) for row in rows for code in row.get("codes", [row.get("code")])}
    named |= {tuple(key.split("/")) for key in told["storm"]["told"]}
    assert named <= known and len(told["hours"]) == 24 and len(told["weekdays"]) == 7


def test_a_run_of_the_scandal_is_one_matter_with_callers_who_call_again():
    talk = Talk(terrain.make(1).addresses, 9)
    wave = Wave(talk, figures()["scandal"], 1)
    told = [wave.incident(7, 10) for _ in range(60)]
    assert {one.matter for one in told} == {"hot-yellow_water-7"} and {one.hotspot for one in told} == {
        "yellow_water-7"
    }
    phones = Counter(one.phone for one in told if one.phone)
    assert max(phones.values()) >= 3
    assert len({one.text for one in told}) > 30
    assert {(one.tree, one.code) for one in told} == {("hotline", "010302")}
    assert wave.incident(8, 10).matter != told[0].matter


def test_a_leader_writes_once_there_is_enough_talk():
    wave = Wave(Talk(terrain.make(1).addresses, 9), figures()["scandal"], 1)
    told = [wave.took(3, f"evt_{number % 12}") for number in range(30)]
    written = [events for events in told if events]
    assert len(written) == 1 and len(written[0]) == figures()["scandal"]["instruct_after"]


@pytest.mark.parametrize("what", ["report", "act", "call", "order"])
def test_everything_has_its_rate(what):
    assert shape.figures()["every_s"][what] > 0
