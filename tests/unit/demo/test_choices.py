"""What simulated people choose: only what they are offered, and nothing that nobody in his senses would do."""

from random import Random

import pytest

from gangmu.demo.choices import choose
from gangmu.demo.life import Pace


def verb(name, requires=(), takes=(), outcomes=(), refused=None):
    return {
        "id": name,
        "requires": list(requires),
        "takes": list(takes),
        "outcomes": [{"id": item} for item in outcomes],
        "refused_because": refused,
    }


def event(*verbs, channel="patrol", kind="report"):
    return {"verbs": list(verbs), "channel": channel, "kind": kind}


def chosen(role, one, timeline=(), times=60):
    found = {choose(Random(n), role, one, timeline) for n in range(times)}
    return {choice.verb if choice else None for choice in found}


def test_a_refused_verb_is_not_chosen():
    refused = verb("accept", refused={"key": "flow.refused.no_open_task", "text": ""})
    assert chosen("clerk", event(refused)) == {None}


def test_what_a_patrol_saw_is_accepted_and_what_a_camera_saw_is_looked_at_first():
    offered = (verb("accept"), verb("send_verify"), verb("refuse", ["reason"], ["outcome"], ["not_found"]))
    assert chosen("clerk", event(*offered)) == {"accept"}
    assert chosen("clerk", event(*offered, channel="ai")) == {"send_verify"}
    looked = [{"verb": "verify_done", "args": {"outcome": "confirmed"}}]
    assert chosen("clerk", event(*offered, channel="ai"), looked) == {"accept"}
    nothing = [{"verb": "verify_done", "args": {"outcome": "not_found"}}]
    assert chosen("clerk", event(*offered, channel="ai"), nothing) == {"refuse"}


def test_questions_are_answered_on_the_line_and_complaints_written_down():
    offered = (verb("answer", ["answer"], ["outcome"], ["knowledge"]), verb("classify", ["filing_condition"]))
    assert chosen("hotline_operator", event(*offered, kind="enquiry")) == {"answer"}
    assert chosen("hotline_operator", event(*offered, kind="complaint")) == {"classify"}


def test_a_discontent_caller_is_not_closed():
    assert "close" not in chosen("call_back", event(verb("close", ["closing_condition"]), verb("redo", ["reason"])))


def test_a_visit_has_a_grade_unless_nobody_answered():
    visit = event(verb("visit", ["outcome"], ["satisfaction"], ["solved", "unsolved", "unreached", "not_wanted"]))
    for seed in range(80):
        choice = choose(Random(seed), "call_back", visit, ())
        assert choice is not None and "satisfaction" in choice.needs
        assert bool(choice.satisfaction) == (choice.outcome != "unreached")


def test_a_stranger_to_the_work_does_nothing():
    assert choose(Random(1), "evaluator", event(verb("accept")), ()) is None


@pytest.mark.parametrize(
    ("pace", "rate", "least", "most"),
    [(Pace(), 1.0, 30, 150), (Pace(10), 1.0, 3, 15), (Pace(), 0.08, 300, 1500), (Pace(clock=60), 1.0, 0.5, 2.5)],
)
def test_the_pace_follows_the_rate_and_the_clock(pace, rate, least, most):
    chance = Random(2)
    waits = [pace.wait(chance, 70, rate) for _ in range(400)]
    assert least < sum(waits) / len(waits) < most


def test_a_stopped_pace_never_comes():
    assert Pace(0).wait(Random(1), 70, 9) == float("inf")
