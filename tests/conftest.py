"""One embedded server a test session, a template database, a clone a test. Everything private and temporary.

``GANGMU_TEST_DATABASE`` (the address of a superuser on any PostgreSQL >= 15) points the suite at another server.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser

from gangmu import boot
from gangmu.kit import clock, db, engine, files, seal, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.unit import Unit, forget_clock, open_unit
from tests.city import City, build
from tests.web.browser import launched

SHARED = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"


@dataclass(frozen=True)
class Server:
    """Addresses of the session's server: ``of(role, database)``."""

    admin: str
    owner: str
    app: str

    def of(self, base: str, database: str) -> str:
        head, _, tail = base.partition("?")
        return head[: head.rindex("/") + 1] + database + ("?" + tail if tail else "")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server of this test session (one a worker)."""
    given = os.environ.get("GANGMU_TEST_DATABASE")
    if given:
        yield Server(given, given, given)
        return
    folder = tempfile.mkdtemp(prefix="gangmu-test-")
    running = engine.start(folder, engine.Options.for_tests(max_connections=120))
    try:
        yield Server(running.uri_admin, running.uri_owner, running.uri_app)
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: Server) -> Iterator[str]:
    """The name of a migrated, prepared database that tests clone."""
    name = f"template_{uuid4().hex[:8]}"
    make_database(server, name)
    boot.load_stages()
    boot.migrations.up(server.of(server.owner, name))
    with (
        using(server, name, Path(tempfile.mkdtemp(prefix="gangmu-keys-"))) as _,
        open_unit(System("test"), "prepare") as u,
    ):
        boot.prepare(u)
    yield name
    drop_database(server, name)


def make_database(server: Server, name: str, template: str = "") -> None:
    with psycopg.connect(server.admin, autocommit=True) as conn:
        source = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        owner = sa.make_url(server.owner).username
        conn.execute(f'CREATE DATABASE "{name}" OWNER "{owner}"{source}')
    if not template and server.owner != server.admin:
        with psycopg.connect(server.of(server.admin, name), autocommit=True) as conn:
            engine.roles.grant_to_app(conn, engine.roles.OWNER, engine.roles.APP)


def drop_database(server: Server, name: str) -> None:
    with psycopg.connect(server.admin, autocommit=True) as conn:
        conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@dataclass(frozen=True)
class Db:
    """A clone database of one test, open in this process."""

    uri: str
    uri_owner: str
    folder: Path

    @contextmanager
    def unit(self, actor: Actor | None = None, cause: str = "test") -> Iterator[Unit]:
        with open_unit(actor or System("test"), cause) as unit:
            yield unit


@contextmanager
def using(server: Server, name: str, folder: Path) -> Iterator[Db]:
    """Make a database of the server the one of this process for a while."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = KEYS[0] if KEYS else KEYS.append(seal.Keys.load(folder / "keys")) or KEYS[0]
    seal.use(keys)
    files.use(folder / "files")
    clock.use(None)
    forget_clock()
    settings._admin = {}
    opened = db.Database(server.of(server.app, name), size=4, overflow=16)
    db.use(opened)
    try:
        yield Db(server.of(server.app, name), server.of(server.owner, name), folder)
    finally:
        db.use(None)
        opened.close()
        clock.use(None)


KEYS: list[seal.Keys] = []


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """A command that ran in this process leaves its language in the environment; the next test has its own."""
    before = os.environ.pop("GANGMU_LANG", None)
    yield
    os.environ.pop("GANGMU_LANG", None)
    if before is not None:
        os.environ["GANGMU_LANG"] = before


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a file of tests; every seat has a context of its own. Playwright keeps an event loop running in
    its thread while it is open, so two of them may not overlap in one worker, and no other test may meet it."""
    with launched() as browser:
        yield browser


@pytest.fixture(name="db")
def db_fixture(database: Db) -> Db:
    return database


def shared(*parts: str) -> Path:
    """A file of the shared data; skips loudly where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"REAL DATA ABSENT: ../shared/data/{'/'.join(parts)} is not there, this test did not run")
    return path


@pytest.fixture(scope="session")
def city_template(
    server: Server, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, City]]:
    """A database with the small city in it, built once a session, and what was built."""
    name = f"city_{uuid4().hex[:8]}"
    make_database(server, name, template)
    with using(server, name, tmp_path_factory.mktemp("city")):
        built = build()
    yield name, built
    drop_database(server, name)


@pytest.fixture
def database(request: pytest.FixtureRequest, server: Server, template: str, tmp_path: Path) -> Iterator[Db]:
    """A fresh migrated database with the shipped rows; with the small city in it for tests that ask for ``city``."""
    source = template
    if "city" in request.fixturenames:
        source = request.getfixturevalue("city_template")[0]
    name = f"test_{uuid4().hex[:12]}"
    make_database(server, name, source)
    try:
        with using(server, name, tmp_path / "data") as opened:
            yield opened
    finally:
        drop_database(server, name)


@pytest.fixture
def city(database: Db, city_template: tuple[str, City]) -> City:
    """The small city with a person in every role, in a database of this test's own."""
    return city_template[1].reopened(boot.make_app())
