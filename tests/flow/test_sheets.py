"""Spreadsheets over HTTP: templates, exports, previews, imports with their bad rows, rights."""

import io
from uuid import uuid4

import pytest
from openpyxl import Workbook, load_workbook

from tests.city import HERE
from tests.flow.ground import found

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADS = ["目录", "分类编码", "区划代码", "职责层级", "主办单位", "协办单位", "可由镇街承担", "依据", "已核实", "生效日期"]
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
