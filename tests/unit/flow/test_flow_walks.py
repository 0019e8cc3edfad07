"""Random walks over the shipped flows: whatever people try, the guards hold."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangmu.core.flow import ActFact, Acting, EvidenceFact, Facts, available
from gangmu.core.flow.model import Flow, Refusal, StateKind, Status, Step
from gangmu.core.flow.stepping import decide, running_clocks
from gangmu.core.flow.tables import SATISFACTION
from gangmu.kit.text import words
from tests.unit.flow.shipped import START, flow, person

ORGS = ("water", "roads")
PEOPLE = (
    Acting(),
    *(person(f"centre{n}") for n in range(4)),
    *(person(f"{org}{n}", org) for org in ORGS for n in range(2)),
)
CHANNELS = ("citizen", "patrol", "hotline12345", "ai")


def tried_args(choice: random.Random, facts: Facts, outcomes: tuple[str, ...] = ()) -> dict[str, object]:
    """What a person might fill in: mostly good, sometimes nothing."""
    full: dict[str, object] = {
        "reason": "情况说明",
        "condition_id": "cnd_1",
        "closing_condition_id": "clc_1",
        "lead_org": choice.choice(ORGS),
        "assistants": [choice.choice(ORGS)],
        "handler_post": choice.choice([p.post for p in PEOPLE if p.post]),
        "answer": "已办",
        "until": facts.now + timedelta(days=choice.choice([10, 300, 500])),
        "satisfaction": choice.choice([*SATISFACTION, "rubbish"]),
        "outcome": choice.choice(outcomes or ("rubbish",)),
        "to_state": choice.choice(["reported", "to_handle", "to_check", "signed", "closed", "classified", "accepted"]),
        "evidence": [EvidenceFact(kind, facts.now) for kind in ("before", "after", "check")],
    }
    return {k: v for k, v in full.items() if choice.random() > 0.03}


def after(facts: Facts, step: Step, args: dict[str, object]) -> Facts:
    """What the stage of events keeps of a step, as far as flows look at it."""
    who = facts.actor
    kept = {k: v for k, v in args.items() if k in ("outcome", "satisfaction", "lead_org", "until")}
    act = ActFact(step.verb, facts.now, who.person, who.post, who.org, "", kept, step.from_state, step.to_state)
    lead, handler, tasks = facts.lead_org, facts.assigned_handler, set(facts.open_tasks)
    for effect in step.effects:
        if effect == "set_lead_org":
            lead = str(args["lead_org"])
        elif effect == "lead_town":
            lead = str(args.get("lead_org") or ORGS[0])
        elif effect == "clear_lead_org":
            lead = None
        elif effect == "set_handler":
            handler = str(args["handler_post"])
        elif effect == "take_handler":
            handler = handler or who.post
        elif effect == "clear_handler":
            handler = None
        elif effect.startswith("open_") and effect.endswith("_task"):
            tasks.add(effect[5:-5])
        elif effect.endswith("_task"):
            tasks.discard(effect.split("_")[1])
    return replace(
        facts,
        state=step.to_state,
        acts=(*facts.acts, act),
        lead_org=lead,
        orgs=tuple({*facts.orgs, *([lead] if lead else [])}),
        assigned_handler=handler,
        open_tasks=tuple(sorted(tasks)),
        now=facts.now + timedelta(hours=1),
    )


def walk(flow_: Flow, seed: int, length: int = 60, straight: float = 0.85) -> list[tuple[Facts, Step]]:
    choice = random.Random(seed)
    facts = Facts(state=flow_.start, now=START, channel=choice.choice(CHANNELS))
    seen = []
    for _ in range(length):
        facts = replace(facts, actor=choice.choice(PEOPLE))
        verbs = [v.id for v in flow_.verbs if facts.state in v.sources]
        ways = [v for v in flow_.verbs if v.id in verbs and v.to != "@same" and not v.anywhere]
        verb = choice.choice(ways).id if ways and choice.random() < straight else choice.choice(verbs)
        found = flow_.find_verb(verb)
        args = tried_args(choice, facts, tuple(o.id for o in found.outcomes) if found else ())
        decided = decide(flow_, facts, verb, args)
        if isinstance(decided, Step):
            seen.append((facts, decided))
            facts = after(facts, decided, args)
    return seen


FLOWS = st.sampled_from([flow("urban_case"), flow("hotline_order"), flow("grid_event")])


@settings(max_examples=120, deadline=None)
@given(FLOWS, st.integers(0, 10**9))
def test_nobody_who_ordered_or_did_the_work_ever_ends_a_matter(flow_, seed):
    work = {v.id for v in flow_.verbs if v.duty in ("order", "do")}
    for facts, step in walk(flow_, seed):
        if flow_.state(facts.state).status is Status.open and flow_.state(step.to_state).kind is StateKind.final:
            assert facts.actor.person is not None
            assert not [a for a in facts.acts if a.verb in work and a.person == facts.actor.person]


@settings(max_examples=60, deadline=None)
@given(FLOWS, st.integers(0, 10**9))
def test_the_counts_and_the_requests_hold_on_every_way(flow_, seed):
    done = [step.verb for _, step in walk(flow_, seed, 120)]
    assert done.count("grant_extension") <= 2
    assert done.count("approve_suspension") <= 1
    assert done.count("appeal") <= 1
    for facts, step in walk(flow_, seed, 120):
        if step.verb in ("return", "request_return"):
            assert facts.assigned_handler is None
            last = facts.last("dispatch", "designate", "hand_on")
            assert last is not None and last.verb in ("dispatch", "hand_on")
        if step.verb == "close" and flow_.id == "urban_case":
            assert "check_pass" in {a.verb for a in facts.acts} or "self_handle" in {a.verb for a in facts.acts}
        if step.verb == "propose_close":
            returned = facts.last_index("return")
            assert returned < 0 or facts.last_index("submit") > returned


@settings(max_examples=60, deadline=None)
@given(FLOWS, st.integers(0, 10**9))
def test_started_clocks_are_the_running_ones_and_none_runs_at_the_end(flow_, seed):
    running: set[str] = set(flow_.state(flow_.start).clocks)
    paused = False
    for facts, step in walk(flow_, seed):
        assert set(running_clocks(flow_, facts)) == running
        assert not set(step.starts) & running and set(step.stops) <= running and set(step.cancels) <= set(step.stops)
        running = (running - set(step.stops)) | set(step.starts)
        assert step.clock in ("", "resume" if paused else "pause")
        paused = {"": paused, "pause": True, "resume": False}[step.clock]
        if flow_.state(step.to_state).kind is StateKind.final:
            assert not running and not paused


@settings(max_examples=30, deadline=None)
@given(FLOWS, st.integers(0, 10**9))
def test_what_is_offered_is_what_is_decided(flow_, seed):
    for facts, step in walk(flow_, seed):
        offers = {o.verb.id: o for o in available(flow_, facts)}
        assert offers[step.verb].allowed
        for offer in offers.values():
            if not offer.allowed:
                assert isinstance(decide(flow_, facts, offer.verb.id, {}), Refusal)


@settings(max_examples=30, deadline=None)
@given(FLOWS, st.integers(0, 10**9), st.text(max_size=20))
def test_every_refusal_has_words_in_both_languages(flow_, seed, rubbish):
    choice = random.Random(seed)
    ways = walk(flow_, seed, 25)
    facts = ways[-1][0] if ways else Facts(state=flow_.start, now=START)
    for verb in [*(v.id for v in flow_.verbs), rubbish]:
        for who in PEOPLE:
            decided = decide(flow_, replace(facts, actor=who), verb, tried_args(choice, facts))
            if isinstance(decided, Refusal):
                assert decided.reason in words("zh-CN") and decided.reason in words("en"), decided.reason


@pytest.mark.parametrize("name", ["urban_case", "hotline_order", "grid_event"])
def test_random_walks_do_reach_every_state(name):
    """The walks above are worth something: together they visit every state of the flow."""
    flow_ = flow(name)
    seen = {flow_.start}
    hard = {"appeal_pending", "appeal_review"}  # those need a late handle stage, tested on its own
    for seed in range(1500):
        seen |= {step.to_state for _, step in walk(flow_, seed, 200, straight=0.995)}
        if {s.id for s in flow_.states} <= seen | hard:
            return
    pytest.fail(f"never visited: {sorted({s.id for s in flow_.states} - seen - hard)}")
