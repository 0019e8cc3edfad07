"""The desks' views: counts from kept sums, each with the list that it opens; nobody else's."""

import pytest

from gangmu.core.overview import service
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, THERE, TOWN
from tests.flow.ground import PLACE, found, key, matter_of


@pytest.fixture
def ground(city):
    found(city)
    return city


def filed(city, **given):
    condition = matter_of(city.sign_in("clerk"), "urban_component", "0101")["conditions"][0]
    event = city.sign_in("clerk").do(city.report("patrol", **given), "accept")
    return city.sign_in("shift_leader").do(event, "register", condition_id=condition["id"])


def view(city, who, name):
    answer = city.sign_in(who).get(f"/api/overview/{name}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def opened(city, who, opens):
    """The list that a number opens."""
    answer = city.sign_in(who).get("/api/events", params={**opens, "limit": 200})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_the_shift_leader_sees_what_waits_and_since_when(ground):
    first = ground.sign_in("clerk").do(ground.report("patrol"), "accept")
    ground.forward(minutes=20)
    ground.sign_in("clerk").do(ground.report("patrol"), "accept")
    filed(ground)
    ground.settle()
    said = view(ground, "shift_leader", "shift")
    own = next(one for one in said["queues"] if one["key"] == "accepted")
    assert (own["own"], own["n"], own["holder"], own["first"]) == (True, 2, "shift_leader", first["id"])
    assert own["since"] < said["as_of"] and own["due_at"]
    assert said["queues"][0]["own"] and said["total"]["n"] == 3
    for queue in said["queues"]:
        assert len(opened(ground, "shift_leader", queue["opens"])) == queue["n"]


def test_the_quality_of_intake_tells_part_and_whole(ground):
    filed(ground)
    void = filed(ground)
    ground.sign_in("shift_leader").do(void, "void", reason="重复上报", answer="已并入他案")
    ground.settle()
    said = {one["id"]: one for one in view(ground, "shift_leader", "shift")["shares"]}
    assert (said["voided"]["part"], said["voided"]["whole"], said["voided"]["rate"]) == (1, 2, 0.5)
    assert (said["filed"]["part"], said["filed"]["whole"]) == (2, 2)
    assert said["reworked"]["rate"] is None
    there = {one["id"]: one for one in view(ground, "shift_leader@there", "shift")["shares"]}
    assert there["filed"] == {"id": "filed", "part": 0, "whole": 0, "rate": None}


def test_folding_changes_no_figure(ground):
    for _ in range(3):
        filed(ground)
    ground.settle()
    before = view(ground, "shift_leader", "shift")["shares"]
    with open_unit(System("test"), "fold") as unit:
        day = service.day_of(unit)
        service.store.fold_days(unit, day, 1)
        service.forget(unit)
    assert view(ground, "shift_leader", "shift")["shares"] == before


def test_the_department_sees_its_people_and_what_came_back(ground):
    event = ground.sign_in("dispatcher").do(filed(ground), "dispatch", lead_org=ground.orgs["市政处"])
    other = ground.sign_in("dispatcher").do(filed(ground), "dispatch", lead_org=ground.orgs["市政处"])
    filed(ground)
    lead = ground.sign_in("dept_lead")
    lead.do(event, "assign", handler_post=ground.posts["handler"])
    ground.settle()
    said = view(ground, "dept_lead", "department")
    assert said["total"]["n"] == 2
    staff = {(one["name"], one["n"]) for one in said["staff"]}
    assert staff == {("甲handler", 1), ("", 1)}
    path = f"/api/overview/staff/{ground.posts['handler']}/events"
    assert [one["id"] for one in lead.get(path).json()["items"]] == [event["id"]]
    assert ground.sign_in("cleaner_lead").get(path).json()["items"] == []
    lead.do(other, "return", reason="不属本处职责")
    ground.settle()
    happened = {one["what"]: one["n"] for one in view(ground, "dept_lead", "department")["happened"]}
    assert happened["return"] == 1
    assert view(ground, "cleaner_lead", "department")["total"]["n"] == 0


def test_the_leader_sees_departments_and_places_and_every_number_opens(ground):
    for lead in ("市政处", "市政处", "环卫处"):
        ground.sign_in("dispatcher").do(filed(ground, division=TOWN), "dispatch", lead_org=ground.orgs[lead])
    held = filed(ground, division=TOWN)
    ground.sign_in("supervisor").do(held, "supervise", reason="群众反映强烈")
    ground.forward(days=30)
    ground.settle()
    said = view(ground, "leader", "lead")
    assert {(one["name"], one["n"]) for one in said["departments"]} == {("市政处", 2), ("环卫处", 1)}
    assert all(one["late"] == one["n"] for one in said["departments"])
    assert said["total"]["supervised"] == 1 and said["places"][0]["n"] == 4
    for bar in (*said["departments"], *said["places"], said["total"]):
        assert len(opened(ground, "leader", bar["opens"])) == bar["n"]
    assert len(said["trend"]) == 14 and [day["day"] for day in said["trend"]] == sorted(d["day"] for d in said["trend"])
    there = view(ground, "supervisor@there", "lead")
    assert (there["total"]["n"], there["departments"], there["places"]) == (0, [], [])


def test_what_comes_again_and_again_is_found(ground):
    for _ in range(3):
        ground.report(
            "clerk", channel="hotline12345", division=HERE, lon=PLACE[0], lat=PLACE[1], address="柳泉路口",
            reporter={"name": "王小二", "phone": "13612345678"},
            matter_id=matter_of(ground.sign_in("clerk"), "urban_component", "0101")["id"],
        )  # fmt: skip
    ground.report("clerk@there", division=THERE)
    with open_unit(System("overview.repeats"), "test") as unit:
        assert service.find_repeats(unit) == 2
    said = view(ground, "leader", "lead")
    spot, caller = said["repeated_places"][0], said["repeated_callers"][0]
    assert (spot["n"], spot["address"], spot["division_name"]) == (3, "柳泉路口", "东区")
    assert caller["n"] == 3 and "13612345678" not in str(said) and "王小二" not in str(said)
    for one in (spot, caller):
        events = ground.sign_in("leader").get(f"/api/overview/repeats/{one['id']}/events").json()["items"]
        assert len(events) == 3
        assert ground.sign_in("supervisor@there").get(f"/api/overview/repeats/{one['id']}/events").status_code == 404
    there = view(ground, "supervisor@there", "lead")
    assert (there["repeated_places"], there["repeated_callers"]) == ([], [])


def test_views_are_for_those_whose_they_are(ground):
    for who, name in (("clerk", "shift"), ("handler", "department"), ("dispatcher", "lead"), ("system_admin", "lead")):
        assert ground.sign_in(who).get(f"/api/overview/{name}").status_code == 403, (who, name)


def test_a_desk_remembers_for_one_person_alone(ground):
    for who in ("clerk", "system_admin"):
        browser = ground.sign_in(who)
        put = browser.put("/api/desk/memory/first-steps", json={"value": {"clerk.1": who}}, headers=key())
        assert put.status_code == 204, put.text
        assert browser.get("/api/desk/memory").json()["items"] == {"first-steps": {"clerk.1": who}}
    assert ground.sign_in("dispatcher").get("/api/desk/memory").json()["items"] == {}
    big = {"value": {"x": "长" * 9000}}
    assert ground.sign_in("clerk").put("/api/desk/memory/a", json=big, headers=key()).json()["code"] == "invalid"
