"""Every route of the OpenAPI document against what schemathesis makes of it: no server error, nothing undocumented.

Asked by signed-in browsers of the roles that may, the three administrators included, so that what is made up gets past
the door; half of the ids in paths are those of things that exist.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.config import SchemathesisConfig

from gangmu.faces.http.app import described
from gangmu.kit.errors import HouseError
from gangmu.kit.text import words
from tests.city import HERE, Browser, City

ROLES = (
    "clerk",
    "shift_leader",
    "dispatcher",
    "hotline_operator",
    "call_back",
    "data_steward",
    "dept_lead",
    "system_admin",
    "security_admin",
    "audit_admin",
)
OWN_SESSION = ("/api/session", "/api/session/post", "/api/session/password", "/api/sessions/{session_id}")
SEED = 20260918
REFUSALS = ("flow.refused.", "event.refused.")


@pytest.fixture
def things(city: City) -> dict[str, str]:
    """Ids of things that exist, by the name of the path value."""
    kept = city.sign_in("clerk").post("/api/files", files={"file": ("a.pdf", b"%PDF-1.4\n%x\n", "application/pdf")})
    event = city.report(reporter={"name": "王小二", "phone": "13612345678"}, attachments=[kept.json()["id"]])
    city.sign_in("clerk").do(event, "accept")
    city.settle()
    report = city.sign_in("clerk").get(f"/api/events/{event['id']}/reports").json()["items"][0]
    return {
        "event_id": event["id"],
        "report_id": report["id"],
        "file_id": kept.json()["id"],
        "verb": "note",
        "code": HERE,
        "flow": "urban_case",
        "version": "1",
    }


def known_codes() -> set[str]:
    found: set[str] = set()
    left = [HouseError]
    while left:
        cls = left.pop()
        found.add(cls.code)
        left += cls.__subclasses__()
    return found


def answered_well(answer: Any, operation: Any, codes: set[str]) -> str:
    """What is wrong with an answer, or nothing."""
    status, kind = answer.status_code, answer.headers.get("content-type", "")
    documented = operation["responses"]
    if status >= 500 and status != 503:
        return f"server error {status}: {answer.text[:300]}"
    if str(status) not in documented and status not in (304, 405):
        return f"status {status} is not documented: {answer.text[:300]}"
    if status >= 400:
        if kind != "application/problem+json":
            return f"an error as {kind}"
        told = answer.json()
        if (told["code"] not in codes and not told["code"].startswith(REFUSALS)) or told["status"] != status:
            return f"unknown problem {told}"
        if told["code"] not in words("en"):
            return f"no words for {told['code']}"
    elif status == 204:
        return "" if not answer.content else "content with 204"
    else:
        kinds = documented[str(status)].get("content", {})
        if kind.split(";")[0] == "application/json":
            return "" if "application/json" in kinds else "undocumented JSON"
    return ""


def browser_for(city: City, path: str, able: list[str], nth: int) -> Browser:
    """Somebody who may, another one from call to call; for what ends sessions, somebody nobody else needs."""
    if path in OWN_SESSION:
        return city.sign_in("shift_leader2", fresh=True)
    return city.sign_in(able[nth % len(able)] if able else "clerk")


@dataclass
class Asking:
    """The whole round: how much was asked, how much got past the door, what went wrong."""

    city: City
    things: dict[str, str]
    codes: set[str]
    able: dict[str, list[str]] = field(default_factory=dict)
    asked: int = 0
    past_the_door: int = 0
    wrong: list[tuple[str, str, str, str]] = field(default_factory=list)

    def ask(self, operation: Any, told: dict[str, Any], case: Any) -> None:
        self.asked += 1
        browser = browser_for(self.city, operation.path, self.who_may(told["x-can"]), self.asked)
        sent = case.as_transport_kwargs(base_url="http://testserver")
        headers = {k: v for k, v in dict(sent.get("headers") or {}).items() if k.lower() not in browser.headers}
        url = sent["url"]
        if self.asked % 2:
            url = "http://testserver" + real_path(operation.path, case, self.things)
        bodies = ("params", "json", "data", "files", "content")
        given_too = {k: v for k, v in sent.items() if k in bodies and v is not None}
        answer = browser.request(sent["method"], url, headers=headers, **given_too)
        self.past_the_door += answer.status_code < 400
        found = answered_well(answer, told, self.codes)
        if found:
            self.wrong.append((operation.method, url, found, str(given_too)[:300]))

    def who_may(self, can: str) -> list[str]:
        if can not in self.able:
            self.able[can] = [who for who in ROLES if can in ("public", "signed_in") or self.city.actor(who).may(can)]
        return self.able[can]

    def all_of(self, operation: Any, told: dict[str, Any]) -> None:
        """What schemathesis makes of one route."""

        @seed(SEED)
        @settings(
            max_examples=3 if operation.method == "get" else 5,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            self.ask(operation, told, case)

        ask()


@pytest.mark.timeout(1800)
def test_whatever_is_sent_no_route_breaks(city: City, things: dict[str, str]) -> None:
    document = described(city.app)
    document = {**document, "paths": {p: m for p, m in document["paths"].items() if not p.endswith("/live")}}
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig())
    asking = Asking(city, things, known_codes())
    for result in schema.get_all_operations():
        operation = result.ok()
        asking.all_of(operation, document["paths"][operation.path][operation.method])
    assert asking.asked > 350 and asking.past_the_door > 50, (asking.asked, asking.past_the_door)
    assert not asking.wrong, "\n".join(str(item) for item in asking.wrong[:40])


def real_path(path: str, case: Any, things: dict[str, str]) -> str:
    """The path with the ids of things that exist where there are some."""
    made = case.formatted_path
    parts, shown = path.split("/"), made.split("/")
    if len(parts) != len(shown):
        return str(made)
    for at, part in enumerate(parts):
        name = re.fullmatch(r"{(\w+)}", part)
        if name and name[1] in things:
            shown[at] = things[name[1]]
    return "/".join(shown)
