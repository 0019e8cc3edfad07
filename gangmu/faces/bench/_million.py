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
from pathlib import Path

import psycopg

from gangmu import boot
from gangmu.faces.bench import say
from gangmu.faces.bench._city import People, settle_people
from gangmu.faces.bench._rows import EVENT_COLUMNS, SIGNATURE, TRAILER, Batch, Dims, Maker
from gangmu.kit import clock, engine, ids
from gangmu.kit.db import metadata
from gangmu.kit.engine import Options
from gangmu.kit.engine.errors import DiskFull

BATCH = 50_000
DEPARTMENTS = 40
SEED = 20260918
BYTES_A_ROW = 2_500
_CARELESS = {"max_wal_size": "4GB", "checkpoint_timeout": "1h", "maintenance_work_mem": "1GB"}
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s) AND indexname !~ '^pk_'"

After = Callable[[psycopg.Cursor, Batch], None]


@contextmanager
def city(rows: int) -> Iterator[People]:
    """A node with so many events open in this process, from the cache or built now; its people."""
    folder, people = built("events", rows)
    with boot.node(folder):
        yield people


def built(
    name: str, rows: int, open_share: float = 0.05, also: After | None = None, more: tuple[str, ...] = ()
) -> tuple[Path, People]:
    """The data folder of a built city, and its people. ``also`` writes rows of the tables ``more`` for each batch."""
    boot.load_stages()
    folder = _cache() / f"{name}-{rows}-{_shape()}"
    done = folder / "done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _has_room(folder, rows)
        say(f"building {rows:,} events in {folder} (kept for the next run)")
        options = Options.for_tests(shared_buffers_mb=512, extra=_CARELESS)
        with engine.started(folder, options), boot.node(folder) as node:
            people = settle_people(DEPARTMENTS)
            _load(node.engine.uri_owner, people, rows, open_share, also, ("event", "event_search", *more))
        os.sync()
        done.write_text(json.dumps({"orgs": people.orgs, "posts": people.posts}))
    kept = json.loads(done.read_text())
    return folder, People(*({key: ids.Id(value) for key, value in kept[part].items()} for part in ("orgs", "posts")))


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


def _load(uri: str, people: People, rows: int, open_share: float, also: After | None, tables: tuple[str, ...]) -> None:
    departments = [org for name, org in people.orgs.items() if name.startswith("department")]
    maker = Maker(departments, clock.now(), rows, open_share, SEED)
    with psycopg.connect(uri) as owner:
        indexes = [row[0] for row in owner.execute(_INDEXES, [list(tables)]).fetchall()]
        for line in indexes:
            owner.execute(f'DROP INDEX "{line.split(" INDEX ", 1)[1].split(" ON ", 1)[0]}"')
        owner.execute(f"TRUNCATE {', '.join(tables)}")
        totals: Counter[Dims] = Counter()
        for first in range(0, rows, BATCH):
            made = maker.batch(first, min(BATCH, rows - first))
            totals.update(made.totals)
            with owner.cursor() as cursor:
                copy(cursor, f"event ({EVENT_COLUMNS})", made.events)
                copy(cursor, "event_search (event, reported_at, grams)", made.words)
                if also is not None:
                    also(cursor, made)
            if not (first // BATCH) % 10:
                say(f"  {first + len(made.keys):,}")
        with owner.cursor() as cursor, cursor.copy(_COPY_COUNTS) as stream:
            for dims, n in totals.items():
                stream.write_row((*dims[:4], dims[4].uuid if dims[4] else None, *dims[5:], n))
        say("  indexes")
        for line in indexes:
            owner.execute(line)
        owner.commit()
        owner.autocommit = True
        owner.execute(f"VACUUM (ANALYZE, PARALLEL 0) {', '.join(tables)}, event_count")


def copy(cursor: psycopg.Cursor, into: str, rows: bytes) -> None:
    """Binary rows into a table that was emptied in this transaction."""
    with cursor.copy(f"COPY {into} FROM STDIN (FORMAT binary, FREEZE)") as stream:
        stream.write(SIGNATURE + rows + TRAILER)


_COPY_COUNTS = "COPY event_count (division, flow, state, status, lead_org, lateness, supervised, channel, n) FROM STDIN"
