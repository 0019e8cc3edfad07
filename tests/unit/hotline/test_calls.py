"""A call's state from what is known of it, its outcomes with their templates, its figures."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from gangmu.core.hotline import model, shipped
from gangmu.core.hotline.errors import CallClosed, NotAnswered, OutcomeElsewhere, OutcomeNeeds, TooFewTries
from gangmu.core.hotline.model import Call, Ending, Fact, Missed, Rate, State
from gangmu.kit import ids

T = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OUTCOMES = {row.key: row for row in shipped.outcomes()}


def a_call(**given):
    blank = Call(
        ids.new("tel"), "cti", "1", "", "", "in", None, "990101000000", None, None, None, "ringing", began_at=T
    )
    return replace(blank, **given)


def answered(**given):
    return a_call(rang_at=T, answered_at=T + timedelta(seconds=8), state="answered", **given)


def closed(key="answered", **given):
    ending = Ending(kind="enquiry", answer="三个工作日。", reason="依条例", event=ids.new("evt"))
    return model.ended(answered(**given), OUTCOMES[key], ending, "三个工作日。", T + timedelta(minutes=3))


# --- states -----------------------------------------------------------------------------------------------


FACTS = {Fact.ring: 0, Fact.answer: 8, Fact.hang_up: 90}


@pytest.mark.parametrize("order", list(permutations(FACTS)))
def test_the_order_in_which_facts_come_does_not_matter(order):
    call = a_call()
    for fact in order:
        call = model.told(call, fact, T + timedelta(seconds=FACTS[fact]), "801")
    assert call.state == State.answered
    assert (call.began_at, call.waited_s, call.talked_s) == (T, 8, 82)


@pytest.mark.parametrize("order", list(permutations([Fact.ring, Fact.missed, Fact.hang_up])))
def test_a_call_that_nobody_answered_is_missed(order):
    call = a_call()
    for fact in order:
        call = model.told(call, fact, T)
    assert call.state == State.missed


def test_an_answer_is_worth_more_than_a_miss_told_before_it():
    call = model.told(a_call(), Fact.missed, T + timedelta(seconds=30))
    assert call.state == State.missed
    assert model.told(call, Fact.answer, T + timedelta(seconds=9)).state == State.answered


def test_a_fact_told_again_changes_nothing():
    call = model.told(a_call(), Fact.answer, T, "801")
    assert model.told(call, Fact.answer, T + timedelta(hours=1), "802") == call


def test_the_seat_that_answers_has_the_call():
    call = model.told(a_call(), Fact.ring, T, "801")
    assert model.told(call, Fact.answer, T, "802").seat == "802"


# --- outcomes ---------------------------------------------------------------------------------------------


def test_every_outcome_has_words_for_the_caller_in_both_languages_and_a_source():
    for row in OUTCOMES.values():
        assert row.title_zh and row.title_en and row.answer_zh and row.answer_en and row.source, row.key
    assert {"lawsuit", "arbitration", "discipline", "review", "disclosure", "petition"} <= OUTCOMES.keys()
    assert {f"emergency_{line}" for line in ("110", "119", "120", "122")} <= OUTCOMES.keys()
    keys = [row.hot_key for row in OUTCOMES.values()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("key", [key for key, row in OUTCOMES.items() if "reason" in row.needs])
def test_nobody_is_turned_away_without_a_reason(key):
    with pytest.raises(OutcomeNeeds) as refused:
        model.check_ending(answered(), OUTCOMES[key], Ending(kind="complaint", reason=" "))
    assert refused.value.params["what"] == "reason"
    model.check_ending(answered(), OUTCOMES[key], Ending(kind="complaint", reason="法院正在审理"))


@pytest.mark.parametrize(
    ("key", "given", "what"),
    [
        ("answered", {}, "entry_or_answer"),
        ("repeated", {}, "event"),
        ("malicious", {"answer": "骚扰"}, "reason"),
    ],
)
def test_an_outcome_says_what_it_needs(key, given, what):
    with pytest.raises(OutcomeNeeds) as refused:
        model.check_ending(answered(), OUTCOMES[key], Ending(kind="enquiry", **given))
    assert refused.value.params["what"] == what


def test_a_call_ends_once_and_only_when_answered():
    given = Ending(kind="enquiry", answer="明天停水")
    with pytest.raises(NotAnswered):
        model.check_ending(a_call(), OUTCOMES["answered"], given)
    with pytest.raises(CallClosed):
        model.check_ending(closed(), OUTCOMES["answered"], given)
    for key in ("in_scope", "emergency_110"):
        with pytest.raises(OutcomeElsewhere):
            model.check_ending(answered(), OUTCOMES[key], given)


def test_a_template_is_filled():
    words = model.fill(OUTCOMES["lawsuit"].answer_zh, {"authority": "东区人民法院"})
    assert words == "您反映的事项依法应通过诉讼解决，可以向东区人民法院起诉。"


def test_a_malicious_call_waits_for_the_shift_leader_and_may_come_back():
    call = closed("malicious")
    assert (call.state, call.confirm) == ("closed", "pending")
    again = model.reopened(call)
    assert (again.state, again.outcome, again.confirm) == ("answered", None, "")


# --- missed -----------------------------------------------------------------------------------------------


def test_a_missed_call_is_given_up_after_enough_tries_with_a_reason():
    missed = Missed(ids.new("mis"), ids.new("clr"), "990101000000", 2, T, T, T, "open", 2, T, None, None, "")
    with pytest.raises(TooFewTries):
        model.check_giving_up(missed, 3, "无人接听")
    with pytest.raises(OutcomeNeeds):
        model.check_giving_up(replace(missed, tries=3), 3, " ")
    model.check_giving_up(replace(missed, tries=3), 3, "无人接听")


# --- figures ----------------------------------------------------------------------------------------------


def test_calls_and_matters_are_both_counted():
    tally = model.counted(closed("repeated"), 20)
    assert (tally["calls", "in"], tally["orders", ""], tally["matters", ""]) == (1, 1, 0)
    assert (tally["valid", ""], tally["direct", ""]) == (1, 0)


def test_the_direct_answer_rate_leaves_empty_calls_out():
    direct, empty = model.counted(closed(), 20), model.counted(closed("empty"), 20)
    assert (direct["valid", ""], direct["direct", ""]) == (1, 1)
    assert (empty["valid", ""], empty["direct", ""]) == (0, 0)
    assert empty["outcome", "empty"] == 1


def test_in_time_is_of_calls_whose_wait_is_known():
    slow = answered(ended_at=T + timedelta(minutes=1))
    assert model.counted(slow, 20)["in_time", ""] == 1
    assert model.counted(slow, 5)["in_time", ""] == 0
    assert model.counted(replace(slow, rang_at=None), 20)["waited", ""] == 0


def test_a_change_adds_and_takes_away():
    before, after = model.counted(a_call(missed_at=T), 20), model.counted(answered(), 20)
    delta = model.delta(before, after)
    assert (delta["missed", ""], delta["answered", ""]) == (-1, 1)
    assert ("calls", "in") not in delta


def test_a_rate_of_nothing_is_none_and_never_zero():
    assert Rate(0, 0).value is None and Rate(0, 4).value == 0.0
    assert [day.day for day in model.days_between(date(2026, 2, 27), date(2026, 3, 1))] == [27, 28, 1]
