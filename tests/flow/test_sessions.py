"""Signing in and out: lock-out, CSRF, first password, sessions, posts, the three administrators."""

from uuid import uuid4

from tests.city import PASSWORD, Browser


def test_a_wrong_password_locks_after_five_tries_and_says_so(city):
    browser = Browser(city.app)
    for _ in range(5):
        answer = browser.post("/api/session", json={"username": "clerk", "password": "wrong"})
        assert (answer.status_code, answer.json()["code"]) == (401, "access.sign_in_failed")
    answer = browser.post("/api/session", json={"username": "clerk", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (423, "access.locked_out")


def test_an_unknown_user_gets_the_same_answer(city):
    answer = Browser(city.app).post("/api/session", json={"username": "nobody", "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (401, "access.sign_in_failed")


def test_a_change_without_the_csrf_token_is_refused(city):
    browser = city.sign_in("clerk")
    token = browser.headers.pop("x-csrf-token")
    answer = browser.put("/api/drafts/call", json={"body": {"text": "x"}})
    assert (answer.status_code, answer.json()["code"]) == (403, "access.refused")
    browser.headers["x-csrf-token"] = token
    assert browser.put("/api/drafts/call", json={"body": {"text": "x"}}).status_code == 204
    assert browser.get("/api/drafts/call").json()["body"] == {"text": "x"}


def test_the_first_password_must_be_changed_before_anything_else(city):
    admin = city.sign_in("system_admin")
    account = next(a for a in admin.get("/api/accounts").json()["items"] if a["username"] == "clerk")
    fresh = admin.post(f"/api/accounts/{account['id']}/reset").json()["password"]
    browser = Browser(city.app).sign_in("clerk", fresh)
    assert browser.me["must_change_password"]
    assert browser.get("/api/events").json()["code"] == "access.must_change_password"
    weak = browser.put("/api/session/password", json={"old": fresh, "new": "short"})
    assert weak.json()["code"] == "access.weak_password"
    assert browser.put("/api/session/password", json={"old": fresh, "new": "Long-enough-77"}).status_code == 204
    assert browser.get("/api/events").status_code == 200


def test_a_session_that_is_ended_is_no_session(city):
    browser = Browser(city.app).sign_in("clerk")
    mine = [row for row in browser.get("/api/sessions").json()["items"] if row["own"]]
    assert browser.delete(f"/api/sessions/{mine[0]['id']}").status_code == 204
    assert browser.get("/api/session").status_code == 401


def test_the_three_administrators_exclude_each_other(city):
    security = city.sign_in("security_admin")
    posts = security.get("/api/posts", params={"role": "system_admin"}).json()["items"]
    answer = security.put(f"/api/posts/{posts[0]['id']}/roles", json={"roles": ["system_admin", "audit_admin"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "access.roles_exclude")


def test_nobody_grants_roles_to_himself(city):
    security = city.sign_in("security_admin")
    answer = security.put(f"/api/posts/{security.me['post']}/roles", json={"roles": ["security_admin", "clerk"]})
    assert answer.status_code == 403


def test_a_system_administrator_reads_no_business_rows(city):
    city.report()
    admin = city.sign_in("system_admin")
    for path in ("/api/events", "/api/search?q=井盖", "/api/inbox", "/api/alarms"):
        assert admin.get(path).status_code == 403, path


def test_a_repeated_key_gives_the_same_answer_and_does_nothing_twice(city):
    clerk = city.sign_in("clerk")
    key = {"idempotency-key": uuid4().hex}
    body = {"channel": "patrol", "text": "道路破损", "division": "990101000000"}
    first = clerk.post("/api/reports", json=body, headers=key)
    second = clerk.post("/api/reports", json=body, headers=key)
    assert first.json() == second.json() and second.headers["idempotency-replayed"] == "true"
    other = clerk.post("/api/reports", json={**body, "text": "另一处"}, headers=key)
    assert other.status_code == 409
    assert len(clerk.get("/api/events").json()["items"]) == 1


def test_why_explains_a_right(city):
    event = city.report()
    security = city.sign_in("security_admin")
    there = city.posts["dispatcher@there"]
    said = security.get("/api/why", params={"who": there, "action": "event.dispatch", "thing": event["id"]}).json()
    assert said["may"] is False and said["grants"][0]["reaches"] is False
    here = city.posts["dispatcher"]
    said = security.get("/api/why", params={"who": here, "action": "event.dispatch", "thing": event["id"]}).json()
    assert said["may"] is True
