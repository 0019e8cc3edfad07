"""A source that is usually quiet at night is not silent then; one that fell silent before is."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.core.board.model import awake, read_rest, silence
from gangmu.core.board.settings import BoardSettings

ZONE = ZoneInfo("Asia/Shanghai")
NIGHTS = [read_rest("22:00-06:00")]
WEEKENDS = [read_rest("sat-sun 00:00-24:00")]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """September 2026 begins on a Tuesday."""
    return datetime(2026, 9, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("last", "now", "rests", "how"),
    [
        (at(1, 21, 55), at(2, 3), NIGHTS, "resting"),
        (at(1, 21, 55), at(2, 3), [], "silent"),
        (at(1, 17), at(2, 3), NIGHTS, "silent"),
        (at(2, 1), at(2, 3), NIGHTS, "good"),
        (at(1, 21, 55), at(2, 9), NIGHTS, "resting"),
        (at(1, 21, 55), at(2, 10), NIGHTS, "silent"),
        (at(4, 23), at(6, 20), WEEKENDS, "resting"),
        (at(4, 23), at(7, 3, 1), WEEKENDS, "silent"),
        (None, at(2, 3), NIGHTS, "never"),
    ],
)
def test_silence_knows_the_usual_rests(last, now, rests, how):
    assert silence(last, 240, now, rests, ZONE) == how


@pytest.mark.parametrize("text", ["", "22:00", "25:00-06:00", "22:00-24:30", "22:00-22:00", "someday 10:00-11:00"])
def test_what_is_no_time_of_the_week_is_refused(text):
    assert read_rest(text) is None
    with pytest.raises(ValueError, match="time of the week"):
        BoardSettings(resting={"patrol": [text]})


def test_rests_that_overlap_count_once():
    rests = [read_rest("22:00-06:00"), read_rest("tue 21:00-23:00"), read_rest("00:00-05:00")]
    assert awake(at(1, 20), at(2, 7), rests, ZONE) == timedelta(hours=2)


@given(st.integers(0, 20_000), st.integers(0, 20_000), st.sampled_from([NIGHTS, WEEKENDS, NIGHTS + WEEKENDS]))
def test_awake_is_what_minutes_outside_the_rests_add_up_to(first, more, rests):
    since = at(1, 0) + timedelta(minutes=first)
    now = since + timedelta(minutes=more % 3000)

    def rests_at(minute: datetime) -> bool:
        night = NIGHTS[0] in rests and (minute.hour >= 22 or minute.hour < 6)
        return night or (WEEKENDS[0] in rests and minute.weekday() >= 5)

    waking = sum(not rests_at(since + timedelta(minutes=n)) for n in range(more % 3000))
    assert awake(since, now, rests, ZONE) == timedelta(minutes=waking)
