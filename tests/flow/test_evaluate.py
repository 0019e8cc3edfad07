"""Evaluation end to end: what people do becomes facts, facts become figures, and every figure opens."""

from datetime import timedelta

import pytest

from tests.flow.cases import MONDAY, Cases, now_is

OCTOBER = {"period": "2026-10"}


@pytest.fixture
def cases(city):
    return Cases(city)


def test_a_matter_in_time_counts_once_in_every_rate(cases):
    event = cases.dispatched(assistants=["环卫处"])
    cases.later(hours=1)
    event = cases.handled(event)
    event = cases.closed(cases.checked(event))
    cases.city.settle()
    assert event["status"] == "closed"
    assert cases.figure("closing", **OCTOBER) == (1, 1, 0)
    assert cases.figure("closing_in_time", "市政处", **OCTOBER) == (1, 1, 0)
    assert cases.figure("handling_in_time", "市政处", **OCTOBER) == (1, 1, 0)
    assert cases.figure("overdue", **OCTOBER) == (0, 1, 0)
    assert [one["event"] for one in cases.counted("closing", **OCTOBER)] == [event["id"]]
