"""Bring the tables of a house to this version, known beforehand, with a backup, and with a way back.

What is to come is tried first in a transaction that is rolled back: each step tells what it locks, adds and takes away.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import psycopg

from gangmu import __version__, boot
from gangmu.care import archive, backup, database, processes
from gangmu.care.backup import House
from gangmu.care.errors import (
    BackupWanted,
    NotAsExpected,
    NoWayBack,
    StillRunning,
    TooLittleSpace,
    TooNew,
    WouldLose,
)
from gangmu.kit import clock, db, journal, seal, settings
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from gangmu.kit.watching import CareSettings
from gangmu.migrations import runner, steps
from gangmu.migrations.steps import Loss, Step

Tell = Callable[[str, dict[str, Any]], None]
LAST = "last-upgrade.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upgrade meets: where the tables stand, what comes, and what it needs. Nothing was changed yet."""

    stands: str
    newest: str
    steps: tuple[Step, ...]
    needed_mb: int
    free_mb: int
    backup_days: float | None

    def said(self) -> dict[str, Any]:
        told = asdict(self)
        told["steps"] = [{**asdict(step), "kind": step.kind} for step in self.steps]
        return told


def look(house: House) -> Plan:
    """The pre-check. ``StillRunning``, ``TooNew`` or ``TooLittleSpace`` when it must not be done now."""
    check_at_rest(house)
    stands, newest = runner.current(house.uri_owner) or "base", runner.head() or "base"
    if stands != "base" and not runner.is_known(stands):
        raise TooNew(version="?", revision=stands)
    size = database.size_of(house.uri_owner)
    needed, free = (2 * size + _kept_bytes(house)) // 1_000_000, shutil.disk_usage(house.folder).free // 1_000_000
    if free < needed:
        raise TooLittleSpace(path=str(house.folder), free_mb=free, needed_mb=needed)
    coming = tuple(steps.waiting(house.uri_owner)) if stands != newest else ()
    return Plan(stands, newest, coming, needed, free, _backup_days(house.folder))


def forward(house: House, plan: Plan, to: Path | None, passphrase: bytes | None, tell: Tell) -> dict[str, Any]:
    """Backup, migrations, proof. ``to`` none: without one, if the last is young enough."""
    kept = _backed_up(house, plan, to, passphrase, tell)
    before = counted(house)
    began = clock.monotonic()
    for step in plan.steps:
        tell("step", {"revision": step.revision, "about": step.about})
    runner.up(house.uri_owner, app=db.role_of(house.uri_app))
    took = clock.monotonic() - began
    _prove(house, before, plan.newest)
    told = {"from": plan.stands, "to": plan.newest, "version": __version__, "backup": kept, "seconds": round(took, 2)}
    boot.load_stages()
    with open_unit(System("upgrade"), "gangmu upgrade") as unit:
        unit.note("upgrade", "house", **{"from": plan.stands, "to": plan.newest, "backup": kept})
    with archive.writing(house.folder):
        fresh = house.folder / f".{LAST}.new"
        fresh.write_bytes(orjson.dumps({**told, "at": clock.real_now().isoformat()}))
        fresh.replace(house.folder / LAST)
    return told


def last(house: House) -> dict[str, Any]:
    """The upgrade that can be taken back."""
    try:
        told: dict[str, Any] = json.loads((house.folder / LAST).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        raise NoWayBack(path=str(house.folder)) from None
    if not runner.is_known(told["from"]) or runner.current(house.uri_owner) != told["to"]:
        raise NoWayBack(path=str(house.folder))
    return told


def losses(house: House, done: dict[str, Any]) -> list[Loss]:
    """What going back loses: what only the newer tables can hold."""
    check_at_rest(house)
    return steps.lost_on_the_way_back(house.uri_owner, done["from"])


def back(
    house: House, done: dict[str, Any], lost: list[Loss], to: Path | None, passphrase: bytes | None, tell: Tell
) -> dict[str, Any]:
    """The tables as they were, with every act since that they can hold."""
    plan = Plan(done["to"], done["from"], (), 0, 0, _backup_days(house.folder))
    kept = _backed_up(house, plan, to, passphrase, tell)
    with open_unit(System("upgrade"), "gangmu upgrade --back") as unit:
        unit.note("upgrade back", "house", **{"from": done["to"], "to": done["from"], "backup": kept})
    before = counted(house)
    runner.down(house.uri_owner, done["from"])
    runner.up(house.uri_owner, done["from"], app=db.role_of(house.uri_app))
    _prove(house, before, done["from"], may_go=True)
    (house.folder / LAST).unlink()
    return {"from": done["to"], "to": done["from"], "backup": kept, "lost": [asdict(one) for one in lost]}


def check_may_lose(lost: list[Loss], is_yes: bool) -> None:
    if lost and not is_yes:
        raise WouldLose(count=len(lost), first=lost[0].what, rows=lost[0].rows)


def check_at_rest(house: House) -> None:
    """``StillRunning`` while processes work with the tables."""
    told = processes.running(house.folder)
    if told is not None:
        raise StillRunning(what=f"process {told.get('pid', '?')}")
    with psycopg.connect(house.uri_app, autocommit=True) as conn:
        count = database.others(conn)
        if count:
            raise StillRunning(what=f"{count} connections")


def _kept_bytes(house: House) -> int:
    with psycopg.connect(house.uri_owner, autocommit=True) as conn:
        if conn.execute("SELECT to_regclass('file')").fetchone() == (None,):
            return 0
        row = conn.execute("SELECT coalesce(sum(size), 0) FROM file").fetchone()
        return int(row[0]) if row else 0


def _backup_days(folder: Path) -> float | None:
    """How old the last backup is; none without one, or when its file is not there any more."""
    try:
        told = json.loads((folder / backup.LAST).read_text("utf-8"))
        taken = datetime.fromisoformat(told["taken_at"])
        if backup.last_file(told) is None:
            return None
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return round((clock.real_now() - taken).total_seconds() / 86400, 3)


def _backed_up(house: House, plan: Plan, to: Path | None, passphrase: bytes | None, tell: Tell) -> str:
    if to is None:
        days = settings.get(CareSettings).backup_days
        if plan.backup_days is None or plan.backup_days > days:
            raise BackupWanted(days=days)
        return str(json.loads((house.folder / backup.LAST).read_text("utf-8"))["file"])
    with archive.writing(to):
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
    return str(backup.take(house, to, passphrase, tell)["file"])


def counted(house: House) -> dict[str, int]:
    """Rows by table."""
    with psycopg.connect(house.uri_owner, autocommit=True) as conn, conn.transaction():
        return {name: told["rows"] for name, told in database.tables(conn).items()}


def _prove(house: House, before: dict[str, int], wanted: str, may_go: bool = False) -> None:
    """No row is gone from a table that stays, the tables are those of the code, the journal holds."""
    after = counted(house)
    for table, rows in before.items():
        if table in after and after[table] < rows:
            raise NotAsExpected(what=f"{table}: {after[table]} / {rows}")
        if table not in after and rows and not may_go:
            raise NotAsExpected(what=table)
    if runner.current(house.uri_owner) != wanted:
        raise NotAsExpected(what=wanted)
    boot.load_stages()
    if wanted == runner.head() and (found := runner.differences(house.uri_owner)):
        raise NotAsExpected(what=str(found[0])[:200])
    with boot.open_database(house.uri_app):
        verdict = journal.verify(house.folder / "journal", seal.keys().verifier)
    if not verdict.ok:
        raise NotAsExpected(what=f"journal: {verdict.broken}")
