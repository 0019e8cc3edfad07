"""Clients of a house that is being killed: they report and act over HTTP, and ask again under the same key until the
house has said yes."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from gangmu.kit import clock, ids
from gangmu.kit.caller import Caller, NotThere

PATIENCE_S = 300.0
AGAIN_S = 0.05
FINAL = {400, 401, 403, 404, 409, 413, 415, 422, 423}


@dataclass(frozen=True, slots=True)
class Said:
    """An acknowledged change: its mark (in text or reason), what it was, and the event that the answer named."""

    mark: str
    verb: str
    event: str


@dataclass(slots=True)
class Clients:
    """``count`` threads at work until ``stop``; ``said`` is what was acknowledged, ``wrong`` what cannot be."""

    address: str
    username: str
    password: str
    division: str
    said: list[Said] = field(default_factory=list)
    asked_again: int = 0
    wrong: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, count: int) -> None:
        for number in range(count):
            thread = threading.Thread(target=self._work, args=(number,), name=f"client-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let each finish what it has begun."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S + 10)

    def _work(self, number: int) -> None:
        browser = _Browser(self.address)
        if not self._signed_in(browser):
            return
        while not self._stop.is_set() and not self.wrong:
            opened = self._change(browser, "report", "/api/reports", self._report, number)
            if opened is None:
                return
            at = f"/api/events/{opened}/acts"
            for verb in ("note", "accept", "note"):
                if self._stop.is_set() or self._change(browser, verb, f"{at}/{verb}", _act, number) is None:
                    break

    def _signed_in(self, browser: "_Browser") -> bool:
        until = clock.monotonic() + PATIENCE_S
        while clock.monotonic() < until:
            status, told = browser.post("/api/session", {"username": self.username, "password": self.password}, "")
            if status == 200:
                browser.csrf = told["csrf"]
                return True
            time.sleep(AGAIN_S)
        self.wrong.append(f"nobody could sign in, last answer {status}")
        return False

    def _report(self, mark: str) -> dict[str, Any]:
        reporter = {"name": "来电人", "phone": "13600000000"}
        return {"channel": "patrol", "text": f"路灯不亮 {mark}", "division": self.division, "reporter": reporter}

    def _change(self, browser: "_Browser", verb: str, path: str, make: Any, number: int) -> str | None:
        """One change, asked for until it is answered. The event's id, or None when that cannot be."""
        mark = f"{verb}-{number}-{ids.new('cha')}"
        until = clock.monotonic() + PATIENCE_S
        status, told = 0, dict[str, Any]()
        while clock.monotonic() < until:
            status, told = browser.post(path, make(mark), mark)
            if status in (200, 201):
                event = str(told["event"]["id"] if verb == "report" else told["id"])
                self.said.append(Said(mark, verb, event))
                return event
            if status in FINAL:
                self.wrong.append(f"{verb} was answered {status} {told.get('code', '')}")
                return None
            self.asked_again += 1
            time.sleep(AGAIN_S)
        self.wrong.append(f"{verb} had no answer for {PATIENCE_S:.0f} s, last {status}")
        return None


def _act(mark: str) -> dict[str, Any]:
    return {"reason": mark}


class _Browser:
    """One keep-alive connection with a session."""

    def __init__(self, address: str) -> None:
        self._caller = Caller(address, timeout_s=30)
        self._cookie = ""
        self.csrf = ""

    def post(self, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        """Status and answer; 0 when there was none."""
        headers = {"Cookie": self._cookie, "X-CSRF-Token": self.csrf}
        if key:
            headers["Idempotency-Key"] = key
        try:
            answer = self._caller.ask("POST", path, body, headers)
        except NotThere:
            return 0, {}
        self._cookie = answer.cookie or self._cookie
        return answer.status, answer.json
