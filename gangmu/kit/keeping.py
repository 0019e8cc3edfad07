"""Personal data that is kept for a time only: what kinds there are, what of them is over, how it is erased and proved.

A stage that keeps personal data registers a ``Kind`` in its ``keeping.py``: ``due`` lists what lies before a time,
``erase`` destroys it, ``left`` says what could still be read. Another stage that keeps copies joins with ``also``.
Which kind is kept how long is a rule of the city (``core.retention``); here is nobody's decision.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gangmu.kit.tables import subject_key
from gangmu.kit.unit import Unit


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is kept: its id, the moment from which its time counts, the matters (``evt_…``) whose hold keeps
    it, and what is needed to prove that it is gone (the digest of a file)."""

    subject: str
    since: datetime
    things: tuple[str, ...] = ()
    mark: str = ""


Listing = Callable[[Unit, datetime, int, Sequence[str] | None], list[Due]]
Erasing = Callable[[Unit, Sequence[Due]], None]
Proving = Callable[[Unit, Sequence[Due]], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of personal data. ``action`` is what erasing does: ``erase_key`` (its key is destroyed), ``delete``,
    ``blank`` (the row stays, its words go)."""

    id: str
    action: str
    due: Listing
    erase: Erasing
    left: Proving


_kinds: dict[str, Kind] = {}
_copies: dict[str, list[tuple[Erasing, Proving]]] = {}


def keeps(kind: Kind) -> Kind:
    """Register a kind of personal data of a stage."""
    _kinds[kind.id] = kind
    return kind


def also(kind_id: str, erase: Erasing, left: Proving) -> None:
    """Join in where a stage keeps copies of what another one keeps: they go first."""
    pairs = _copies.setdefault(kind_id, [])
    if (erase, left) not in pairs:
        pairs.append((erase, left))


def kinds() -> dict[str, Kind]:
    return dict(sorted(_kinds.items()))


def erase(unit: Unit, kind: Kind, items: Sequence[Due]) -> None:
    """Erase things of a kind, their copies first."""
    for erase_copy, _ in _copies.get(kind.id, []):
        erase_copy(unit, items)
    kind.erase(unit, items)


def left(unit: Unit, kind: Kind, items: Sequence[Due]) -> dict[str, str]:
    """What of erased things could still be read, by thing: which part. Empty when nothing could."""
    found: dict[str, str] = {}
    for prove in [kind.left, *[prove for _, prove in _copies.get(kind.id, [])]]:
        for subject, part in prove(unit, items).items():
            found.setdefault(subject, part)
    return found


def readable(unit: Unit, subjects: Sequence[str]) -> set[str]:
    """Those of the subjects whose key is still there."""
    query = sa.select(subject_key.c.subject).where(
        subject_key.c.subject.in_([str(one) for one in subjects]), subject_key.c.wrapped.is_not(None)
    )
    return {row.subject for row in unit.rows(query)}


def readable_before(unit: Unit, prefix: str, before: datetime, after: str, most: int) -> list[tuple[str, datetime]]:
    """Subjects of a prefix whose keys were made before a time and are still there, in order: a page of them."""
    query = sa.select(subject_key.c.subject, subject_key.c.made_at).where(
        subject_key.c.subject > (after or f"{prefix}_"),
        subject_key.c.subject < f"{prefix}`",
        subject_key.c.wrapped.is_not(None),
        subject_key.c.made_at < before,
    )
    return [(row.subject, row.made_at) for row in unit.rows(query.order_by(subject_key.c.subject).limit(most))]
