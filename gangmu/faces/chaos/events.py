"""``gangmu chaos events``: kill -9 of web, work and PostgreSQL while clients report and act.

A house of its own in a folder of its own, written through to the disk: two web processes on one socket, one that works,
the database. In each trial one of them is killed at a random moment and started again, as ``gangmu up`` would. In the
end every acknowledged change must be there exactly once, whatever was asked again under its key.
"""

import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from gangmu import boot
from gangmu.base import access, org
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.faces.chaos import Args, say
from gangmu.faces.chaos._clients import Clients
from gangmu.kit import clock, engine, jobs, journal, seal
from gangmu.kit.actor import System
from gangmu.kit.engine import Engine, Options
from gangmu.kit.errors import Busy, HouseError
from gangmu.kit.ids import of_uuid
from gangmu.kit.unit import open_unit

COUNTY = "990101"
WEBS, WORKS, CLIENTS = 2, 1, 4
STARTED_WITHIN_S, DRAINED_WITHIN_S = 240.0, 240.0


@dataclass(slots=True)
class House:
    """The processes of a house, each by role and number."""

    folder: Path
    engine: Engine
    socket: socket.socket
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str) -> None:
        role = name.rstrip("0123456789")
        command = [sys.executable, "-m", "gangmu", "up", "--role", role, "--data", str(self.folder)]
        command += ["--under", str(os.getpid())]
        fds: tuple[int, ...] = ()
        if role == "web":
            fds = (self.socket.fileno(),)
            command += ["--listening", str(self.socket.fileno())]
        with (self.folder / "chaos.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, pass_fds=fds, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

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

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run(args: Args) -> dict[str, Any]:
    """``args.trials`` kills under load, then the count."""
    dice = random.Random(args.seed)
    kills = {"postgres": 0, "web": 0, "work": 0}
    with _house() as (house, password):
        clients = Clients(house.socket.getsockname()[:2], "chaos", password, COUNTY)
        clients.start(CLIENTS)
        _until(lambda: len(clients.said) > CLIENTS, house, clients)
        done = 0
        while done < args.trials and not clients.wrong:
            time.sleep(dice.uniform(0.05, 0.8))
            name = dice.choice(["postgres", "postgres", *house.processes])
            house.kill(name)
            kills[name.rstrip("0123456789")] += 1
            before = len(clients.said)
            try:
                _until(lambda before=before: len(clients.said) > before + 1, house, clients)  # type: ignore[misc]
            except Busy:
                clients.wrong.append(f"nothing was acknowledged for {STARTED_WITHIN_S:.0f} s after {name} was killed")
                break
            done += 1
            say(f"{done}: {name} killed, {len(clients.said)} acknowledged")
        clients.stop()
        wrong = [*clients.wrong, *_left_over(house)]
        house.stop()
        lost, doubled, more = _counted(house, clients)
    told = {"name": "events", "trials": done, "acknowledged": len(clients.said), "lost": lost}
    return {**told, "doubled": doubled, "kills": kills, "asked_again": clients.asked_again, "wrong": wrong + more}


@contextmanager
def _house() -> Iterator[tuple[House, str]]:
    """A founded city with one clerk, its processes running."""
    folder = Path(tempfile.mkdtemp(prefix="gangmu-chaos-"))
    folder.chmod(0o711)
    password = secrets.token_urlsafe(12) + "aA1!"
    options = Options(ephemeral=True, shared_buffers_mb=128)
    try:
        with engine.started(folder, options) as running, socket.create_server(("127.0.0.1", 0), backlog=512) as at:
            with boot.node(folder) as node:
                _settle(password)
                assert node.folder == folder.resolve()
            house = House(folder.resolve(), running, at)
            try:
                for name in [*(f"web{n}" for n in range(WEBS)), *(f"work{n}" for n in range(WORKS))]:
                    house.start(name)
                yield house, password
            finally:
                house.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settle(password: str) -> None:
    with open_unit(System("chaos"), "settle") as unit:
        me = unit.actor
        made = org.add_org(unit, me, "监督中心", OrgKind.supervision, OrgLevel.county, COUNTY, None)
        person = org.add_person(unit, me, "受理员", "")
        post = org.add_post(unit, me, person.id, made.id, "受理员", COUNTY)
        access.grant_roles(unit, me, post.id, ("clerk",))
        access.open_account(unit, me, person.id, "chaos", password, must_change=False)


def _until(true: Any, house: House, clients: Clients) -> None:
    """Wait while the house comes round; ``Busy`` when it does not."""
    until = clock.monotonic() + STARTED_WITHIN_S
    while not true() and not clients.wrong:
        if clock.monotonic() > until:
            raise Busy(what="the house after a kill")
        house.look_after()
        time.sleep(0.02)


def _left_over(house: House) -> list[str]:
    """What the workers have not worked off in good time."""
    until = clock.monotonic() + DRAINED_WITHIN_S
    left = (1, 1)
    while clock.monotonic() < until:
        house.look_after()
        with suppress(psycopg.OperationalError), psycopg.connect(house.engine.uri_app) as conn:
            due = "SELECT count(*) FROM job WHERE state = 'ready' AND run_at <= now()"
            row = conn.execute(f"SELECT (SELECT count(*) FROM outbox), ({due})").fetchone()
            left = row or left
            if left == (0, 0):
                return []
        time.sleep(0.1)
    return [f"{left[0]} messages and {left[1]} jobs were not worked off"]


def _counted(house: House, clients: Clients) -> tuple[int, int, list[str]]:
    """Lost, doubled, and what else does not add up."""
    with psycopg.connect(house.engine.uri_app) as conn:
        reports = _marks(conn, "SELECT substring(text FROM ' (.*)$'), event FROM report")
        acts = _marks(conn, "SELECT reason, event FROM event_act WHERE reason <> ''")
        found = {mark: [*reports.get(mark, []), *acts.get(mark, [])] for mark in {*reports, *acts}}
        lost = doubled = 0
        wrong = []
        for said in clients.said:
            lost += said.mark not in found
            if found.get(said.mark, [said.event])[0] != said.event:
                wrong.append(f"{said.mark} is at another event than was answered")
        doubled = sum(len(events) > 1 for events in found.values())
        wrong += [f"{line}: {n}" for line, n in _adding_up(conn) if n]
    with boot.node(house.folder) as node:
        jobs.settle()
        while journal.seal_tail(node.journal_folder):
            pass
        verdict = journal.verify(node.journal_folder, seal.keys().verifier)
        if not verdict.ok:
            wrong.append(f"journal: {verdict.broken}")
        if verdict.unsealed or verdict.sealed != verdict.entries:
            wrong.append(f"journal: {verdict.entries - verdict.sealed} entries unsealed")
    return lost, doubled, wrong


def _marks(conn: psycopg.Connection[Any], query: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for mark, event in conn.execute(query).fetchall():
        found.setdefault(mark, []).append(str(of_uuid("evt", event)))
    return found


def _adding_up(conn: psycopg.Connection[Any]) -> Iterator[tuple[str, int]]:
    """Counts that must be nought."""
    dims = "division, flow, state, status, lead_org, lateness, supervised, channel"
    truth = f"SELECT {dims}, count(*)::numeric FROM event GROUP BY {dims}"
    folded = f"SELECT {dims}, sum(n)::numeric FROM event_count GROUP BY {dims} HAVING sum(n) <> 0"
    for line, query in (
        (
            "counters that are not the truth",
            f"SELECT count(*) FROM (({truth} EXCEPT {folded}) UNION ({folded} EXCEPT {truth})) x",
        ),
        ("reports without an event", "SELECT count(*) FROM report WHERE event IS NULL"),
        (
            "events without a report",
            "SELECT count(*) FROM event e WHERE NOT EXISTS (SELECT FROM report WHERE event = e.id)",
        ),
        (
            "events whose history has gaps",
            "SELECT count(*) FROM (SELECT FROM event e JOIN event_act a ON a.event = e.id"
            " GROUP BY e.id, e.version HAVING count(*) <> e.version OR max(a.seq) <> e.version) x",
        ),
        ("case numbers given twice", "SELECT count(*) - count(DISTINCT case_no) FROM event"),
        ("jobs that died", "SELECT count(*) FROM job WHERE state = 'dead'"),
        ("jobs done twice", "SELECT count(*) - count(DISTINCT (name, message)) FROM job WHERE message IS NOT NULL"),
    ):
        row = conn.execute(query).fetchone()  # type: ignore[call-overload]
        yield line, int(row[0])
