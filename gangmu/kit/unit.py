"""One unit of work: fixed time, actor and cause; one transaction; messages and journal with it.

The edge (HTTP, command line, job runner) opens a ``Unit``; everything inside is one transaction. Success
commits once, any exception rolls all of it back, messages included. Every row written through the unit is
journaled with before and after; nobody writes an audit call by hand.
"""

import base64
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from gangmu.kit import clock, db, ids, pipe, seal
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Conflict, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.tables import clock_row, job, outbox, subject_key

T = TypeVar("T")

_clock_read_at = float("-inf")
_clock_lock = threading.Lock()  # from reading to taking over: an older reading must not overtake a newer one
_ADD_ENTRY = (
    "WITH added AS (INSERT INTO journal_entry (id, recorded_at, about, body)"
    " VALUES (%(id)s, %(recorded_at)s, %(about)s::text[], %(body)s) RETURNING id)"
    " INSERT INTO journal_unsealed (entry) SELECT id FROM added"
)
_each_second: list[Callable[[Connection], None]] = []
_payers: dict[str, Callable[["Unit", list[Any]], None]] = {}
_RING = "SELECT pg_notify('gangmu_work', '')"
_LATELY_S = 1.0


@dataclass(slots=True)
class Unit:
    """What the edge opens and use cases pass on. ``now`` is fixed for the whole unit (aware, UTC); ``memo`` is for rows
    that a stage reads several times in one unit, and forgets when it writes them."""

    conn: Connection
    now: datetime
    actor: Actor
    cause: str
    id: Id = field(default_factory=lambda: ids.new("unt"))
    memo: dict[Any, Any] = field(default_factory=dict)
    message: Id | None = None  # what a subscriber hears, in its unit: ids of one thing's messages are in their order
    _told: list[dict[str, Any]] = field(default_factory=list)
    _changes: list[dict[str, Any]] = field(default_factory=list)
    _about: dict[str, None] = field(default_factory=dict)
    _subject_keys: dict[str, bytes | None] = field(default_factory=dict)
    _timers: list[dict[str, Any]] = field(default_factory=list)
    _waiting: list[pipe.Line] = field(default_factory=list)
    _touched: set[str] = field(default_factory=set)
    _owed: dict[str, dict[Any, Any]] = field(default_factory=dict)

    # --- messages and timers -------------------------------------------------------------------------

    def tell(self, fact: object) -> None:
        """Put a message into the outbox, in this transaction. Subscribers run after the commit."""
        version: int = fact.message_version  # type: ignore[attr-defined]
        body = msgspec.to_builtins(fact, enc_hook=str)
        told = {"id": ids.new("msg"), "name": type(fact).__name__, "version": version, "body": body}
        self._told.append({**told, "told_at": self.now})

    def at(self, when: datetime, name: str, about: str, token: str = "", **payload: Any) -> None:
        """Set a timer: the job ``name`` runs at ``when`` (city time) with ``about`` and ``token``.
        A stale timer is harmless: its job compares the token with the row's."""
        row = {"id": ids.new("job"), "name": name, "about": about, "token": token, "payload": payload}
        self._timers.append({**row, "run_at": when, "made_at": clock.real_now()})

    def owe(self, name: str, key: Any, value: Any) -> None:
        """Something to be told once, in its last form: at the unit's end by whoever ``pays`` for the name, unless
        somebody takes it along before."""
        self._owed.setdefault(name, {})[key] = value

    def take_owed(self, name: str, wanted: Callable[[Any], bool]) -> list[Any]:
        """What is owed under a name and wanted, which is thereby told."""
        owed = self._owed.get(name, {})
        return [owed.pop(key) for key in [key for key, value in owed.items() if wanted(value)]]

    # --- reading -------------------------------------------------------------------------------------

    def rows(self, query: Any, params: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        self.settle()
        return self.conn.execute(query, params or {}).fetchall()

    def one(self, query: Any, params: Mapping[str, Any] | None = None) -> Row[Any] | None:
        self.settle()
        return self.conn.execute(query, params or {}).first()

    def value(self, query: Any, params: Mapping[str, Any] | None = None) -> Any:
        self.settle()
        return self.conn.execute(query, params or {}).scalar()

    def soon(self, key: Any, make: Callable[[], sa.Select[Any]], **params: Any) -> "Soon":
        """A read that travels with whatever else waits, when somebody looks at its rows. ``make`` builds the query,
        with a ``bindparam`` for each of ``params``; it is built once a ``key``."""
        made = pipe.ready(self.conn, key, make)
        line = pipe.Line(made, made.values(params), reads=True)
        self._waiting.append(line)
        return Soon(self, line)

    def lately(self, table: sa.Table, key: Any, load: Callable[[], T]) -> T:
        """What ``load`` reads from a table that seldom changes (the newest edition of a rule), at most a second old:
        a new edition counts within a second everywhere, in this process at once."""
        kept = db.current().lately
        if table.name in self._touched:
            return load()
        found = kept.get((table.name, key))
        tick = clock.monotonic()
        if found is None or tick - found[0] > _LATELY_S:
            if len(kept) > 10_000:
                kept.clear()
            found = kept[table.name, key] = (tick, load())
        value: T = found[1]
        return value

    def touch(self, table: sa.Table) -> None:
        """This unit reads the table itself from now on, and what the process keeps of it is out of date. Whatever is
        journaled does so by itself."""
        if table.name not in self._touched:
            self._touched.add(table.name)
            kept = db.current().lately
            for known in [known for known in list(kept) if known[0] == table.name]:
                kept.pop(known, None)

    def run(self, statement: Any, params: Any = None) -> int:
        """Execute a statement that the journal need not know (read models, counters). Rows touched."""
        self.settle()
        return self.conn.execute(statement, params if params is not None else {}).rowcount

    # --- writing -------------------------------------------------------------------------------------

    def insert(self, table: sa.Table, values: Mapping[str, Any]) -> None:
        """Insert one row and journal it. ``Conflict`` when a unique rule forbids it."""
        self.settle()
        try:
            self.conn.execute(sa.insert(table), dict(values))
        except IntegrityError as error:
            raise conflict_of(error) from error
        self._change("insert", table, _key_of(table, values), None, values)

    def insert_later(self, table: sa.Table, values: Mapping[str, Any], *, journaled: bool = True) -> None:
        """As ``insert``, but the row travels with whatever else waits: before the next read, or at the unit's end. A
        broken unique rule shows as ``Conflict`` then. What the journal need not know (counts) is not journaled."""
        self._waiting.append(pipe.insert(self.conn, table, values))
        if journaled:
            self._change("insert", table, _key_of(table, values), None, values)

    def update_later(self, table: sa.Table, key: Any, values: Mapping[str, Any], *, was: Any) -> None:
        """As ``update``, but the row travels with whatever else waits; ``StaleWrite`` shows then."""
        before = _mapping_of(was)
        changed = {name: value for name, value in values.items() if name not in before or before[name] != value}
        if not changed:
            return
        expected = before["version"] if "version" in table.columns else None
        if expected is not None:
            changed["version"] = expected + 1
        self._waiting.append(pipe.update(self.conn, table, key, changed, expected, str(key)))
        self._change("update", table, key, {name: before.get(name) for name in changed}, changed)

    def settle(self) -> None:
        """Send what waits, in order."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            try:
                pipe.send(self.conn, waiting)
            except IntegrityError as error:
                raise conflict_of(error) from error

    def update(
        self,
        table: sa.Table,
        key: Any,
        values: Mapping[str, Any],
        *,
        was: Any,
        version: int | None = None,
    ) -> None:
        """Update the row with this primary key and journal what changed.

        ``was`` is the thing as it was read (a mapping or dataclass). A table with a ``version`` column is
        compared with ``version`` or ``was.version`` and bumped; ``StaleWrite`` when it has moved on."""
        self.settle()
        before = _mapping_of(was)
        changed = {name: value for name, value in values.items() if name not in before or before[name] != value}
        if not changed:
            return
        statement = sa.update(table).where(_key_column(table) == key)
        if "version" in table.columns:
            expected = version if version is not None else before["version"]
            statement = statement.where(table.c.version == expected)
            changed["version"] = expected + 1
        try:
            touched = self.conn.execute(statement.values(**changed)).rowcount
        except IntegrityError as error:
            raise conflict_of(error) from error
        if touched != 1:
            raise StaleWrite(about=str(key))
        self._change("update", table, key, {name: before.get(name) for name in changed}, changed)

    def delete(self, table: sa.Table, key: Any, *, was: Any) -> None:
        """Delete the row and journal what it was."""
        self.settle()
        touched = self.conn.execute(sa.delete(table).where(_key_column(table) == key)).rowcount
        if touched != 1:
            raise StaleWrite(about=str(key))
        self._change("delete", table, key, _mapping_of(was), None)

    def insert_many(self, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, source: str) -> int:
        """Load many rows by COPY, journaled as one entry (table, source, count, SM3 digest of the rows)."""
        if not rows:
            return 0
        digest = _Digest()
        self.copy(table, rows, digest)
        self.touch(table)
        told = {"do": "load", "table": table.name, "source": source, "count": len(rows)}
        self._changes.append({**told, "sm3": digest.hex()})
        return len(rows)

    def copy(self, table: sa.Table, rows: Sequence[Mapping[str, Any]], digest: "_Digest | None" = None) -> None:
        """COPY rows in, unjournaled: a read model, or ``insert_many``, which wants the digest of what was sent."""
        self.settle()
        names = [column.name for column in table.columns if column.name in rows[0]]
        dialect = self.conn.dialect
        binds = [table.columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
        raw = self.conn.connection.cursor()
        columns = ", ".join(f'"{name}"' for name in names)
        try:
            with raw.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as stream:
                for row in rows:
                    values = [bind(row[name]) if bind else row[name] for name, bind in zip(names, binds, strict=True)]
                    if digest is not None:
                        digest.add(values)
                    stream.write_row(values)
        except psycopg.errors.IntegrityError as error:
            raise Conflict(rule=error.diag.constraint_name or "unique") from error
        finally:
            raw.close()

    def insert_lines(self, table: sa.Table, names: Sequence[str], lines: Sequence[str], *, source: str) -> int:
        """Load rows that are COPY text already (``kit.copytext``), for loads of many thousands a second. ``source``
        empty: a read model, not journaled; else one entry as of ``insert_many``."""
        if not lines:
            return 0
        self.settle()
        block = "".join(lines).encode()
        columns = ", ".join(f'"{name}"' for name in names)
        raw = self.conn.connection.cursor()
        try:
            with raw.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as stream:
                stream.write(block)
        except psycopg.errors.IntegrityError as error:
            raise Conflict(rule=error.diag.constraint_name or "unique") from error
        finally:
            raw.close()
        if source:
            told = {"do": "load", "table": table.name, "source": source, "count": len(lines)}
            self._changes.append({**told, "sm3": seal.sm3(block).hex()})
        return len(lines)

    def note(self, what: str, about: str, **facts: Any) -> None:
        """An explicit journal entry for an act that changes no row (an export, a sign-in)."""
        self._about[str(about)] = None
        self._changes.append({"do": what, "about": str(about), **facts})

    def saw_personal(self, about: str, fields: Sequence[str], purpose: str) -> None:
        """Journal a read of personal data: whose, which fields, for what."""
        self.note("read personal", about, fields=list(fields), purpose=purpose)

    # --- personal fields -----------------------------------------------------------------------------

    def seal(self, subject: str, text: str | None) -> bytes | None:
        """A personal text sealed under the key of its subject (made on first use)."""
        if text is None or text == "":
            return None
        key = self._subject_key(subject, make=True)
        return None if key is None else seal.lock(key, text.encode(), str(subject).encode())

    def new_subjects(self, subjects: Sequence[str]) -> None:
        """Make the keys of many subjects at once, before a load of sealed fields."""
        master, made_at = seal.keys().master, self.now.isoformat()
        lines = []
        for subject in subjects:
            fresh = os.urandom(16)
            wrapped = seal.lock(master, fresh, subject.encode())
            lines.append(f"{subject}\t\\\\x{wrapped.hex()}\t{made_at}\n")
            self._subject_keys[subject] = fresh
        self.insert_lines(subject_key, ("subject", "wrapped", "made_at"), lines, source="")

    def unseal(self, subject: str, blob: bytes | None) -> str | None:
        """The text back; None when it was empty or its key has been destroyed."""
        if blob is None:
            return None
        key = self._subject_key(subject, make=False)
        opened = None if key is None else seal.unlock(key, bytes(blob), str(subject).encode())
        return None if opened is None else opened.decode()

    def erase_subject(self, subject: str, reason: str) -> None:
        """Destroy the key of a subject: its sealed fields become unreadable everywhere, journal included."""
        gone = sa.update(subject_key).where(subject_key.c.subject == subject)
        self.conn.execute(gone.values(wrapped=None, destroyed_at=self.now))
        self._subject_keys[subject] = None
        self.note("erase subject", subject, reason=reason)

    def erase_subjects(self, subjects: Sequence[str], reason: str) -> None:
        """The same for many at once, as one change of the journal: how many, and the digest of their ids."""
        named = sorted({str(one) for one in subjects})
        if not named:
            return
        gone = sa.update(subject_key).where(subject_key.c.subject.in_(named))
        self.settle()
        self.conn.execute(gone.values(wrapped=None, destroyed_at=self.now))
        self._subject_keys.update(dict.fromkeys(named, None))
        digest = seal.sm3("\n".join(named).encode()).hex()
        self.note("erase subjects", named[0], reason=reason, count=len(named), sm3=digest)

    def _subject_key(self, subject: str, *, make: bool) -> bytes | None:
        subject = str(subject)
        if subject in self._subject_keys:
            return self._subject_keys[subject]
        query = sa.select(subject_key.c.wrapped).where(subject_key.c.subject == subject)
        row = self.conn.execute(query).first()
        master = seal.keys().master
        if row is None and make:
            fresh = os.urandom(16)
            wrapped = seal.lock(master, fresh, subject.encode())
            adding = pg_insert(subject_key).values(subject=subject, wrapped=wrapped, made_at=self.now)
            self.conn.execute(adding.on_conflict_do_nothing())
            row = self.conn.execute(query).first()
        opened = seal.unlock(master, row.wrapped, subject.encode()) if row is not None and row.wrapped else None
        self._subject_keys[subject] = opened
        return opened

    # --- the end -------------------------------------------------------------------------------------

    def _change(self, do: str, table: sa.Table, key: Any, before: Any, after: Any) -> None:
        self.touch(table)
        entry: dict[str, Any] = {"do": do, "table": table.name, "key": key}
        if before is not None:
            entry["before"] = db.journal_form(table, before)
        if after is not None:
            entry["after"] = db.journal_form(table, after)
        self._changes.append(entry)
        if isinstance(key, str):
            self._about[str(key)] = None

    def flush(self) -> None:
        """Write what the unit has gathered: timers, messages, the journal entry. The edge calls it."""
        for name in list(self._owed):
            if owed := list(self._owed.pop(name).values()):
                _payers[name](self, owed)
        self._waiting += [pipe.insert(self.conn, job, timer) for timer in self._timers]
        self._waiting += [pipe.insert(self.conn, outbox, told) for told in self._told]
        if self._told:
            self._waiting.append(pipe.text(_RING, {}))
        if self._changes:
            entry, recorded_at = ids.new("jrn"), clock.real_now()
            body = canonical(
                {
                    "id": entry,
                    "unit": self.id,
                    "recorded_at": recorded_at,
                    "now": self.now,
                    "actor": {
                        "kind": self.actor.kind,
                        "name": self.actor.name,
                        "person": self.actor.person,
                        "post": self.actor.post,
                        "org": self.actor.org,
                    },
                    "cause": self.cause,
                    "about": list(self._about)[:200],
                    "changes": self._changes,
                }
            )
            about = list(self._about)[:200]
            values = {"id": entry.uuid, "recorded_at": recorded_at, "about": about, "body": body}
            self._waiting.append(pipe.text(_ADD_ENTRY, values))
        self.settle()
        self._timers, self._told, self._changes, self._about = [], [], [], {}


@dataclass(frozen=True, slots=True)
class Soon:
    """The rows of a read that travels with others."""

    unit: Unit
    line: pipe.Line

    def rows(self) -> list[pipe.Got]:
        if self.line.got is None:
            self.unit.settle()
        assert self.line.got is not None
        return self.line.got


def canonical(value: Any) -> bytes:
    """The bytes that the journal keeps and seals: JSON with sorted keys, UTF-8."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
    return orjson.dumps(value, option=options, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


class _Digest:
    """SM3 over rows as they are sent."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._state = b""

    def add(self, values: Iterable[Any]) -> None:
        self._parts.append(repr(values).encode())
        if len(self._parts) >= 500:
            self._fold()

    def _fold(self) -> None:
        self._state = seal.sm3(self._state, *self._parts)
        self._parts = []

    def hex(self) -> str:
        self._fold()
        return self._state.hex()


def conflict_of(error: IntegrityError) -> Conflict:
    """The house's word for a broken unique, foreign key or check rule."""
    diag = getattr(error.orig, "diag", None)
    return Conflict(rule=getattr(diag, "constraint_name", None) or "unique")


def _key_column(table: sa.Table) -> Any:
    return next(iter(table.primary_key.columns))


def _key_of(table: sa.Table, values: Mapping[str, Any]) -> Any:
    keys = [values.get(column.name) for column in table.primary_key.columns]
    return keys[0] if len(keys) == 1 else "/".join(str(key) for key in keys)


def _mapping_of(was: Any) -> Mapping[str, Any]:
    if isinstance(was, Mapping):
        return was
    if isinstance(was, Row):
        return dict(was._mapping)
    return {name: getattr(was, name) for name in was.__dataclass_fields__}


def each_second(refresh: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """Register what a process reads anew every second that it works."""
    _each_second.append(refresh)
    return refresh


def pays(name: str) -> Callable[[Callable[[Unit, list[Any]], None]], Callable[[Unit, list[Any]], None]]:
    """Register who tells at a unit's end what is owed under a name."""

    def register(call: Callable[[Unit, list[Any]], None]) -> Callable[[Unit, list[Any]], None]:
        _payers[name] = call
        return call

    return register


def read_clock(conn: Connection, *, force: bool = False) -> None:
    """Take over the virtual clock of the database, and what else all processes must agree on, at most once a second.
    Who has changed it reads it (``force``) after the commit: before, other threads may still read what was."""
    global _clock_read_at
    if not force and clock.monotonic() - _clock_read_at < 1.0:
        return
    with _clock_lock:
        tick = clock.monotonic()
        row = conn.execute(sa.select(clock_row)).first()
        clock.use(None if row is None else clock.Setting(row.real, row.shown, row.speed))
        for refresh in _each_second:
            refresh(conn)
        _clock_read_at = tick


def forget_clock() -> None:
    """Read the virtual clock anew at the next unit (after a change, or with another database)."""
    global _clock_read_at
    _clock_read_at = float("-inf")


@contextmanager
def open_unit(actor: Actor, cause: str) -> Iterator[Unit]:
    """One transaction around a use case: commits once on success, rolls all back on any exception."""
    with db.current().connect() as conn, conn.begin():
        read_clock(conn)
        unit = Unit(conn, clock.now(), actor, cause)
        yield unit
        unit.flush()


@contextmanager
def unit_on(conn: Connection, actor: Actor, cause: str) -> Iterator[Unit]:
    """A unit on a connection whose transaction the caller has begun (the HTTP edge, which must look up the
    actor first). Leaves the commit to that caller's ``transaction``."""
    read_clock(conn)
    unit = Unit(conn, clock.now(), actor, cause)
    yield unit
    unit.flush()


@contextmanager
def transaction() -> Iterator[Connection]:
    """A bare transaction, for the edges of kit itself."""
    with db.current().connect() as conn, conn.begin():
        yield conn
