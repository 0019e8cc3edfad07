"""A house of its own whose processes can be killed one by one: some web processes on one socket, some that work, and
the database, which this process keeps."""

import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gangmu.base import access, org
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.care import processes
from gangmu.care.processes import Process
from gangmu.kit import clock, engine
from gangmu.kit.actor import System
from gangmu.kit.engine import Engine, Options
from gangmu.kit.errors import Busy, HouseError
from gangmu.kit.unit import open_unit

COUNTY, CLERK = "990101", "chaos"


@dataclass(slots=True)
class House:
    """The processes of a house, each by role and number (``web0``, ``work1``)."""

    folder: Path
    engine: Engine
    socket: socket.socket
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return "http://{}:{}".format(*self.socket.getsockname()[:2])

    def start(self, name: str) -> None:
        with (self.folder / "processes.log").open("ab") as log:
            role = name.rstrip("0123456789")
            self.processes[name] = processes.start_role(role, self.folder, self.socket, log)

    def kill(self, name: str) -> None:
        """kill -9 of exactly this process."""
        if name == "postgres":
            os.kill(self.engine.pid, signal.SIGKILL)
            while self.engine.is_alive():
                time.sleep(0.005)
        else:
            self.processes[name].kill()
            self.processes[name].wait()
            self.start(name)

    def look_after(self) -> None:
        """Start again what has ended: the database as its keeper does, a process as its supervisor does."""
        if not self.engine.is_alive():
            with suppress(HouseError):  # the dead server's children have not let go of its memory yet
                self.engine.ensure_running()
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.start(name)

    def until(self, true: Callable[[], object], patience_s: float) -> None:
        """Look after it until this is true; ``Busy`` when it does not come round."""
        until = clock.monotonic() + patience_s
        while not true():
            if clock.monotonic() > until:
                raise Busy(what="the house after a kill")
            self.look_after()
            time.sleep(0.02)

    def stop(self) -> None:
        processes.end(self.processes.values(), 20)


@contextmanager
def on(folder: Path, running: Engine) -> Iterator[House]:
    """The house of this folder, none of its processes started yet; they end with the block."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as at:
        house = House(folder.resolve(), running, at)
        try:
            yield house
        finally:
            house.stop()


@contextmanager
def of_its_own(**more: Any) -> Iterator[House]:
    """In a folder of its own, gone afterwards, with a database that is written through to the disk."""
    folder = Path(tempfile.mkdtemp(prefix="gangmu-chaos-"))
    folder.chmod(0o711)
    try:
        with engine.started(folder, Options(ephemeral=True, **more)) as running, on(folder, running) as house:
            yield house
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settle_clerk(password: str) -> None:
    """A centre with one clerk, who signs in as ``CLERK``."""
    with open_unit(System("chaos"), "settle") as unit:
        me = unit.actor
        made = org.add_org(unit, me, "监督中心", OrgKind.supervision, OrgLevel.county, COUNTY, None)
        person = org.add_person(unit, me, "受理员", "")
        post = org.add_post(unit, me, person.id, made.id, "受理员", COUNTY)
        access.grant_roles(unit, me, post.id, ("clerk",))
        access.open_account(unit, me, person.id, CLERK, password, must_change=False)
