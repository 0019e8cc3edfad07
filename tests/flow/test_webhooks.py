"""Webhooks: an application hears what happened, signed, in order; what fails is tried again, laid aside, paused."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from gangmu.core.webhook import jobs as webhook_jobs
from gangmu.core.webhook import sending, store
from gangmu.kit import clock, http
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.tables import job, live_tick
from gangmu.kit.unit import open_unit
from gangmu.messages.event import EventMoved
from gangmu.sdk import signing
from tests.city import HERE, THERE, City

ME = System("test")


class Receiver:
    """An application's own server: keeps what comes, answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                status, head = receiver.answers.pop(0) if receiver.answers else (204, {})
                self.send_response(status)
                for name, value in head.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook"

    def said(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("GANGMU_WEBHOOK__INSIDE_NETWORKS", "true")
    with listening() as opened:
        yield opened


ALL = ["event.opened", "event.moved", "event.closed", "deadline.near", "deadline.passed"]


def application(city: City, division: str = "") -> dict[str, Any]:
    body = {"name": f"app {uuid4().hex[:6]}", "roles": ["integrator_app"], "org": str(city.orgs["监督中心"])}
    answer = city.sign_in("security_admin").post("/api/applications", json={**body, "division": division})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def subscribed(city: City, address: str, app: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    app = app or application(city)
    body = {"application": app["id"], "name": f"hook {uuid4().hex[:6]}", "address": address, "kinds": ALL, **given}
    answer = city.sign_in("security_admin").post("/api/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def send(city: City, hook: dict[str, Any]) -> int:
    city.settle()
    return sending.send_due(Id(hook["id"]))


def deliveries(city: City, hook: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    answer = city.sign_in("security_admin").get(f"/api/webhooks/{hook['id']}/deliveries", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def listed(city: City, hook: dict[str, Any]) -> dict[str, Any]:
    items = city.sign_in("security_admin").get("/api/webhooks").json()["items"]
    return next(one for one in items if one["id"] == hook["id"])


def test_what_happens_arrives_signed_in_order_and_says_nobodys_name(city, receiver):
    hook = subscribed(city, receiver.address)
    event = city.report(
        channel="hotline12345", reporter={"name": "王小二", "phone": "13612345678"}, text="王小二家门口"
    )
    city.sign_in("clerk").do(event, "note", reason="王小二来电催办")
    city.sign_in("clerk").do(event, "note", reason="再记一次")
    assert send(city, hook) == len(receiver.got) >= 3
    said = receiver.said()
    assert [one["kind"] for one in said] == ["event.opened", *["event.moved"] * (len(said) - 1)]
    assert [one["fact"]["version"] for one in said[1:]] == sorted(one["fact"]["version"] for one in said[1:])
    assert {one["fact"]["event_id"] for one in said} == {event["id"]}
    assert said[0]["fact"]["case_no"] == event["case_no"]
    for head, body in receiver.got:
        stamp, nonce = head[signing.STAMP], head[signing.NONCE]
        digest, _, given = head[signing.SIGNATURE].partition("=")
        assert (digest, given) == ("sha256", signing.sign(hook["secret"], stamp, nonce, body, "sha256"))
        assert signing.sign(hook["secret"], stamp, nonce, body + b" ", "sha256") != given
        assert head[sending.DELIVERY] == json.loads(body)["id"]
        for word in ("王小二", "13612345678", "title", "text", "actor_person", "lon"):
            assert word not in body.decode()
    assert len({head[signing.NONCE] for head, _ in receiver.got}) == len(receiver.got)
    assert {one["state"] for one in deliveries(city, hook)} == {"sent"}
    assert send(city, hook) == 0  # nothing twice


def test_it_may_be_signed_by_sm3(city, receiver):
    hook = subscribed(city, receiver.address, digest="sm3")
    city.sign_in("security_admin").post(f"/api/webhooks/{hook['id']}/test")
    assert send(city, hook) == 1
    head, body = receiver.got[0]
    given = head[signing.SIGNATURE].removeprefix("sm3=")
    assert signing.agrees(hook["secret"], head[signing.STAMP], head[signing.NONCE], body, given)


def test_a_closing_is_told_as_one_and_only_what_was_asked_for(city, receiver):
    hook = subscribed(city, receiver.address, kinds=["event.closed"])
    with open_unit(ME, "test") as unit:
        for status, to in (("open", "handling"), ("closed", "closed")):
            unit.tell(
                EventMoved(
                    event_id=str(city.posts["clerk"]),
                    act_id="x",
                    verb="close",
                    from_state="checking",
                    to_state=to,
                    status=status,
                    division=HERE,
                    orgs=[],
                    lead_org=None,
                    matter=None,
                    condition=None,
                    due_at=None,
                    actor_person="prs_secret",
                    actor_post=None,
                    actor_org=None,
                    done_at=unit.now,
                    recorded_at=unit.now,
                    version=3,
                )
            )
    assert send(city, hook) == 1
    assert receiver.said()[0]["kind"] == "event.closed" and b"prs_secret" not in receiver.got[0][1]


def test_another_division_is_not_told_nor_what_the_application_may_not_see(city, receiver):
    mine = subscribed(city, receiver.address, application(city, HERE))
    elsewhere = subscribed(city, receiver.address, application(city, "990102"))
    narrowed = subscribed(city, receiver.address, application(city, "990100"), division=THERE)
    city.report()
    city.settle()
    assert [len(deliveries(city, one)) for one in (mine, elsewhere, narrowed)] == [1, 0, 0]
    city.report("clerk@there", division=THERE)
    city.settle()
    assert [len(deliveries(city, one)) for one in (mine, elsewhere, narrowed)] == [1, 1, 1]


def test_who_is_shut_out_meanwhile_hears_no_more(city, receiver):
    app = application(city)
    hook = subscribed(city, receiver.address, app)
    city.report()
    city.settle()
    assert city.sign_in("security_admin").delete(f"/api/applications/{app['id']}").status_code == 204
    assert send(city, hook) == 0 and receiver.got == []
    assert [one["state"] for one in deliveries(city, hook)] == ["dropped"]


def test_who_does_not_answer_is_asked_again_later_with_the_same_id(city, receiver):
    hook = subscribed(city, receiver.address)
    city.report()
    receiver.answers = [(503, {})]
    assert send(city, hook) == 0 and len(receiver.got) == 1
    assert send(city, hook) == 0 and len(receiver.got) == 1  # it is left alone for a while
    assert listed(city, hook)["fails"] == 1
    city.forward(minutes=1)
    assert send(city, hook) == 1
    (first, one), (second, two) = receiver.got
    assert first[sending.DELIVERY] == second[sending.DELIVERY] and one == two
    assert first[signing.NONCE] != second[signing.NONCE]
    kept = deliveries(city, hook)[0]
    assert [(row["number"], row["status"], bool(row["error"])) for row in kept["tried"]] == [
        (1, 503, True),
        (2, 204, False),
    ]
    assert listed(city, hook)["fails"] == 0 and listed(city, hook)["last_ok_at"]


def test_one_refused_call_keeps_back_its_own_event_alone(city, receiver):
    hook = subscribed(city, receiver.address)
    first = city.report()
    city.sign_in("clerk").do(first, "note", reason="一")
    second = city.report(text="另一件事，路灯不亮")
    receiver.answers = [(422, {})]
    send(city, hook)
    assert {one["fact"]["event_id"] for one in receiver.said()[1:]} == {second["id"]}
    city.forward(minutes=1)
    send(city, hook)
    mine = [one for one in receiver.said()[1:] if one["fact"]["event_id"] == first["id"]]
    assert [one["kind"] for one in mine][:2] == ["event.opened", "event.moved"]


def test_a_fact_that_is_still_to_be_heard_keeps_back_its_own_event_alone(city, receiver):
    hook = subscribed(city, receiver.address)
    first = city.report()
    city.sign_in("clerk").do(first, "note", reason="一")
    city.settle()
    opened = sa.and_(job.c.name == "webhook.EventOpened", job.c.payload["event_id"].astext == first["id"])
    with open_unit(ME, "test") as unit:  # the opening was not heard yet: its job is tried again in an hour
        hearing = sa.update(job).where(opened)
        later = clock.now() + timedelta(hours=1)
        assert unit.run(hearing.values(state="ready", run_at=later)) == 1
        assert unit.run(sa.delete(store.delivery).where(store.delivery.c.kind == "event.opened")) == 1
    second = city.report(text="另一件事，路灯不亮")
    assert send(city, hook) > 0
    assert {one["fact"]["event_id"] for one in receiver.said()} == {second["id"]}
    city.forward(hours=2)
    send(city, hook)
    mine = [one["kind"] for one in receiver.said() if one["fact"]["event_id"] == first["id"]]
    assert mine[:2] == ["event.opened", "event.moved"]


def test_what_was_laid_aside_long_ago_is_forgotten_too(city, receiver, monkeypatch):
    monkeypatch.setenv("GANGMU_WEBHOOK__TRIES", "1")
    hook = subscribed(city, receiver.address, kinds=["event.opened"])
    city.report()
    receiver.answers = [(400, {})]
    send(city, hook)
    assert listed(city, hook)["dead"] == 1 and webhook_jobs.forget() == 0
    city.forward(days=31)
    assert webhook_jobs.forget() == 1 and listed(city, hook)["dead"] == 0


def test_what_is_refused_again_and_again_is_laid_aside_and_can_be_sent_again(city, receiver, monkeypatch):
    monkeypatch.setenv("GANGMU_WEBHOOK__TRIES", "2")
    hook = subscribed(city, receiver.address, kinds=["event.opened"])
    city.report()
    receiver.answers = [(400, {}), (400, {})]
    send(city, hook)
    city.forward(minutes=1)
    send(city, hook)
    dead = deliveries(city, hook, state="dead")
    assert len(dead) == 1 and dead[0]["attempts"] == 2 and listed(city, hook)["dead"] == 1
    admin = city.sign_in("security_admin")
    assert admin.post(f"/api/webhook-deliveries/{dead[0]['id']}/again").status_code == 200
    assert admin.post(f"/api/webhook-deliveries/{dead[0]['id']}/again").status_code == 409
    assert send(city, hook) == 1
    assert deliveries(city, hook)[0]["id"] == dead[0]["id"] and len(deliveries(city, hook)[0]["tried"]) == 3


def test_after_many_failures_it_is_paused_with_an_alarm_and_goes_on_without_loss(city, receiver, monkeypatch):
    monkeypatch.setenv("GANGMU_WEBHOOK__PAUSE_AFTER", "2")
    hook = subscribed(city, receiver.address, kinds=["event.opened"])
    city.report()
    receiver.answers = [(500, {}), (500, {})]
    send(city, hook)
    city.forward(minutes=1)
    send(city, hook)
    found = listed(city, hook)
    assert (found["state"], found["why"], found["fails"]) == ("paused", "failing", 2)
    city.report(text="暂停期间的事")
    city.forward(minutes=30)
    assert send(city, hook) == 0 and len(receiver.got) == 2
    entries = city.sign_in("audit_admin").get("/api/journal", params={"about": hook["id"]}).json()["items"]
    assert any(change["do"] == "pause webhook" for entry in entries for change in entry["changes"])
    admin = city.sign_in("security_admin")
    assert admin.post(f"/api/webhooks/{hook['id']}/resume").status_code == 200
    assert admin.post(f"/api/webhooks/{hook['id']}/resume").status_code == 409
    assert send(city, hook) == 2


def alarms(city: City, who: str = "shift_leader") -> list[dict[str, Any]]:
    answer = city.sign_in(who, fresh=True).get("/api/webhook-alarms")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_a_webhook_that_fails_long_is_told_to_who_watches_over_the_lines(city, receiver, monkeypatch):
    monkeypatch.setenv("GANGMU_WEBHOOK__ALARM_AFTER", "2")
    hook = subscribed(city, receiver.address, kinds=["event.opened"])
    city.report()
    receiver.answers = [(500, {}), (500, {})]
    send(city, hook)
    assert alarms(city) == []
    city.forward(minutes=1)
    send(city, hook)
    (told,) = alarms(city)
    assert (told["name"], told["state"], told["fails"]) == (listed(city, hook)["name"], "active", 2)
    assert "address" not in told
    assert city.sign_in("patrol", fresh=True).get("/api/webhook-alarms").status_code == 403
    city.forward(minutes=10)
    assert send(city, hook) == 1 and alarms(city) == []

    # paused for it, and let go on by hand: over as well
    monkeypatch.setenv("GANGMU_WEBHOOK__PAUSE_AFTER", "3")
    city.report(text="又一件")
    receiver.answers = [(500, {})] * 3
    for _ in range(3):
        city.forward(minutes=10)
        send(city, hook)
    assert [one["state"] for one in alarms(city)] == ["paused"]
    assert city.sign_in("security_admin").post(f"/api/webhooks/{hook['id']}/resume").status_code == 200
    assert alarms(city) == []

    city.settle()
    with open_unit(ME, "look") as unit:
        rows = unit.rows(sa.select(live_tick).where(live_tick.c.topic == "webhook").order_by(live_tick.c.seq))
    assert [row.kind for row in rows] == [*["WebhookAlarmed"] * 3, "WebhookPaused", "WebhookAlarmed"]
    assert {row.about for row in rows} == {hook["id"]} and {row.division for row in rows} == {HERE}
    entries = city.sign_in("audit_admin").get("/api/journal", params={"about": hook["id"]}).json()["items"]
    noted = [change["do"] for entry in entries for change in entry["changes"] if "alarm" in change["do"]]
    assert sorted(noted) == ["webhook alarm cleared"] * 2 + ["webhook alarm raised"] * 2


def test_calls_into_our_own_networks_and_by_redirects_are_refused(city, receiver, monkeypatch):
    hook = subscribed(city, receiver.address)
    admin = city.sign_in("security_admin")
    with listening() as inner:
        receiver.answers = [(302, {"location": inner.address})]
        admin.post(f"/api/webhooks/{hook['id']}/test")
        assert send(city, hook) == 0 and len(receiver.got) == 1 and inner.got == []
    assert deliveries(city, hook)[0]["error"] == "http.said_no: 302"
    monkeypatch.setenv("GANGMU_WEBHOOK__INSIDE_NETWORKS", "false")
    city.forward(minutes=1)
    assert send(city, hook) == 0 and len(receiver.got) == 1
    assert deliveries(city, hook)[0]["error"] == "http.inside_address"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "0.0.0.0", "100.64.0.1",
     "fec0::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1", "::7f00:1"],
)  # fmt: skip
def test_hosts_of_our_own_networks_are_known(host):
    with pytest.raises(http.InsideAddress):
        http.outside(host, 80)


def test_a_public_address_is_none():
    assert http.outside("203.0.114.9", 443) == "203.0.114.9"


@pytest.mark.parametrize(
    "address",
    ["ftp://x.example/a", "http://", "http://user:word@x.example/", "https://x.example/a?b=c", "https://x.example/#a"],
)
def test_what_is_no_address_is_refused(city, address):
    app = application(city)
    body = {"application": app["id"], "name": "hook", "address": address, "kinds": ["event.opened"]}
    answer = city.sign_in("security_admin").post("/api/webhooks", json=body)
    assert (answer.status_code, answer.json()["params"]["field"]) == (422, "address")


def test_the_secret_is_shown_once_rotates_with_an_overlap_and_ends(city, receiver):
    hook = subscribed(city, receiver.address)
    admin = city.sign_in("security_admin")
    assert hook["secret"] not in admin.get("/api/webhooks").text
    new = admin.post(f"/api/webhooks/{hook['id']}/secret").json()["secret"]
    admin.post(f"/api/webhooks/{hook['id']}/test")
    assert send(city, hook) == 1
    head, body = receiver.got[0]
    stamp, nonce = head[signing.STAMP], head[signing.NONCE]
    assert head[signing.SIGNATURE] == f"sha256={signing.sign(new, stamp, nonce, body, 'sha256')}"
    assert head[sending.OLD] == f"sha256={signing.sign(hook['secret'], stamp, nonce, body, 'sha256')}"
    city.forward(hours=25)
    admin.post(f"/api/webhooks/{hook['id']}/test")
    assert send(city, hook) == 1 and sending.OLD not in receiver.got[1][0]
    with open_unit(ME, "look") as unit:
        secret, _ = store.secrets_of(unit, Id(hook["id"]))
        assert new.encode() not in bytes(secret or b"")


def test_an_ended_subscription_sends_nothing_and_its_secret_is_gone(city, receiver):
    hook = subscribed(city, receiver.address)
    city.report()
    city.settle()
    assert city.sign_in("security_admin").delete(f"/api/webhooks/{hook['id']}").status_code == 204
    assert sending.send_due(Id(hook["id"])) == 0 and receiver.got == []


def test_the_chore_starts_a_sender_and_forgets_what_is_old(city, receiver):
    hook = subscribed(city, receiver.address)
    city.report()
    city.settle()
    assert webhook_jobs.send_due() == 1
    for thread in [one for one in threading.enumerate() if one.name == "webhook"]:
        thread.join(30)
    assert len(receiver.got) == 1 and webhook_jobs.send_due() == 0
    city.forward(days=31)
    assert webhook_jobs.forget() == 1 and deliveries(city, hook) == []


def turn() -> int:
    """The senders that the chore starts, and their end."""
    begun = webhook_jobs.send_due()
    for thread in [one for one in threading.enumerate() if one.name == "webhook"]:
        thread.join(60)
    return begun


def test_a_backlog_does_not_keep_back_the_others(city, receiver, monkeypatch):
    monkeypatch.setenv("GANGMU_WEBHOOK__AT_ONCE", "1")
    monkeypatch.setenv("GANGMU_WEBHOOK__TURN_S", "0")
    with listening() as other:
        subscribed(city, receiver.address)
        for n in range(3):
            city.report(text=f"路灯不亮 {n}")
        city.settle()
        subscribed(city, other.address)
        city.report(text="井盖缺失")
        city.settle()
        assert [turn(), turn()] == [1, 1]
        assert (len(receiver.got), len(other.got)) == (1, 1)
        assert [turn(), turn(), turn(), turn()] == [1, 1, 1, 0]
        assert (len(receiver.got), len(other.got)) == (4, 1)


def test_who_has_waited_longest_is_called_first(city, receiver):
    later = subscribed(city, receiver.address, application(city, THERE))
    first = subscribed(city, receiver.address, application(city, HERE))
    city.report()
    city.report("clerk@there", division=THERE)
    city.settle()
    with open_unit(ME, "look") as unit:
        assert store.list_due(unit, unit.now, seen_by=ME) == [Id(first["id"]), Id(later["id"])]


def test_only_who_manages_applications_sees_them(city, receiver):
    hook = subscribed(city, receiver.address)
    for who in ("system_admin", "audit_admin", "clerk", "leader"):
        assert city.sign_in(who).get("/api/webhooks").status_code == 403, who
        assert city.sign_in(who).post(f"/api/webhooks/{hook['id']}/test").status_code == 403, who
