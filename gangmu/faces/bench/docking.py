"""``gangmu bench docking``: orders of a city 12345 taken in and acts sent back a second, each durable before it counts.

The city runs in a process of its own and does everything wrong that it can: late, twice, out of order, answers lost.
An order counts when it is committed here, an act when its receipt is. ``in_per_s`` is measured from the
first question until every order is an event with its clocks; ``out_per_s`` from the moment at which all acts are done
until the last receipt is here, by the relay, workers and visits of a working process. Afterwards both sides are
counted order by order: lost, doubled, deadlines, accounts.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import psycopg

from gangmu import boot
from gangmu.core import event
from gangmu.core.docking import account, service, visits
from gangmu.core.docking import jobs as docking_jobs
from gangmu.core.docking.errors import LinkDown
from gangmu.core.docking.service import LinkDraft
from gangmu.core.event import ActArgs
from gangmu.faces.bench import Args, Measured, private_folder, say
from gangmu.faces.bench._city import COUNTY, People, settle_people
from gangmu.kit import clock, db, http
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Busy
from gangmu.kit.ids import Id, of_uuid
from gangmu.kit.unit import open_unit
from gangmu.sdk.testing.hotline import CLASSES

USUAL, FULL = 3_000, 10_000
FAULTS = "late,repeat,reorder,drop=0.03"
PATIENCE_S = 300.0
ME = System("bench")


def run(args: Args) -> Measured:
    """In, then out, then the count on both sides."""
    n = args.size(USUAL, FULL)
    with private_folder() as folder, boot.node(folder) as node, city(n, args.seed or 12345) as address:
        people = settle_people()
        link = linked(people, address)
        say(f"{n} orders come in ...")
        in_s = timed(lambda: pull_all(link))
        say(f"{in_s:.1f} s; acts are done ...")
        sign_all(people.actor("dispatcher"), n)
        say("they travel back ...")
        worker = boot.worker(node, threads=2)
        began = clock.monotonic()
        worker.start()
        try:
            wait_for_receipts(node.database.uri, n)
            out_s = clock.monotonic() - began
        finally:
            worker.stop()
        lost, doubled, notes = counted(node.database.uri, link, address, n)
    figures = {
        "orders_per_s": min(n / in_s, n / out_s),
        "in_per_s": n / in_s,
        "out_per_s": n / out_s,
        "lost": lost,
        "doubled": doubled,
    }
    return Measured(figures, n, notes=notes)


@contextmanager
def city(orders: int, seed: int, faults: str = FAULTS) -> Iterator[str]:
    """A simulated city in a process of its own; its address."""
    command = [sys.executable, "-m", "gangmu", "simulate", "hotline", "--orders", str(orders), "--seed", str(seed)]
    command += ["--faults", faults, "--area", COUNTY[:6]]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield next(
            word.rstrip(",;，；") for word in line.replace("：", " ").replace("，", " ").split() if "http" in word
        )
    finally:
        process.terminate()
        process.wait(20)


def linked(people: People, address: str, **given: Any) -> Id:
    """A link to it, its classes mapped."""
    with open_unit(ME, "bench") as unit:
        draft = LinkDraft(
            "市12345", "hotline", "rest_orders", COUNTY, people.orgs["centre"], {"address": address}, **given
        )
        link = service.add_link(unit, ME, draft)
        for code in CLASSES:
            service.put_mapping(unit, ME, link.id, "class", code, "-")
    return link.id


def timed(work: Any) -> float:
    began = clock.monotonic()
    work()
    return clock.monotonic() - began


def pull_all(link: Id) -> None:
    """As the workers do: an answer that is lost is asked for again."""
    until = clock.monotonic() + PATIENCE_S
    while clock.monotonic() < until:
        try:
            visits.pull(link)
        except LinkDown:
            continue
        return
    raise Busy(what="the simulated city")


def sign_all(actor: Actor, n: int) -> None:
    """Sign every order; the acts lie in the outbox afterwards."""
    for chunk in _chunks(_events(), 50):
        with open_unit(actor, "bench") as unit:
            for one in chunk:
                event.act(unit, actor, one, "sign", ActArgs())


def _events() -> list[Id]:
    with psycopg.connect(db.plain_uri(db.current().uri)) as conn:
        return [
            of_uuid("evt", row[0]) for row in conn.execute("SELECT event FROM docking_order ORDER BY id").fetchall()
        ]


def _chunks(items: Sequence[Id], size: int) -> Iterator[Sequence[Id]]:
    return (items[at : at + size] for at in range(0, len(items), size))


def wait_for_receipts(uri: str, n: int) -> None:
    """Until every act has its receipt."""
    until = clock.monotonic() + PATIENCE_S
    asking = "SELECT count(*) FROM docking_out WHERE state = 'taken'"
    pause = docking_jobs.threading.Event()
    with psycopg.connect(db.plain_uri(uri), autocommit=True) as conn:
        while clock.monotonic() < until:
            row = conn.execute(asking).fetchone()
            if row is not None and row[0] >= n:
                return
            pause.wait(0.05)
    raise Busy(what="receipts")


def counted(uri: str, link: Id, address: str, n: int) -> tuple[int, int, dict[str, Any]]:
    """Lost and doubled of orders and acts, as both sides tell it; and whether the accounts agree."""
    with http.Client(address, budget=http.Budget(seconds=60, timeout_s=30, tries=5)) as client:
        theirs = client.get("/counts").json
        told = client.get("/account", {"day": ""}).json["rows"]
    numbers = {row["number"] for row in told}
    with psycopg.connect(db.plain_uri(uri)) as conn:
        here = [row[0] for row in conn.execute("SELECT foreign_no FROM event").fetchall()]
        sent = conn.execute("SELECT count(*) FROM docking_out WHERE state = 'taken'").fetchone()
    assert sent is not None
    lost = len(numbers - set(here)) + (n - theirs["executed"])
    doubled = len(here) - len(set(here)) + theirs["doubled"]
    days = sorted({row["number"][2:10] for row in told})
    equal = all(_equal(link, date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}")) for day in days)
    notes = {"faults": FAULTS, "dropped": theirs["dropped"], "accounts_and_deadlines_equal": equal, "sent": sent[0]}
    return lost, doubled, notes


def _equal(link: Id, day: date) -> bool:
    """Both accounts of a day, deadlines to the second."""
    found = []
    for wanted in (day - timedelta(days=1), day, day + timedelta(days=1)):
        for _ in range(20):
            try:
                theirs = visits.reconcile(link, wanted)
            except LinkDown:
                continue
            with open_unit(ME, "bench") as unit:
                own = service.get_link(unit, ME, link)
                drawn = account.draw_up(unit, own, wanted, theirs)
            found.append(bool(drawn["equal"]))
            if not drawn["equal"]:
                say(json.dumps(drawn["differing"][:3], default=str))
            break
    return all(found)
