"""The time. Rules get ``now`` as an argument; only the edge asks this module.

The virtual clock of demo, practice and replay is one row in the database read by all processes
(``kit_clock``: at real time R it was virtual time V, running at speed S). Sessions, lock-out and
tokens use ``real_now``.
"""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Setting:
    """At real time ``real`` the virtual clock showed ``shown`` and runs ``speed`` times as fast."""

    real: datetime
    shown: datetime
    speed: float = 1.0


_setting: Setting | None = None
_lock = threading.Lock()


def real_now() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that only grow, for measuring."""
    return time.monotonic()


def cpu_s() -> float:
    """Seconds of work that this process has had, for measuring on a machine that others use too."""
    return time.process_time()


def now() -> datetime:
    """The time of the city, UTC: the machine's unless a virtual clock is set."""
    setting = _setting
    real = real_now()
    if setting is None:
        return real
    return setting.shown + timedelta(seconds=(real - setting.real).total_seconds() * setting.speed)


def use(setting: Setting | None) -> None:
    """Take over the virtual clock read from the database (or none)."""
    global _setting
    with _lock:
        _setting = setting


def is_virtual() -> bool:
    return _setting is not None
