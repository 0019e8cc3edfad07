"""A real browser at a real server: who sits at it, what it asked for, what went wrong in it.

A request to any other host than the server, an error in the console or an answer of 500 and above is a fault; the
fixture ``desk`` fails the test for it.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect, sync_playwright

from gangmu import boot
from gangmu.faces.cli._given import listen
from gangmu.faces.http.app import SCREENS
from gangmu.kit import jobs
from tests.city import PASSWORD
from tests.web.line import Line

SMALL, LARGE = (1366, 768), (1920, 1080)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000
# answers that the desk expects and shows in its own words
ANSWERS = {401, 403, 404, 409, 422}


def chromium_path() -> str:
    """Where Debian's chromium is; without one a failure in CI and a loud skip elsewhere."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("no chromium: the browser tests cannot run, and in CI they must")
    pytest.skip("NO CHROMIUM HERE: THE BROWSER TESTS DID NOT RUN (apt-get install chromium)")


@contextmanager
def launched() -> Iterator[Browser]:
    """Debian's chromium, driven by Playwright."""
    path = chromium_path()
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(work: bool = True) -> Iterator[str]:
    """The application of this process on a free port of this machine, with one thread that works."""
    assert (SCREENS / "index.html").exists(), "the screens are not built: make setup"
    at = listen("127.0.0.1", 0)
    config = uvicorn.Config(boot.make_app(), log_level="warning", access_log=False, timeout_graceful_shutdown=1)
    web = uvicorn.Server(config)
    thread = threading.Thread(target=web.run, kwargs={"sockets": [at]}, daemon=True)
    thread.start()
    worker = jobs.Worker(1)
    if work:
        worker.start()
    try:
        yield f"http://127.0.0.1:{at.getsockname()[1]}"
    finally:
        if work:
            worker.stop()
        web.should_exit = True
        thread.join(15)
        at.close()
        for bell in [one for one in threading.enumerate() if one.name == "bell"]:
            bell.join(5)


@dataclass
class Seat:
    """One person's browser: its page and everything that it asked for."""

    context: BrowserContext
    page: Page
    address: str
    who: str = ""
    line: Line | None = None
    is_cut: bool = False
    outside: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    asking: set[Any] = field(default_factory=set)

    def go(self, path: str) -> "Seat":
        self.page.goto(self.address + path, wait_until="domcontentloaded")
        return self

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def quiet(self) -> None:
        """Until the page has shown what it was told: nothing it asked for is on its way, and two frames were drawn
        since. However slow the machine is, the next key meets what this one led to."""
        until = monotonic() + PATIENCE_MS / 1000
        while True:
            self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            if not self.asking:
                return
            assert monotonic() < until, f"still asking for {sorted(one.url for one in self.asking)}"

    def toast(self, words: str) -> None:
        """A message at the foot of the screen says these words; put away."""
        one = self.page.locator(".toast").filter(has_text=words).last
        expect(one).to_be_visible()
        one.get_by_role("button").click()

    def cut(self) -> None:
        """Cut the line to the server; that the browser says so is no fault."""
        assert self.line is not None, "this seat has no line of its own"
        self.is_cut = True
        self.line.cut()

    def mend(self) -> None:
        assert self.line is not None
        self.line.mend()

    def close(self) -> None:
        self.context.close()
        if self.line is not None:
            self.line.cut()


@dataclass
class Desks:
    """Opens a browser for everybody who sits at a desk, and at the end says what went wrong in any of them."""

    browser: Browser
    address: str
    seats: list[Seat] = field(default_factory=list)

    def open(self, lang: str = "zh-CN", size: tuple[int, int] = SMALL, own_line: bool = False) -> Seat:
        """A browser of its own in which nobody has signed in; with ``own_line`` its line can be cut."""
        view = {"width": size[0], "height": size[1]}
        context = self.browser.new_context(viewport=view, locale="zh-CN", timezone_id="Asia/Shanghai")
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(2 * PATIENCE_MS)  # the page is served by this very process
        context.add_init_script(f"localStorage.getItem('gangmu.lang') ?? localStorage.setItem('gangmu.lang', '{lang}')")
        line = Line(self.address) if own_line else None
        seat = Seat(context, context.new_page(), line.address if line else self.address, line=line)
        self._watch(seat)
        self.seats.append(seat)
        return seat

    def sit(self, who: str, path: str = "/inbox", password: str = PASSWORD, **how: Any) -> Seat:
        """A browser in which this person has signed in, at a page of the desk."""
        seat = self.open(**how)
        seat.who = who
        body = {"username": who.replace("@", "-"), "password": password}
        answer = seat.context.request.post(f"{seat.address}/api/session", data=body)
        assert answer.status == 200, answer.text()
        return seat.go(path)

    def _watch(self, seat: Seat) -> None:
        host = urlsplit(seat.address).netloc

        def asked(request: Any) -> None:
            parts = urlsplit(request.url)
            if parts.scheme not in ("data", "blob") and parts.netloc != host:
                seat.outside.append(request.url)
            if parts.scheme not in ("data", "blob") and parts.path != "/api/live":
                seat.asking.add(request)

        def answered(response: Response) -> None:
            if response.status >= 500:
                seat.faults.append(f"{response.status} {response.request.method} {response.url}")

        def said(message: Any) -> None:
            if message.type != "error":
                return
            about = urlsplit(message.location.get("url", "")).path
            is_answer = about.startswith("/api/") and any(f"status of {one}" in message.text for one in ANSWERS)
            if not is_answer and not (seat.is_cut and "net::ERR_" in message.text):
                seat.faults.append(f"console: {message.text} {about}")

        seat.context.on("request", asked)
        seat.context.on("requestfinished", lambda request: seat.asking.discard(request))
        seat.context.on("requestfailed", lambda request: seat.asking.discard(request))
        seat.context.on("response", answered)
        seat.context.on("console", said)
        seat.context.on("weberror", lambda error: seat.faults.append(f"script: {error.error}"))

    def close(self) -> list[str]:
        """Close all; what was asked of other hosts and what went wrong."""
        found = []
        for seat in self.seats:
            seat.close()
            found += [f"{seat.who or 'nobody'} asked outside: {url}" for url in seat.outside]
            found += [f"{seat.who or 'nobody'}: {fault}" for fault in seat.faults]
        return found
