"""The city's time made to run faster (加速时钟): the node's virtual clock, kept and put down so that it never runs
back, nor on while nobody is there.
"""

from datetime import timedelta

import sqlalchemy as sa

from gangmu.kit import clock, virtual
from gangmu.kit.tables import clock_row
from gangmu.kit.unit import read_clock, transaction

BEAT_S = 5.0


def begin(speed: float) -> None:
    """Let the city's time run so many times as fast, from where it stood. A city that was always in real time and is to
    be so has no virtual clock."""
    with transaction() as conn:
        row = conn.execute(sa.select(clock_row)).first()
        if row is None and speed == 1.0:
            return
        real = clock.real_now()
        shown = real if row is None else row.shown + _unseen(row) * row.speed
        virtual.put_on(conn, max(shown, real), speed)
    virtual.look()


def beat(speed: float) -> None:
    """Say that the city lives: one that is broken off goes on from here."""
    with transaction() as conn:
        if conn.execute(sa.select(clock_row)).first() is None:
            return
        read_clock(conn, force=True)
        virtual.put_on(conn, clock.now(), speed)
    virtual.look()


def stop() -> None:
    """The city's time stands until it is run again."""
    beat(0.0)


def _unseen(row: sa.Row[tuple[object, ...]]) -> timedelta:
    """What passed since the last beat, at most to the next: after that nobody was there."""
    return min(max(clock.real_now() - row.real, timedelta(0)), timedelta(seconds=BEAT_S))
