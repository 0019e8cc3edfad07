"""What people may do to a clock (domain facts 1.7), and how it reads."""

from datetime import datetime, timedelta

import pytest

from gangmu.base.calendar import Almanac, shipped
from gangmu.core.deadline.errors import BadSuspension, ExtensionRefused
from gangmu.core.deadline.limit import Meaning, parse
from gangmu.core.deadline.model import (
    Clock,
    Pause,
    Rework,
    due,
    extend,
    mark_times,
    pause,
    read,
    resume,
    rework,
    stop,
)

CN = Almanac(shipped("cn"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=CN.zone)


def a_clock(limit: str = "8h", start: str = "09-21T08:00", meaning: str = "hours") -> Clock:
    return Clock(parse(limit), at(start), Meaning(meaning))


def test_an_extension_is_granted_twice_and_not_a_third_time():
    clock = a_clock()
    for _ in range(2):
        clock = extend(clock, CN, at("09-21T10:00"))
    assert due(clock, CN).at == at("09-23T18:00")
    with pytest.raises(ExtensionRefused) as caught:
        extend(clock, CN, at("09-21T10:00"))
    assert caught.value.code == "deadline.extension_spent"


@pytest.mark.parametrize(
    ("clock", "now", "code"),
    [
        (a_clock(), "09-21T18:01", "deadline.extension_overdue"),
        (pause(a_clock(), at("09-21T09:00"), at("09-25T09:00")), "09-22T10:00", "deadline.extension_suspended"),
        (stop(a_clock(), at("09-21T09:00")), "09-21T10:00", "deadline.extension_stopped"),
    ],
)
def test_no_extension_for_a_late_suspended_or_stopped_clock(clock: Clock, now: str, code: str):
    with pytest.raises(ExtensionRefused) as caught:
        extend(clock, CN, at(now))
    assert caught.value.code == code


def test_at_the_very_deadline_it_may_still_be_extended():
    assert due(extend(a_clock(), CN, at("09-21T18:00")), CN).at == at("09-22T18:00")


def test_a_suspension_ends_by_itself():
    clock = pause(a_clock(), at("09-21T10:00"), at("09-22T10:00"))
    assert due(clock, CN).at == at("09-22T18:00")
    assert resume(clock, at("09-23T10:00")) == clock
    assert due(resume(clock, at("09-21T11:00")), CN).at == at("09-22T09:00")


@pytest.mark.parametrize(
    ("clock", "until", "code"),
    [
        (a_clock(), "09-21T09:00", "deadline.suspension_backwards"),
        (stop(a_clock(), at("09-21T09:00")), "09-25T09:00", "deadline.suspension_stopped"),
        (pause(a_clock(), at("09-21T09:00"), None), "09-25T09:00", "deadline.suspension_again"),
    ],
)
def test_suspensions_that_may_not_be(clock: Clock, until: str, code: str):
    with pytest.raises(BadSuspension) as caught:
        pause(clock, at("09-21T10:00"), at(until))
    assert caught.value.code == code


def test_a_suspension_lasts_a_year_at_most():
    clock, first = a_clock(), at("09-21T10:00")
    assert pause(clock, first, first + timedelta(days=366)).pauses
    with pytest.raises(BadSuspension) as caught:
        pause(clock, first, first + timedelta(days=367))
    assert caught.value.code == "deadline.suspension_too_long"


def test_a_stop_before_the_start_is_a_stop_at_the_start():
    clock = stop(a_clock(), at("09-20T10:00"))
    assert clock.stopped_at == clock.started_at
    assert read(clock, CN, at("09-30T10:00")).elapsed_s == 0


def test_a_stopped_clock_reads_the_same_for_ever():
    clock = stop(a_clock(), at("09-21T10:00"))
    assert read(clock, CN, at("09-21T12:00")) == read(clock, CN, at("12-01T12:00"))
    assert not read(clock, CN, at("12-01T12:00")).is_overdue


def test_rework_policies():
    stopped = stop(a_clock(), at("09-21T10:00"))
    again = at("09-23T09:00")
    assert due(rework(stopped, again, Rework.go_on), CN).at == at("09-23T17:00"), "six hours were left"
    assert due(rework(stopped, again, Rework.new), CN).at == at("09-24T09:00")
    assert due(rework(stopped, again, Rework.half), CN).at == at("09-23T15:00")


def test_rework_after_overdue_work_stays_overdue():
    late = stop(a_clock(), at("09-22T10:00"))
    again = rework(late, at("09-23T09:00"), Rework.go_on)
    assert due(again, CN).at == at("09-21T18:00")
    assert read(again, CN, at("09-23T09:30")).is_overdue


def test_a_reading_counts_on_the_clock_itself():
    reading = read(a_clock(), CN, at("09-21T16:00"))
    assert (reading.elapsed_s, reading.remaining_s, reading.share) == (6 * 3600, 2 * 3600, 0.75)
    over = read(a_clock(), CN, at("09-23T12:00"))
    assert over.is_overdue and over.times_over == 1.5 and over.remaining_s == -12 * 3600
    night = read(a_clock(), CN, at("09-21T23:00"))
    assert night.is_overdue and night.times_over == 0, "late, though no working time has passed since"
    urgent = read(a_clock("2u", "09-18T17:00"), CN, at("09-18T21:00"))
    assert urgent.times_over == 1


def test_a_reading_of_whole_days_is_in_working_time():
    reading = read(a_clock("2d", "09-21T16:00", "day_end"), CN, at("09-22T18:00"))
    assert reading.elapsed_s == 10 * 3600 and reading.remaining_s == 8 * 3600


def test_a_suspended_clock_stands_still():
    clock = pause(a_clock(), at("09-21T10:00"), None)
    for now in ("09-21T10:00", "09-29T10:00"):
        reading = read(clock, CN, at(now))
        assert reading.is_paused and reading.elapsed_s == 2 * 3600 and not reading.is_overdue
    days = pause(a_clock("2d", "09-21T16:00", "day_end"), at("09-22T10:00"), None)
    assert read(days, CN, at("09-29T10:00")).elapsed_s == 4 * 3600


def test_marks():
    assert mark_times(a_clock(), CN) == [at("09-21T12:00"), at("09-21T16:24")]
    assert mark_times(a_clock("2u", "09-18T17:00"), CN, (0.5,)) == [at("09-18T18:00")]
    paused = pause(a_clock(), at("09-21T15:00"), None)
    assert mark_times(paused, CN) == [at("09-21T12:00"), None]


def test_a_pause_before_the_start_is_cut():
    clock = pause(a_clock(), at("09-21T07:00"), at("09-21T09:00"))
    assert clock.pauses == (Pause(at("09-21T08:00"), at("09-21T09:00")),)
