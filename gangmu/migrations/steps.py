"""What migrations would do to a database, tried in a transaction that is rolled back.

Each step tells which tables that people work with it locks, what it adds (expand) and what it takes away (contract), so
that an upgrade is known before it happens, and the way back with what would be lost on it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from gangmu.kit import clock
from gangmu.kit.db import psycopg_uri

_LOCKED = sa.text(
    "SELECT DISTINCT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
    " WHERE l.pid = pg_backend_pid() AND l.mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock',"
    " 'ShareLock') AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
)
_COLUMNS = sa.text(
    "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
    " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped"
)


_DEFAULT = sa.text(
    "SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid"
    " AND a.attnum = d.adnum WHERE d.adrelid = to_regclass(:table) AND a.attname = :column"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One migration as it went: ``locks`` are tables that were there before and wait while it runs."""

    revision: str
    about: str
    seconds: float
    locks: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def kind(self) -> str:
        return "contract" if self.removed else "expand"


@dataclass(frozen=True, slots=True)
class Loss:
    """What a step back would throw away: a table with rows, or a column with values in so many rows."""

    what: str
    rows: int


def waiting(owner_uri: str) -> list[Step]:
    """The steps from where the database stands to the newest, each tried; nothing stays."""
    with _tried(owner_uri) as (conn, config, at):
        return [_step(conn, config, script, command.upgrade) for script in _path(config, at)]


def lost_on_the_way_back(owner_uri: str, to: str) -> list[Loss]:
    """What going back to a revision would lose of what is there now; the way is walked, and nothing stays."""
    with _tried(owner_uri) as (conn, config, _):
        before = _columns(conn)
        with conn.begin_nested() as way:
            command.downgrade(config, to)
            after = _columns(conn)
            way.rollback()
        counted = [(name, _count(conn, name)) for name in _whole(before - after)]
        return [Loss(name, rows) for name, rows in counted if rows]


def _count(conn: sa.Connection, name: str) -> int:
    """Rows of a table; for a column, rows that hold more in it than what every row got by default."""
    table, _, column = name.partition(".")
    condition = ""
    if column:
        default = conn.execute(_DEFAULT, {"table": table, "column": column}).scalar()
        condition = f' WHERE "{column}" IS NOT NULL' + (
            f' AND "{column}" IS DISTINCT FROM {default}' if default else ""
        )
    return int(conn.execute(sa.text(f'SELECT count(*) FROM "{table}"{condition}'.replace(":", r"\:"))).scalar() or 0)


@contextmanager
def _tried(owner_uri: str) -> Iterator[tuple[sa.Connection, Config, str | None]]:
    engine = sa.create_engine(psycopg_uri(owner_uri), poolclass=sa.pool.NullPool)
    with engine.connect() as conn, conn.begin() as trial:
        conn.execute(sa.text("SET LOCAL lock_timeout = '10s'"))
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent))
        config.attributes["connection"] = conn
        try:
            yield conn, config, MigrationContext.configure(conn).get_current_revision()
        finally:
            trial.rollback()


def _path(config: Config, at: str | None) -> list[Any]:
    scripts = list(ScriptDirectory.from_config(config).iterate_revisions("head", at or "base"))
    return list(reversed(scripts))


def _columns(conn: sa.Connection) -> set[str]:
    there: set[str] = set()
    for table, column in conn.execute(_COLUMNS):
        there |= {table, f"{table}.{column}"}
    return there


def _step(conn: sa.Connection, config: Config, script: Any, walk: Any) -> Step:
    before, held = _columns(conn), _locked(conn)
    began = clock.monotonic()
    walk(config, script.revision)
    took, after = clock.monotonic() - began, _columns(conn)
    locks = [name for name in _locked(conn) if name in before and name not in held and name != "alembic_version"]
    added, removed = _whole(after - before), _whole(before - after)
    about = (script.doc or "").splitlines()[0] if script.doc else ""
    return Step(script.revision, about, round(took, 3), tuple(locks), added, removed)


def _locked(conn: sa.Connection) -> set[str]:
    return {name for (name,) in conn.execute(_LOCKED)}


def _whole(names: set[str]) -> tuple[str, ...]:
    """Tables, and columns of tables that were there."""
    tables = {name for name in names if "." not in name}
    return tuple(sorted(tables | {name for name in names if "." in name and name.split(".")[0] not in tables}))
