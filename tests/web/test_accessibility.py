"""Every screen, asked by axe for what a keyboard, a screen reader or tired eyes would stumble over; no word missing."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.flow import ground
from tests.web import town
from tests.web.browser import Desks, Seat

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
WORDS = Path(__file__).parents[2] / "web" / "src" / "locale"
STAGES = {path.name.split(".")[0] for path in WORDS.glob("*.zh-CN.json")}
KEY = re.compile(rf"(?<![\w.@/-])(?:{'|'.join(sorted(STAGES))})\.[a-z_]+(?:\.[a-z_0-9]+)*(?![\w/@-])")


def fit(seat: Seat, *, keys: bool = True) -> None:
    """The screen has no serious or critical finding, does not scroll sideways, and shows words, not keys."""
    page = seat.page
    expect(page.get_by_test_id("state-loading")).to_have_count(0)
    page.evaluate(
        "() => Promise.allSettled("
        "document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished))"
    )  # a colour half-way to its next one is no colour of the house
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    told = [f"{one['impact']} {one['id']}: {one['help']}\n  {one['nodes'][0]['html'][:300]}" for one in grave]
    assert not told, f"{page.url}\n" + "\n".join(told)
    if keys:
        raw = KEY.findall(page.locator("body").inner_text())
        assert not raw, f"{page.url}: {raw}"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} scrolls sideways"


def sit(desk: Desks, who: str, path: str, lang: str = "zh-CN") -> Seat:
    seat = desk.open(lang) if not who else desk.sit(who, "/nowhere", lang=lang)
    seat.context.add_init_script(path=AXE)
    return seat.go(path)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_sign_in_inbox_and_event(desk: Desks, city, lang):
    ground.duty(city)
    made = town.report(city, attachments=[ground.shot(city.sign_in("patrol"), "before")["file"]])
    sign_in = sit(desk, "", "/", lang)
    expect(sign_in.page.get_by_role("textbox").first).to_be_visible()
    fit(sign_in)
    seat = sit(desk, "clerk", "/inbox", lang)
    expect(seat.page.get_by_role("listitem").first).to_be_visible()
    fit(seat)
    seat.press("f", "?")
    expect(seat.page.get_by_role("dialog")).to_be_visible()
    fit(seat)
    seat.go(f"/inbox/open/{made['id']}")
    expect(seat.page.get_by_role("article")).to_be_visible()
    for tab in "123456":
        seat.press(tab)
        expect(seat.page.get_by_role("tab").nth(int(tab) - 1)).to_have_attribute("aria-selected", "true")
        fit(seat, keys=tab != "6")
    seat.press("1", "a")
    expect(seat.page.get_by_role("article").get_by_role("form")).to_be_visible()
    fit(seat)


def test_the_other_screens_of_the_work(desk: Desks, city):
    made = town.report(city)
    city.sign_in("clerk").do(made, "send_verify", reason="请看现场")
    seat = sit(desk, "hotline_operator", "/call")
    seat.page.get_by_label("诉求内容").fill(town.COVER)
    expect(seat.page.get_by_text("相似").first).to_be_visible()
    fit(seat)
    seat.go("/search?q=井盖")
    expect(seat.page.get_by_role("listitem").first).to_be_visible()
    fit(seat)
    seat.go("/no/such/page")
    fit(seat)
    task = city.sign_in("clerk").get("/api/tasks", params={"kind": "verify"}).json()["items"][0]
    walker = next(who for who in ("patrol", "patrol2") if city.posts[who] == task["assignee"])
    seat = sit(desk, walker, "/tasks")
    expect(seat.page.get_by_role("button", name="井盖")).to_be_visible()
    seat.press("j")
    expect(seat.page.get_by_role("radio").first).to_be_visible()
    fit(seat)
    seat = sit(desk, "dispatcher", "/disputes")
    expect(seat.page.get_by_test_id("state-empty").first).to_be_visible()
    fit(seat)


PAGES = {
    "data_steward": ("orgs", "people", "sessions", "roles", "duties", "matters", "calendar", "flows"),
    "system_admin": ("accounts", "settings", "dead"),
    "security_admin": ("why",),
    "audit_admin": ("journal",),
}


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_administration(desk: Desks, city, lang):
    ground.duty(city)
    town.report(city)
    for who, pages in PAGES.items():
        seat = sit(desk, who, f"/admin/{pages[0]}", lang)
        for page in pages:
            seat.page.locator(f'nav a[href="/admin/{page}"]').click()
            expect(seat.page.locator(".body h1")).to_be_visible()
            fit(seat, keys=page not in ("settings", "journal", "roles", "dead"))
