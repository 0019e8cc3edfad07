"""Keyset pages: no OFFSET on a growing table, no ``count(*)`` in a request."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Row

from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

T = TypeVar("T")
MOST = 200


@dataclass(frozen=True, slots=True)
class Page:
    """What the asker wants: so many, after that cursor."""

    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """One page and the cursor of the next (None at the end)."""

    items: list[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Key:
    """One column of the order; it must not be NULL. Give the ordered columns an index with the same
    expressions."""

    column: Any
    descending: bool = False


def of(
    unit: Unit,
    query: sa.Select[Any],
    page: Page,
    keys: Sequence[Key | Any],
    make: Callable[[Row[Any]], T],
) -> Paged[T]:
    """Run ``query`` ordered by ``keys`` (the last one unique, all the same direction) from the page's cursor."""
    ordered = [key if isinstance(key, Key) else Key(key) for key in keys]
    limit = max(1, min(page.limit, MOST))
    names = [f"page_key_{n}" for n in range(len(ordered))]
    query = query.add_columns(*[key.column.label(name) for key, name in zip(ordered, names, strict=True)])
    if page.after:
        seen = _decode(page.after, len(ordered))
        left = sa.tuple_(*[key.column for key in ordered])
        right = sa.tuple_(
            *[sa.bindparam(None, value, type_=k.column.type) for k, value in zip(ordered, seen, strict=True)]
        )
        query = query.where(left < right if ordered[0].descending else left > right)
    query = query.order_by(*[key.column.desc() if key.descending else key.column.asc() for key in ordered])
    rows = unit.rows(query.limit(limit + 1))
    more = len(rows) > limit
    rows = rows[:limit]
    cursor = _encode([getattr(rows[-1], name) for name in names]) if more else None
    return Paged([make(row) for row in rows], cursor)


def _encode(values: Sequence[Any]) -> str:
    plain = [{"t": value.isoformat()} if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(orjson.dumps(plain, default=str)).decode().rstrip("=")


def _decode(cursor: str, count: int) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        plain = orjson.loads(base64.urlsafe_b64decode(padded.encode()))
        values = [datetime.fromisoformat(item["t"]) if isinstance(item, dict) else item for item in plain]
    except (ValueError, KeyError, TypeError, binascii.Error, UnicodeError) as error:
        raise Invalid(field="after", reason="not a cursor of this list") from error
    if len(values) != count or any(not isinstance(v, str | int | float | bool | datetime) for v in values):
        raise Invalid(field="after", reason="not a cursor of this list")
    return [Id(value) if isinstance(value, str) and "_" in value else value for value in values]
