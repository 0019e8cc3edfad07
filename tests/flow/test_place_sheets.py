"""Divisions and unit grids as spreadsheets: out, in again, with what is wrong row by row."""

import io

import pytest
import shapely
from openpyxl import load_workbook

from tests.city import HERE, TOWN
from tests.flow.ground import found
from tests.flow.test_sheets import book, send, taken_in

DIVISIONS = ["区划代码", "名称", "生效日期", "失效日期", "承接区划"]
GRIDS = ["网格编码", "社区代码", "状态", "作废原因", "边界"]
COMMUNITY = "990101001001"


def cell(n: int) -> str:
    """The outline of a grid of about a hundred metres, the n-th in a row."""
    return shapely.to_wkt(shapely.box(117.85 + n * 0.001, 36.79, 117.851 + n * 0.001, 36.791))


@pytest.fixture
def ground(city):
    found(city)
    return city


def exported(browser, kind, **params):
    answer = browser.get(f"/api/sheets/{kind}/export.xlsx", params=params)
    assert answer.status_code == 200, answer.text
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(n for n, row in enumerate(rows) if "区划代码" in row or "网格编码" in row)
    return [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :] if any(row)]


def looked(browser, kind, rows, heads):
    """What a file would do: its counts and the columns of its bad rows."""
    told = send(browser, kind, book(rows, heads))
    faults = {one["row"]: one["errors"][0] for one in told["errors"]}
    return told["sheet_import"], faults


def steward(city):
    browser = city.sign_in("data_steward")
    browser.headers["accept-language"] = "zh-CN"
    return browser


def test_divisions_go_out_and_come_in_again(ground):
    browser = steward(ground)
    rows = [
        [COMMUNITY, "人民社区", "", "", ""],
        ["990101001", "新东街道", "", "", ""],
        ["990109001", "无上级", "", "", ""],
        ["99x", "乱码", "", "", ""],
        ["990102", "", "", "", ""],
        ["880101", "外地", "", "", ""],
    ]
    told, _ = looked(browser, "divisions", rows, DIVISIONS)
    assert (told["added"], told["changed"], told["bad"]) == (1, 1, 4)
    assert browser.get("/api/divisions", params={"parent": TOWN}).json()["items"] == [], "a preview writes nothing"
    done = taken_in(ground, "data_steward", "divisions", book(rows, DIVISIONS))
    assert done["state"] == "done", done
    assert [one["name"] for one in browser.get("/api/divisions", params={"parent": TOWN}).json()["items"]] == [
        "人民社区"
    ]
    out = exported(browser, "divisions")
    names = {row["区划代码"]: row["名称"] for row in out}
    assert names[TOWN] == "新东街道" and names[COMMUNITY] == "人民社区"
    again, _ = looked(browser, "divisions", [[row[name] for name in DIVISIONS] for row in out], DIVISIONS)
    assert again["unchanged"] == len(out), "what was exported changes nothing"
    ended = [[COMMUNITY, "人民社区", "", "2099-01-01", ""]]
    done = taken_in(ground, "data_steward", "divisions", book(ended, DIVISIONS))
    assert done["ended"] == 1, done
    assert ground.sign_in("clerk").post(
        "/api/sheets/divisions/preview", files={"file": ("t.xlsx", b"x")}
    ).status_code in (
        403,
        422,
    )


def test_unit_grids_are_fitted_row_by_row(ground):
    browser = steward(ground)
    taken_in(ground, "data_steward", "divisions", book([[COMMUNITY, "人民社区", "", "", ""]], DIVISIONS))
    rows = [
        ["", COMMUNITY, "", "", cell(0)],
        [f"{COMMUNITY}007", "", "", "", cell(1)],
        ["", COMMUNITY, "", "", cell(1)],
        ["", "990101001999", "", "", cell(3)],
        ["", COMMUNITY, "", "", "POINT (1 2)"],
        ["", COMMUNITY, "", "", "=1+1 nonsense"],
        ["123", "", "", "", cell(5)],
        [f"{COMMUNITY}099", "", "作废", "画错", ""],
    ]
    told, faults = looked(browser, "unit_grids", rows, GRIDS)
    assert browser.get("/api/unit-grids", params={"code": HERE}).json()["items"] == [], "a preview writes nothing"
    good = [row for n, row in enumerate(rows) if n in (0, 1)]
    assert told["bad"] == 6 and faults[4]["reason"] == "places.reason.overlaps", faults
    done = taken_in(ground, "data_steward", "unit_grids", book(good, GRIDS))
    assert (done["state"], done["added"]) == ("done", 2), done
    codes = [one["code"] for one in browser.get("/api/unit-grids", params={"code": HERE}).json()["items"]]
    assert len(codes) == 2 and f"{COMMUNITY}007" in codes
    out = exported(browser, "unit_grids")
    assert {row["网格编码"] for row in out} == set(codes) and all(row["边界"] for row in out)
    again, _ = looked(browser, "unit_grids", [[row[name] for name in GRIDS] for row in out], GRIDS)
    assert again["unchanged"] == 2, "what was exported changes nothing"
    moved, _ = looked(browser, "unit_grids", [[f"{COMMUNITY}007", "", "", "", cell(9)]], GRIDS)
    assert moved["bad"] == 1, "a coded grid keeps its outline"
    voided = taken_in(ground, "data_steward", "unit_grids", book([[f"{COMMUNITY}007", "", "作废", "重划", ""]], GRIDS))
    assert voided["ended"] == 1, voided
    state = browser.get(f"/api/unit-grids/{COMMUNITY}007").json()
    assert (state["state"], state["reason"]) == ("void", "重划")
