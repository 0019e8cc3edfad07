"""The city's clock set to a time of its own (演练、回放): for every process that works on this database."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.engine import Connection

from gangmu.kit import clock
from gangmu.kit.tables import clock_row
from gangmu.kit.unit import read_clock, transaction


def put(at: datetime, speed: float = 1.0) -> None:
    """Let the city's clock show ``at`` and go on from there, ``speed`` times as fast (0: it stands)."""
    with transaction() as conn:
        put_on(conn, at, speed)
    look()


def put_on(conn: Connection, at: datetime, speed: float) -> None:
    """The same within a transaction of the caller, who looks (``look``) after its commit."""
    shown = {"real": clock.real_now(), "shown": at, "speed": speed}
    setting = pg_insert(clock_row).values(one=True, **shown)
    conn.execute(setting.on_conflict_do_update(index_elements=["one"], set_=shown))


def take_off() -> None:
    """The city lives in real time from here on."""
    with transaction() as conn:
        conn.execute(sa.delete(clock_row))
    look()


def look() -> None:
    """Take over in this process what stands now."""
    with transaction() as conn:
        read_clock(conn, force=True)
