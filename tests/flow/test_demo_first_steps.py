"""The page of first steps, walked in a real browser by the accounts it names, with the words it gives."""

import io
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Locator, Page, expect

from gangmu import demo
from gangmu.demo.roster import PASSWORD
from tests.conftest import make_database, using
from tests.web.browser import served

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(900)]
TOLD = (Path(__file__).resolve().parents[2] / "docs" / "first-steps.zh-CN.md").read_text("utf-8")
PATIENCE_MS = 40_000


def said(words: str) -> str:
    """These words, which the page gives."""
    assert words in TOLD, f"the page of first steps does not say {words}"
    return words


class Walk:
    """One person at a browser after the other, on one matter."""

    def __init__(self, browser: Browser, address: str, matter: str) -> None:
        self._browser, self._address, self._matter = browser, address, matter
        self._pages: dict[str, Page] = {}

    def sit(self, username: str) -> Page:
        assert f"`{username}`" in TOLD
        if username not in self._pages:
            context = self._browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
            page = self._pages[username] = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.goto(self._address)
            page.get_by_label("用户名").fill(username)
            page.get_by_label("密码").fill(said(PASSWORD))
            page.keyboard.press("Enter")
            expect(page.locator("nav.rail")).to_be_visible(timeout=PATIENCE_MS)
        return self._pages[username]

    def open(self, username: str) -> Page:
        """The matter on the list of somebody."""
        page = self.sit(username)
        page.goto(self._address + "/inbox")
        page.locator("main").get_by_text(self._matter).first.click()
        expect(page.get_by_role("group", name="可办事项")).to_be_visible(timeout=PATIENCE_MS)
        return page

    def verb(self, page: Page, title: str) -> Locator:
        """The form of a verb."""
        buttons = page.get_by_role("group", name="可办事项").get_by_role("button")
        buttons.filter(has_text=re.compile(rf"^\s*{said(title)}")).first.click()
        form = page.locator("form").filter(has=page.get_by_role("button", name="取消")).last
        expect(form).to_be_visible(timeout=PATIENCE_MS)
        return form

    def send(self, page: Page, state: str) -> None:
        """Send the open form; the matter is in this state then."""
        page.keyboard.press(said("Ctrl+Enter").replace("Ctrl", "Control"))
        expect(page.get_by_text(f"现为“{state}”").last).to_be_visible(timeout=PATIENCE_MS)

    def act(self, username: str, title: str, state: str) -> None:
        page = self.open(username)
        self.verb(page, title)
        self.send(page, state)

    def call(self, username: str, *, channel: str = "", kind: str = "", text: str, matter: str, place: str) -> Page:
        """Fill in the form of a call."""
        page = self.sit(username)
        page.keyboard.press("g")
        page.keyboard.press("c")
        expect(page.get_by_role("heading", name="接报登记")).to_be_visible(timeout=PATIENCE_MS)
        for label, choice in (("来源", channel), ("诉求类型", kind)):
            if choice:
                page.get_by_label(label, exact=True).select_option(label=said(choice))
        page.get_by_label("诉求内容").fill(said(text))
        self.pick(page, page.get_by_label("事项分类"), matter)
        self.pick(page, page.get_by_label("地点").last, place)
        return page

    def pick(self, page: Page, field: Locator, words: str) -> None:
        """Type into a field that finds, and take the first that it finds."""
        field.fill(said(words))
        expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible(timeout=PATIENCE_MS)
        page.keyboard.press("Enter")

    def record(self, page: Page) -> None:
        page.keyboard.press("Control+Enter")
        expect(page.get_by_test_id("call-made")).to_be_visible(timeout=PATIENCE_MS)


def photo(name: str) -> dict:
    """A photo that nobody has seen before."""
    chance = random.Random(name)
    picture = Image.new("RGB", (640, 480), (90, 120, 150))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = chance.randrange(600), chance.randrange(440)
        draw.rectangle((x, y, x + 60, y + 40), fill=tuple(chance.randrange(256) for _ in range(3)))
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.fixture(scope="module")
def address(server, template, tmp_path_factory) -> Iterator[str]:
    make_database(server, "first_steps", template)
    with using(server, "first_steps", tmp_path_factory.mktemp("first")):
        demo.found(events=6)
        with served() as at:
            yield at


def attach(form: Locator, name: str) -> None:
    form.locator("input[type=file]").first.set_input_files(photo(name))
    expect(form.get_by_text(f"{name}.jpg")).to_be_visible(timeout=PATIENCE_MS)


def test_a_call_is_taken_dispatched_handled_and_closed(address, chromium):
    walk = Walk(chromium, address, "明湖小学门口的井盖松动")
    page = walk.call(
        "operator",
        text="望澜大道明湖小学门口的井盖松动，孩子上学路过很危险，请尽快处理。",
        matter="井盖问题",
        place="望澜大道10号",
    )
    page.get_by_label("电话", exact=True).fill(said("12000000001"))
    page.get_by_label("姓名", exact=True).fill(said("王小芳"))
    expect(page.get_by_text("首次来电")).to_be_visible(timeout=PATIENCE_MS)
    walk.record(page)
    page.get_by_role("button", name=said("打开事件")).click()
    expect(page.get_by_role("group", name="可办事项")).to_be_visible(timeout=PATIENCE_MS)
    form = walk.verb(page, "受理建单")
    form.get_by_text(said("一般诉求")).first.click()
    form.get_by_text(said("属受理范围")).click()
    walk.send(page, "待派单")

    page = walk.open("dispatcher")
    form = walk.verb(page, "派单")
    form.get_by_role("button", name=re.compile(said("采用"))).first.click()
    walk.send(page, "待签收")

    walk.act("dept", "签收", "已签收")
    page = walk.open("dept")
    form = walk.verb(page, "指派承办人")
    walk.pick(page, form.get_by_label(said("处置人")), _handler())
    walk.send(page, "办理中")

    page = walk.open("handler")
    form = walk.verb(page, "提交答复")
    form.get_by_text(said("已解决")).first.click()
    form.get_by_label("答复内容").fill(said("已更换井盖并调平，现场无异响，已电话告知。"))
    walk.send(page, "已答复待单位审核")
    walk.act("dept", "单位确认", "待回访")

    page = walk.open("callback")
    form = walk.verb(page, "回访")
    form.get_by_text("已解决").first.click()
    form.get_by_text(said("满意"), exact=True).click()
    walk.send(page, "已回访")
    page = walk.open("callback")
    form = walk.verb(page, "办结")
    form.get_by_text(said("问题已解决")).click()
    walk.send(page, "已办结")


def _handler() -> str:
    """The handler whom the page names."""
    found = re.search(r"处置人\*\*里输入 `([^`]+)`", TOLD)
    assert found is not None
    return found[1]


def test_a_broken_pavement_is_checked_by_somebody_else(address, chromium):
    walk = Walk(chromium, address, "石渡路28号门前人行道塌陷一处")
    page = walk.call(
        "patrol",
        channel="城管采集",
        kind="举报",
        text="石渡路28号门前人行道塌陷一处，约0.5平方米，有砖块缺失。",
        matter="人行道",
        place="石渡路28号",
    )
    attach(page.locator("form.call"), "report")
    walk.record(page)
    walk.act("clerk", "受理", "已受理")
    page = walk.open("shift")
    walk.verb(page, "立案").get_by_text(said("部件损坏、污损，不危及安全")).click()
    walk.send(page, "已立案")
    page = walk.open("dispatcher")
    walk.verb(page, "派遣").get_by_role("button", name=re.compile("采用")).first.click()
    walk.send(page, "待处置")
    page = walk.open("dept")
    walk.pick(page, walk.verb(page, "指派处置人").get_by_label("处置人"), _handler())
    walk.send(page, "已指派处置人")
    page = walk.open("handler")
    walk.verb(page, "开始处置")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("现为“处置中”").last).to_be_visible(timeout=PATIENCE_MS)
    form = walk.verb(page, "处置完毕")
    attach(form, "after")
    form.get_by_label("答复内容").fill("已铣刨补铺，路面平整。")
    walk.send(page, "处置完毕待确认")
    walk.act("dept", "部门确认", "部门已确认")
    walk.act("clerk", "发核查", "核查中")

    page = walk.sit("grid")
    page.goto(address + "/tasks")
    page.locator("main").get_by_text("石渡路28号").first.click()
    page.get_by_text(said("核查通过")).first.click()
    attach(page.locator("main form").last, "check")
    page.get_by_role("button", name=re.compile(said("回复结果"))).click()

    page = walk.open("shift")
    walk.verb(page, "结案").get_by_text(said("设施已修复，恢复正常使用")).click()
    walk.send(page, "已结案")
