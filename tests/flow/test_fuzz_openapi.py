"""Every route of the OpenAPI document against what schemathesis makes of it: no server error, nothing undocumented.

Asked by signed-in browsers of the roles that may, the three administrators included, so that what is made up gets past
the door; half of the ids in paths are those of things that exist.
"""

import re
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


def browser_for(city: City, path: str, can: str, nth: int) -> Browser:
    """Somebody who may, another one from call to call; for what ends sessions, somebody nobody else needs."""
    if path in OWN_SESSION:
        return city.sign_in("shift_leader2", fresh=True)
    able = [who for who in ROLES if can in ("public", "signed_in") or city.actor(who).may(can)]
    return city.sign_in(able[nth % len(able)] if able else "clerk")


def test_whatever_is_sent_no_route_breaks(city: City, things: dict[str, str]) -> None:
    document = described(city.app)
    document = {**document, "paths": {p: m for p, m in document["paths"].items() if p != "/api/live"}}
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig())
    codes, wrong, asked, past_the_door = known_codes(), [], 0, 0
    for result in schema.get_all_operations():
        operation = result.ok()
        told = document["paths"][operation.path][operation.method]
        examples = 3 if operation.method == "get" else 5

        @seed(SEED)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            nonlocal asked, past_the_door
            asked += 1
            browser = browser_for(city, operation.path, told["x-can"], asked)
            sent = case.as_transport_kwargs(base_url="http://testserver")
            headers = {k: v for k, v in dict(sent.get("headers") or {}).items() if k.lower() not in browser.headers}
            url = sent["url"]
            if asked % 2:
                url = "http://testserver" + real_path(operation.path, case, things)
            given_too = {
                k: v for k, v in sent.items() if k in ("params", "json", "data", "files", "content") and v is not None
            }
            answer = browser.request(sent["method"], url, headers=headers, **given_too)
            past_the_door += answer.status_code < 400
            found = answered_well(answer, told, codes)
            if found:
                wrong.append((operation.method, url, found, str(given_too)[:300]))

        ask()
    assert asked > 350 and past_the_door > 50, (asked, past_the_door)
    assert not wrong, "\n".join(str(item) for item in wrong[:40])


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
