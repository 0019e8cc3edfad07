"""Evaluation in a real browser: a month looked at, a figure opened, a period published, a weight changed."""

import pytest
from playwright.sync_api import expect

from tests.city import City
from tests.flow.cases import MONDAY, Cases, now_is
from tests.web.browser import Desks
from tests.web.test_accessibility import fit, sit

pytestmark = pytest.mark.browser
MONTH = "/evaluate?period=2026-10"


class Placed(Cases):
    """Cases in a city that is founded already."""

    def _found(self) -> None:
        return


@pytest.fixture
def month(desk: Desks, city: City) -> Desks:
    """October 2026 with one matter in time and one that was closed too late, looked at in November."""
    cases = Placed(city)
    for late_hours in (0, 25):
        event = cases.dispatched(text=f"路口井盖破损{late_hours}")
        cases.later(hours=1 + late_hours)
        cases.closed(cases.checked(cases.handled(event)))
    now_is(city, MONDAY.replace(month=11, day=3))
    return desk


def test_a_figure_opens_to_the_matters_it_counted(month: Desks) -> None:
    seat = sit(month, "evaluator", MONTH)
    page = seat.page
    table = page.get_by_role("table", name="2026-10 考核表")
    row = table.get_by_role("row").filter(has_text="市政处")
    figure = row.get_by_role("button", name="按期结案率 50.0%")
    expect(figure).to_be_visible()
    fit(seat)
    seat.press("j")
    seat.press("ArrowRight", "ArrowDown")
    expect(table.locator("tbody button:focus")).to_have_count(1)
    figure.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_contain_text("市政处 · 按期结案率")
    expect(dialog.get_by_role("row")).to_have_count(3)
    dialog.get_by_role("tab", name="分子").click()
    expect(dialog.get_by_role("row")).to_have_count(2)
    fit(seat)
    seat.press("Escape")
    expect(dialog).to_have_count(0)
    seat.press("[")
    expect(page.get_by_text("2026-09", exact=True).first).to_be_visible()
    expect(page.get_by_test_id("state-empty")).to_contain_text("没有可考核的事项")


def test_a_briefing_s_link_opens_its_figure(month: Desks) -> None:
    page = month.sit("evaluator", f"{MONTH}&scope=area&level=town&counted=closing:").page
    expect(page.get_by_role("dialog").get_by_role("heading")).to_contain_text("合计 · 结案率")
    page.keyboard.press("Escape")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Word 简报").click()
    assert waiting.value.suggested_filename.endswith(".docx")


def test_areas_are_drawn_and_posts_are_scored_quietly(month: Desks) -> None:
    seat = sit(month, "evaluator", f"{MONTH}&scope=area")
    expect(seat.page.get_by_role("region", name="分布")).to_be_visible()
    expect(seat.page.get_by_role("region", name="近 12 期").get_by_role("button").last).to_have_attribute("title", "结案率 100.0% · 2 / 2 · 件数过少，仅供参考")
    fit(seat)
    seat.go(f"{MONTH}&scope=post&score=dispatcher")
    table = seat.page.get_by_role("table", name="2026-10 考核表")
    expect(table.get_by_role("row").filter(has_text="甲dispatcher")).to_contain_text("件数过少，不评分")
    expect(table.get_by_role("columnheader", name="名次")).to_have_count(0)
    fit(seat)


def test_a_period_is_prepared_by_one_and_published_by_another(month: Desks) -> None:
    seat = sit(month, "evaluator", f"{MONTH}&tab=periods")
    page = seat.page
    page.get_by_role("button", name="拟定周期").click()
    page.get_by_role("dialog").get_by_label("周期").fill("2026-10")
    seat.press("Control+Enter")
    seat.toast("已拟定")
    row = page.get_by_role("table").get_by_role("row").filter(has_text="2026-10")
    row.get_by_role("button", name="发布").click()
    seat.toast("须由另一人发布")
    other = month.sit("supervisor", f"{MONTH}&tab=periods")
    mine = other.page.get_by_role("table").get_by_role("row").filter(has_text="2026-10")
    mine.get_by_role("button", name="发布").click()
    other.toast("2026-10 已发布，第 1 版")
    mine.get_by_role("button", name="2026-10").click()
    expect(other.page.get_by_text("已发布 第 1 版")).to_be_visible()
    fit(seat)


def test_weights_that_do_not_add_up_cannot_be_kept(month: Desks) -> None:
    seat = sit(month, "evaluator", f"{MONTH}&tab=rules")
    page = seat.page
    card = page.get_by_role("article", name="监督员")
    expect(card).to_contain_text("A ≥ 90")
    fit(seat)
    card.get_by_role("button", name="修改").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("理由").fill("核实更重要")
    first = dialog.get_by_label("有效上报率")
    first.fill("50")
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_role("button", name="存为新版")).to_be_disabled()
    first.fill("30")
    dialog.get_by_label("漏报率").fill("30")
    expect(dialog.get_by_text("可以成立")).to_be_visible()
    expect(dialog.get_by_role("button", name="存为新版")).to_be_enabled()
    fit(seat)
    dialog.get_by_role("button", name="存为新版").click()
    seat.toast("已存为草稿")
    expect(page.get_by_role("region", name="待发布的口径")).to_contain_text("patrol")


def test_what_is_left_out_stays_in_sight(month: Desks) -> None:
    seat = sit(month, "evaluator", f"{MONTH}&tab=exclusions")
    expect(seat.page.get_by_test_id("state-empty")).to_contain_text("本期没有剔除或豁免的案件")
    fit(seat)
