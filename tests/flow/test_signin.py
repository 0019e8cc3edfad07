"""Signing in by way of a provider: OpenID Connect and CAS over real HTTP, linking, posts after groups, the end."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from joserfc.jwk import RSAKey

from gangmu.base.access import store as access_store
from gangmu.base.signin import outside as wire
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, PASSWORD, Browser, City
from tests.flow import providers
from tests.flow.providers import CLIENT, SECRET, Outside


@pytest.fixture
def oidc(city: City) -> Iterator[Outside]:
    with providers.oidc() as known:
        yield known


@pytest.fixture
def cas(city: City) -> Iterator[Outside]:
    with providers.cas() as known:
        yield known


def let_in(city: City, outside: Outside, expect: int = 201, **given: Any) -> dict[str, Any]:
    body = {
        "kind": "oidc",
        "title": "市统一身份认证",
        "address": outside.address,
        "client_id": CLIENT,
        "secret": SECRET,
        "scopes": "openid profile",
        "claim_groups": "groups",
        **given,
    }
    answer = city.sign_in("security_admin").post("/api/providers", json=body)
    assert answer.status_code == expect, answer.text
    return dict(answer.json())


def change(city: City, provider: dict[str, Any], expect: int = 200, **given: Any) -> Any:
    body = {name: value for name, value in provider.items() if name not in ("id", "has_secret", "comes_back_to")}
    answer = city.sign_in("security_admin").put(f"/api/providers/{provider['id']}", json={**body, **given})
    assert answer.status_code == expect, answer.text
    return answer.json()


def hop(browser: Browser, address: str) -> str:
    """One step of a browser: at the provider over the wire, at the house in this process."""
    if "//testserver" in address or address.startswith("/"):
        answer = browser.get(address.replace("http://testserver", ""), follow_redirects=False)
        assert answer.status_code == 303, answer.text
    else:
        answer = httpx.get(address, follow_redirects=False, trust_env=False)
        assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def go(browser: Browser, provider: dict[str, Any], to: str = "/inbox") -> str:
    """All the way out and in again; where the browser ends."""
    out = hop(browser, f"/api/sign-in/{provider['id']}?to={to}")
    return hop(browser, hop(browser, out)) if not out.startswith("/") else out


def me(browser: Browser) -> dict[str, Any]:
    answer = browser.get("/api/session")
    assert answer.status_code == 200, answer.text
    browser.me = answer.json()
    browser.headers["x-csrf-token"] = browser.me["csrf"]
    return dict(browser.me)


def said(where: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}


def linked(city: City, provider: dict[str, Any]) -> Browser:
    """The clerk, linked by signing in here once."""
    browser = Browser(city.app)
    assert said(go(browser, provider)) == {"link": provider["title"]}
    browser.sign_in("clerk")
    answer = browser.post("/api/session/link")
    assert answer.status_code == 200, answer.text
    return browser


# --- OpenID Connect --------------------------------------------------------------------------------------


def test_first_time_one_links_by_signing_in_here_then_the_provider_is_enough(city, oidc):
    provider = let_in(city, oidc)
    assert city.sign_in("clerk").get("/api/sign-in").json()["items"] == [
        {"id": provider["id"], "title": provider["title"]}
    ]
    linked(city, provider)
    fresh = Browser(city.app)
    assert go(fresh, provider, "/inbox/todo") == "/inbox/todo"
    assert me(fresh)["provider"] == provider["id"] and fresh.me["name"] == "甲clerk"
    assert fresh.post("/api/reports", json={"channel": "patrol", "text": "x", "division": HERE}).status_code == 201
    entries = city.sign_in("audit_admin").get("/api/journal", params={"about": me(fresh)["person"]}).json()["items"]
    assert any(change.get("provider") == provider["id"] for entry in entries for change in entry["changes"])


def test_whom_a_provider_vouches_for_needs_no_password_of_ours(city, oidc):
    provider = let_in(city, oidc)
    linked(city, provider)
    admin = city.sign_in("system_admin")
    account = next(a for a in admin.get("/api/accounts").json()["items"] if a["username"] == "clerk")
    admin.post(f"/api/accounts/{account['id']}/reset")
    browser = Browser(city.app)
    go(browser, provider)
    assert me(browser)["must_change_password"] is False and browser.get("/api/events").status_code == 200
    assert admin.put(f"/api/accounts/{account['id']}", json={"active": False}).status_code == 204
    assert browser.get("/api/session").status_code == 401
    assert said(go(Browser(city.app), provider))["refused"] == "access.sign_in_failed"


def test_another_account_is_not_linked_by_signing_in(city, oidc):
    provider = let_in(city, oidc)
    browser = Browser(city.app)
    go(browser, provider)
    browser.sign_in("dispatcher")
    answer = browser.post("/api/session/link")
    assert (answer.status_code, answer.json()["code"]) == (409, "signin.no_match")
    nobody = Browser(city.app).sign_in("clerk")
    assert nobody.post("/api/session/link").json()["code"] == "signin.try_ended"  # vouched for in another browser


def test_an_email_that_was_not_verified_links_nobody(city, oidc):
    oidc.who = "li"
    provider = let_in(city, oidc, claim_match="email", link="match")
    assert "link" in said(go(Browser(city.app), provider))
    oidc.people["li"]["email_verified"] = "true"  # a word, not a truth
    assert "link" in said(go(Browser(city.app), provider))
    oidc.people["li"]["email_verified"] = True
    assert go(Browser(city.app), provider) == "/inbox"


def test_a_match_alone_links_where_the_city_says_so_but_no_administrator(city, oidc):
    provider = let_in(city, oidc, link="match")
    assert go(Browser(city.app), provider) == "/inbox"
    oidc.who = "boss"
    assert "link" in said(go(Browser(city.app), provider))


def test_by_employee_number(city, oidc):
    oidc.people["zhang"]["employee"] = {"number": 40017}
    provider = let_in(city, oidc, claim_match="employee.number", match_by="number", link="match")
    assert "link" in said(go(Browser(city.app), provider))
    admin = city.sign_in("system_admin")
    account = next(a for a in admin.get("/api/accounts").json()["items"] if a["username"] == "clerk")
    assert admin.put(f"/api/accounts/{account['id']}/number", json={"number": "40017"}).status_code == 204
    assert go(Browser(city.app), provider) == "/inbox"
    other = next(a for a in admin.get("/api/accounts").json()["items"] if a["username"] == "dispatcher")
    assert admin.put(f"/api/accounts/{other['id']}/number", json={"number": "40017"}).status_code == 409


def test_an_administrator_links_and_takes_the_link_away(city, oidc):
    oidc.who = "li"
    provider, admin = let_in(city, oidc, link="admin"), city.sign_in("system_admin")
    browser = Browser(city.app)
    assert said(go(browser, provider)) == {"refused": "signin.not_linked"}
    browser.sign_in("clerk")
    assert browser.post("/api/session/link").status_code == 403  # administrators alone here
    waiting = admin.get(f"/api/providers/{provider['id']}/people", params={"waiting": True}).json()["items"]
    assert [(one["name"], one["match"]) for one in waiting] == [("李四", "nobody-here")]
    accounts = {one["username"]: one["id"] for one in admin.get("/api/accounts").json()["items"]}
    way = f"/api/vouched/{waiting[0]['id']}/link"
    assert admin.post(way, json={"account": accounts["system_admin"]}).status_code == 403  # never one's own
    assert admin.post(way, json={"account": accounts["clerk"]}).status_code == 200
    assert admin.post(way, json={"account": accounts["dispatcher"]}).json()["code"] == "signin.already_linked"
    fresh = Browser(city.app)
    assert go(fresh, provider) == "/inbox" and me(fresh)["name"] == "甲clerk"
    assert admin.delete(way).status_code == 204
    assert fresh.get("/api/session").status_code == 401
    assert said(go(fresh, provider)) == {"refused": "signin.not_linked"}


SPOILT: tuple[dict[str, Any], ...] = (
    {"claims": {"nonce": "another"}},
    {"claims": {"nonce": None}},
    {"claims": {"aud": "another-house"}},
    {"claims": {"iss": "http://127.0.0.1:1"}},
    {"claims": {"exp": 1_000_000_000}},
    {"claims": {"sub": ""}},
    {"key": RSAKey.generate_key(2048)},
    {"token": {"id_token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTEwMDEifQ."}},
    {"token": {"id_token": "rubbish"}},
    {"userinfo": {"sub": "somebody-else"}},
)


def test_an_answer_that_cannot_be_trusted_signs_nobody_in(city, oidc):
    provider = let_in(city, oidc, link="match")
    browser = Browser(city.app)
    for spoil in SPOILT:
        oidc.spoil = spoil
        assert said(go(browser, provider))["refused"] == "signin.provider_wrong", spoil
        assert browser.get("/api/session").status_code == 401


def test_another_issuer_silence_and_a_refusal_are_told_apart(city, oidc, monkeypatch):
    provider = let_in(city, oidc, link="match")
    oidc.spoil = {"issuer": "https://elsewhere.example"}
    assert said(go(Browser(city.app), provider)) == {"refused": "signin.provider_wrong", "reason": "issuer"}
    check = f"/api/providers/{provider['id']}/check"
    assert city.sign_in("security_admin").post(check).json()["code"] == "signin.provider_wrong"
    oidc.spoil = {}
    assert city.sign_in("security_admin").post(check).json() == {"keys": 1}
    assert city.sign_in("security_admin").post(check, headers={"x-csrf-token": "x"}).status_code == 403
    oidc.who = "nobody"
    assert said(go(Browser(city.app), provider)) == {"refused": "signin.provider_refused", "reason": "access_denied"}
    change(city, provider, secret="wrong")
    oidc.who = "zhang"
    assert said(go(Browser(city.app), provider))["reason"] == "invalid_client"
    monkeypatch.setenv("GANGMU_SIGNIN__SECONDS", "1")
    wire._known.clear()
    oidc.spoil = {"silent": 1.6}
    assert said(go(Browser(city.app), provider))["refused"] == "signin.provider_silent"


def test_only_the_browser_that_was_sent_out_comes_in_and_only_once(city, oidc):
    provider = let_in(city, oidc, link="match")
    browser, thief = Browser(city.app), Browser(city.app)
    back = hop(browser, hop(browser, f"/api/sign-in/{provider['id']}"))
    assert said(hop(thief, back))["refused"] == "signin.try_ended"  # without the cookie
    assert said(hop(browser, back.replace("state=", "state=x")))["refused"] == "signin.try_ended"
    back = hop(browser, hop(browser, f"/api/sign-in/{provider['id']}"))
    assert hop(browser, back) == "/"
    assert said(hop(browser, back))["refused"] == "signin.try_ended"  # the way is used up


def test_it_leads_on_to_this_house_alone(city, oidc):
    provider = let_in(city, oidc, link="match")
    for to in ("https://evil.example", "//evil.example", "/\\evil.example", "/api/session", "javascript:x", ""):
        assert go(Browser(city.app), provider, to) == "/", to


def test_a_provider_that_is_closed_or_unknown_is_no_way_in(city, oidc):
    provider = let_in(city, oidc)
    change(city, provider, active=False)
    nobody = Browser(city.app)
    assert nobody.get("/api/sign-in").json()["items"] == []
    for tail in ("", "/back", "/leave"):
        assert nobody.get(f"/api/sign-in/{provider['id']}{tail}").status_code == 404
    assert nobody.post(f"/api/sign-in/{provider['id']}/back").status_code == 404


def test_signing_out_goes_on_to_the_provider_and_back(city, oidc):
    provider = let_in(city, oidc, link="match")
    browser = Browser(city.app)
    go(browser, provider)
    me(browser)
    assert browser.delete("/api/session").status_code == 204
    out = hop(browser, f"/api/sign-in/{provider['id']}/leave")
    assert out.startswith(f"{oidc.address}/logout?") and hop(browser, out) == "http://testserver/"


def test_what_the_provider_ends_is_ended_here(city, oidc):
    provider = let_in(city, oidc, link="match")
    way, event = f"/api/sign-in/{provider['id']}/back", {"events": {wire.ENDED: {}}}
    browser, provided = Browser(city.app), Browser(city.app)
    for claims in ({"sid": "sid-zhang"}, {"sub": "u-1001"}):
        go(browser, provider)
        assert browser.get("/api/session").status_code == 200
        for wrong in ({**claims}, {**claims, **event, "aud": "another"}, {**claims, **event, "nonce": "n"}, event):
            answer = provided.post(way, data={"logout_token": oidc.token(**wrong)})
            assert (answer.status_code, answer.json()["code"]) == (502, "signin.provider_wrong"), wrong
        assert provided.post(way, data={"logout_token": "rubbish"}).status_code == 502
        assert browser.get("/api/session").status_code == 200
        assert provided.post(way, data={"logout_token": oidc.token(**claims, **event)}).status_code == 204
        assert browser.get("/api/session").status_code == 401


def test_the_secret_is_sealed_and_never_shown(city, oidc):
    provider = let_in(city, oidc)
    assert provider["has_secret"] and SECRET not in city.sign_in("security_admin").get("/api/providers").text
    with open_unit(System("test"), "look") as unit:
        kept = unit.value(sa.text("SELECT string_agg(convert_from(body, 'UTF8'), '') FROM journal_entry"))
        row = unit.value(sa.text("SELECT secret FROM provider"))
    assert SECRET not in kept and SECRET.encode() not in bytes(row)
    assert change(city, provider, title="改名")["has_secret"]
    for address in ("http://id.example", "ftp://id.example", "https://", "https://u:p@id.example", "rubbish://"):
        change(city, provider, 422, address=address)
    for who in ("system_admin", "audit_admin", "clerk"):
        assert city.sign_in(who).get("/api/providers").status_code == 403
        assert city.sign_in(who).post(f"/api/providers/{provider['id']}/check").status_code == 403


# --- posts after groups ----------------------------------------------------------------------------------


def mapping(city: City, provider: dict[str, Any], expect: int = 201, **given: Any) -> Any:
    body = {
        "group": "acceptance",
        "org": str(city.orgs["监督中心"]),
        "title": "督查",
        "roles": ["shift_leader"],
        **given,
    }
    answer = city.sign_in("security_admin").post(f"/api/providers/{provider['id']}/mappings", json=body)
    assert answer.status_code == expect, answer.text
    return answer.json()


def roles_of(browser: Browser) -> list[str]:
    return sorted(role for post in me(browser)["posts"] for role in post["roles"])


def test_a_group_proposes_a_post_that_the_security_administrator_confirms(city, oidc):
    provider, security = let_in(city, oidc, link="match"), city.sign_in("security_admin")
    rule = mapping(city, provider)
    browser = Browser(city.app)
    go(browser, provider)
    go(browser, provider)  # again: proposed once
    waiting = security.get("/api/role-proposals").json()["items"]
    assert [(one["username"], one["do"], one["title"], one["roles"]) for one in waiting] == [
        ("clerk", "open", "督查", ["shift_leader"])
    ]
    assert roles_of(browser) == ["clerk"]
    assert city.sign_in("clerk").post(f"/api/role-proposals/{waiting[0]['id']}/confirm").status_code == 403
    assert security.post(f"/api/role-proposals/{waiting[0]['id']}/confirm").status_code == 204
    assert security.post(f"/api/role-proposals/{waiting[0]['id']}/confirm").status_code == 404
    go(browser, provider)
    assert roles_of(browser) == ["clerk", "shift_leader"]
    oidc.people["zhang"]["groups"] = []
    go(browser, provider)
    ending = security.get("/api/role-proposals").json()["items"]
    assert [(one["do"], one["title"]) for one in ending] == [("end", "督查")]
    assert security.post(f"/api/role-proposals/{ending[0]['id']}/confirm").status_code == 204
    assert roles_of(browser) == ["clerk"]
    oidc.people["zhang"]["groups"] = ["acceptance"]
    go(browser, provider)
    again = security.get("/api/role-proposals").json()["items"]
    assert security.post(f"/api/role-proposals/{again[0]['id']}/refuse", json={"why": "不再需要"}).status_code == 204
    go(browser, provider)
    assert security.get("/api/role-proposals").json()["items"] == []
    assert security.delete(f"/api/providers/{provider['id']}/mappings/{rule['id']}").status_code == 204


def test_by_itself_where_the_provider_may_but_never_an_administrator(city, oidc):
    provider = let_in(city, oidc, link="match", automatic=True)
    for roles in (["security_admin"], ["system_admin"], ["audit_admin"], ["docking_app"]):
        assert mapping(city, provider, 409, roles=roles)["code"] == "signin.mapping_too_high"
    mapping(city, provider)
    browser = Browser(city.app)
    go(browser, provider)
    assert roles_of(browser) == ["clerk", "shift_leader"]
    oidc.people["zhang"]["groups"] = []
    go(browser, provider)
    assert roles_of(browser) == ["clerk"]


def test_an_administrators_role_by_a_group_is_confirmed_or_not_at_all(city, oidc):
    provider = let_in(city, oidc, link="match")
    assert mapping(city, provider, 409, roles=["docking_app"])["code"] == "signin.mapping_too_high"
    mapping(city, provider, roles=["audit_admin"])
    assert change(city, provider, 409, automatic=True)["code"] == "signin.mapping_too_high"
    browser = Browser(city.app)
    go(browser, provider)
    one = city.sign_in("security_admin").get("/api/role-proposals").json()["items"][0]
    answer = city.sign_in("security_admin").post(f"/api/role-proposals/{one['id']}/confirm")
    assert (answer.status_code, answer.json()["code"]) == (409, "access.roles_exclude")
    assert roles_of(browser) == ["clerk"]


def test_nobody_confirms_a_post_of_his_own(city, oidc):
    oidc.who = "boss"
    oidc.people["boss"]["groups"] = ["acceptance"]
    provider = let_in(city, oidc)
    mapping(city, provider, roles=["security_admin"], title="第二岗位")
    browser = Browser(city.app)
    go(browser, provider)
    browser.sign_in("security_admin")
    assert browser.post("/api/session/link").status_code == 200
    go(browser, provider)
    held = city.sign_in("security_admin").get("/api/role-proposals").json()["items"]
    answers = [city.sign_in("security_admin").post(f"/api/role-proposals/{one['id']}/confirm") for one in held]
    assert all(answer.status_code == 403 for answer in answers)


# --- CAS -------------------------------------------------------------------------------------------------


def cas_in(city: City, cas: Outside, **given: Any) -> dict[str, Any]:
    return let_in(city, cas, kind="cas", claim_match="preferred_username", **given)


def test_cas_the_same_way(city, cas):
    provider = cas_in(city, cas)
    linked(city, provider)
    browser = Browser(city.app)
    assert go(browser, provider, "/inbox/open") == "/inbox/open" and me(browser)["name"] == "甲clerk"
    assert city.sign_in("security_admin").post(f"/api/providers/{provider['id']}/check").json() == {"keys": 0}
    out = hop(browser, f"/api/sign-in/{provider['id']}/leave")
    assert out.startswith(f"{cas.address}/logout?")


def test_a_cas_ticket_counts_once_and_for_its_own_state(city, cas):
    provider = cas_in(city, cas, link="match")
    browser, other = Browser(city.app), Browser(city.app)
    back = hop(browser, hop(browser, f"/api/sign-in/{provider['id']}"))
    assert said(hop(other, back))["refused"] == "signin.try_ended"
    assert hop(browser, back) == "/"
    back = hop(browser, hop(browser, f"/api/sign-in/{provider['id']}"))
    cas.codes.clear()
    assert said(hop(browser, back)) == {"refused": "signin.provider_refused", "reason": "ticket"}


NO_ANSWER = (b"not xml", b"<a/>", b"", b"<cas:x/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


def test_a_cas_answer_that_is_none(city, cas):
    provider = cas_in(city, cas, link="match")
    for body in NO_ANSWER:
        cas.spoil = {"body": body}
        told = said(go(Browser(city.app), provider))
        assert told["refused"] in ("signin.provider_wrong", "signin.provider_refused"), body


def test_cas_single_log_out(city, cas):
    provider = cas_in(city, cas, link="match")
    browser = Browser(city.app)
    back = hop(browser, hop(browser, f"/api/sign-in/{provider['id']}"))
    hop(browser, back)
    ticket = said(back)["ticket"]
    xml = (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">'
        "<samlp:SessionIndex>{}</samlp:SessionIndex></samlp:LogoutRequest>"
    )
    way = f"/api/sign-in/{provider['id']}/back"
    assert Browser(city.app).post(way, data={"logoutRequest": xml.format("ST-another")}).status_code == 204
    assert browser.get("/api/session").status_code == 200
    for wrong in ("", "<a/>", "rubbish", '<!DOCTYPE a [<!ENTITY b "c">]>' + xml.format("&b;"), "x" * 50_000):
        assert Browser(city.app).post(way, data={"logoutRequest": wrong}).status_code in (400, 502)
    assert Browser(city.app).post(way, data={"logoutRequest": xml.format(ticket)}).status_code == 204
    assert browser.get("/api/session").status_code == 401


def test_passwords_go_on_counting_beside_a_provider(city, oidc):
    let_in(city, oidc)
    assert Browser(city.app).sign_in("clerk", PASSWORD).me["provider"] is None
    with open_unit(System("test"), "look") as unit:
        assert access_store.list_sessions(unit, seen_by=unit.actor)
