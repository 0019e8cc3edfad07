"""Applications: another system calls with a token of its own, within what it was given, and is seen doing it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from gangmu.base import access
from gangmu.base.access import store
from gangmu.kit import clock
from gangmu.kit.unit import open_unit
from tests.city import HERE, Browser, City


class Caller(Browser):
    """Another system: no cookie, no CSRF token, a bearer token."""

    def __init__(self, city: City, token: str) -> None:
        super().__init__(city.app)
        self.headers["authorization"] = f"Bearer {token}"


@pytest.fixture
def able(city: City) -> City:
    """The city where docked systems may see and report events of their division."""
    with open_unit(access_system(), "test") as unit:
        known = store.roles(unit, seen_by=unit.actor)["docking_app"]
        rights = (
            *[pair for pair in known.permissions if not pair[0].startswith("event.")],
            *[(name, "division") for name in ("event.read", "event.create", "report.read", "search.use")],
        )
        unit.run(
            sa.update(store.role)
            .where(store.role.c.id == "docking_app")
            .values(permissions=[list(pair) for pair in rights])
        )
        unit.touch(store.role)
    return city


def access_system() -> Any:
    from gangmu.kit.actor import System

    return System("test")


def opened(city: City, name: str = "市12345", **given: Any) -> dict[str, Any]:
    body = {"name": name, "roles": ["docking_app"], "org": str(city.orgs["监督中心"]), **given}
    answer = city.sign_in("security_admin").post("/api/applications", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def listed(city: City, name: str = "市12345") -> dict[str, Any]:
    items = city.sign_in("security_admin").get("/api/applications").json()["items"]
    return next(one for one in items if one["name"] == name)


REPORT = {"channel": "hotline12345", "text": "路灯不亮", "division": HERE}


def test_it_calls_without_session_or_csrf_and_the_journal_names_it(able):
    made = opened(able)
    caller = Caller(able, made["token"])
    taken = caller.post("/api/reports", json=REPORT)
    assert taken.status_code == 201, taken.text
    event = taken.json()["event"]["id"]
    assert caller.get(f"/api/events/{event}").status_code == 200
    audit = able.sign_in("audit_admin")
    entry = audit.get("/api/journal", params={"about": event}).json()["items"][-1]
    assert (entry["actor"]["kind"], entry["actor"]["name"], entry["actor"]["person"]) == (
        "application",
        "市12345",
        None,
    )
    assert listed(able)["used_at"] is not None


def test_a_repeated_key_does_nothing_twice(able):
    caller, key = Caller(able, opened(able)["token"]), {"idempotency-key": uuid4().hex}
    first, second = (caller.post("/api/reports", json=REPORT, headers=key) for _ in range(2))
    assert first.json() == second.json() and second.headers["idempotency-replayed"] == "true"
    other = Caller(able, opened(able, "区综治")["token"])
    assert other.post("/api/reports", json=REPORT, headers=key).json() != first.json()  # keys are each one's own
    assert caller.post("/api/reports", json={**REPORT, "text": "别的"}, headers=key).status_code == 409


def test_the_token_is_shown_once_and_not_kept(able):
    made = opened(able)
    assert made["token"] not in able.sign_in("security_admin").get("/api/applications").text
    with open_unit(access_system(), "look") as unit:
        row = unit.one(sa.select(store.application))
        kept = unit.value(sa.text("SELECT string_agg(convert_from(body, 'UTF8'), '') FROM journal_entry"))
    assert row is not None and made["token"] not in str(row) and row.digest not in kept
    assert made["token"] not in kept


def test_a_new_token_ends_the_old_one_and_an_end_is_an_end(able):
    made, admin = opened(able), able.sign_in("security_admin")
    fresh = admin.post(f"/api/applications/{made['id']}/token").json()["token"]
    assert Caller(able, made["token"]).get("/api/events").status_code == 401
    assert Caller(able, fresh).get("/api/events").status_code == 200
    assert admin.delete(f"/api/applications/{made['id']}").status_code == 204
    answer = Caller(able, fresh).get("/api/events")
    assert (answer.status_code, answer.json()["code"]) == (401, "access.not_signed_in")
    assert listed(able)["active"] is False
    with open_unit(access_system(), "look") as unit, pytest.raises(access.applications.NotFound):
        access.applications.actor_of(unit, made["id"])


def test_a_token_runs_out(able):
    made = opened(able)
    caller = Caller(able, made["token"])
    assert caller.get("/api/events").status_code == 200
    assert clock.real_now() + timedelta(days=364) < datetime.fromisoformat(made["ends_at"])
    with open_unit(access_system(), "a year later") as unit:
        unit.run(sa.update(store.application).values(ends_at=clock.real_now()))
    assert caller.get("/api/events").status_code == 401


def test_it_may_be_held_to_its_addresses(able):
    made = opened(able, networks=["10.1.0.0/16", "192.0.2.7"])
    assert made["networks"] == ["10.1.0.0/16", "192.0.2.7/32"]
    assert Caller(able, made["token"]).get("/api/events").status_code == 401  # the test client has no such address
    wrong = able.sign_in("security_admin").post(
        "/api/applications",
        json={"name": "别的", "roles": ["docking_app"], "org": made["org"], "networks": ["everywhere"]},
    )
    assert (wrong.status_code, wrong.json()["params"]["field"]) == (422, "networks")


def test_a_wrong_token_is_nobody_even_beside_a_session(able):
    clerk = able.sign_in("clerk", fresh=True)
    for said in ("Bearer nonsense", "Bearer ", "Basic Y2xlcms6eA==", ""):
        assert clerk.get("/api/events", headers={"authorization": said}).status_code == 401, said
    assert clerk.get("/api/events").status_code == 200


def test_what_belongs_to_sessions_is_not_for_applications(able):
    caller = Caller(able, opened(able)["token"])
    for method, path in (("GET", "/api/session"), ("DELETE", "/api/session"), ("GET", "/api/sessions")):
        assert caller.request(method, path).status_code == 403, path
    assert caller.put("/api/session/post", json={"post_id": str(able.posts["clerk"])}).status_code == 403
    assert caller.get("/api/applications").status_code == 403


def test_people_and_applications_hold_roles_of_their_own_kind(able):
    admin = able.sign_in("security_admin")
    answer = admin.put(f"/api/posts/{able.posts['clerk']}/roles", json={"roles": ["docking_app"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "access.wrong_holder")
    body = {"name": "别的", "roles": ["clerk"], "org": str(able.orgs["监督中心"])}
    answer = admin.post("/api/applications", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "access.wrong_holder")
    for roles in ([], ["nothing"]):
        assert admin.post("/api/applications", json={**body, "roles": roles}).status_code in (404, 422)


def test_a_name_is_taken_once_and_only_the_security_administrator_lets_in(able):
    made = opened(able)
    again = {"name": "市12345", "roles": ["docking_app"], "org": made["org"]}
    assert able.sign_in("security_admin").post("/api/applications", json=again).status_code == 409
    for who in ("system_admin", "audit_admin", "clerk", "leader"):
        assert able.sign_in(who).get("/api/applications").status_code == 403, who
        assert able.sign_in(who).post("/api/applications", json=again).status_code == 403, who


def test_its_reach_ends_at_its_division_and_moves_with_it(able):
    event, admin = able.report(), able.sign_in("security_admin")
    made = opened(able, division="990102", org=str(able.orgs["监督中心@there"]))
    caller = Caller(able, made["token"])
    assert caller.get(f"/api/events/{event['id']}").status_code == 404
    assert caller.get("/api/search", params={"q": event["case_no"]}).json()["items"] == []
    body = {"roles": ["docking_app"], "org": made["org"], "division": HERE}
    assert admin.put(f"/api/applications/{made['id']}", json=body).status_code == 200
    assert caller.get(f"/api/events/{event['id']}").status_code == 200


def test_in_python_it_is_an_actor(able):
    with open_unit(access_system(), "open") as unit:
        made, token = access.applications.open_application(
            unit, unit.actor, "话务", ("cti_app",), able.orgs["监督中心"], HERE
        )
        actor = access.applications.actor_of(unit, made.id)
    assert (actor.kind, actor.name, actor.person, actor.post, actor.org) == (
        "application",
        "话务",
        None,
        None,
        able.orgs["监督中心"],
    )
    assert token.startswith("gma_") and actor.division == HERE
