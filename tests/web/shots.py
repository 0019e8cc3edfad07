"""Pictures of every screen, to be looked at: ``python -m tests.web.shots [OUT [PART...]]``.

Founds the demo city in a folder that is thrown away, and takes each screen at 1366x768 and 1920x1080. The states are
real ones: loading is a held answer, late a line that was cut, refused what the post may not see.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Route

from gangmu import boot, demo
from gangmu.demo import ground, roster
from gangmu.demo.roster import PASSWORD
from gangmu.kit import jobs, journal
from tests.web.browser import LARGE, SMALL, Desks, Seat, launched, served

SETTLED_MS = 700
ADMIN = {
    "steward": ("orgs", "people", "roles", "duties", "matters", "calendar", "flows", "sessions"),
    "system": ("accounts", "settings", "dead"),
    "security": ("why",),
    "audit": ("journal",),
}


class Album:
    """Takes the pictures, numbered in the order of the story."""

    def __init__(self, out: Path, desks: Desks) -> None:
        self.out = out
        self.desks = desks
        self.taken = 0
        out.mkdir(parents=True, exist_ok=True)

    def sit(self, who: str, path: str, lang: str = "zh-CN") -> Seat:
        seat = self.desks.sit(who, path, lang=lang, password=PASSWORD) if who else self.desks.open(lang).go(path)
        self.rest(seat)
        return seat

    def rest(self, seat: Seat) -> None:
        """Wait until what was asked for is there."""
        seat.page.wait_for_timeout(SETTLED_MS)
        seat.page.wait_for_function("() => !document.querySelector('[data-testid=state-loading]')")
        seat.page.wait_for_timeout(SETTLED_MS)

    def take(self, seat: Seat, name: str, still: bool = True) -> None:
        self.taken += 1
        for size in (LARGE, SMALL):
            seat.page.set_viewport_size({"width": size[0], "height": size[1]})
            if still:
                self.rest(seat)
            seat.page.screenshot(path=self.out / f"{self.taken:02d}-{name}-{size[0]}.png")
        print(f"{self.taken:02d} {name}")


@contextmanager
def city() -> Iterator[str]:
    """The demo city in a folder of its own, served."""
    with tempfile.TemporaryDirectory(prefix="gangmu-shots-") as folder, boot.node(Path(folder)) as node:
        demo.found(node)
        jobs.settle()
        journal.seal_tail(node.journal_folder)
        with served() as address:
            yield address


@contextmanager
def held(seat: Seat, path: str) -> Iterator[None]:
    """Answers of this path wait until the picture is taken."""
    waiting: list[Route] = []
    seat.page.route(path, lambda route: waiting.append(route))
    yield
    for route in waiting:
        route.continue_()
    seat.page.unroute(path)


def pick(seat: Seat, row: int = 0) -> None:
    seat.page.locator("ol a.item").nth(row).click()


def work(album: Album) -> None:
    """The daily work, in the order in which a matter goes through it."""
    for lang in ("zh-CN", "en"):
        seat = album.sit("", "/", lang)
        album.take(seat, f"sign-in-{lang}")
    for lang in ("zh-CN", "en"):
        seat = album.sit("dispatcher", "/inbox", lang)
        album.take(seat, f"inbox-{lang}")
        pick(seat)
        album.rest(seat)
        album.take(seat, f"event-{lang}")
        for number, tab in enumerate(("story", "deadline", "evidence", "reports", "duties", "who-may"), 1):
            if lang == "zh-CN" and number > 1:
                seat.press(str(number))
                album.rest(seat)
                album.take(seat, f"event-{tab}")
        seat.press("d")
        album.rest(seat)
        album.take(seat, f"dispatch-{lang}")
    seat.close()
    for who, verb in (("clerk", "accept"), ("shift", "file"), ("dept", "department"), ("callback", "call-back")):
        seat = album.sit(who, "/inbox")
        album.take(seat, f"inbox-{who}")
        if seat.page.locator("ol a.item").count():
            pick(seat)
            album.rest(seat)
            seat.page.locator("article .verbs .btn").first.click()
            if seat.page.locator("article .verbs .not").count():
                seat.page.locator("article .verbs .not").click()
            album.rest(seat)
            album.take(seat, f"act-{verb}")
        if who == "clerk":
            seat.press("Escape", "m")
            album.rest(seat)
            album.take(seat, "merge")
    leader = album.sit("leader", "/inbox/open")
    album.take(leader, "inbox-leader")
    leader.press("f")
    album.rest(leader)
    album.take(leader, "inbox-filter")
    leader.press("?")
    album.take(leader, "help")
    leader.press("Escape", "f")
    leader.page.locator(".me summary").click()
    leader.page.locator(".menu .btn").nth(1).click()
    leader.page.locator(".me summary").click()
    pick(leader, 2)
    album.rest(leader)
    album.take(leader, "event-dark")
    call(album)
    seat = album.sit("patrol", "/tasks")
    album.take(seat, "tasks")
    seat.press("j")
    album.rest(seat)
    album.take(seat, "task")
    seat = album.sit("dispatcher", "/disputes")
    album.take(seat, "disputes")
    seat.go("/search")
    album.take(seat, "search-start")
    seat.go("/search?q=井盖")
    album.take(seat, "search-found")
    seat.go("/no/such/page")
    album.take(seat, "nowhere")


def call(album: Album) -> None:
    """The call-taker's form: empty, full of hints, sent."""
    seat = album.sit("operator", "/call")
    album.take(seat, "call-empty")
    form = seat.page.get_by_role("form", name="接报登记")
    form.get_by_label("电话").fill("13900001234")
    form.get_by_label("姓名").fill("王女士")
    form.get_by_label("诉求内容").fill("人民路路口的井盖不见了，昨晚有人骑车摔倒，请尽快处理。")
    place = form.get_by_role("combobox", name="地点")
    place.click()
    place.fill("临江街")
    seat.page.get_by_role("listbox").get_by_role("option").first.click()
    matter = form.get_by_role("combobox", name="事项分类")
    matter.click()
    matter.fill("井盖")
    seat.page.get_by_role("listbox").get_by_role("option").first.wait_for()
    album.take(seat, "call-choosing")
    matter.press("Enter")
    album.rest(seat)
    album.take(seat, "call-full")
    seat.press("Control+Enter")
    seat.page.get_by_test_id("call-made").wait_for()
    album.take(seat, "call-made")


def administration(album: Album) -> None:
    for who, pages in ADMIN.items():
        seat = album.sit(who, "/admin")
        for page in pages:
            seat.go(f"/admin/{page}")
            album.take(seat, f"admin-{page}")
            for name, press in DIALOGS.get(page, ()):
                press(seat)
                album.rest(seat)
                album.take(seat, f"admin-{page}-{name}")
                seat.press("Escape")
        if who == "steward":
            for page in ("duties", "matters", "flows"):
                seat.page.evaluate("localStorage.setItem('gangmu.lang', 'en')")
                seat.go(f"/admin/{page}")
                album.take(seat, f"admin-{page}-en")


def button(name: str) -> Callable[[Seat], None]:
    return lambda seat: seat.page.locator("main").get_by_role("button", name=name).first.click()


def classes(seat: Seat) -> None:
    seat.page.get_by_label("目录", exact=True).select_option(label="城管部件")
    seat.page.locator("main input[type=search]").fill("井盖")
    seat.page.get_by_role("treeitem").filter(has_text="0101").first.click()


DIALOGS: dict[str, tuple[tuple[str, Callable[[Seat], None]], ...]] = {
    "duties": (("edit", button("修改")),),
    "matters": (("class", classes), ("condition", lambda seat: seat.page.locator(".condition .btn").first.click())),
    "calendar": (("day", lambda seat: seat.page.locator("button.day.holiday").first.click()),),
    "flows": (("verbs", lambda seat: seat.page.get_by_role("tab").nth(1).click()),),
    "accounts": (("open", button("开户")),),
    "settings": (("edit", button("修改")),),
    "journal": (("entry", lambda seat: seat.page.locator("main button.more").first.click()),),
}


def states(album: Album) -> None:
    """Loading, empty, late, cut off and refused."""
    seat = album.sit("dispatcher", "/inbox")
    with held(seat, "**/api/events?*"):
        seat.go("/inbox/late")
        seat.page.get_by_test_id("state-loading").first.wait_for()
        album.take(seat, "state-loading", still=False)
    seat.go("/search?q=鲸鱼搁浅")
    album.take(seat, "state-empty")
    seat = album.sit("handler", "/disputes")
    album.take(seat, "state-refused")
    seat = album.desks.open(own_line=True)
    seat.page.clock.install()
    answer = seat.context.request.post(
        f"{seat.address}/api/session", data={"username": "dispatcher", "password": PASSWORD}
    )
    assert answer.ok
    seat.go("/inbox")
    seat.page.locator("ol a.item").first.wait_for()
    seat.page.clock.run_for(2000)
    seat.cut()
    seat.page.clock.run_for(130_000)
    seat.page.get_by_test_id("state-late").first.wait_for()
    album.take(seat, "state-late", still=False)
    seat.page.get_by_role("link", name="已超时").click()
    seat.page.clock.run_for(10_000)
    seat.page.get_by_test_id("state-error").first.wait_for()
    album.take(seat, "state-unreachable", still=False)


def places(album: Album) -> None:
    """Every place of the rail and every page of administration, each as the first account that is offered it; what
    has a picture already in another part is taken here once more, as its own people see it."""
    seen: set[str] = set()
    for login in [one.login for one in roster.make(ground.lay()).logins]:
        seat = album.sit(login, "/")
        paths = offered(seat, "nav.rail a")
        if "/admin" in paths:
            seat.go("/admin")
            album.rest(seat)
            paths += offered(seat, ".admin nav a")
        for path in paths:
            if path not in seen and path not in ("/admin", "/inbox"):
                seen.add(path)
                seat.go(path)
                album.rest(seat)
                album.take(seat, f"at-{path.strip('/').replace('/', '-')}-{login}")
        seat.close()


def offered(seat: Seat, links: str) -> list[str]:
    """Where these links lead."""
    return [str(link.get_attribute("href")) for link in seat.page.locator(links).all()]


def orders(album: Album) -> None:
    """Several at once, on paper, large letters."""
    seat = album.sit("dispatcher", "/inbox")
    seat.press("j", "x", "j", "x", "j", "x", "b")
    album.rest(seat)
    album.take(seat, "batch")
    seat.press("Escape", "o")
    album.rest(seat)
    album.take(seat, "print-orders")
    seat.go("/disputes")
    album.rest(seat)
    seat.press("j")
    album.rest(seat)
    album.take(seat, "dispute-desk")
    seat = album.sit("handler", "/simple")
    seat.page.evaluate("localStorage.setItem('gangmu.letters', 'biggest')")
    seat.go("/simple")
    album.rest(seat)
    album.take(seat, "simple-biggest")
    seat.press("j", "Enter")
    album.rest(seat)
    album.take(seat, "simple-one-biggest")


def board(album: Album) -> None:
    """The wall screen: full in both themes, loading, refused, without its key, with figures behind a number, cut off."""
    seat = album.sit("leader", "/board")
    wall(album, seat, "board-full")
    seat.press("t")
    wall(album, seat, "board-light")
    seat.press("t")
    seat.page.locator(".abnormal .more").click()
    album.rest(seat)
    wall(album, seat, "board-behind")
    seat.press("Escape", "?")
    wall(album, seat, "board-help")
    with held(seat, "**/api/board"):
        seat.go("/board")
        seat.page.get_by_test_id("state-loading").first.wait_for()
        album.take(seat, "board-loading", still=False)
    wall(album, album.sit("handler", "/board"), "board-refused")
    wall(album, album.sit("", "/board"), "board-key")
    seat = album.desks.open(own_line=True)
    answer = seat.context.request.post(f"{seat.address}/api/session", data={"username": "leader", "password": PASSWORD})
    assert answer.ok
    seat.go("/board")
    seat.page.get_by_test_id("board-live").wait_for()
    album.rest(seat)
    seat.cut()
    seat.page.get_by_test_id("board-stopped").wait_for()
    album.take(seat, "board-cut", still=False)


def wall(album: Album, seat: Seat, name: str) -> None:
    """As every screen, and as a wall of four times as many points shows it."""
    album.take(seat, name)
    seat.page.set_viewport_size({"width": 3840, "height": 2160})
    album.rest(seat)
    seat.page.screenshot(path=album.out / f"{album.taken:02d}-{name}-3840.png")


PARTS = {"board": board, "work": work, "administration": administration, "places": places, "orders": orders, "states": states}


def main(out: Path, parts: list[str]) -> int:
    with city() as address, launched() as browser:
        desks = Desks(browser, address)
        album = Album(out, desks)
        for part in parts or PARTS:
            PARTS[part](album)
        faults = desks.close()
    print(*faults, sep="\n")
    print(f"{album.taken} screens in {out}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "shots"), sys.argv[2:]))
