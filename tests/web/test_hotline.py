"""The hotline's seat in a real browser: a call answered from the knowledge base by keys alone, an emergency by one."""

import re

import pytest
from playwright.sync_api import expect

from tests.flow.test_hotline import SEAT, Telephone, entry, sits
from tests.web.browser import Desks

pytestmark = pytest.mark.browser
NUMBER = "13812345678"


def test_a_call_pops_up_and_is_answered_from_the_knowledge_base_by_keys(desk: Desks, city):
    entry(city)
    sits(city)
    phone = Telephone(city)
    seat = desk.sit("hotline_operator", "/call")
    bar = seat.page.get_by_role("region", name="话务坐席")
    expect(bar).to_contain_text("坐席 801")
    expect(seat.page.get_by_test_id("live")).to_have_text("实时")
    phone.tells("ring", seat=SEAT)
    expect(bar).to_contain_text(NUMBER)
    expect(bar).to_contain_text("振铃")
    expect(seat.page.get_by_label("电话")).to_have_value(NUMBER)
    phone.tells("answer", seat=SEAT)
    expect(bar).to_contain_text("通话中")

    seat.page.get_by_label("诉求内容").fill("公积金怎么取出来")
    hints = seat.page.get_by_role("region", name="知识库")
    expect(hints.get_by_role("listitem").first).to_contain_text("住房公积金怎么提取")
    seat.press("Alt+s", "Enter")
    expect(hints).to_contain_text("3个工作日到账")
    seat.press("Alt+a")
    made = seat.page.get_by_test_id("call-made")
    expect(made).to_contain_text("直接答复")
    expect(made).to_contain_text("携带身份证")
    seat.press("n")
    expect(seat.page.get_by_label("诉求内容")).to_have_value("")

    seat.press("Escape", "g", "p")
    expect(seat.page.get_by_role("heading", name="来电", exact=True)).to_be_visible()
    seat.page.get_by_role("tab", name="全部来电").click()
    expect(seat.page.get_by_role("row").filter(has_text="138****5678")).to_contain_text("已办结")
    seat.page.get_by_role("tab", name="话务统计").click()
    expect(seat.page.get_by_text(re.compile(r"100%（1/1）")).first).to_be_visible()


def test_one_key_hands_an_emergency_over_and_it_stays_followed_up(desk: Desks, city):
    seat = desk.sit("hotline_operator", "/call")
    seat.page.get_by_label("电话").fill(NUMBER)
    seat.page.get_by_label("诉求内容").fill("楼道着火，有人被困")
    seat.press("Alt+9")
    expect(seat.page.get_by_test_id("call-made")).to_contain_text("已转 119")
    leader = desk.sit("shift_leader", "/calls")
    leader.page.get_by_role("tab", name="紧急转接").click()
    row = leader.page.get_by_role("row").filter(has_text="119")
    expect(row).to_contain_text("楼道着火")
    row.get_by_role("button", name="登记跟踪结果").click()
    leader.page.get_by_role("dialog").get_by_label("跟踪结果").fill("火已扑灭，无伤亡")
    leader.press("Control+Enter")
    expect(leader.page.get_by_text("没有待跟踪的紧急转接")).to_be_visible()


def test_a_lawful_way_is_told_with_its_reason_by_keys(desk: Desks, city):
    seat = desk.sit("hotline_operator", "/call")
    seat.page.get_by_label("诉求内容").fill("公司拖欠工资，要求仲裁")
    seat.press("Alt+o")
    dialog = seat.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="告知仲裁途径").focus()
    seat.press("b")
    expect(dialog.get_by_role("heading", name=re.compile("告知仲裁途径"))).to_be_visible()
    seat.press("Control+Enter")
    expect(dialog).to_contain_text("必填")
    dialog.get_by_label("理由").fill("劳动争议，尚未仲裁")
    seat.press("Control+Enter")
    expect(seat.page.get_by_test_id("call-made")).to_contain_text("劳动人事争议仲裁委员会")


def test_the_knowledge_base_is_kept_by_its_owner(desk: Desks, city):
    entry(city)
    operator = desk.sit("hotline_operator", "/knowledge")
    operator.page.get_by_role("searchbox", name="检索知识").fill("公鸡金")
    expect(operator.page.get_by_role("list", name="知识列表").get_by_role("button")).to_have_count(1)
    operator.press("ArrowDown", "Escape")
    expect(operator.page.get_by_role("article")).to_contain_text("3个工作日到账")
    operator.page.get_by_role("button", name="提出纠错").click()
    operator.page.get_by_role("dialog").get_by_label("哪里不对").fill("窗口已搬家")
    operator.press("Control+Enter")
    operator.toast("已保存")
    lead = desk.sit("dept_lead", "/knowledge")
    lead.page.get_by_role("tab", name="纠错").click()
    expect(lead.page.get_by_text("窗口已搬家")).to_be_visible()
    lead.page.get_by_role("button", name="修订并答复").click()
    dialog = lead.page.get_by_role("dialog")
    dialog.get_by_label("答复口径").fill("请到新址人民路12号办理。")
    dialog.get_by_label("修订原因").fill("窗口搬家")
    lead.press("Control+Enter")
    lead.toast("已保存")
    expect(lead.page.get_by_role("article")).to_contain_text("新址人民路12号")
