"""One transaction: rows, messages and journal together or not at all."""

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from gangmu.base.org import service as org
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.base.org.store import org as org_table
from gangmu.base.org.store import save_org
from gangmu.kit import clock, journal, seal, virtual
from gangmu.kit.actor import System
from gangmu.kit.errors import Conflict, StaleWrite
from gangmu.kit.tables import journal_entry
from gangmu.kit.unit import read_clock, transaction

ME = System("test")


def add(unit, name="市政处"):
    return org.add_org(unit, ME, name, OrgKind.department, OrgLevel.county, "370303")


def test_a_change_and_its_journal_entry_are_one_transaction(db):
    with pytest.raises(ZeroDivisionError), db.unit() as unit:
        add(unit)
        raise ZeroDivisionError
    with db.unit() as unit:
        assert org.list_orgs(unit, ME) == []
        before = unit.value(sa.select(sa.func.count()).select_from(journal_entry))
    with db.unit() as unit:
        add(unit)
    with db.unit() as unit:
        assert unit.value(sa.select(sa.func.count()).select_from(journal_entry)) == before + 1


def test_a_name_is_unique_in_its_division(db):
    with db.unit() as unit:
        add(unit)
    with pytest.raises(Conflict), db.unit() as unit:
        add(unit)


def test_a_stale_write_is_noticed(db):
    from dataclasses import replace

    with db.unit() as unit:
        made = add(unit)
    with db.unit() as unit:
        save_org(unit, replace(made, name="市政一处"), made)
    with pytest.raises(StaleWrite), db.unit() as unit:
        save_org(unit, replace(made, name="市政二处"), made)


def test_the_journal_holds_until_somebody_touches_it(db, server):
    with db.unit() as unit:
        add(unit)
    folder = db.folder / "journal"
    while journal.seal_tail(folder):
        pass
    found = journal.verify(folder, seal.keys().verifier)
    assert found.ok and found.sealed == found.entries and found.unsealed == 0
    import psycopg

    with psycopg.connect(db.uri_owner, autocommit=True) as owner:
        owner.execute(
            "UPDATE journal_entry SET body = body || ' '::bytea WHERE id = (SELECT entry FROM journal_seal LIMIT 1)"
        )
    assert not journal.verify(folder, seal.keys().verifier).ok


def test_the_application_cannot_rewrite_the_journal(db):
    with pytest.raises(sa.exc.ProgrammingError), db.unit() as unit:
        unit.run(sa.update(journal_entry).values(body=b"{}"))


def test_orgs_are_found_by_initials(db):
    with db.unit() as unit:
        add(unit)
        assert [found.name for found in org.list_orgs(unit, ME, q="szc")] == ["市政处"]
        assert unit.rows(sa.select(org_table.c.name))


class Slow:
    """A connection whose answer is slow to be taken over."""

    def __init__(self, conn):
        self.conn, self.read, self.go = conn, threading.Event(), threading.Event()

    def execute(self, query):
        found = self.conn.execute(query)
        self.read.set()
        assert self.go.wait(30)
        return found


def test_an_older_reading_of_the_clock_does_not_overtake_a_newer_one(db):
    """Somebody has read that the city lives in real time; before he takes it over the clock is put."""
    then = datetime(2026, 3, 1, 8, tzinfo=UTC)
    try:
        with transaction() as conn:
            slow = Slow(conn)
            reader = threading.Thread(target=read_clock, args=(slow,), kwargs={"force": True})
            putter = threading.Thread(target=virtual.put, args=(then, 0.0))
            reader.start()
            assert slow.read.wait(30)
            putter.start()
            putter.join(1)
            slow.go.set()
            reader.join()
            putter.join()
        assert clock.now() == then
    finally:
        virtual.take_off()
    assert not clock.is_virtual()
