"""Deadlines (时限): four clocks over work calendars, each of which can explain itself.

Comes in: the stages of an event that start, stop, suspend, extend and redo their work.
Goes out: when each is due, how far it is and why; ``DeadlineNear`` and ``DeadlinePassed`` when marks are reached.
"""

from gangmu.core.deadline.service import (
    Start,
    bundle,
    clocks_of,
    extend,
    most_pressing,
    overdue_stages,
    pause,
    resume,
    rework,
    start,
    start_many,
    stop,
    stop_all,
    unbundle,
)
from gangmu.core.deadline.shown import explain, views

__all__ = [
    "Start",
    "bundle",
    "clocks_of",
    "explain",
    "extend",
    "most_pressing",
    "overdue_stages",
    "pause",
    "resume",
    "rework",
    "start",
    "start_many",
    "stop",
    "stop_all",
    "unbundle",
    "views",
]
