"""A part of a unit that can be taken back: its rows, messages, timers and journal entries with it."""

from collections.abc import Iterator
from contextlib import contextmanager

from gangmu.kit.unit import Unit


class _TakenBack(Exception):
    """Ends a block that is not kept."""


@contextmanager
def savepoint(unit: Unit, *, keep: bool = True) -> Iterator[None]:
    """Undo what the block did when it raises; without ``keep`` in any case."""
    marks = [(gathered, len(gathered)) for gathered in (unit._told, unit._changes, unit._timers)]
    about = dict(unit._about)
    owed = {name: dict(values) for name, values in unit._owed.items()}
    kept = False
    try:
        with unit.conn.begin_nested():
            yield
            if not keep:
                raise _TakenBack
        kept = True
    except _TakenBack:
        pass
    finally:
        if not kept:
            for gathered, length in marks:
                del gathered[length:]
            unit._about.clear()
            unit._about.update(about)
            unit._owed = owed
            unit.memo.clear()
            unit._subject_keys.clear()
