"""Probes by hand: what somebody would try who may not. Another district by every way that there is, applications out of
their reach, tokens that have ended. The ways are taken from the house itself, so that a new one is tried too."""

import io
import re
import zipfile
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from gangmu.base.access import store
from gangmu.faces.http.app import described
from gangmu.faces.http.live import _sees
from gangmu.kit import live, web
from gangmu.kit.actor import System
from gangmu.kit.ids import new
from gangmu.kit.unit import open_unit, transaction
from tests.city import HERE, THERE, Browser, City
from tests.flow.test_rights_matrix import call

SECRET = "只在本县流转的秘密事项"
PHONE = "13612345678"


@pytest.fixture
def here(city: City) -> dict[str, Any]:
    """A matter here: reported, with a picture and a reporter, dispatched and written about."""
    clerk = city.sign_in("clerk")
    kept = clerk.post("/api/files", files={"file": ("秘密.pdf", b"%PDF-1.4\n%a small file\n", "application/pdf")})
    event = city.report(
        channel="hotline12345",
        text=SECRET,
        address=f"{SECRET}旁",
        reporter={"name": "王小二", "phone": PHONE},
        attachments=[kept.json()["id"]],
    )
    report = clerk.get(f"/api/events/{event['id']}/reports").json()["items"][0]
    city.settle()
    return {"event": event, "file": kept.json()["id"], "report": report["id"]}


def leaks(here: dict[str, Any], text: str, asked: dict[str, str] | None = None) -> list[str]:
    """What of the matter stands in an answer, but for what was asked with and is said back."""
    told = (here["event"]["id"], here["report"], here["file"], SECRET, PHONE, here["event"]["case_no"] or SECRET)
    return [one for one in told if one in text and one not in (asked or {}).values()]


def strangers(city: City) -> list[str]:
    return [who for who in city.posts if who.endswith("@there")]


def test_another_district_by_id_through_every_route_of_an_event(city, here):
    document, wrong, tried = described(city.app), [], 0
    ids = {"event_id": here["event"]["id"], "report_id": here["report"], "file_id": here["file"], "verb": "note"}
    for info in [one for one in web.known if re.search(r"{(event|report|file)_id}", one.path)]:
        names = {name: str(new("xxx")) for name in re.findall(r"{(\w+)}", info.path) if name not in ids}
        for who in strangers(city):
            answer = call(city.sign_in(who), info, document, {**ids, **names})
            tried += 1
            if answer.status_code not in (403, 404, 422) or SECRET in answer.text or PHONE in answer.text:
                wrong.append((who, info.method, info.path, answer.status_code))
    assert tried > 100 and wrong == []


def test_another_district_by_every_list_search_and_export(city, here):
    document, wrong, tried = described(city.app), [], 0
    words = {"q": "秘密", "text": SECRET, "phone": PHONE, "number": PHONE, "about": here["event"]["id"]}
    for info in [
        one for one in web.known if one.method == "GET" and "{" not in one.path and not one.path.endswith("/live")
    ]:
        known = {given["name"] for given in document["paths"][info.path]["get"].get("parameters", ())}
        asked = {name: value for name, value in words.items() if name in known}
        for who in ("clerk@there", "dispatcher@there", "dept_lead@there", "hotline_operator@there"):
            for params in ({}, asked) if asked else ({},):
                answer = city.sign_in(who).get(info.path, params=params)
                tried += 1
                # nobody seals the journal in this city: after a while it is rightly not ready
                broken = answer.status_code >= 500 and info.path != "/readyz"
                if broken or (answer.status_code == 200 and leaks(here, answer.text, params)):
                    wrong.append((who, info.path, params, leaks(here, answer.text, params)))
    assert tried > 100 and wrong == []


def test_another_district_by_spreadsheet(city, here):
    wrong = []
    kinds = {kind["id"] for who in city.posts for kind in city.sign_in(who).get("/api/sheets").json().get("items", ())}
    for who in strangers(city):
        for kind in kinds:
            answer = city.sign_in(who).get(f"/api/sheets/{kind}/export.xlsx")
            if answer.status_code >= 500:
                wrong.append((who, kind, answer.status_code))
            elif answer.status_code == 200:
                with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
                    text = "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
                if leaks(here, text):
                    wrong.append((who, kind, "leaks"))
    assert kinds and wrong == []


def test_another_district_by_ticks_and_ticks_tell_no_words(city, here):
    with transaction() as conn:
        ticks = live.after(conn, 0)
    assert any(tick.about == here["event"]["id"] for tick in ticks)
    for who in strangers(city):
        assert not [
            tick for tick in ticks if _sees(city.actor(who), tick, "event.read") and tick.division[:6] == HERE[:6]
        ], who
    assert SECRET not in str(ticks) and PHONE not in str(ticks) and "王小二" not in str(ticks)


def test_somebody_elses_file_cannot_be_taken_along(city, here):
    there = city.sign_in("clerk@there")
    body = {"channel": "patrol", "text": "x", "division": THERE, "attachments": [here["file"]]}
    assert there.post("/api/reports", json=body).status_code in (403, 404, 422)
    assert there.get(f"/api/files/{here['file']}", params={"thumb": True}).status_code == 404
    assert there.get(f"/api/files/{here['file']}", headers={"if-none-match": "*"}).status_code == 404


# --- applications ----------------------------------------------------------------------------------------


def application(city: City, division: str = THERE, **given: Any) -> Browser:
    """Another system with wide rights, in the other district."""
    rights = [
        ("event.read", "division"),
        ("event.create", "division"),
        ("event.act", "division"),
        ("search.use", "all"),
    ]
    rights += [("report.read", "division"), ("file.read", "all"), ("file.write", "all"), ("task.read", "own")]
    with open_unit(System("test"), "test") as unit:
        row = sa.update(store.role).where(store.role.c.id == "docking_app")
        unit.run(row.values(permissions=[list(pair) for pair in rights]))
        unit.touch(store.role)
    body = {"name": f"对方{uuid4().hex[:6]}", "roles": ["docking_app"], "org": str(city.orgs["监督中心@there"])}
    answer = city.sign_in("security_admin").post("/api/applications", json={**body, "division": division, **given})
    assert answer.status_code == 201, answer.text
    caller = Browser(city.app)
    caller.headers["authorization"] = f"Bearer {answer.json()['token']}"
    caller.me = answer.json()
    return caller


def test_an_application_out_of_its_reach(city, here):
    caller, document = application(city), described(city.app)
    ids = {"event_id": here["event"]["id"], "report_id": here["report"], "file_id": here["file"], "verb": "note"}
    wrong = []
    for info in [one for one in web.known if not one.path.endswith("/live") and one.can != web.PUBLIC]:
        names = {name: str(new("xxx")) for name in re.findall(r"{(\w+)}", info.path) if name not in ids}
        answer = call(caller, info, document, {**ids, **names})
        out = bool(re.search(r"{(event|report|file)_id}", info.path))
        wanted = (403, 422) if info.can == web.SIGNED_IN else (403, 404, 422) if out else range(500)
        if answer.status_code not in wanted or SECRET in answer.text or PHONE in answer.text:
            wrong.append((info.method, info.path, answer.status_code))
    assert wrong == []


def test_an_application_takes_nobodys_files_and_keeps_its_own(city, here):
    caller = application(city)
    body = {"channel": "hotline12345", "text": "x", "division": THERE, "attachments": [here["file"]]}
    assert caller.post("/api/reports", json=body).status_code in (403, 404, 422)
    own = caller.post("/api/files", files={"file": ("a.pdf", b"%PDF-1.4\n%own\n", "application/pdf")}).json()["id"]
    assert caller.get(f"/api/files/{own}").status_code == 200
    assert application(city).get(f"/api/files/{own}").status_code == 404
    assert caller.post("/api/reports", json={**body, "attachments": [own]}).status_code == 201


def test_an_application_cannot_make_itself_more(city):
    caller, admin = application(city), city.sign_in("security_admin")
    way = f"/api/applications/{caller.me['id']}"
    for method, path in (("POST", "/api/applications"), ("PUT", way), ("POST", f"{way}/token"), ("DELETE", way)):
        body = {"name": "x y", "roles": ["docking_app"], "org": caller.me["org"]}
        assert caller.request(method, path, json=None if method == "DELETE" else body).status_code in (403, 422)
    for roles in (["security_admin"], ["system_admin", "docking_app"], ["clerk"]):
        answer = admin.put(way, json={"roles": roles, "org": caller.me["org"]})
        assert (answer.status_code, answer.json()["code"]) == (409, "access.wrong_holder"), roles
    before = admin.headers["x-csrf-token"]
    admin.headers["x-csrf-token"] = "guessed"
    assert admin.post(f"{way}/token").status_code == 403
    admin.headers["x-csrf-token"] = before


def test_a_token_that_ended_sees_nothing_by_any_way(city, here):
    caller = application(city, HERE, org=str(city.orgs["监督中心"]))
    assert caller.get(f"/api/events/{here['event']['id']}").status_code == 200
    assert city.sign_in("security_admin").delete(f"/api/applications/{caller.me['id']}").status_code == 204
    document = described(city.app)
    ids = {"event_id": here["event"]["id"], "report_id": here["report"], "file_id": here["file"], "verb": "note"}
    for info in [one for one in web.known if one.can != web.PUBLIC and not one.path.endswith("/live")]:
        names = {name: str(new("xxx")) for name in re.findall(r"{(\w+)}", info.path) if name not in ids}
        assert call(caller, info, document, {**ids, **names}).status_code in (401, 422), info
    assert caller.get("/api/live").status_code == 401


# --- standing in -----------------------------------------------------------------------------------------


def test_a_stand_in_whose_standing_in_ended_acts_no_more(city, here):
    """The whole story of stand-ins is told elsewhere; here: the post once lent opens nothing afterwards."""
    there = city.sign_in("clerk@there", fresh=True)
    lent = str(city.posts["shift_leader"])
    assert there.put("/api/session/post", json={"post_id": lent}).status_code == 404
    with open_unit(System("test"), "test") as unit:
        unit.run(sa.update(store.session).where(store.session.c.person == there.me["person"]).values(post=lent))
    assert there.get(f"/api/events/{here['event']['id']}").status_code == 404
    answer = there.post(f"/api/events/{here['event']['id']}/acts/note", json={"reason": "x"})
    assert answer.status_code in (403, 404, 409)
