"""Whatever is merged, parted and joined in whatever order: no report and no reporter is lost, and all are answered."""

import random
from typing import Any

import pytest
import sqlalchemy as sa

from gangmu.core.event.store import event as events
from gangmu.core.event.store import event_report
from gangmu.core.report.store import report as reports
from tests.city import Browser, City
from tests.flow.test_fuzz_requests import whole

PHONES = [f"1361234567{n}" for n in range(6)]


def a_call(city: City, n: int, **more: Any) -> dict[str, Any]:
    reporter = {"name": f"来电人{n}", "phone": PHONES[n % len(PHONES)]}
    return city.report(channel="hotline12345", text=f"路灯不亮 {n}", reporter=reporter, flow="urban_case", **more)


def belongs(db: Any) -> dict[str, str]:
    """Report to event, as the tables have it."""
    with db.unit() as unit:
        return {row.id: row.event for row in unit.rows(sa.select(reports.c.id, reports.c.event))}


def open_events(db: Any) -> list[str]:
    with db.unit() as unit:
        return [
            row.id for row in unit.rows(sa.select(events.c.id).where(events.c.status == "open").order_by(events.c.id))
        ]


def a_step(dice: random.Random, city: City, clerk: Browser, db: Any, n: int) -> int:
    """One thing that somebody does; the reports there are more."""
    there = open_events(db)
    what = dice.choice(("merge", "merge", "unmerge", "unmerge", "join", "open", "merge_away"))
    if what == "open" or len(there) < 2:
        a_call(city, n)
        return 1
    if what == "join":
        a_call(city, n, join_event_id=dice.choice(there))
        return 1
    if what == "merge":
        one, into = dice.sample(there, 2)
        answer = clerk.post(f"/api/events/{one}/merge", json={"into": into, "reason": "同一事项"})
        assert answer.status_code == 200, answer.text
    elif what == "merge_away":
        one = dice.choice(there)
        assert clerk.post(f"/api/events/{one}/merge", json={"into": one, "reason": "自己"}).status_code == 409
    else:
        one = dice.choice(there)
        here = [item["id"] for item in clerk.get(f"/api/events/{one}/reports").json()["items"]]
        chosen = dice.sample(here, dice.randint(1, len(here)))
        answer = clerk.post(f"/api/events/{one}/unmerge", json={"report_ids": chosen, "reason": "不是一回事"})
        assert answer.status_code == (409 if len(chosen) == len(here) else 200), answer.text
    return 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_order_of_merging_and_parting_loses_nobody(city: City, db: Any, seed: int) -> None:
    dice, clerk = random.Random(seed), city.sign_in("clerk")
    made = 4
    for n in range(made):
        a_call(city, n)
    for n in range(made, made + 22):
        made += a_step(dice, city, clerk, db, n)
        found = belongs(db)
        assert len(found) == made and None not in found.values()
        assert set(found.values()) == set(open_events(db)), (
            "a report at an event that is merged away, or an empty event"
        )
    city.settle()
    assert whole(db) == []
    with db.unit() as unit:
        for row in unit.rows(sa.select(events).where(events.c.status == "open")):
            callers = unit.value(
                sa.select(sa.func.count(sa.distinct(reports.c.reporter))).where(reports.c.event == row.id)
            )
            assert row.caller_count == callers
        linked = unit.value(sa.select(sa.func.count(sa.distinct(event_report.c.report))))
    assert linked == made


def test_a_parted_event_is_open_again_as_it_was_with_its_number(city: City) -> None:
    clerk, one, into = city.sign_in("clerk"), a_call(city, 0), a_call(city, 1)
    clerk.do(one, "accept")
    before = clerk.sees(one)
    mine = clerk.get(f"/api/events/{one['id']}/reports").json()["items"]
    assert clerk.post(f"/api/events/{one['id']}/merge", json={"into": into["id"], "reason": "同"}).status_code == 200
    assert clerk.sees(one)["status"] == "merged" and clerk.sees(into)["report_count"] == 2
    parted = clerk.post(f"/api/events/{into['id']}/unmerge", json={"report_ids": [mine[0]["id"]], "reason": "异"})
    assert [item["id"] for item in parted.json()["items"]] == [one["id"]]
    after = clerk.sees(one)
    for name in ("case_no", "state", "status", "report_count", "caller_count", "division", "title"):
        assert after[name] == before[name], name
    assert clerk.sees(into)["report_count"] == 1


def test_every_reporter_of_a_merged_matter_is_answered(city: City, db: Any) -> None:
    from gangmu.kit.tables import job

    clerk, into = city.sign_in("clerk"), a_call(city, 0)
    for n in (1, 2):
        one = a_call(city, n)
        assert (
            clerk.post(f"/api/events/{one['id']}/merge", json={"into": into["id"], "reason": "同"}).status_code == 200
        )
    a_call(city, 3, join_event_id=into["id"])
    clerk.do(into, "accept")
    offered = {verb["id"]: verb for verb in city.sign_in("clerk").sees(into)["verbs"]}
    refuse = city.sign_in("shift_leader").sees(into)["verbs"]
    verb = next((v for v in [*offered.values(), *refuse] if v["id"] in ("refuse", "not_file", "reject")), None)
    if verb is None:
        verb = {"id": "void"}
    done = None
    for who in ("clerk", "shift_leader", "supervisor"):
        path = f"/api/events/{into['id']}/acts/{verb['id']}"
        answer = city.sign_in(who).post(path, json={"reason": "不属受理范围", "answer": "感谢来电，已转有关部门"})
        if answer.status_code == 200:
            done = answer.json()
            break
    assert done is not None, (verb, answer.text)
    city.settle()
    with db.unit() as unit:
        rows = unit.rows(sa.select(job.c.payload).where(job.c.message_name == "ReporterAnswered"))
        told = {row.payload["report_id"] for row in rows}
    assert told == {item["id"] for item in clerk.get(f"/api/events/{into['id']}/reports").json()["items"]}
    assert len(told) == 4
