"""``gangmu chaos docking``: kill -9 of work and PostgreSQL and cut lines while orders come in and acts travel back.

A house of its own and a simulated city 12345 of its own, which is late, repeats, reorders and loses answers. Orders
are handed over all the time, and a dispatcher signs them. In each trial the database or the working process is
killed, or the line to the city is cut in the midst of a call. In the end every order must be an event once, every
signing must have been done over there once, and both accounts must agree.
"""

import random
import socket
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError

from gangmu import boot
from gangmu.base import access
from gangmu.core import event
from gangmu.core.docking import account, service, visits
from gangmu.core.docking import jobs as docking_jobs
from gangmu.core.docking.errors import LinkDown
from gangmu.core.docking.service import LinkDraft
from gangmu.core.event import ActArgs
from gangmu.faces.bench._city import COUNTY, settle_people
from gangmu.faces.chaos import Args, say
from gangmu.faces.chaos._house import House, of_its_own
from gangmu.kit import db, jobs
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import HouseError
from gangmu.kit.ids import Id, of_uuid
from gangmu.kit.unit import open_unit
from gangmu.sdk.testing.hotline import CLASSES, Faults, Hotline, serve

ME = System("chaos")
FAULTS = Faults(late=0.05, repeat=0.1, reorder=0.2, drop=0.15, busy=0.02)
ORDERS_A_TRIAL = 25
STARTED_WITHIN_S, SETTLED_WITHIN_S = 240.0, 600.0


@dataclass(slots=True)
class Line:
    """The wire to the city: it can be cut, with whatever is on it."""

    target: tuple[str, int]
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=64))
    open: list[socket.socket] = field(default_factory=list)
    stopped: bool = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def run(self) -> None:
        while not self.stopped:
            with suppress(OSError):
                near, _ = self.listening.accept()
                far = socket.create_connection(self.target)
                self.open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=(one, other), daemon=True).start()

    def cut(self) -> None:
        """Everything that is under way is lost."""
        going, self.open = self.open, []
        for one in going:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def stop(self) -> None:
        self.stopped = True
        self.cut()
        self.listening.close()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65_536):
            sink.sendall(part)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def run(args: Args) -> dict[str, Any]:
    """``args.trials`` kills and cuts, then the count on both sides."""
    dice = random.Random(args.seed)
    kills = {"postgres": 0, "work": 0, "line": 0}
    town = Hotline(FAULTS, area=COUNTY[:6], seed=args.seed)
    with ExitStack() as held:
        address = held.enter_context(serve(town))
        host, _, port = address.removeprefix("http://").partition(":")
        line = Line((host, int(port)))
        threading.Thread(target=line.run, daemon=True).start()
        held.callback(line.stop)
        house = held.enter_context(of_its_own(shared_buffers_mb=128))
        link, dispatcher = _settle(house, line.address)
        house.start("work0")
        signed: set[Id] = set()
        for trial in range(1, args.trials + 1):
            town.issue(ORDERS_A_TRIAL)
            time.sleep(dice.uniform(0.1, 1.0))
            name = dice.choice(["postgres", "work0", "line"])
            line.cut() if name == "line" else house.kill(name)
            kills[name.rstrip("0")] += 1
            house.look_after()
            before = len(signed)
            house.until(partial(_goes_on, house, dispatcher, signed, before), STARTED_WITHIN_S)
            say(f"{trial}: {name} down, {len(signed)} of {len(town.orders)} signed")
        house.until(lambda: _sign(house, dispatcher, signed) and len(signed) == len(town.orders), SETTLED_WITHIN_S)
        house.until(lambda: town.counts.executed >= len(signed), SETTLED_WITHIN_S)
        house.stop()
        lost, doubled, wrong = _counted(house, town, link, signed)
    told = {"name": "docking", "trials": args.trials, "acknowledged": len(town.orders) + len(signed), "lost": lost}
    more = {"orders": len(town.orders), "signed": len(signed), "answers_dropped": town.counts.dropped}
    return {**told, "doubled": doubled, "kills": kills, **more, "wrong": wrong}


def _settle(house: House, address: str) -> tuple[Id, Id]:
    """People, the link, its mappings; the link's id and the dispatcher's post."""
    with boot.node(house.folder):
        people = settle_people()
        with open_unit(ME, "settle") as unit:
            wanted = {"address": address, "page": "20"}
            draft = LinkDraft("市12345", "hotline", "rest_orders", COUNTY, people.orgs["centre"], wanted, every_s=1)
            link = service.add_link(unit, ME, draft)
            for code in CLASSES:
                service.put_mapping(unit, ME, link.id, "class", code, "-")
        return link.id, people.posts["dispatcher"]


def _sign(house: House, post: Id, signed: set[Id]) -> bool:
    """Sign what is here, each in a transaction of its own; what is not acknowledged is asked anew."""
    try:
        with boot.open_database(house.engine.uri_app):
            with open_unit(ME, "look") as unit:
                actor = access.actor_of_post(unit, post)
                here = _here(house)
            for one in here:
                if one not in signed:
                    _sign_one(actor, one)
                    signed.add(one)
    except (HouseError, DBAPIError, psycopg.Error):
        return False
    return True


def _goes_on(house: House, post: Id, signed: set[Id], before: int) -> bool:
    """Orders have come in since the kill, and were signed."""
    return _sign(house, post, signed) and len(signed) > before


def _sign_one(actor: Actor, one: Id) -> None:
    with open_unit(actor, "sign") as unit:
        if event.get_event(unit, actor, one).state == "arrived":
            event.act(unit, actor, one, "sign", ActArgs())


def _here(house: House) -> list[Id]:
    with psycopg.connect(house.engine.uri_app) as conn:
        rows = conn.execute("SELECT event FROM docking_order ORDER BY id").fetchall()
    return [of_uuid("evt", row[0]) for row in rows]


def _counted(house: House, town: Hotline, link: Id, signed: set[Id]) -> tuple[int, int, list[str]]:
    """Lost and doubled, as both sides tell it, and what else does not add up."""
    wrong: list[str] = []
    with boot.node(house.folder) as node:
        jobs.settle()
        docking_jobs.gather()
        for _ in range(50):
            with suppress(LinkDown):
                visits.push(link)
                break
        with psycopg.connect(db.plain_uri(node.database.uri)) as conn:
            here = [row[0] for row in conn.execute("SELECT foreign_no FROM event").fetchall()]
            left = conn.execute("SELECT count(*) FROM docking_out WHERE state <> 'taken'").fetchone()
            waits = conn.execute("SELECT count(*) FROM docking_wait WHERE state = 'waiting'").fetchone()
        with open_unit(ME, "account") as unit:
            own = service.get_link(unit, ME, link)
            for day in sorted({order.day for order in town.orders.values()}):
                told = town.account(day)
                theirs = account.of_rows(day, told["rows"])
                drawn = account.draw_up(unit, own, theirs.day, theirs)
                wrong += [f"{one['number']}: {one['what']}" for one in drawn["differing"][:5]]
    if left and left[0]:
        wrong.append(f"{left[0]} acts without a receipt")
    if waits and waits[0]:
        wrong.append(f"{waits[0]} rows wait")
    acts = [len(order.acts) for order in town.orders.values()]
    lost = len(set(town.orders) - set(here)) + sum(n == 0 for n in acts)
    doubled = len(here) - len(set(here)) + town.counts.doubled + sum(n > 1 for n in acts)
    return lost, doubled, wrong
