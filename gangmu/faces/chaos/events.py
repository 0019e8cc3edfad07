"""``gangmu chaos events``: kill -9 of web, work and PostgreSQL while clients report and act.

A house of its own in a folder of its own, written through to the disk: two web processes on one socket, one that works,
the database. In each trial one of them is killed at a random moment and started again, as ``gangmu up`` would. In the
end every acknowledged change must be there exactly once, whatever was asked again under its key.
"""

import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import psycopg

from gangmu import boot
from gangmu.faces.chaos import Args, say
from gangmu.faces.chaos._clients import Clients
from gangmu.faces.chaos._house import CLERK, COUNTY, House, of_its_own, settle_clerk
from gangmu.kit import clock, jobs, journal, seal
from gangmu.kit.errors import Busy
from gangmu.kit.ids import of_uuid

WEBS, WORKS, CLIENTS = 2, 1, 4
STARTED_WITHIN_S, DRAINED_WITHIN_S = 240.0, 240.0


def run(args: Args) -> dict[str, Any]:
    """``args.trials`` kills under load, then the count."""
    dice = random.Random(args.seed)
    kills = {"postgres": 0, "web": 0, "work": 0}
    with _house() as (house, password):
        clients = Clients(house.address, CLERK, password, COUNTY)
        clients.start(CLIENTS)
        house.until(lambda: len(clients.said) > CLIENTS or clients.wrong, STARTED_WITHIN_S)
        done = 0
        while done < args.trials and not clients.wrong:
            time.sleep(dice.uniform(0.05, 0.8))
            name = dice.choice(["postgres", "postgres", *house.processes])
            house.kill(name)
            kills[name.rstrip("0123456789")] += 1
            before = len(clients.said)
            try:
                house.until(partial(_goes_on, clients, before), STARTED_WITHIN_S)
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
    with of_its_own(shared_buffers_mb=128) as house:
        password = secrets.token_urlsafe(12) + "aA1!"
        with boot.node(house.folder):
            settle_clerk(password)
        for name in [*(f"web{n}" for n in range(WEBS)), *(f"work{n}" for n in range(WORKS))]:
            house.start(name)
        yield house, password


def _goes_on(clients: Clients, before: int) -> bool:
    """More was acknowledged since, or something is wrong."""
    return len(clients.said) > before + 1 or bool(clients.wrong)


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
        row = conn.execute(query).fetchone()
        yield line, int(row[0])
