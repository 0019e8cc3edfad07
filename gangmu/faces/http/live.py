"""Live ticks over SSE: a snapshot number first, then what moved, resumed after the last one seen.

A tick says which thing moved, never its content. A viewer gets the ticks that his rights reach; rights are asked
anew every minute and at the end of the session the stream ends.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

import anyio.to_thread
import orjson
import psycopg
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gangmu.base import access
from gangmu.kit import clock, db, fence, live, web
from gangmu.kit.actor import Actor
from gangmu.kit.errors import HouseError
from gangmu.kit.ids import Id
from gangmu.kit.log import log
from gangmu.kit.unit import transaction

RIGHTS_EVERY_S = 60
HEARTBEAT_S = 15
KEPT = 5000
MOST_SIGHTS = 5000
GATHER_EACH_S, GATHER_MOST_S = 0.0002, 0.2
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
    Streams that are further back than what is kept read for themselves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._thread: threading.Thread | None = None
        self._uri = ""
        self._head: int | None = None
        self._kept: deque[live.Tick] = deque(maxlen=KEPT)
        self._parts: dict[tuple[str, int, int, int], tuple[bytes, int]] = {}
        self._sights: dict[Any, int] = {}
        self._numbers = count(1)  # never used twice: a number stands for one sight

    def add(self, event: asyncio.Event) -> None:
        with self._lock:
            self._waiting[event] = asyncio.get_running_loop()
            uri = db.current().listen_uri
            if self._thread is None or not self._thread.is_alive() or uri != self._uri:
                self._uri, self._head = uri, None
                self._kept.clear()
                self._thread = threading.Thread(target=self._listening, args=(uri,), name="bell", daemon=True)
                self._thread.start()

    def remove(self, event: asyncio.Event) -> None:
        with self._lock:
            self._waiting.pop(event, None)

    def sight(self, actor: Actor) -> int:
        """A number for all who see the same: what is said to one of them is said to all in the same bytes."""
        reads = {*_WHAT.values(), "event.read"}
        seen = (actor.kind, actor.person, tuple(one for one in actor.grants if one.permission in reads))
        with self._lock:
            if len(self._sights) > MOST_SIGHTS:
                self._sights.clear()
                self._parts.clear()
            return self._sights.setdefault(seen, next(self._numbers))

    def since(self, seq: int) -> list[live.Tick] | None:
        """What came after a number; None of one that lies before what is kept."""
        with self._lock:
            if self._head is None or (seq < self._head and (not self._kept or self._kept[0].seq > seq + 1)):
                return None
            found = []
            for tick in reversed(self._kept):
                if tick.seq <= seq:
                    break
                found.append(tick)
        return found[::-1]

    def said(self, door: str, sight: int, seq: int, ticks: Sequence[live.Tick], make: Wording) -> tuple[bytes, int]:
        """What these ticks after a number are to those who see the same, made once."""
        if not ticks:
            return b"", seq
        key = (door, sight, seq, ticks[-1].seq)
        found = self._parts.get(key)
        if found is None:
            found = make(ticks, seq)
            with self._lock:
                self._parts[key] = found
        return found

    def _listening(self, uri: str) -> None:
        while self._waiting and self._uri == uri:
            heard = fence.run("bell", lambda: self._listen(uri))
            if not heard.ok:
                log.warning("bell broke", exc_info=heard.error)
                threading.Event().wait(1)

    def _listen(self, uri: str) -> None:
        with psycopg.connect(uri, autocommit=True) as conn:
            conn.execute("LISTEN gangmu_tick")
            self._take(uri)
            while self._waiting and self._uri == uri:
                for _ in conn.notifies(timeout=2, stop_after=1):
                    self._take(uri)
                    # the more listen, the more is gathered before they are woken again
                    threading.Event().wait(min(GATHER_MOST_S, len(self._waiting) * GATHER_EACH_S))

    def _take(self, uri: str) -> None:
        """Read what is new, and wake everybody."""
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
        with self._lock:
            if self._uri != uri:
                return
            self._head = found[-1].seq if found else newest
            self._kept.extend(found)
            self._parts.clear()
            loops: dict[asyncio.AbstractEventLoop, list[asyncio.Event]] = {}
            for event, loop in self._waiting.items():
                loops.setdefault(loop, []).append(event)
        for loop, events in loops.items():
            loop.call_soon_threadsafe(_wake, events)


def _wake(events: list[asyncio.Event]) -> None:
    for event in events:
        event.set()


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
    parts = _parts(request, actor, can, head if lost else after, head, lost)
    return StreamingResponse(parts, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _parts(request: Request, actor: Actor, can: str, seq: int, head: int, lost: bool) -> AsyncIterator[bytes]:
    bell = asyncio.Event()
    _hub.add(bell)
    asked_at = clock.monotonic()
    sight = _hub.sight(actor)
    try:
        yield b"retry: 2000\n" + _part("reload" if lost else "ready", seq, {"seq": head})
        while True:
            bell.clear()
            ticks = _hub.since(seq)
            if ticks is None:
                ticks = await anyio.to_thread.run_sync(_read, seq)
                text, last = _worded(actor, can, ticks, seq)
            else:
                text, last = _hub.said(can, sight, seq, ticks, partial(_worded, actor, can))
            if text:
                yield text
            if last != seq:
                seq = last
                continue
            try:
                await asyncio.wait_for(bell.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield f": {seq}\n\n".encode()
            if clock.monotonic() - asked_at > RIGHTS_EVERY_S:
                asked_at = clock.monotonic()
                try:
                    actor, _, _ = await anyio.to_thread.run_sync(_enter, request, can)
                except HouseError:
                    return
                sight = _hub.sight(actor)
    finally:
        _hub.remove(bell)


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
