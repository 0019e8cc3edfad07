"""A city with very many events for the reading benchmarks: built once, kept by the tables' shape.

One event in twenty is open; divisions, departments and states are spread as in a city of eight counties. It is built
without a care for the disk (no fsync, one transaction, indexes afterwards) and opened as a city's database is.
"""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import psycopg

from gangmu import boot
from gangmu.faces.bench import private_folder, say
from gangmu.faces.bench._city import People, settle_people
from gangmu.faces.bench._rows import EVENT_COLUMNS, SIGNATURE, TRAILER, Dims, Maker
from gangmu.kit import clock, engine, ids
from gangmu.kit.db import metadata
from gangmu.kit.engine import Options
from gangmu.kit.engine.errors import DiskFull

BATCH = 50_000
DEPARTMENTS = 40
SEED = 20260918
BYTES_A_ROW, KEPT_FROM = 2_500, 500_000
_CARELESS = {"max_wal_size": "4GB", "checkpoint_timeout": "1h", "maintenance_work_mem": "1GB"}
_INDEXES = (
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s)"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
)


@contextmanager
def city(rows: int) -> Iterator[People]:
    """A node with so many events open in this process, from the cache or built now; its people."""
    with built("events", rows, partial(_events, rows)) as (folder, people, _), boot.node(folder):
        yield people


@contextmanager
def built(
    name: str, rows: int, make: Callable[[str, People, datetime], None]
) -> Iterator[tuple[Path, People, datetime]]:
    """The data folder of a built city, its people, and the time at which it was built. ``make`` loads the rows with
    the address of the owner. Large ones are kept for the next run."""
    boot.load_stages()
    if rows < KEPT_FROM:
        with private_folder() as folder:
            folder.chmod(0o711)
            _build(folder, make)
            yield (folder, *_read(folder))
        return
    folder = _cache() / f"{name}-{rows}-{_shape()}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _has_room(folder, rows)
        say(f"building {rows:,} {name} in {folder} (kept for the next run)")
        _build(folder, make)
    yield (folder, *_read(folder))


def _build(folder: Path, make: Callable[[str, People, datetime], None]) -> None:
    options, now = Options.for_tests(shared_buffers_mb=512, extra=_CARELESS), clock.now()
    with engine.started(folder, options), boot.node(folder) as node:
        people = settle_people(DEPARTMENTS)
        make(node.engine.uri_owner, people, now)
    os.sync()
    done = {"orgs": people.orgs, "posts": people.posts, "now": now.isoformat()}
    (folder / "done").write_text(json.dumps(done))


def _read(folder: Path) -> tuple[People, datetime]:
    kept = json.loads((folder / "done").read_text())
    people = People(*({key: ids.Id(value) for key, value in kept[part].items()} for part in ("orgs", "posts")))
    return people, datetime.fromisoformat(kept["now"])


def _cache() -> Path:
    base = Path("/var/cache") if os.geteuid() == 0 else Path.home() / ".cache"
    return base / "gangmu-bench"


def _has_room(folder: Path, rows: int) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder.parent).free
    if free < rows * BYTES_A_ROW + 2**30:
        raise DiskFull(path=str(folder.parent), free_mb=free // 2**20)


def _shape() -> str:
    tables = [f"{t.name}({','.join(f'{c.name}:{c.type}' for c in t.columns)})" for t in metadata.sorted_tables]
    indexes = sorted(str(index.name) for table in metadata.sorted_tables for index in table.indexes)
    return hashlib.sha256("|".join([*tables, *indexes]).encode()).hexdigest()[:12]


@contextmanager
def emptied(uri: str, *tables: str) -> Iterator[psycopg.Cursor]:
    """A transaction of the owner in which tables are filled anew: without their indexes, which are made at its end."""
    names = ", ".join(tables)
    with psycopg.connect(uri, autocommit=True) as owner:
        with owner.transaction(), owner.cursor() as cursor:
            indexes = [row[0] for row in cursor.execute(_INDEXES, [list(tables)]).fetchall()]
            for line in indexes:
                cursor.execute(f'DROP INDEX "{line.split(" INDEX ", 1)[1].split(" ON ", 1)[0]}"')
            cursor.execute(f"TRUNCATE {names}")
            yield cursor
            say("  indexes")
            for line in indexes:
                cursor.execute(line)
        owner.execute(f"VACUUM (ANALYZE, PARALLEL 0) {names}")


def _events(rows: int, uri: str, people: People, now: datetime) -> None:
    maker = Maker(departments(people), now, rows, 0.05, SEED)
    totals: Counter[Dims] = Counter()
    with emptied(uri, "event", "event_search") as cursor:
        for first in range(0, rows, BATCH):
            made = maker.batch(first, min(BATCH, rows - first))
            totals.update(made.totals)
            copy(cursor, f"event ({EVENT_COLUMNS})", made.events)
            copy(cursor, "event_search (event, reported_at, grams)", made.words)
            if not (first // BATCH) % 10:
                say(f"  {first + len(made.keys):,}")
    put_counts(uri, totals)


def departments(people: People) -> list[ids.Id]:
    return [org for name, org in people.orgs.items() if name.startswith("department")]


def put_counts(uri: str, totals: Counter[Dims]) -> None:
    """The counters of these events."""
    with psycopg.connect(uri, autocommit=True) as owner, owner.cursor() as cursor:
        with cursor.copy(_COPY_COUNTS) as stream:
            for dims, n in totals.items():
                stream.write_row((*dims[:4], dims[4].uuid if dims[4] else None, *dims[5:], n))
        cursor.execute("VACUUM ANALYZE event_count")


def copy(cursor: psycopg.Cursor, into: str, rows: bytes) -> None:
    """Binary rows into a table that was emptied in this transaction."""
    with cursor.copy(f"COPY {into} FROM STDIN (FORMAT binary, FREEZE)") as stream:
        stream.write(SIGNATURE + rows + TRAILER)


_COPY_COUNTS = "COPY event_count (division, flow, state, status, lead_org, lateness, supervised, channel, n) FROM STDIN"
