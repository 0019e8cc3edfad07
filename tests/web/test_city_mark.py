"""Cities that are not real bear their mark on every screen; drills tick themselves; a fresh city is one click away."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gangmu.base.city.service import RUNS, WISH
from gangmu.kit import files
from tests.flow.ground import duty
from tests.web import town
from tests.web.browser import Desks

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(600)]
LONG_MS = 60_000


@pytest.fixture
def folder():
    """The data folder, as if somebody ran the house there."""
    found = files.folder().parent
    (found / RUNS).write_text(json.dumps({"pid": 1, "address": "http://127.0.0.1:1"}))
    yield found
    for name in (RUNS, WISH):
        (found / name).unlink(missing_ok=True)


def icon(page) -> str:
    return Path(page.locator('link[rel="icon"]').get_attribute("href")).name


def test_a_real_city_bears_no_mark(desk: Desks, city):
    page = desk.sit("clerk", "/steps").page
    expect(page.locator("[data-step]").first).to_be_visible()
    expect(page.get_by_test_id("city-mark")).to_have_count(0)
    expect(page.locator("[data-drill]")).to_have_count(0)
    assert page.title() == "纲目 Gangmu" and icon(page) == "mark.svg"
    page.locator("details.me summary").click()
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    expect(page.get_by_role("button", name="重新开始")).to_have_count(0)


def test_practice_is_marked_from_signing_in_to_every_screen(desk: Desks, city, monkeypatch):
    monkeypatch.setenv("GANGMU_CITY__PRACTICE", "true")
    nobody = desk.open().go("/").page
    expect(nobody.get_by_test_id("city-mark")).to_contain_text("不计成绩")
    expect(nobody.get_by_text("这是练习城市")).to_be_visible()
    expect(nobody).to_have_title("练习城市 · 纲目 Gangmu")
    seat = desk.sit("dispatcher", "/")
    page = seat.page
    expect(page.locator("[data-drill]").first).to_be_visible()
    for path in ("/inbox", "/disputes", "/search", "/steps"):
        seat.go(path)
        expect(page.get_by_test_id("city-mark")).to_contain_text("练习城市")
    assert icon(page) == "mark-practice.svg"


def test_the_demo_bears_a_small_mark(desk: Desks, city, monkeypatch):
    monkeypatch.setenv("GANGMU_CITY__DEMO", "true")
    page = desk.sit("clerk").page
    expect(page.get_by_test_id("city-mark")).to_have_text("演示")
    expect(page).to_have_title("演示 · 纲目 Gangmu")
    assert icon(page) == "mark-demo.svg"


def test_a_drill_ticks_itself_once_the_house_has_taken_the_act(desk: Desks, city, monkeypatch):
    monkeypatch.setenv("GANGMU_CITY__PRACTICE", "true")
    duty(city)
    town.report(city)
    city.settle()
    seat = desk.sit("clerk", "/steps")
    page = seat.page
    first = page.locator("[data-drill='clerk.d1']")
    expect(first).not_to_be_checked()
    expect(page.locator("li.next")).to_contain_text("受理一件上报")
    page.locator("li.next").get_by_role("link", name="去做").click()
    page.locator("ol a.item").first.click()
    expect(page.locator("article.event")).to_be_visible()
    page.evaluate("() => document.activeElement.blur()")
    seat.press("a")
    expect(page.get_by_role("form", name="受理")).to_be_visible()
    seat.press("Control+Enter")
    seat.toast("已受理")
    page.locator("nav.rail").get_by_role("link", name="第一步").click()
    expect(first).to_be_checked()
    expect(page.locator("[data-drill='clerk.d2']")).not_to_be_checked()


def test_a_fresh_city_is_one_click_and_one_question_away(desk: Desks, city, folder, monkeypatch):
    monkeypatch.setenv("GANGMU_CITY__DEMO", "true")
    seat = desk.sit("clerk")
    page = seat.page
    page.locator("details.me summary").click()
    page.get_by_role("button", name="重新开始").click()
    page.get_by_role("dialog").get_by_role("button", name="保留现状").click()
    assert not (folder / WISH).exists()
    page.get_by_role("button", name="重新开始").click()
    page.get_by_role("dialog").get_by_role("button", name="清空并重新开始").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("正在重新建立")
    assert (folder / WISH).exists()
    seat.context.clear_cookies()  # as in the fresh city, where nobody is signed in
    expect(page.get_by_label("用户名")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("这是演示城市")).to_be_visible()
