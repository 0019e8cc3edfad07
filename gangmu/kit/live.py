"""Live: one publish/resume port. Ticks say *what* moved, never its content; the browser asks for the rest.

The relay numbers ticks (``seq``), so a browser that was away resumes after the last one it saw. A tick carries
division and organisations, and a viewer gets those that his rights reach.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gangmu.kit.tables import live_tick

_topics: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Tick:
    """Something of ``topic`` with id ``about`` moved; ``kind`` is the message's name."""

    seq: int
    topic: str
    kind: str
    about: str
    division: str
    orgs: tuple[str, ...]
    at: datetime


def ticks_of(message_name: str, topic: str) -> None:
    """Let messages of this name become ticks of a topic."""
    _topics[message_name] = topic


def publish(conn: Connection, told: Sequence[tuple[str, dict[str, Any], datetime]]) -> None:
    """Number the ticks of these messages. Called by the relay, which holds its lock."""
    shown = [(name, body, at) for name, body, at in told if name in _topics]
    if not shown:
        return
    last = conn.execute(sa.select(sa.func.coalesce(sa.func.max(live_tick.c.seq), 0))).scalar() or 0
    rows = [
        {
            "seq": last + n,
            "topic": _topics[name],
            "kind": name,
            "about": str(body.get("event_id") or body.get("about") or ""),
            "division": str(body.get("division") or ""),
            "orgs": list(body.get("orgs") or []),
            "at": at,
        }
        for n, (name, body, at) in enumerate(shown, 1)
    ]
    conn.execute(sa.insert(live_tick), rows)


def after(conn: Connection, seq: int, most: int = 500) -> list[Tick]:
    """The ticks after a sequence number, oldest first."""
    query = sa.select(live_tick).where(live_tick.c.seq > seq).order_by(live_tick.c.seq).limit(most)
    return [
        Tick(row.seq, row.topic, row.kind, row.about, row.division, tuple(row.orgs), row.at)
        for row in conn.execute(query)
    ]


def head(conn: Connection) -> int:
    """The last sequence number given."""
    return conn.execute(sa.select(sa.func.coalesce(sa.func.max(live_tick.c.seq), 0))).scalar() or 0


def tail_start(conn: Connection) -> int:
    """The first sequence number still kept; a browser that resumes from before it must load anew."""
    return conn.execute(sa.select(sa.func.coalesce(sa.func.min(live_tick.c.seq), 0))).scalar() or 0


def forget(conn: Connection, before: datetime) -> None:
    """Drop old ticks, but never the last one: numbering goes on from it."""
    newest = sa.select(sa.func.max(live_tick.c.seq)).scalar_subquery()
    conn.execute(sa.delete(live_tick).where(live_tick.c.at < before, live_tick.c.seq < newest))
