"""Builders: a small city with a person in every role, spoken to over HTTP as its people would.

``city.sign_in("dispatcher")`` gives a browser: an HTTP client with session, CSRF token and a fresh idempotency key for
every change. Two counties, so that reach can be tried.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from gangmu.base import access, org
from gangmu.base.access import store as access_store
from gangmu.base.access.model import Account
from gangmu.base.org import service as org_service
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.kit import clock, ids, jobs
from gangmu.kit.actor import Actor, System
from gangmu.kit.ids import Id
from gangmu.kit.tables import clock_row
from gangmu.kit.unit import forget_clock, open_unit

PASSWORD = "Bright-Net-2026"
HERE, THERE = "990101000000", "990102000000"  # two counties of an invented city
TOWN = "990101001000"
ADMIN_ROLES = ("system_admin", "security_admin", "audit_admin")


class Browser(TestClient):
    """One signed-in browser."""

    def __init__(self, app: Any, lang: str = "en") -> None:
        super().__init__(app, base_url="http://testserver", raise_server_exceptions=False)
        self.headers["accept-language"] = lang
        self.me: dict[str, Any] = {}

    def sign_in(self, username: str, password: str = PASSWORD) -> "Browser":
        answer = self.post("/api/session", json={"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        self.me = answer.json()
        self.headers["x-csrf-token"] = self.me["csrf"]
        return self

    def do(self, event: dict[str, Any], verb: str, expect: int = 200, **args: Any) -> dict[str, Any]:
        """Do a verb on an event; the answer's JSON."""
        answer = self.post(
            f"/api/events/{event['id']}/acts/{verb}", json=args, headers={"idempotency-key": uuid4().hex}
        )
        assert answer.status_code == expect, f"{verb}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    def sees(self, event: dict[str, Any]) -> dict[str, Any]:
        answer = self.get(f"/api/events/{event['id']}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@dataclass
class City:
    """The small city: its organisations by name and posts by role (``dispatcher`` here, ``dispatcher@there``)."""

    app: Any
    orgs: dict[str, Id] = field(default_factory=dict)
    posts: dict[str, Id] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)

    def reopened(self, app: Any) -> "City":
        """The same city in another database, spoken to through another application."""
        return City(app, dict(self.orgs), dict(self.posts))

    def sign_in(self, who: str, fresh: bool = False) -> Browser:
        if fresh or who not in self.browsers:
            self.browsers[who] = Browser(self.app).sign_in(who.replace("@", "-"))
        return self.browsers[who]

    def actor(self, who: str) -> Actor:
        with open_unit(System("test"), "actor") as unit:
            return access.actor_of_post(unit, self.posts[who])

    def settle(self) -> int:
        """Let everything that is due happen."""
        return jobs.settle()

    def forward(self, **delta: float) -> None:
        """Move the virtual clock."""
        shown = clock.now() + timedelta(**delta)
        with open_unit(System("test"), "clock") as unit:
            unit.run(sa.delete(clock_row))
            unit.run(sa.insert(clock_row), {"one": True, "real": clock.real_now(), "shown": shown, "speed": 1.0})
        forget_clock()
        with open_unit(System("test"), "clock"):
            pass

    def report(self, who: str = "clerk", **given: Any) -> dict[str, Any]:
        """A report over HTTP; its event."""
        body = {"channel": "patrol", "text": "路口井盖缺失，行人绊倒", "division": HERE, **given}
        answer = self.sign_in(who).post("/api/reports", json=body, headers={"idempotency-key": uuid4().hex})
        assert answer.status_code == 201, f"{answer.status_code} {answer.headers} {answer.text}"
        return dict(answer.json()["event"])


def build() -> City:
    """People and organisations for every role, in two counties."""
    city = City(None)
    with open_unit(System("test"), "build the city") as unit:
        me = unit.actor

        def add(name: str, kind: OrgKind, level: OrgLevel, division: str, parent: str | None = None) -> Id:
            made = org.add_org(unit, me, name, kind, level, division, city.orgs.get(parent or ""))
            city.orgs[name] = made.id
            return made.id

        add("市政府", OrgKind.government, OrgLevel.city, "990100")
        for label, code in (("", HERE), ("@there", THERE)):
            add(f"监督中心{label}", OrgKind.supervision, OrgLevel.county, code, "市政府")
            add(f"指挥中心{label}", OrgKind.command, OrgLevel.county, code, "市政府")
            add(f"市政处{label}", OrgKind.department, OrgLevel.county, code, "市政府")
            add(f"环卫处{label}", OrgKind.department, OrgLevel.county, code, "市政府")
        add("东街道", OrgKind.town, OrgLevel.town, TOWN, "市政府")
        where = {
            "patrol": "监督中心",
            "clerk": "监督中心",
            "shift_leader": "监督中心",
            "dispatcher": "指挥中心",
            "dept_lead": "市政处",
            "handler": "市政处",
            "supervisor": "指挥中心",
            "leader": "市政府",
            "evaluator": "监督中心",
            "hotline_operator": "监督中心",
            "call_back": "监督中心",
            "grid_worker": "监督中心",
            "town_officer": "东街道",
            "data_steward": "市政府",
        }
        for label, code in (("", HERE), ("@there", THERE)):
            for role, place in where.items():
                if label and place in ("市政府", "东街道"):
                    continue
                hire(unit, city, f"{role}{label}", role, city.orgs[place + label], code)
        hire(unit, city, "patrol2", "patrol", city.orgs["监督中心"], HERE)
        hire(unit, city, "shift_leader2", "shift_leader", city.orgs["监督中心"], HERE)
        hire(unit, city, "cleaner_lead", "dept_lead", city.orgs["环卫处"], HERE)
        for role in ADMIN_ROLES:
            hire(unit, city, role, role, city.orgs["市政府"], "990100000000")
    return city


@lru_cache(maxsize=1)
def hashed_password() -> str:
    """Everybody's password here, hashed once and lightly: a hash is as slow to check as it was made, and half of a
    test's time would go into signing in."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


def hire(unit: Any, city: City, who: str, role: str, where: Id, division: str) -> None:
    person = org.add_person(unit, unit.actor, f"甲{who}", "13900000000")
    post = org.add_post(unit, unit.actor, person.id, where, role, division)
    access.grant_roles(unit, unit.actor, post.id, (role,))
    now = clock.real_now()
    account = Account(ids.new("acc"), person.id, who.replace("@", "-"), hashed_password(), False, now, 0, None, True)
    access_store.add_account(unit, account)
    city.posts[who] = post.id
    assert org_service.list_posts(unit, unit.actor, person.id)
