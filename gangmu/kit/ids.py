"""Time-sortable, prefixed ids that carry the node they were made on.

Outside the database an id is text such as ``evt_01k5...``; inside it is a uuid (version 7 layout:
48 bits of milliseconds, 12 bits that count within the millisecond, 16 bits of node, 46 random bits).
A city and its counties never collide because the node is part of the id.
"""

import os
import threading
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic_core import PydanticCustomError, core_schema

from gangmu.kit.errors import BadId

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32, lower case
_TO_DIGITS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]  # two letters, ten bits
_LENGTH = 26
_TAIL = (1 << 46) - 1
_lock = threading.Lock()
_last_ms = 0
_count = 0
_node = 1


class Id(str):
    """A prefixed id, ``prefix_`` + 26 letters. Compares and sorts as text, oldest first."""

    __slots__ = ()

    @property
    def prefix(self) -> str:
        return self.split("_", 1)[0]

    @property
    def uuid(self) -> UUID:
        return to_uuid(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(_checked, core_schema.str_schema(max_length=80))


def _checked(text: str) -> Id:
    try:
        return parse(text)
    except BadId:
        raise PydanticCustomError("bad_id", "not an id of this house") from None


def set_node(node: int) -> None:
    """Name the node (0 to 65535) whose ids this process makes. Called once by boot."""
    global _node
    if not 0 <= node <= 0xFFFF:
        raise ValueError("a node number is 0 to 65535")
    _node = node


def node() -> int:
    """The node whose ids this process makes."""
    return _node


def new_uuid() -> UUID:
    """A new sortable uuid. Strictly growing within one process."""
    return UUID(int=new_many(1)[0])


def new_many(count: int) -> list[int]:
    """The numbers of many new uuids, growing, for loads of many rows."""
    global _last_ms, _count
    entropy = os.urandom(6 * count)
    made = []
    with _lock:
        for at in range(0, 6 * count, 6):
            ms = time.time_ns() // 1_000_000
            if ms <= _last_ms:
                ms = _last_ms
                _count += 1
                if _count > 0xFFF:
                    ms, _count = ms + 1, 0
            else:
                _count = 0
            _last_ms = ms
            tail = int.from_bytes(entropy[at : at + 6], "big") & _TAIL
            made.append((ms << 80) | (0x7 << 76) | (_count << 64) | (0b10 << 62) | (_node << 46) | tail)
    return made


def new(prefix: str) -> Id:
    """A new id with this prefix (three small letters)."""
    return of_uuid(prefix, new_uuid())


def of_uuid(prefix: str, value: UUID) -> Id:
    """The outside form of a uuid."""
    return of_number(prefix, value.int)


def of_number(prefix: str, number: int) -> Id:
    """The outside form of a uuid's number."""
    pair, n = _PAIRS, number
    return Id(
        f"{prefix}_{pair[n >> 120]}{pair[n >> 110 & 1023]}{pair[n >> 100 & 1023]}{pair[n >> 90 & 1023]}"
        f"{pair[n >> 80 & 1023]}{pair[n >> 70 & 1023]}{pair[n >> 60 & 1023]}{pair[n >> 50 & 1023]}"
        f"{pair[n >> 40 & 1023]}{pair[n >> 30 & 1023]}{pair[n >> 20 & 1023]}{pair[n >> 10 & 1023]}{pair[n & 1023]}"
    )


def made_at(given: Id) -> datetime:
    """When an id was made (real time, to the millisecond): it begins with it."""
    return datetime.fromtimestamp((to_uuid(given).int >> 80) / 1000, UTC)


def to_uuid(text: str, prefix: str | None = None) -> UUID:
    """The inside form of an id; ``BadId`` if it is none or has another prefix."""
    head, _, tail = text.partition("_")
    if len(tail) != _LENGTH or not head or (prefix is not None and head != prefix):
        raise BadId(text=text[:80])
    number = -1 if tail.strip(_ALPHABET) else int(tail.translate(_TO_DIGITS), 32)
    if number < 0 or number >> 128:
        raise BadId(text=text[:80])
    return UUID(int=number)


def parse(text: str, prefix: str | None = None) -> Id:
    """The text as an ``Id`` after checking its form; ``BadId`` otherwise."""
    to_uuid(text, prefix)
    return Id(text)


def node_of(text: str) -> int:
    """The node number that an id was made on."""
    return (to_uuid(text).int >> 46) & 0xFFFF
