"""Evaluation end to end: what people do becomes facts, facts become figures, and every figure opens."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from gangmu.brain import evaluate
from gangmu.brain.evaluate import figures, rebuilding, sum_store
from gangmu.brain.evaluate.figures import Wanted
from gangmu.brain.evaluate.model import Figure, parse_period
from gangmu.brain.evaluate.store import evaluate_clock, evaluate_edition, evaluate_fact
from gangmu.brain.evaluate.sum_store import evaluate_day
from gangmu.core.event import telling
from gangmu.kit.actor import System
from gangmu.kit.page import Page
from gangmu.kit.tables import job, journal_entry, outbox
from gangmu.kit.unit import open_unit
from tests.city import HERE, THERE, City
from tests.flow.cases import MONDAY, Cases, now_is
from tests.flow.ground import key

OCTOBER, NOVEMBER = {"period": "2026-10"}, {"period": "2026-11"}


@pytest.fixture
def cases(city: City) -> Cases:
    return Cases(city)


def differs() -> tuple[int, list[Any]]:
    account = rebuilding.check(telling.told_pages)
    assert account.rows > 0 and account.pending == 0
    return account.differences, account.first


def post(cases: Cases, who: str, path: str, expect: int = 200, **body: Any) -> Any:
    answer = cases.city.sign_in(who).post(path, json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json() if answer.content else None


def late_and_closed(cases: Cases, **given: Any) -> dict[str, Any]:
    """Handled some hours too late, then closed."""
    event = cases.dispatched(**given)
    cases.later(days=1, hours=1)
    return cases.closed(cases.checked(cases.handled(event)))


def appealed(cases: Cases, event: dict[str, Any]) -> dict[str, Any]:
    """An appeal that the dispatcher endorses and the clerk grants."""
    cases.city.sign_in("dept_lead").do(event, "appeal", reason="供电中断，无法施工")
    cases.city.sign_in("dispatcher").do(event, "endorse_appeal", reason="情况属实")
    event = cases.city.sign_in("clerk").do(event, "grant_appeal", reason="属不可抗力")
    cases.city.settle()
    return event


def test_a_matter_in_time_counts_once_in_every_rate(cases: Cases) -> None:
    event = cases.dispatched(assistants=["环卫处"])
    cases.later(hours=1)
    cases.city.sign_in("cleaner_lead").do(event, "assist_done", reason="已清理")
    event = cases.closed(cases.checked(cases.handled(event)))
    cases.city.settle()
    assert cases.figure("closing", **OCTOBER) == (1, 1, 0)
    assert cases.figure("closing_in_time", "市政处", **OCTOBER) == (1, 1, 0)
    assert cases.figure("handling_in_time", "市政处", **OCTOBER) == (1, 1, 0)
    assert cases.figure("handling_in_time", "环卫处", **OCTOBER) == (0, 0, 0)
    assert cases.figure("assisting_in_time", "环卫处", **OCTOBER) == (1, 1, 0)
    assert cases.figure("assisting_in_time", "市政处", **OCTOBER) == (0, 0, 0)
    assert cases.figure("overdue", **OCTOBER) == (0, 1, 0)
    assert [one["event"] for one in cases.counted("closing", **OCTOBER)] == [event["id"]]
    assert cases.figure("dispatch_in_time", "甲dispatcher dispatcher", scope="post", **OCTOBER) == (1, 1, 0)
    assert cases.figure("check_in_time", scope="post", **OCTOBER) == (1, 1, 0)
    assert differs() == (0, [])


def test_what_is_closed_late_stays_in_the_period_in_which_it_was_due(cases: Cases) -> None:
    now_is(cases.city, MONDAY.replace(day=30, hour=15))
    event = cases.dispatched("4h")  # Friday afternoon; due on Monday the 2nd at 9
    now_is(cases.city, MONDAY.replace(month=11, day=2, hour=11))
    event = cases.handled(event)
    now_is(cases.city, MONDAY.replace(month=12, day=3))
    event = cases.closed(cases.checked(event))
    cases.city.settle()
    assert cases.figure("closing_in_time", **OCTOBER) == (0, 0, 0)
    assert cases.figure("closing_in_time", **NOVEMBER) == (0, 1, 0)
    assert cases.figure("closing", **NOVEMBER) == (1, 1, 0)
    assert cases.figure("overdue", **NOVEMBER) == (1, 1, 0)
    assert cases.figure("closing", period="2026-12") == (0, 0, 0)
    assert cases.figure("archived_count", period="2026-12") == (1, 0, 0)
    row = cases.counted("overdue", "numerator", **NOVEMBER)[0]
    assert row["event"] == event["id"] and 6000 < row["late_s"] < 9000 and row["cause"].startswith("Late by 2 h")
    table = cases.table(rates="closing", **OCTOBER)
    assert table["total"]["figures"][0]["value"] is None and table["total"]["figures"][0]["why"] == "nothing_due"


def test_what_is_closed_early_counts_when_it_was_closed(cases: Cases) -> None:
    now_is(cases.city, MONDAY.replace(day=30, hour=15))
    event = cases.closed(cases.checked(cases.handled(cases.dispatched("5d"))))
    cases.city.settle()
    assert cases.figure("closing_in_time", **OCTOBER) == (1, 1, 0)
    now_is(cases.city, MONDAY.replace(month=12, day=1))
    assert cases.figure("closing_in_time", **NOVEMBER) == (0, 0, 0)
    assert event["status"] == "closed"


def test_an_open_matter_is_not_due_before_its_time(cases: Cases) -> None:
    event = cases.dispatched("5d")
    cases.city.settle()
    assert cases.figure("closing", **OCTOBER) == (0, 0, 0)
    cases.later(days=8)
    assert cases.figure("closing", **OCTOBER) == (0, 1, 0)
    assert cases.figure("unhandled", "市政处", **OCTOBER) == (1, 1, 0)
    assert cases.counted("unhandled", "numerator", **OCTOBER)[0]["event"] == event["id"]


def test_an_appeal_changes_the_exemption_and_never_the_fact(cases: Cases) -> None:
    event = late_and_closed(cases)
    cases.city.settle()
    assert cases.figure("closing_in_time", "市政处", **OCTOBER) == (0, 1, 0)
    appealed(cases, event)
    assert cases.figure("closing_in_time", "市政处", **OCTOBER) == (0, 0, 1)
    total = cases.table(rates="closing_in_time", **OCTOBER)["total"]["figures"][0]
    assert (total["value"], total["why"]) == (None, "all_excluded")
    row = cases.counted("closing_in_time", "excluded", **OCTOBER)[0]
    assert (row["event"], row["excluded"], row["why"]) == (event["id"], "exempt_overdue", "属不可抗力")
    assert row["approved_by"] and row["approved_at"] and row["late_s"] > 0
    listed = cases.city.sign_in("evaluator").get("/api/evaluate/exclusions", params=OCTOBER).json()["items"]
    assert [(one["event"], one["excluded"]) for one in listed] == [(event["id"], "exempt_overdue")]
    clocks = cases.city.sign_in("clerk").sees(event)["clocks"]
    assert [one["overdue"] for one in clocks if one["stage"] == "handle"] == [True]
    assert differs() == (0, [])


def test_suspended_matters_leave_the_denominator_and_stay_visible(cases: Cases) -> None:
    event = cases.dispatched("4h")
    until = (MONDAY + timedelta(days=40)).isoformat()
    cases.city.sign_in("dept_lead").do(event, "request_suspension", reason="等待备件", until=until)
    cases.city.sign_in("dispatcher").do(event, "approve_suspension", reason="同意")
    cases.later(days=3)
    assert cases.figure("closing", **OCTOBER) == (0, 0, 1)
    assert cases.figure("handling", "市政处", **OCTOBER) == (0, 0, 1)
    assert cases.figure("suspended_count", **OCTOBER) == (1, 0, 0)
    row = cases.counted("closing", "excluded", **OCTOBER)[0]
    assert (row["excluded"], row["why"], row["approved_by"]) == ("suspended", "同意", "甲dispatcher")
    now_is(cases.city, MONDAY + timedelta(days=41))
    cases.later(days=3)
    assert cases.figure("closing", **OCTOBER) == (0, 0, 0)
    assert cases.figure("closing", **NOVEMBER) == (0, 1, 0)
    assert differs() == (0, [])


def test_an_extension_moves_what_is_due(cases: Cases) -> None:
    now_is(cases.city, MONDAY.replace(day=30, hour=8, minute=30))
    event = cases.dispatched("4h")
    cases.city.sign_in("dept_lead").do(event, "request_extension", reason="须停水施工")
    cases.city.sign_in("dispatcher").do(event, "grant_extension")
    now_is(cases.city, MONDAY.replace(month=11, day=2, hour=8, minute=10))
    cases.handled(event)
    cases.city.settle()
    assert cases.figure("handling_in_time", "市政处", **OCTOBER) == (0, 0, 0)
    assert cases.figure("handling_in_time", "市政处", **NOVEMBER) == (1, 1, 0)
    assert cases.figure("extended_count", **OCTOBER) == (1, 0, 0)


def test_rework_counts_for_the_department_and_for_who_dispatched(cases: Cases) -> None:
    event = cases.checked(cases.handled(cases.dispatched()), "check_fail")
    event = cases.city.sign_in("shift_leader").do(event, "rework", reason="井盖仍松动")
    event = cases.closed(cases.checked(cases.handled(event)))
    cases.city.settle()
    assert cases.figure("rework", "市政处", **OCTOBER) == (1, 1, 0)  # the same clock goes on: one piece of work
    assert cases.figure("handling_in_time", "市政处", **OCTOBER) == (1, 1, 0)
    assert cases.figure("closing_in_time", **OCTOBER) == (1, 1, 0)
    assert cases.figure("dispatch_right", scope="post", **OCTOBER) == (0, 1, 0)
    assert differs() == (0, [])


def test_merged_matters_count_once_and_parted_ones_twice(cases: Cases) -> None:
    one, two = cases.dispatched(), cases.dispatched()
    post(cases, "clerk", f"/api/events/{two['id']}/merge", into=one["id"], reason="同一井盖")
    cases.later(days=1)
    assert cases.figure("closing", **OCTOBER) == (0, 1, 0)
    assert cases.figure("reports", scope="area", **OCTOBER) == (2, 0, 0)
    listed = cases.city.sign_in("evaluator").get("/api/evaluate/exclusions", params=OCTOBER).json()["items"]
    assert [(each["event"], each["excluded"], each["why"]) for each in listed] == [(two["id"], "merged", "同一井盖")]
    assert differs() == (0, [])
    reports = cases.city.sign_in("clerk").get(f"/api/events/{two['id']}/reports").json()["items"]
    inside = cases.city.sign_in("clerk").get(f"/api/events/{one['id']}/reports").json()["items"]
    assert reports == [] and len(inside) == 2
    post(cases, "clerk", f"/api/events/{one['id']}/unmerge", report_ids=[inside[1]["id"]], reason="两处")
    cases.city.settle()
    assert cases.figure("closing", **OCTOBER) == (0, 2, 0)
    assert cases.figure("reports", scope="area", **OCTOBER) == (2, 0, 0)
    assert differs() == (0, [])


def test_who_sees_which_figures(cases: Cases) -> None:
    cases.handled(cases.dispatched())
    cases.handled(cases.dispatched(org="环卫处"), "cleaner_lead")
    cases.later(days=1)
    names = {line["name"] for line in cases.table(rates="handling", **OCTOBER)["lines"]}
    assert {"市政处", "环卫处"} <= names
    own = cases.table("dept_lead", rates="handling", **OCTOBER)
    assert [line["name"] for line in own["lines"]] == ["市政处"]
    assert cases.figure("handling", who="dept_lead", **OCTOBER) == (1, 1, 0)
    assert cases.figure("handling", who="evaluator", **OCTOBER) == (2, 2, 0)
    assert cases.table("evaluator@there", rates="handling", **OCTOBER)["lines"] == []
    hidden = cases.counted("handling", who="dept_lead", **OCTOBER)
    assert len(hidden) == 1 and hidden[0]["org_name"] == "市政处" and hidden[0]["case_no"]
    answer = cases.city.sign_in("handler").get("/api/evaluate/table", params=OCTOBER)
    assert answer.status_code == 403


def test_a_published_period_stays_and_a_correction_is_a_new_edition(cases: Cases) -> None:
    event = late_and_closed(cases)
    cases.city.settle()
    early = cases.city.sign_in("evaluator").post("/api/evaluate/periods", json=OCTOBER, headers=key())
    assert (early.status_code, early.json()["code"]) == (409, "evaluate.period_open")
    now_is(cases.city, MONDAY.replace(month=11, day=3))
    draft = post(cases, "evaluator", "/api/evaluate/periods", 201, **OCTOBER)
    again = cases.city.sign_in("evaluator").post("/api/evaluate/periods", json=OCTOBER, headers=key())
    assert again.json()["code"] == "evaluate.period_waits"
    path = f"/api/evaluate/periods/{draft['id']}/publish"
    own = cases.city.sign_in("evaluator").post(path, headers=key())
    assert (own.status_code, own.json()["code"]) == (403, "evaluate.second_person")
    done = post(cases, "supervisor", path)
    assert (done["state"], done["edition"]) == ("published", 1) and done["facts"] > 0
    appealed(cases, event)
    assert cases.figure("closing_in_time", **OCTOBER) == (0, 1, 0)
    assert cases.figure("closing_in_time", live=True, **OCTOBER) == (0, 0, 1)
    assert [one["excluded"] for one in cases.counted("closing_in_time", **OCTOBER)] == [""]
    silent = cases.city.sign_in("evaluator").post("/api/evaluate/periods", json=OCTOBER, headers=key())
    assert (silent.status_code, silent.json()["code"]) == (422, "invalid")
    second = post(cases, "evaluator", "/api/evaluate/periods", 201, reason="申诉成立", **OCTOBER)
    post(cases, "supervisor", f"/api/evaluate/periods/{second['id']}/publish")
    assert cases.figure("closing_in_time", **OCTOBER) == (0, 0, 1)
    assert cases.figure("closing_in_time", edition=1, **OCTOBER) == (0, 1, 0)
    path = f"/api/evaluate/periods/{second['id']}/differences"
    said = cases.city.sign_in("evaluator").get(path).json()
    assert (said["before"], said["edition"], said["reason"]) == (1, 2, "申诉成立")
    changed = {(one["scope"], one["now"]["rate"]) for one in said["figures"]}
    assert ("department", "closing_in_time") in changed
    assert {one["excluded_now"] for one in said["facts"] if one["excluded_before"] == ""} == {"exempt_overdue"}
    listed = cases.city.sign_in("evaluator").get("/api/evaluate/periods", params=OCTOBER).json()["items"]
    assert [(one["edition"], one["state"]) for one in listed] == [(2, "published"), (1, "published")]


def test_days_add_up_to_the_month_and_the_quarter(cases: Cases) -> None:
    for _ in range(2):
        cases.handled(cases.dispatched())
        cases.dispatched()
        cases.later(days=2)
    now_is(cases.city, MONDAY.replace(month=11, day=2))
    names = ("handling", "handling_in_time", "closing", "overdue")
    month = {name: cases.figure(name, **OCTOBER) for name in names}
    days = [{"period": f"2026-10-{day:02d}"} for day in range(1, 32)]
    for name in names:
        parts = [cases.figure(name, **day) for day in days]
        assert tuple(sum(part) for part in zip(*parts, strict=True)) == month[name], name
        assert cases.figure(name, period="2026-Q4") == month[name] == cases.figure(name, period="2026")
    assert month["handling"][1] == 4 and month["closing"][1] == 4
    answer = cases.city.sign_in("evaluator").get(
        "/api/evaluate/trend", params={"period": "2026-11", "rates": "handling", "many": 3}
    )
    points = answer.json()["points"]
    assert [(one["period"]["name"], one["figures"][0]["denominator"]) for one in points] == [
        ("2026-09", 0),
        ("2026-10", 4),
        ("2026-11", 0),
    ]
    assert points[0]["figures"][0]["value"] is None


def test_a_score_says_too_few_and_no_data(cases: Cases) -> None:
    cases.handled(cases.dispatched())
    cases.city.settle()
    lines = {one["name"]: one for one in cases.table(score="department", **OCTOBER)["lines"]}
    assert lines["市政处"]["score"]["why"] == "too_few" and lines["市政处"]["place"] is None
    assert cases.table(score="hotline", **OCTOBER)["total"]["score"]["why"] == "no_data"


def test_the_table_as_a_workbook(cases: Cases) -> None:
    cases.handled(cases.dispatched())
    cases.city.settle()
    answer = cases.city.sign_in("evaluator").get("/api/evaluate/table.xlsx", params={**OCTOBER, "score": "department"})
    assert answer.status_code == 200, answer.text
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    values = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    mine = next(row for row in values if "市政处" in str(row[0]) and row[1] == "100.00%")
    assert "too few" in mine and len(book.worksheets) == 3


def test_rules_that_cannot_hold_are_refused(cases: Cases) -> None:
    mine = {"id": "patrol", "title": {"zh": "监督员", "en": "Patrol"}, "scope": "post"}
    parts = [{"rate": "valid_reporting", "weight": 0.4}, {"rate": "wishes", "weight": 0.3}]
    body = {"kind": "score", "definition": {**mine, "parts": parts}}
    problems = post(cases, "evaluator", "/api/evaluate/rules/check", **body)["problems"]
    assert any("0.7" in one for one in problems) and any("wishes" in one for one in problems)
    when = {"valid_from": "2026-10-01", "reason": "本市办法"}
    assert post(cases, "evaluator", "/api/evaluate/rules", 422, **body, **when)["code"] == "evaluate.bad_rule"
    parts = [{"rate": "valid_reporting", "weight": 0.5}, {"rate": "check_in_time", "weight": 0.5}]
    body = {"kind": "score", "definition": {**mine, "parts": parts}}
    made = post(cases, "evaluator", "/api/evaluate/rules", 201, **body, **when)
    path = f"/api/evaluate/rules/{made['id']}/publish"
    assert post(cases, "evaluator", path, 403)["code"] == "evaluate.second_person"
    post(cases, "supervisor", path)
    table = cases.table(score="patrol", scope="post", **OCTOBER)
    assert [one["rate"] for one in table["score"]["parts"]] == ["valid_reporting", "check_in_time"]
    table = cases.table(score="patrol", scope="post", period="2026-09")
    assert len(table["score"]["parts"]) == 4


def test_a_tampered_row_is_found_and_a_rebuild_mends_it(cases: Cases, db: Any) -> None:
    event = cases.closed(cases.checked(cases.handled(cases.dispatched())))
    cases.city.settle()
    assert differs() == (0, [])
    was = cases.table(**OCTOBER)["total"]
    with db.unit() as unit:
        unit.run(sa.update(evaluate_fact).where(evaluate_fact.c.word == "need_archive").values(n=7))
        unit.run(sa.delete(evaluate_clock).where(evaluate_clock.c.stage == "accept"))
    number, first = differs()
    assert number == 3 and {one.kind for one in first} == {"ClockRow", "Fact", "Sum"}
    assert next(one for one in first if one.kind == "Fact").field == "n"
    made = rebuilding.rebuild(telling.told_pages)
    assert made.events == 1 and made.rows > 20
    assert differs() == (0, [])
    assert cases.table(**OCTOBER)["total"] == was and event["status"] == "closed"


def test_messages_told_again_and_out_of_order_change_nothing(cases: Cases, db: Any) -> None:
    from gangmu.kit.tables import job

    cases.closed(cases.checked(cases.handled(cases.dispatched(assistants=["环卫处"]))))
    cases.city.settle()
    was = cases.table(**OCTOBER)["total"]
    with db.unit() as unit:
        again = sa.update(job).where(job.c.name.startswith("evaluate."))
        assert unit.run(again.values(state="ready", run_at=job.c.run_at - sa.func.random() * timedelta(hours=5))) > 10
    cases.city.settle()
    assert cases.table(**OCTOBER)["total"] == was
    assert differs() == (0, [])


def test_areas_are_sums_of_their_parts(cases: Cases) -> None:
    cases.handled(cases.dispatched())
    cases.city.settle()
    county = cases.table(rates="closing,filed_count", scope="area", level="county", **OCTOBER)
    assert [line["key"] for line in county["lines"]] == [HERE]
    assert cases.table(rates="closing", scope="area", level="county", division=THERE, **OCTOBER)["lines"] == []
    words = {one["word"] for one in cases.city.sign_in("evaluator").get("/api/evaluate/rules").json()["words"]}
    assert "need_archive" in words
    bad = cases.city.sign_in("evaluator").get("/api/evaluate/table", params={"period": "2026-13"})
    assert bad.json()["code"] == "evaluate.bad_period"


def test_a_line_opens_to_what_it_counted_and_no_more(cases: Cases) -> None:
    """What is placed in the county alone has a line of its own beside those of its towns."""
    cases.dispatched()
    cases.dispatched(lon=None, lat=None, address="东区某处")
    cases.city.settle()
    table = cases.table(rates="filed_count", scope="area", level="town", **OCTOBER)
    lines = {one["key"]: one["figures"][0]["numerator"] for one in table["lines"]}
    assert sum(lines.values()) == 2
    for place, number in lines.items():
        found = cases.counted("filed_count", "numerator", scope="area", level="town", key=place, **OCTOBER)
        assert sum(one["n"] for one in found) == number, place


def test_a_county_s_rule_counts_in_that_county_alone(cases: Cases) -> None:
    body = {"kind": "score", "valid_from": "2026-10-01", "reason": "本区办法"}
    definition = {
        "id": "department",
        "title": {"zh": "专业部门", "en": "Department"},
        "scope": "department",
        "parts": [{"rate": "handling", "weight": 1.0}],
    }
    made = post(cases, "evaluator", "/api/evaluate/rules", 201, **body, definition=definition)
    post(cases, "supervisor", f"/api/evaluate/rules/{made['id']}/publish")
    assert len(cases.table(score="department", **OCTOBER)["score"]["parts"]) == 1
    assert len(cases.table("evaluator@there", score="department", **OCTOBER)["score"]["parts"]) > 1
    path = f"/api/evaluate/rules/{made['id']}/publish"
    assert cases.city.sign_in("supervisor@there").post(path, headers=key()).status_code in (403, 409)


def test_a_rate_may_not_pull_the_ground_from_under_a_score(cases: Cases) -> None:
    rate = {"id": "handling", "title": {"zh": "处置数", "en": "Handled"}, "numerator": ["handled"]}
    told = post(cases, "evaluator", "/api/evaluate/rules/check", kind="rate", definition=rate)["problems"]
    assert any("handling is a count and needs bands" in one for one in told)


def test_a_new_rate_is_a_gap_in_the_past_of_its_trend(cases: Cases) -> None:
    rate = {"id": "own_rate", "title": {"zh": "自定", "en": "Own"}, "numerator": ["handled"], "denominator": ["filed"]}
    body = {"kind": "rate", "definition": rate, "valid_from": "2026-10-01", "reason": "本区办法"}
    made = post(cases, "evaluator", "/api/evaluate/rules", 201, **body)
    post(cases, "supervisor", f"/api/evaluate/rules/{made['id']}/publish")
    answer = cases.city.sign_in("evaluator").get(
        "/api/evaluate/trend", params={"period": "2026-10", "rates": "own_rate", "many": 3}
    )
    assert answer.status_code == 200, answer.text
    assert [len(one["figures"]) for one in answer.json()["points"]] == [0, 0, 1]


def test_a_period_is_not_frozen_while_facts_of_it_wait_or_have_failed(cases: Cases, db: Any) -> None:
    from gangmu.kit.tables import job

    cases.handled(cases.dispatched())
    cases.city.settle()
    now_is(cases.city, MONDAY.replace(month=11, day=3))
    made = post(cases, "evaluator", "/api/evaluate/periods", 201, **OCTOBER)
    with db.unit() as unit:
        one = unit.value(sa.select(job.c.id).where(job.c.name.startswith("evaluate.")).limit(1))
        unit.run(sa.update(job).where(job.c.id == one).values(state="dead", attempts=9))
    path = f"/api/evaluate/periods/{made['id']}/publish"
    assert post(cases, "supervisor", path, 409)["code"] == "evaluate.not_all_heard"
    with db.unit() as unit:
        unit.run(sa.update(job).where(job.c.id == one).values(state="done"))
    assert post(cases, "supervisor", path)["state"] == "published"


def test_a_practice_city_scores_nobody(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANGMU_CITY__PRACTICE", "true")
    for asked in ({"scope": "post"}, {"scope": "department"}):
        answer = cases.city.sign_in("evaluator").get("/api/evaluate/table", params={**OCTOBER, **asked})
        assert (answer.status_code, answer.json()["code"]) == (403, "evaluate.practice")
    assert cases.table(scope="area", **OCTOBER)["lines"] == []
    assert post(cases, "evaluator", "/api/evaluate/periods", 403, period="2026-09")["code"] == "evaluate.practice"


def test_tables_add_up_the_sums_of_days_and_of_today_the_facts(cases: Cases, db: Any) -> None:
    event = cases.dispatched(assistants=["环卫处"])
    late_and_closed(cases)
    cases.later(hours=3)
    cases.city.sign_in("cleaner_lead").do(event, "assist_done", reason="已清理")
    cases.closed(cases.checked(cases.handled(event)))
    cases.city.settle()
    assert differs() == (0, [])
    with db.unit() as unit:
        before = every_table(unit)
        assert before == [from_facts(unit, wanted) for wanted in WANTED]
        pieces = unit.value(sa.select(sa.func.count()).select_from(evaluate_day))
        assert sum_store.fold(unit, 1) > 0 == sum_store.fold(unit, 1)
        assert unit.value(sa.select(sa.func.count()).select_from(evaluate_day)) < pieces
        assert every_table(unit) == before
    cases.later(hours=1)
    cases.dispatched()
    cases.city.settle()
    with db.unit() as unit:
        assert every_table(unit) == [from_facts(unit, wanted) for wanted in WANTED]
        assert every_table(unit) != before


WANTED = [
    Wanted(parse_period(period), scope=scope, level=level, live=True)
    for period in ("2026-10", "2026-Q4", "2026")
    for scope, level in (("area", "town"), ("area", "grid"), ("department", "town"), ("post", "town"))
]


def every_table(unit: Any) -> list[dict[str, Any]]:
    tables = [figures.table(unit, System("test"), wanted) for wanted in WANTED]
    return [{line.key: dict(line.figures) for line in (*one.lines, one.total)} for one in tables]


def from_facts(unit: Any, wanted: Wanted) -> dict[str, Any]:
    """The same table, counted without sums: every rate by its own facts."""
    who = System("test")
    whole = figures.table(unit, who, wanted)
    found: dict[str, Any] = {}
    for line in (*whole.lines, whole.total):
        for rate in whole.rates:
            parts = {}
            for part in figures.PARTS:
                rows = figures.counted(unit, who, wanted, line.key, rate.id, part, Page(100)).items
                terms = rate.numerator if part == "numerator" else rate.denominator or rate.numerator
                signs = {term.word: -1 if term.minus else 1 for term in terms}
                parts[part] = sum(signs[row["word"]] * row["n"] for row in rows)
            is_count = not rate.denominator
            below = 0 if is_count else parts["denominator"]
            figure = Figure(parts["numerator"], below, max(parts["excluded"], 0), is_count)
            found.setdefault(line.key, {})[rate.id] = figure
    return found


def test_a_check_changes_nothing_and_says_what_waits(cases: Cases, db: Any) -> None:
    event = cases.dispatched()
    cases.city.settle()
    cases.handled(event)
    with db.unit() as unit:
        before = [tuple(row) for row in unit.rows(sa.select(job.c.id, job.c.state).order_by(job.c.id))]
        told = unit.value(sa.select(sa.func.count()).select_from(outbox))
        entries = unit.value(sa.select(sa.func.count()).select_from(journal_entry))
    account = rebuilding.check(telling.told_pages)
    assert account.differences == 0 and account.pending == 1
    with db.unit() as unit:
        assert before == [tuple(row) for row in unit.rows(sa.select(job.c.id, job.c.state).order_by(job.c.id))]
        assert told == unit.value(sa.select(sa.func.count()).select_from(outbox))
        assert entries == unit.value(sa.select(sa.func.count()).select_from(journal_entry))


def test_knowledge_is_kept_up_in_time_or_late(cases: Cases) -> None:
    lead, operator = cases.city.sign_in("dept_lead"), cases.city.sign_in("hotline_operator")
    entries = []
    for question in ("公积金怎么提取", "井盖丢了找谁"):
        body = {"question": question, "answer": "请到窗口办理。", "owner": cases.city.orgs["市政处"], "division": HERE}
        body |= {"publish": True, "valid_to": "2026-11-20"}
        made = lead.post("/api/knowledge", json=body, headers=key())
        assert made.status_code == 201, made.text
        entries.append(made.json())
    asked = operator.post(f"/api/knowledge/{entries[0]['id']}/corrections", json={"text": "窗口已搬家"}, headers=key())
    assert asked.status_code == 201, asked.text
    cases.later(days=1)
    path = f"/api/knowledge/corrections/{asked.json()['id']}/answer"
    assert lead.post(path, json={"reason": "地址仍有效"}, headers=key()).status_code == 200
    cases.city.settle()
    assert cases.figure("knowledge_in_time", **OCTOBER) == (1, 1, 0)
    assert cases.figure("knowledge_in_time", **NOVEMBER) == (0, 0, 0)
    now_is(cases.city, MONDAY.replace(month=11, day=25))
    assert cases.figure("knowledge_in_time", **NOVEMBER) == (0, 2, 0)
    late = cases.city.sign_in("evaluator").get(
        "/api/evaluate/counted", params={**NOVEMBER, "rate": "knowledge_in_time", "scope": "department"}
    )
    rows = late.json()["items"]
    assert {row["about"] for row in rows} == {one["id"] for one in entries}
    assert all(row["about_title"] and row["org_name"] == "市政处" and row["case_no"] is None for row in rows)
    assert differs() == (0, [])
    with open_unit(System("test"), "rebuild") as unit:
        unit.run(sa.delete(evaluate_edition))
    assert differs()[0] > 0
    rebuilding.rebuild(telling.told_pages)
    assert differs() == (0, [])
    assert cases.figure("knowledge_in_time", **NOVEMBER) == (0, 2, 0)


def test_single_matters_are_judged_by_their_facts(cases: Cases, db: Any) -> None:
    late = appealed(cases, late_and_closed(cases))
    early = cases.closed(cases.checked(cases.handled(cases.dispatched())))
    still = cases.dispatched()
    cases.city.settle()
    with db.unit() as unit:
        found = evaluate.judge(unit, System("test"), [late["id"], early["id"], still["id"]])
        assert {key: one.on_time for key, one in found.items()} == {
            late["id"]: False,
            early["id"]: True,
            still["id"]: None,
        }
        assert found[late["id"]].excluded == "exempt_overdue" and found[late["id"]].late_s
        assert evaluate.judge(unit, System("test"), []) == {}
    cases.later(days=9)
    with db.unit() as unit:
        assert evaluate.judge(unit, System("test"), [still["id"]])[still["id"]].on_time is False
