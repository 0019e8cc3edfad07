"""What daily operations come back to, in a real browser: what changed at a source, files that came with orders, a place
put right, a stand-in narrowed, an edition of duties tried on the past."""

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from gangmu.core.docking import fetching
from gangmu.sdk.exchange import Link
from tests.city import HERE
from tests.flow.docked import linked
from tests.flow.ground import duty
from tests.flow.test_docking_files import a_photo, handed_over, of_event, shelf
from tests.unit.intake.conftest import HEADER, a_row, csv_bytes
from tests.web import town
from tests.web.browser import Desks

pytestmark = pytest.mark.browser


def taken_in(city, *edits):
    """A file taken in twice, the second time with other rows."""
    browser = city.sign_in("data_steward")
    for given in ({}, dict(edits)):
        rows = [a_row(n, 区划代码="990101", **given.get(n, {})) for n in range(1, 6)]
        answer = browser.post(
            "/api/imports",
            files={"file": ("orders.csv", csv_bytes([HEADER, *rows]), "text/csv")},
            data={"profile": "standard", "preview": "false"},
            headers={"idempotency-key": uuid4().hex},
        )
        assert answer.status_code == 200, answer.text
        city.settle()


def test_what_changed_at_the_source_is_decided_by_keyboard(desk: Desks, city):
    taken_in(
        city, (1, {"标题": "井盖已换新", "电话": "13811112222"}), (2, {"地址": "人民路二十号"}), (3, {"标题": "误报"})
    )
    seat = desk.sit("data_steward", "/admin/imports")
    page = seat.page
    page.get_by_role("tab", name="来源有变的行").click()
    table = page.get_by_role("table").last
    expect(table.get_by_role("row").filter(has_text="井盖已换新")).to_contain_text("姓名或电话有变")
    # look: imports
    seat.press("j", "Space", "j", "Space")
    seat.press("a")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("采纳 2 行")
    dialog.get_by_label("理由").fill("与来源核对过")
    # look: imports-accept
    seat.press("Control+Enter")
    seat.toast("已处理 2 行")
    seat.quiet()
    seat.press("m", "r")
    expect(dialog).to_contain_text("不采纳 1 行")
    dialog.get_by_label("理由").fill(" ")
    seat.press("Control+Enter")
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("理由").fill("以现场为准")
    seat.press("Control+Enter")
    seat.toast("已处理 1 行")
    expect(page.get_by_text("没有待处理的变化")).to_be_visible()
    page.get_by_label("显示").select_option(label="全部")
    expect(page.get_by_role("row").filter(has_text="以现场为准")).to_be_visible()
    # look: imports-decided


def test_files_that_came_with_an_order_are_on_its_event(desk: Desks, city):
    with shelf(a=(200, "image/jpeg", a_photo()), b=(200, "text/html", b"<html></html>")) as there:
        link = linked(city, there.address)
        handed_over(link, Link("现场照片.jpg", "/files/a"), Link("说明.html", "/files/b"))
        fetching.fetch(link)
        event, files = of_event(city)
        assert {one["state"] for one in files.values()} == {"fetched", "refused"}
        seat = desk.sit("dispatcher", f"/events/{event['id']}")
        page = seat.page
        page.get_by_role("tab", name="对接", exact=False).click()
        panel = page.get_by_role("tabpanel")
        expect(panel.get_by_role("row").filter(has_text="现场照片.jpg")).to_contain_text("已获取")
        expect(panel.get_by_role("row").filter(has_text="说明.html")).to_contain_text("不是可收的文件类型")
        # look: files-panel
        page.get_by_role("tab", name="证据", exact=False).first.click()
        expect(panel).to_contain_text("来自 市12345 N1")
        # look: files-evidence
        page.get_by_role("tab", name="对接", exact=False).click()
        panel.get_by_role("button", name="重新获取 说明.html").click()
        seat.toast("将重新获取")
        seat.go("/admin/docking")
        page.get_by_role("tab", name="附件").click()
        expect(page.get_by_role("row").filter(has_text="现场照片.jpg")).to_be_visible()
        # look: files-link


def test_a_place_is_put_right_after_where_it_belongs_was_read(desk: Desks, city):
    event = town.report(city)
    seat = desk.sit("dispatcher", f"/events/{event['id']}")
    page = seat.page
    expect(page.get_by_role("button", name="更正位置")).to_be_visible()
    seat.press("l")
    dialog = page.get_by_role("dialog")
    do = dialog.get_by_role("button", name="确认更正")
    expect(do).to_be_disabled()
    where = dialog.get_by_role("row").filter(has_text="街道（镇）")
    expect(where).to_contain_text("东街道")
    box = dialog.locator(".map canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2 + 30, box["y"] + box["height"] / 2 + 20)
    expect(dialog.get_by_text("移动约")).to_be_visible()
    dialog.get_by_label("理由").fill("现场核实")
    # look: place
    expect(do).to_be_enabled()
    seat.press("Control+Enter")
    seat.toast("位置已更正")
    moved = city.sign_in("dispatcher").sees(event)
    assert (moved["lon"], moved["lat"]) != (event["lon"], event["lat"])
    page.get_by_role("tab", name="经过", exact=False).first.click()
    expect(page.get_by_role("tabpanel")).to_contain_text("更正位置")


def test_a_stand_in_is_narrowed_to_what_is_marked(desk: Desks, city):
    seat = desk.sit("dept_lead", "/admin/absence")
    page = seat.page
    page.get_by_role("button", name="安排", exact=False).first.click()
    dialog = page.get_by_role("dialog")
    # look: standin-open
    post = dialog.get_by_role("combobox", name="岗位", exact=False).first
    post.click()
    post.fill("handler")
    page.get_by_role("listbox").get_by_role("option").filter(has_text="甲handler").first.click()
    dialog.get_by_label("只代办部分权限").check()
    first = dialog.locator(".held input").first
    first.check()
    expect(dialog.get_by_text("已选 1 项")).to_be_visible()
    # look: standin


def test_an_edition_is_tried_behind_the_screen(desk: Desks, city, database):
    duty(city)
    town.report(city)
    with database.unit() as unit:
        day = (unit.now + timedelta(days=3)).date().isoformat()
    steward = city.sign_in("data_steward")
    head = {"idempotency-key": uuid4().hex}
    one = steward.post("/api/duties/editions", json={"title": "夏季调整", "valid_from": day}, headers=head).json()
    row = {
        "lead_org": city.orgs["环卫处"],
        "basis": "新三定",
        "tree": "urban_component",
        "code": "0101",
        "division": HERE,
    }
    body = {"version": one["version"], "do": "add", "row": None, "duty": {**row, "verified": True}}
    put = steward.put(f"/api/duties/editions/{one['id']}/changes", json=body, headers={"idempotency-key": uuid4().hex})
    assert put.status_code == 200, put.text
    seat = desk.sit("data_steward", "/admin/duties")
    page = seat.page
    page.get_by_role("tab", name="版本", exact=False).click()
    page.get_by_role("button", name="夏季调整", exact=False).click()
    page.get_by_role("button", name="试运行").click()
    expect(page.get_by_role("status").filter(has_text="1 件")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="环卫处").first).to_be_visible()
    # look: tryout
