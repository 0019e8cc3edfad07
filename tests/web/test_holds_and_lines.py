"""A matter on hold on its own page, and the bell of lines that are down, in a real browser."""

import os

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from gangmu.base.access import applications
from gangmu.core.webhook import service as webhooks
from gangmu.core.webhook.store import webhook
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE
from tests.web import town
from tests.web.browser import Desks, Seat

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("GANGMU_TEST_SHOTS")


def shot(seat: Seat, name: str) -> None:
    if SHOTS:
        seat.page.screenshot(path=f"{SHOTS}/{name}.png")


def test_a_matter_is_put_on_hold_by_key_and_lifted_by_a_second_person(desk: Desks, city):
    event = town.report(city)
    first = desk.sit("supervisor", f"/events/{event['id']}")
    page = first.page
    expect(page.get_by_role("button", name="设为保全")).to_be_visible()
    shot(first, "hold-0")
    page.keyboard.press("h")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("理由")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_label("理由")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("理由").fill("当事人申请行政复议，复议决定作出前保全")
    shot(first, "hold-1")
    page.keyboard.press("Control+Enter")
    first.toast("已设为保全，到期不删除")
    mark = page.get_by_test_id("hold")
    expect(mark).to_contain_text("保全中")
    expect(mark).to_contain_text("当事人申请行政复议")
    expect(mark).to_contain_text("须由他人解除")
    expect(page.get_by_role("button", name="设为保全")).to_have_count(0)
    shot(first, "hold-2")

    clerk = desk.sit("clerk", f"/events/{event['id']}").page
    expect(clerk.get_by_test_id("hold")).to_contain_text("保全中")
    expect(clerk.get_by_test_id("hold")).not_to_contain_text("复议")
    expect(clerk.get_by_role("button", name="解除保全")).to_have_count(0)

    second = desk.sit("evaluator", f"/events/{event['id']}")
    expect(second.page.get_by_test_id("hold")).to_contain_text("甲supervisor")
    shot(second, "hold-3")
    second.page.keyboard.press("h")
    second.page.get_by_role("dialog").get_by_role("button", name="解除保全").click()
    second.toast("已解除保全")
    expect(second.page.get_by_test_id("hold")).to_have_count(0)
    expect(second.page.get_by_role("button", name="设为保全")).to_be_visible()


def test_the_bell_tells_of_a_webhook_that_fails_long_and_is_silent_otherwise(desk: Desks, city):
    with open_unit(System("test"), "test") as unit:
        made, _ = applications.open_application(
            unit, unit.actor, "领导看板", ("docking_app",), city.orgs["指挥中心"], HERE, ()
        )
        address = "https://app.example.cn/hook"
        hook, _ = webhooks.open_webhook(
            unit, unit.actor, made.id, "领导看板推送", address, ("event.opened",), "", "sha256"
        )
    watcher = desk.sit("shift_leader")
    expect(watcher.page.get_by_test_id("live")).to_be_visible()
    expect(watcher.page.get_by_test_id("lines")).to_have_count(0)
    with open_unit(System("test"), "test") as unit:
        unit.run(sa.update(webhook).where(webhook.c.id == hook.id).values(fails=7))
    keeper = desk.sit("security_admin", "/admin/webhooks")
    for seat in (watcher, keeper):
        seat.page.reload()
        seat.page.get_by_test_id("lines").click()
        told = seat.page.get_by_role("group", name="对外线路")
        expect(told).to_contain_text("推送“领导看板推送”已连续失败 7 次")
        shot(seat, f"bell-{seat.who}")
    expect(keeper.page.get_by_role("link", name="事件推送").last).to_be_visible()
