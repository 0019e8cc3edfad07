"""Statements that travel together: one round trip for all that a unit has waiting.

Each statement is compiled once, sent by psycopg's pipeline mode in order and in the unit's own transaction, so that a
read sees the writes before it. Errors come out as SQLAlchemy's, as of any other statement.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gangmu.kit import db
from gangmu.kit.errors import StaleWrite

Process = Callable[[Any], Any]


class Got(dict[str, Any]):
    """A row by its columns, as mapping and as attributes, like a row of SQLAlchemy."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def _mapping(self) -> Mapping[str, Any]:
        return self


@dataclass(frozen=True, slots=True)
class Ready:
    """A compiled statement: its text, the values it holds itself, how values go in and come out."""

    sql: str
    held: Mapping[str, Any]
    binds: tuple[tuple[str, Process], ...]
    columns: tuple[tuple[str, Process | None], ...]

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        sent = {**self.held, **given}
        for name, bind in self.binds:
            sent[name] = bind(sent[name])
        return sent

    def rows(self, fetched: Sequence[Sequence[Any]]) -> list[Got]:
        made = [Got(zip((name for name, _ in self.columns), row, strict=True)) for row in fetched]
        for name, process in self.columns:
            if process is not None:
                for row in made:
                    row[name] = process(row[name])
        return made


@dataclass(slots=True)
class Line:
    """A statement on its way. ``about`` names the row that it must change (``StaleWrite`` else); a read keeps its rows
    in ``got``."""

    ready: Ready
    values: Mapping[str, Any]
    about: str = ""
    reads: bool = False
    got: list[Got] | None = field(default=None)


_known: dict[Any, Ready] = {}
listeners: list[Callable[[Sequence[tuple[str, Mapping[str, Any]]]], None]] = []
"""Who hears what is sent: benchmarks that play it again."""


def ready(conn: Connection, key: Any, make: Callable[[], Any]) -> Ready:
    """The statement that ``make`` builds, compiled once a key."""
    found = _known.get(key)
    if found is None:
        if len(_known) > 5000:
            _known.clear()
        found = _known[key] = _compile(conn, make())
    return found


def _compile(conn: Connection, statement: Any) -> Ready:
    dialect = conn.dialect
    compiled = statement.compile(dialect=dialect)
    columns = []
    for name, _, _, kind in compiled._result_columns if compiled._result_columns else ():
        # psycopg reads numbers by itself
        read = None if isinstance(kind, sa.Numeric | sa.Float) else kind._cached_result_processor(dialect, None)
        columns.append((name, read))
    held = {name: value for name, value in compiled.params.items() if value is not None}
    binds = tuple((name, bind) for name, bind in compiled._bind_processors.items())
    return Ready(str(compiled), held, binds, tuple(columns))


def insert(conn: Connection, table: sa.Table, values: Mapping[str, Any]) -> Line:
    """The INSERT of one row."""
    names = tuple(values)
    made = ready(conn, ("insert", table.name, names), lambda: _insert(table, names))
    return Line(made, made.values(values))


def _insert(table: sa.Table, names: Sequence[str]) -> Any:
    return sa.insert(table).values({name: sa.bindparam(name, type_=table.c[name].type) for name in names})


def update(
    conn: Connection, table: sa.Table, key: Any, values: Mapping[str, Any], version: int | None, about: str
) -> Line:
    """The UPDATE of one row by its primary key, compared with ``version`` if there is one."""
    names = tuple(values)
    compared = version is not None
    made = ready(conn, ("update", table.name, names, compared), lambda: _update(table, names, compared))
    sent = {f"to_{name}": value for name, value in values.items()}
    sent |= {"of_key": key, **({"of_version": version} if compared else {})}
    return Line(made, made.values(sent), about)


def _update(table: sa.Table, names: Sequence[str], compared: bool) -> Any:
    key = next(iter(table.primary_key.columns))
    statement = sa.update(table).where(key == sa.bindparam("of_key", type_=key.type))
    if compared:
        statement = statement.where(table.c.version == sa.bindparam("of_version", type_=table.c.version.type))
    return statement.values({name: sa.bindparam(f"to_{name}", type_=table.c[name].type) for name in names})


def text(sql: str, values: Mapping[str, Any]) -> Line:
    """A statement in psycopg's own words."""
    return Line(Ready(sql, {}, (), ()), values)


def send(conn: Connection, lines: Sequence[Line]) -> None:
    """Send them, in order. The first error of the database is raised; a row that was not there is ``StaleWrite``."""
    raw = db.raw(conn)
    for listener in listeners:
        listener([(line.ready.sql, line.values) for line in lines])
    heard: list[tuple[Line, Any]] = []
    try:
        with raw.pipeline() as way, _in_one_go(way), raw.cursor() as writer:
            for line in lines:
                if line.reads or line.about:
                    cursor = raw.cursor()
                    heard.append((line, cursor))
                    cursor.execute(line.ready.sql, line.values)
                else:
                    writer.execute(line.ready.sql, line.values)
        for line, cursor in heard:
            if line.reads:
                line.got = line.ready.rows(cursor.fetchall())
            elif cursor.rowcount != 1:
                raise StaleWrite(about=line.about)
    except psycopg.Error as error:
        raise sa.exc.DBAPIError.instance("", {}, error, psycopg.Error, True, dialect=conn.dialect) from error


@contextmanager
def _in_one_go(way: psycopg.Pipeline) -> Iterator[None]:
    """Statements wait until all are there and leave in one packet, as the pipeline ends. By itself psycopg sends each
    as it comes: a system call here and another turn of the server's process for every statement."""
    way._communicate_gen = _wait  # type: ignore[method-assign]
    try:
        yield
    finally:
        del way._communicate_gen


def _wait() -> Generator[Any, Any, None]:
    return
    yield
