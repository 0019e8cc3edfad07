"""Places over HTTP, with real sessions: who may read, who may change, and what bad questions get."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from gangmu import boot
from gangmu.base import access
from gangmu.base.org import service as org
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.base.places import founding, grids
from gangmu.demo import terrain
from gangmu.kit import ids
from gangmu.kit.actor import System
from tests.flow.test_places import features, settle

ME = System("test")
PASSWORD = "Linden-1988-tree"


@pytest.fixture(scope="module")
def land() -> terrain.Terrain:
    return terrain.make(4)


@pytest.fixture
def client(db, land) -> Callable[[str], TestClient]:
    """A signed-in browser for a role."""
    with db.unit() as unit:
        settle(unit, land)
        office = org.add_org(unit, ME, "指挥中心", OrgKind.command, OrgLevel.city, "9901")
    app = boot.make_app()

    def signed_in(role: str) -> TestClient:
        with db.unit() as unit:
            person = org.add_person(unit, ME, f"某{role}")
            post = org.add_post(unit, ME, person.id, office.id, role)
            access.grant_roles(unit, ME, post.id, (role,))
            access.open_account(unit, ME, person.id, role.replace("_", "-"), PASSWORD, must_change=False)
        browser = TestClient(app, raise_server_exceptions=True)
        answer = browser.post("/api/session", json={"username": role.replace("_", "-"), "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        browser.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return browser

    return signed_in


def test_divisions_go_down_from_the_city_and_up_again(client):
    clerk = client("clerk")
    (city,) = clerk.get("/api/divisions").json()["items"]
    assert (city["short"], city["name"], city["level"]) == ("9901", "青澜市", "city")
    counties = clerk.get("/api/divisions", params={"parent": city["code"]}).json()["items"]
    assert [one["name"] for one in counties] == ["禾川县", "临澜区", "云岫区"], "by pinyin"
    town = clerk.get("/api/divisions", params={"parent": "990102"}).json()["items"][0]
    detail = clerk.get(f"/api/divisions/{town['code']}").json()
    assert [one["name"] for one in detail["above"]] == ["青澜市", "临澜区"]
    assert [one["name"] for one in detail["history"]] == [town["name"]]
    found = clerk.get("/api/divisions", params={"q": "wl"}).json()["items"]
    assert [one["name"] for one in found] == ["望澜街道"]


def test_a_point_says_where_it_belongs_and_how_deep_that_is_known(client, db, land):
    post = ids.new("pst")
    with db.unit() as unit:
        grids.assign_duty(unit, ME, land.duty_grids[0]["code"], grids.Duty.governance, post)
    unit_feature = features(land.unit_grids)[0]
    spot = unit_feature.outline.representative_point()
    clerk = client("clerk")
    here = clerk.get("/api/places/at", params={"lon": spot.x, "lat": spot.y}).json()
    code = unit_feature.fields["code"]
    assert (here["unit_grid"], here["depth"], here["exact"]) == (code, "unit_grid", True)
    assert here["duty_grid"] == land.duty_grids[0]["code"]
    assert here["duties"][0] | {"valid_from": ""} == {"duty": "governance", "post": post, "valid_from": ""}
    assert set(here["names"]) == {here["county"], here["town"], here["community"]}
    away = clerk.get("/api/places/at", params={"lon": 2.3, "lat": 48.8, "crs": "GCJ02"}).json()
    assert (away["depth"], away["division"], away["names"]) == ("none", "", {})


BAD_QUESTIONS = [
    ("/api/places/at?lon=200&lat=3", 422),
    ("/api/places/at?lon=nan&lat=3", 422),
    ("/api/places/at?lat=3", 422),
    ("/api/places/at?lon=2&lat=3&crs=MARS", 422),
    ("/api/layers/sea.geojson", 422),
    ("/api/layers/town.geojson?bbox=1,2,3", 422),
    ("/api/layers/town.geojson?bbox=3,2,1,5", 422),
    ("/api/layers/town.geojson?code=99x", 422),
    ("/api/layers/town.geojson?zoom=99", 422),
    ("/api/divisions/123", 422),
    ("/api/divisions/990199", 404),
    ("/api/divisions/000000", 422),
    ("/api/divisions?parent=abc", 422),
    ("/api/unit-grids/990102001001999", 404),
    ("/api/unit-grids/x", 422),
    ("/api/addresses?limit=0", 422),
]
ANY_TEXT = ["%00", "%EF%BF%BF", "'; DROP TABLE address; --", "%25", "a" * 100, "𠀀", "\\", "%5C%25_", "%E2%80%AE"]


def test_bad_questions_get_a_problem_with_a_code(client):
    clerk = client("clerk")
    for path, status in BAD_QUESTIONS:
        answer = clerk.get(path)
        assert answer.status_code == status, (path, answer.text)
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["code"] and answer.json()["title"] != answer.json()["code"]


def test_any_text_may_be_searched_for(client):
    clerk = client("clerk")
    for text in ANY_TEXT:
        assert clerk.get(f"/api/addresses?q={text}").status_code == 200, text
        assert clerk.get(f"/api/divisions?q={text}").status_code == 200, text


def test_layers_and_addresses_answer_in_one_piece(client, land):
    clerk = client("clerk")
    layers = clerk.get("/api/layers").json()
    assert layers["base_map"] is None and {one["kind"] for one in layers["items"]} >= {"county", "unit_grid", "zone"}
    drawn = clerk.get("/api/layers/county.geojson", params={"zoom": 10}).json()
    assert drawn["type"] == "FeatureCollection" and len(drawn["features"]) == 3
    row = land.addresses[0]
    (first, *_) = clerk.get("/api/addresses", params={"q": row["poi"]}).json()["items"]
    assert (first["full"], first["name"]) == (row["address"], row["poi"])


def test_only_the_manager_of_places_changes_them(client, land):
    manager, clerk = client("data_steward"), client("clerk")
    change = {"name": "望江街道"}
    assert clerk.put("/api/divisions/990102001", json=change).status_code == 403
    renamed = manager.put("/api/divisions/990102001", json=change).json()
    assert (renamed["name"], renamed["valid_from"] is not None) == ("望江街道", True)
    history = clerk.get("/api/divisions/990102001").json()["history"]
    assert [one["name"] for one in history] == ["望澜街道", "望江街道"]
    added = manager.post("/api/divisions", json={"code": "990102001099", "name": "新桥社区"})
    assert added.status_code == 201 and added.json()["parent"] == "990102001000"
    assert manager.post("/api/divisions", json={"code": "990199001", "name": "无父街道"}).status_code == 422
    ended = manager.post("/api/divisions/990102001099/end", json={"valid_to": "2099-01-01"})
    assert ended.json()["items"][0]["valid_to"] == "2099-01-01"
    code = land.unit_grids["features"][3]["properties"]["code"]
    assert clerk.post(f"/api/unit-grids/{code}/void", json={"reason": "x"}).status_code == 403
    assert manager.post(f"/api/unit-grids/{code}/void", json={"reason": "改线"}).json()["state"] == "void"
    assert clerk.get(f"/api/unit-grids/{code}").json()["reason"] == "改线"
    assert manager.post(f"/api/unit-grids/{code}/void", json={"reason": "改线"}).json()["code"] == "places.grid_void"
    walk, post = land.duty_grids[2]["code"], ids.new("pst")
    url = f"/api/duty-grids/{walk}/duties/market"
    assert clerk.put(url, json={"post": post}).status_code == 403
    assert [one["post"] for one in manager.put(url, json={"post": post}).json()] == [post]
    listed = {one["code"]: one for one in clerk.get("/api/duty-grids").json()["items"]}
    assert [one["duty"] for one in listed[walk]["duties"]] == ["market"]


def test_nobody_reads_places_without_a_session(client):
    stranger = TestClient(client("clerk").app)
    for path in ("/api/divisions", "/api/layers", "/api/places/at?lon=1&lat=1", "/api/addresses", "/api/duty-grids"):
        assert stranger.get(path).status_code == 401


def test_the_layer_of_a_city_founded_anew_is_seen_at_once(client, db):
    clerk = client("clerk")
    before = clerk.get("/api/layers").json()["items"]
    with db.unit() as unit:
        founding.publish_boundaries(unit, ME, features(terrain.make(5).boundaries)[:1], label="second")
    after = clerk.get("/api/layers").json()["items"]
    assert before[0]["edition"] == "first" and after[0]["edition"] == "second"
