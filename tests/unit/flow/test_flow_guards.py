"""The guards of the shipped flows, one by one (domain facts 1.5, 1.7, 3.2 to 3.4)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gangmu.core.flow import Acting, Facts, NotAllowed, available, step
from gangmu.core.flow.model import Refusal
from gangmu.core.flow.stepping import decide, running_clocks
from tests.unit.flow.shipped import START, at_state, did, flow, person, photo

URBAN, HOTLINE = flow("urban_case"), flow("hotline_order")
CLERK, LEADER, DISPATCHER = person("Cai"), person("Luo"), person("Diao")
DEPT, HANDLER, PATROL = person("Bu", "water"), person("Chu", "water"), person("Xun", "street")


def refused(facts: Facts, verb: str, who: Acting, flow_=URBAN, **args: object) -> str:
    decided = decide(flow_, replace(facts, actor=who), verb, args)
    return decided.reason.removeprefix("flow.refused.") if isinstance(decided, Refusal) else ""


def at_department(**more: object) -> Facts:
    facts = at_state("registered", lead_org="water", orgs=("water",), **more)
    return did(facts, "dispatch", DISPATCHER, "to_handle", lead_org="water")


def handled_and_confirmed() -> Facts:
    facts = at_department()
    facts = did(facts, "start", HANDLER, "handling")
    facts = did(facts, "submit", HANDLER, "handled")
    return did(facts, "confirm", DEPT, "dept_confirmed")


def test_a_return_needs_a_reason_and_the_assignment_revoked_first():
    facts = replace(at_department(), state="assigned", assigned_handler=HANDLER.post)
    assert refused(facts, "return", DEPT, reason="不是我们的") == "internal_assignment_revoked"
    free = replace(facts, state="to_handle", assigned_handler=None)
    assert refused(free, "return", DEPT) == "needs_reason"
    assert refused(free, "return", DEPT, reason="   ") == "needs_reason"
    assert refused(free, "return", DEPT, reason="不是我们的") == ""
    assert refused(free, "return", person("Ou", "roads"), reason="不是我们的") == "of_lead_org"


def test_a_department_returns_at_most_twice_and_not_after_a_designation():
    facts = at_department()
    for _ in range(2):
        facts = did(facts, "return", DEPT, "returned", reason="不是我们的")
        facts = did(facts, "send_back", DISPATCHER, "accepted", reason="请复核")
        facts = did(facts, "register", LEADER, "registered")
        facts = did(facts, "dispatch", DISPATCHER, "to_handle", lead_org="water")
    assert refused(facts, "return", DEPT, reason="再退") == "max_times"
    bound = did(at_state("registered", lead_org="water"), "designate", DISPATCHER, "to_handle", lead_org="water")
    assert refused(bound, "return", DEPT, reason="不是我们的") == "dispute_not_bound"


def test_a_returned_case_narrows_what_the_dispatcher_may_do():
    facts = replace(did(at_department(), "return", DEPT, "returned", reason="不是我们的"), actor=DISPATCHER)
    offered = {offer.verb.id for offer in available(URBAN, facts) if offer.verb.roles.count("dispatcher")}
    assert {"dispatch", "designate", "send_back"} <= offered
    assert not {"propose_close", "send_check", "close"} & offered
    assert refused(facts, "dispatch", DISPATCHER, lead_org="water") == "other_org_than"
    assert refused(facts, "dispatch", DISPATCHER, lead_org="roads") == ""
    assert refused(facts, "designate", DISPATCHER, lead_org="water", reason="属地职责") == ""
    # dispatching and recalling does not open the way to closing
    around = did(did(facts, "dispatch", DISPATCHER, "to_handle", lead_org="roads"), "recall", DISPATCHER, "to_dispatch")
    assert refused(around, "propose_close", DISPATCHER, reason="已自行恢复") == "not_after"
    assert refused(at_state("registered"), "propose_close", DISPATCHER, reason="已自行恢复") == ""


def test_only_the_dispatcher_who_sent_it_recalls_and_only_before_receipt():
    facts = at_department()
    assert refused(facts, "recall", person("Other"), reason="派错了") == "own_act"
    assert refused(facts, "recall", DISPATCHER, reason="派错了") == ""
    assert refused(did(facts, "receive", DEPT), "recall", DISPATCHER, reason="派错了") == "not_after"


def test_after_submission_there_is_no_way_back_for_the_handler():
    facts = replace(at_department(), state="handled", actor=HANDLER, assigned_handler=HANDLER.post)
    mine = {o.verb.id for o in available(URBAN, facts) if "handler" in o.verb.roles}
    assert mine <= {"note", "assist_done"}
    rework = did(did(handled_and_confirmed(), "check_fail", PATROL, "check_failed"), "rework", LEADER, "rework")
    assert refused(rework, "return", DEPT, reason="不是我们的") == "not_after"


def test_submitting_needs_before_and_after_pictures_of_this_round():
    facts = replace(did(at_department(), "start", HANDLER, "handling"), assigned_handler=HANDLER.post)
    before = replace(facts, evidence=(photo("before"),))
    assert refused(facts, "submit", HANDLER, answer="已修复", evidence=[photo("after", facts.now)]) == "needs_evidence"
    assert refused(before, "submit", HANDLER, answer="已修复") == "needs_evidence"
    stale = [photo("after", START - timedelta(days=1))]
    assert refused(before, "submit", HANDLER, answer="已修复", evidence=stale) == "fresh_evidence"
    fresh = [photo("after", facts.now)]
    assert refused(before, "submit", HANDLER, answer="", evidence=fresh) == "needs_answer"
    assert refused(before, "submit", HANDLER, answer="已修复", evidence=fresh) == ""
    assert refused(before, "submit", person("Wu", "water"), answer="已修复", evidence=fresh) == "assignee_only"


def test_a_check_is_for_another_person_with_fresh_evidence():
    facts = did(handled_and_confirmed(), "send_check", CLERK, "checking")
    fresh, used = photo("check", facts.now), photo("check", facts.now, reused=True)
    assert refused(facts, "check_pass", HANDLER, evidence=[fresh]) == "not_doer"
    assert refused(facts, "check_pass", Acting(), evidence=[fresh]) == "needs_person"
    assert refused(facts, "check_pass", PATROL) == "needs_evidence"
    assert refused(facts, "check_pass", PATROL, evidence=[used]) == "evidence_reused"
    old = photo("check", facts.now, taken_at=START - timedelta(hours=1))
    assert refused(facts, "check_pass", PATROL, evidence=[old]) == "fresh_evidence"
    assert refused(facts, "check_pass", PATROL, evidence=[fresh]) == ""


@pytest.mark.parametrize("doer", [DISPATCHER, HANDLER, DEPT])
def test_whoever_ordered_or_did_the_work_cannot_close(doer: Acting):
    facts = did(did(handled_and_confirmed(), "send_check", CLERK, "checking"), "check_pass", PATROL, "to_close")
    assert refused(facts, "close", doer, closing_condition_id="clc_1") == "not_doer"
    assert refused(facts, "force_close", doer, reason="上级要求") == "not_doer"
    assert refused(facts, "close", LEADER) == "needs_closing_condition"
    assert refused(facts, "close", LEADER, closing_condition_id="clc_1") == ""


def test_filing_needs_a_condition_and_what_the_public_reports_is_verified_first():
    public = at_state("accepted", channel="citizen")
    assert refused(public, "register", LEADER, condition_id="cnd_1") == "verified_first"
    seen = did(public, "verify_done", PATROL, outcome="confirmed")
    assert refused(seen, "register", LEADER) == "needs_filing_condition"
    assert refused(seen, "register", LEADER, condition_id="cnd_1") == ""
    denied = did(public, "verify_done", PATROL, outcome="not_found")
    assert refused(denied, "register", LEADER, condition_id="cnd_1") == "verified_first"
    assert refused(at_state("accepted", channel="patrol"), "register", LEADER, condition_id="cnd_1") == ""
    assert refused(at_state("accepted", channel="ai"), "register", LEADER, condition_id="cnd_1") == "verified_first"


def test_who_takes_the_case_owns_it_until_it_goes_to_the_pool():
    facts = did(at_state("reported"), "accept", CLERK, "accepted")
    facts = replace(facts, state="dept_confirmed")
    assert refused(facts, "send_check", person("Other")) == "same_clerk_owns"
    assert refused(facts, "send_check", CLERK) == ""
    assert refused(did(facts, "release", LEADER), "send_check", person("Other")) == ""


def test_extensions_only_in_time_one_at_a_time_and_at_most_twice():
    facts = replace(did(at_department(), "start", HANDLER, "handling"), assigned_handler=HANDLER.post)
    assert refused(facts, "request_extension", DEPT) == "needs_reason"
    late = replace(facts, overdue=frozenset({"handle"}))
    assert refused(late, "request_extension", DEPT, reason="缺件") == "before_overdue"
    for n in range(3):
        said = refused(facts, "request_extension", DEPT, reason="缺件")
        assert said == ("" if n < 2 else "max_times")
        facts = did(facts, "request_extension", DEPT, "extension_pending", reason="缺件")
        facts = did(facts, "grant_extension", DISPATCHER, "handling")
    refusals = did(at_department(), "request_extension", DEPT, "extension_pending")
    for _ in range(5):
        refusals = did(refusals, "refuse_extension", DISPATCHER, "to_handle")
        assert refused(refusals, "request_extension", DEPT, reason="缺件") == ""
        refusals = did(refusals, "request_extension", DEPT, "extension_pending")


def test_a_decided_request_leads_back_to_where_it_was_asked_and_the_clock_runs_on():
    facts = replace(did(at_department(), "start", HANDLER, "handling"), assigned_handler=HANDLER.post)
    facts = did(facts, "ask_extension", HANDLER, "extension_asked", reason="缺件")
    facts = did(facts, "request_extension", DEPT, "extension_pending", reason="缺件")
    assert running_clocks(URBAN, facts) == ("handle", "extension")
    decided = step(URBAN, replace(facts, actor=DISPATCHER), "grant_extension", {})
    assert (decided.to_state, decided.stops, decided.starts) == ("handling", ("extension",), ())
    assert decided.effects == ("extend_deadline",)


def test_a_suspension_once_with_an_end_within_a_year_pauses_and_resumes_by_itself():
    facts = at_department()
    soon, far, past = (facts.now + timedelta(days=n) for n in (30, 400, -1))
    assert refused(facts, "request_suspension", DEPT, reason="待采购") == "needs_until"
    assert refused(facts, "request_suspension", DEPT, reason="待采购", until=far) == "until_within"
    assert refused(facts, "request_suspension", DEPT, reason="待采购", until=past) == "until_within"
    assert refused(facts, "request_suspension", DEPT, reason="待采购", until=soon) == ""
    asked = did(facts, "request_suspension", DEPT, "suspension_pending", until=soon.isoformat())
    granted = step(URBAN, replace(asked, actor=DISPATCHER), "approve_suspension", {})
    assert (granted.to_state, granted.clock, granted.stops) == ("suspended", "pause", ("suspension",))
    suspended = did(asked, "approve_suspension", DISPATCHER, "suspended")
    assert refused(suspended, "start", HANDLER) == "not_from_here"
    assert refused(suspended, "request_extension", DEPT, reason="缺件") == "not_from_here"
    resumed = step(URBAN, replace(suspended, actor=Acting()), "resume", {})
    assert (resumed.to_state, resumed.clock) == ("to_handle", "resume")
    again = did(suspended, "resume", Acting(), "to_handle")
    assert refused(again, "request_suspension", DEPT, reason="待采购", until=soon) == "once"
    missed = replace(asked, now=soon + timedelta(days=1))
    assert refused(missed, "approve_suspension", DISPATCHER) == "last_until_ahead"


def test_the_handle_clock_stops_at_the_departments_confirmation():
    handled = replace(at_department(), state="handled", actor=DEPT)
    assert step(URBAN, handled, "confirm", {}).stops == ("handle",)
    handling = replace(handled, state="handling", assigned_handler=None, evidence=(photo("before"),))
    given = {"answer": "已修复", "evidence": [photo("after", handling.now)]}
    assert step(URBAN, handling, "submit", given).stops == ()


def test_a_return_cancels_the_handle_clock_and_counts_it_neither_late_nor_in_time():
    returned = step(URBAN, replace(at_department(), actor=DEPT), "return", {"reason": "不是我们的"})
    assert returned.stops == returned.cancels == ("handle",)
    assert returned.starts == ("dispatch",)


def test_an_appeal_once_after_closing_by_the_department_for_an_overdue_handle_stage():
    closed = at_state("closed", lead_org="water", overdue=frozenset({"handle"}))
    assert refused(replace(closed, state="to_close"), "appeal", DEPT, reason="停水") == "not_from_here"
    assert refused(replace(closed, overdue=frozenset({"check"})), "appeal", DEPT, reason="停水") == "overdue_stage"
    assert refused(closed, "appeal", person("Ou", "roads"), reason="停水") == "of_lead_org"
    assert refused(closed, "appeal", DEPT) == "needs_reason"
    asked = did(closed, "appeal", DEPT, "appeal_pending", reason="停水")
    assert URBAN.state("appeal_pending").status == "closed"
    assert refused(asked, "endorse_appeal", DEPT, reason="属实") == "not_same_person"
    endorsed = did(asked, "endorse_appeal", DISPATCHER, "appeal_review", reason="属实")
    assert refused(endorsed, "grant_appeal", DISPATCHER, reason="属实") == "not_same_person"
    granted = step(URBAN, replace(endorsed, actor=CLERK), "grant_appeal", {"reason": "属实"})
    assert (granted.to_state, granted.effects) == ("closed", ("exempt_overdue",))
    assert refused(did(endorsed, "grant_appeal", CLERK, "closed"), "appeal", DEPT, reason="再申诉") == "once"


def test_a_jump_never_closes_and_never_skips_the_filing():
    facts = at_state("accepted")
    boss = person("Du")
    assert refused(facts, "jump", boss, reason="急", to_state="closed") == "target_not_offered"
    assert refused(facts, "jump", boss, reason="急", to_state="to_dispatch") == "done_before"
    filed = did(facts, "register", LEADER, "registered")
    assert refused(filed, "jump", boss, to_state="to_dispatch") == "needs_reason"
    assert refused(filed, "jump", boss, reason="急", to_state="to_handle") == "has_lead_org"
    assert refused(filed, "jump", boss, reason="急", to_state="to_dispatch") == ""


def test_self_handling_needs_pictures_and_is_closed_by_somebody_else():
    facts = at_state("reported", channel="patrol")
    both = [photo("before"), photo("after")]
    assert refused(facts, "self_handle", PATROL, evidence=both[:1]) == "needs_evidence"
    assert refused(facts, "self_handle", PATROL, evidence=both) == ""
    done = did(facts, "self_handle", PATROL, "self_handled")
    assert refused(done, "close", PATROL, closing_condition_id="clc_1") == "not_doer"
    assert refused(done, "close", LEADER, closing_condition_id="clc_1") == ""


def test_void_and_refusal_answer_the_reporter():
    for verb, state in (("refuse", "reported"), ("void", "accepted")):
        assert refused(at_state(state), verb, LEADER) == "needs_reason"
        given = step(URBAN, at_state(state, actor=LEADER), verb, {"reason": "重复反映"})
        assert given.to_state == "void" and "answer_reporters" in given.effects


# --- hotline ---------------------------------------------------------------------------------------------


def order(state: str, **more: object) -> Facts:
    facts = at_state("classified", lead_org="water", orgs=("water",), **more)
    return replace(did(facts, "dispatch", DISPATCHER, "dispatched", lead_org="water"), state=state)


def test_an_order_that_is_not_accepted_says_which_lawful_reason():
    call = at_state("received", channel="hotline12345")
    assert refused(call, "decline", CLERK, HOTLINE, answer="请走诉讼") == "needs_outcome"
    assert refused(call, "decline", CLERK, HOTLINE, answer="请走诉讼", outcome="rejected") == "outcome_not_offered"
    assert refused(call, "decline", CLERK, HOTLINE, answer="请走诉讼", outcome="lawful_way") == ""


def test_signing_and_returning_have_their_own_clocks():
    sent = step(HOTLINE, at_state("classified", actor=DISPATCHER), "dispatch", {"lead_org": "water"})
    assert sent.starts == ("sign", "return", "handle")
    assert step(HOTLINE, replace(order("dispatched"), actor=DEPT), "sign", {}).stops == ("sign",)
    late = order("signed", overdue=frozenset({"return"}))
    assert refused(late, "request_return", DEPT, HOTLINE, reason="不是我们的") == "before_overdue"
    started = step(HOTLINE, replace(order("signed"), actor=DEPT), "start", {})
    assert started.stops == ("return",)


def test_a_refused_objection_stays_and_a_designation_binds():
    asked = did(order("signed"), "request_return", DEPT, "return_requested", reason="不是我们的")
    back = step(HOTLINE, replace(asked, actor=DISPATCHER), "refuse_return", {"reason": "属贵单位"})
    assert back.to_state == "signed"
    told = did(asked, "refuse_return", DISPATCHER, "signed")
    assert refused(told, "request_return", DEPT, HOTLINE, reason="不是我们的") == "not_after"
    disputed = did(asked, "raise_dispute", DISPATCHER, "disputed")
    bound = did(disputed, "designate", person("Du"), "dispatched", lead_org="water")
    assert refused(bound, "request_return", DEPT, HOTLINE, reason="不是我们的") == "dispute_not_bound"


def test_a_discontent_caller_is_followed_up_before_closing():
    visited = did(order("to_call_back"), "visit", CLERK, "visited", outcome="unsolved", satisfaction="dissatisfied")
    assert refused(visited, "close", CLERK, HOTLINE, closing_condition_id="clc_1") == "content_or"
    assert refused(visited, "redo", CLERK, HOTLINE, reason="未解决") == ""
    content = did(order("to_call_back"), "visit", CLERK, "visited", outcome="solved", satisfaction="satisfied")
    assert refused(content, "redo", CLERK, HOTLINE, reason="未解决") == "discontent_visit"
    assert refused(content, "close", CLERK, HOTLINE, closing_condition_id="clc_1") == ""
    assert refused(content, "close", DISPATCHER, HOTLINE, closing_condition_id="clc_1") == "not_doer"


def test_a_visit_asks_for_satisfaction_unless_nobody_answers():
    waiting = order("to_call_back")
    assert refused(waiting, "visit", CLERK, HOTLINE, outcome="solved") == "needs_satisfaction"
    assert refused(waiting, "visit", CLERK, HOTLINE, outcome="solved", satisfaction="great") == "needs_satisfaction"
    assert refused(waiting, "visit", CLERK, HOTLINE, outcome="unreached") == ""


# --- asking ----------------------------------------------------------------------------------------------


def test_step_raises_the_reason_as_its_code():
    with pytest.raises(NotAllowed) as raised:
        step(URBAN, at_state("reported"), "refuse", {})
    assert raised.value.code == "flow.refused.needs_person"
    with pytest.raises(NotAllowed) as raised:
        step(URBAN, at_state("reported", actor=CLERK), "refuse", {"reason": "不属"}, permissions={"event.accept"})
    assert raised.value.code == "flow.refused.not_permitted"


def test_offers_leave_out_what_is_not_permitted_and_say_why_the_rest_is_stopped():
    facts = replace(at_department(), actor=DISPATCHER)
    offers = {o.verb.id: o for o in available(URBAN, facts, {"event.recall", "event.return", "event.note"})}
    assert set(offers) == {"recall", "return", "note"}
    assert offers["recall"].allowed
    assert offers["return"].refused_because == Refusal("flow.refused.of_lead_org")
    everything = {o.verb.id: o for o in available(URBAN, facts, set(), everything=True)}
    assert everything["recall"].refused_because == Refusal("flow.refused.not_permitted", {"permission": "event.recall"})
