"""``gangmu bench clocks``: a million clocks run, many come due while processes die, each mark is told once.

A node of its own, as ``gangmu up --role work`` would work on it, in two processes. Clocks are moved into the minutes of
the run: spread evenly, many at one instant as at the end of a working day, and short ones that reach all their marks.
While they fire, a worker is killed with kill -9 (with ``--full`` workers and PostgreSQL, again and again). How late a
mark is: when the transaction that told it was committed, by PostgreSQL's own record, less when it was due.
"""

import random
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from gangmu.faces.bench import Args, Measured, _clocks, percentile, say
from gangmu.faces.bench._clocks import SHARES
from gangmu.faces.bench._million import built
from gangmu.faces.chaos._house import House, on
from gangmu.kit import clock, engine
from gangmu.kit.engine import Options
from gangmu.kit.errors import Busy
from gangmu.kit.ids import of_uuid

RUNNING = 1_000_000
WORKERS = ("work0", "work1")
LEAD_S, SHORT_S = 3.0, 6
STARTED_WITHIN_S, LATEST_S = 180.0, 120.0
SCANNED = "SELECT coalesce(sum(seq_tup_read), 0)::bigint FROM pg_stat_user_tables WHERE relname IN ('job', 'clock')"
Mark = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Course:
    """What happens in a run: for ``seconds``, ``a_second`` clocks come due evenly, ``at_once`` at each of the
    ``instants``, and ``short`` clocks reach all their marks; then kills, by second."""

    seconds: int
    a_second: int
    at_once: int
    instants: tuple[int, ...]
    short: int
    kills: tuple[tuple[float, str], ...]


def course(args: Args) -> Course:
    """One worker is killed in the usual run; with ``--full`` somebody every twenty seconds for ten minutes."""
    dice = random.Random(args.seed or 3)
    if not args.full:
        small = (args.n or RUNNING) < RUNNING
        a_second, at_once, short = (10, 50, 20) if small else (30, 500, 100)
        seconds = 8 if small else 16
        return Course(seconds, a_second, at_once, (5,), short, ((4.0, "work0"),))
    who = [*WORKERS, "postgres"]
    kills = tuple((at + dice.uniform(-4, 4), dice.choice(who)) for at in range(20, 580, 20))
    return Course(600, 30, 1000, tuple(range(45, 600, 60)), 1000, kills)


def run(args: Args) -> Measured:
    """Build or copy the city, let it run, count."""
    clocks, plan = args.n or RUNNING, course(args)
    with (
        built("clocks", clocks, partial(_clocks.make, clocks)) as (kept, _, begun),
        copied(kept) as folder,
        _house(folder) as house,
    ):
        with psycopg.connect(house.engine.uri_owner, autocommit=True) as owner:
            running = _one(owner, "SELECT count(*) FROM clock WHERE stopped_at IS NULL AND bundled_into IS NULL")
            due = _prepare(owner, plan, begun)
            owner.execute("VACUUM ANALYZE clock, job")
        with psycopg.connect(house.engine.uri_owner) as owner:
            scanned = _one(owner, SCANNED)
        for name in WORKERS:
            house.start(name)
        _until_listening(house)
        ahead = _go(house, begun)
        kills = _fire(house, plan, due)
        house.stop()
        told, notes = _told(house)
        notes["rows_read_by_scans"] -= scanned
    late = [(told[mark][0] - ahead - when).total_seconds() for mark, when in due.items() if mark in told]
    lost = sum(mark not in told for mark in due) + notes.pop("unheard")
    doubled = sum(len(times) - 1 for times in told.values()) + sum(mark not in due for mark in told)
    figures = {"running": running, "jitter_p99_s": percentile(late, 0.99), "lost": lost, "doubled": doubled}
    shown = {"jitter_p50_s": percentile(late, 0.5), "jitter_max_s": max(late, default=None)}
    course_told = {"marks_due": len(due), "at_once": plan.at_once, "kills": dict(kills), "workers": len(WORKERS)}
    return Measured(figures, len(due), notes={**shown, **course_told, **notes})


# --- the house -------------------------------------------------------------------------------------------


@contextmanager
def copied(kept: Path) -> Iterator[Path]:
    """A copy of the built folder beside it (the same disk, the same owners), gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=kept.parent))
    folder.chmod(0o711)
    try:
        say("copying the city")
        subprocess.run(["cp", "-a", "--reflink=auto", f"{kept}/.", str(folder)], check=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _house(folder: Path) -> Iterator[House]:
    """Its database, written through to the disk, which also writes down when each transaction was committed."""
    options = Options(ephemeral=True, extra={"track_commit_timestamp": "on"})
    with engine.started(folder, options) as running, on(folder, running) as house:
        yield house


# --- before ----------------------------------------------------------------------------------------------


def _prepare(owner: psycopg.Connection, plan: Course, begun: datetime) -> dict[Mark, datetime]:
    """Stop the city's clock at its beginning, move clocks into the run, write down what is told. When each mark is
    due."""
    owner.execute("DELETE FROM kit_clock")
    owner.execute("INSERT INTO kit_clock (real, shown, speed) VALUES (now(), %s, 0)", [begun])
    owner.execute(_TOLD)
    moves = list(_moves(owner, plan, begun + timedelta(seconds=LEAD_S)))
    owner.execute("CREATE TEMP TABLE moved (id uuid, about text, comes timestamptz, short bool)")
    with owner.cursor() as cursor, cursor.copy("COPY moved FROM STDIN") as stream:
        for key, about, _, comes, is_short in moves:
            stream.write_row((key, about, comes, is_short))
    for line in _MOVE:
        owner.execute(line)
    due = {(about, SHARES[fired]): comes for _, about, fired, comes, is_short in moves if not is_short}
    for _, about, _, comes, is_short in moves:
        if is_short:
            due |= {(about, share): comes + timedelta(seconds=(share - SHARES[0]) * SHORT_S) for share in SHARES}
    return due


def _moves(owner: psycopg.Connection, plan: Course, first: datetime) -> Iterator[tuple[Any, str, int, datetime, bool]]:
    """Which clocks come when: key, id, marks told, the next mark, whether it is a short one."""
    dice = random.Random(1)
    whens = [dice.uniform(0, plan.seconds) for _ in range(plan.a_second * plan.seconds)]
    whens += [float(at) for at in plan.instants for _ in range(plan.at_once)]
    whens += [-dice.uniform(0, max(plan.seconds - SHORT_S, 1)) for _ in range(plan.short)]
    picked = owner.execute("SELECT id, fired FROM clock ORDER BY hashtext(id::text) LIMIT %s", [len(whens)]).fetchall()
    for (key, fired), when in zip(picked, whens, strict=True):
        yield key, str(of_uuid("clk", key)), fired, first + timedelta(seconds=abs(when)), when < 0


_MOVE = (
    "ANALYZE moved",
    "UPDATE clock SET fired = 0, started_at = comes - interval '3 s', warn_at = comes + interval '1.8 s',"
    " due_at = comes + interval '3 s', kind = 'um', \"limit\" = '0.1um' FROM moved"
    " WHERE clock.id = moved.id AND short",
    "UPDATE clock SET started_at = started_at + (comes - run_at), due_at = due_at + (comes - run_at),"
    " warn_at = warn_at + (comes - run_at) FROM moved JOIN job USING (about)"
    " WHERE clock.id = moved.id AND NOT short AND job.name = 'deadline.tick'",
    "UPDATE job SET run_at = comes FROM moved WHERE job.about = moved.about AND job.name = 'deadline.tick'",
)
_TOLD = """
    CREATE TABLE bench_told (message uuid, clock text, share float8);
    CREATE FUNCTION bench_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
        INSERT INTO bench_told VALUES (new.id, new.body->>'clock_id', (new.body->>'share')::float8); RETURN NULL;
    END $$;
    CREATE TRIGGER bench_told AFTER INSERT ON outbox FOR EACH ROW WHEN (new.name IN ('DeadlineNear', 'DeadlinePassed'))
        EXECUTE FUNCTION bench_tell();
"""


def _until_listening(house: House) -> None:
    """Wait for the workers to be at their work."""
    until = clock.monotonic() + STARTED_WITHIN_S
    heard = "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN gangmu_work'"
    with psycopg.connect(house.engine.uri_admin, autocommit=True) as admin:
        while _one(admin, heard) < len(WORKERS):
            if clock.monotonic() > until:
                raise Busy(what="the workers")
            time.sleep(0.1)


def _go(house: House, begun: datetime) -> timedelta:
    """Let the city's clock run. How far the machine's time is ahead of it."""
    going = "UPDATE kit_clock SET real = clock_timestamp(), shown = %s, speed = 1 RETURNING real - shown"
    with psycopg.connect(house.engine.uri_owner, autocommit=True) as owner:
        found = owner.execute(going, [begun]).fetchone()
    assert found is not None
    ahead: timedelta = found[0]
    return ahead


# --- meanwhile and afterwards ----------------------------------------------------------------------------


def _fire(house: House, plan: Course, due: dict[Mark, datetime]) -> Counter[str]:
    """Kill whom the plan names, look after the house, until all is told and relayed or it is far too late."""
    began, kills, waiting = clock.monotonic(), Counter[str](), list(plan.kills)
    left = f"SELECT {len(due)} - count(DISTINCT (clock, share)) + (SELECT count(*) FROM outbox) FROM bench_told"
    while (at := clock.monotonic() - began - LEAD_S) < plan.seconds + LATEST_S:
        if waiting and at >= waiting[0][0]:
            name = waiting.pop(0)[1]
            house.kill(name)
            kills[name.rstrip("01")] += 1
            say(f"  {at:.0f} s: {name} killed")
        house.look_after()
        if at > plan.seconds:
            with suppress(psycopg.Error), psycopg.connect(house.engine.uri_owner) as owner:
                if _one(owner, left) <= 0:
                    break
        time.sleep(0.1)
    return kills


def _told(house: House) -> tuple[dict[Mark, list[datetime]], dict[str, int]]:
    """When each mark was told, by the record of commits; facts that no subscriber got, and what else is amiss."""
    found: dict[Mark, list[datetime]] = {}
    with psycopg.connect(house.engine.uri_owner, autocommit=True) as owner:
        scanned = _one(owner, SCANNED)
        for about, share, at in owner.execute("SELECT clock, share, pg_xact_commit_timestamp(xmin) FROM bench_told"):
            found.setdefault((about, share), []).append(at)
        unheard = "SELECT count(*) FROM bench_told t WHERE NOT EXISTS (SELECT FROM job WHERE job.message = t.message)"
        notes = {"unheard": _one(owner, unheard)}
        notes["dead"] = _one(owner, "SELECT count(*) FROM job WHERE state = 'dead'")
        notes["put_off"] = _one(owner, "SELECT count(*) FROM job WHERE attempts > 1 OR error <> ''")
        notes["rows_read_by_scans"] = scanned
    return {mark: sorted(times) for mark, times in found.items()}, notes


def _one(conn: psycopg.Connection, query: str) -> int:
    row = conn.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])
