"""The database of this node: one engine, one metadata, the column types of the house.

A node has one database, so the process has one ``Database``; boot sets it with ``use``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUuid
from sqlalchemy.engine import Connection, Engine, Row

from gangmu.kit.errors import Busy
from gangmu.kit.ids import Id, of_uuid, to_uuid

T = TypeVar("T")
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class IdType(sa.types.TypeDecorator[Id]):
    """A prefixed ``Id`` outside, a uuid inside."""

    impl = PgUuid(as_uuid=True)
    cache_ok = True

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.prefix = prefix

    def process_bind_param(self, value: Any, dialect: Any) -> UUID | None:
        if value is None or isinstance(value, UUID):
            return value
        return to_uuid(value)

    def process_result_value(self, value: Any, dialect: Any) -> Id | None:
        return None if value is None else of_uuid(self.prefix, value)


class IdList(sa.types.TypeDecorator[tuple[Id, ...]]):
    """A list of prefixed ids, uuid[] inside."""

    impl = ARRAY(PgUuid(as_uuid=True))
    cache_ok = True

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.prefix = prefix

    def process_bind_param(self, value: Any, dialect: Any) -> list[UUID] | None:
        return None if value is None else [item if isinstance(item, UUID) else to_uuid(item) for item in value]

    def process_result_value(self, value: Any, dialect: Any) -> tuple[Id, ...] | None:
        return None if value is None else tuple(of_uuid(self.prefix, item) for item in value)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self


def id_col(name: str, prefix: str, **kw: Any) -> sa.Column[Id]:
    """The primary key of a table: a prefixed id."""
    return sa.Column(name, IdType(prefix), primary_key=kw.pop("primary_key", True), **kw)


def ref_col(name: str, prefix: str, target: str | None = None, **kw: Any) -> sa.Column[Id]:
    """A reference to a thing with that prefix; ``target="org.id"`` makes it a foreign key."""
    keys = [sa.ForeignKey(target)] if target else []
    return sa.Column(name, IdType(prefix), *keys, **kw)


def refs_col(name: str, prefix: str, **kw: Any) -> sa.Column[tuple[Id, ...]]:
    """A list of references (uuid[])."""
    kw.setdefault("nullable", False)
    kw.setdefault("server_default", sa.text("'{}'"))
    return sa.Column(name, IdList(prefix), **kw)


def when(name: str, **kw: Any) -> sa.Column[datetime]:
    """A point in time with zone."""
    return sa.Column(name, sa.DateTime(timezone=True), **kw)


def json_col(name: str, **kw: Any) -> sa.Column[Any]:
    """A jsonb value."""
    return sa.Column(name, JSONB, **kw)


def text_col(name: str, **kw: Any) -> sa.Column[str]:
    """A text, empty unless given."""
    kw.setdefault("nullable", False)
    kw.setdefault("server_default", "")
    return sa.Column(name, sa.Text, **kw)


def texts_col(name: str, **kw: Any) -> sa.Column[list[str]]:
    """A list of texts (text[])."""
    kw.setdefault("nullable", False)
    kw.setdefault("server_default", sa.text("'{}'"))
    return sa.Column(name, ARRAY(sa.Text), **kw)


def sealed_col(name: str, **kw: Any) -> sa.Column[bytes]:
    """A personal field: SM4-sealed bytes under the key of its subject. Journaled only in this form."""
    return sa.Column(name, sa.LargeBinary, info={"personal": True}, **kw)


def secret_col(name: str, **kw: Any) -> sa.Column[str]:
    """A secret (password hash, token digest): never journaled."""
    return sa.Column(name, sa.Text, info={"secret": True}, **kw)


def version_col() -> sa.Column[int]:
    """Counts the writes of a row, so that two people acting at once are noticed."""
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def _dumps(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS, default=str).decode()


class Database:
    """The node's PostgreSQL, reached as the application role.

    ``uri`` is a SQLAlchemy or plain PostgreSQL address; ``size`` the number of connections kept.
    """

    def __init__(self, uri: str, *, size: int = 12, overflow: int = 8) -> None:
        self.uri = psycopg_uri(uri)
        self.forever: dict[Any, Any] = {}  # what was read of rows that never change, by stage and key
        self.lately: dict[Any, tuple[float, Any]] = {}  # what was read a moment ago (Unit.lately)
        self.engine: Engine = sa.create_engine(
            self.uri,
            pool_size=size,
            max_overflow=overflow,
            pool_timeout=20,
            pool_pre_ping=False,
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            query_cache_size=2000,
            hide_parameters=True,  # an error's text may reach a log, its values never
            connect_args={"application_name": "gangmu", "options": "-c timezone=UTC -c jit=off"},
        )

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection of the pool; ``Busy`` when the database does not answer."""
        try:
            conn = self.engine.connect()
        except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
            raise Busy(what="database") from error
        try:
            yield conn
        finally:
            conn.close()

    @property
    def listen_uri(self) -> str:
        """The address for a plain psycopg connection that listens."""
        return plain_uri(self.uri)

    def close(self) -> None:
        self.engine.dispose()


def raw(conn: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection below, in the same transaction: for COPY and server-side cursors."""
    below = conn.connection.dbapi_connection
    assert isinstance(below, psycopg.Connection)
    return below


_current: Database | None = None


def use(database: Database | None) -> None:
    """Set the database of this process."""
    global _current
    _current = database


def current() -> Database:
    if _current is None:
        raise Busy(what="database")
    return _current


def psycopg_uri(uri: str) -> str:
    """The address in the form SQLAlchemy wants, whatever PostgreSQL form it came in."""
    for start in ("postgresql://", "postgres://"):
        if uri.startswith(start):
            return "postgresql+psycopg://" + uri[len(start) :]
    return uri


def role_of(uri: str) -> str:
    """The role that an address signs in as."""
    return sa.make_url(psycopg_uri(uri)).username or ""


def plain_uri(uri: str) -> str:
    """The address in the form libpq and psycopg want."""
    return uri.replace("postgresql+psycopg://", "postgresql://", 1)


def maker(cls: type[T]) -> Callable[[Row[Any]], T]:
    """A function that turns a row into the dataclass by its field names (columns may be more)."""
    names = [field.name for field in fields(cls)]  # type: ignore[arg-type]

    def make(row: Row[Any]) -> T:
        mapping = row._mapping
        return cls(**{name: mapping[name] for name in names})

    return make


def values_of(thing: Any, table: sa.Table) -> dict[str, Any]:
    """A dataclass as column values: the fields that the table has."""
    names = {column.name for column in table.columns}
    return {field.name: getattr(thing, field.name) for field in fields(thing) if field.name in names}


def journal_form(table: sa.Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the journal may keep them: personal ones sealed, secret ones left out."""
    shown: dict[str, Any] = {}
    for name, value in values.items():
        column = table.columns.get(name)
        if column is None or (column.info.get("secret")):
            continue
        if column.info.get("derived"):
            continue
        shown[name] = value.hex() if isinstance(value, bytes | memoryview) else value
    return shown
