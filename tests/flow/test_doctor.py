"""Doctor says what is wrong: each check is made to see it, by breaking a house that was well."""

import fcntl
import json
import os
import re
import shutil
import socket
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from gangmu.base.access.store import session
from gangmu.care import doctor, doctor_folder, findings
from gangmu.kit import clock, files, ids
from gangmu.kit.tables import file_row
from gangmu.kit.unit import transaction
from tests.conftest import drop_database, make_database
from tests.flow.kept_house import gangmu, living
from tests.house.tree import ROOT


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with living(tmp_path_factory.mktemp("ill") / "city") as kept:
        kept.report()
        kept.city.settle()
        to = tmp_path_factory.mktemp("elsewhere") / "a.tar"
        assert gangmu("backup", "--data", kept.folder, "--to", to).returncode == 0
        yield kept


@pytest.fixture
def owner(house):
    with psycopg.connect(house.node.engine.uri_owner, autocommit=True) as conn:
        yield conn


def examined(house, *args, code: int | None = None) -> dict[str, dict[str, str]]:
    done = gangmu("doctor", "--data", house.folder, "--port", "0", "--json", *args)
    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["ok"] else 1) and (code is None or done.returncode == code), told
    for one in told["findings"]:
        assert "{" not in one["said"] and "\n" not in one["said"] and not one["said"].startswith("care."), one
    return {one["what"]: one for one in told["findings"]}


def test_a_house_that_is_well_has_nothing_grave(house, monkeypatch):
    found = examined(house)
    assert {"keys_apart", "unverified"} <= set(found)
    grave = {what for what, one in found.items() if one["grade"] != "note"}
    assert grave <= {"unsafe", "calendar_now", "calendar_next"}, grave  # the house of tests does not write through
    assert "may be lost" in found["unsafe"]["said"]
    assert [one.values["setting"] for one in findings.of_safety({"fsync": "off"})] == ["fsync"]
    assert findings.of_version(14, 15)[0].what == "server_old" and findings.of_version(15, 15) == []
    assert "full_page_writes" in str(findings.of_safety({"full_page_writes": "off"}))
    assert findings.of_safety({"fsync": "on", "full_page_writes": "on", "synchronous_commit": "local"}) == []


@pytest.mark.parametrize(
    ("variable", "value", "what", "word"),
    [
        ("GANGMU_CARE__DISK_FREE_GB", "1000000", "disk", "GB left"),
        ("GANGMU_CARE__CONNECTIONS", "100000", "connections_few", "max_connections"),
        ("GANGMU_EVENT__TIME_ZONE", "Mars/Base", "zone", "Mars/Base"),
        ("GANGMU_DEADLINE__CALENDAR", "nobody", "calendar_none", "nobody"),
        ("GANGMU_CARE__BACKUP_DAYS", "0.0000001", "backup_old", "days old"),
        ("GANGMU_CARE__CLOCK_SKEW_S", "1e-9", "clock_skew", "time server"),
    ],
)
def test_what_a_bound_makes_wrong(house, monkeypatch, variable, value, what, word):
    monkeypatch.setenv(variable, value)
    assert word in examined(house, code=1)[what]["said"]


def test_rules_of_clocks_and_connections():
    assert findings.of_clocks(1.9, 2) == [] and findings.of_clocks(-2.1, 2)[0].what == "clock_skew"
    assert findings.of_connections(100, 81, 50)[0].what == "connections_used"
    assert findings.of_connections(100, 20, 50) == []


def test_holidays_that_are_missing():
    def told(years, today):
        return [(one.what, str(one.grade)) for one in findings.of_calendar("cn", years, today)]

    assert told(None, date(2030, 5, 1)) == []
    assert told([2029], date(2030, 5, 1)) == [("calendar_now", "fault")]
    assert told([2030], date(2030, 5, 1)) == [("calendar_next", "note")]
    assert told([2030], date(2030, 12, 1)) == [("calendar_next", "warning")]
    assert told([2030, 2031], date(2030, 12, 1)) == []


def test_a_calendar_without_this_year(house, owner):
    was = owner.execute("SELECT id, years FROM calendar WHERE name = 'cn' ORDER BY version DESC LIMIT 1").fetchone()
    owner.execute("UPDATE calendar SET years = '[2000]' WHERE id = %s", [was[0]])
    try:
        assert "holidays of" in examined(house, code=1)["calendar_now"]["said"]
    finally:
        owner.execute("UPDATE calendar SET years = %s WHERE id = %s", [json.dumps(was[1]), was[0]])


def test_keys_that_others_may_read(house):
    path = house.folder / "keys" / "master"
    path.chmod(0o644)
    try:
        assert str(path) in examined(house, code=1)["permissions"]["said"]
    finally:
        path.chmod(0o600)


def test_a_backup_that_was_never_taken_and_one_in_the_house(house):
    path = house.folder / "last-backup.json"
    text = path.read_text()
    path.unlink()
    assert "ever taken" in examined(house, code=1)["no_backup"]["said"]
    inside, beside = house.folder / "a.tar", house.folder.with_name(f"{house.folder.name}-backups") / "a.tar"
    beside.parent.mkdir()
    found = {}
    for file in (inside, beside):
        file.touch()
        path.write_text(json.dumps({**json.loads(text), "file": str(file), "keys": True}))
        found[file] = examined(house)
        file.unlink()
    gone = examined(house)
    path.write_text(text)
    assert "dies with it" in found[inside]["backup_here"]["said"] and "keys_apart" not in found[inside]
    assert not {"backup_here", "backup_gone"} & set(found[beside])  # its folder only begins with the same letters
    assert str(beside) in gone["backup_gone"]["said"] and "backup_here" not in gone


def test_a_lost_file_and_an_orphan(house):
    with transaction() as conn:
        digest = conn.execute(sa.select(file_row.c.digest).limit(1)).scalar()
    path = files.path_of(digest)
    aside = path.rename(path.with_name("0" * 62))
    long_ago = clock.real_now().timestamp() - 10 * 86400
    os.utime(aside, (long_ago, long_ago))
    try:
        found = examined(house, code=1)
    finally:
        aside.rename(path)
    assert digest in found["files_lost"]["said"] and "named by no row" in found["files_orphaned"]["said"]


def test_a_house_that_runs_and_does_not_answer(house):
    with (house.folder / "up.json").open("w") as claim:
        fcntl.flock(claim, fcntl.LOCK_EX)
        json.dump({"pid": 1, "address": "http://127.0.0.1:9"}, claim)
        claim.flush()
        assert "does not answer at http://127.0.0.1:9" in examined(house, code=1)["no_answer"]["said"]
    (house.folder / "up.json").unlink()


def test_a_port_that_is_taken(tmp_path, house):
    """Asked before the house is started: here of a copy of the folder whose database is not running."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert doctor_folder._is_taken(port)
    patient = doctor.Patient(tmp_path, None, None, None, None, frozenset(), port, False)  # type: ignore[arg-type]
    assert list(doctor_folder.address(patient)) == []
    with socket.create_server(("127.0.0.1", port)):
        assert [one.what for one in doctor_folder.address(patient)] == ["port_taken"]


def test_a_copy_is_told(house):
    (house.folder / "copy.json").write_text("{}")
    try:
        assert "copy.json" in examined(house)["is_copy"]["said"]
    finally:
        (house.folder / "copy.json").unlink()


def test_an_entry_a_message_and_jobs_that_wait(house, owner, monkeypatch):
    for name in ("SEAL", "OUTBOX", "JOBS"):
        monkeypatch.setenv(f"GANGMU_CARE__{name}_LATE_S", "0")
    entry, told = ids.new_uuid(), ids.new_uuid()
    owner.execute("INSERT INTO journal_unsealed (entry) VALUES (%s)", [entry])
    owner.execute("INSERT INTO outbox (id, name, version, body, told_at) VALUES (%s, 'X', 1, '{}', now())", [told])
    long_ago = clock.real_now() - timedelta(days=1)
    add = (
        "INSERT INTO job (id, name, message, payload, run_at, made_at, attempts, state)"
        " VALUES (%s, %s, %s, '{}', %s, %s, %s, %s)"
    )
    for name, message, attempts, state in (
        ("of.timer", None, 0, "ready"),
        ("of.message", ids.new_uuid(), 0, "ready"),
        ("failing", ids.new_uuid(), 4, "ready"),
        ("dead", ids.new_uuid(), 8, "dead"),
    ):
        owner.execute(add, [ids.new_uuid(), f"test.{name}", message, long_ago, long_ago, attempts, state])
    try:
        found = examined(house, code=1)
    finally:
        owner.execute("DELETE FROM job WHERE name LIKE 'test.%'")
        owner.execute("DELETE FROM outbox WHERE id = %s", [told])
        owner.execute("DELETE FROM journal_unsealed WHERE entry = %s", [entry])
    assert "wait for the sealer" in found["unsealed"]["said"] and "wait for the relay" in found["outbox_late"]["said"]
    for what, name in (
        ("timers_late", "of.timer"),
        ("jobs_late", "of.message"),
        ("jobs_failing", "failing"),
        ("dead_letters", "dead"),
    ):
        assert f"test.{name}" in found[what]["said"]


def test_a_clock_that_was_turned_back_and_a_virtual_one(house, owner):
    entry = ids.new_uuid()
    add = "INSERT INTO journal_entry (id, recorded_at, body) VALUES (%s, now() + interval '3 hours', '')"
    owner.execute(add, [entry])
    owner.execute("INSERT INTO kit_clock (real, shown, speed) VALUES (now(), now() - interval '9 days', 1)")
    try:
        found = examined(house, code=1)
    finally:
        owner.execute("DELETE FROM journal_entry WHERE id = %s", [entry])
        owner.execute("DELETE FROM kit_clock")
        clock.use(None)
    assert "turned back" in found["clock_back"]["said"] and "virtual clock" in found["clock_virtual"]["said"]


def test_a_silent_link_and_one_that_is_stuck(house, owner):
    add = "INSERT INTO docking_alarm (id, link, kind, since, last_at) VALUES (%s, %s, %s, now(), now())"
    for kind in ("silent", "denied"):
        owner.execute(add, [ids.new_uuid(), ids.new_uuid(), kind])
    try:
        found = examined(house, code=1)
    finally:
        owner.execute("DELETE FROM docking_alarm")
    assert "silent" in found["link_silent"]["said"] and "refuses" in found["link_stuck"]["said"]


def test_a_webhook_that_fails_long_and_one_that_was_paused(house, owner):
    add = (
        "INSERT INTO webhook (id, application, name, address, kinds, division, digest, state, why, fails, made_at)"
        " VALUES (%s, %s, %s, 'https://app.invalid/a', '{}', '', 'sha256', %s, %s, %s, now())"
    )
    application = ids.new_uuid()
    owner.execute(
        "INSERT INTO application (id, name, roles, org, division, networks, made_at)"
        " SELECT %s, 'a receiver', '{}', id, '990101', '{}', now() FROM org LIMIT 1",
        [application],
    )
    for name, state, why, fails in (("a", "active", "", 5), ("b", "active", "", 6), ("c", "paused", "failing", 20)):
        owner.execute(add, [ids.new_uuid(), application, name, state, why, fails])
    try:
        found = examined(house)
    finally:
        owner.execute("DELETE FROM webhook")
        owner.execute("DELETE FROM application WHERE id = %s", [application])
    assert "webhook b " in found["webhook_failing"]["said"] and "webhook c " in found["webhook_paused"]["said"]


def test_old_sessions_and_rows_that_wait_for_an_official_text(house, owner):
    house.city.sign_in("clerk", fresh=True)
    with transaction() as conn:
        conn.execute(sa.update(session).values(seen_at=clock.real_now() - timedelta(days=30)))
    found = examined(house)
    assert "not used for" in found["sessions_old"]["said"]
    count = owner.execute("SELECT sum(n) FROM (SELECT count(*) n FROM duty_row WHERE NOT verified) x").fetchone()
    assert count is not None and "not verified" in found["unverified"]["said"]


def test_tables_of_another_version(house, owner):
    head = owner.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    try:
        for stands, what in (("0014", "tables_behind"), ("9999", "tables_newer")):
            owner.execute("UPDATE alembic_version SET version_num = %s", [stands])
            assert stands in examined(house, code=1)[what]["said"]
    finally:
        owner.execute("UPDATE alembic_version SET version_num = %s", [head])


def test_what_cannot_be_looked_at_is_a_finding(house, owner):
    owner.execute("ALTER TABLE outbox RENAME TO outbox_gone")
    try:
        assert "outbox" in examined(house, code=1)["not_checked"]["said"]
    finally:
        owner.execute("ALTER TABLE outbox_gone RENAME TO outbox")


def test_tables_that_belong_to_the_application(house, owner):
    """As with a database of one's own that has one role."""
    with psycopg.connect(house.node.engine.uri("gangmu_admin"), autocommit=True) as admin:
        admin.execute("GRANT gangmu_app TO gangmu_owner")
        admin.execute("ALTER TABLE journal_entry OWNER TO gangmu_app")
        try:
            assert "owner_uri" in examined(house)["owns_tables"]["said"]
        finally:
            admin.execute("ALTER TABLE journal_entry OWNER TO gangmu_owner")
            admin.execute("REVOKE gangmu_app FROM gangmu_owner")


class Folder:
    """Only a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder


def test_no_house_half_a_house_and_one_that_does_not_open(tmp_path):
    assert "no house" in examined(Folder(tmp_path / "nowhere"), code=1)["no_house"]["said"]
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "restoring.json").write_text("{}")
    assert "did not finish" in examined(Folder(tmp_path / "half"), code=1)["unfinished"]["said"]
    broken = tmp_path / "broken"
    (broken / "keys").mkdir(parents=True)
    (broken / "engine/postgres").mkdir(parents=True)
    (broken / "engine/postgres/PG_VERSION").write_text("9.6\n")
    if os.geteuid() == 0:
        shutil.chown(broken / "engine/postgres", 65534, 65534)
    found = examined(Folder(broken), code=1)
    assert "9.6" in found["does_not_open"]["said"]


def test_a_database_without_tables_and_an_old_server(server, tmp_path):
    make_database(server, "doctor_empty")
    try:
        folder = tmp_path / "new"
        (folder / "keys").mkdir(parents=True)
        uri = server.of(server.owner, "doctor_empty")
        (folder / "gangmu.toml").write_text(f'[database]\nuri = "{uri}"\n')
        found = examined(Folder(folder), code=1)
    finally:
        drop_database(server, "doctor_empty")
    assert "no tables" in found["tables_none"]["said"]


def test_every_finding_has_its_words():
    made: set[str] = set()
    for name in ("doctor.py", "doctor_folder.py", "doctor_rows.py", "findings.py"):
        text = (ROOT / "gangmu" / "care" / name).read_text("utf-8")
        made |= set(re.findall(r'\b(?:fault|warning|note|found)\(\s*"(\w+)"', text))
    told = (ROOT / "gangmu" / "locale" / "doctor.en.toml").read_text("utf-8")
    spoken = set(re.findall(r'"care\.doctor\.(\w+)"', told)) - {"well"}
    assert made | {"jobs_late", "timers_late", "link_silent", "link_stuck"} == spoken
