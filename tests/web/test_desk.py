"""The desk as its people use it, in a real browser: what they press and what they see."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.city import PASSWORD
from tests.flow import ground
from tests.web import town
from tests.web.browser import Desks, Seat

pytestmark = pytest.mark.browser
SEND = "Control+Enter"


def event(page: Page) -> Locator:
    """The open event."""
    return page.get_by_role("article")


def rows(page: Page) -> Locator:
    """The events of the list."""
    return page.get_by_role("list", name="事件列表").get_by_role("link")


def first(seat: Seat) -> Locator:
    """Open the first event of the inbox by the keyboard."""
    expect(rows(seat.page).first).to_be_visible()
    seat.press("j", "Enter")
    expect(event(seat.page)).to_be_visible()
    return event(seat.page)


def do(seat: Seat, verb: str) -> Locator:
    """Choose a verb of the open event; its form."""
    event(seat.page).get_by_role("group", name="可办事项").get_by_role("button", name=verb, exact=True).click()
    return seat.page.get_by_role("form", name=verb)


def done(seat: Seat, verb: str, state: str) -> None:
    """Send the open form by the keyboard and read what came of it."""
    seat.press(SEND)
    seat.toast(f"{verb}完成，现为“{state}”")


def choose(box: Locator, words: str, option: str) -> None:
    """Type into a field that searches, and take what is found."""
    box.click()
    box.fill(words)
    expect(box.page.get_by_role("listbox").get_by_role("option").first).to_contain_text(option)
    box.press("Enter")


def sign_in(seat: Seat, who: str, password: str) -> None:
    seat.page.get_by_label("用户名").fill(who)
    seat.page.get_by_label("密码").fill(password)
    seat.press("Enter")


def menu(seat: Seat) -> Locator:
    """The menu of the person who sits here, open."""
    seat.page.get_by_role("banner").locator("summary").click()
    return seat.page.locator(".menu")


def test_a_manhole_cover_goes_its_whole_way_over_the_desk(desk: Desks, city):
    ground.duty(city, assistants=[city.orgs["环卫处"]])

    # --- the street: signed in by hand, the report sent by the keyboard alone; the clerk's inbox shows it at once
    clerk = desk.sit("clerk")
    expect(clerk.page.get_by_test_id("state-empty")).to_be_visible()
    clerk.page.evaluate("window.stayed = true")
    patrol = desk.open().go("/inbox")
    sign_in(patrol, "patrol", PASSWORD)
    expect(patrol.page.get_by_test_id("live")).to_have_text("实时")
    patrol.press("g", "c")
    form = patrol.page.get_by_role("form", name="接报登记")
    form.get_by_label("来源").select_option(label="城管采集")
    form.get_by_label("诉求内容").fill(town.COVER)
    choose(form.get_by_role("combobox", name="事项分类"), "上水井盖", "上水井盖")
    choose(form.get_by_role("combobox", name="地点"), "人民路", "人民路12号")
    expect(form).to_contain_text("东街道")
    expect(form.get_by_role("region", name="按职责清单建议")).to_contain_text("市政处")
    patrol.press(SEND)
    made = patrol.page.get_by_test_id("call-made")
    expect(made).to_contain_text("已登记")
    number = made.locator(".number").inner_text()
    assert re.fullmatch(r"990101-\d{8}-\d{6}", number)
    patrol.close()

    # --- supervision: accepted and filed
    expect(rows(clerk.page)).to_have_count(1)
    assert clerk.page.evaluate("window.stayed")
    expect(first(clerk)).to_contain_text(number)
    clerk.press("a")
    expect(clerk.page.get_by_role("form", name="受理")).to_be_visible()
    done(clerk, "受理", "已受理")
    leader = desk.sit("shift_leader")
    expect(first(leader)).to_contain_text("井盖")
    form = do(leader, "立案")
    leader.press(SEND)
    expect(form).to_contain_text("必填")
    form.get_by_role("radio").first.check()
    done(leader, "立案", "已立案")

    # --- command: the duty list proposes with its reason, a person takes it
    dispatcher = desk.sit("dispatcher")
    first(dispatcher)
    dispatcher.press("d")
    form = dispatcher.page.get_by_role("form", name="派遣")
    expect(form.get_by_role("region", name="按职责清单建议")).to_contain_text("三定")
    form.get_by_role("button", name="采用市政处").press("Enter")
    expect(form.get_by_role("combobox", name="主办单位")).to_have_value("市政处")
    expect(form).to_contain_text("环卫处")
    done(dispatcher, "派遣", "待处置")
    dispatcher.close()

    # --- the department: assigned, handled with photos of before and after, confirmed
    lead = desk.sit("dept_lead")
    first(lead)
    form = do(lead, "指派处置人")
    choose(form.get_by_role("combobox", name="处置人"), "甲handler", "甲handler")
    done(lead, "指派处置人", "已指派处置人")
    handler = desk.sit("handler")
    first(handler)
    do(handler, "开始处置")
    done(handler, "开始处置", "处置中")
    form = do(handler, "处置完毕")
    form.get_by_label("处置前证据").set_input_files(town.photo())
    form.get_by_label("处置后证据").set_input_files(town.photo())
    expect(form.get_by_text("现场.jpg")).to_have_count(2)
    form.get_by_label("答复内容").fill("已补装井盖")
    done(handler, "处置完毕", "处置完毕待确认")
    handler.press("3")
    expect(event(handler.page).get_by_role("img")).to_have_count(2)
    handler.close()
    do(lead, "部门确认")
    done(lead, "部门确认", "部门已确认")
    lead.close()

    # --- checked on the spot by a patrol, then closed under a closing condition; the whole story is told
    first(clerk)
    do(clerk, "发核查")
    done(clerk, "发核查", "核查中")
    task = city.sign_in("clerk").get("/api/tasks", params={"kind": "check"}).json()["items"][0]
    worker = next(who for who in ("patrol", "patrol2") if city.posts[who] == task["assignee"])
    walker = desk.sit(worker, "/tasks")
    expect(walker.page.get_by_role("button", name="井盖")).to_be_visible()
    walker.press("j")
    walker.page.get_by_role("radio", name="核查通过").check()
    expect(walker.page.get_by_role("button", name="回复结果")).to_be_disabled()
    walker.page.get_by_label("核查证据").set_input_files(town.photo())
    expect(walker.page.get_by_role("button", name="回复结果")).to_be_enabled()
    walker.press(SEND)
    walker.toast("结果已回复")
    expect(walker.page.get_by_test_id("state-empty")).to_be_visible()
    first(leader)
    form = do(leader, "结案")
    form.get_by_role("radio").first.check()
    done(leader, "结案", "已结案")
    told = event(leader.page).get_by_role("tabpanel", name="经过")
    for verb in ("受理", "立案", "派遣", "指派处置人", "处置完毕", "部门确认", "核查通过", "结案"):
        expect(told.get_by_text(verb, exact=True).first).to_be_visible()
    expect(told).to_contain_text("已补装井盖")
    leader.press("2")
    expect(event(leader.page).get_by_role("tabpanel", name="时限")).to_contain_text("→")


def test_a_new_event_shows_without_reload_also_after_the_line_was_cut(desk: Desks, city):
    clerk = desk.sit("clerk", own_line=True)
    expect(clerk.page.get_by_test_id("live")).to_have_text("实时")
    expect(clerk.page.get_by_test_id("state-empty")).to_be_visible()
    clerk.page.evaluate("window.stayed = true")
    town.report(city)
    expect(rows(clerk.page)).to_have_count(1)
    expect(clerk.page.get_by_role("link", name="我的待办 1")).to_be_visible()
    clerk.cut()
    expect(clerk.page.get_by_test_id("live")).to_contain_text("重连中")
    town.report(city, text="路灯不亮，夜间看不清路")
    clerk.mend()
    expect(rows(clerk.page)).to_have_count(2)
    expect(clerk.page.get_by_test_id("live")).to_have_text("实时")
    assert clerk.page.evaluate("window.stayed")


def test_the_second_of_two_sees_what_changed_and_by_whom(desk: Desks, city):
    made = town.report(city)
    city.sign_in("clerk").do(made, "accept")
    one, two = (desk.sit(who, f"/inbox/todo/{made['id']}") for who in ("shift_leader", "shift_leader2"))
    for seat in (one, two):
        form = do(seat, "立案")
        form.get_by_role("radio").first.check()
    done(one, "立案", "已立案")
    two.press(SEND)
    told = two.page.get_by_test_id("stale-write")
    expect(told).to_contain_text("您打开之后，此件已被他人改动")
    expect(told).to_contain_text(re.compile(r"甲shift_leader 于 .+ 已立案"))
    expect(told).to_contain_text("环节: 已受理 → 已立案")
    expect(told).to_contain_text("现在已不能“立案”")


def test_a_call_is_compared_kept_and_sent_once(desk: Desks, city):
    known = town.report(city)
    seat = desk.sit("hotline_operator", "/call")
    form = seat.page.get_by_role("form", name="接报登记")
    form.get_by_label("电话").fill("13812345678")
    form.get_by_label("诉求内容").fill("路口的井盖缺失了，有行人绊倒")
    choose(form.get_by_role("combobox", name="地点"), "人民路", "人民路12号")
    hint = form.get_by_role("complementary", name="已知情况")
    expect(hint).to_contain_text(known["title"])
    expect(hint).to_contain_text("相距0米")
    expect(hint).to_contain_text("首次来电")
    expect(form).to_contain_text("草稿已存")
    seat.page.reload()
    expect(form).to_contain_text("已恢复")
    expect(form.get_by_label("诉求内容")).to_have_value("路口的井盖缺失了，有行人绊倒")
    expect(form.get_by_label("电话")).to_have_value("13812345678")
    before = city.sign_in("leader").get("/api/events").json()["items"]
    form.get_by_role("button", name="登记", exact=False).last.dblclick()
    seat.press(SEND, SEND)
    expect(seat.page.get_by_test_id("call-made")).to_contain_text("已登记")
    after = city.sign_in("leader").get("/api/events").json()["items"]
    assert len(after) == len(before) + 1
    seat.press("n")
    expect(form.get_by_label("诉求内容")).to_have_value("")
    form.get_by_label("电话").fill("13812345678")
    expect(hint).to_contain_text("路口的井盖缺失了")


def test_first_password_language_and_sign_out(desk: Desks, city):
    admin = city.sign_in("system_admin")
    account = next(one for one in admin.get("/api/accounts").json()["items"] if one["username"] == "dispatcher")
    given = admin.post(f"/api/accounts/{account['id']}/reset", headers=ground.key()).json()["password"]
    seat = desk.open().go("/")
    sign_in(seat, "dispatcher", "not-the-password")
    expect(seat.page.get_by_role("alert")).to_be_visible()
    sign_in(seat, "dispatcher", given)
    expect(seat.page.get_by_text("首次登录请先更换密码")).to_be_visible()
    change = seat.page.get_by_role("button", name="更换密码")
    seat.page.get_by_label("原密码").fill(given)
    seat.page.get_by_label("新密码").fill("Night-Shift-03")
    seat.page.get_by_label("再输一遍").fill("Night-Shift-04")
    expect(seat.page.get_by_text("两次输入不一致")).to_be_visible()
    expect(change).to_be_disabled()
    seat.page.get_by_label("再输一遍").fill("Night-Shift-03")
    change.click()
    expect(seat.page.get_by_role("heading", name="我的待办")).to_be_visible()
    menu(seat).get_by_role("button", name="English").click()
    expect(seat.page.get_by_role("heading", name="To do")).to_be_visible()
    assert seat.page.evaluate("document.documentElement.lang") == "en"
    seat.page.reload()
    expect(seat.page.get_by_role("navigation", name="Main")).to_contain_text("Events")
    menu(seat).get_by_role("button", name="Sign out").click()
    expect(seat.page.get_by_label("User name")).to_be_visible()
    seat.go("/inbox")
    expect(seat.page.get_by_label("User name")).to_be_visible()


def test_two_reports_of_one_matter_are_merged_and_taken_apart_again(desk: Desks, city):
    one = town.report(city)
    other = town.report(city, "clerk", channel="citizen", text="人行道上井盖不见了", reporter={"name": "李先生"})
    seat = desk.sit("clerk", f"/inbox/open/{other['id']}")
    expect(event(seat.page)).to_contain_text("人行道上井盖不见了")
    seat.press("m")
    dialog = seat.page.get_by_role("dialog", name="并入另一事件")
    expect(dialog).to_contain_text("同一分类")
    dialog.get_by_role("radio").first.check()
    dialog.get_by_label("理由").fill("同一个井盖")
    dialog.get_by_role("button", name="并案").click()
    seat.toast("已并案")
    expect(event(seat.page)).to_contain_text(one["case_no"])
    expect(rows(seat.page)).to_have_count(1)
    seat.press("4")
    reports = event(seat.page).get_by_role("tabpanel", name="来件")
    expect(reports.get_by_role("checkbox")).to_have_count(2)
    reports.get_by_role("listitem").filter(has_text="人行道上井盖不见了").get_by_role("checkbox").check()
    reports.get_by_role("button", name="拆出 1 件来件").click()
    dialog = seat.page.get_by_role("dialog")
    dialog.get_by_label("理由").fill("是另一个井盖")
    dialog.get_by_role("button", name="拆分").click()
    seat.toast("已拆出 1 件")
    expect(rows(seat.page)).to_have_count(2)


def test_an_event_is_found_by_words_initials_and_case_number(desk: Desks, city):
    made = town.report(city)
    town.report(city, text="垃圾满溢，无人清运", matter_id=None)
    seat = desk.sit("clerk")
    expect(rows(seat.page)).to_have_count(2)
    found = seat.page.get_by_role("list", name="查找结果").get_by_role("link")
    for words in ("井盖缺失", "jgqs", made["case_no"]):
        seat.press("/")
        box = seat.page.get_by_role("banner").get_by_role("searchbox")
        expect(box).to_be_focused()
        box.fill(words)
        box.press("Enter")
        expect(found).to_have_count(1)
        expect(found).to_contain_text("井盖缺失")
        seat.press("Escape")
    box = seat.page.locator("main").get_by_role("searchbox")
    box.fill("鲸鱼搁浅")
    box.press("Enter")
    expect(seat.page.get_by_test_id("state-empty")).to_contain_text("没有找到“鲸鱼搁浅”")
