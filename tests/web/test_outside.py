"""What goes out and what ends, in a real browser: webhooks, retention, drawing by lot, the notice that everybody reads."""

import pytest
from playwright.sync_api import expect

from gangmu.core import sampling
from gangmu.kit import journal, journal_search, seal
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, hire
from tests.flow.test_webhooks import application
from tests.web.browser import Desks

pytestmark = pytest.mark.browser


def test_a_webhook_is_subscribed_and_its_secret_shown_once(desk: Desks, city):
    made = application(city)
    page = desk.sit("security_admin", "/admin/webhooks").page
    page.get_by_role("button", name="新增推送").click()
    form = page.get_by_role("dialog")
    form.get_by_label("应用").select_option(label=made["name"])
    form.get_by_label("名称").fill("路灯")
    form.get_by_label("地址").fill("https://lights.example.gov.cn/hook")
    form.get_by_label("时限超期").check()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog").filter(has_text="gmw_")).to_be_visible()
    page.keyboard.press("Escape")
    row = page.get_by_role("row").filter(has_text="路灯").first
    expect(row).to_contain_text("事件立案 · 事件结案 · 时限超期")
    row.get_by_role("button", name="暂停 路灯").click()
    expect(row).to_contain_text("已暂停")
    expect(page.get_by_text("还没有推送")).to_be_visible()


def test_rules_of_retention_are_seen_and_changed_and_the_notice_says_so(desk: Desks, city):
    page = desk.sit("data_steward", "/admin/retention").page
    row = page.get_by_role("row").filter(has_text="反映人").first
    expect(row).to_contain_text("1095 天")
    row.get_by_role("button", name="修改").click()
    page.get_by_role("dialog").get_by_label("保存天数").fill("730")
    page.keyboard.press("Control+Enter")
    expect(row).to_contain_text("730 天")
    nobody = desk.open().go("/inbox").page
    nobody.get_by_role("link", name="个人信息留存告知").click()
    expect(nobody.get_by_role("row").filter(has_text="反映人")).to_contain_text("2 年")


def test_the_auditor_of_cases_takes_a_file_along(desk: Desks, city, database, tmp_path):
    with open_unit(System("test"), "hire") as unit:
        hire(unit, city, "case_auditor", "case_auditor", city.orgs["监督中心"], HERE)
    event = city.report()
    journal_search.use(database.folder / "journal")
    city.settle()
    while journal.seal_tail(database.folder / "journal"):
        pass
    page = desk.sit("case_auditor", "/admin/sampling").page
    page.get_by_label("种子").fill("2026-11")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="抽取").click()
    path = tmp_path / "sample.html"
    waiting.value.save_as(path)
    found = sampling.check(path.read_bytes(), seal.keys().verifier.public_bytes_raw().hex())
    assert found.ok and found.cases == 1 and event["case_no"] in path.read_text("utf-8")
    expect(page.get_by_role("row").filter(has_text="2026-11")).to_contain_text("1 / 1")
