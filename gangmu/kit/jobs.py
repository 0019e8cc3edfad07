"""Subscribers and timers: what happens after the commit.

The relay turns each told message into one job a subscriber and into a numbered tick; workers take jobs with
``SKIP LOCKED`` and run each in a unit of its own, whose transaction also marks the job done. A job is named, so
name + message id make delivery idempotent. A failing one is tried again with back-off, then laid on the
dead-letter page, where an administrator sees type, id and error only and re-runs it. Timers wait apart from messages,
so that a flood of these does not make a clock late; those of many clocks that come at once run together.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.engine import Connection

from gangmu.kit import clock, db, fence, ids, live, message, metrics
from gangmu.kit.actor import System
from gangmu.kit.errors import Busy, HouseError, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.log import log
from gangmu.kit.tables import idempotency, job, outbox
from gangmu.kit.unit import Unit, read_clock, transaction, unit_on

F = TypeVar("F", bound=Callable[..., None])
MAX_ATTEMPTS = 8
KEEP_DONE = timedelta(days=30)
_RELAY_LOCK = 7_401_001
_CLEAN_EVERY_S = 600
_LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A named handler of one message class. ``wanted``: whether there is anything for it to do at all; the relay asks
    once a batch, so that nobody works for a subscription that nobody has."""

    name: str
    message_name: str
    call: Callable[[Unit, Any], None]
    wanted: Callable[[Connection], bool] | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that has come."""

    about: str
    token: str
    payload: dict[str, Any]


_subscribers: dict[str, Subscriber] = {}
_by_message: dict[str, list[str]] = {}
_timers: dict[str, Callable[..., None]] = {}
_together: dict[str, int] = {}
_chores: dict[str, tuple[float, Callable[[], object]]] = {}


def on(fact: type, name: str, wanted: Callable[[Connection], bool] | None = None) -> Callable[[F], F]:
    """Subscribe a function ``(unit, fact)`` to a message class under a name that never changes."""

    def register(call: F) -> F:
        _subscribers[name] = Subscriber(name, fact.__name__, call, wanted)
        names = _by_message.setdefault(fact.__name__, [])
        if name not in names:
            names.append(name)
        return call

    return register


def timer(name: str) -> Callable[[F], F]:
    """Register a function ``(unit, about, token, payload)`` for timers set with ``unit.at``."""

    def register(call: F) -> F:
        _timers[name] = call
        return call

    return register


def timers(name: str, most: int = 100) -> Callable[[F], F]:
    """Register a function ``(unit, due: Sequence[Due])`` for timers of which many come at once: up to ``most`` in one
    unit. When that fails, each is run alone, so that a broken one stops no other."""

    def register(call: F) -> F:
        _timers[name] = call
        _together[name] = most
        return call

    return register


def chore(name: str, every_s: float) -> Callable[[F], F]:
    """Register a function without arguments that a worker calls every so many real seconds."""

    def register(call: F) -> F:
        _chores[name] = (every_s, call)
        return call

    return register


def names() -> list[str]:
    return sorted({*_subscribers, *_timers})


# --- the relay -------------------------------------------------------------------------------------------


def relay(most: int = 500) -> int:
    """Turn told messages into jobs and ticks, in one transaction. Returns how many were taken; 0 also when
    another process is relaying (ticks are numbered by one relay at a time)."""
    with transaction() as conn:
        if not conn.execute(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _RELAY_LOCK}).scalar():
            return 0
        read_clock(conn)
        taking = sa.select(outbox).order_by(outbox.c.id).limit(most).with_for_update(skip_locked=True)
        told = conn.execute(taking).fetchall()
        if not told:
            return 0
        made_at = clock.real_now()
        hearing = _hearing(conn, {fact.name for fact in told})
        rows = [
            {
                "id": ids.new("job"),
                "name": name,
                "message": fact.id,
                "message_name": fact.name,
                "message_version": fact.version,
                "payload": fact.body,
                "run_at": fact.told_at,
                "made_at": made_at,
            }
            for fact in told
            for name in hearing[fact.name]
        ]
        if rows:
            conn.execute(pg_insert(job).on_conflict_do_nothing(), rows)
        live.publish(conn, [(fact.name, fact.body, fact.told_at) for fact in told])
        conn.execute(sa.delete(outbox).where(outbox.c.id.in_([fact.id for fact in told])))
        conn.execute(sa.text("SELECT pg_notify('gangmu_tick', '')"))
    metrics.relayed.inc(len(told))
    return len(told)


def _hearing(conn: Connection, messages: set[str]) -> dict[str, list[str]]:
    """Who hears each of these messages now."""
    asked: dict[Callable[[Connection], bool], bool] = {}

    def hears(name: str) -> bool:
        wanted = _subscribers[name].wanted
        if wanted is None:
            return True
        if wanted not in asked:
            asked[wanted] = wanted(conn)
        return asked[wanted]

    return {message: [name for name in _by_message.get(message, []) if hears(name)] for message in messages}


# --- workers ---------------------------------------------------------------------------------------------


_READY: sa.ColumnElement[bool] = sa.literal_column("job.state = 'ready'")
_TIMER, _TOLD = job.c.message.is_(None), job.c.message.is_not(None)


def run_some(*, told_first: bool = False) -> int:
    """Take what is due longest, timers before messages unless ``told_first``, and run it. How many jobs that was; 0
    when none is due.

    A row stays locked from the taking to the end, also over a failure (a job's own work is a savepoint), so that no
    other worker can run it between the two; a worker that dies gives it back untouched."""
    kinds = (_TOLD, _TIMER) if told_first else (_TIMER, _TOLD)
    with transaction() as conn:
        read_clock(conn)
        rows = _claim(conn, kinds[0]) or _claim(conn, kinds[1])
        if len(rows) > 1 and fence.run(f"jobs {rows[0].name}", lambda: _run_together(conn, rows)).ok:
            ran = [(row.name, "done") for row in rows]
        else:
            ran = [(row.name, "done" if _ran(conn, row) else "failed") for row in rows]
    for name, how in ran:  # counted when it is kept
        metrics.jobs_run.labels(name, how).inc()
    return len(rows)


def _ran(conn: Connection, row: Any) -> bool:
    """Run one; whether it went well. A failure is put off."""
    outcome = fence.run(f"job {row.name}", lambda: _run_in(conn, row))
    if outcome.error is not None:
        _put_off(conn, row, outcome.error)
    return outcome.ok


def _claim(conn: Connection, kind: sa.ColumnElement[bool]) -> list[Any]:
    """The one that is due longest; with it others of its name that run together. Nobody waits for a locked row."""
    due = sa.select(job).where(_READY, kind, job.c.run_at <= clock.now()).order_by(job.c.run_at)
    due = due.with_for_update(skip_locked=True)
    first = conn.execute(due.limit(1)).first()
    most = _together.get(first.name, 1) if first is not None and first.message is None else 1
    if first is None or most == 1:
        return [] if first is None else [first]
    likes = due.where(job.c.name == first.name, job.c.id != first.id).limit(most - 1)
    return [first, *conn.execute(likes).fetchall()]


def _run_together(conn: Connection, rows: Sequence[Any]) -> None:
    cause = f"jobs {rows[0].id} to {rows[-1].id}"
    with conn.begin_nested(), unit_on(conn, System(rows[0].name), cause) as unit:
        _timers[rows[0].name](unit, [Due(row.about, row.token, row.payload) for row in rows])
        done = sa.update(job).where(job.c.id.in_([row.id for row in rows]))
        conn.execute(done.values(state="done", attempts=job.c.attempts + 1))


def _run_in(conn: Connection, row: Any) -> None:
    with conn.begin_nested(), unit_on(conn, System(row.name), f"job {row.id}") as unit:
        if row.message_name:
            subscriber = _subscribers.get(row.name)
            if subscriber is None:
                raise NotFound(what=f"subscriber {row.name}")
            unit.message = row.message
            subscriber.call(unit, message.decode(row.message_name, row.message_version, row.payload))
        else:
            handler = _timers.get(row.name)
            if handler is None:
                raise NotFound(what=f"timer {row.name}")
            if row.name in _together:
                handler(unit, [Due(row.about, row.token, row.payload)])
            else:
                handler(unit, row.about, row.token, row.payload)
        conn.execute(sa.update(job).where(job.c.id == row.id).values(state="done", attempts=row.attempts + 1))


def _put_off(conn: Connection, row: Any, error: Exception) -> None:
    """Count the failed attempt; later with back-off, or onto the dead-letter page. Only the class and a stable
    code of the error are kept: its text could carry personal data."""
    attempts = row.attempts + 1
    kept = f"{type(error).__name__}: {error.code}" if isinstance(error, HouseError) else type(error).__name__
    state = "dead" if attempts >= MAX_ATTEMPTS else "ready"
    later = clock.now() + timedelta(seconds=min(2**attempts, 600))
    log.warning("job failed", job=row.id, name=row.name, attempt=attempts, error=kept, exc_info=error)
    failed = sa.update(job).where(job.c.id == row.id)
    conn.execute(failed.values(attempts=attempts, state=state, run_at=later, error=kept))


def settle(most: int = 10_000) -> int:
    """Relay and run until nothing is due. For tests, imports and the end of a command."""
    done = 0
    while done < most:
        moved = relay()
        ran = 0
        while some := run_some():
            ran += some
        done += moved + ran
        if not moved and not ran:
            break
    return done


def unheard(conn: Connection, names: Sequence[str], field: str, value: str, before: Id) -> bool:
    """Whether subscribers of these names still have to hear an earlier message whose ``field`` says ``value``."""
    earlier = sa.select(job.c.id).where(
        job.c.name.in_(names), job.c.state == "ready", job.c.message < before, job.c.payload[field].astext == value
    )
    return conn.execute(earlier.limit(1)).first() is not None


def clean() -> int:
    """Forget jobs done and answers kept more than 30 days ago, and ticks more than 3 days old."""
    before = clock.real_now() - KEEP_DONE
    with transaction() as conn:
        gone = conn.execute(sa.delete(job).where(job.c.state == "done", job.c.made_at < before)).rowcount
        gone += conn.execute(sa.delete(idempotency).where(idempotency.c.kept_at < before)).rowcount
        live.forget(conn, clock.real_now() - timedelta(days=3))
    return gone


@dataclass(frozen=True, slots=True)
class Backlog:
    """The oldest thing that waits: since when by the city's time, and for how many real seconds."""

    since: datetime
    real_s: float


def backlog(unit: Unit, names_start: str) -> Backlog | None:
    """What was told and not yet taken by the subscribers whose names begin so; None: they are up to date."""
    waiting = sa.select(job.c.run_at, job.c.made_at).where(
        job.c.state == "ready", job.c.run_at <= unit.now, job.c.name.startswith(names_start)
    )
    oldest = unit.one(waiting.order_by(job.c.run_at).limit(1))
    told = unit.one(sa.select(outbox.c.id, outbox.c.told_at).order_by(outbox.c.id).limit(1))
    found = []
    if oldest is not None:
        found.append(Backlog(oldest.run_at, (clock.real_now() - oldest.made_at).total_seconds()))
    if told is not None:
        found.append(Backlog(told.told_at, (clock.real_now() - ids.made_at(told.id)).total_seconds()))
    return max(found, key=lambda one: one.real_s, default=None)


def not_heard(unit: Unit, names_start: str, before: datetime) -> int:
    """How many messages told before a time the subscribers whose names begin so have not taken. Those that failed are
    counted too, whenever they are tried again."""
    names = [one.message_name for one in _subscribers.values() if one.name.startswith(names_start)]
    jobs_left = sa.select(job.c.id).where(
        job.c.state.in_(("ready", "dead")), job.c.name.startswith(names_start), job.c.message.is_not(None)
    )
    left = jobs_left.where(sa.or_(job.c.run_at < before, job.c.attempts > 0)).subquery()
    told = sa.select(outbox.c.id).where(outbox.c.name.in_(names), outbox.c.told_at < before).subquery()
    counts = [unit.value(sa.select(sa.func.count()).select_from(one)) for one in (left, told)]
    return sum(int(one or 0) for one in counts)


def due(now: datetime) -> sa.Select[Any]:
    """The jobs that are due, as a query of ids: timers and messages lie in indexes of their own."""
    ready = [sa.select(job.c.id).where(_READY, kind, job.c.run_at <= now) for kind in (_TIMER, _TOLD)]
    return sa.select(sa.union_all(*ready).subquery("due"))


# --- dead letters ----------------------------------------------------------------------------------------


def dead(unit: Unit, most: int = 200) -> list[Any]:
    """The dead letters, newest first: id, name, message or about, attempts, error."""
    columns = [job.c.id, job.c.name, job.c.message, job.c.about, job.c.attempts, job.c.error, job.c.made_at]
    return list(unit.rows(sa.select(*columns).where(job.c.state == "dead").order_by(job.c.id.desc()).limit(most)))


def count_dead(unit: Unit, most: int = 1000) -> int:
    """How many dead letters there are, counted up to ``most``."""
    some = sa.select(job.c.id).where(job.c.state == "dead").limit(most).subquery()
    return int(unit.value(sa.select(sa.func.count()).select_from(some)) or 0)


def rerun(unit: Unit, job_id: Id) -> None:
    """Put a dead letter back to work."""
    again = sa.update(job).where(job.c.id == job_id, job.c.state == "dead")
    if unit.run(again.values(state="ready", attempts=0, run_at=unit.now)) != 1:
        raise NotFound(what=str(job_id))
    unit.note("rerun dead letter", job_id)


def _tell_broken(what: str, error: Exception | None) -> None:
    """A line in the log; with the place in the code unless it is only the database that is away."""
    away = isinstance(error, Busy | psycopg.OperationalError | sa.exc.OperationalError | sa.exc.InterfaceError)
    if away:
        log.warning("database does not answer", what=what)
    else:
        log.warning("work failed", what=what, exc_info=error)


class Worker:
    """Threads of one process: one that relays, one that does chores, ``threads`` that run jobs."""

    def __init__(self, threads: int = 2) -> None:
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._made = threading.Event()
        self._threads = [threading.Thread(target=self._relaying, name="relay", daemon=True)]
        self._threads.append(threading.Thread(target=self._minding, name="chores", daemon=True))
        for n in range(threads):  # every other one looks after messages first
            self._threads.append(
                threading.Thread(target=self._working, args=(n % 2 == 1,), name=f"work-{n}", daemon=True)
            )
        self._threads.append(threading.Thread(target=self._listening, name="listen", daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, wait_s: float = 10) -> None:
        self._stop.set()
        self._wake.set()
        self._made.set()
        for thread in self._threads:
            thread.join(wait_s)

    def _relaying(self) -> None:
        """Nothing else is done here: screens wait for it."""
        while not self._stop.is_set():
            moved = fence.run("relay", relay)
            if not moved.ok:
                _tell_broken("relay", moved.error)
                self._stop.wait(1)
            if moved.value:
                self._made.set()
            else:
                self._wake.wait(0.2)
                self._wake.clear()

    def _minding(self) -> None:
        last = dict.fromkeys(_chores, float("-inf"))
        cleaned = clock.monotonic()
        while not self._stop.wait(_LOOK_EVERY_S):
            for name, (every_s, call) in _chores.items():
                if clock.monotonic() - last.get(name, float("-inf")) >= every_s:
                    last[name] = clock.monotonic()
                    done = fence.run(name, call)
                    if not done.ok:
                        _tell_broken(name, done.error)
            if clock.monotonic() - cleaned > _CLEAN_EVERY_S:
                cleaned = clock.monotonic()
                fence.run("clean", clean)

    def _working(self, told_first: bool) -> None:
        while not self._stop.is_set():
            ran = fence.run("worker", lambda: run_some(told_first=told_first))
            if not ran.ok:
                _tell_broken("worker", ran.error)
                self._stop.wait(1)
            elif not ran.value:
                self._made.wait(0.1)  # what another process has relayed, and timers, are found by looking
                self._made.clear()

    def _listening(self) -> None:
        while not self._stop.is_set():
            heard = fence.run("listen", self._listen)
            if not heard.ok:
                self._stop.wait(1)

    def _listen(self) -> None:
        uri = db.current().listen_uri
        with psycopg.connect(uri, autocommit=True) as conn:
            conn.execute("LISTEN gangmu_work")
            while not self._stop.is_set():
                for _ in conn.notifies(timeout=0.5, stop_after=1):
                    self._wake.set()
