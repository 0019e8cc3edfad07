"""Live ticks over SSE: a snapshot number first, then what moved, resumed after the last one seen.

A tick says which thing moved, never its content. A viewer gets the ticks that his rights reach; rights are asked
anew every minute and at the end of the session the stream ends.
"""

import asyncio
import threading
from collections.abc import AsyncIterator

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
_WHAT = {
    "event": "event.read",
    "task": "task.read",
    "call": "call.take",
    "calls": "call.read",
    "knowledge": "knowledge.read",
    "webhook": "application.manage",
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


class _Bell:
    """One listening connection a process wakes all its streams."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._thread: threading.Thread | None = None
        self._uri = ""

    def add(self, event: asyncio.Event) -> None:
        with self._lock:
            self._waiting[event] = asyncio.get_running_loop()
            uri = db.current().listen_uri
            if self._thread is None or not self._thread.is_alive() or uri != self._uri:
                self._uri = uri
                self._thread = threading.Thread(target=self._listening, args=(uri,), name="bell", daemon=True)
                self._thread.start()

    def remove(self, event: asyncio.Event) -> None:
        with self._lock:
            self._waiting.pop(event, None)

    def _listening(self, uri: str) -> None:
        while self._waiting and self._uri == uri:
            heard = fence.run("bell", lambda: self._listen(uri))
            if not heard.ok:
                log.warning("bell broke", exc_info=heard.error)
                threading.Event().wait(1)

    def _listen(self, uri: str) -> None:
        with psycopg.connect(uri, autocommit=True) as conn:
            conn.execute("LISTEN gangmu_tick")
            while self._waiting and self._uri == uri:
                for _ in conn.notifies(timeout=2, stop_after=1):
                    with self._lock:
                        for event, loop in self._waiting.items():
                            loop.call_soon_threadsafe(event.set)


_bell = _Bell()


def _enter(request: Request) -> tuple[Actor, int, int]:
    with transaction() as conn:
        identity = web.enter(conn, request, "event.read")
        return identity.actor, live.head(conn), live.tail_start(conn)


def _read(seq: int) -> list[live.Tick]:
    with transaction() as conn:
        return live.after(conn, seq)


def _sees(actor: Actor, tick: live.Tick) -> bool:
    orgs = tuple(Id(org) for org in tick.orgs)
    permission = _WHAT.get(tick.topic, "event.read")
    return access.sees(actor, permission, access.Located(tick.division, orgs))


@web.door("/api/live", can="event.read", fragment=FRAGMENT)
async def stream(request: Request) -> Response:
    """The stream of one browser."""
    try:
        actor, head, tail = await anyio.to_thread.run_sync(_enter, request)
    except HouseError as error:
        return web.problem(error, web.language(request))
    said = request.headers.get("last-event-id") or request.query_params.get("after") or str(head)
    after = int(said) if said.isdigit() and len(said) < 18 else head
    lost = after > head or after + 1 < tail
    parts = _parts(request, actor, head if lost else after, head, lost)
    return StreamingResponse(parts, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _parts(request: Request, actor: Actor, seq: int, head: int, lost: bool) -> AsyncIterator[bytes]:
    bell = asyncio.Event()
    _bell.add(bell)
    asked_at = clock.monotonic()
    try:
        yield b"retry: 2000\n" + _part("reload" if lost else "ready", seq, {"seq": head})
        while True:
            bell.clear()
            ticks = await anyio.to_thread.run_sync(_read, seq)
            for tick in ticks:
                seq = tick.seq
                if _sees(actor, tick):
                    body = {"topic": tick.topic, "kind": tick.kind, "about": tick.about, "at": tick.at}
                    yield _part("tick", tick.seq, body)
            if ticks:
                continue
            try:
                await asyncio.wait_for(bell.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield f": {seq}\n\n".encode()
            if clock.monotonic() - asked_at > RIGHTS_EVERY_S:
                asked_at = clock.monotonic()
                try:
                    actor, _, _ = await anyio.to_thread.run_sync(_enter, request)
                except HouseError:
                    return
    finally:
        _bell.remove(bell)


def _part(event: str, seq: int, body: dict[str, object]) -> bytes:
    return f"id: {seq}\nevent: {event}\ndata: {orjson.dumps(body).decode()}\n\n".encode()
