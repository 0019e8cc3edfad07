"""Repeats are harmless: double clicks with and without a key, two people at once, an answer lost on its way."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from gangmu.core.event.store import event as events
from gangmu.core.event.store import event_act
from gangmu.core.report.store import report as reports
from gangmu.kit.tables import file_row, idempotency
from tests.city import HERE, City

REPORT = {"channel": "patrol", "text": "路口井盖缺失", "division": HERE}


def together(calls: list[Callable[[], Any]]) -> list[Any]:
    """All at the same moment; their answers."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(n: int) -> None:
        gate.wait()
        answers[n] = calls[n]()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def count(db: Any, table: sa.Table, *where: Any) -> int:
    with db.unit() as unit:
        return int(unit.value(sa.select(sa.func.count()).select_from(table).where(*where)))


def test_a_double_click_with_one_key_is_one_report(city: City, db: Any) -> None:
    key, clerks = uuid4().hex, [city.sign_in("clerk", fresh=True) for _ in range(4)]
    answers = together(
        [lambda b=b: b.post("/api/reports", json=REPORT, headers={"idempotency-key": key}) for b in clerks]
    )
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["event"]["id"] for answer in answers}) == 1
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 3
    assert count(db, reports) == 1 and count(db, events) == 1


def test_a_key_stands_for_one_request_of_one_person(city: City, db: Any) -> None:
    key = {"idempotency-key": uuid4().hex}
    clerk, patrol = city.sign_in("clerk"), city.sign_in("patrol")
    first = clerk.post("/api/reports", json=REPORT, headers=key)
    assert clerk.post("/api/reports", json={**REPORT, "text": "别的事"}, headers=key).json()["code"] == "conflict"
    at = f"/api/events/{first.json()['event']['id']}/acts/accept"
    assert clerk.post(at, json={}, headers=key).json()["code"] == "conflict"
    other = patrol.post("/api/reports", json=REPORT, headers=key)
    assert other.status_code == 201 and other.json()["event"]["id"] != first.json()["event"]["id"]
    assert count(db, reports) == 2


def test_a_key_stands_for_the_file_that_was_sent_with_it(city: City, db: Any) -> None:
    key, clerk = {"idempotency-key": uuid4().hex}, city.sign_in("clerk")
    one = {"file": ("a.pdf", b"%PDF-1.4\n%one\n", "application/pdf")}
    two = {"file": ("a.pdf", b"%PDF-1.4\n%two\n", "application/pdf")}
    first, again = (clerk.post("/api/files", files=one, headers=key) for _ in range(2))
    assert first.status_code == 201 and again.json() == first.json() and count(db, file_row) == 1
    assert clerk.post("/api/files", files=two, headers=key).json()["code"] == "conflict"


def test_a_refused_request_gives_its_key_back(city: City) -> None:
    key, clerk = {"idempotency-key": uuid4().hex}, city.sign_in("clerk")
    assert clerk.post("/api/reports", json={**REPORT, "join_event_id": str(uuid4())}, headers=key).status_code == 422
    assert clerk.post("/api/reports", json={**REPORT, "division": "999999"}, headers=key).status_code == 403
    assert clerk.post("/api/reports", json=REPORT, headers=key).status_code == 201


def test_a_kept_answer_is_read_by_who_holds_the_key_alone(city: City, db: Any) -> None:
    key, clerk = uuid4().hex, city.sign_in("clerk")
    told = {**REPORT, "reporter": {"name": "王小二", "phone": "13612345678"}}
    made = clerk.post("/api/reports", json=told, headers={"idempotency-key": key}).json()
    path, body = f"/api/reports/{made['report']['id']}/reveal", {"purpose": "回访"}
    first = clerk.post(path, json=body, headers={"idempotency-key": key + "-2"})
    again = clerk.post(path, json=body, headers={"idempotency-key": key + "-2"})
    assert again.json() == first.json() and again.json()["phone"] == "13612345678"
    with db.unit() as unit:
        for row in unit.rows(sa.select(idempotency)):
            assert key not in row.key and b"136" not in bytes(row.answer or b"")


def test_keys_of_signed_out_people_are_nobodys(city: City) -> None:
    from tests.city import PASSWORD, Browser

    key = {"idempotency-key": "the-same-key-for-all"}
    for who in ("clerk", "patrol"):
        browser = Browser(city.app)
        answer = browser.post("/api/session", json={"username": who, "password": PASSWORD}, headers=key)
        assert answer.status_code == 200 and "set-cookie" in answer.headers
        again = Browser(city.app).post("/api/session", json={"username": who, "password": PASSWORD}, headers=key)
        assert "set-cookie" in again.headers


@pytest.mark.parametrize("with_version", [True, False])
def test_two_click_at_once_without_a_key_and_one_wins(city: City, db: Any, with_version: bool) -> None:
    event = city.report()
    body = {"version": event["version"]} if with_version else {}
    browsers = [city.sign_in("clerk", fresh=True) for _ in range(4)]
    path = f"/api/events/{event['id']}/acts/accept"
    answers = together([lambda b=b: b.post(path, json=body) for b in browsers])
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200, 409, 409, 409], [answer.text for answer in answers]
    assert count(db, event_act, event_act.c.verb == "accept") == 1
    assert city.sign_in("clerk").sees(event)["version"] == event["version"] + 1


def test_who_comes_second_is_told_what_changed(city: City) -> None:
    event = city.report()
    city.sign_in("clerk").do(event, "accept")
    city.sign_in("clerk").do(event, "note", reason="已电话核实")
    late = city.sign_in("shift_leader").do(event, "note", 409, reason="我也看过", version=event["version"])
    assert late["code"] == "event.moved_on", late
    assert [step["verb"] for step in late["params"]["since"]] == ["accept", "note"]
    assert late["params"]["version"] == event["version"] + 2 and late["params"]["since"][0]["by"]


def test_two_joins_at_once_lose_neither(city: City, db: Any) -> None:
    event = city.report()
    body = {**REPORT, "join_event_id": event["id"], "reporter": {"name": "甲", "phone": "13612345678"}}
    browsers = [city.sign_in("clerk", fresh=True) for _ in range(4)]
    answers = together([lambda b=b: b.post("/api/reports", json=body) for b in browsers])
    assert [answer.status_code for answer in answers] == [201] * 4, [answer.text for answer in answers]
    seen = city.sign_in("clerk").sees(event)
    assert seen["report_count"] == 5 and count(db, reports, reports.c.event == event["id"]) == 5


def test_two_merges_across_each_other_do_not_hang_or_lose(city: City, db: Any) -> None:
    one, two = city.report(), city.report()
    clerks = [city.sign_in("clerk", fresh=True) for _ in range(2)]
    answers = together(
        [
            lambda: clerks[0].post(f"/api/events/{one['id']}/merge", json={"into": two["id"], "reason": "同"}),
            lambda: clerks[1].post(f"/api/events/{two['id']}/merge", json={"into": one["id"], "reason": "同"}),
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409], [answer.text for answer in answers]
    assert count(db, reports, reports.c.event.is_(None)) == 0
    assert count(db, events, events.c.status == "open") == 1
