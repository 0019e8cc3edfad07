"""Screens that listen, in a process of their own, and what each of them heard and when.

They keep what came and read it afterwards: a thousand real screens read on machines of their own.
"""

import asyncio
import multiprocessing
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from typing import Any

import orjson

from gangmu.kit import clock, descriptors

READY_S, AFTER_S = 180.0, 5.0
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Screens:
    """``many`` streams of ``path``; of its ticks those of ``kind`` are told apart by what they are ``by``: the number
    of the tick (``id``) or the thing that it is ``about``."""

    port: int
    token: str
    many: int
    path: str = "/api/live"
    kind: str = "EventOpened"
    by: str = "about"


"""From what was told and when: milliseconds until each screen had heard of it, and how often one never did."""
Hearing = Callable[[Mapping[str, float]], tuple[list[float], int]]


@contextmanager
def sitting(screens: Screens) -> Iterator[Hearing]:
    """All of them connected."""
    context = multiprocessing.get_context("spawn")
    told: Queue[Any] = context.Queue()
    asked: Queue[Any] = context.Queue()
    process = context.Process(target=_sit, args=(screens, told, asked), daemon=True)
    process.start()

    def heard(expected: Mapping[str, float]) -> tuple[list[float], int]:
        asked.put(dict(expected))
        times, lost = told.get(timeout=READY_S)
        return list(times), lost

    try:
        assert told.get(timeout=READY_S) == "ready"
        yield heard
        process.join(10)
    finally:
        if process.is_alive():
            process.kill()


def _sit(screens: Screens, told: "Queue[Any]", asked: "Queue[Any]") -> None:
    descriptors.raise_limit()
    asyncio.run(_sitting(screens, told, asked))


async def _sitting(screens: Screens, told: "Queue[Any]", asked: "Queue[Any]") -> None:
    gate, same = asyncio.Semaphore(AT_ONCE), dict[bytes, bytes]()

    async def connected() -> _Screen:
        async with gate:
            loop = asyncio.get_running_loop()
            made = _Screen(screens, same, loop.create_future())
            await loop.create_connection(lambda: made, "127.0.0.1", screens.port)
            await made.ready
            return made

    seats = await asyncio.gather(*(connected() for _ in range(screens.many)))
    told.put("ready")
    expected: dict[str, float] = await asyncio.to_thread(asked.get)
    until = clock.monotonic() + AFTER_S
    while clock.monotonic() < until and any(seat.came < len(expected) for seat in seats):
        await asyncio.sleep(0.1)
    times, lost = array("d"), 0
    for seat in seats:
        seat.leave()
        first = dict(reversed(list(seat.heard())))
        times.extend((first[key] - at) * 1000 for key, at in expected.items() if key in first)
        lost += sum(key not in first for key in expected)
    told.put((times, lost))


class _Screen(asyncio.Protocol):
    """One line. Equal parts are kept once for all screens."""

    def __init__(self, screens: Screens, same: dict[bytes, bytes], ready: "asyncio.Future[None]") -> None:
        self.ready, self.came = ready, 0
        self._screens, self._same, self._mark = screens, same, f'"{screens.kind}"'.encode()
        self._parts: list[tuple[float, bytes]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        asking = (
            f"GET {self._screens.path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self._screens.token}\r\n\r\n"
        )
        transport.write(asking.encode())

    def data_received(self, data: bytes) -> None:
        self._parts.append((clock.monotonic(), self._same.setdefault(data, data)))
        self.came += data.count(self._mark)
        if not self.ready.done() and b"event: ready" in b"".join(part for _, part in self._parts):
            self.ready.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(str(self._parts[:1])))

    def leave(self) -> None:
        self._transport.close()

    def heard(self) -> Iterator[tuple[str, float]]:
        """Which, and when the last byte that tells it came."""
        rest, number = b"", ""
        for at, data in self._parts:
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if line.startswith(b"id: "):
                    number = line[4:].decode().strip()
                elif line.startswith(b"data: ") and self._mark in line:
                    yield (number if self._screens.by == "id" else orjson.loads(line[6:])["about"]), at
