"""Rota, hand-over and stand-ins at the desk, by keyboard."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from gangmu.base.org import store as org_store
from gangmu.kit import clock
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.flow.ground import CHINA
from tests.web.browser import Desks
from tests.web.test_administration import to

pytestmark = pytest.mark.browser


def key():
    return {"idempotency-key": uuid4().hex}


def put_on(city, post, starts, ends, kind="seat"):
    body = {
        "org": city.orgs["监督中心"],
        "kind": kind,
        "post": city.posts[post],
        "starts_at": starts.isoformat(),
        "ends_at": ends.isoformat(),
        "slot": "白班",
    }
    answer = city.sign_in("shift_leader").post("/api/roster/shifts", json=body, headers=key())
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_month_is_filled_and_edited_with_arrows_and_enter(desk: Desks, city):
    city.forward(seconds=(clock.now().astimezone(CHINA).replace(day=3, hour=9) - clock.now()).total_seconds())
    slots = [
        {"title": "白班", "starts": "08:00", "ends": "20:00"},
        {"title": "夜班", "starts": "20:00", "ends": "08:00"},
    ]
    crew = [city.posts[name] for name in ("clerk", "shift_leader", "shift_leader2", "patrol")]
    body = {"org": city.orgs["监督中心"], "title": "坐席轮班", "kind": "seat", "slots": slots, "crew": crew}
    assert city.sign_in("shift_leader").post("/api/roster/patterns", json=body, headers=key()).status_code == 201
    seat = desk.sit("shift_leader", "/admin/rota")
    page = seat.page
    expect(page.get_by_role("heading", name="值班表", exact=True)).to_be_visible()
    page.get_by_role("button", name="生成本月", exact=True).click()
    expect(page.locator(".toast").last).to_contain_text("个班次")
    grid = page.get_by_role("grid", name="值班表")
    expect(grid.locator("td .one").first).to_be_visible()
    first = grid.locator("td[tabindex='0']")
    first.focus()
    for _ in range(9):
        seat.press("ArrowRight")
    seat.press("ArrowDown", "ArrowUp")
    expect(grid.locator("td:focus")).to_have_attribute("aria-label", re.compile(r"甲clerk \d{4}-\d\d-10 .*班"))
    before = grid.locator("td:focus").get_attribute("aria-label") or ""
    seat.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_contain_text("甲clerk")
    if "无班" in before:
        dialog.get_by_label("说明").fill("顶班")
        seat.press("Control+Enter")
    else:
        dialog.get_by_role("button", name="撤班").click()
    expect(dialog).to_have_count(0)
    expect(grid.locator("td[tabindex='0']")).not_to_have_attribute("aria-label", before)


def test_a_shift_hands_over_and_the_next_signs(desk: Desks, city):
    now = clock.now()
    put_on(city, "clerk", now - timedelta(hours=7), now + timedelta(hours=1))
    put_on(city, "shift_leader2", now + timedelta(hours=1), now + timedelta(hours=9))
    city.report("patrol", text="交接的井盖")
    mine = desk.sit("clerk", "/handover")
    page = mine.page
    expect(page.get_by_role("region", name="正在值班")).to_contain_text("甲clerk")
    box = page.get_by_label("交接内容", exact=True).first
    expect(box).to_be_visible()  # the key works from when one's own shift is known
    mine.press("n")
    expect(box).to_be_focused()
    page.keyboard.type("一切正常")
    expect(page.get_by_role("region", name="写交接")).to_contain_text("交接的井盖")
    mine.press("Control+Enter")
    mine.toast("已交接")
    other = desk.sit("shift_leader2", "/handover")
    expect(other.page.get_by_role("article", name="交接内容")).to_contain_text("一切正常")
    other.page.get_by_role("button", name="接班签收").click()
    other.toast("已签收")
    expect(other.page.get_by_role("region", name="交接记录")).to_contain_text("已签收")


def test_who_stands_in_acts_in_the_post_until_it_ends(desk: Desks, city):
    with open_unit(System("test"), "who") as unit:
        person = org_store.get_post(unit, city.posts["patrol2"], seen_by=unit.actor).person
    now = clock.now()
    body = {
        "post": city.posts["clerk"],
        "person": person,
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=8)).isoformat(),
        "reason": "病假",
    }
    made = city.sign_in("security_admin").post("/api/stand-ins", json=body, headers=key())
    assert made.status_code == 201, made.text
    seat = desk.sit("patrol2", "/")
    seat.page.locator("details.me summary").click()
    choice = seat.page.get_by_role("radio", name=re.compile("代甲clerk"))
    choice.check()
    expect(seat.page.get_by_role("banner")).to_contain_text("甲patrol2（代甲clerk）")
    security = desk.sit("security_admin", "/admin")
    page = to(security, "请假与代理")
    row = page.get_by_role("row").filter(has_text="甲patrol2")
    expect(row).to_contain_text("代理中")
    row.get_by_role("button", name="立即结束").click()
    security.toast("代理已结束")
    refused = seat.page.evaluate(
        "fetch('/api/session').then((one) => one.json()).then((one) => one.posts.length)",
    )
    assert refused == 1
