"""Plain administration in a real browser: accounts, roles, duty list, catalogue, calendar, and the house itself."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from gangmu.kit.actor import System
from gangmu.kit.tables import job
from gangmu.kit.unit import open_unit
from tests.city import HERE, PASSWORD
from tests.web import town
from tests.web.browser import Desks, Seat
from tests.web.test_desk import choose, sign_in

pytestmark = pytest.mark.browser


def to(seat: Seat, page: str) -> Page:
    """Another page of administration, by its menu."""
    seat.page.get_by_role("navigation", name="管理", exact=True).get_by_role("link", name=page, exact=True).click()
    expect(seat.page.get_by_role("heading", name=page, exact=True)).to_be_visible()
    return seat.page


def test_an_account_is_opened_and_used_and_rights_are_granted_by_another_administrator(desk: Desks, city):
    system = desk.sit("system_admin", "/admin")
    page = to(system, "人员与岗位")
    page.get_by_role("button", name="新增").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称").fill("新来的")
    dialog.get_by_label("电话").fill("13700000000")
    dialog.get_by_role("button", name="保存").click()
    system.toast("已保存")
    row = page.get_by_role("row").filter(has_text="新来的")
    row.get_by_role("button", name="设岗").click()
    choose(dialog.get_by_role("combobox", name="单位"), "指挥中心", "指挥中心")
    dialog.get_by_label("岗位名称").fill("夜班派遣员")
    dialog.get_by_role("button", name="保存").click()
    system.toast("已保存")
    expect(row).to_contain_text("夜班派遣员")
    expect(row.get_by_role("button", name="授权")).to_have_count(0)
    page = to(system, "账号")
    page.get_by_role("button", name="开户").click()
    choose(dialog.get_by_role("combobox", name="人员"), "新来的", "新来的")
    dialog.get_by_label("用户名").fill("night")
    dialog.get_by_label("首次密码").fill(PASSWORD)
    dialog.get_by_role("button", name="保存").click()
    system.toast("已保存")
    expect(page.get_by_role("row").filter(has_text="night")).to_contain_text("须改密码")

    security = desk.sit("security_admin", "/admin")
    page = to(security, "人员与岗位")
    expect(page.get_by_role("button", name="新增")).to_have_count(0)
    page.get_by_role("row").filter(has_text="新来的").get_by_role("button", name="授权").click()
    page.get_by_role("dialog").get_by_role("checkbox", name="派遣员", exact=True).check()
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    security.toast("已保存")
    expect(page.get_by_role("row").filter(has_text="新来的")).to_contain_text("派遣员")

    night = desk.open().go("/")
    sign_in(night, "night", PASSWORD)
    night.page.get_by_label("原密码").fill(PASSWORD)
    night.page.get_by_label("新密码").fill("Quiet-Owl-2026")
    night.page.get_by_label("再输一遍").fill("Quiet-Owl-2026")
    night.press("Enter")
    expect(night.page.get_by_role("heading", name="我的待办")).to_be_visible()
    expect(night.page.get_by_role("banner")).to_contain_text("夜班派遣员")


def test_the_rules_are_edited_by_the_data_steward(desk: Desks, city):
    seat = desk.sit("data_steward", "/admin")
    page = to(seat, "事项目录")
    page.get_by_label("目录", exact=True).select_option(label="城管部件")
    page.get_by_placeholder("输入名称、代码或拼音首字母").fill("0101")
    page.get_by_role("treeitem").filter(has_text="0101").first.click()
    condition = page.locator(".condition").first
    text = condition.locator("span").first.inner_text()
    condition.get_by_role("button", name="修改").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("时限").fill("nonsense")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("时限").fill("5ud")
    dialog.get_by_role("button", name="保存").click()
    seat.toast("已保存")
    expect(page.locator(".condition").filter(has_text=text).first).to_contain_text("5")

    page = to(seat, "职责清单")
    expect(page.get_by_test_id("state-empty")).to_be_visible()
    page.get_by_role("button", name="新增").click()
    choose(dialog.get_by_role("combobox", name="事项分类"), "上水井盖", "上水井盖")
    dialog.get_by_label("区划代码").fill(HERE)
    dialog.get_by_label("层级").select_option(label="区县")
    choose(dialog.get_by_role("combobox", name="主办单位"), "市政处", "市政处")
    dialog.get_by_label("依据").fill("东区部门三定规定")
    dialog.get_by_role("button", name="保存").click()
    seat.toast("已保存")
    row = page.get_by_role("row").filter(has_text="市政处")
    expect(row).to_contain_text("东区部门三定规定")
    expect(row).to_contain_text("东区")

    page = to(seat, "工作日历")
    day = page.get_by_role("button").filter(has=page.locator("sup")).first
    day.click()
    day_name = dialog.get_by_role("heading").inner_text()
    dialog.get_by_role("checkbox").click()
    dialog.get_by_label("名称").fill("临时安排")
    dialog.get_by_role("button", name="保存").click()
    seat.toast("已保存")
    expect(page.locator(f"#day-{day_name}")).to_have_attribute("title", re.compile("临时安排"))

    page = to(seat, "流程")
    picture = page.get_by_role("img", name="流程图")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 300")
    page.get_by_role("button", name="检查").click()
    expect(page.get_by_text("检查通过：都可到达，无死胡同，判办分离")).to_be_visible()
    page.get_by_role("tab", name="动作").click()
    expect(page.get_by_role("row").filter(has_text="立案条件").first).to_be_visible()


def test_dead_letters_are_run_again_and_the_journal_tells_who_did_it(desk: Desks, city):
    made = town.report(city)
    with open_unit(System("test"), "a job that failed too often") as unit:
        unit.at(unit.now + timedelta(days=1), "event.resume", made["id"], "none")
    with open_unit(System("test"), "put on the page") as unit:
        mine = (job.c.name == "event.resume", job.c.about == made["id"])
        unit.run(sa.update(job).where(*mine).values(state="dead", attempts=8, error="Busy: busy"))
    system = desk.sit("system_admin", "/admin/dead")
    row = system.page.get_by_role("row").filter(has_text="event.resume")
    expect(row).to_contain_text("Busy: busy")
    row.get_by_role("button", name="重新执行").click()
    system.toast("已重新排队")
    expect(system.page.get_by_test_id("state-empty")).to_contain_text("没有死信")
    audit = desk.sit("audit_admin", "/admin/journal")
    entry = audit.page.get_by_role("row").filter(has_text="/rerun")
    expect(entry).to_contain_text("甲system_admin")
