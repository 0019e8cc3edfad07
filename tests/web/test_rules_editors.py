"""The editors of the rules in a real browser: a flow as form and picture, and the year's notice."""

import pytest
from playwright.sync_api import expect

from tests.web.browser import Desks

pytestmark = pytest.mark.browser


def test_a_flow_is_changed_tried_and_proposed(desk: Desks, city):
    one = city.report("clerk")
    city.sign_in("clerk").do(one, "accept")
    seat = desk.sit("data_steward", "/admin/flows")
    page = seat.page
    page.get_by_label("版本").select_option(label="城管案卷 · 1 · 现行")
    page.get_by_role("button", name="编辑", exact=True).click()
    page.get_by_role("option", name="受理", exact=True).first.click()
    page.get_by_label("必须提供").select_option(label="原因")
    expect(page.get_by_text("检查通过：都可到达，无死胡同，判办分离")).to_be_visible()
    page.get_by_role("button", name="试运行").click()
    expect(page.get_by_text("1 件中 0 件可走通，1 件将被拦下")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="请填写原因")).to_be_visible()
    seat.press("Control+z")
    expect(page.get_by_role("button", name="保存", exact=False).first).to_be_enabled()
    seat.press("Control+y")
    page.get_by_role("button", name="提请发布").click()
    page.get_by_role("dialog").get_by_label("理由").fill("受理须写明原因")
    page.get_by_role("dialog").get_by_role("button", name="提请发布").click()
    expect(page.get_by_text("须由未参与编写的另一人确认")).to_be_visible()
    leader = desk.sit("leader", "/admin/flows")
    leader.page.get_by_role("tab", name="草稿").click()
    leader.page.get_by_role("row").filter(has_text="待确认").get_by_role("button").click()
    leader.page.get_by_role("button", name="发布", exact=True).click()
    leader.page.get_by_role("dialog").get_by_role("button", name="确认发布").click()
    leader.toast("已发布第 2 版")


def test_a_pasted_notice_is_read_on_the_year_view(desk: Desks, city):
    page = desk.sit("data_steward", "/admin/calendar").page
    page.get_by_role("button", name="录入放假通知").first.click()
    page.get_by_label("年份").fill("2027")
    page.get_by_label("粘贴国务院办公厅通知原文").fill("一、元旦：1月1日（周五）至3日（周日）放假，共3天。")
    page.get_by_role("button", name="识别").click()
    expect(page.get_by_text("元旦 2027-01-01 – 2027-01-03")).to_be_visible()
