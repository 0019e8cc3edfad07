"""The wall screen in a real browser: by keyboard, live, at the sizes of walls, under its own key and for nobody else."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from gangmu.core.board import service, store
from gangmu.kit import clock, ids
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE
from tests.flow.ground import key
from tests.web import town
from tests.web.browser import LARGE, SMALL, Desks, Seat
from tests.web.test_accessibility import AXE

pytestmark = pytest.mark.browser
WALL = (3840, 2160)


def sit(desk: Desks, who: str = "leader", size: tuple[int, int] = LARGE, **how) -> Seat:
    seat = desk.sit(who, "/board", size=size, **how)
    expect(seat.page.get_by_test_id("board-live")).to_be_visible()
    return seat


def figure(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def test_figures_move_by_themselves_and_open_by_keyboard(desk: Desks, city):
    event = town.report(city)
    seat = sit(desk)
    page = seat.page
    expect(figure(page, "在办 1")).to_be_visible()
    expect(figure(page, "上报 在办 1")).to_be_visible()
    city.sign_in("clerk").do(event, "accept")
    expect(figure(page, "受理 在办 1")).to_be_visible()
    expect(figure(page, "上报 在办 0")).to_be_visible()
    expect(figure(page, "上报 今日 出 1")).to_be_visible()
    figure(page, "在办 1").focus()
    seat.press("ArrowDown")
    expect(page.locator(".flow [data-figure]:focus")).to_have_count(1)
    figure(page, "受理 在办 1").focus()
    seat.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("已受理")
    link = drawer.get_by_role("row").nth(1).get_by_role("link")
    expect(link).to_have_attribute("href", f"/events/{event['id']}")
    seat.press("Escape")
    expect(drawer).to_have_count(0)
    expect(figure(page, "受理 在办 1")).to_be_focused()
    seat.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("打开数字背后的事件")


def test_what_the_wall_has_no_room_for_opens_by_keyboard(desk: Desks, city):
    day = service.day_of(clock.now())
    with open_unit(System("test"), "verdicts") as unit:
        store.add_counts(unit, {(day, HERE, ids.new("org"), "verdict", "on_time"): 1 for _ in range(9)})
        for number in range(3):
            store.add_alarm(unit, day, HERE, f"link_{number}", clock.now())
        store.fold(unit)
    seat = sit(desk)
    page = seat.page
    drawer = page.get_by_role("dialog")
    figure(page, "部门时限按时率 还有3个").focus()
    seat.press("Enter")
    expect(drawer.get_by_role("rowheader")).to_have_count(9)
    seat.press("ArrowDown")
    expect(drawer.locator("[data-figure]:focus")).to_have_count(1)
    seat.press("Escape")
    expect(figure(page, "部门时限按时率 还有3个")).to_be_focused()
    figure(page, "来源 还有3个").click()
    expect(drawer.get_by_role("listitem")).to_have_count(11)
    expect(drawer.get_by_role("listitem").filter(has_text="link_2")).to_contain_text("告警1条")


def test_the_desk_leads_to_the_wall_who_may_see_it(desk: Desks, city):
    for who, links in (("leader", 1), ("handler", 0)):
        page = desk.sit(who, "/").page
        page.locator("details.me summary").click()
        expect(page.get_by_role("button", name="退出登录")).to_be_visible()
        link = page.get_by_role("link", name="打开大屏")
        expect(link).to_have_count(links)
        if links:
            expect(link).to_have_attribute("href", "/board")


@pytest.mark.parametrize("kind", ["demo", "practice"])
def test_a_city_that_is_not_real_says_so_and_still_fits(desk: Desks, city, kind, monkeypatch):
    monkeypatch.setenv(f"GANGMU_CITY__{kind.upper()}", "true")
    page = sit(desk).page
    word = "演示" if kind == "demo" else "练习城市"
    expect(page.get_by_test_id("city-mark")).to_contain_text(word)
    expect(page).to_have_title(f"{word} · 纲目 · 大屏")
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0


def test_the_map_is_walked_by_keyboard(desk: Desks, city):
    for shift in (0.0, 0.03):
        town.report(city, lon=town.PLACE[0] + shift, lat=town.PLACE[1])
    seat = sit(desk)
    page = seat.page
    shown = page.get_by_test_id("board-map")
    expect(shown).to_have_attribute("data-spots", "2")
    seat.press("m")
    expect(shown).to_be_focused()
    seat.press("n")
    expect(page.locator(".ringed")).to_have_text("1 件")
    seat.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("row")).to_have_count(2)


def test_a_silent_source_is_shown_as_silent_not_as_nought(desk: Desks, city):
    town.report(city)
    city.settle()
    city.forward(days=2)
    seat = sit(desk)
    row = seat.page.locator(".sources li").filter(has_text="城管采集")
    expect(row).to_contain_text("静默")
    expect(row.locator(".figure .num")).to_have_text("—")
    never = seat.page.locator(".sources li").filter(has_text="物联感知")
    expect(never).to_contain_text("从未收到")


def test_a_cut_line_says_where_the_figures_stand_and_comes_back(desk: Desks, city):
    town.report(city)
    seat = sit(desk, own_line=True)
    page = seat.page
    expect(figure(page, "在办 1")).to_be_visible()
    seat.cut()
    stopped = page.get_by_test_id("board-stopped")
    expect(stopped).to_have_text(re.compile(r"数据停在 \d\d:\d\d"))
    expect(page.locator(".wall")).to_have_class(re.compile("stopped"))
    town.report(city)
    seat.mend()
    expect(page.get_by_test_id("board-live")).to_be_visible()
    expect(figure(page, "在办 2")).to_be_visible()


@pytest.mark.parametrize("size", [LARGE, WALL, SMALL], ids=["1080", "2160", "768"])
def test_it_fits_the_wall_without_scrolling(desk: Desks, city, size):
    town.report(city)
    seat = sit(desk, size=size)
    page = seat.page
    expect(figure(page, "在办 1")).to_be_visible()
    box = page.evaluate(
        """() => ({
          wide: document.documentElement.scrollWidth - innerWidth,
          high: document.documentElement.scrollHeight - innerHeight,
          least: Math.min(...[...document.querySelectorAll('main *')].filter(e => e.childNodes.length &&
            [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).map(e => parseFloat(getComputedStyle(e).fontSize))),
          out: [...document.querySelectorAll('[data-figure]')].filter(e => { const b = e.getBoundingClientRect();
            return b.right > innerWidth + 1 || b.bottom > innerHeight + 1 }).length,
        })"""
    )
    assert (box["wide"], box["high"], box["out"]) == (0, 0, 0)
    assert box["least"] >= 16 * size[1] / 1080


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_can_be_read_and_heard(desk: Desks, city, theme):
    event = town.report(city)
    city.sign_in("supervisor").do(event, "supervise", reason="群众反映强烈")
    seat = sit(desk)
    page = seat.page
    expect(page.locator(".abnormal li")).to_have_count(1)
    if theme == "light":
        seat.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.evaluate(AXE.read_text("utf-8"))
    for open_one in (False, True):
        if open_one:
            figure(page, "在办 1").click()
            expect(page.get_by_role("dialog").get_by_role("row")).to_have_count(2)
        found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
        grave = [one for one in found if one["impact"] in ("serious", "critical")]
        serious = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in grave]
        assert not serious, "\n".join(serious)


def test_an_empty_city_says_so_kindly(desk: Desks, city):
    page = sit(desk).page
    expect(page.locator(".abnormal")).to_contain_text("目前没有异常事件")
    expect(page.locator(".departments")).to_contain_text("近7日没有到期或完成的处置时限")
    expect(figure(page, "在办 0")).to_be_visible()
    expect(page.get_by_text("这里还没有收到过上报")).to_be_visible()
    expect(page.locator("header .red, header .orange")).to_have_count(0)


def test_who_may_not_is_told(desk: Desks):
    page = desk.sit("handler", "/board", size=LARGE).page
    expect(page.get_by_test_id("state-refused")).to_be_visible()


def test_a_screen_comes_in_by_its_own_key_and_its_end_shuts_it_out(desk: Desks, city):
    town.report(city)
    body = {"name": "大厅屏", "roles": ["screen_app"], "org": city.orgs["监督中心"], "division": HERE}
    opened = city.sign_in("security_admin").post("/api/applications", json=body, headers=key()).json()
    seat = desk.open(size=LARGE).go("/board")
    page = seat.page
    expect(page.get_by_role("heading", name="这块屏还没有登录")).to_be_visible()
    page.get_by_label("屏幕密钥").fill("wrong-key")
    seat.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("密钥不对")
    seat.go(f"/board#key={opened['token']}")
    page.reload()
    expect(page.get_by_test_id("board-live")).to_be_visible()
    expect(figure(page, "在办 1")).to_be_visible()
    assert "key=" not in page.url
    assert "王" not in page.locator("main").inner_text()
    figure(page, "在办 1").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_test_id("behind-shut")).to_contain_text("本屏使用专用密钥")
    expect(drawer.get_by_role("row")).to_have_count(2)
    expect(drawer.get_by_role("link")).to_have_count(0)
    seat.press("Escape")
    ended = city.sign_in("security_admin").delete(f"/api/applications/{opened['id']}", headers=key())
    assert ended.status_code == 204, ended.text
    page.reload()
    expect(page.get_by_role("heading", name="这块屏还没有登录")).to_be_visible()


def test_figures_that_lag_are_marked_and_come_right_again(desk: Desks, city):
    """As when nobody works off what was told: here because another transaction holds the board's only pen."""
    event = town.report(city)
    seat = sit(desk)
    page = seat.page
    expect(figure(page, "在办 1")).to_be_visible()
    with open_unit(System("test"), "hold") as holder:
        holder.value(sa.select(sa.func.pg_advisory_xact_lock(store.ALONE)))
        with open_unit(System("test"), "old") as unit:
            store.mark(unit, [event["id"]], clock.real_now() - timedelta(minutes=5))
        page.reload()
        expect(page.get_by_test_id("board-stopped")).to_contain_text("数据停在")
        expect(page.locator("header")).to_contain_text("后台积压")
    page.reload()
    expect(page.get_by_test_id("board-live")).to_be_visible()
