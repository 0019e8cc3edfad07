"""Deadlines (时限): four clocks over work calendars, each of which can explain itself.

Comes in: the stages of an event that start, stop, suspend, extend and redo their work.
Goes out: when each is due, how far it is and why (``views``); ``DeadlineNear`` and ``DeadlinePassed`` when marks are
reached. Records that come in by the thousand are started by ``service.start_many``.
"""

from gangmu.core.deadline.service import (
    bundle,
    clocks_of,
    extend,
    most_pressing,
    overdue_stages,
    pause,
    resume,
    rework,
    start,
    stop,
    stop_all,
    unbundle,
)

__all__ = [
    "bundle",
    "clocks_of",
    "extend",
    "most_pressing",
    "overdue_stages",
    "pause",
    "resume",
    "rework",
    "start",
    "stop",
    "stop_all",
    "unbundle",
]
