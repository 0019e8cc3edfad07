"""The database of a house as a backup sees it: one snapshot, and what must be equal after a restore."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from gangmu.kit import journal

_AS_TEXT = "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL extra_float_digits = 1"
_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    " AND NOT relispartition ORDER BY relname"
)
_MARK = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} t"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A transaction that sees the house as it was at one moment, and the name by which others may share it."""

    conn: psycopg.Connection[Any]
    name: str
    at: str
    heads_size: int

    def revision(self) -> str:
        """The migration that the tables stand at; empty when there are none."""
        there = self.conn.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
        if not there or not there[0]:
            return ""
        row = self.conn.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""

    def tables(self) -> dict[str, dict[str, Any]]:
        return tables(self.conn)

    def journal_head(self) -> dict[str, Any]:
        """Number and link of the last sealed entry, entries in all, entries that wait for the sealer."""
        row = self.conn.execute(
            "SELECT coalesce(max(seq), 0), (SELECT encode(link, 'hex') FROM journal_seal ORDER BY seq DESC LIMIT 1),"
            " (SELECT count(*) FROM journal_entry), (SELECT count(*) FROM journal_unsealed) FROM journal_seal"
        ).fetchone()
        assert row is not None
        return {"sealed": row[0], "head": row[1] or "", "entries": row[2], "unsealed": row[3]}

    def files(self) -> Iterator[tuple[str, int]]:
        """Digest and size of every kept file that a row names."""
        with self.conn.cursor(name="kept_files") as rows:
            rows.itersize = 5000
            rows.execute("SELECT digest, max(size) FROM file GROUP BY digest ORDER BY digest")
            yield from rows


@contextmanager
def snapshot(uri: str, heads: Path) -> Iterator[Snapshot]:
    """The house at one moment: rows and signed heads that belong together, while everybody works on."""
    with psycopg.connect(uri, autocommit=True) as conn:
        with journal.still(conn):
            conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            row = conn.execute("SELECT pg_export_snapshot(), clock_timestamp()").fetchone()
            size = heads.stat().st_size if heads.exists() else 0
        assert row is not None
        yield Snapshot(conn, row[0], row[1].isoformat(), size)


def tables(conn: psycopg.Connection[Any]) -> dict[str, dict[str, Any]]:
    """Every table with its rows counted and summed up: equal sums, equal rows, whatever their order."""
    for line in _AS_TEXT.split("; "):
        conn.execute(line)
    found: dict[str, dict[str, Any]] = {}
    for (name,) in conn.execute(_TABLES).fetchall():
        row = conn.execute(sql.SQL(_MARK).format(sql.Identifier(name))).fetchone()
        assert row is not None
        found[name] = {"rows": row[0], "mark": row[1]}
    return found


def others(conn: psycopg.Connection[Any], own: int = 0) -> int:
    """How many connections other processes of the house hold."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gangmu' AND pid <> %s"
    found = conn.execute(query, [own]).fetchone()
    return int(found[0]) if found else 0


def is_empty(uri: str) -> bool:
    """Whether a database has no table of ours, or anybody's, yet."""
    with psycopg.connect(uri, autocommit=True) as conn:
        return not conn.execute(_TABLES).fetchall()


def server_version(uri: str) -> int:
    with psycopg.connect(uri, autocommit=True) as conn:
        return conn.info.server_version


def size_of(uri: str) -> int:
    """Bytes that the database takes on its disk."""
    with psycopg.connect(uri, autocommit=True) as conn:
        row = conn.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])
