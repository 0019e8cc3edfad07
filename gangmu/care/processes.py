"""The processes of a house: started, found, ended. For the supervisor, and for whoever tries a house of his own.

Light: the supervisor answers a wrong command line before the house is loaded.
"""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from gangmu.kit import caller, clock
from gangmu.kit.errors import Busy

RUNS = "up.json"
"""Who runs the house of a folder, and where it answers."""
STARTED_WITHIN_S, ENDED_WITHIN_S = 240.0, 60.0

Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Running:
    """A whole house at work: where it answers, its supervisor."""

    address: str
    pid: int


def start_role(
    role: str, folder: Path, at: socket.socket, log: IO[bytes] | None = None, apart: bool = False
) -> Process:
    """One process of a house, web or work, below this one and ending with it. ``apart``: in a session of its own, so
    that Ctrl-C reaches this process alone."""
    command = [sys.executable, "-m", "gangmu", "up", "--role", role, "--data", str(folder), "--under", str(os.getpid())]
    fds: tuple[int, ...] = ()
    if role == "web":
        fds = (at.fileno(),)
        command += ["--listening", str(at.fileno())]
    return subprocess.Popen(
        command, pass_fds=fds, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=apart
    )


def end(processes: Iterable[Process], within_s: float) -> list[Process]:
    """Tell all to end, then wait for each; those that had to be killed."""
    told, killed = list(processes), []
    for process in told:
        if process.poll() is None:
            process.terminate()
    for process in told:
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed.append(process)
    return killed


@contextmanager
def up(folder: Path, *more: str) -> Iterator[Running]:
    """``gangmu up`` on a free port until the block ends; what it says goes to ``up.log`` in the folder."""
    command = [sys.executable, "-m", "gangmu", "up", "--data", str(folder), "--port", "0", *more]
    with (folder / "up.log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        yield Running(_served(folder, process), process.pid)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(ENDED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _served(folder: Path, process: Process) -> str:
    until, pause = clock.monotonic() + STARTED_WITHIN_S, threading.Event()
    while clock.monotonic() < until and process.poll() is None:
        told = read(folder)
        if told.get("pid") == process.pid and told.get("address"):
            return str(told["address"])
        pause.wait(0.1)
    raise Busy(what="gangmu up")


def running(folder: Path) -> dict[str, Any] | None:
    """What the supervisor of this folder has written down, if one runs now."""
    try:
        with (folder / RUNS).open("r", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return read(folder)
    except FileNotFoundError:
        return None
    return None


def read(folder: Path) -> dict[str, Any]:
    """What stands there, of a supervisor that runs or was killed."""
    try:
        told = json.loads((folder / RUNS).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def answers(address: str) -> bool:
    """Whether the house at this address is alive."""
    return bool(address) and caller.answers(address, "/healthz", timeout_s=5)
