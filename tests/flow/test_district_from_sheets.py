"""A district founded from spreadsheets: its lists come in as people keep them in WPS, then an event is dispatched by
the duty list that came with them."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from openpyxl import Workbook, load_workbook

from gangmu.kit import clock
from tests.city import Browser
from tests.flow.ground import CHINA, found
from tests.flow.test_dispatch import filed
from tests.flow.test_sheets import counts, send, taken_in


def untidy(title: str, heads: list[str], rows: list[list], merged: str = "", note: str = "注：以正式文件为准") -> bytes:
    """A workbook as WPS keeps it: a title over the whole width, headings over two rows with blanks in them, an empty
    line, trailing and full-width spaces, a merged cell, a note and who made it under the table."""
    book = Workbook()
    sheet = book.active
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(heads))
    sheet.append([f" {head} " for head in heads])
    sheet.append([])
    for at in range(1, len(heads) + 1):
        sheet.merge_cells(start_row=2, start_column=at, end_row=3, end_column=at)
    for row in rows:
        sheet.append([f"{cell}　 " if isinstance(cell, str) and cell else cell for cell in row])
    if merged:
        sheet.merge_cells(merged)
    sheet.append([])
    sheet.append([note])
    sheet.append(["制表：张三", "", "审核：李四"])
    sheet.row_dimensions[5].hidden = True
    book.create_sheet("Sheet2")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def district(city):
    found(city)
    return city


def all_good(told: dict, **wanted: int) -> None:
    assert told["state"] == "done" and counts(told) == wanted, told


def test_a_district_is_founded_from_spreadsheets_and_dispatches_by_them(district):
    city = district
    orgs = untidy(
        "东区组织机构一览表",
        ["名称", "类别", "层级", "区划代码", "上级组织"],
        [
            ["东区运行中心", "指挥中心", "区县", "990101", "市政府"],
            ["东区道路养护所", "专业部门", "区县", "９９０１０１", "东区运行中心"],
            ["东区路灯所", "专业部门", "区县", 990101, "东区运行中心"],
        ],
    )
    all_good(taken_in(city, "system_admin", "orgs", orgs), taken=3, added=3)
    people = untidy(
        "人员花名册",
        ["姓名", "电话"],
        [["林派遣", 13800000001], ["周养护", "138 0000 0002"], ["吴路灯", "１３８００００００３３"]],
    )
    all_good(taken_in(city, "system_admin", "people", people), taken=3, added=3)
    posts = untidy(
        "岗位表",
        ["姓名", "组织", "岗位名称", "到岗日期"],
        [
            ["林派遣", "东区运行中心", "派遣员", "2026年1月5日"],
            ["周养护", "东区道路养护所", "所长", "2026/1/5"],
            ["吴路灯", "东区路灯所", "所长", 46027],
        ],
    )
    all_good(taken_in(city, "system_admin", "posts", posts), taken=3, added=3)
    roles = untidy(
        "岗位角色",
        ["姓名", "单位", "岗位", "角色"],
        [
            ["林派遣", "东区运行中心", "", "dispatcher"],
            ["周养护", "东区道路养护所", "", "dept_lead；handler"],
            ["吴路灯", "东区路灯所", "", "dept_lead"],
        ],
    )
    all_good(taken_in(city, "security_admin", "roles", roles), taken=3, added=3)
    accounts = untidy(
        "账号",
        ["用户名", "姓名", "单位"],
        [["lin", "林派遣", "东区运行中心"], ["zhou", "周养护", "东区道路养护所"], ["wu", "吴路灯", "东区路灯所"]],
    )
    opened = taken_in(city, "system_admin", "accounts", accounts)
    all_good(opened, taken=3, added=3)
    answer = city.sign_in("system_admin").post(f"/api/sheets/imports/{opened['id']}/handout")
    first = {row[0]: row[3] for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)}

    classes = untidy(
        "本区补充事项",
        ["目录树", "编码", "名称", "本地扩展", "对应国标编码"],
        [["urban_component", "0190", "智慧井盖", "是", "0101"]],
    )
    all_good(taken_in(city, "data_steward", "classes", classes), taken=1, added=1)
    duties = untidy(
        "东区职责清单",
        [
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
        ],
        [
            [
                "urban_component",
                101,
                "990101",
                "县区级",
                "东区道路养护所",
                "东区路灯所、环卫处",
                "否",
                "三定规定",
                "是",
                "",
            ],
            ["urban_component", "0190", "990101", "县区级", "", "", "×", "三定规定", "√", ""],
            ["urban_component", "0102", "990101", "县区级", "没有这个单位", "", "否", "", "", ""],
        ],
        merged="E4:E5",
    )
    told = taken_in(city, "data_steward", "duties", duties)
    all_good(told, taken=3, added=2, bad=1)
    assert told["notes"]["hidden_rows"] == 1 and told["notes"]["notes"] >= 2
    calendar = untidy(
        "放假安排",
        ["日历", "日期", "是否上班", "名称", "来源"],
        [["cn", f"2032年10月{day}日", "否", "国庆节", "通知"] for day in range(1, 8)]
        + [["cn", "2032-10-09", "是", "", "通知"]],
    )
    all_good(taken_in(city, "data_steward", "calendar_days", calendar), taken=8, added=8)

    day = (clock.now().astimezone(CHINA) + timedelta(days=1)).date()
    rota = untidy(
        "值班表",
        ["组织", "值班类别", "日期", "班次", "起", "止", "姓名"],
        [["东区运行中心", "派遣", day.strftime("%Y年%m月%d日"), "白班", "8：00", "20：00", "林派遣"]],
    )
    all_good(taken_in(city, "system_admin", "rota", rota), taken=1, added=1)

    lin = Browser(city.app)
    lin.sign_in("lin", first["lin"])
    key = {"idempotency-key": uuid4().hex}
    changed = lin.put("/api/session/password", json={"old": first["lin"], "new": "New-District-2026"}, headers=key)
    assert changed.status_code < 300, changed.text
    lin.sign_in("lin", "New-District-2026")
    event = filed(city)
    (best, *_) = lin.get("/api/dispatch/suggest", params={"event": event["id"]}).json()["items"]
    assert best["name"] == "东区道路养护所" and [one["name"] for one in best["assistants"]] == [
        "东区路灯所",
        "环卫处",
    ]
    lin.do(event, "dispatch", lead_org=best["lead_org"])
    zhou = Browser(city.app)
    zhou.sign_in("zhou", first["zhou"])
    zhou.put(
        "/api/session/password",
        json={"old": first["zhou"], "new": "New-District-2026"},
        headers={"idempotency-key": uuid4().hex},
    )
    zhou.sign_in("zhou", "New-District-2026")
    assert zhou.sees(event)["id"] == event["id"]
    for kind, content, who in (
        ("orgs", orgs, "system_admin"),
        ("duties", duties, "data_steward"),
        ("posts", posts, "system_admin"),
    ):
        again = send(city.sign_in(who), kind, content)["sheet_import"]
        assert again["added"] == again["changed"] == 0, kind
