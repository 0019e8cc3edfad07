"""Figures against a slow reference that only reads the events' own pages (timeline, clocks, obligations). And what
comes in by the batch."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from gangmu.brain.evaluate import rebuilding
from gangmu.core.docking import visits
from gangmu.core.event import telling
from gangmu.core.event.bulk import ForeignReport, take_reports
from gangmu.kit import clock
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, City
from tests.flow.cases import MONDAY, Cases, now_is
from tests.flow.docked import answered, docked, events, signed_and_sent
from tests.flow.ground import matter_of

CHINA = ZoneInfo("Asia/Shanghai")
Parts = dict[str, tuple[int, int]]


# --- the reference ------------------------------------------------------------------------------------------


def time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def in_month(at: datetime | None, month: str, until: datetime) -> bool:
    return at is not None and at <= until and f"{at.astimezone(CHINA):%Y-%m}" == month


class Page:
    """One event as its pages show it."""

    def __init__(self, city: City, event_id: str) -> None:
        browser = city.sign_in("evaluator")
        self.event = browser.get(f"/api/events/{event_id}").json()
        self.acts = browser.get(f"/api/events/{event_id}/timeline").json()["items"]
        self.owed = browser.get(f"/api/events/{event_id}/obligations").json()["items"]
        self.clocks = [one for one in self.event["clocks"] if not one["cancelled"] and not one["bundled_into"]]

    def rounds(self, stage: str, org: str | None = None) -> list[dict[str, Any]]:
        """The clocks of a stage; a clock that goes on after a rework is one."""
        found: dict[str, dict[str, Any]] = {}
        for one in self.clocks:
            if one["stage"] == stage and one["org"] == org:
                was = found.get(one["started_at"])
                late = one["overdue"] or bool(was and was["overdue"])
                found[one["started_at"]] = {**one, "overdue": late}
        return list(found.values())

    def did(self, *verbs: str) -> list[dict[str, Any]]:
        return [one for one in self.acts if one["verb"] in verbs]

    def host_of(self, started: str) -> str | None:
        held = [one for one in self.owed if one["role"] == "host" and one["since"] <= started]
        return held[-1]["org"] if held else None


def standing(rounds: Iterable[dict[str, Any]]) -> Iterable[tuple[datetime | None, bool, bool, dict[str, Any]]]:
    """When each piece of work counts, whether it is done, whether in time."""
    for one in rounds:
        due, stop = time(one["due_at"]), time(one["stopped_at"])
        yield (
            (stop if stop and due and stop < due else due),
            stop is not None,
            stop is not None and not one["overdue"],
            one,
        )


def reference(pages: list[Page], month: str, until: datetime) -> dict[str, Counter[str]]:
    """Counts by organisation ('' all) of everything, one event after the other."""
    found: dict[str, Counter[str]] = {}

    def add(org: str | None, *words: str) -> None:
        for key in {"", org or ""}:
            found.setdefault(key, Counter()).update(words)

    for page in pages:
        event = page.event
        if event["status"] == "merged":
            continue
        lead = event["lead_org"]["id"] if isinstance(event["lead_org"], dict) else event["lead_org"]
        exempt = "overdue" in event["exemptions"]
        if in_month(time(event["reported_at"]), month, until):
            add("", *["report"] * event["report_count"])
        for act in page.acts:
            if not in_month(time(act["recorded_at"]), month, until):
                continue
            names = {"register": "filed", "dispatch": "dispatched", "accept": "accepted", "grant_extension": "extended"}
            if act["verb"] in names:
                add("", names[act["verb"]])
            if act["verb"] == "rework":
                add(page.host_of(act["recorded_at"]), "rework")
        handle = page.rounds("handle")
        if handle and event["status"] != "void":
            due, closed = time(handle[-1]["due_at"]), time(event["closed_at"])
            at = closed if closed and due and closed < due else due
            late = any(one["overdue"] for one in handle) or handle[-1]["stopped_at"] is None
            if in_month(at, month, until) and not exempt:
                add(lead, "need")
                if closed:
                    add(lead, "closed", *([] if late else ["closed_in_time"]))
            if late and in_month(due, month, until) and not exempt:
                add(lead, "late")
        for at, done, good, one in standing(handle):
            if in_month(at, month, until) and not exempt:
                add(page.host_of(one["started_at"]), "due", *["done"] * done, *["done_in_time"] * good)
                if not done:
                    add(page.host_of(one["started_at"]), "unhandled")
        for org in {one["org"] for one in page.clocks if one["stage"] == "assist"}:
            for at, done, good, _ in standing(page.rounds("assist", org)):
                if in_month(at, month, until) and not exempt:
                    add(org, "help_due", *["help_done"] * done, *["help_in_time"] * good)
        for stage in ("accept", "file", "dispatch", "close"):
            for one in page.clocks:
                if one["stage"] == stage:
                    at, _, good, _ = next(iter(standing([one])))
                    if in_month(at, month, until):
                        add("", f"{stage}_due", *[f"{stage}_in_time"] * good)
    return found


RATES = {
    "reports": ("report", ""),
    "filed_count": ("filed", ""),
    "dispatched_count": ("dispatched", ""),
    "accepted_count": ("accepted", ""),
    "extended_count": ("extended", ""),
    "filing": ("filed", "accepted"),
    "closing": ("closed", "need"),
    "closing_in_time": ("closed_in_time", "need"),
    "overdue": ("late", "need"),
    "handling": ("done", "due"),
    "handling_in_time": ("done_in_time", "due"),
    "unhandled": ("unhandled", "due"),
    "rework": ("rework", "due"),
    "assisting": ("help_done", "help_due"),
    "assisting_in_time": ("help_in_time", "help_due"),
    "accepting_in_time": ("accept_in_time", "accept_due"),
    "filing_in_time": ("file_in_time", "file_due"),
    "dispatch_in_time": ("dispatch_in_time", "dispatch_due"),
    "ending_in_time": ("close_in_time", "close_due"),
}
BY_DEPARTMENT = (
    "closing",
    "closing_in_time",
    "overdue",
    "handling",
    "handling_in_time",
    "unhandled",
    "rework",
    "assisting",
)


def told(figures: list[dict[str, Any]]) -> Parts:
    return {one["rate"]: (one["numerator"], one["denominator"]) for one in figures}


def agrees(cases: Cases, month: str) -> None:
    """Every rate of a month, for the city and for each department, is what the reference says."""
    cases.city.settle()
    until = clock.now()
    listed = events(cases.city, "evaluator", status=["open", "closed", "void", "merged"])
    everything = {one["id"] for one in listed}
    counts = reference([Page(cases.city, each) for each in sorted(everything)], month, until)
    table = cases.table(scope="area", level="county", rates=",".join(RATES), period=month)
    mine = {
        name: (counts.get("", Counter())[top], counts.get("", Counter())[below] if below else 0)
        for name, (top, below) in RATES.items()
    }
    assert told(table["total"]["figures"]) == mine
    for line in cases.table(rates=",".join(BY_DEPARTMENT), period=month)["lines"]:
        own = counts.get(line["key"])
        if own is not None and line["name"] in ("市政处", "环卫处"):
            expected = {name: (own[RATES[name][0]], own[RATES[name][1]]) for name in BY_DEPARTMENT}
            assert told(line["figures"]) == expected, line["name"]


def test_every_rate_is_what_the_pages_of_the_events_say(city: City) -> None:
    cases = Cases(city, MONDAY.replace(day=28, hour=9))
    in_time = cases.dispatched("4h", assistants=["环卫处"])
    waits = cases.dispatched("4h", org="环卫处", assistants=["市政处"])
    longer = cases.dispatched("5d")
    cases.filed("4h")
    cases.later(hours=1)
    city.sign_in("cleaner_lead").do(in_time, "assist_done", reason="清理完")
    cases.closed(cases.checked(cases.handled(in_time)))
    city.sign_in("dept_lead").do(longer, "request_extension", reason="须停水")
    city.sign_in("dispatcher").do(longer, "grant_extension")
    again = cases.checked(cases.handled(cases.dispatched("2d")), "check_fail")
    again = city.sign_in("shift_leader").do(again, "rework", reason="仍松动")
    late = cases.dispatched("4h")
    exempt = cases.dispatched("4h")
    moved = cases.dispatched("4h")
    city.sign_in("dept_lead").do(moved, "return", reason="不属我单位")
    moved = city.sign_in("dispatcher").do(moved, "dispatch", lead_org=city.orgs["环卫处"])
    cases.later(days=1)
    for one in (late, exempt):
        cases.closed(cases.checked(cases.handled(one)))
    city.sign_in("dept_lead").do(exempt, "appeal", reason="停电")
    city.sign_in("dispatcher").do(exempt, "endorse_appeal", reason="属实")
    city.sign_in("clerk").do(exempt, "grant_appeal", reason="不可抗力")
    twin, main = cases.dispatched("4h"), cases.dispatched("4h")
    body = {"into": main["id"], "reason": "同一处"}
    assert city.sign_in("clerk").post(f"/api/events/{twin['id']}/merge", json=body).status_code == 200
    cases.closed(cases.checked(cases.handled(again)))
    cases.handled(moved, "cleaner_lead")
    agrees(cases, "2026-10")
    now_is(city, MONDAY.replace(month=11, day=20))
    cases.handled(waits, "cleaner_lead")
    cases.closed(cases.checked(cases.handled(longer)))
    agrees(cases, "2026-10")
    agrees(cases, "2026-11")
    account = rebuilding.check(telling.told_pages)
    assert (account.differences, account.first, account.pending) == (0, [], 0)


def test_the_hotlines_rates(city: City) -> None:
    cases = Cases(city)
    operator = city.sign_in("hotline_operator")
    matter = matter_of(operator, "hotline", "020101")
    caller = {"name": "王小民", "phone": "13812345678"}

    def order(solved: str, grade: str) -> dict[str, Any]:
        body = {"channel": "hotline12345", "kind": "complaint", "text": "夜里占道", "reporter": caller}
        event = city.report("hotline_operator", **body, matter_id=matter["id"])
        condition = matter["conditions"][0]["id"]
        event = operator.do(event, "classify", condition_id=condition, outcome="in_scope")
        event = city.sign_in("dispatcher").do(event, "dispatch", lead_org=city.orgs["市政处"])
        lead, handler = city.sign_in("dept_lead"), city.sign_in("handler")
        event = lead.do(event, "sign")
        event = lead.do(event, "contact", reason="已电话联系")
        event = lead.do(event, "assign", handler_post=city.posts["handler"])
        event = handler.do(event, "reply", answer="已处理", outcome="solved")
        event = lead.do(event, "confirm")
        return city.sign_in("call_back").do(event, "visit", outcome=solved, satisfaction=grade)

    order("solved", "very_satisfied")
    order("solved", "satisfied")
    bad = order("unsolved", "dissatisfied")
    city.sign_in("call_back").do(bad, "redo", reason="未解决")
    gone = order("unsolved", "very_dissatisfied")
    city.settle()
    month = {"period": "2026-10"}
    assert cases.figure("resolving", "市政处", **month) == (2, 4, 0)
    assert cases.figure("satisfying", "市政处", **month) == (2, 4, 0)
    assert cases.figure("responding", "市政处", **month) == (4, 4, 0)
    assert cases.figure("signing_in_time", "市政处", **month) == (4, 4, 0)
    assert cases.figure("sent_back", "市政处", **month) == (1, 4, 0)
    assert cases.figure("order_in_time", "市政处", **month) == (3, 3, 0)  # the one sent back is under way again
    city.sign_in("evaluator").do(gone, "exempt", reason="诉求不合理")
    city.settle()
    assert cases.figure("resolving", "市政处", **month) == (2, 3, 1)
    row = cases.counted("resolving", "excluded", **month)[0]
    assert (row["event"], row["why"], row["approved_by"]) == (gone["id"], "诉求不合理", "甲evaluator")
    scored = {one["name"]: one["score"] for one in cases.table(score="hotline", **month)["lines"]}
    assert scored["市政处"]["why"] == "too_few"


# --- batches ------------------------------------------------------------------------------------------------


def foreign(number: int, received: datetime, target: datetime | None, closed: datetime | None) -> ForeignReport:
    return ForeignReport(
        number=f"F-{number}",
        channel="bulk",
        kind="complaint",
        title=f"路灯不亮 {number}",
        text="路灯不亮",
        division=HERE,
        happened_at=received,
        received_at=received,
        flow="urban_case",
        life="open" if closed is None else "closed",
        target_at=target,
        closed_at=closed,
    )


def test_records_of_a_file_are_judged_by_their_own_targets(city: City, db: Any) -> None:
    cases = Cases(city, MONDAY.replace(month=11, day=16))
    begin = datetime(2026, 10, 5, 1, tzinfo=UTC)
    rows = []
    for n in range(450):
        received = begin + timedelta(minutes=n)
        target = received + timedelta(days=2) if n % 5 else None
        closed = received + timedelta(days=1 if n % 3 else 4) if n % 7 else None
        rows.append(foreign(n, received, target, closed))
    with open_unit(System("test"), "load") as unit:
        take_reports(unit, unit.actor, rows, "file")
    city.settle()
    judged = [row for row in rows if row.target_at]
    closed = [row for row in judged if row.closed_at]
    good = [row for row in closed if row.closed_at and row.target_at and row.closed_at <= row.target_at]
    month = {"period": "2026-10", "scope": "area"}
    assert cases.figure("reports", **month) == (450, 0, 0)
    assert cases.figure("closing", **month) == (len(closed), len(judged), 0)
    assert cases.figure("closing_in_time", **month) == (len(good), len(judged), 0)
    assert len(cases.counted("closing_in_time", "numerator", **{**month, "key": HERE})) == len(good)
    account = rebuilding.check(telling.told_pages)
    assert (account.differences, account.first) == (0, []) and account.from_loads >= 900
    made = rebuilding.rebuild(telling.told_pages)
    assert made.events == 450 and rebuilding.check(telling.told_pages).differences == 0
    with psycopg.connect(db.uri_owner, autocommit=True) as conn:  # behind the house's back, and in both places
        gone = conn.execute("DELETE FROM event_act WHERE id = (SELECT max(id::text)::uuid FROM event_act) RETURNING id")
        conn.execute("DELETE FROM evaluate_act WHERE id = %s", gone.fetchone())
    assert "Load" in {one.kind for one in rebuilding.check(telling.told_pages).first}


def test_orders_of_another_system_count_under_its_deadlines(city: City) -> None:
    with docked(city) as (town, link):
        town.issue(3, acts=False)
        visits.pull(link)
        for event in events(city):
            answered(city, signed_and_sent(city, event))
        city.settle()
        account = rebuilding.check(telling.told_pages)
        assert (account.differences, account.first) == (0, []) and account.from_loads > 0
        table = city.sign_in("evaluator").get("/api/evaluate/table", params={"rates": "handling_in_time,handling"})
        line = next(one for one in table.json()["lines"] if one["name"] == "市政处")
        assert line["figures"][1]["numerator"] == line["figures"][1]["denominator"] == 3
