"""Retention: what is due is listed, a second person confirms, it is erased wherever it lies, and that is proved."""

import io
import os
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from PIL import Image

from gangmu.brain.evaluate import rebuilding
from gangmu.brain.evaluate import store as evaluate_store
from gangmu.core.docking import inbound_store as docking_store
from gangmu.core.docking import keeping_store as docking_keeping
from gangmu.core.docking import visits
from gangmu.core.event import keeping as event_keeping
from gangmu.core.event import telling
from gangmu.core.notify.store import answer as answer_table
from gangmu.core.report import store as report_store
from gangmu.core.retention import jobs as retention_jobs
from gangmu.core.retention import model, notice, service, shipped
from gangmu.core.retention import store as retention_store
from gangmu.core.retention.errors import SamePerson
from gangmu.kit import clock, db, files, ids, journal, keeping, seal
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.tables import journal_entry
from gangmu.kit.unit import open_unit
from tests.city import HERE, Browser, City
from tests.conftest import Db
from tests.flow.docked import docked
from tests.flow.ground import key

ROOT = Path(__file__).parents[2]
ME = System("test")
WHO = {"name": "王小二", "phone": "13612345678"}
YEARS = 4 * 365


def picture() -> bytes:
    """A small picture."""
    made = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 90)).save(made, "PNG")
    return made.getvalue()


def closed(city: City, **given: Any) -> dict[str, Any]:
    """A matter with a named reporter that is over."""
    event = city.report("clerk", **{"channel": "hotline12345", "reporter": WHO, **given})
    city.sign_in("hotline_operator", fresh=True).do(event, "answer", answer="已告知办理途径", outcome="knowledge")
    assert city.sign_in("clerk").sees(event)["status"] != "open"
    return event


def reporter_of(event: dict[str, Any]) -> Id:
    with open_unit(ME, "look") as unit:
        row = unit.one(sa.select(report_store.report.c.reporter).where(report_store.report.c.event == Id(event["id"])))
    assert row is not None and row.reporter is not None
    return row.reporter


def get(city: City, who: str, path: str, expect: int = 200) -> Any:
    answer = city.sign_in(who, fresh=True).get(f"/api/retention{path}")
    assert answer.status_code == expect, answer.text
    return answer.json()


def post(city: City, who: str, path: str, body: Any = None, expect: int = 200) -> Any:
    answer = city.sign_in(who, fresh=True).post(f"/api/retention{path}", json=body, headers=key())
    assert answer.status_code == expect, f"{answer.status_code} {answer.text}"
    return answer.json()


def due(city: City, kind: str) -> int:
    return int(next(one["due"] for one in get(city, "data_steward", "/rules")["items"] if one["kind"] == kind))


def erased(city: City) -> dict[str, Any]:
    """A list is drawn up, confirmed by the security administrator and worked off."""
    made = post(city, "data_steward", "/runs", expect=201)
    assert made["state"] == "proposed"
    post(city, "security_admin", f"/runs/{made['id']}/confirm")
    city.settle()
    run = get(city, "data_steward", "/runs")["items"][0]
    assert run["id"] == made["id"] and run["state"] == "done"
    return dict(run)


def test_a_reporter_is_erased_when_the_last_matter_is_long_over_and_that_is_proved(city, database: Db):
    event = closed(city)
    who = reporter_of(event)
    city.forward(days=300)
    assert due(city, "reporter") == 0
    city.forward(days=YEARS)
    assert due(city, "reporter") == 1
    with open_unit(ME, "look") as unit:
        assert report_store.find_reporters(unit, seal.keys().blind(WHO["phone"]), seen_by=ME)
    run = erased(city)
    assert run["erased"]["reporter"] == 1 and len(run["digest"]) == 64
    with open_unit(ME, "look") as unit:
        row = report_store.get_reporter(unit, who, seen_by=ME)
        assert (row.name, row.phone) == (None, None)
        assert not report_store.find_reporters(unit, seal.keys().blind(WHO["phone"]), seen_by=ME)
        assert keeping.readable(unit, [who]) == set()
    told = post(city, "data_steward", f"/runs/{run['id']}/prove")
    assert told["ok"] and told["left"] == [] and told["journal"] and told["erased"]["reporter"] == 1
    assert due(city, "reporter") == 0
    shown = city.sign_in("clerk", fresh=True).get(f"/api/events/{event['id']}/reports").json()["items"][0]
    assert "王" not in str(shown["reporter"]) and "136" not in str(shown["reporter"])
    while journal.seal_tail(database.folder / "journal"):
        pass
    assert journal.verify(database.folder / "journal", seal.keys().verifier).ok  # the chain holds without what is gone


def test_an_open_matter_keeps_its_reporter(city):
    closed(city)
    city.report("clerk", channel="hotline12345", reporter=WHO, text="又一件，路灯不亮")
    city.forward(days=YEARS)
    assert due(city, "reporter") == 0


def test_what_came_by_docking_is_erased_as_it_came_too(city):
    """The sealed copy of a docked row goes with the person in it."""
    with docked(city) as (town, link):
        town.issue(1, acts=False)
        visits.pull(link)
        event = city.sign_in("dispatcher").get("/api/events").json()["items"][0]
    with open_unit(ME, "look") as unit:
        rows = unit.rows(sa.select(docking_store.docking_in.c.id))
        assert keeping.readable(unit, [row.id for row in rows])
    who = reporter_of(event)
    with open_unit(ME, "erase") as unit:
        item = keeping.Due(who, unit.now)
        kind = keeping.kinds()["reporter"]
        assert keeping.left(unit, kind, [item])
        keeping.erase(unit, kind, [item])
        assert keeping.left(unit, kind, [item]) == {}
        copies = docking_keeping.rows_of_reports(
            unit, [row.id for row in unit.rows(sa.select(report_store.report.c.id))]
        )
        assert copies and keeping.readable(unit, [one for rows in copies.values() for one in rows]) == set()


def test_a_proof_finds_what_is_left(city):
    event = closed(city)
    who = reporter_of(event)
    city.forward(days=YEARS)
    run = erased(city)
    with open_unit(ME, "tamper") as unit:
        unit.run(sa.update(report_store.reporter).where(report_store.reporter.c.id == who).values(phone_hash=b"x"))
    told = post(city, "data_steward", f"/runs/{run['id']}/prove")
    assert not told["ok"] and told["left"] == [{"thing": str(who), "part": "row or search hash"}]
    with open_unit(ME, "tamper") as unit:
        unit.run(sa.update(report_store.reporter).where(report_store.reporter.c.id == who).values(phone_hash=None))
        unit.run(sa.delete(retention_store.item).where(retention_store.item.c.kind == "reporter"))
    told = post(city, "data_steward", f"/runs/{run['id']}/prove")
    assert not told["ok"] and not told["digest_agrees"] and told["journal"] is None


def test_who_asked_for_a_list_does_not_confirm_it_and_it_is_decided_once(city):
    closed(city)
    city.forward(days=YEARS)
    made = post(city, "data_steward", "/runs", expect=201)
    post(city, "data_steward", "/runs", expect=409)
    post(city, "data_steward", f"/runs/{made['id']}/confirm", expect=403)
    with open_unit(ME, "test") as unit:
        run = retention_store.get_run(unit, Id(made["id"]), seen_by=ME)
    with pytest.raises(SamePerson):
        model.may_decide(run, run.made_by)
    refused = post(city, "security_admin", f"/runs/{made['id']}/refuse", {"note": "审计未完"})
    assert refused["state"] == "refused"
    post(city, "security_admin", f"/runs/{made['id']}/confirm", expect=409)
    city.settle()
    assert due(city, "reporter") == 1


def test_a_hold_keeps_a_matter_also_after_the_list_was_drawn_up(city):
    event = closed(city)
    city.forward(days=YEARS)
    made = post(city, "data_steward", "/runs", expect=201)
    assert made["counts"]["reporter"] == 1
    hold = post(city, "data_steward", "/holds", {"event": event["id"], "reason": "行政复议中"}, expect=201)
    post(city, "security_admin", f"/runs/{made['id']}/confirm")
    city.settle()
    run = get(city, "data_steward", "/runs")["items"][0]
    assert run["state"] == "done" and run["erased"].get("reporter", 0) == 0
    rules = {one["kind"]: one for one in get(city, "data_steward", "/rules")["items"]}
    assert (rules["reporter"]["due"], rules["reporter"]["held"]) == (0, 1)
    lift(city, "supervisor", hold)
    assert due(city, "reporter") == 1


def waits_or_ends(thread: threading.Thread) -> bool:
    """Whether a thread waits for an advisory lock of the database; not, when it has ended before."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    while thread.is_alive():
        with open_unit(ME, "look") as unit:
            if unit.value(waiting):
                return True
        thread.join(0.05)
    return False


def test_a_hold_on_its_way_while_a_list_is_worked_off_keeps_the_matter(city):
    """Each waits for the other: what answered that it keeps a matter keeps it."""
    event = closed(city)
    city.forward(days=YEARS)
    made = post(city, "data_steward", "/runs", expect=201)
    post(city, "security_admin", f"/runs/{made['id']}/confirm")
    actor, gone = city.actor("supervisor"), []

    def erase() -> None:
        with open_unit(ME, "erase") as unit:
            service.erase_some(unit, Id(made["id"]))
        gone.append(True)

    at_work = threading.Thread(target=erase)
    with open_unit(actor, "hold") as unit:
        service.put_hold(unit, actor, Id(event["id"]), "行政复议中")
        at_work.start()
        assert waits_or_ends(at_work), "it was erased while the hold was being put"
    at_work.join()
    city.settle()
    run = get(city, "data_steward", "/runs")["items"][0]
    assert gone and run["state"] == "done" and not run["erased"].get("reporter")


def test_a_hold_waits_for_the_part_of_a_list_that_is_being_erased(city):
    event = closed(city)
    city.forward(days=YEARS)
    made = post(city, "data_steward", "/runs", expect=201)
    post(city, "security_admin", f"/runs/{made['id']}/confirm")
    actor = city.actor("supervisor")

    def hold() -> None:
        with open_unit(actor, "hold") as unit:
            service.put_hold(unit, actor, Id(event["id"]), "行政复议中")

    putting = threading.Thread(target=hold)
    with open_unit(ME, "erase") as unit:
        service.erase_some(unit, Id(made["id"]))
        putting.start()
        assert waits_or_ends(putting), "it was kept while it was being erased"
    putting.join()
    assert len(marks(city, "supervisor", event)["items"]) == 1


def lift(city: City, who: str, hold: dict[str, Any], expect: int = 204) -> dict[str, Any]:
    answer = city.sign_in(who, fresh=True).delete(f"/api/retention/holds/{hold['id']}", headers=key())
    assert answer.status_code == expect, answer.text
    return dict(answer.json()) if answer.content else {}


def marks(city: City, who: str, event: dict[str, Any], expect: int = 200) -> dict[str, Any]:
    answer = city.sign_in(who, fresh=True).get(f"/api/events/{event['id']}/holds")
    assert answer.status_code == expect, answer.text
    return dict(answer.json())


def test_a_hold_is_put_on_the_event_and_lifted_by_a_second_person(city):
    event = closed(city)
    assert marks(city, "supervisor", event) == {"items": [], "may_hold": True}
    assert not marks(city, "clerk", event)["may_hold"]
    post(city, "clerk", "/holds", {"event": event["id"], "reason": "行政复议中"}, expect=403)
    post(city, "supervisor", "/holds", {"event": event["id"], "reason": "  "}, expect=422)
    hold = post(city, "supervisor", "/holds", {"event": event["id"], "reason": "行政复议中"}, expect=201)
    assert not hold["may_lift"]
    told = post(city, "data_steward", "/holds", {"event": event["id"], "reason": "审计"}, expect=409)
    assert told["code"] == "retention.held_already"

    # everybody who sees the matter sees that it is kept; why and by whom, who may put holds
    (seen,) = marks(city, "clerk", event)["items"]
    assert (seen["own"], seen["reason"], seen["made_by_name"], seen["may_lift"]) == (True, None, "", False)
    (seen,) = marks(city, "data_steward", event)["items"]
    assert seen["reason"] == "行政复议中" and seen["made_by_name"] and seen["may_lift"]
    assert not marks(city, "data_steward", event)["may_hold"]
    marks(city, "handler", event, expect=404)

    # who has put it does not lift it
    assert lift(city, "supervisor", hold, expect=409)["code"] == "retention.held_by_same"
    lift(city, "clerk", hold, expect=403)
    lift(city, "data_steward", hold)
    lift(city, "data_steward", hold, expect=404)
    assert marks(city, "supervisor", event) == {"items": [], "may_hold": True}
    with open_unit(ME, "look") as unit:
        found = [orjson.loads(bytes(row.body)) for row in unit.rows(sa.select(journal_entry.c.body))]
    rows = [change for body in found for change in body["changes"] if change.get("table") == "retention_hold"]
    assert [change["do"] for change in rows] == ["insert", "update"]
    assert rows[0]["after"]["event"] == event["id"] and rows[1]["after"]["ended_by"]


def test_one_person_is_enough_to_lift_a_hold_where_the_city_says_so(city, monkeypatch):
    monkeypatch.setenv("GANGMU_RETENTION__SECOND_LIFTS", "false")
    hold = post(city, "supervisor", "/holds", {"event": closed(city)["id"], "reason": "行政复议中"}, expect=201)
    assert hold["may_lift"]
    lift(city, "supervisor", hold)


def shot(city: City) -> str:
    sent = {"file": ("a.png", picture(), "image/png")}
    return str(city.sign_in("clerk").post("/api/files", files=sent, headers=key()).json()["id"])


def two_that_become_one(city: City) -> tuple[dict[str, Any], dict[str, Any]]:
    """A matter with a photo, somebody concerned and a reporter, merged into another one that stays open."""
    clerk = city.sign_in("clerk", fresh=True)
    one = city.report("clerk", channel="hotline12345", reporter=WHO, attachments=[shot(city)])
    into = city.report("clerk", channel="hotline12345", text="同一处积水", reporter={**WHO, "phone": "13612345679"})
    body = {"role": "witness", "name": "李某", "phone": "13712345678"}
    worker = city.sign_in("grid_worker", fresh=True)
    answer = worker.post(f"/api/events/{one['id']}/concern/people", json=body, headers=key())
    assert answer.status_code == 201, answer.text
    body = {"into": into["id"], "reason": "同一事项"}
    answer = clerk.post(f"/api/events/{one['id']}/merge", json=body, headers=key())
    assert answer.status_code == 200, answer.text
    return one, into


KEPT = ("reporter", "photo", "concerned_person")


def test_what_hangs_on_a_merged_matter_is_kept_while_the_one_that_it_went_into_is_open(city):
    _, into = two_that_become_one(city)
    city.forward(days=YEARS)
    assert {kind: due(city, kind) for kind in KEPT} == dict.fromkeys(KEPT, 0)
    city.sign_in("hotline_operator", fresh=True).do(into, "answer", answer="已告知办理途径", outcome="knowledge")
    assert {kind: due(city, kind) for kind in KEPT} == dict.fromkeys(KEPT, 0)  # over today
    city.forward(days=YEARS)
    assert {kind: due(city, kind) for kind in KEPT} == {"reporter": 2, "photo": 1, "concerned_person": 1}


@pytest.mark.parametrize("side", [0, 1])
def test_a_hold_reaches_what_was_merged(city, side):
    """On the matter that went, or on the one that it went into: reports have moved, photos and people have not."""
    both = two_that_become_one(city)
    city.sign_in("hotline_operator", fresh=True).do(both[1], "answer", answer="已告知办理途径", outcome="knowledge")
    city.forward(days=YEARS)
    made = post(city, "data_steward", "/runs", expect=201)
    assert {kind: made["counts"][kind] for kind in KEPT} == {"reporter": 2, "photo": 1, "concerned_person": 1}
    post(city, "data_steward", "/holds", {"event": both[side]["id"], "reason": "行政复议中"}, expect=201)
    assert [len(marks(city, "supervisor", one)["items"]) for one in both] == [1, 1]
    assert [marks(city, "supervisor", one)["may_hold"] for one in both] == [side == 1, side == 0]
    post(city, "security_admin", f"/runs/{made['id']}/confirm")
    city.settle()
    run = get(city, "data_steward", "/runs")["items"][0]
    assert run["state"] == "done" and not set(run["erased"]) & set(KEPT), run["erased"]
    assert {kind: due(city, kind) for kind in KEPT} == dict.fromkeys(KEPT, 0)


def test_looking_again_at_some_photos_does_not_walk_through_all_matters(city):
    mine = shot(city)
    event, other = closed(city, attachments=[mine]), closed(city, text="路灯不亮", attachments=[shot(city)])
    city.forward(days=YEARS)
    said: list[str] = []
    sa.event.listen(db.current().engine, "before_cursor_execute", lambda *told: said.append(str(told[3])))
    with open_unit(ME, "look") as unit:
        assert [one.subject for one in event_keeping.photos_due(unit, unit.now, 1000, [mine])] == [mine]
    asked = {id_: any(str(ids.to_uuid(Id(id_))) in one for one in said) for id_ in (event["id"], other["id"])}
    assert asked == {event["id"]: True, other["id"]: False}


def test_when_nothing_is_due_it_is_looked_for_once_a_day(city):
    hour = clock.now() + timedelta(hours=8)
    city.forward(hours=(27 - hour.hour) % 24)
    said: list[str] = []
    sa.event.listen(db.current().engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    assert retention_jobs.draw() is False
    looked = len([one for one in said if "subject_key" in one])
    said.clear()
    assert looked and retention_jobs.draw() is False
    assert not [one for one in said if "subject_key" in one]
    closed(city)
    city.forward(days=YEARS)
    assert retention_jobs.draw() is True


def test_a_night_on_which_looking_failed_is_looked_at_again(city):
    closed(city)
    city.forward(days=YEARS)
    hour = clock.now() + timedelta(hours=8)
    city.forward(hours=(27 - hour.hour) % 24)

    def fails(*told: Any) -> None:
        if "subject_key" in told[2]:
            raise OSError("the connection is gone")

    sa.event.listen(db.current().engine, "before_cursor_execute", fails)
    try:
        with pytest.raises(OSError):
            retention_jobs.draw()
    finally:
        sa.event.remove(db.current().engine, "before_cursor_execute", fails)
    assert retention_jobs.draw() is True


def alarm(city: City, picture_id: str) -> str:
    """An alarm of a camera; the id of its report, which is no matter yet."""
    body = {"channel": "ai", "text": "占道经营", "division": HERE, "attachments": [picture_id]}
    answer = city.sign_in("clerk", fresh=True).post("/api/reports", json=body, headers=key())
    assert answer.status_code == 201 and answer.json()["event"] is None, answer.text
    return str(answer.json()["report"]["id"])


def test_pictures_of_alarms_that_became_no_matter_have_their_time_too(city):
    seen, unseen, late, shared = shot(city), shot(city), shot(city), shot(city)
    body = {"true": False, "reason": "误报"}
    dismissed = city.sign_in("clerk").post(f"/api/reports/{alarm(city, seen)}/review", json=body, headers=key())
    assert dismissed.status_code == 200, dismissed.text
    alarm(city, unseen)
    alarm(city, shared)
    city.report("clerk", text="路灯不亮", attachments=[shared])  # a matter that stays open keeps it
    assert due(city, "photo") == 0
    city.forward(days=YEARS)
    late = shot(city)
    alarm(city, late)
    assert due(city, "photo") == 2
    run = erased(city)
    assert run["erased"]["photo"] == 2
    with open_unit(ME, "look") as unit:
        assert set(files.get_many(unit, [Id(one) for one in (seen, unseen, late, shared)])) == {Id(late), Id(shared)}
        items = retention_store.items_of(unit, Id(run["id"]), "erased", 10, seen_by=ME)
    assert {one.subject for kind, one in items if kind == "photo"} == {seen, unseen}
    told = post(city, "data_steward", f"/runs/{run['id']}/prove")
    assert {one["thing"] for one in told["left"]} <= {seen, unseen} and told["digest_agrees"] and told["journal"]


def test_photos_go_with_their_bytes_unless_another_row_names_them(city):
    clerk, content = city.sign_in("clerk"), picture()
    kept = [
        clerk.post("/api/files", files={"file": ("a.png", content, "image/png")}, headers=key()).json()["id"]
        for _ in "ab"
    ]
    event = closed(city, attachments=[kept[0]])
    with open_unit(ME, "look") as unit:
        digest = files.get(unit, Id(kept[0])).digest
    assert event and files.path_of(digest).exists()
    old = time.time() - 3 * 24 * 3600
    os.utime(files.path_of(digest), (old, old))
    city.forward(days=YEARS)
    run = erased(city)
    assert run["erased"]["photo"] == 1
    assert files.path_of(digest).exists()  # the other upload has the same bytes
    with open_unit(ME, "test") as unit:
        files.drop(unit, [Id(kept[1])])
    told = post(city, "data_steward", f"/runs/{run['id']}/prove")
    assert [one["part"] for one in told["left"]] == ["bytes of the file"]
    assert files.drop_bytes([digest]) == [] and not files.path_of(digest).exists()
    assert post(city, "data_steward", f"/runs/{run['id']}/prove")["ok"]


def test_words_of_a_matter_end_with_its_answers_and_what_it_was_found_by(city):
    secret = "张三丰家住梧桐苑七号楼，电话13612345678，院里积水"
    event = closed(city, text=secret)
    other = closed(city, text="路灯不亮，梧桐苑门口")
    city.settle()
    city.forward(days=YEARS)
    assert due(city, "matter_text") == 0  # ten years
    body = {"keep_days": 30, "basis_zh": "市规定"}
    answer = city.sign_in("data_steward").put("/api/retention/rules/matter_text", json=body, headers=key())
    assert answer.status_code == 200 and due(city, "matter_text") == 2
    post(city, "supervisor", "/holds", {"event": other["id"], "reason": "诉讼中"}, expect=201)

    def found(q: str) -> set[str]:
        clerk = city.sign_in("clerk", fresh=True)  # sessions have their time too
        return {one["id"] for one in clerk.get("/api/search", params={"q": q}).json()["items"]}

    assert found("梧桐苑") == {event["id"], other["id"]}
    run = erased(city)
    assert run["erased"]["matter_text"] == 1
    assert post(city, "data_steward", f"/runs/{run['id']}/prove")["ok"]
    assert found("梧桐苑") == {other["id"]} and found(event["case_no"]) == {event["id"]}
    clerk = city.sign_in("clerk", fresh=True)
    shown = clerk.sees(event)
    assert (shown["title"], shown["text"]) == ("（文字已到期删除）", "")
    assert shown["status"] == event_status(city, other) and shown["case_no"] == event["case_no"]
    reports = clerk.get(f"/api/events/{event['id']}/reports").json()["items"]
    assert [one["text"] for one in reports] == [""]
    with open_unit(ME, "look") as unit:
        rows = unit.rows(sa.select(answer_table.c.text, answer_table.c.event))
        assert {row.event: bool(row.text) for row in rows} == {Id(event["id"]): False, Id(other["id"]): True}
        words = {row.text for row in unit.rows(sa.select(report_store.report.c.text))}
        assert secret not in words and "路灯不亮，梧桐苑门口" in words
    assert due(city, "matter_text") == 0
    with open_unit(ME, "tamper") as unit:
        unit.run(sa.update(answer_table).where(answer_table.c.event == Id(event["id"])).values(text="已答复张三丰"))
    told = post(city, "data_steward", f"/runs/{run['id']}/prove")
    assert not told["ok"] and told["left"] == [{"thing": event["id"], "part": "answer"}]


def test_evaluation_keeps_no_title_that_was_erased_nor_brings_it_back(city):
    event = closed(city, text="张三丰家门口积水")
    other = closed(city, text="路灯不亮")
    city.settle()

    def titles() -> dict[str, str]:
        with open_unit(ME, "look") as unit:
            rows = unit.rows(sa.select(evaluate_store.evaluate_event.c.id, evaluate_store.evaluate_event.c.title))
            return {str(row.id): row.title for row in rows}

    def differs() -> list[Any]:
        account = rebuilding.check(telling.told_pages)
        assert account.rows > 0 and account.pending == 0
        return account.first

    kept = titles()
    city.forward(days=YEARS)
    body = {"keep_days": 30, "basis_zh": "市规定"}
    assert city.sign_in("data_steward").put("/api/retention/rules/matter_text", json=body, headers=key()).is_success
    post(city, "supervisor", "/holds", {"event": other["id"], "reason": "诉讼中"}, expect=201)
    assert erased(city)["erased"]["matter_text"] == 1
    city.settle()
    left = {**kept, event["id"]: "（文字已到期删除）"}
    assert titles() == left and differs() == []
    rebuilding.rebuild(telling.told_pages)
    assert titles() == left and differs() == []


def event_status(city: City, event: dict[str, Any]) -> str:
    return str(city.sign_in("clerk").sees(event)["status"])


def test_a_rule_is_an_edition_and_the_page_tells_what_it_would_do(city):
    body = {"keep_days": 30, "basis_zh": "市规定", "source": "", "verified": True}
    browser = city.sign_in("data_steward")
    answer = browser.put("/api/retention/rules/reporter", json=body, headers=key())
    assert (answer.status_code, answer.json()["params"]["field"]) == (422, "source")
    answer = browser.put("/api/retention/rules/reporter", json={**body, "source": "市政府令1号"}, headers=key())
    assert answer.status_code == 200
    with open_unit(ME, "look") as unit:
        editions = [one for one in service.list_rules(unit, ME, past=True) if one.kind == "reporter"]
    assert [(one.keep_days, one.valid_to is None) for one in editions] == [(30, True), (1095, False)]
    said = browser.get("/api/privacy", headers={"accept-language": "zh-CN"}).json()
    told = next(one for one in said["rules"] if one["title"] == "反映人")
    assert (told["keep"], told["basis"], told["verified"]) == ("30 天", "市规定", True)
    assert browser.put("/api/retention/rules/nothing", json=body, headers=key()).status_code == 404


def test_the_list_is_drawn_up_once_a_night_and_only_if_something_is_due(city):
    assert retention_jobs.draw() is False
    closed(city)
    city.forward(days=YEARS)
    hour = clock.now() + timedelta(hours=8)
    city.forward(hours=(27 - hour.hour) % 24)  # some minute past three in the city
    assert retention_jobs.draw() is True and retention_jobs.draw() is False
    assert get(city, "security_admin", "/runs")["items"][0]["by_night"]


def test_without_confirmation_it_is_erased_by_itself_when_the_city_says_so(city, monkeypatch):
    monkeypatch.setenv("GANGMU_RETENTION__CONFIRM", "false")
    closed(city)
    city.forward(days=YEARS)
    made = post(city, "data_steward", "/runs", expect=201)
    assert made["state"] == "confirmed"
    city.settle()
    assert get(city, "data_steward", "/runs")["items"][0]["erased"]["reporter"] == 1


def test_sessions_and_phones_of_who_has_left_have_their_time_too(city):
    city.sign_in("handler", fresh=True)
    admin = city.sign_in("system_admin", fresh=True)
    assert admin.post(f"/api/posts/{city.posts['patrol2']}/end", json={}, headers=key()).status_code == 204
    city.forward(days=400)
    rules = {one["kind"]: one["due"] for one in get(city, "data_steward", "/rules")["items"]}
    assert set(rules) == set(keeping.kinds()) and rules["staff_phone"] == 1
    run = erased(city)
    assert run["erased"]["staff_phone"] == 1
    assert post(city, "security_admin", f"/runs/{run['id']}/prove")["ok"]


def test_everybody_reads_the_notice_and_nobody_else_the_lists(city):
    nobody = Browser(city.app, lang="zh-CN")
    assert nobody.get("/api/privacy").json()["title"] == "个人信息留存告知"
    assert nobody.get("/api/retention/rules").status_code == 401
    for who in ("clerk", "leader", "system_admin"):
        get(city, who, "/rules", expect=403)
    get(city, "audit_admin", "/runs")
    post(city, "audit_admin", "/runs", expect=403)


def test_every_kind_has_a_rule_and_words(city):
    assert {row["kind"] for row in shipped.rules()} == set(keeping.kinds())
    for lang in ("zh-CN", "en"):
        for kind in keeping.kinds():
            assert all(value and not value.startswith("retention.") for value in notice.words_of(kind, lang).values())


@pytest.mark.parametrize(("lang", "name"), [("en", "privacy.md"), ("zh-CN", "privacy.zh-CN.md")])
def test_the_notice_of_the_handbook_is_made_of_the_shipped_rules(city, lang, name):
    made = notice.page(notice.notice(service.shipped_rules(), lang), lang)
    assert (ROOT / "docs" / name).read_text("utf-8").strip() == made.strip(), "gangmu retention notice writes it"
