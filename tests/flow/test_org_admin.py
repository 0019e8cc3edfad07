"""Organisations, people and posts by their owners: endings, moves, phones, and the same by spreadsheet."""

import io
from datetime import datetime, timedelta

import pytest
from openpyxl import load_workbook

from gangmu.kit import clock
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, TOWN
from tests.flow.ground import CHINA, found, key
from tests.flow.test_roster import put_on
from tests.flow.test_sheets import book, taken_in


@pytest.fixture
def ground(city):
    found(city)
    return city


def org_of(admin, name):
    return next(one for one in admin.get("/api/orgs").json()["items"] if one["name"] == name)


def test_an_organisation_ends_with_a_successor_that_takes_its_people(ground):
    admin = ground.sign_in("system_admin")
    below = {"name": "市政所", "kind": "company", "level": "county", "division": HERE, "parent": ground.orgs["市政处"]}
    made = admin.post("/api/orgs", json=below, headers=key()).json()
    url = f"/api/orgs/{ground.orgs['市政处']}"
    hanging = {one["kind"]: one["count"] for one in admin.get(f"{url}/hanging").json()["items"]}
    assert hanging == {"org.post": 2, "org.below": 1}
    refused = admin.post(f"{url}/end", json={}, headers=key())
    assert (refused.status_code, refused.json()["code"]) == (409, "org.has_work")
    assert admin.post(f"{url}/end", json={"successor": made["id"]}, headers=key()).status_code == 422
    ended = admin.post(f"{url}/end", json={"successor": ground.orgs["环卫处"]}, headers=key())
    assert ended.status_code == 200, ended.text
    assert (ended.json()["active"], ended.json()["successor"]) == (False, ground.orgs["环卫处"])
    posts = admin.get("/api/posts", params={"org": ground.orgs["环卫处"]}).json()["items"]
    assert {"甲dept_lead", "甲handler", "甲cleaner_lead"} == {one["person_name"] for one in posts}
    assert org_of(admin, "市政所")["parent"] == ground.orgs["环卫处"]
    again = admin.post(f"{url}/end", json={}, headers=key())
    assert again.json()["code"] == "org.ended"
    new = {"person": posts[0]["person"], "org": ground.orgs["市政处"], "title": "x"}
    assert admin.post("/api/posts", json=new, headers=key()).json()["code"] == "org.ended"
    assert ground.sign_in("clerk").post(f"{url}/end", json={}, headers=key()).status_code == 403


def test_duties_and_events_hold_an_organisation_back(ground):
    from tests.flow.ground import duty
    from tests.flow.test_handover import dispatched

    duty(ground)
    dispatched(ground)
    admin = ground.sign_in("system_admin")
    body = {"successor": ground.orgs["环卫处"]}
    refused = admin.post(f"/api/orgs/{ground.orgs['市政处']}/end", json=body, headers=key())
    assert refused.json()["params"]["what"] == "duty.row, event.in_hand"
    shown = admin.get(f"/api/orgs/{ground.orgs['市政处']}/hanging").json()["items"]
    assert {"kind": "duty.row", "title": "Rows of the duty list", "count": 1} in shown
    assert len(admin.get("/api/posts", params={"org": ground.orgs["市政处"]}).json()["items"]) == 2, "nobody moved"


def test_a_post_moves_and_its_roles_are_granted_anew(ground):
    admin = ground.sign_in("system_admin")
    url = f"/api/posts/{ground.posts['patrol2']}"
    later = (clock.now() + timedelta(days=2)).isoformat()
    moved = admin.post(
        f"{url}/move", json={"org": ground.orgs["指挥中心"], "title": "派遣员", "at": later}, headers=key()
    )
    assert moved.status_code == 200, moved.text
    assert moved.json()["roles"] == []
    assert [one["id"] for one in ground.sign_in("patrol2").me["posts"]] == [ground.posts["patrol2"]]
    ground.forward(days=3)
    browser = ground.sign_in("patrol2", fresh=True)
    assert [one["org_name"] for one in browser.me["posts"]] == ["指挥中心"] and browser.me["permissions"] == []


def test_a_post_with_shifts_to_come_does_not_end_and_a_person_lets_go_of_all(ground):
    ground.forward(seconds=(datetime(2026, 9, 28, 7, tzinfo=CHINA) - clock.now()).total_seconds())
    shift = put_on(ground, "clerk", datetime(2026, 9, 29, 8, tzinfo=CHINA))
    admin = ground.sign_in("system_admin")
    person = ground.sign_in("clerk").me["person"]
    one = next(p for p in admin.get("/api/people", params={"q": "甲clerk"}).json()["items"] if p["id"] == person)
    body = {"name": one["name"], "active": False}
    assert admin.put(f"/api/people/{person}", json=body, headers=key()).json()["code"] == "org.has_work"
    dropped = ground.sign_in("shift_leader").post(
        f"/api/roster/shifts/{shift['id']}/drop", json={"version": 1}, headers=key()
    )
    assert dropped.status_code == 204
    assert admin.put(f"/api/people/{person}", json=body, headers=key()).json()["active"] is False
    assert admin.get("/api/posts", params={"person": person}).json()["items"] == []
    assert ground.sign_in("clerk").get("/api/events").status_code == 401


def test_phones_are_read_for_a_purpose_and_journaled(ground):
    person = ground.sign_in("clerk").me["person"]
    url = f"/api/people/{person}/phone"
    assert ground.sign_in("clerk").post(url, json={"purpose": "x"}, headers=key()).status_code == 403
    told = ground.sign_in("shift_leader").post(url, json={"purpose": "夜间叫班"}, headers=key())
    assert told.json() == {"phone": "13900000000"}
    journal = ground.sign_in("audit_admin").get("/api/journal", params={"about": person}).json()["items"]
    assert "夜间叫班" in str(journal) and "13900000000" not in str(journal)


# --- spreadsheets ----------------------------------------------------------------------------------------

ORGS = ["名称", "类别", "层级", "区划代码", "上级组织", "职责", "在用"]


def test_a_centre_brings_its_own_lists(ground):
    rows = [
        ["园林中心", "专业部门", "区县", HERE, "市政府", "绿化", ""],
        ["园林一所", "企业", "区县", HERE, "园林中心", "", ""],
        ["无上级", "企业", "区县", HERE, "没有的单位", "", ""],
    ]
    done = taken_in(ground, "system_admin", "orgs", book(rows, ORGS))
    assert (done["added"], done["bad"]) == (2, 1), done
    people = [["新来的", "13711112222", "", ""], ["没号的", "", "", ""], ["坏号", "abc", "", ""]]
    done = taken_in(ground, "system_admin", "people", book(people, ["姓名", "电话", "在职", "人员编号"]))
    assert (done["added"], done["bad"]) == (2, 1)
    posts = [
        ["新来的", "园林中心", "值班员", "", "2026-01-01", ""],
        ["没号的", "园林一所", "养护员", TOWN, "", ""],
        ["谁也不是", "园林一所", "养护员", "", "", ""],
    ]
    heads = ["姓名", "组织", "岗位名称", "区划代码", "到岗日期", "离岗日期"]
    done = taken_in(ground, "system_admin", "posts", book(posts, heads))
    assert (done["added"], done["bad"]) == (2, 1)
    again = taken_in(ground, "system_admin", "posts", book(posts[:2], heads))
    assert (again["unchanged"], again["added"]) == (2, 0)
    ends = [[*posts[1][:5], "2026-01-02"]]
    assert taken_in(ground, "system_admin", "posts", book(ends, heads))["ended"] == 1
    admin = ground.sign_in("system_admin")
    centre = org_of(admin, "园林中心")
    assert [one["title"] for one in admin.get("/api/posts", params={"org": centre["id"]}).json()["items"]] == ["值班员"]


def sheet(browser, kind, **asked):
    answer = browser.get(f"/api/sheets/{kind}/export.xlsx", params=asked)
    assert answer.status_code == 200, answer.text
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows()]


def test_a_list_of_people_shows_phones_to_who_may_read_them(ground):
    masked = sheet(ground.sign_in("clerk"), "people")
    assert "13900000000" not in str(masked) and "139****0000" in str(masked)
    person = ground.sign_in("clerk").me["person"]
    clear = sheet(ground.sign_in("shift_leader"), "people")
    assert "13900000000" in str(clear)
    journal = ground.sign_in("audit_admin").get("/api/journal", params={"about": person}).json()["items"]
    assert "export" in str(journal)
    back = taken_in(ground, "system_admin", "people", book(masked[1:], masked[0]))
    assert (back["unchanged"], back["bad"]) == (len(masked) - 1, 0), "what is masked leaves the number as it is"


@pytest.mark.parametrize("kind", ["orgs", "posts"])
def test_what_goes_out_comes_in_again(ground, kind):
    told = sheet(ground.sign_in("system_admin"), kind)
    back = taken_in(ground, "system_admin", kind, book(told[1:], told[0]))
    assert (back["unchanged"], back["bad"], back["changed"]) == (len(told) - 1, 0, 0), back


def test_a_rota_comes_from_a_sheet(ground):
    ground.forward(seconds=(datetime(2026, 9, 28, 7, tzinfo=CHINA) - clock.now()).total_seconds())
    heads = ["组织", "值班类别", "日期", "班次", "起", "止", "姓名", "岗位", "说明"]
    rows = [
        ["监督中心", "坐席", "2026-10-01", "白班", "08:00", "20:00", "甲clerk", "", ""],
        ["监督中心", "坐席", "2026年10月1日", "夜班", "20:00", "08:00", "甲patrol", "", ""],
        ["监督中心", "带班领导", "2026-10-01", "带班", "10:00", "12:00", "甲clerk", "", ""],
        ["监督中心", "坐席", "2026-10-02", "白班", "08:00", "20:00", "甲handler", "", ""],
        ["市政处", "值班员", "2026-10-02", "白班", "08:00", "20:00", "甲handler", "", ""],
    ]
    done = taken_in(ground, "shift_leader", "rota", book(rows, heads))
    assert (done["added"], done["bad"]) == (2, 3), done
    assert taken_in(ground, "shift_leader", "rota", book(rows[:2], heads))["unchanged"] == 2
    told = sheet(ground.sign_in("shift_leader"), "rota", month="2026-10")
    assert [row[3] for row in told[1:]] == ["Day", "Night"] or len(told) == 3
    assert len(sheet(ground.sign_in("shift_leader@there"), "rota", month="2026-10")) == 1
    assert len(sheet(ground.sign_in("dept_lead"), "rota", month="2026-10")) == 1


def test_the_people_of_a_sheet_are_told_apart_by_their_id(ground):
    with open_unit(System("test"), "a second one of the name") as unit:
        from gangmu.base import org

        org.add_person(unit, unit.actor, "甲clerk", "13800000001")
    heads = ["姓名", "电话", "在职", "人员编号"]
    unclear = taken_in(ground, "system_admin", "people", book([["甲clerk", "13800000002", "", ""]], heads))
    assert unclear["bad"] == 1
    person = ground.sign_in("clerk").me["person"]
    sure = taken_in(ground, "system_admin", "people", book([["甲clerk", "13800000002", "", person]], heads))
    assert sure["changed"] == 1
