"""A city whose clocks run: two to an event, each with its warn marks, its deadline and the timer of its next mark.

Clocks count running time, so that every mark is a share of the limit. Nothing is due within half an hour of the time
of building; a run moves as many clocks as it wants into its own minutes.
"""

import struct
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
import psycopg

from gangmu.core.deadline.limit import Meaning, parse
from gangmu.core.deadline.model import DEFAULT_MARKS
from gangmu.faces.bench import say
from gangmu.faces.bench._city import People
from gangmu.faces.bench._million import BATCH, SEED, copy, departments, emptied, put_counts
from gangmu.faces.bench._rows import EVENT_COLUMNS, Dims, Maker, field, micros, moment, said
from gangmu.kit import ids

SHARES = (*DEFAULT_MARKS, 1.0)
STAGES = ("handle", "whole")
SOONEST_S = 1800
LIMIT_DAYS = (2, 30)
_STEPS = [last - first for first, last in pairwise((0.0, *SHARES))]
_KEY, _INT = struct.pack("!i", 16), struct.Struct("!ii")
_FALSE = field(b"\x00")
_CLOCK = (
    'id, event_id, stage, kind, "limit", calendar, calendar_version, day_meaning, started_at, due_at, warn_at,'
    " provisional, marks, pauses, extended, cancelled, overdue, paused_s, state, fired, token"
)
_JOB = "id, name, message_version, about, token, payload, run_at, made_at"


def make(clocks: int, uri: str, people: People, now: datetime) -> None:
    """Fill a node with so many running clocks and the open events that they belong to."""
    events = -(-clocks // len(STAGES))
    maker = Maker(departments(people), now, events, 1.0, SEED)
    totals: Counter[Dims] = Counter()
    with emptied(uri, "event", "clock", "job") as cursor:
        drawer = _Drawer(cursor, micros(now))
        for first in range(0, events, BATCH):
            made = maker.batch(first, min(BATCH, events - first), words=False)
            totals.update(made.totals)
            copy(cursor, f"event ({EVENT_COLUMNS})", made.events)
            keys = [key for key in made.keys for _ in STAGES][: clocks - first * len(STAGES)]
            rows, timers = drawer.lay_out(keys)
            copy(cursor, f"clock ({_CLOCK})", rows)
            copy(cursor, f"job ({_JOB})", timers)
            say(f"  {first * len(STAGES) + len(keys):,} clocks")
    put_counts(uri, totals)


class _Drawer:
    """Draws clocks: how long each is, which marks it has told, and when the next comes."""

    def __init__(self, cursor: psycopg.Cursor, now: int) -> None:
        self._now, self._dice = now, np.random.default_rng(SEED)
        found = cursor.execute("SELECT max(version) FROM calendar WHERE name = 'cn'").fetchone()
        assert found is not None
        self._pinned = said("cn") + _INT.pack(4, found[0]) + said(Meaning.hours.value)
        self._rest = field(b"\x01" + str(list(DEFAULT_MARKS)).encode()) + field(b"\x01[]") + _INT.pack(4, 0)
        self._rest += _FALSE * 2 + struct.pack("!iq", 8, 0) + said("running")

    def lay_out(self, events: Sequence[bytes]) -> tuple[bytes, bytes]:
        """Binary rows of ``clock`` and ``job``, one of each an event of ``events``."""
        count = len(events)
        days = self._dice.integers(*LIMIT_DAYS, size=count).tolist()
        told = self._dice.integers(0, len(SHARES), size=count).tolist()
        parts = self._dice.random(count).tolist()
        fresh = ids.new_many(2 * count)
        clocks, timers = [], []
        for n, (event, day, fired, part) in enumerate(zip(events, days, told, parts, strict=True)):
            limit = day * 86_400
            wait = SOONEST_S + part * (0.95 * _STEPS[fired] * limit - SOONEST_S)
            comes = self._now + int(wait * 1e6)
            started = comes - round(SHARES[fired] * limit * 1e6)
            key = fresh[2 * n].to_bytes(16, "big")
            clocks.append(
                b"\x00\x15" + _KEY + key + _KEY + event + said(STAGES[n % len(STAGES)]) + _limit(day)
                + self._pinned + moment(started) + moment(started + limit * 1_000_000)
                + moment(started + round(SHARES[-2] * limit * 1e6)) + _FALSE + self._rest
                + _INT.pack(4, fired) + _INT.pack(4, 0)
            )  # fmt: skip
            about = ids.of_number("clk", fresh[2 * n])
            timers.append(
                b"\x00\x08" + _KEY + fresh[2 * n + 1].to_bytes(16, "big") + said("deadline.tick") + _INT.pack(4, 0)
                + field(about.encode()) + said("0") + field(b"\x01{}") + moment(comes) + moment(started)
            )  # fmt: skip
        return b"".join(clocks), b"".join(timers)


def _limit(days: int) -> bytes:
    """``kind`` and ``limit``."""
    limit = parse(f"{days}ud")
    return said(limit.kind.value) + said(str(limit))
