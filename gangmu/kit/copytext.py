"""Values as PostgreSQL's COPY text, for loads of many thousands of rows a second (``Unit.insert_lines``)."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from gangmu.kit.ids import Id

NULL = "\\N"
_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def text(value: str) -> str:
    """A text (no NUL inside)."""
    return value.translate(_SPECIAL) if not value.isprintable() or "\\" in value else value


def maybe(value: object | None) -> str:
    """A number or uuid, or NULL."""
    return NULL if value is None else str(value)


@lru_cache(maxsize=10_000)
def ref(value: Id | None) -> str:
    """A reference as a uuid, or NULL. Remembered: a load names the same few things again and again."""
    return NULL if value is None else str(value.uuid)


def time(value: datetime | None) -> str:
    """An aware time, or NULL."""
    return NULL if value is None else value.isoformat()


def truth(value: bool) -> str:
    return "t" if value else "f"


def hexed(value: bytes | None) -> str:
    """Bytes (bytea), or NULL."""
    return NULL if value is None else "\\\\x" + value.hex()


def words(values: Iterable[str]) -> str:
    """A text[] of words without quotes, commas, braces and backslashes (search grams)."""
    return '{"' + '","'.join(values) + '"}' if values else "{}"


def json(value: Any) -> str:
    """A jsonb."""
    return text(orjson.dumps(value, default=str).decode())
