"""Live ticks over SSE: a snapshot number first, then what moved, resumed after the last one seen.

A tick says which thing moved, never its content. A viewer gets the ticks that his rights reach; rights are asked
anew every minute and at the end of the session the stream ends.
"""

import asyncio
import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

import anyio.to_thread
import orjson
import psycopg
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gangmu.base import access
from gangmu.faces.http.settings import WebSettings
from gangmu.kit import clock, db, fence, live, settings, web
from gangmu.kit.actor import Actor
from gangmu.kit.errors import HouseError
from gangmu.kit.ids import Id
from gangmu.kit.log import log
from gangmu.kit.unit import transaction

PULSE_S = 1
KEPT = 5000
MOST_SIGHTS = 5000
GATHER_MOST_S = 0.2
BOARD = "board.read"
Wording = Callable[[Sequence[live.Tick], int], tuple[bytes, int]]
_WHAT = {
    "event": "event.read",
    "task": "task.read",
    "call": "call.take",
    "calls": "call.read",
    "knowledge": "knowledge.read",
    "webhook": "docking.read",
}

FRAGMENT = {
    "tags": ["live"],
    "summary": "实时消息 / Live ticks (server-sent events)",
    "description": "First `ready` with the present number, then `tick` events (`id` is the number to resume after with"
    " `Last-Event-ID` or `after`). `reload` says that what was missed is no longer kept. Permission: `event.read`.",
    "operationId": "live_stream",
    "parameters": [{"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0}}],
    "responses": {
        "200": {"description": "the stream", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    },
}


BOARD_FRAGMENT = {
    **FRAGMENT,
    "summary": "大屏实时消息 / Live ticks of the wall screen (server-sent events)",
    "description": "As `/api/live`, with ticks of topic `board` alone: some figure of the board is another than before."
    " Permission: `board.read`.",
    "operationId": "live_board_stream",
}


class _Hub:
    """One listening connection a process: it reads what is new once and wakes all streams, which take it from here.
    Streams that are further back than what is kept read for themselves.

    The next is read when the last has gone out to all: the more streams, the more goes out together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sitting: dict[asyncio.AbstractEventLoop, set[_Stream]] = {}
        self._pulsing: set[asyncio.AbstractEventLoop] = set()
        self._thread: threading.Thread | None = None
        self._uri = ""
        self._head: int | None = None
        self._kept: deque[live.Tick] = deque(maxlen=KEPT)
        self._parts: dict[tuple[str, int, int], tuple[bytes, int]] = {}
        self._sights: dict[Any, int] = {}
        self._numbers = count(1)  # never used twice: a number stands for one sight

    def add(self, stream: "_Stream") -> None:
        loop = asyncio.get_running_loop()
        with self._lock:
            self._sitting.setdefault(loop, set()).add(stream)
            uri = db.current().listen_uri
            if self._thread is None or not self._thread.is_alive() or uri != self._uri:
                self._uri, self._head = uri, None
                self._kept.clear()
                self._parts.clear()
                self._thread = threading.Thread(target=self._listening, args=(uri,), name="bell", daemon=True)
                self._thread.start()
        if loop not in self._pulsing:
            self._pulsing.add(loop)
            loop.call_later(PULSE_S, self._pulse, loop)

    def remove(self, stream: "_Stream") -> None:
        loop = asyncio.get_running_loop()
        with self._lock:
            there = self._sitting.get(loop, set())
            there.discard(stream)
            if not there:
                self._sitting.pop(loop, None)

    def sight(self, actor: Actor) -> int:
        """A number for all who see the same: what is said to one of them is said to all in the same bytes."""
        reads = {*_WHAT.values(), "event.read"}
        seen = (actor.kind, actor.person, tuple(one for one in actor.grants if one.permission in reads))
        with self._lock:
            if len(self._sights) > MOST_SIGHTS:
                self._sights.clear()
                self._parts.clear()
            return self._sights.setdefault(seen, next(self._numbers))

    def news(self, door: str, sight: int, seq: int, make: Wording) -> tuple[bytes, int] | None:
        """What came after a number as those hear it who see the same, made once; None of a number that lies before
        what is kept."""
        found = self._parts.get((door, sight, seq))
        if found is None:
            with self._lock:
                ticks = self._since(seq)
                if ticks is None:
                    return None
                found = self._parts[door, sight, seq] = make(ticks, seq)
        return found

    def _since(self, seq: int) -> list[live.Tick] | None:
        if self._head is None or (seq < self._head and (not self._kept or self._kept[0].seq > seq + 1)):
            return None
        found = []
        for tick in reversed(self._kept):
            if tick.seq <= seq:
                break
            found.append(tick)
        return found[::-1]

    def _listening(self, uri: str) -> None:
        while self._sitting and self._uri == uri:
            heard = fence.run("bell", lambda: self._listen(uri))
            if not heard.ok:
                log.warning("bell broke", exc_info=heard.error)
                threading.Event().wait(1)

    def _listen(self, uri: str) -> None:
        with psycopg.connect(uri, autocommit=True) as conn:
            conn.execute("LISTEN gangmu_tick")
            self._take(uri)
            while self._sitting and self._uri == uri:
                for _ in conn.notifies(timeout=2, stop_after=1):
                    # as long as it takes to say it to all, something else may be done
                    threading.Event().wait(min(GATHER_MOST_S, self._take(uri)))

    def _take(self, uri: str) -> float:
        """Read what is new, and wake everybody. Returns how long it took until all had it (or too long)."""
        head = self._head
        with transaction() as conn:
            found = live.after(conn, head) if head is not None else []
            newest = live.head(conn) if head is None else head
        while len(found) % 500 == 0 and found:
            with transaction() as conn:
                more = live.after(conn, found[-1].seq)
            if not more:
                break
            found += more
        if head is not None and not found:
            return 0.0
        with self._lock:
            if self._uri != uri:
                return 0.0
            self._head = found[-1].seq if found else newest
            self._kept.extend(found)
            self._parts.clear()
            loops = list(self._sitting)
        began = clock.monotonic()
        for loop in loops:
            told = threading.Event()
            loop.call_soon_threadsafe(self._wake, loop, told)
            told.wait(GATHER_MOST_S)
        return clock.monotonic() - began

    def _wake(self, loop: asyncio.AbstractEventLoop, told: threading.Event) -> None:
        for stream in self._sitting.get(loop, ()):
            stream.wake()
        loop.call_soon(told.set)  # stands in line behind all of them

    def _pulse(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake those that were told nothing for long."""
        before = clock.monotonic() - settings.get(WebSettings).heartbeat_s
        there = self._sitting.get(loop, ())
        for stream in there:
            if stream.spoke_at <= before:
                stream.wake()
        if there:
            loop.call_later(PULSE_S, self._pulse, loop)
        else:
            self._pulsing.discard(loop)


_hub = _Hub()


def _enter(request: Request, can: str) -> tuple[Actor, int, int]:
    with transaction() as conn:
        identity = web.enter(conn, request, can)
        return identity.actor, live.head(conn), live.tail_start(conn)


def _read(seq: int) -> list[live.Tick]:
    with transaction() as conn:
        return live.after(conn, seq)


def _sees(actor: Actor, tick: live.Tick, can: str) -> bool:
    """A wall screen hears of its figures alone, a desk of things that its rights reach."""
    if can == BOARD or tick.topic == "board":
        return can == BOARD and tick.topic == "board"
    orgs = tuple(Id(org) for org in tick.orgs)
    permission = _WHAT.get(tick.topic, "event.read")
    return access.sees(actor, permission, access.Located(tick.division, orgs))


@web.door("/api/live", can="event.read", fragment=FRAGMENT)
async def stream(request: Request) -> Response:
    """The stream of one browser."""
    return await _open(request, "event.read")


@web.door("/api/board/live", can="board.read", fragment=BOARD_FRAGMENT)
async def board_stream(request: Request) -> Response:
    """The stream of one wall screen."""
    return await _open(request, BOARD)


async def _open(request: Request, can: str) -> Response:
    try:
        actor, head, tail = await anyio.to_thread.run_sync(_enter, request, can)
    except HouseError as error:
        return web.problem(error, web.language(request))
    said = request.headers.get("last-event-id") or request.query_params.get("after") or str(head)
    after = int(said) if said.isdigit() and len(said) < 18 else head
    lost = after > head or after + 1 < tail
    return _Stream(request, actor, can, head if lost else after, head, lost)


class _Stream(Response):
    """The stream of one browser. It sleeps until the hub wakes it, and costs nothing meanwhile."""

    def __init__(self, request: Request, actor: Actor, can: str, seq: int, head: int, lost: bool) -> None:
        self.status_code, self.background = 200, None
        self.media_type = "text/event-stream"
        self.init_headers({"X-Accel-Buffering": "no"})
        self._request, self._actor, self._can, self._seq = request, actor, can, seq
        self._first = b"retry: 2000\n" + _part("reload" if lost else "ready", seq, {"seq": head})
        self._sight = _hub.sight(actor)
        # asked anew at moments of their own, so that a thousand that came at once do not ask at once
        self._told = settings.get(WebSettings)
        self._ask_at = clock.monotonic() + random.uniform(0.5, 1) * self._told.rights_every_s
        self._sleeping: asyncio.Future[None] | None = None
        self._woken = self._gone = False
        self.spoke_at = clock.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._send = send
        leaving = asyncio.create_task(self._leave(receive))
        _hub.add(self)
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await self._say(self._first)
            while not self._gone and await self._may_stay():
                self._woken = False
                text, last = await self._news()
                if text:
                    await self._say(text)
                if last != self._seq:
                    self._seq = last
                    continue
                if clock.monotonic() - self.spoke_at >= self._told.heartbeat_s:
                    await self._say(f": {self._seq}\n\n".encode())
                await self._sleep()
            if not self._gone:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            _hub.remove(self)
            leaving.cancel()

    def wake(self) -> None:
        self._woken = True
        if self._sleeping is not None and not self._sleeping.done():
            self._sleeping.set_result(None)

    async def _sleep(self) -> None:
        if not (self._woken or self._gone):
            self._sleeping = asyncio.get_running_loop().create_future()
            await self._sleeping

    async def _leave(self, receive: Receive) -> None:
        """Wait for the browser to go."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self.wake()

    async def _say(self, text: bytes) -> None:
        self.spoke_at = clock.monotonic()
        await self._send({"type": "http.response.body", "body": text, "more_body": True})

    async def _news(self) -> tuple[bytes, int]:
        word = partial(_worded, self._actor, self._can)
        found = _hub.news(self._can, self._sight, self._seq, word)
        if found is None:
            found = word(await anyio.to_thread.run_sync(_read, self._seq), self._seq)
        return found

    async def _may_stay(self) -> bool:
        """Ask for the rights anew when it is time."""
        if clock.monotonic() < self._ask_at:
            return True
        self._ask_at = clock.monotonic() + self._told.rights_every_s
        try:
            self._actor, _, _ = await anyio.to_thread.run_sync(_enter, self._request, self._can)
        except HouseError:
            return False
        self._sight = _hub.sight(self._actor)
        return True


def _worded(actor: Actor, can: str, ticks: Sequence[live.Tick], seq: int) -> tuple[bytes, int]:
    """The ticks that an actor sees as they are sent, and the last number that was looked at."""
    shown = [
        _part("tick", tick.seq, {"topic": tick.topic, "kind": tick.kind, "about": tick.about, "at": tick.at})
        for tick in ticks
        if _sees(actor, tick, can)
    ]
    return b"".join(shown), ticks[-1].seq if ticks else seq


def _part(event: str, seq: int, body: dict[str, object]) -> bytes:
    return f"id: {seq}\nevent: {event}\ndata: {orjson.dumps(body).decode()}\n\n".encode()
