"""Counting one matter: on which day it counts, for whom, and what takes it out. No database."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gangmu.brain.evaluate import shipped
from gangmu.brain.evaluate.counting import WORDS, Rules, count_call, count_case, count_entry
from gangmu.brain.evaluate.model import Cell, figure_of
from gangmu.brain.evaluate.rows import (
    ActRow,
    CallRow,
    Case,
    ClockRow,
    CorrectionRow,
    DebtRow,
    EditionRow,
    EventRow,
    Fact,
    TaskRow,
)
from gangmu.core.hotline.shipped import outcomes

T0 = datetime(2026, 10, 12, 1, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = Rules(shipped.words(), direct=shipped.calls()["direct"], idle=shipped.calls()["idle"])
HOURS = st.integers(0, 2000)


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def an_event(**given: object) -> EventRow:
    usual: dict[str, object] = {
        "id": "evt_1",
        "version": 9,
        "case_no": "1",
        "title": "井盖",
        "flow": "urban_case",
        "state": "closed",
        "status": "closed",
        "channel": "patrol",
        "kind": "",
        "matter": None,
        "division": "990101001000",
        "unit_grid": "g1",
        "duty_grid": "d1",
        "lead_org": "org_a",
        "orgs": ("org_a",),
        "people": (),
        "suspended_until": None,
        "outcome": "",
        "satisfaction": "",
        "exemptions": (),
        "merged_into": None,
        "report_count": 1,
        "reported_at": T0,
        "closed_at": at(10),
    }
    return EventRow(**{**usual, **given})  # type: ignore[arg-type]


def an_act(seq: int, verb: str, hours: float, **given: object) -> ActRow:
    usual: dict[str, object] = {
        "id": f"act_{seq}",
        "event": "evt_1",
        "seq": seq,
        "verb": verb,
        "kind": "step",
        "from_state": "a",
        "to_state": f"s{seq}",
        "person": None,
        "post": f"pst_{verb}",
        "org": "org_c",
        "actor_name": "王",
        "role": "",
        "reason": "缘由",
        "outcome": "",
        "satisfaction": "",
        "done_at": at(hours),
        "recorded_at": at(hours),
        "target_at": None,
    }
    return ActRow(**{**usual, **given})  # type: ignore[arg-type]


def a_clock(name: str, start: float, due: float | None, stop: float | None, **given: object) -> ClockRow:
    late = due is not None and stop is not None and stop > due
    made = ClockRow(
        f"clk_{name}",
        "evt_1",
        1,
        name,
        "",
        None,
        at(start),
        None if due is None else at(due),
        None if stop is None else at(stop),
        False,
        late,
        False,
    )
    return replace(made, **given)  # type: ignore[arg-type]


def a_debt(org: str, role: str, since: float, state: str = "done") -> DebtRow:
    return DebtRow(f"obl_{org}_{since}", "evt_1", 1, org, role, state, at(since), None, None)


HISTORY = (an_act(1, "report", 0), an_act(2, "accept", 1), an_act(3, "register", 2), an_act(4, "dispatch", 3))


def a_case(due: float | None = 8, stop: float | None = 7, **event: object) -> Case:
    return Case(an_event(**event), HISTORY, (a_clock("handle", 3, due, stop),), (a_debt("org_a", "host", 3),))


def of(facts: list[Fact], word: str) -> list[Fact]:
    return [fact for fact in facts if fact.word == word]


@given(due=HOURS, stop=st.none() | HOURS, closed=st.none() | HOURS)
def test_a_matter_counts_once_and_what_is_late_stays_where_it_was_due(
    due: int, stop: int | None, closed: int | None
) -> None:
    if closed is not None and (stop is None or stop > closed):
        stop = closed
    state = {"status": "open" if closed is None else "closed", "closed_at": None if closed is None else at(closed)}
    facts = count_case(a_case(due, stop, **state), RULES)
    need = of(facts, "need_archive")
    assert len(need) == 1 and need[0].at == (at(closed) if closed is not None and closed < due else at(due))
    assert [fact.at for fact in of(facts, "archived")] == ([need[0].at] if closed is not None else [])
    in_time, late = of(facts, "in_time_archive"), of(facts, "late_archive")
    assert len(in_time) + len(late) == (closed is not None)
    assert bool(late) == (closed is not None and stop is not None and stop > due)
    owed = of(facts, "handled_due")
    assert len(owed) == 1 and owed[0].at == (at(stop) if stop is not None and stop < due else at(due))
    assert (
        len(of(facts, "handled_in_time")) + len(of(facts, "overdue_unhandled")) + bool(stop is not None and stop > due)
        == 1
    )
    assert {fact.word for fact in facts} <= set(WORDS)
    keys = [(fact.word, fact.key) for fact in facts]
    assert len(keys) == len(set(keys))


def test_an_exemption_leaves_the_fact_and_takes_it_out() -> None:
    case = a_case(8, 12, closed_at=at(14))
    plain = count_case(case, RULES)
    granted = replace(
        case,
        event=replace(case.event, exemptions=("overdue",)),
        acts=(*HISTORY, an_act(5, "grant_appeal", 20, reason="停电", actor_name="李")),
    )
    facts = count_case(granted, RULES)
    for word in ("need_archive", "late_archive", "overdue", "handled_due"):
        was, now = of(plain, word)[0], of(facts, word)[0]
        assert (was.excluded, now.excluded, now.why, now.approved_by) == ("", "exempt_overdue", "停电", "李")
        assert (now.at, now.late_s, now.due_at) == (was.at, was.late_s, was.due_at)
    assert of(facts, "late_archive")[0].late_s == 4 * 3600
    assert of(facts, "filed")[0].excluded == "" and len(of(facts, "exempted")) == 1


def test_out_of_scope_takes_out_everything_but_the_report() -> None:
    facts = count_case(a_case(exemptions=("scope",)), RULES)
    assert {fact.word for fact in facts if not fact.excluded} == {"report"}
    assert {fact.excluded for fact in facts if fact.word != "report"} == {"exempt_scope"}


def test_a_suspended_matter_is_left_out_until_it_goes_on() -> None:
    case = a_case(None, None, status="open", closed_at=None, suspended_until=at(900))
    case = replace(case, acts=(*HISTORY, an_act(5, "approve_suspension", 5, reason="等备件")))
    need = of(count_case(case, RULES), "need_archive")[0]
    assert (need.at, need.excluded, need.why) == (at(5), "suspended", "等备件")
    on = replace(case, event=replace(case.event, suspended_until=None), clocks=(a_clock("handle", 3, 950, None),))
    need = of(count_case(on, RULES), "need_archive")[0]
    assert (need.at, need.excluded) == (at(950), "")


def test_two_departments_each_answer_for_their_own_round() -> None:
    back = a_clock("handle", 3, 8, 4, id="clk_1", cancelled=True)
    again = a_clock("handle", 5, 9, 12, id="clk_2")
    help_ = a_clock("assist", 5, 9, 6, id="clk_3", org="org_h")
    case = Case(
        an_event(lead_org="org_b", closed_at=at(14)),
        HISTORY,
        (back, again, help_),
        (a_debt("org_a", "host", 3, "returned"), a_debt("org_b", "host", 5), a_debt("org_h", "assist", 5)),
    )
    owed = {(fact.org, fact.role, fact.late_s) for fact in of(count_case(case, RULES), "handled_due")}
    assert owed == {("org_b", "host", 3 * 3600), ("org_h", "assist", None)}


def test_a_merged_or_void_matter_is_due_nowhere() -> None:
    merged = count_case(a_case(status="merged", closed_at=None), RULES)
    assert [(fact.word, fact.excluded) for fact in merged] == [("merged", "merged")]
    void = count_case(replace(a_case(status="void"), acts=(*HISTORY, an_act(5, "void", 6))), RULES)
    assert of(void, "need_archive") == [] and len(of(void, "filed_void")) == 1 and len(of(void, "void")) == 1


def test_reports_that_others_join_are_not_the_patrols() -> None:
    facts = count_case(a_case(report_count=4), RULES)
    mine = [fact for fact in facts if fact.post == "pst_report"]
    rate = next(rate for rate in shipped.rates() if rate.id == "valid_reporting")
    cells = [Cell("p", fact.word, fact.n, channel=fact.channel) for fact in mine]
    assert (figure_of(rate, cells).numerator, figure_of(rate, cells).denominator) == (1, 1)
    assert sum(fact.n for fact in of(mine, "report")) == 1 and sum(fact.n for fact in of(facts, "report")) == 4
    assert [(fact.n, fact.post, fact.org) for fact in of(facts, "repeat_report")] == [(3, None, None)]
    assert len({(fact.word, fact.key) for fact in facts}) == len(facts)


def test_a_patrol_has_missed_what_others_find_in_his_grid() -> None:
    walkers = {"d1": "pst_w"}
    assert of(count_case(a_case(), RULES, walkers), "missed") == []
    missed = of(count_case(a_case(channel="citizen"), RULES, walkers), "missed")
    assert [fact.post for fact in missed] == ["pst_w"]
    assert of(count_case(a_case(channel="citizen", duty_grid=""), RULES, walkers), "missed") == []


def test_which_time_of_an_act_counts_is_a_setting() -> None:
    acts = (*HISTORY[:3], an_act(4, "dispatch", 3, done_at=at(-30)))
    case = replace(a_case(), acts=acts)
    assert of(count_case(case, RULES), "dispatched")[0].at == at(3)
    assert of(count_case(case, replace(RULES, counts="done")), "dispatched")[0].at == at(-30)


def test_an_imported_record_is_judged_by_its_own_target() -> None:
    first = replace(HISTORY[0], target_at=at(20))
    for closed, word in ((10, "in_time_archive"), (30, "late_archive")):
        facts = count_case(Case(an_event(closed_at=at(closed)), (first,)), RULES)
        assert len(of(facts, word)) == 1 and of(facts, "need_archive")[0].at == at(min(closed, 20))


def test_field_tasks_and_stages_in_time() -> None:
    tasks = (
        TaskRow("tsk_1", "evt_1", 1, "check", "done", "pst_p", at(7), at(8), at(7.5)),
        TaskRow("tsk_2", "evt_1", 1, "verify", "done", "pst_p", at(1), at(2), at(3)),
        TaskRow("tsk_3", "evt_1", 1, "verify", "cancelled", "pst_p", at(1), at(2), at(3)),
        TaskRow("tsk_4", "evt_1", 1, "check", "open", "pst_p", at(7), at(9), None),
    )
    clocks = (a_clock("dispatch", 2, 2.5, 3), a_clock("accept", 0, 2, 1))
    facts = count_case(Case(an_event(), HISTORY, clocks, (), tasks), RULES)
    assert len(of(facts, "check_due")) == 2 and len(of(facts, "check_in_time")) == 1
    assert len(of(facts, "verify_due")) == 1 and of(facts, "verify_in_time") == []
    due = {fact.stage: fact.post for fact in of(facts, "stage_due")}
    assert due == {"dispatch": "pst_dispatch", "accept": "pst_accept"}
    assert [fact.stage for fact in of(facts, "stage_in_time")] == ["accept"]


def test_the_hotlines_three_rates_stand_on_the_last_visit() -> None:
    acts = (
        an_act(1, "report", 0),
        an_act(2, "classify", 1),
        an_act(3, "dispatch", 2),
        an_act(4, "contact", 20),
        an_act(5, "confirm", 30),
        an_act(6, "visit", 31, outcome="unsolved", satisfaction="dissatisfied"),
        an_act(7, "redo", 32),
        an_act(8, "confirm", 40),
        an_act(9, "visit", 41, outcome="solved", satisfaction="satisfied"),
        an_act(10, "visit", 42, outcome="unreached"),
    )
    facts = count_case(Case(an_event(flow="hotline_order"), acts), RULES)
    assert [(fact.word, fact.at) for fact in facts if fact.word in ("solved", "unsolved", "satisfied")] == [
        ("solved", at(41)),
        ("satisfied", at(41)),
    ]
    assert len(of(facts, "contacted_in_time")) == 1 and len(of(facts, "replied")) == 2
    assert len(of(facts, "rework")) == 1 and of(facts, "closed_once") == []


def test_an_order_redone_and_visited_both_times_is_wholly_visited() -> None:
    rounds = (
        an_act(1, "report", 0),
        an_act(2, "confirm", 30),
        an_act(3, "visit", 31, outcome="unsolved", satisfaction="dissatisfied"),
        an_act(4, "redo", 32),
        an_act(5, "confirm", 40),
        an_act(6, "visit", 41, outcome="unreached"),
        an_act(7, "visit", 42, outcome="solved", satisfaction="satisfied"),
        an_act(8, "visit", 43, outcome="solved", satisfaction="very_satisfied"),
    )

    def counted(*acts: ActRow) -> tuple[list[datetime], list[datetime]]:
        facts = count_case(Case(an_event(flow="hotline_order"), acts), RULES)
        return [fact.at for fact in of(facts, "replied")], [fact.at for fact in of(facts, "visited")]

    assert counted(*rounds) == ([at(30), at(40)], [at(31), at(42)])
    assert counted(*rounds[:6]) == ([at(30), at(40)], [at(31)]), "the second reply is not visited yet"
    assert counted(*rounds[:2], *rounds[3:]) == ([at(30), at(40)], [at(42)])
    back = (an_act(1, "report", 0), an_act(2, "visit_back", 9, outcome="solved"))
    assert [f.at for f in of(count_case(Case(an_event(flow="grid_event"), back), RULES), "visited")] == [at(9)]


def test_calls() -> None:
    call = CallRow(
        "tel_1",
        1,
        "in",
        "closed",
        "990101000000",
        None,
        "pst_o",
        "answered",
        "answered",
        "",
        None,
        T0,
        T0 + timedelta(seconds=20),
        None,
        None,
        T0 + timedelta(minutes=3),
    )
    words = {fact.word for fact in count_call(call, RULES)}
    assert words == {"call_in", "call_answered", "call_answered_in_time", "call_closed", "call_direct"}
    order = {"outcome": "in_scope", "outcome_group": "order", "event": "evt_1"}
    slow = replace(call, answered_at=T0 + timedelta(seconds=21), **order)
    assert {fact.word for fact in count_call(slow, RULES)} == {"call_in", "call_answered", "call_closed", "call_repeat"}
    new = replace(slow, is_new_matter=True)
    assert {fact.word for fact in count_call(new, RULES)} == {"call_in", "call_answered", "call_closed"}
    missed = replace(call, answered_at=None, closed_at=None, missed_at=T0, called_back_at=at(1))
    assert {fact.word for fact in count_call(missed, RULES)} == {"call_in", "call_missed", "call_back"}
    assert count_call(replace(call, direction="out"), RULES) == []


def test_only_what_was_answered_on_the_line_is_a_direct_answer() -> None:
    given = {one.key: one.group for one in outcomes()}

    def counted(key: str) -> list[str]:
        told = ("tel_1", 1, "in", "closed", "9", None, "pst_o", key, given[key], "", None)
        facts = count_call(CallRow(*told, T0, T0, None, None, at(1)), RULES)
        return [fact.word for fact in facts if fact.word in ("call_closed", "call_direct", "call_repeat")]

    told = {key: counted(key) for key in given}
    assert told.pop("answered") == ["call_closed", "call_direct"]
    assert told.pop("empty") == told.pop("malicious") == []
    assert len(told) > 10 and set(map(tuple, told.values())) == {("call_closed",)}


def an_edition(no: int, day: int, ends: int | None, state: str = "in_force") -> EditionRow:
    start = datetime(2026, 10, 1, tzinfo=SHANGHAI)
    end = None if ends is None else start.date() + timedelta(days=ends)
    return EditionRow(f"kne{no}", "kno1", no, state, "org1", "370303000000", end, start + timedelta(days=day))


def kept_up(*editions: EditionRow) -> list[tuple[str, int]]:
    facts = count_entry(editions, (), SHANGHAI)
    return [(fact.word.removeprefix("knowledge_"), (fact.at.astimezone(SHANGHAI)).day) for fact in facts]


def test_knowledge_is_renewed_before_it_runs_out() -> None:
    assert kept_up(an_edition(1, 0, None)) == [] == kept_up(an_edition(1, 0, 9, "draft"))
    assert kept_up(an_edition(1, 0, 9)) == [("due", 10)]
    assert kept_up(an_edition(1, 0, 9), an_edition(2, 4, None)) == [("due", 5), ("done", 5), ("in_time", 5)]
    assert kept_up(an_edition(1, 0, 9), an_edition(2, 4, 9), an_edition(3, 6, None, "ended"))[0] == ("due", 7)
    assert kept_up(an_edition(1, 0, 9), an_edition(2, 12, 20)) == [("due", 10), ("done", 10), ("due", 21)]
    late = count_entry([an_edition(1, 0, 9), an_edition(2, 12, None)], (), SHANGHAI)
    assert {fact.late_s for fact in late} == {3 * 86_400} and {fact.org for fact in late} == {"org1"}


def test_corrections_are_answered_within_their_limit() -> None:
    raised = datetime(2026, 10, 1, tzinfo=SHANGHAI)
    due = raised + timedelta(days=2)
    rows = [
        CorrectionRow(f"knc{n}", 1, "kno1", "org1", "370303000000", "open", raised, due, answered)
        for n, answered in enumerate((None, due, due + timedelta(seconds=1)))
    ]
    facts = count_entry((), rows, SHANGHAI)
    words = Counter(fact.word for fact in facts)
    assert words == {"knowledge_due": 3, "knowledge_done": 2, "knowledge_in_time": 1}
    assert {fact.at for fact in facts} == {due}
