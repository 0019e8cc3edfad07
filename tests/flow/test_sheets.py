"""Spreadsheets over HTTP: templates, exports, previews, imports with their bad rows, rights."""

import io
from dataclasses import replace
from uuid import uuid4

import pytest
from openpyxl import Workbook, load_workbook

from gangmu.kit import sheet_kinds
from tests.city import HERE
from tests.flow.ground import found

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADS = [
    "目录",
    "分类编码",
    "区划代码",
    "职责层级",
    "主办单位",
    "协办单位",
    "可由镇街承担",
    "依据",
    "已核实",
    "生效日期",
]
GOOD = ["urban_component", "0101", HERE, "县区级", "市政处", "环卫处", "否", "三定规定", "是", ""]


@pytest.fixture
def ground(city):
    found(city)
    return city


def book(rows, heads=None, title="职责清单") -> bytes:
    made = Workbook()
    sheet = made.active
    sheet.title = title
    for row in [heads or HEADS, *rows]:
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def send(browser, kind, content, tail="preview", name="t.xlsx", expect=200):
    answer = browser.post(
        f"/api/sheets/{kind}/{tail}",
        files={"file": (name, content, MIME)},
        headers={"idempotency-key": uuid4().hex},
    )
    assert answer.status_code == expect, answer.text
    return answer.json()


def taken_in(city, who, kind, content, name="t.xlsx"):
    """A file taken in to the end: the import."""
    browser = city.sign_in(who)
    begun = send(browser, kind, content, "imports", name, 202)
    city.settle()
    return browser.get(f"/api/sheets/imports/{begun['id']}").json()


def changed(**cells):
    row = dict(zip(HEADS, GOOD, strict=True)) | {"分类编码": "0102", **cells}
    return list(row.values())


def counts(told):
    return {name: told[name] for name in ("taken", "added", "changed", "unchanged", "ended", "bad") if told[name]}


def test_good_rows_are_kept_and_bad_ones_told(ground):
    rows = [
        GOOD,
        changed(目录="没有"),
        changed(分类编码="9999"),
        changed(区划代码="11"),
        changed(主办单位="没有这个单位"),
        changed(职责层级="省级"),
        changed(可由镇街承担="也许"),
        changed(主办单位="东街道"),
        changed(生效日期="明天"),
        GOOD,
        [],
    ]
    steward = ground.sign_in("data_steward")
    tried = send(steward, "duties", book(rows))
    assert tried["sheet_import"]["state"] == "previewed"
    assert tried["sheet_import"]["total"] == 10 and counts(tried["sheet_import"]) == {"added": 1, "bad": 9}
    assert steward.get("/api/duties").json()["items"] == []
    started = steward.post(f"/api/sheets/imports/{tried['sheet_import']['id']}/start")
    assert started.json()["state"] == "running"
    ground.settle()
    done = steward.get(f"/api/sheets/imports/{tried['sheet_import']['id']}").json()
    assert done["state"] == "done" and counts(done) == {"taken": 10, "added": 1, "bad": 9}
    bad = steward.get(f"/api/sheets/imports/{done['id']}/errors").json()["items"]
    assert [(each["row"], each["errors"][0]["field"], each["errors"][0]["reason"]) for each in bad] == [
        (3, "tree", "unknown_tree"),
        (4, "code", "unknown_class"),
        (5, "division", "unknown_division"),
        (6, "lead", "unknown_org"),
        (7, "level", "not_a_choice"),
        (8, "to_towns", "neither_yes_nor_no"),
        (9, "lead", "contradiction"),
        (10, "valid_from", "not_a_date"),
        (11, "level", "twice"),
    ]
    assert all("sheet." not in error["message"] for each in bad for error in each["errors"])
    kept = steward.get("/api/duties").json()["items"]
    assert [(each["code"], each["lead_name"], each["verified"]) for each in kept] == [("0101", "市政处", True)]


def test_the_same_file_twice_changes_nothing_and_another_makes_editions(ground):
    assert counts(taken_in(ground, "data_steward", "duties", book([GOOD]))) == {"taken": 1, "added": 1}
    assert counts(taken_in(ground, "data_steward", "duties", book([GOOD]))) == {"taken": 1, "unchanged": 1}
    moved = changed(分类编码="0101", 主办单位="环卫处", 协办单位="")
    assert counts(taken_in(ground, "data_steward", "duties", book([moved]))) == {"taken": 1, "changed": 1}
    (kept,) = ground.sign_in("data_steward").get("/api/duties").json()["items"]
    assert kept["lead_name"] == "环卫处"


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("kind", ["duties", "classes", "conditions", "calendar_days", "calendar_hours"])
def test_what_goes_out_comes_in_again(ground, kind, lang):
    taken_in(ground, "data_steward", "duties", book([changed(依据="=HYPERLINK(1)"), GOOD]))
    steward = ground.sign_in("data_steward")
    steward.headers["accept-language"] = lang
    out = steward.get(f"/api/sheets/{kind}/export.xlsx").content
    sheet = load_workbook(io.BytesIO(out)).active
    assert sheet.max_row > 1 and sheet.cell(1, 1).font.bold
    told = send(steward, kind, out)["sheet_import"]
    assert told["unchanged"] == told["total"] > 0 and told["bad"] == 0, send(steward, kind, out)["errors"][:3]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_a_template_explains_itself_and_bad_rows_come_back_to_be_mended(ground):
    steward = ground.sign_in("data_steward")
    steward.headers["accept-language"] = "zh-CN"
    made = load_workbook(io.BytesIO(steward.get("/api/sheets/duties/template.xlsx").content))
    first, notes = made.worksheets
    heads = [cell.value for cell in first[1]]
    assert heads[:3] == ["目录 *", "分类编码", "区划代码 *"] and "事项" not in heads
    assert [notes.cell(2, at).value for at in range(1, 4)] == ["目录", "是", "编码：数字和字母，按文本填写"]
    assert first.data_validations.dataValidation
    first.append(["urban_component", "0101", HERE, "县区级", "没有的单位"])
    first.append(["urban_component", "0102", HERE, "县区级", "市政处"])
    out = io.BytesIO()
    made.save(out)
    done = taken_in(ground, "data_steward", "duties", out.getvalue())
    assert counts(done) == {"taken": 2, "added": 1, "bad": 1}
    bad = load_workbook(io.BytesIO(steward.get(f"/api/sheets/imports/{done['id']}/errors.xlsx").content))
    sheet = bad.active
    (row,) = list(sheet.iter_rows(min_row=2, values_only=True))
    assert row[-2] == 2 and row[-1] == "主办单位：没有这个单位，或已停用：没有的单位"
    sheet.cell(2, heads.index("主办单位 *") + 1).value = "市政处"
    out = io.BytesIO()
    bad.save(out)
    assert counts(taken_in(ground, "data_steward", "duties", out.getvalue())) == {"taken": 1, "added": 1}


def test_rights_are_those_of_the_kind(ground):
    of = {}
    for who in ("data_steward", "dispatcher", "system_admin", "security_admin"):
        items = ground.sign_in(who).get("/api/sheets").json()["items"]
        of[who] = {one["id"]: one["may_write"] for one in items}
    assert of["data_steward"]["duties"] and of["dispatcher"]["duties"] is False
    assert of["system_admin"]["accounts"] and of["security_admin"]["roles"]
    assert "accounts" not in of["dispatcher"] and "accounts" not in of["security_admin"]
    assert "duties" not in of["system_admin"] or not of["system_admin"]["duties"]
    send(ground.sign_in("dispatcher"), "duties", book([GOOD]), expect=403)
    send(ground.sign_in("dispatcher"), "duties", book([GOOD]), "imports", expect=403)
    send(ground.sign_in("data_steward"), "accounts", book([GOOD]), expect=404)
    assert ground.sign_in("data_steward").get("/api/sheets/accounts/export.xlsx").status_code == 404
    told = send(ground.sign_in("data_steward"), "duties", book([GOOD]))
    for path in ("", "/errors", "/errors.xlsx"):
        mine = f"/api/sheets/imports/{told['sheet_import']['id']}{path}"
        assert ground.sign_in("data_steward").get(mine).status_code == 200
        assert ground.sign_in("dispatcher").get(mine).status_code == 404
    assert (
        ground.sign_in("dispatcher").post(f"/api/sheets/imports/{told['sheet_import']['id']}/start").status_code == 404
    )


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no", b"plain text", book([[1, 2]], ["a", "b"]), b"\xd0\xcf\x11\xe0"]
)
def test_what_is_no_table_of_the_kind_is_refused_whole(ground, content):
    refused = send(ground.sign_in("data_steward"), "duties", content, expect=422)
    assert refused["code"] == "sheet.bad" and "{" not in refused["title"]


def test_an_import_is_cancelled_and_goes_no_further(ground):
    steward = ground.sign_in("data_steward")
    content = book([GOOD])
    begun = send(steward, "duties", content, "imports", expect=202)
    again = send(steward, "duties", content, "imports", expect=202)
    assert again["id"] == begun["id"]  # the same file is not begun twice
    assert steward.post(f"/api/sheets/imports/{begun['id']}/cancel").json()["state"] == "cancelled"
    ground.settle()
    assert steward.get("/api/duties").json()["items"] == []
    assert steward.post(f"/api/sheets/imports/{begun['id']}/cancel").status_code == 409


def test_a_crash_between_batches_goes_on_behind_them(ground):
    duties, begun_batches = sheet_kinds.find_kind("duties"), []

    def start(unit, actor, only_look):
        begun_batches.append(1)
        if len(begun_batches) == 2:
            raise KeyboardInterrupt
        return duties.start(unit, actor, only_look)

    sheet_kinds.sheet_kind(replace(duties, batch=2, start=start))  # the same kind, in small batches
    try:
        codes = ["0101", "0102", "0103", "0104", "0105"]
        content = book([changed(分类编码=code) for code in codes] + [changed(分类编码="0101")])
        begun = send(ground.sign_in("data_steward"), "duties", content, "imports", expect=202)
        with pytest.raises(KeyboardInterrupt):
            ground.settle()
        half = ground.sign_in("data_steward").get(f"/api/sheets/imports/{begun['id']}").json()
        assert (half["state"], half["taken"], half["added"]) == ("running", 2, 2)
        ground.settle()
        done = ground.sign_in("data_steward").get(f"/api/sheets/imports/{begun['id']}").json()
        assert done["state"] == "done" and counts(done) == {"taken": 6, "added": 5, "bad": 1}
        assert len(begun_batches) == 4
    finally:
        sheet_kinds.sheet_kind(duties)


def test_calendars_come_from_a_sheet(ground):
    heads = ["日历", "日期", "是否上班", "名称", "上班时间", "来源"]
    notice = "某通知"
    rows = [["cn", f"2031年10月{day}日", "否", "国庆节", "", notice] for day in range(1, 8)]
    rows += [["cn", "2031/9/28", "是", "", "", notice], ["cn", "20311011", "是", "", "8：00—12：00", notice]]
    rows += [["没有", "20311012", "是", "", "", ""], ["cn", "20311013", "是", "", "从早到晚", ""]]
    done = taken_in(ground, "data_steward", "calendar_days", book(rows, heads))
    assert counts(done) == {"taken": 11, "added": 9, "bad": 2}
    year = ground.sign_in("data_steward").get("/api/calendars/cn/year/2031").json()
    days = {each["date"]: each for each in year["days"]}
    assert days["2031-10-01"]["why"] == "holiday" and days["2031-09-28"]["why"] == "swapped"
    whole = ground.sign_in("data_steward").get("/api/calendars/cn").json()
    assert 2031 in whole["years"]
    rows = [["cn", "", "", "09:00-12:00,13:00-17:00"], ["cn", "夏季", "05-01至09-30", "08:00-12:00，15:00-18:30"]]
    hours = book(rows, ["日历", "名称", "季节", "上班时间"])
    assert counts(taken_in(ground, "data_steward", "calendar_hours", hours)) == {"taken": 2, "added": 1, "changed": 1}
    whole = ground.sign_in("data_steward").get("/api/calendars/cn").json()
    assert whole["hours"] == "09:00-12:00,13:00-17:00" and whole["season_hours"][0]["title"] == "夏季"


def test_accounts_are_opened_and_first_passwords_handed_out_once(ground):
    from gangmu.base import org
    from gangmu.kit.actor import System
    from gangmu.kit.unit import open_unit

    with open_unit(System("test"), "hire") as unit:
        one = org.add_person(unit, unit.actor, "新人")
        org.add_post(unit, unit.actor, one.id, ground.orgs["市政处"], "处置员", HERE)
    heads = ["用户名", "姓名", "单位", "岗位"]
    rows = [
        ["xinren", "新人", "市政处"],
        ["handler", "新人", "市政处"],
        ["x", "新人", "市政处"],
        ["y1", "没有人", "市政处"],
    ]
    admin = ground.sign_in("system_admin")
    assert counts(send(admin, "accounts", book(rows, heads))["sheet_import"])["bad"] == 3
    done = taken_in(ground, "system_admin", "accounts", book(rows, heads))
    assert counts(done) == {"taken": 4, "added": 1, "bad": 3} and done["handout"]
    given = [
        ["新人", "市政处", "", "handler"],
        ["新人", "市政处", "处置员", "nobody"],
        ["没有人", "市政处", "", "handler"],
    ]
    roles = book(given, ["姓名", "单位", "岗位", "角色"])
    assert counts(taken_in(ground, "security_admin", "roles", roles)) == {"taken": 3, "added": 1, "bad": 2}
    key = {"idempotency-key": uuid4().hex}
    answer = admin.post(f"/api/sheets/imports/{done['id']}/handout", headers=key)
    again = admin.post(f"/api/sheets/imports/{done['id']}/handout", headers=key)
    assert again.content == answer.content and again.headers["content-type"] == answer.headers["content-type"]
    assert again.headers["content-disposition"] == answer.headers["content-disposition"]
    sheet = load_workbook(io.BytesIO(answer.content)).active
    (row,) = list(sheet.iter_rows(min_row=2, values_only=True))
    assert row[:3] == ("xinren", "新人", "市政处")
    assert admin.post(f"/api/sheets/imports/{done['id']}/handout").status_code == 404
    fresh = admin.post("/api/session", json={"username": "xinren", "password": row[3]})
    assert fresh.status_code == 200


def test_the_catalogue_is_edited_in_a_sheet(ground):
    heads = ["目录树", "编码", "名称", "英文名称", "本地扩展", "对应国标编码", "停用"]
    rows = [
        ["urban_event", 107, "沿街晾晒", "", "", "", ""],  # typed as a number: its zero is given back
        ["urban_event", "0190", "临街油污", "Oil on the street", "是", "0112", ""],
        ["urban_event", "0190", "又一次", "", "", "", ""],
        ["urban_event", "777", "不合规则", "", "", "", ""],
        ["moon", "01", "没有", "", "", "", ""],
    ]
    done = taken_in(ground, "data_steward", "classes", book(rows, heads))
    assert counts(done) == {"taken": 5, "added": 1, "changed": 1, "bad": 3}
    steward = ground.sign_in("data_steward")
    (made,) = steward.get("/api/matter/classes", params={"q": "临街油污"}).json()["items"]
    heads = ["目录树", "编码", "序号", "立案条件", "时限", "结案条件", "责任单位"]
    rows = [
        ["urban_event", "0190", "", "路面油污", "2h", "已清洗 / Washed", "环卫、市政"],
        ["urban_event", "0190", "", "坏", "明天", "", ""],
    ]
    for outcome in ("added", "unchanged"):
        done = taken_in(ground, "data_steward", "conditions", book(rows, heads))
        assert counts(done) == {"taken": 2, outcome: 1, "bad": 1}
    (condition,) = steward.get(f"/api/matter/classes/{made['id']}").json()["conditions"]
    assert (condition["limit"], made["national"], condition["units"]) == ("2h", "0112", ["环卫", "市政"])
