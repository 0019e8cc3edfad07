"""Who is sent, at which time of day, and what a task can end with."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.core.flow.model import ActFact
from gangmu.core.flow.reading import parse
from gangmu.core.flow.service import shipped_data
from gangmu.core.verify import model
from gangmu.core.verify.model import Candidate, Window
from gangmu.kit import ids

HERE = "990101001000"
URBAN = parse(shipped_data("urban_case"), 1)
DAY = datetime(2026, 9, 18, tzinfo=UTC)


def somebody(division="990101000000", **given):
    return Candidate(ids.new("pst"), ids.new("prs"), division, **given)


def test_whose_grid_it_is_goes_first_then_the_closest_then_the_least_busy_then_the_nearest():
    bound = somebody(bound=True, open_tasks=3)
    town = somebody("990101001000", open_tasks=2)
    near, far = somebody(metres=100.0), somebody(metres=900.0)
    idle = somebody(open_tasks=0, metres=None)
    busy_bound = somebody(bound=True, open_tasks=9)
    elsewhere = somebody("990102000000")
    ranked = model.rank([busy_bound, far, elsewhere, near, idle, town, bound], HERE, 5, ())
    assert ranked == [bound, town, near, far, idle, busy_bound]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=1, max_size=8), st.data())
def test_a_doer_is_never_among_those_who_go(people, data):
    candidates = [somebody(bound=bound, open_tasks=n) for bound, n in people]
    but = {item.person for item in data.draw(st.lists(st.sampled_from(candidates)))}
    ranked = model.rank(candidates, HERE, 5, but)
    assert not {item.person for item in ranked} & but
    assert len(ranked) == len([item for item in candidates if item.person not in but])


def test_who_ordered_or_did_it_in_any_round_is_a_doer():
    def act(verb, person):
        return ActFact(verb, DAY, person)

    acts = [act("report", "a"), act("accept", "b"), act("dispatch", "c"), act("assign", "d"), act("start", "e"),
            act("submit", "e"), act("confirm", "f"), act("check_fail", "g"), act("start", None)]  # fmt: skip
    assert model.doers(URBAN, acts) == {"c", "d", "e", "f"}


def test_what_a_task_can_end_with_is_the_flows_to_say():
    assert [one.id for one in model.results_of(URBAN, "verify")] == ["confirmed", "not_found", "not_ours"]
    assert {one.verb.id for one in model.results_of(URBAN, "verify")} == {"verify_done"}
    assert [(one.id, one.outcome) for one in model.results_of(URBAN, "check")] == [
        ("check_pass", ""),
        ("check_fail", ""),
    ]
    assert model.roles_for(URBAN, "check") == ("patrol", "grid_worker")
    assert [verb.id for verb in model.sending_verbs(URBAN, "check")] == ["send_check"]


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        (Window(20 * 60, 22 * 60), ["20:00", "21:30", "22:00"], ["19:59", "22:01", "09:00"]),
        (Window(23 * 60, 60), ["23:00", "00:00", "01:00"], ["22:59", "01:01", "12:00"]),
    ],
)
def test_a_window_may_reach_over_midnight(window, inside, outside):
    def at(text):
        hour, minute = text.split(":")
        return DAY.replace(hour=int(hour), minute=int(minute))

    assert all(window.holds(at(text)) for text in inside)
    assert not any(window.holds(at(text)) for text in outside)


@given(st.integers(0, 1439), st.integers(5, 719), st.integers(0, 4000))
def test_a_window_holds_its_middle_and_opens_within_a_day(minute, width, later):
    happened = DAY + timedelta(minutes=minute)
    window = model.window_around(happened, width, UTC)
    assert window.holds(happened) and window.holds(happened + timedelta(minutes=width))
    now = DAY + timedelta(minutes=later)
    opens = window.opens_after(now)
    assert window.holds(opens) and now <= opens < now + timedelta(days=1)


def test_half_a_day_either_way_is_the_whole_day():
    assert model.window_around(DAY, 720, UTC) == Window(0, 1439)
    assert Window(20 * 60 + 5, 22 * 60).words() == ("20:05", "22:00")


def test_one_photo_of_now_proves_it_others_stay_flagged():
    assert model.is_proven([("reused",), ("no_place", "far")])
    assert not model.is_proven([("reused",), ("old", "far"), ("future",)])
    assert not model.is_proven([])
    assert model.flags_together([("far",), ("no_time", "far")]) == ("far", "no_time")
