"""A part of a unit that can be taken back: its rows, messages, timers and journal entries with it."""

from collections.abc import Iterator
from contextlib import contextmanager

from gangmu.kit.unit import Unit


@contextmanager
def savepoint(unit: Unit, *, keep: bool = True) -> Iterator[None]:
    """Undo what the block did when it raises; without ``keep`` in any case."""
    point = unit.conn.begin_nested()
    marks = [(gathered, len(gathered)) for gathered in (unit._told, unit._changes, unit._timers)]
    about = dict(unit._about)
    kept = False
    try:
        yield
        kept = keep
    finally:
        if kept:
            point.commit()
        else:
            point.rollback()
            for gathered, length in marks:
                del gathered[length:]
            unit._about.clear()
            unit._about.update(about)
            unit.memo.clear()
            unit._subject_keys.clear()
