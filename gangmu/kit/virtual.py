"""The city's clock set to a time of its own (演练、回放): for every process that works on this database."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.kit import clock
from gangmu.kit.tables import clock_row
from gangmu.kit.unit import read_clock, transaction


def put(at: datetime, speed: float = 1.0) -> None:
    """Let the city's clock show ``at`` and go on from there."""
    shown = {"real": clock.real_now(), "shown": at, "speed": speed}
    with transaction() as conn:
        setting = pg_insert(clock_row).values(one=True, **shown)
        conn.execute(setting.on_conflict_do_update(index_elements=["one"], set_=shown))
        read_clock(conn, force=True)
