"""One process of a running house: the web or the work."""

import ctypes
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from gangmu import boot
from gangmu.faces.cli._given import GRACE_S, Given, address, listen
from gangmu.faces.http.settings import WebSettings
from gangmu.kit import engine, metrics, settings
from gangmu.kit import log as logs
from gangmu.kit.log import log
from gangmu.kit.watching import LogSettings

PR_SET_PDEATHSIG = 1


@contextmanager
def house(given: Given) -> Iterator[boot.Node]:
    """The node, its database kept running. Below a supervisor, which has migrated and keeps, it is only joined."""
    if given.under:
        _end_with(given.under)
    with boot.node(given.data, migrate=not given.under) as node:
        told = settings.get(LogSettings)
        logs.set_up(told.as_json, told.level)
        kept = engine.Keeper(node.engine) if isinstance(node.engine, engine.Engine) and not given.under else None
        try:
            yield node
        finally:
            if kept is not None:
                kept.close()


def run_web(given: Given, stop: threading.Event) -> None:
    """Serve until told to stop, also when that was said before the server listens for it."""
    at = listen(given.host, given.port) if given.listening < 0 else socket.socket(fileno=given.listening)
    with at, house(given) as node, _counted(node, "web"):
        log.info("web listens", address=address(at))
        server = uvicorn.Server(web_config())
        server.should_exit = stop.is_set()
        server.run(sockets=[at])


def web_config() -> uvicorn.Config:
    """How the web is served. Who asks is the address of the line, or what a trusted proxy says of it."""
    trusted = settings.get(WebSettings).trusted_proxies
    return uvicorn.Config(
        boot.make_app(),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=bool(trusted),
        forwarded_allow_ips=list(trusted),
    )


def run_work(given: Given, stop: threading.Event) -> None:
    """Relay, jobs and timers until told to stop."""
    with house(given) as node, _counted(node, "work"):
        worker = boot.worker(node)
        worker.start()
        log.info("work runs")
        stop.wait()
        worker.stop()


@contextmanager
def _counted(node: boot.Node, role: str) -> Iterator[None]:
    """What this process does is counted, beside the others of the house."""
    metrics.use(node.folder, role)
    publisher = metrics.Publisher(node.folder, role)
    try:
        yield
    finally:
        publisher.close()


def _end_with(parent: int) -> None:
    """The kernel ends this process when its supervisor is gone, however that went."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(0)
