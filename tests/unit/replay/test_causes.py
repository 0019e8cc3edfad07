"""Why a target differs from its rule."""

from datetime import UTC, datetime, timedelta

import pytest

from gangmu.core.replay.model import Compared, Example, cause_of

OPENED = datetime(2016, 5, 25, 11, tzinfo=UTC)
COMPUTED = OPENED + timedelta(days=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("late", "cause"),
    [
        (timedelta(seconds=90), "minutes_later"),
        (timedelta(minutes=-5), "minutes_earlier"),
        (timedelta(minutes=61), "one_hour"),
        (timedelta(minutes=-59), "one_hour"),
        (2 * DAY, "days_more"),
        (-DAY, "no_time"),
        (-2 * DAY, "before_start"),
        (timedelta(hours=7), "other"),
        (40 * DAY, "other"),
    ],
)
def test_the_likeliest_cause(late: timedelta, cause: str):
    assert cause_of(OPENED, COMPUTED + late, COMPUTED, lambda days: COMPUTED + days * DAY) == cause


def test_a_holiday_that_one_of_them_does_not_keep():
    target = COMPUTED - timedelta(hours=5)
    assert cause_of(OPENED, target, COMPUTED, lambda days: None, target) == "holiday"
    assert cause_of(OPENED, target, COMPUTED, lambda days: None, COMPUTED) == "other"


def test_fewer_days_than_the_rule():
    computed = OPENED + 5 * DAY
    assert cause_of(OPENED, computed - 2 * DAY, computed, lambda days: computed + days * DAY) == "days_less"


def test_no_target_is_no_share_and_examples_are_few():
    found = Compared("x", "x", "1d")
    assert found.share is None
    for number in range(9):
        found.differs("other", Example(number, OPENED, OPENED, OPENED))
    assert found.causes == {"other": 9} and len(found.examples["other"]) == 5
