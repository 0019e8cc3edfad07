"""The only SQL of the journal's way: its entries in order, what is still on its way, and a still picture of both."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from gangmu.brain.evaluate.store import TABLES, evaluate_fact
from gangmu.brain.evaluate.sum_store import evaluate_day
from gangmu.kit import db
from gangmu.kit.actor import Actor
from gangmu.kit.tables import job, journal_entry, outbox
from gangmu.kit.unit import Unit, unit_on

_HEARD = "evaluate."
_TELLS = "event.tell_loaded"


@contextmanager
def still(actor: Actor, cause: str) -> Iterator[Unit]:
    """A unit that sees one moment of the database however long it looks, and can write nothing."""
    engine = db.current().engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.connect() as conn, conn.begin(), unit_on(conn, actor, cause) as unit:
        yield unit


def alone(unit: Unit) -> None:
    """Nobody counts meanwhile; reading goes on."""
    for table in (*TABLES.values(), evaluate_fact, evaluate_day):
        unit.run(sa.text(f'LOCK TABLE "{table.name}" IN EXCLUSIVE MODE'))


def entries(unit: Unit, many: int = 1000) -> Iterator[bytes]:
    """The bodies of all journal entries, in order, a page at a time."""
    last = None
    while True:
        query = sa.select(journal_entry.c.id, journal_entry.c.body).order_by(journal_entry.c.id).limit(many)
        rows = unit.rows(query if last is None else query.where(journal_entry.c.id > last))
        for row in rows:
            yield bytes(row.body)
        if len(rows) < many:
            return
        last = rows[-1].id


def on_its_way(unit: Unit) -> tuple[set[str], list[tuple[str, str]]]:
    """What was told and not yet heard: events and calls by id, and spans of loaded events."""
    bodies = [row.body for row in unit.rows(sa.select(outbox.c.body))]
    waiting = sa.or_(job.c.name.startswith(_HEARD), job.c.name == _TELLS)
    bodies += [row.payload for row in unit.rows(sa.select(job.c.payload).where(job.c.state != "done", waiting))]
    found: set[str] = set()
    spans: list[tuple[str, str]] = []
    for body in bodies:
        found.update(body[name] for name in ("event_id", "call_id", "entry_id") if isinstance(body.get(name), str))
        found.update(row["id"] for row in body.get("rows", ()) if isinstance(row, dict) and "id" in row)
        if body.get("first"):
            spans.append((body["first"], body["last"]))
    return found, spans
