"""The process that a terminal sees: starts the others, starts them again, stops them."""

import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TextIO

from gangmu.care import processes
from gangmu.faces.cli._errors import AlreadyUp, PortBusy, WouldNotStart
from gangmu.faces.cli._given import GRACE_S, Given, address, listen
from gangmu.faces.cli._words import say
from gangmu.kit import caller, clock, descriptors
from gangmu.kit.engine import writing
from gangmu.kit.log import log

START_WITHIN_S = 120.0
LONGEST_PAUSE_S = 30.0
CALM_S = 60.0
FEW_FILES, OWN_FILES = 2000, 200


@dataclass(slots=True)
class Child:
    """One role, run as often as it dies. ``again_at`` is when it may be started next."""

    role: str
    start: Callable[[], processes.Process]
    process: processes.Process
    started: float = field(default_factory=clock.monotonic)
    pause_s: float = 0.5
    again_at: float = 0.0


def supervise(given: Given, stop: threading.Event) -> None:
    """Run the whole house until ``stop``. An invented city may be founded anew meanwhile: its processes end, the socket
    stays, and whoever asks waits until the new one answers."""
    with ExitStack() as held:
        claim = held.enter_context(_alone(given))
        at = held.enter_context(_listen(given, claim))
        from gangmu.faces.cli import _demo  # heavy: after all that can be wrong with the line

        given = replace(given, invented=_demo.checked(given))
        while _run(given, stop, at, claim):
            claim("")
            _demo.empty(given.data)
            print(say("demo.anew"), flush=True)


def _run(given: Given, stop: threading.Event, at: socket.socket, claim: "Claim") -> bool:
    """Run it until ``stop``, or until a fresh city is wished: then true."""
    from gangmu.faces.cli import _demo
    from gangmu.faces.cli._process import house

    with ExitStack() as held:
        node = held.enter_context(house(given))
        if given.invented:
            _demo.found(node, given)
        children: list[Child] = []
        held.callback(_end, children)
        children += [_child(given, role, at) for role in ("web", "work")]
        if not _wait_until_served(at, children, stop):
            return False
        claim(address(at))
        told = [say("up.running", address=address(at)), say("up.stop", data=given.data)]
        if (files := descriptors.raise_limit()) < FEW_FILES:
            told.append(say("up.few_files", files=files, screens=max(0, files - OWN_FILES)))
        told += held.enter_context(_demo.living(node, given, address(at))) if given.invented else []
        print("\n".join(told), flush=True)
        while not stop.wait(0.3):
            for child in children:
                _look_after(child)
            if given.invented and _demo.is_wished(given.data):
                return True
        return False


@contextmanager
def _alone(given: Given) -> Iterator["Claim"]:
    """One supervisor a folder; the second one is told where the first answers."""
    with writing(given.data):
        given.data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        file = (given.data / processes.RUNS).open("a+", encoding="utf-8")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyUp(data=str(given.data), **_read(file)) from None
        claim = Claim(file)
        yield claim
        file.truncate(0)


class Claim:
    """Writes down who runs the house, and where it answers once it does. ``crashed``: the last one did not end
    in order, and its web process may need a moment to give the port back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._file.seek(0)
        self.crashed = bool(self._file.read())
        self("")

    def __call__(self, where: str) -> None:
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": os.getpid(), "address": where}, self._file)
        self._file.flush()


def _read(file: TextIO) -> dict[str, object]:
    file.seek(0)
    try:
        told = json.load(file)
        return {"pid": told["pid"], "address": told["address"] or "..."}
    except (ValueError, KeyError):
        return {"pid": "?", "address": "..."}


def _listen(given: Given, claim: Claim) -> socket.socket:
    until = clock.monotonic() + (GRACE_S + 5 if claim.crashed else 0)
    while True:
        try:
            return listen(given.host, given.port)
        except PortBusy:
            if clock.monotonic() > until:
                raise
            time.sleep(0.2)


def _child(given: Given, role: str, at: socket.socket) -> Child:
    start = partial(processes.start_role, role, given.data, at, apart=True)
    return Child(role, start, start())


def _wait_until_served(at: socket.socket, children: list[Child], stop: threading.Event) -> bool:
    """True when the web answers, false when told to stop before."""
    until = clock.monotonic() + START_WITHIN_S
    while not stop.wait(0.1):
        for child in children:
            if child.process.poll() is not None:
                raise WouldNotStart(role=child.role, status=child.process.returncode)
        if caller.answers(address(at)):
            return True
        if clock.monotonic() > until:
            raise WouldNotStart(role="web", status=f"{START_WITHIN_S:.0f} s")
    return False


def _look_after(child: Child) -> None:
    now = clock.monotonic()
    if child.process.poll() is None:
        return
    if not child.again_at:
        if now - child.started > CALM_S:
            child.pause_s = 0.5
        child.again_at = now + child.pause_s
        child.pause_s = min(LONGEST_PAUSE_S, child.pause_s * 2)
        log.error("process died", role=child.role, status=child.process.returncode)
    elif now >= child.again_at:
        child.process, child.started, child.again_at = child.start(), now, 0.0
        log.info("process started again", role=child.role, pid=child.process.pid)


def _end(children: list[Child]) -> None:
    killed = processes.end([child.process for child in children], GRACE_S + 12)
    for child in children:
        if child.process in killed:
            log.warning("process did not end and was killed", role=child.role)
