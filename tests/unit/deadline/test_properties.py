"""What must hold for every clock, and the engine against two walks that look at every minute."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gangmu.base.calendar import Almanac, read, shipped, write
from gangmu.core.deadline.limit import Meaning, parse
from gangmu.core.deadline.model import Clock, Pause, Rework, due, due_instant, mark_times, rework, stop
from gangmu.core.deadline.model import read as read_clock
from gangmu.core.deadline.steps import Reason, explain
from gangmu.faces.bench._minute_walk import MinuteWalk
from gangmu.faces.bench.deadline import calendars, history, walked
from tests.unit.deadline.walk import walk, walk_same_time

YORK = read(
    {
        "name": "york",
        "zone": "America/New_York",
        "hours": "09:00-17:00",
        "years": "all",
        "holidays": ["2026-03-09", "2026-11-26"],
        "week": ["mon", "tue", "wed", "thu", "fri", "sun"],
    }
)
ALMANACS = [Almanac(shipped("cn")), Almanac(YORK), Almanac(shipped("round-the-clock"))]
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1)).map(
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)
LIMITS = st.one_of(
    st.integers(1, 30).map(lambda n: f"{n}d"),
    st.integers(1, 60).map(lambda n: f"{n}h"),
    st.integers(1, 90).map(lambda n: f"{n}u"),
    st.integers(1, 10).map(lambda n: f"{n}ud"),
    st.integers(1, 40).map(lambda n: f"{n}nd"),
    st.integers(1, 600).map(lambda n: f"{n}m"),
).map(parse)
SPANS = st.lists(st.tuples(st.integers(-2000, 30_000), st.integers(1, 12_000)), max_size=3)


@st.composite
def clocks(draw, with_pauses: bool = True):
    start = draw(MOMENTS)
    spans = draw(SPANS) if with_pauses else []
    pauses = tuple(
        Pause(start + timedelta(minutes=first), start + timedelta(minutes=first + length)) for first, length in spans
    )
    return Clock(draw(LIMITS), start, draw(st.sampled_from(Meaning)), pauses, draw(st.integers(0, 2)))


CLOCK_AND_ALMANAC = st.tuples(clocks(), st.sampled_from(ALMANACS))


@settings(max_examples=60, deadline=None)
@given(CLOCK_AND_ALMANAC)
def test_the_engine_agrees_with_a_walk_over_every_minute(both):
    clock, almanac = both
    found = due(clock, almanac).at
    assert found is not None
    assume((found - clock.started_at) < timedelta(days=50))
    unit = clock.limit.kind.value
    amount, pauses = int(clock.limit.amount) * (1 + clock.extensions), [(p.first, p.last) for p in clock.pauses]
    if unit == "d" and clock.meaning is Meaning.same_time:
        expected = walk_same_time(almanac.calendar, clock.started_at, amount, pauses)
    else:
        day_end = clock.meaning is Meaning.day_end
        expected = walk(almanac.calendar, clock.started_at, amount, unit, day_end=day_end, pauses=pauses)
    assert found.timestamp() == expected.timestamp()


def test_the_engine_agrees_with_the_walk_of_the_benchmark():
    chance, on = random.Random(7), calendars()[2:3]
    walks, almanacs = [MinuteWalk(c, 2023, 2028) for c in on], [Almanac(c) for c in on]
    for _ in range(600):
        item = history(chance, on)
        found = due_instant(item.clock, almanacs[item.calendar])
        assert found == walks[item.calendar].due(item.walked) * 60_000_000, item


def test_the_two_walks_agree_with_each_other():
    york_walk, chance = MinuteWalk(YORK, 2025, 2026), random.Random(3)
    for _ in range(40):
        start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(500_000))
        unit, amount = chance.choice([("u", 30), ("h", 20), ("d", 3), ("nd", 4), ("ud", 2)])
        meaning = chance.choice(list(Meaning))
        clock = Clock(parse(f"{amount}{unit}"), start, meaning)
        if unit == "d" and meaning is Meaning.same_time:
            slow = walk_same_time(YORK, start, amount, [])
        else:
            slow = walk(YORK, start, amount, unit, day_end=meaning is Meaning.day_end, pauses=[])
        assert york_walk.due(walked(clock, YORK)) * 60 == slow.timestamp()


@given(CLOCK_AND_ALMANAC, st.integers(1, 100_000))
def test_a_later_start_is_never_due_earlier(both, minutes: int):
    clock, almanac = both
    later = Clock(
        clock.limit, clock.started_at + timedelta(minutes=minutes), clock.meaning, clock.pauses, clock.extensions
    )
    assert due(later, almanac).at >= due(clock, almanac).at


@given(CLOCK_AND_ALMANAC, st.integers(-2000, 40_000), st.integers(1, 20_000))
def test_one_more_suspension_is_never_due_earlier(both, first: int, length: int):
    clock, almanac = both
    begin = clock.started_at + timedelta(minutes=first)
    more = Pause(begin, begin + timedelta(minutes=length))
    longer = Clock(clock.limit, clock.started_at, clock.meaning, (*clock.pauses, more), clock.extensions)
    before, after = due(clock, almanac).at, due(longer, almanac).at
    assert after >= before
    if begin >= before:
        assert after == before, "a suspension after the deadline changes nothing"


@given(CLOCK_AND_ALMANAC)
def test_the_order_of_suspensions_does_not_matter(both):
    clock, almanac = both
    turned = Clock(clock.limit, clock.started_at, clock.meaning, clock.pauses[::-1], clock.extensions)
    assert due(turned, almanac) == due(clock, almanac)


@given(clocks(with_pauses=False), st.integers(0, 90))
def test_a_suspension_over_nights_and_days_off_costs_a_working_clock_nothing(clock: Clock, skip: int):
    almanac = ALMANACS[0]
    assume(clock.limit.follows_calendar)
    day = clock.started_at.astimezone(almanac.zone).replace(hour=18, minute=0) + timedelta(days=skip)
    next_day = day + timedelta(days=1)
    while not almanac.calendar.is_working(next_day.date()):
        next_day += timedelta(days=1)
    night = Pause(day, next_day.replace(hour=8))
    assume(night.first >= clock.started_at)
    paused = Clock(clock.limit, clock.started_at, clock.meaning, (night,), clock.extensions)
    assert due(paused, almanac) == due(clock, almanac)


@given(CLOCK_AND_ALMANAC)
def test_each_extension_adds_one_original_limit_to_the_current_deadline(both):
    clock, almanac = both
    plain = Clock(clock.limit, clock.started_at, clock.meaning, clock.pauses, 0)
    once = Clock(clock.limit, clock.started_at, clock.meaning, clock.pauses, 1)
    first = due(plain, almanac).at
    from_there = Clock(clock.limit, first, clock.meaning, clock.pauses, 0)
    is_midnight = first.hour == first.minute == 0  # which ends one day and begins the next
    assume(not (is_midnight and clock.limit.is_in_days and clock.meaning is Meaning.day_end))
    assert due(once, almanac).at.timestamp() == due(from_there, almanac).at.timestamp()


@given(CLOCK_AND_ALMANAC, st.integers(0, 60_000))
def test_readings_add_up(both, minutes: int):
    clock, almanac = both
    found = due(clock, almanac).at
    now = clock.started_at + timedelta(minutes=minutes)
    reading = read_clock(clock, almanac, now)
    assert reading.is_overdue == (now > found)
    assert reading.elapsed_s >= 0
    assert reading.is_paused == any(p.first <= now < p.last for p in clock.pauses)
    at_due = read_clock(clock, almanac, found)
    assert at_due.remaining_s == pytest.approx(0, abs=0.01) and at_due.share == pytest.approx(1, abs=1e-6)
    later = read_clock(clock, almanac, now + timedelta(minutes=1))
    assert later.elapsed_s >= reading.elapsed_s


@given(CLOCK_AND_ALMANAC)
def test_marks_come_in_order_and_the_whole_is_the_deadline(both):
    clock, almanac = both
    marks = mark_times(clock, almanac, (0.25, 0.5, 0.8, 1.0))
    stamps = [mark.timestamp() for mark in marks]
    assert stamps == sorted(stamps)
    found = due(clock, almanac).at
    assert stamps[0] >= clock.started_at.timestamp() and stamps[-1] <= found.timestamp()
    if not (clock.limit.is_in_days and clock.meaning is not Meaning.hours):
        assert stamps[-1] == found.timestamp()
    half = read_clock(clock, almanac, marks[1])
    assert half.share == pytest.approx(0.5, abs=1e-3)


@settings(max_examples=150, deadline=None)
@given(CLOCK_AND_ALMANAC)
def test_the_explanation_is_whole_and_sums_up_to_the_limit(both):
    clock, almanac = both
    steps = explain(clock, almanac, clock.started_at)
    assert steps[0].first.timestamp() == clock.started_at.timestamp()
    assert steps[-1].last.timestamp() == due(clock, almanac).at.timestamp()
    for step, following in pairwise(steps):
        assert step.last.timestamp() == following.first.timestamp()
    meaning = Meaning.hours if clock.meaning is Meaning.same_time else clock.meaning
    total = clock.limit.total(meaning, almanac.calendar) * (1 + clock.extensions)  # every day here has the same hours
    per = 1e6 if steps[0].unit == "s" else 1
    assert sum(step.counted for step in steps) * per == pytest.approx(total)
    assert sum(1 for step in steps if step.why is Reason.extended) == clock.extensions
    for step in steps:
        if step.why not in (Reason.running, Reason.natural, Reason.working, Reason.swapped):
            assert step.counted == 0


@given(clocks(with_pauses=False), st.integers(1, 20_000), st.integers(1, 20_000))
def test_rework_that_goes_on_loses_only_the_time_between(clock: Clock, worked: int, waited: int):
    almanac = ALMANACS[0]
    stopped = stop(clock, clock.started_at + timedelta(minutes=worked))
    again = rework(stopped, stopped.stopped_at + timedelta(minutes=waited), Rework.go_on)
    assert due(again, almanac).at >= due(clock, almanac).at
    if stopped.stopped_at >= due(clock, almanac).at:
        assert due(again, almanac) == due(clock, almanac), "late stays late"


def test_the_calendar_with_other_days_gives_other_deadlines():
    data = {**write(shipped("cn")), "days": [], "years": "all"}
    plain = Almanac(read(data))
    clock = Clock(parse("4h"), datetime(2026, 9, 30, 9, tzinfo=UTC))
    assert due(clock, plain).at == datetime(2026, 10, 1, 11, tzinfo=plain.zone)
