"""A working day as the same clock time on the next day worked, and from when a clock counts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gangmu.base.calendar import Almanac, read
from gangmu.core.deadline.errors import LimitUnreadable
from gangmu.core.deadline.limit import Meaning, parse
from gangmu.core.deadline.model import Clock, Pause, due
from gangmu.core.deadline.model import read as read_clock
from gangmu.core.deadline.rounding import parse_rounding
from gangmu.core.deadline.steps import Reason, explain

OFFICE = Almanac(
    read({"name": "office", "zone": "UTC", "hours": "08:30-17:00", "day_hours": 8.5, "years": "all",
          "holidays": ["2016-05-30"]})
)  # fmt: skip
SEASONS = Almanac(
    read({"name": "seasons", "zone": "UTC", "hours": "08:00-16:00", "years": "all",
          "season_hours": [{"season": "06-01..08-31", "hours": "07:00-13:00"}]})
)  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def same_time(start: str, limit: str = "1d", *pauses: tuple[str, str], on: Almanac = OFFICE) -> datetime:
    held = tuple(Pause(at(first), at(last)) for first, last in pauses)
    found = due(Clock(parse(limit), at(start), Meaning.same_time, held), on).at
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2016-05-25T11:07:31", "2016-05-26T11:07:31"),  # in hours: the same time tomorrow
        ("2016-05-25T17:00", "2016-05-27T08:30"),  # closed: as if it had come when it opens
        ("2016-05-25T16:59", "2016-05-26T16:59"),
        ("2016-05-25T03:00", "2016-05-26T08:30"),  # before opening
        ("2016-05-27T20:14", "2016-06-01T08:30"),  # Friday night, and Monday is a holiday
        ("2016-05-28T12:00", "2016-06-01T08:30"),  # Saturday
        ("2016-05-27T10:00", "2016-05-31T10:00"),
    ],
)
def test_a_working_day_later_is_the_same_time_on_the_next_day_worked(start: str, expected: str):
    assert same_time(start) == at(expected)


def test_working_hours_from_now_end_the_evening_before():
    clock = Clock(parse("1d"), at("2016-05-25T20:00"), Meaning.hours)
    assert due(clock, OFFICE).at == at("2016-05-26T17:00")
    assert same_time("2016-05-25T20:00") == at("2016-05-27T08:30")


def test_what_would_end_outside_other_hours_ends_when_they_open_next():
    assert same_time("2016-05-31T15:00", on=SEASONS) == at("2016-06-02T07:00")
    assert same_time("2016-08-31T07:30", on=SEASONS) == at("2016-09-01T08:00")


def test_a_part_of_a_day_is_a_whole_one():
    assert same_time("2016-05-25T11:00", "0.5d") == same_time("2016-05-25T11:00", "1d")


def test_suspended_working_time_is_made_up_in_working_time():
    assert same_time("2016-05-25T11:00", "1d", ("2016-05-25T12:00", "2016-05-25T13:00")) == at("2016-05-26T12:00")
    assert same_time("2016-05-25T16:30", "1d", ("2016-05-25T16:30", "2016-05-26T09:00")) == at("2016-05-27T09:00")
    assert same_time("2016-05-25T11:00", "1d", ("2016-05-25T18:00", "2016-05-26T08:00")) == at("2016-05-26T11:00")
    held = Clock(parse("1d"), at("2016-05-25T11:00"), Meaning.same_time, (Pause(at("2016-05-25T12:00"), None),))
    assert due(held, OFFICE).at is None


def test_it_explains_itself_and_reads_as_working_time():
    clock = Clock(parse("1d"), at("2016-05-27T15:00"), Meaning.same_time)
    steps = explain(clock, OFFICE, clock.started_at)
    assert [step.why for step in steps] == [Reason.working, Reason.rest, Reason.working]
    assert sum(step.counted for step in steps) == 8.5 * 3600
    reading = read_clock(clock, OFFICE, at("2016-05-27T17:00"))
    assert (reading.elapsed_s, reading.remaining_s) == (2 * 3600, 6.5 * 3600)


def test_natural_days_know_no_other_meaning_of_the_same_time():
    limit, start = parse("3nd"), at("2016-05-28T23:10")
    assert due(Clock(limit, start, Meaning.same_time), OFFICE) == due(Clock(limit, start, Meaning.hours), OFFICE)


ZONE = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("1m:middle", "2016-05-25T11:07:00", "2016-05-25T11:07:30"),
        ("1m:middle", "2016-05-25T11:07:02", "2016-05-25T11:07:02"),
        ("15m:next", "2016-05-25T11:07:02", "2016-05-25T11:15:00"),
        ("15m:next", "2016-05-25T11:15:00", "2016-05-25T11:15:00"),
        ("1h:next", "2016-05-25T23:20:00", "2016-05-26T00:00:00"),
        ("1d:next", "2016-05-25T11:00:00", "2016-05-26T04:00:00"),  # midnight in New York
        ("1d:middle", "2016-05-25T04:00:00", "2016-05-25T16:00:00"),
    ],
)
def test_from_when_a_clock_counts(rule: str, start: str, expected: str):
    assert parse_rounding(rule).apply(at(start), ZONE) == at(expected)


@pytest.mark.parametrize("wrong", ["", "1m", "0m:next", "7h:next", "2d:next", "1s:middle", "1m:before", "7m:middle"])
def test_a_rounding_that_is_none(wrong: str):
    with pytest.raises(LimitUnreadable):
        parse_rounding(wrong)


def test_a_rounded_start_is_never_earlier():
    rule, start = parse_rounding("1h:next"), at("2016-05-25T11:00")
    for minute in range(120):
        moved = rule.apply(start + timedelta(minutes=minute), ZONE)
        assert timedelta() <= moved - (start + timedelta(minutes=minute)) < timedelta(hours=1)
