"""Doctor (体检): what is wrong with a house and what to do, one line each.

It looks from outside, with plain SQL and at the folder, since it must speak about a house that does not run or whose
tables are older than this version. Each check is a function of the ``Patient``; adding one here is enough.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

from gangmu import boot
from gangmu.care import database, doctor_folder, doctor_rows
from gangmu.care.findings import Finding, fault
from gangmu.care.patient import Patient
from gangmu.kit import clock, fence, settings
from gangmu.kit.db import raw
from gangmu.kit.errors import HouseError
from gangmu.kit.unit import forget_clock, read_clock, transaction
from gangmu.kit.watching import CareSettings

BEFORE: tuple[Callable[[Path], Iterator[Finding]], ...] = (doctor_folder.no_house, doctor_folder.permissions)
CHECKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    doctor_folder.disk,
    doctor_folder.address,
    doctor_folder.backup,
    doctor_folder.copy,
    doctor_folder.aside,
    doctor_rows.tables,
    doctor_folder.files,
    doctor_rows.server,
    doctor_rows.clocks,
    doctor_rows.zone,
    doctor_rows.journal,
    doctor_rows.outbox,
    doctor_rows.jobs,
    doctor_rows.calendars,
    doctor_rows.unverified,
    doctor_rows.links,
    doctor_rows.webhooks,
    doctor_rows.sessions,
)


def names() -> list[str]:
    return [check.__name__ for check in (*BEFORE, *CHECKS)]


def examine(data: Path, port: int) -> list[Finding]:
    """All findings, the gravest first."""
    folder = data.expanduser().resolve()
    found = [each for check in BEFORE for each in check(folder)]
    if not any(each.what in ("no_house", "unfinished") for each in found):
        boot.load_stages()
        opened = fence.run("doctor", lambda: _in_the_house(folder, port))
        if isinstance(opened.error, HouseError):
            found.append(fault("does_not_open", code=opened.error.code, **opened.error.params))
        elif opened.error is not None:
            found.append(fault("does_not_open", code=type(opened.error).__name__))
        else:
            found += opened.value or []
    order = ("fault", "warning", "note")
    return sorted(found, key=lambda one: order.index(one.grade))


def _in_the_house(folder: Path, port: int) -> list[Finding]:
    settings.read_file(folder / "gangmu.toml")
    was_running = (folder / "engine/postgres/postmaster.pid").exists()
    found: list[Finding] = []
    with boot.open_engine(folder) as running, boot.open_database(running.uri_app):
        boot.use_folder(folder)
        forget_clock()
        with transaction() as conn:
            own = raw(conn).info.backend_pid
            if conn.exec_driver_sql("SELECT to_regclass('kit_clock')").scalar() is not None:
                read_clock(conn, force=True)
        with psycopg.connect(running.uri_app, autocommit=True, options="-c timezone=UTC") as seen:
            there = seen.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')").fetchall()
            patient = Patient(
                folder,
                seen,
                settings.get(CareSettings),
                clock.now(),
                clock.real_now(),
                frozenset(name for (name,) in there),
                0 if was_running else port,
                database.others(seen, own) > 0,
            )
            for check in CHECKS:
                found += _checked(check, patient)
    return found


def _checked(check: Callable[[Patient], Iterator[Finding]], patient: Patient) -> list[Finding]:
    """A check that cannot be made is a finding too."""
    outcome = fence.run(f"doctor {check.__name__}", lambda: list(check(patient)))
    if outcome.error is None:
        return outcome.value or []
    reason: Any = str(outcome.error).strip().splitlines()[:1]
    return [fault("not_checked", check=check.__name__, reason=reason[0] if reason else type(outcome.error).__name__)]
