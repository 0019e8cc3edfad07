"""Every route x every role x two counties: who has not the permission is refused, who is elsewhere sees nothing.

The matrix is generated from the routes that the house knows, so that a new route is in it without anybody's doing.
"""

import re
from typing import Any
from uuid import uuid4

import pytest

from gangmu.kit import web
from gangmu.kit.ids import new
from tests.city import HERE, THERE, City

HERE_ONLY = "只在本县的秘密事项"
PHONE = "13612345678"


@pytest.fixture
def two_counties(city: City) -> dict[str, Any]:
    """An event with a file and a reporter in each county."""
    made = {}
    for label, code in (("", HERE), ("@there", THERE)):
        who = city.sign_in(f"clerk{label}")
        files = {"file": ("a.txt", b"%PDF-1.4\n%a small file\n", "application/pdf")}
        kept = who.post("/api/files", files=files, headers={"idempotency-key": uuid4().hex})
        assert kept.status_code in (200, 201), kept.text
        event = city.report(
            f"clerk{label}",
            channel="hotline12345",
            text=HERE_ONLY,
            division=code,
            reporter={"name": "王小二", "phone": PHONE},
            attachments=[kept.json()["id"]],
        )
        report = who.get(f"/api/events/{event['id']}/reports").json()["items"][0]
        made[label] = {"event": event, "file": kept.json()["id"], "report": report["id"]}
    city.settle()
    return made


def example(schema: dict[str, Any], document: dict[str, Any], depth: int = 0) -> Any:
    """A small value that a schema accepts, as far as needed to get past the form of a request."""
    if "$ref" in schema:
        return example(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document, depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example(schema[key][0], document, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object" or "properties" in schema:
        wanted = schema.get("required", [])
        return {name: example(schema["properties"][name], document, depth + 1) for name in wanted}
    if "prefixItems" in schema:
        return [example(one, document, depth + 1) for one in schema["prefixItems"]]
    if schema.get("type") == "array":
        return [example(schema["items"], document, depth + 1)] * schema.get("minItems", 0)
    if schema.get("type") in ("integer", "number"):
        return schema.get("minimum", 1)
    if schema.get("type") == "boolean":
        return False
    if schema.get("format") == "date":
        return "2026-01-01"
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00+08:00"
    if "pattern" in schema:
        return next(
            (text for text in ("370303", "before", "late", "recorded", "") if re.search(schema["pattern"], text)), "x"
        )
    return "x" * max(1, schema.get("minLength", 1))


def call(browser: Any, info: web.RouteInfo, document: dict[str, Any], ids: dict[str, str]) -> Any:
    """Ask a route with plausible values."""
    operation = document["paths"][info.path][info.method.lower()]
    path, query = info.path, {}
    for given in operation.get("parameters", []):
        name, where = given["name"], given["in"]
        value = ids.get(name, example(given.get("schema", {}), document))
        if where == "path":
            path = path.replace("{" + name + "}", str(value))
        elif where == "query" and given.get("required"):
            query[name] = value
    kept: dict[str, Any] = {"params": query}
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        kept["json"] = example(content["application/json"]["schema"], document)
    elif "multipart/form-data" in content:
        kept["files"] = {"file": ("a.txt", b"hello", "text/plain")}
    return browser.request(info.method, path, **kept)


def routes() -> list[web.RouteInfo]:
    return [info for info in web.known if not info.path.endswith("/live") and not info.path.endswith("/session")]


def test_without_the_permission_every_route_refuses(city, two_counties):
    from gangmu.faces.http.app import described

    document = described(city.app)
    here = two_counties[""]
    ids = {"event_id": here["event"]["id"], "report_id": here["report"], "file_id": here["file"], "verb": "accept"}
    tried, leaks = 0, []
    for who in [name for name in city.posts if "@" not in name and not name.endswith("2")]:
        browser, actor = city.sign_in(who), city.actor(who)
        for info in routes():
            if info.can in (web.PUBLIC, web.SIGNED_IN) or actor.may(info.can):
                continue
            path_ids = {**ids, **{n: str(new("xxx")) for n in re.findall(r"{(\w+_id)}", info.path) if n not in ids}}
            answer = call(browser, info, document, path_ids)
            tried += 1
            if answer.status_code not in (403, 422):
                leaks.append((who, info.method, info.path, answer.status_code))
    assert tried > 500
    assert leaks == []


def test_signed_out_every_route_refuses(city, two_counties):
    from gangmu.faces.http.app import described
    from tests.city import Browser

    document, nobody = described(city.app), Browser(city.app)
    for info in web.known:
        if info.can == web.PUBLIC:
            continue
        names = {n: str(new("xxx")) for n in re.findall(r"{(\w+_id)}", info.path)}
        answer = nobody.get(info.path) if info.path == "/api/live" else call(nobody, info, document, names)
        assert answer.status_code in (401, 422), (info.method, info.path, answer.status_code)


def test_another_county_is_not_found_by_any_way(city, two_counties):
    here = two_counties[""]
    event, leaks = here["event"]["id"], []
    for who in [name for name in city.posts if name.endswith("@there")]:
        browser = city.sign_in(who)
        for tail in ("", "/timeline", "/reports", "/evidence", "/deadline", "/access", "/obligations", "/disputes"):
            answer = browser.get(f"/api/events/{event}{tail}")
            if answer.status_code not in (403, 404):
                leaks.append((who, tail, answer.status_code))
        for path in (f"/api/reports/{here['report']}", f"/api/files/{here['file']}"):
            answer = browser.get(path)
            if answer.status_code not in (403, 404):
                leaks.append((who, path, answer.status_code))
        for path, params in (
            ("/api/events", {"status": ["open", "closed"]}),
            ("/api/events", {"q": "秘密"}),
            ("/api/events", {"division": HERE}),
            ("/api/search", {"q": "秘密事项"}),
            ("/api/search", {"q": here["event"]["case_no"]}),
            ("/api/search", {"q": PHONE}),
            ("/api/events/duplicates", {"text": HERE_ONLY}),
            ("/api/reporters/history", {"phone": PHONE}),
            ("/api/tasks", {}),
            ("/api/disputes", {}),
        ):
            answer = browser.get(path, params=params)
            if answer.status_code >= 500 or event in answer.text or here["report"] in answer.text:
                leaks.append((who, path, str(params)))
        for verb in ("accept", "dispatch", "close", "supervise", "void"):
            answer = browser.post(f"/api/events/{event}/acts/{verb}", json={"reason": "x"})
            if answer.status_code not in (403, 404):
                leaks.append((who, verb, answer.status_code))
        for path, body in (
            (f"/api/events/{event}/merge", {"into": two_counties["@there"]["event"]["id"], "reason": "x"}),
            (f"/api/events/{event}/unmerge", {"report_ids": [here["report"]], "reason": "x"}),
            (f"/api/reports/{here['report']}/reveal", {"purpose": "curious"}),
            ("/api/reports", {"channel": "patrol", "text": "x", "division": THERE, "join_event_id": event}),
        ):
            answer = browser.post(path, json=body)
            if answer.status_code not in (403, 404):
                leaks.append((who, path, answer.status_code))
    assert leaks == []


def test_ticks_of_another_county_do_not_travel(city, two_counties):
    from gangmu.base import access
    from gangmu.faces.http.live import _sees
    from gangmu.kit import live
    from gangmu.kit.unit import transaction

    with transaction() as conn:
        ticks = live.after(conn, 0)
    here = two_counties[""]["event"]["id"]
    assert any(tick.about == here for tick in ticks)
    for who in city.posts:
        seen = {tick.about for tick in ticks if _sees(city.actor(who), tick, "event.read")}
        there = "@there" in who
        assert not (there and here in seen), who
    assert access.sees(city.actor("clerk"), "event.read", access.Located(HERE))


def test_a_department_sees_what_is_its_own_only(city):
    event = city.report()
    lead = city.sign_in("dept_lead")
    assert lead.get(f"/api/events/{event['id']}").status_code == 404
    assert lead.get("/api/events").json()["items"] == []
