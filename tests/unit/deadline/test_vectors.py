"""The worked examples of the rules (domain facts 1.6 and 1.7): working day 08-12, 14-18; holiday 10-01..10-07,
swapped working Sunday 09-20."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gangmu.base.calendar import Almanac, read, shipped, write
from gangmu.core.deadline.errors import LimitUnreadable, NeverDue
from gangmu.core.deadline.limit import Kind, Limit, Meaning, parse, parse_parts
from gangmu.core.deadline.model import Clock, Pause, due

SAMPLE = Almanac(
    read({"name": "sample", "holidays": ["2026-10-01..2026-10-07"], "workdays": ["2026-09-20"], "years": "all"})
)
CN = Almanac(shipped("cn"))


def at(text: str, almanac: Almanac = SAMPLE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=almanac.zone)


def due_of(start: str, limit: str, meaning: str = "hours", almanac: Almanac = SAMPLE, extensions: int = 0, pauses=()):
    spans = tuple(Pause(at(first, almanac), at(last, almanac)) for first, last in pauses)
    clock = Clock(parse(limit), at(start, almanac), Meaning(meaning), spans, extensions)
    found = due(clock, almanac).at
    assert found is not None
    return found.strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("almanac", [SAMPLE, CN], ids=["sample", "national"])
@pytest.mark.parametrize(
    ("start", "limit", "meaning", "expected"),
    [
        ("2026-09-18T17:00", "2u", "hours", "2026-09-18T19:00"),
        ("2026-09-18T17:00", "4h", "hours", "2026-09-20T11:00"),
        ("2026-09-18T17:00", "8h", "hours", "2026-09-20T17:00"),
        ("2026-09-18T17:00", "1d", "hours", "2026-09-20T17:00"),
        ("2026-09-18T17:00", "1d", "day_end", "2026-09-20T18:00"),
        ("2026-09-18T17:00", "1ud", "hours", "2026-09-19T17:00"),
        ("2026-09-18T17:00", "1ud", "day_end", "2026-09-19T17:00"),
        ("2026-09-30T17:00", "4h", "hours", "2026-10-08T11:00"),
        ("2026-09-18T12:30", "4h", "hours", "2026-09-18T18:00"),
        ("2026-09-18T17:00", "15nd", "hours", "2026-10-03T17:00"),
        ("2026-09-18T17:00", "15nd", "day_end", "2026-10-04T00:00"),
        ("2026-09-18T17:00", "15um", "hours", "2026-09-18T17:15"),
        ("2026-09-18T17:50", "15m", "hours", "2026-09-20T08:05"),
        ("2026-09-18T08:00", "4h", "hours", "2026-09-18T12:00"),  # the end of the morning, not the afternoon's begin
        ("2026-09-19T10:00", "1d", "day_end", "2026-09-20T18:00"),  # begun on a day off
        ("2026-09-18T23:00", "1d", "day_end", "2026-09-20T18:00"),  # begun after work
        ("2026-09-18T07:00", "1.5h", "hours", "2026-09-18T09:30"),
    ],
)
def test_worked_examples(almanac: Almanac, start: str, limit: str, meaning: str, expected: str):
    assert due_of(start, limit, meaning, almanac) == expected


@pytest.mark.parametrize(
    ("limit", "meaning", "pauses", "extensions", "expected"),
    [
        # overnight and over the day off: a working clock loses nothing, an urgent one all of it
        ("4h", "hours", [("2026-09-18T18:00", "2026-09-20T08:00")], 0, "2026-09-20T11:00"),
        ("4u", "hours", [("2026-09-18T18:00", "2026-09-20T08:00")], 0, "2026-09-20T11:00"),
        ("4h", "hours", [("2026-09-18T17:30", "2026-09-20T10:00")], 0, "2026-09-20T15:30"),
        # over the whole holiday
        ("8h", "hours", [("2026-09-20T09:00", "2026-10-08T09:00")], 0, "2026-10-08T17:00"),
        # overlapping ones count once, one before the start not at all
        (
            "4h",
            "hours",
            [("2026-09-20T08:00", "2026-09-20T10:00"), ("2026-09-20T09:00", "2026-09-20T11:00")],
            0,
            "2026-09-20T16:00",
        ),
        ("4h", "hours", [("2026-09-01T08:00", "2026-09-18T16:00")], 0, "2026-09-20T11:00"),
        ("4h", "hours", [("2026-09-18T16:00", "2026-09-20T08:00")], 0, "2026-09-20T12:00"),
        # after the deadline it changes nothing
        ("4h", "hours", [("2026-09-20T11:00", "2026-09-25T08:00")], 0, "2026-09-20T11:00"),
        # a day whose end is suspended is not counted; a break inside a day costs no day
        ("1d", "day_end", [("2026-09-20T09:00", "2026-09-21T09:00")], 0, "2026-09-21T18:00"),
        ("1d", "day_end", [("2026-09-20T09:00", "2026-09-20T15:00")], 0, "2026-09-20T18:00"),
        ("1d", "day_end", [("2026-09-18T17:30", "2026-09-19T09:00")], 0, "2026-09-20T18:00"),
        # each extension is one more original limit on the deadline there is
        ("4h", "hours", [], 1, "2026-09-20T17:00"),
        ("4h", "hours", [], 2, "2026-09-21T11:00"),
        ("2d", "day_end", [], 1, "2026-09-23T18:00"),
        ("2u", "hours", [], 2, "2026-09-18T23:00"),
        ("4h", "hours", [("2026-09-20T09:00", "2026-09-20T10:00")], 1, "2026-09-20T18:00"),
    ],
)
def test_suspensions_and_extensions(limit: str, meaning: str, pauses, extensions: int, expected: str):
    assert due_of("2026-09-18T17:00", limit, meaning, pauses=pauses, extensions=extensions) == expected


def test_a_seasonal_limit_counts_only_in_its_season():
    planting = Almanac(read({**write(SAMPLE.calendar), "seasons": {"planting": ["03-01..04-30", "10-15..11-30"]}}))
    assert due_of("2026-09-18T17:00", "15d@planting", "hours", planting) == "2026-11-04T18:00"
    assert due_of("2026-09-18T17:00", "15d@planting", "day_end", planting) == "2026-11-04T18:00"
    assert due_of("2026-11-26T08:00", "3d@planting", "hours", planting) == "2026-11-30T18:00"
    assert due_of("2026-11-26T08:00", "4d@planting", "hours", planting) == "2027-03-01T18:00"
    assert due_of("2026-09-18T17:00", "2u@10-15..11-30") == "2026-10-15T02:00"
    assert due_of("2026-09-18T17:00", "1nd@10-15..11-30") == "2026-10-16T00:00"
    with pytest.raises(LimitUnreadable):
        due_of("2026-09-18T17:00", "15d@planting")


def test_seasonal_hours_count_as_they_are():
    data = {"season": "05-01..09-30", "hours": "08:30-12:00,15:00-18:30"}
    summer = Almanac(read({**write(SAMPLE.calendar), "season_hours": [data]}))
    assert due_of("2026-09-30T08:00", "1d", "hours", summer) == "2026-10-08T09:00"
    assert due_of("2026-09-29T17:00", "1d", "day_end", summer) == "2026-09-30T18:30"


def test_new_york_over_both_clock_changes():
    york = Almanac(read({"name": "york", "zone": "America/New_York", "hours": "09:00-17:00", "years": "all"}))
    assert due_of("2026-03-07T12:00", "24u", almanac=york) == "2026-03-08T13:00"
    assert due_of("2026-10-31T12:00", "1ud", almanac=york) == "2026-11-01T11:00"
    assert due_of("2026-03-07T12:00", "1nd", almanac=york) == "2026-03-08T12:00"
    assert due_of("2026-10-31T12:00", "1nd", almanac=york) == "2026-11-01T12:00"
    assert due_of("2026-03-06T16:00", "2h", almanac=york) == "2026-03-09T10:00"
    found = due(Clock(parse("2h"), at("2026-03-06T16:00", york)), york).at
    assert found is not None and found.utcoffset() is not None and found.astimezone(UTC).hour == 14
    before = due(Clock(parse("2h"), at("2026-03-05T16:00", york)), york).at
    assert before is not None and before.astimezone(UTC).hour == 15


def test_a_start_in_the_repeated_hour_is_the_one_that_was_meant():
    york = Almanac(read({"name": "york", "zone": "America/New_York", "years": "all"}))
    first, second = (datetime(2026, 11, 1, 1, 30, tzinfo=york.zone, fold=fold) for fold in (0, 1))
    found = [due(Clock(parse("1u"), start), york).at for start in (first, second)]
    assert [moment.timestamp() for moment in found if moment] == [first.timestamp() + 3600, second.timestamp() + 3600]


def test_seconds_are_kept():
    start = datetime(2026, 9, 18, 17, 0, 30, 500, tzinfo=CN.zone)
    assert due(Clock(parse("4h"), start), CN).at == datetime(2026, 9, 20, 11, 0, 30, 500, tzinfo=CN.zone)


def test_a_deadline_over_an_unpublished_year_is_provisional():
    over = due(Clock(parse("5d"), at("2026-12-30T10:00")), CN)
    assert over.is_provisional and over.unknown_years == (2027,)
    assert not due(Clock(parse("5d"), at("2026-11-30T10:00")), CN).is_provisional
    assert not due(Clock(parse("90ud"), at("2026-12-30T10:00")), CN).is_provisional, "no holiday can move it"
    assert not due(Clock(parse("5d"), at("2026-12-30T10:00")), SAMPLE).is_provisional


def test_a_suspension_without_end_leaves_no_deadline():
    started = at("2026-09-18T17:00")
    clock = Clock(parse("4h"), started, pauses=(Pause(at("2026-09-20T09:00"), None),))
    assert due(clock, SAMPLE).at is None
    after = Clock(parse("4h"), started, pauses=(Pause(at("2026-09-20T11:00"), None),))
    assert due(after, SAMPLE).at == at("2026-09-20T11:00"), "it had run out before"


def test_a_calendar_without_work_never_ends():
    idle = Almanac(read({"name": "idle", "week": [], "years": "all"}))
    with pytest.raises(NeverDue):
        due_of("2026-09-18T17:00", "4h", almanac=idle)
    assert due_of("2026-09-18T17:00", "4u", almanac=idle) == "2026-09-18T21:00"


@pytest.mark.parametrize(
    ("text", "kind", "amount"),
    [
        ("2u", Kind.urgent_hour, 2),
        ("4h", Kind.working_hour, 4),
        ("1ud", Kind.urgent_day, 1),
        ("3d", Kind.working_day, 3),
        ("15nd", Kind.natural_day, 15),
        ("15um", Kind.urgent_minute, 15),
        ("30m", Kind.working_minute, 30),
        (" 3 d ", Kind.working_day, 3),
        ("2紧急工作时", Kind.urgent_hour, 2),
        ("1紧急工作日", Kind.urgent_day, 1),
        ("4工作时", Kind.working_hour, 4),
        ("5个工作日", Kind.working_day, 5),
        ("15自然日", Kind.natural_day, 15),
    ],
)
def test_limits_as_people_write_them(text: str, kind: Kind, amount: int):
    limit = parse(text)
    assert (limit.kind, limit.amount) == (kind, amount)
    assert parse(str(limit)) == limit


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "d",
        "0d",
        "-3d",
        "3x",
        "3dd",
        "3 working days",
        "1e3h",
        "99999d",
        "3d@",
        "3d@13-01..14-01",
        "３d天",
        "nan",
        "1d+",
        "2u2",
        "3d@02-30..03-01",
        "1" * 400 + "d",
    ],
)
def test_what_is_no_limit(text: str):
    with pytest.raises(LimitUnreadable):
        parse_parts(text)


def test_two_part_limits():
    assert parse_parts("1u+5d") == (Limit(Decimal(1), Kind.urgent_hour), Limit(Decimal(5), Kind.working_day))
    with pytest.raises(LimitUnreadable):
        parse_parts("1u+5d+9d")


def test_half_limits():
    assert str(parse("3d").half()) == "1.5d"
    half = Clock(parse("3d").half(), at("2026-09-21T10:00"), Meaning.day_end)
    assert due(half, SAMPLE).at == at("2026-09-23T18:00"), "half of three days is two whole ones"
