"""The composition root: finds the stages, starts the node's engine, wires routes, subscribers and timers.

Nothing else imports everything. ``node(data_dir)`` opens a node for a command or a process; ``app()`` is the web.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from gangmu import base, brain, core, messages
from gangmu.base import access
from gangmu.faces import http
from gangmu.kit import db, engine, files, ids, jobs, journal, journal_search, seal, settings, web
from gangmu.kit import http as outside
from gangmu.kit import watching as _watching  # noqa: F401 - its settings register
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import HouseError
from gangmu.kit.unit import Unit, forget_clock, open_unit
from gangmu.migrations import runner as migrations

STAGE_MODULES = ("settings", "store", "service", "effects", "jobs", "keeping", "sheets", "api")
RESTORING, GOING_BACK, COPY = "restoring.json", "going-back.json", "copy.json"
_services: list[Any] = []


class Unfinished(HouseError):
    """A restore into the folder did not come to its end: what is there looks like a house and is none."""

    code, status = "care.unfinished", 409


class HalfBack(HouseError):
    """Going back to a backup was stopped while folders changed places."""

    code, status = "care.half_back", 409


def load_stages() -> None:
    """Import every stage's tables, settings, subscribers and routes. Stages are the packages found in ``messages``,
    ``base``, ``core`` and ``brain``: adding a folder is enough."""
    for fact in pkgutil.iter_modules(messages.__path__):
        importlib.import_module(f"{messages.__name__}.{fact.name}")
    for room in (base, core, brain):
        for stage in sorted(pkgutil.iter_modules(room.__path__), key=lambda item: item.name):
            if not stage.ispkg:
                continue
            package = importlib.import_module(f"{room.__name__}.{stage.name}")
            there = {module.name for module in pkgutil.iter_modules(package.__path__)}
            for name in STAGE_MODULES:
                if name in there:
                    module = importlib.import_module(f"{package.__name__}.{name}")
                    if name == "service" and module not in _services:
                        _services.append(module)


@dataclass(slots=True)
class Node:
    """A node that is open in this process: its data folder, engine and database."""

    folder: Path
    engine: Any
    database: db.Database

    @contextmanager
    def unit(self, actor: Actor | None = None, cause: str = "command") -> Iterator[Unit]:
        """A unit of work on this node."""
        with open_unit(actor or System("command"), cause) as unit:
            yield unit

    @property
    def journal_folder(self) -> Path:
        return self.folder / "journal"


def use_folder(folder: Path) -> None:
    """Take over keys, files and settings of a data folder, and the number of its node. A copy calls no other system."""
    outside.shut((folder / COPY).exists())
    seal.use(seal.Keys.load(folder / "keys"))
    files.use(folder / "files")
    journal_search.use(folder / "journal")
    marked = folder / "node.json"
    if marked.exists():
        ids.set_node(int(json.loads(marked.read_text("utf-8"))["node"]))


@contextmanager
def node(data_dir: Path | str, *, migrate: bool = True) -> Iterator[Node]:
    """Open the node of a data folder: start its engine if none runs there, bring the tables up to date, and end what
    was started here."""
    load_stages()
    folder = Path(data_dir).resolve()
    settings.read_file(folder / "gangmu.toml")
    with open_engine(folder) as running:
        if migrate:
            migrations.up(running.uri_owner, app=db.role_of(running.uri_app))
        use_folder(folder)
        with open_database(running.uri_app) as database:
            with open_unit(System("boot"), "start") as unit:
                settings.load_admin(unit)
                prepare(unit)
            yield Node(folder, running, database)


@contextmanager
def open_engine(folder: Path) -> Iterator[Any]:
    """The engine of the folder, attached when it runs already, started (and stopped at the end) otherwise."""
    if (folder / RESTORING).exists():
        raise Unfinished(path=str(folder))
    if (folder / GOING_BACK).exists():
        raise HalfBack(path=str(folder))
    running = engine.by_settings(folder)
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def open_database(uri: str) -> Iterator[db.Database]:
    """Make a database the one of this process for a while."""
    database = db.Database(uri)
    before = db._current
    db.use(database)
    forget_clock()
    try:
        yield database
    finally:
        db.use(before)
        database.close()


def prepare(unit: Unit) -> None:
    """Load the rows that every node ships with (roles, calendars, flows, catalogue): each stage's
    ``service.load_shipped``, in the order of the stages. Idempotent; a city's own rows stay."""
    for module in _services:
        load = getattr(module, "load_shipped", None)
        if load is not None:
            load(unit)


@cache
def make_app() -> FastAPI:
    """The web application of the node that is open in this process: one a process, since routes take a second and many
    megabytes to be made ready and are kept by the routers that they were declared on."""
    web.use_identify(access.identify)
    return http.make_app()


def worker(node_open: Node, threads: int = 2) -> jobs.Worker:
    """The relay, the sealer and job threads of a process."""
    jobs.chore("journal.seal", 0.5)(lambda: journal.seal_tail(node_open.journal_folder))
    jobs.chore("files.sweep", 3600)(files.sweep)
    return jobs.Worker(threads)
