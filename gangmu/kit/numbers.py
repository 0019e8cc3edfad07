"""Numbers for people (case numbers): unique, gap-tolerant, never reused.

A process takes a block at a time in a transaction of its own, so that writers of one county and day do not wait
for each other; what a crash leaves of a block is a gap.
"""

import threading
from collections.abc import Mapping

import sqlalchemy as sa

from gangmu.kit import db
from gangmu.kit.unit import transaction

_take = sa.text(
    "INSERT INTO allocator (name, last) VALUES (:name, :most) "
    "ON CONFLICT (name) DO UPDATE SET last = allocator.last + :most RETURNING last"
)
_take_all = sa.text(
    "INSERT INTO allocator AS a (name, last) SELECT * FROM unnest(CAST(:names AS text[]), CAST(:counts AS bigint[])) "
    "ON CONFLICT (name) DO UPDATE SET last = a.last + excluded.last RETURNING name, last"
)
_lock = threading.Lock()
_blocks: dict[tuple[str, str], tuple[int, int]] = {}
_BLOCK = 20


def take(name: str) -> int:
    """The next number under this name, from 1."""
    key = (db.current().uri, name)
    with _lock:
        following, last = _blocks.get(key, (1, 0))
        if following > last:
            last = _reserve(name, _BLOCK)
            following = last - _BLOCK + 1
        if len(_blocks) > 10_000:
            _blocks.clear()
        _blocks[key] = (following + 1, last)
        return following


def take_many(name: str, count: int) -> range:
    """``count`` numbers in a row."""
    last = _reserve(name, count)
    return range(last - count + 1, last + 1)


def take_blocks(counts: Mapping[str, int]) -> dict[str, range]:
    """Numbers in a row under many names at once, in one transaction."""
    with transaction() as conn:
        names = sorted(counts)
        wanted = {"names": names, "counts": [counts[name] for name in names]}
        taken = conn.execute(_take_all, wanted).fetchall()
    return {row.name: range(row.last - counts[row.name] + 1, row.last + 1) for row in taken}


def _reserve(name: str, count: int) -> int:
    with transaction() as conn:
        return int(conn.execute(_take, {"name": name, "most": count}).scalar_one())
