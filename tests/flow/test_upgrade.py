"""From the first landed house to this one, on filled tables, and back: known beforehand, proven afterwards."""

import fcntl
import json
import os
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from gangmu import boot
from gangmu.base.org.store import person
from gangmu.core.event.store import event
from gangmu.kit import clock, files, http, journal, seal
from gangmu.kit.unit import transaction
from gangmu.migrations import runner, steps
from tests.city import Browser
from tests.flow.kept_house import SMALL, Kept, gangmu

ROWS = Path(__file__).with_name("first_house.sql")
FIRST = "0014"
MASTER = "8176326e06f7b5fd0a601da8d470eef4660ee142761ebdc0e6d8b2e0505a2406d5033c37db96692d913c62e5270dcdd5"


@pytest.fixture
def first(tmp_path):
    """The folder of a house as the first version left it, stopped."""
    folder = tmp_path / "city"
    (folder / "keys").mkdir(parents=True)
    os.chmod(folder, 0o711)
    (folder / "gangmu.toml").write_text(SMALL)
    (folder / "keys" / "master").write_bytes(bytes.fromhex(MASTER))
    before = (seal._keys, files._folder)
    boot.settings.read_file(folder / "gangmu.toml")
    with boot.open_engine(folder) as running:
        runner.up(running.uri_owner, FIRST)
        with psycopg.connect(running.uri_owner, autocommit=True) as conn:
            conn.execute(ROWS.read_bytes())
        boot.use_folder(folder)
        with boot.open_database(running.uri_app):
            while journal.seal_tail(folder / "journal"):
                pass
    seal._keys, files._folder = before
    return folder


class started:
    """The engine of a folder for a look, as its owner."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self):
        boot.settings.read_file(self.folder / "gangmu.toml")
        self.running = boot.open_engine(self.folder)
        self.uri = self.running.__enter__().uri_owner
        return self

    def __exit__(self, *error) -> None:
        self.running.__exit__(*error)
        boot.settings.read_file(self.folder / "nowhere.toml")

    def value(self, query: str):
        with psycopg.connect(self.uri, autocommit=True) as conn:
            return conn.execute(query.encode()).fetchone()[0]


def upgrade(folder: Path, *args, code: int = 0):
    done = gangmu("upgrade", "--data", folder, "--json", *args)
    assert done.returncode == code, done.stderr + done.stdout
    return (json.loads(done.stdout) if done.stdout else {}), done.stderr


@pytest.mark.slow
def test_from_the_first_house_to_this_one_and_back(first, tmp_path):
    # --- before: everything is told, nothing is changed
    plan, said = upgrade(first, "--check")
    assert (plan["stands"], plan["newest"], plan["done"]) == (FIRST, runner.head(), False)
    coming = [step["revision"] for step in plan["steps"]]
    assert coming[0] == "0015" and coming[-1] == runner.head() and coming == sorted(coming)
    accounts = next(step for step in plan["steps"] if step["revision"] == "0015")
    assert {"account", "session"} <= set(accounts["locks"]) and "application" in accounts["added"]
    assert "account.number" in accounts["added"] and accounts["kind"] == "expand" and "0015" in said
    with started(first) as look:
        assert look.value("SELECT version_num FROM alembic_version") == FIRST
        rows = look.value("SELECT count(*) FROM event"), look.value("SELECT count(*) FROM journal_entry")
    assert rows[0] == 3 and rows[1] > 20

    # --- forward, with a backup that restores
    done, _ = upgrade(first, "--backup-to", tmp_path / "backups")
    assert done["done"] and done["to"] == runner.head() and done["from"] == FIRST
    proven = gangmu("verify-backup", done["backup"], "--json")
    assert proven.returncode == 0 and json.loads(proven.stdout)["revision"] == FIRST, proven.stdout
    assert upgrade(first)[0]["done"] is False  # nothing to do any more
    said = gangmu("journal", "verify", "--data", first, "--json")
    assert json.loads(said.stdout)["ok"], said.stdout

    # --- everything can be read, by the people who were there
    before = (seal._keys, files._folder)
    with boot.node(first) as node:
        clerk = Browser(boot.make_app()).sign_in("clerk")
        with node.unit() as unit:
            there = [{"id": str(row.id)} for row in unit.rows(sa.select(event.c.id))]
        listed = [clerk.sees(one) for one in there]
        assert {one["state"] for one in listed} == {"closed", "dept_confirmed", "received"}
        for one in listed:
            assert clerk.sees(one)["title"] and clerk.get(f"/api/events/{one['id']}/reports").json()["items"]
        with node.unit() as unit:
            some = unit.one(sa.select(person).where(person.c.phone.is_not(None)).limit(1))
            assert (unit.unseal(some.id, some.phone) or "").startswith("1")
        kept = Kept(node, None)  # type: ignore[arg-type]
        assert gangmu("upgrade", "--data", kept.folder).returncode == 2  # somebody is at work
    seal._keys, files._folder = before
    http.shut(False)

    # --- back: what would be lost is named, and is not lost by mistake
    told, said = upgrade(first, "--back", "--check")
    assert told["to"] == FIRST and told["lost"] and "WOULD BE LOST" in said
    lost = {what for what, _ in told["lost"]}
    assert not lost & {"event", "report", "journal_entry", "person"}
    refused, said = upgrade(first, "--back", code=2)
    assert refused == {} and "--yes" in said
    with started(first) as look:
        assert look.value("SELECT version_num FROM alembic_version") == runner.head()
    done, _ = upgrade(first, "--back", "--yes", "--no-backup")
    assert (done["from"], done["to"]) == (runner.head(), FIRST)
    with started(first) as look:
        assert look.value("SELECT version_num FROM alembic_version") == FIRST
        assert look.value("SELECT count(*) FROM event") == 3
        assert look.value("SELECT count(*) FROM information_schema.columns WHERE column_name = 'number'") < 5
    assert "no upgrade" in upgrade(first, "--back", code=2)[1].lower()

    # --- and forward once more
    assert upgrade(first, "--no-backup")[0]["to"] == runner.head()


@pytest.mark.slow
def test_back_to_the_backup_in_place(first, tmp_path):
    """Exactly as it was: what was done since is set aside, told beforehand, and deleted by nobody."""
    upgrade(first, "--backup-to", tmp_path / "backups")
    before = (seal._keys, files._folder)
    with boot.node(first) as node:
        clerk = Browser(boot.make_app()).sign_in("clerk")
        division = clerk.get("/api/events").json()["items"][0]["division"]
        body = {"channel": "patrol", "text": "升级之后的一件", "division": division}
        answer = clerk.post("/api/reports", json=body, headers={"Idempotency-Key": "since-the-upgrade"})
        assert answer.status_code == 201, answer.text
        assert gangmu("upgrade", "--data", first, "--back", "--from-backup", "--yes").returncode == 2  # at work
        assert node.folder == first
    seal._keys, files._folder = before
    http.shut(False)

    # --- told, and not done by mistake
    told, _ = upgrade(first, "--back", "--from-backup", "--check")
    assert (told["done"], told["to"], told["events_since"]) == (False, FIRST, 1) and told["entries_since"] > 1
    assert "set aside" in upgrade(first, "--back", "--from-backup", code=2)[1]
    assert "--back" in upgrade(first, "--from-backup", code=2)[1]
    assert not (first / "going-back.json").exists() and not list(first.glob("before-going-back-*"))

    # --- a backup that is not whole changes nothing
    (file,) = (tmp_path / "backups").glob("*.tar")
    whole = file.read_bytes()
    at = len(whole) // 2
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    assert upgrade(first, "--back", "--from-backup", "--yes", code=2)[0] == {}
    file.unlink()
    assert "not there any more" in upgrade(first, "--back", "--from-backup", "--yes", code=2)[1]
    file.write_bytes(whole)
    with started(first) as look:
        assert look.value("SELECT count(*) FROM event") == 4

    # --- stopped while folders change places: it does not start, and the same command goes on
    done, _ = upgrade(first, "--back", "--from-backup", "--yes")
    assert done["done"] and done["to"] == FIRST and done["events_since"] == 1
    aside = Path(done["aside"])
    (first / ".going-back").mkdir()
    (first / "engine").rename(first / ".going-back" / "engine")
    (aside / "engine").rename(first / "engine")
    (first / "going-back.json").write_text(json.dumps({**done, "aside": aside.name}))
    assert "goes on where it stood" in gangmu("up", "--data", first, "--port", "0").stderr
    assert "did not finish" in gangmu("doctor", "--data", first, "--port", "0").stdout
    assert upgrade(first, "--back", "--from-backup")[0]["aside"] == str(aside)

    # --- as it was, and it works on
    with started(first) as look:
        assert look.value("SELECT version_num FROM alembic_version") == FIRST
        assert look.value("SELECT count(*) FROM event") == 3
    assert str(aside) in gangmu("doctor", "--data", first, "--port", "0").stdout
    assert "no upgrade" in upgrade(first, "--back", "--from-backup", code=2)[1].lower()
    with started(aside) as look:  # nothing is lost that was set aside
        assert look.value("SELECT count(*) FROM event") == 4
    assert upgrade(first)[0]["to"] == runner.head()
    said = gangmu("journal", "verify", "--data", first, "--json")
    assert json.loads(said.stdout)["ok"], said.stdout


def test_an_upgrade_wants_a_backup_and_room(first):
    assert "gangmu backup" in upgrade(first, "--no-backup", code=2)[1]
    told, file = {"taken_at": "2020-01-01T00:00:00+00:00", "file": str(first / "x.tar"), "keys": True}, first / "x.tar"
    file.touch()
    (first / "last-backup.json").write_text(json.dumps(told))
    assert "younger" in upgrade(first, "--no-backup", code=2)[1]
    file.unlink()
    (first / "last-backup.json").write_text(json.dumps({**told, "taken_at": clock.real_now().isoformat()}))
    assert "still where" in upgrade(first, "--no-backup", code=2)[1]  # young enough, and thrown away
    (first / "up.json").write_text('{"pid": 7, "address": ""}')
    with (first / "up.json").open("r") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "process 7" in upgrade(first, code=2)[1]
    with started(first) as look:
        assert look.value("SELECT version_num FROM alembic_version") == FIRST


def test_what_a_way_back_loses_is_counted(city, database):
    """Rows of tables that go, values in columns that go; what only repeats the default is nothing."""
    city.report()
    with transaction() as conn:
        conn.execute(sa.text("UPDATE account SET number = 'A7' WHERE username = 'clerk'"))
    lost = {one.what: one.rows for one in steps.lost_on_the_way_back(database.uri_owner, FIRST)}
    assert lost["account.number"] == 1 and "session.ticket" not in lost
    assert runner.current(database.uri_owner) == runner.head() and steps.waiting(database.uri_owner) == []
    with transaction() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(event)).scalar() == 1
