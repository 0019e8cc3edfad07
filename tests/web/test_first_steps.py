"""Each role's first steps, walked in a browser by keyboard alone: afterwards every step of the page is ticked."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.city import TOWN
from tests.flow.ground import duty, key, matter_of
from tests.web import town
from tests.web.browser import Desks, Seat

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
WORDS = json.loads((ROOT / "web" / "src" / "locale" / "steps.zh-CN.json").read_text("utf-8"))


def pressed(seat: Seat, *keys: str) -> None:
    """Keys one after the other, as a person presses them who looks at what each does; ``g i`` are two."""
    for one in keys:
        seat.press(*one.split(" "))
        seat.quiet()


def sat(desk: Desks, who: str) -> Seat:
    """Somebody at the page where his post begins."""
    seat = desk.sit(who, "/")
    expect(seat.page.locator("nav.rail")).to_be_visible()
    return seat


def tab_to(seat: Seat, name: str, most: int = 90) -> None:
    """Press Tab until the thing of this name has the focus."""
    for _ in range(most):
        seat.press("Tab")
        said = seat.page.evaluate(
            "() => { const e = document.activeElement; return e.getAttribute('aria-label')"
            " || e.closest('label')?.innerText || e.innerText || e.id || '' }"
        )
        if re.search(name, said.replace("\n", " ")):
            return
    raise AssertionError(f"Tab never came to {name}")


def typed(seat: Seat, words: str) -> None:
    seat.page.keyboard.type(words)


def leave(seat: Seat) -> None:
    """Nothing is being typed any more."""
    seat.page.evaluate("() => document.activeElement.blur()")


def into_list(seat: Seat) -> None:
    """From view to view until one has events, then onto its first."""
    pressed(seat, "g i")
    row = seat.page.locator("ol a.item").first
    for _ in range(7):
        if row.is_visible():
            break
        pressed(seat, "]")
    expect(row).to_be_visible()
    pressed(seat, "j")


def open_one(seat: Seat) -> None:
    into_list(seat)
    pressed(seat, "Enter")
    expect(seat.page.get_by_test_id("next-line").or_(seat.page.locator("article.event")).first).to_be_visible()
    leave(seat)


def ticked(seat: Seat, role: str) -> None:
    """The page of first steps says that all of them were done."""
    leave(seat)
    pressed(seat, "Escape", "Escape", "g h")
    steps = seat.page.locator(f"[data-step^='{role}.']")
    told = [name for name in WORDS if re.fullmatch(rf"{role}\.\d", name)]
    expect(steps).to_have_count(len(told))
    for step in steps.all():
        expect(step, f"{seat.who}: {step.get_attribute('data-step')} is not ticked").to_be_checked()


def registered(city, **given):
    condition = matter_of(city.sign_in("clerk"), "urban_component", "0101")["conditions"][0]
    event = city.sign_in("clerk").do(town.report(city, **given), "accept")
    return city.sign_in("shift_leader").do(event, "register", condition_id=condition["id"])


def dispatched(city, lead="市政处"):
    return city.sign_in("dispatcher").do(registered(city), "dispatch", lead_org=city.orgs[lead])


def instruct(city, event, org):
    body = {"text": "今天内处理好", "events": [event["id"]], "to_org": city.orgs[org]}
    answer = city.sign_in("leader").post("/api/instructions", json=body, headers=key())
    assert answer.status_code == 201, answer.text


def test_the_centre_walks(desk: Desks, city):
    duty(city)
    town.report(city)
    city.sign_in("clerk").do(town.report(city), "accept")
    for _ in range(3):
        registered(city)
    returned = dispatched(city)
    city.sign_in("dept_lead").do(returned, "return", reason="权属不在我处")
    city.settle()

    seat = sat(desk, "clerk")
    open_one(seat)
    pressed(seat, "a")
    expect(seat.page.get_by_role("form", name="受理")).to_be_visible()
    pressed(seat, "Control+Enter")
    seat.toast("已受理")
    pressed(seat, "m")
    expect(seat.page.get_by_role("dialog")).to_be_visible()
    pressed(seat, "Escape", "g c")
    expect(seat.page.get_by_role("heading", name="接报登记")).to_be_visible()
    ticked(seat, "clerk")

    seat = sat(desk, "shift_leader")
    expect(seat.page.get_by_role("heading", name="值班台")).to_be_visible()
    pressed(seat, "g w")
    expect(seat.page.locator("[data-queue]").first).to_be_visible()
    pressed(seat, "1")
    expect(seat.page.locator("article.event")).to_be_visible()
    tab_to(seat, "^立案")
    pressed(seat, "Enter")
    expect(seat.page.get_by_role("form", name="立案")).to_be_visible()
    pressed(seat, "Control+Enter", "Escape", "g i", "g w", "o")
    expect(seat.page.get_by_role("heading", name="打印清单")).to_be_visible()
    ticked(seat, "shift_leader")

    seat = sat(desk, "dispatcher")
    open_one(seat)
    pressed(seat, "d")
    take = seat.page.locator("section.duty button").first
    expect(take).to_be_focused()
    pressed(seat, "Enter", "Control+Enter")
    seat.toast("派遣完成")
    leave(seat)
    pressed(seat, "Escape", "g i", "j", "x", "v", "b")
    expect(seat.page.get_by_role("dialog").locator("select").first).to_be_focused()
    pressed(seat, "Control+Enter")
    expect(seat.page.get_by_test_id("batch-said")).to_contain_text("已派遣")
    pressed(seat, "Escape", "g d")
    expect(seat.page.get_by_text("权属不在我处").first).to_be_visible()
    ticked(seat, "dispatcher")


def test_departments_and_towns_walk(desk: Desks, city):
    event = dispatched(city)
    assigned = city.sign_in("dept_lead").do(dispatched(city), "assign", handler_post=city.posts["handler"])
    instruct(city, event, "市政处")
    city.settle()

    seat = sat(desk, "dept_lead")
    expect(seat.page.get_by_role("heading", name="部门台")).to_be_visible()
    pressed(seat, "g m")
    expect(seat.page.locator("ol a.item").first).to_be_visible()
    pressed(seat, "j", "Enter")
    expect(seat.page.locator("article.event")).to_be_visible()
    tab_to(seat, "^签收")
    pressed(seat, "Enter")
    expect(seat.page.locator("form.act")).to_be_visible()
    pressed(seat, "Control+Enter", "Escape")
    leave(seat)
    pressed(seat, "g n")
    expect(seat.page.locator("button.head").first).to_be_visible()
    pressed(seat, "j", "Enter")
    expect(seat.page.locator("form textarea")).to_be_focused()
    typed(seat, "已安排抢修")
    pressed(seat, "Control+Enter")
    seat.toast("已答复")
    leave(seat)
    pressed(seat, "g d")
    ticked(seat, "dept_lead")

    seat = sat(desk, "handler")
    pressed(seat, "g e")
    expect(seat.page.locator(".card").first).to_be_visible()
    pressed(seat, "j", "Enter")
    expect(seat.page.locator("article.one")).to_be_visible()
    leave(seat)
    pressed(seat, "Enter")
    expect(seat.page.locator("form.act")).to_be_visible()
    pressed(seat, "Control+Enter")
    seat.toast("完成")
    assert city.sign_in("handler").sees(assigned)["state"] == "handling"
    ticked(seat, "handler")

    seat = sat(desk, "town_officer")
    pressed(seat, "g e", "g m")
    expect(seat.page.get_by_role("heading", name="部门台")).to_be_visible()
    pressed(seat, "o")
    expect(seat.page.get_by_role("heading", name="打印清单")).to_be_visible()
    pressed(seat, "g n")
    ticked(seat, "town_officer")


def test_the_street_and_the_line_walk(desk: Desks, city):
    event = town.report(city)
    city.sign_in("clerk").do(event, "send_verify", handler_post=city.posts["patrol2"])
    order = called(city)
    city.settle()

    seat = sat(desk, "patrol2")
    pressed(seat, "g t")
    expect(seat.page.locator("button.item").first).to_be_visible()
    pressed(seat, "j")
    expect(seat.page.locator("form input[type=radio]").first).to_be_visible()
    tab_to(seat, "属实|是|有")
    pressed(seat, "Space", "Control+Enter")
    leave(seat)
    pressed(seat, "g c")
    ticked(seat, "patrol")

    seat = sat(desk, "hotline_operator")
    pressed(seat, "g c")
    expect(seat.page.get_by_role("form", name="接报登记")).to_be_visible()
    seat.page.get_by_label("诉求内容").focus()
    typed(seat, "路灯不亮")
    pressed(seat, "Control+Enter")
    leave(seat)
    pressed(seat, "/")
    leave(seat)
    pressed(seat, "g i")
    ticked(seat, "hotline_operator")

    seat = sat(desk, "call_back")
    open_one(seat)
    pressed(seat, "4")
    tab_to(seat, "^回访")
    pressed(seat, "Enter")
    expect(seat.page.locator("form.act")).to_be_visible()
    pressed(seat, "Control+Enter", "Escape")
    assert city.sign_in("call_back").sees(order)["state"] == "to_call_back"
    ticked(seat, "call_back")

    seat = sat(desk, "grid_worker")
    pressed(seat, "g c")
    seat.page.get_by_label("诉求内容").focus()
    typed(seat, "楼道堆物")
    pressed(seat, "Control+Enter")
    leave(seat)
    pressed(seat, "g i")
    ticked(seat, "grid_worker")


def called(city):
    """A hotline order that waits for the call back."""
    order = city.report("hotline_operator", channel="hotline12345", text="井盖松动", division=TOWN)
    operator = city.sign_in("hotline_operator")
    classes = operator.get("/api/matter/classes", params={"tree": "hotline", "limit": 200}).json()["items"]
    whole = (operator.get(f"/api/matter/classes/{one['id']}").json() for one in classes)
    chosen = next(one for one in whole if one["conditions"])
    order = operator.do(order, "classify", matter_id=chosen["id"], condition_id=chosen["conditions"][0]["id"])
    order = city.sign_in("dispatcher").do(order, "dispatch", lead_org=city.orgs["市政处"])
    lead = city.sign_in("dept_lead")
    order = lead.do(order, "sign")
    order = lead.do(order, "start")
    order = lead.do(order, "reply", answer="已修好", outcome="solved")
    return lead.do(order, "confirm")


def test_those_who_watch_and_keep_walk(desk: Desks, city):
    event = dispatched(city)
    instruct(city, event, "市政处")
    city.sign_in("supervisor").do(event, "supervise", reason="群众反映")
    city.forward(days=20)
    city.settle()

    seat = sat(desk, "supervisor")
    expect(seat.page.get_by_role("heading", name="领导一览")).to_be_visible()
    pressed(seat, "g l")
    open_one(seat)
    leave(seat)
    pressed(seat, "Escape", "g d", "g n")
    expect(seat.page.get_by_role("heading", name="批示")).to_be_visible()
    ticked(seat, "supervisor")

    seat = sat(desk, "leader")
    pressed(seat, "g l")
    expect(seat.page.locator(".totals a").first).to_be_visible()
    pressed(seat, "1")
    expect(seat.page.locator(".totals a").first).to_be_focused()
    pressed(seat, "Enter")
    expect(seat.page.locator("ol a.item").first).to_be_visible()
    pressed(seat, "g i", "g n")
    expect(seat.page.get_by_text("今天内处理好").first).to_be_visible()
    ticked(seat, "leader")

    seat = sat(desk, "evaluator")
    open_one(seat)
    pressed(seat, "2", "g s")
    ticked(seat, "evaluator")

    for who, pages in (
        ("data_steward", ("职责清单", "事项目录")),
        ("system_admin", ("账号", "设置", "^死信")),
        ("security_admin", ("角色", "^权限解释")),
        ("audit_admin", ("日志", "^权限解释")),
    ):
        seat = sat(desk, who)
        pressed(seat, "g a")
        for page in pages:
            tab_to(seat, page)
            pressed(seat, "Enter")
        ticked(seat, who)


def test_every_role_has_its_page_in_both_languages():
    """The pages of the docs say what the desk says."""
    english = json.loads((ROOT / "web" / "src" / "locale" / "steps.en.json").read_text("utf-8"))
    roles = {name.split(".")[0] for name in WORDS if re.fullmatch(r"\w+\.\d", name)}
    assert len(roles) == 18
    for role in roles:
        for words, tail in ((WORDS, ".zh-CN.md"), (english, ".md")):
            page = (ROOT / "docs" / "first-steps" / f"{role}{tail}").read_text("utf-8")
            said = [text for name, text in words.items() if re.fullmatch(rf"{role}\.\d", name)]
            assert 3 <= len(said) <= 6 and all(text in page for text in said), role
