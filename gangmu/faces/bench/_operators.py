"""Operators at their desks, as the house sees them: one connection a request, a session each, a live stream held.

All of them live in one event loop and speak HTTP over plain sockets, so that the driver costs little beside the house
that it measures.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from gangmu.kit import clock, ids

EVERY_S = 6.0
READS_A_WRITE = 20
PATIENCE_S, SILENT_S = 60.0, 60.0
READS = {"inbox": 3, "list": 3, "event": 6, "timeline": 3, "deadline": 2, "evidence": 1, "search": 3}
WORDS = ("路灯不亮", "井盖", "垃圾堆积", "树枝", "占道经营", "污水外溢", "噪音扰民", "护栏松动")
SHIFTS = ("", "&view=todo", "&late=late", "&state=reported")


@dataclass(slots=True)
class Heard:
    """What came of it: how long each request took (ms) by its kind, from when its operator was due to act (``took``)
    and from when it was sent; what went wrong, ticks that arrived."""

    took: dict[str, list[float]] = field(default_factory=dict)
    sent: list[float] = field(default_factory=list)
    late_ms: float = 0.0
    wrong: Counter[str] = field(default_factory=Counter)
    ticks: int = 0
    streams: int = 0

    @property
    def acts(self) -> int:
        return sum(map(len, self.took.values()))


class Operators:
    """``names`` sign in with ``password`` and work in ``division`` until ``until`` (monotonic)."""

    def __init__(self, address: str, names: list[str], password: str, division: str, seed: int) -> None:
        self.address, self.names, self.password, self.division = address, names, password, division
        self.heard, self.events = Heard(), list[str]()
        self._dice = random.Random(seed)

    async def work(self, seconds: float, begun: Callable[[], None]) -> None:
        """Sign all in, little by little, say that it has begun, then let them work for so long."""
        seats = [_Seat(self.address) for _ in self.names]
        for first in range(0, len(seats), 4):
            await asyncio.gather(*(self._sign_in(n, seats[n]) for n in range(len(seats))[first : first + 4]))
        listed = await self._ask(seats[0], "sign in", "GET", "/api/events?limit=100")
        self.events = [item["id"] for item in listed.get("items", [])]
        begun()
        until = clock.monotonic() + seconds
        streams = [asyncio.create_task(self._stream(seat)) for seat in seats]
        await asyncio.gather(*(self._sit(seat, until) for seat in seats))
        self.heard.streams = sum(not stream.done() for stream in streams)
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
        for seat in seats:
            seat.hang_up()

    async def _sign_in(self, number: int, seat: "_Seat") -> None:
        body = {"username": self.names[number], "password": self.password}
        told = await self._ask(seat, "sign in", "POST", "/api/session", body)
        seat.csrf = str(told.get("csrf", ""))

    async def _sit(self, seat: "_Seat", until: float) -> None:
        """One act every ``EVERY_S``, from a moment of its own on; a write after every so many reads. Whoever was kept
        waiting acts at once, and what he waited counts: a slow answer hides nothing of the next."""
        at = clock.monotonic() + self._dice.uniform(0, EVERY_S)
        turn = self._dice.randrange(READS_A_WRITE + 1)
        while at < until:
            await asyncio.sleep(max(0.0, at - clock.monotonic()))
            seat.due = at
            turn += 1
            await (self._read(seat) if turn % (READS_A_WRITE + 1) else self._write(seat))
            at += EVERY_S

    async def _read(self, seat: "_Seat") -> None:
        kind = self._dice.choices(list(READS), list(READS.values()))[0]
        event = self._dice.choice(self.events) if self.events else ""
        path = {
            "inbox": "/api/inbox",
            "list": f"/api/events?limit=50{self._dice.choice(SHIFTS)}",
            "event": f"/api/events/{event}",
            "search": f"/api/search?q={self._dice.choice(WORDS)}",
        }.get(kind, f"/api/events/{event}/{kind}")
        told = await self._ask(seat, kind, "GET", path)
        if kind == "list" and told.get("items"):
            self.events = ([item["id"] for item in told["items"]] + self.events)[:2000]

    async def _write(self, seat: "_Seat") -> None:
        """Half of the writes are new reports, the others notes on one's own."""
        if not seat.opened or self._dice.random() < 0.5:
            text = f"{self._dice.choice(WORDS)}，请尽快处理，{ids.new('soa')}"
            body = {"channel": "patrol", "text": text, "division": self.division, "reporter": {"name": "来电人"}}
            told = await self._ask(seat, "report", "POST", "/api/reports", body)
            if told:
                seat.opened = str(told["event"]["id"])
        else:
            reason = {"reason": "已电话联系，等待回复"}
            await self._ask(seat, "note", "POST", f"/api/events/{seat.opened}/acts/note", reason)

    async def _ask(self, seat: "_Seat", kind: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One request, measured; an empty answer when it went wrong, which is counted."""
        began = clock.monotonic()
        try:
            status, content = await seat.send(method, path, body)
        except (OSError, EOFError, TimeoutError) as error:
            self.heard.wrong[f"{kind}: {type(error).__name__}"] += 1
            return {}
        now, due = clock.monotonic(), began if seat.due is None else seat.due
        self.heard.took.setdefault(kind, []).append((now - due) * 1000)
        if seat.due is not None:
            self.heard.sent.append((now - began) * 1000)
            self.heard.late_ms = max(self.heard.late_ms, (began - due) * 1000)
        if status >= 400:
            self.heard.wrong[f"{kind}: {status} {_code(content)}"] += 1
            return {}
        told: dict[str, Any] = json.loads(content) if content else {}
        return told

    async def _stream(self, seat: "_Seat") -> None:
        """Hold the live stream; it must not end by itself."""
        try:
            async for part in seat.listen():
                self.heard.ticks += part.count(b"event: tick")
            self.heard.wrong["live: ended"] += 1
        except (OSError, EOFError, TimeoutError) as error:
            self.heard.wrong[f"live: {type(error).__name__}"] += 1


class _Seat:
    """A browser with a session: one connection kept for its requests, another for the live stream."""

    def __init__(self, address: str) -> None:
        host, _, port = address.removeprefix("http://").partition(":")
        self._where = (host, int(port))
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._cookie = ""
        self.due: float | None = None  # when its operator should have acted; none while signing in
        self.csrf = ""
        self.opened = ""

    async def send(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        """Status and content. A connection that the server has closed meanwhile is opened anew; the key makes it safe
        to send again."""
        request = self._request(method, path, body)
        if self._line is not None and not self._line[0].at_eof():
            try:
                return await asyncio.wait_for(self._asked(self._line, request), PATIENCE_S)
            except (OSError, EOFError):
                self.hang_up()
        self._line = await asyncio.open_connection(*self._where)
        return await asyncio.wait_for(self._asked(self._line, request), PATIENCE_S)

    def hang_up(self) -> None:
        if self._line is not None:
            self._line[1].close()
            self._line = None

    async def _asked(
        self, line: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes
    ) -> tuple[int, bytes]:
        reader, writer = line
        writer.write(request)
        await writer.drain()
        status, headers = await _head(reader)
        if cookie := headers.get("set-cookie"):
            self._cookie = cookie.split(";")[0]
        return status, await reader.readexactly(int(headers.get("content-length", "0")))

    async def listen(self) -> AsyncIterator[bytes]:
        """The parts of the live stream as they come."""
        reader, writer = await asyncio.open_connection(*self._where)
        try:
            writer.write(self._request("GET", "/api/live", None))
            status, _ = await _head(reader)
            if status != 200:
                raise OSError(f"the stream was answered {status}")
            while part := await asyncio.wait_for(reader.read(65_536), SILENT_S):
                yield part
        finally:
            writer.close()

    def _request(self, method: str, path: str, body: Any) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {quote(path, safe='/?=&')} HTTP/1.1", "Host: {}:{}".format(*self._where)]
        lines += [f"Cookie: {self._cookie}", f"X-CSRF-Token: {self.csrf}", f"Content-Length: {len(content)}"]
        if method == "POST":
            lines += ["Content-Type: application/json", f"Idempotency-Key: {ids.new('key')}"]
        return "\r\n".join([*lines, "", ""]).encode() + content


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return int(first.split()[1]), headers


def _code(content: bytes) -> str:
    try:
        return str(json.loads(content).get("code", ""))
    except ValueError:
        return ""
