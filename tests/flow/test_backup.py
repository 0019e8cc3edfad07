"""A backup is taken under load, proven, restored elsewhere; what is damaged is named, what is half is not there."""

import json
import os
import random
import resource
import subprocess
import tarfile
import threading
import time
import tomllib
from base64 import b64encode
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gangmu import boot
from gangmu.base.access.store import session
from gangmu.care import archive
from gangmu.care.archive import Reader
from gangmu.care.backup import without_database
from gangmu.care.errors import Damaged, NoBackup
from gangmu.core.event.store import event as events
from gangmu.kit import files, http, jobs, journal, seal
from gangmu.kit.actor import System
from gangmu.kit.tables import file_row, journal_entry, setting_row
from gangmu.kit.unit import open_unit, transaction
from tests.conftest import drop_database, make_database
from tests.flow.kept_house import PASSPHRASE, apart, gangmu, in_english, kill_at, line, living

WRITERS = ("clerk", "hotline_operator", "clerk@there")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with living(tmp_path_factory.mktemp("kept") / "city") as kept:
        for n in range(3):
            kept.report(n=n)
        kept.city.settle()
        journal.seal_tail(kept.node.journal_folder)
        yield kept


@pytest.fixture(scope="module")
def passphrase(tmp_path_factory):
    path = tmp_path_factory.mktemp("secret") / "passphrase"
    path.write_text(PASSPHRASE + "\n")
    return path


@pytest.fixture(scope="module")
def backup(house, passphrase, tmp_path_factory):
    """A backup of the house at rest, with its keys."""
    to = tmp_path_factory.mktemp("backups") / "a.tar"
    done = gangmu("backup", "--data", house.folder, "--to", to, "--passphrase-file", passphrase, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["files"]["count"] >= 3 and told["keys"]["in"] and Path(told["file"]) == to
    return to


@pytest.mark.slow
def test_a_backup_under_load_holds_every_act_acknowledged_before(house, passphrase, tmp_path):
    acked: list[str] = []
    stop, lock = threading.Event(), threading.Lock()

    def write(who: str, first: int) -> None:
        n = first
        while not stop.is_set():
            n += 1
            event = house.report(who, n, division="990102000000" if "there" in who else "990101000000")
            with lock:
                acked.append(event["id"])

    for who in WRITERS:
        house.city.sign_in(who)
    worker = boot.worker(house.node)
    worker.start()
    writers = [threading.Thread(target=write, args=(who, 1000 * (n + 1))) for n, who in enumerate(WRITERS)]
    try:
        for one in writers:
            one.start()
        while len(acked) < 5:
            assert any(one.is_alive() for one in writers)
            time.sleep(0.05)
        before = list(acked)
        done = apart("backup", "--data", house.folder, "--to", tmp_path, "--passphrase-file", passphrase, "--json")
        reached = len(acked)
    finally:
        stop.set()
        for one in writers:
            one.join()
        worker.stop()
    assert done.returncode == 0, done.stderr
    file = json.loads(done.stdout)["file"]

    proven = gangmu("verify-backup", file, "--json")
    assert proven.returncode == 0, proven.stdout + proven.stderr
    new = tmp_path / "restored"
    made = gangmu("restore", file, "--data", new, "--passphrase-file", passphrase, "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["ok"] and told["keys"] and told["rows"] == json.loads(proven.stdout)["rows"]

    said = gangmu("journal", "verify", "--data", new, "--json")
    assert said.returncode == 0 and json.loads(said.stdout)["ok"], said.stdout
    with opened(new) as node:
        with node.unit() as unit:
            there = {str(row.id) for row in unit.rows(sa.select(events.c.id))}
            named = {row.digest for row in unit.rows(sa.select(file_row.c.digest))}
        assert set(before) <= there
        assert all((new / "files" / digest[:2] / digest[2:]).exists() for digest in named) and len(named) > 3
    assert reached > len(before), "nobody wrote meanwhile"


class opened:
    """Another house in this process for a while; afterwards the one before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self):
        self.before = (seal.keys(), files._root())
        self.node = boot.node(self.folder)
        return self.node.__enter__()

    def __exit__(self, *error) -> None:
        self.node.__exit__(*error)
        seal.use(self.before[0])
        files.use(self.before[1])
        http.shut(False)


def flipped(source: Path, target: Path, at: int) -> Path:
    body = bytearray(source.read_bytes())
    body[at] ^= 0x20
    target.write_bytes(body)
    return target


def reads(path: Path) -> None:
    with Reader(path) as found:
        found.check()


def test_a_flipped_byte_is_found_wherever_it_is_and_its_part_named(backup, tmp_path):
    with Reader(backup) as whole:
        whole.check()
        parts = [part for part in whole.parts.values() if not part.is_file] + whole.files()[:2]
    for part in parts:
        with pytest.raises(Damaged) as told:
            reads(flipped(backup, tmp_path / "flipped", part.at + part.size // 2))
        wanted = {"manifest.sig": "manifest.json"}.get(part.name, part.name)
        assert told.value.params["part"] == wanted
    size, dice = backup.stat().st_size, random.Random(7)
    for at in [*(dice.randrange(size) for _ in range(60)), 0, size - 1, *(part.at - 1 for part in parts)]:
        with pytest.raises((Damaged, NoBackup)):
            reads(flipped(backup, tmp_path / "flipped", at))


def test_a_cut_file_is_found_wherever_it_was_cut(backup, tmp_path):
    body, cut = backup.read_bytes(), tmp_path / "cut"
    with Reader(backup) as whole:
        ends = [part.at + part.size for part in whole.parts.values() if not part.is_file]
    for at in [1, 511, 512, *ends, len(body) - 1025, len(body) - 1]:
        cut.write_bytes(body[:at])
        with pytest.raises((Damaged, NoBackup)):
            reads(cut)


def test_a_missing_attachment_is_named(backup, tmp_path):
    less = tmp_path / "less.tar"
    with tarfile.open(backup) as source, tarfile.open(less, "w", format=tarfile.GNU_FORMAT) as target:
        gone = next(member for member in source if member.name.startswith("files/"))
        for member in source:
            if member.name != gone.name:
                target.addfile(member, source.extractfile(member))
    body = less.read_bytes().rstrip(b"\0")
    less.write_bytes(body + b"\0" * (-len(body) % 512) + b"\0" * 1024)
    done = gangmu("verify-backup", less, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1 and told["code"] == "care.damaged" and told["part"] == gone.name


def test_what_is_no_backup_is_said_in_one_line(tmp_path):
    (tmp_path / "x").write_text("hello")
    for path in (tmp_path / "x", tmp_path / "absent"):
        done = gangmu("verify-backup", path)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr


def test_a_lost_file_is_told_and_the_backup_is_taken_all_the_same(house, tmp_path):
    with transaction() as conn:
        digest = conn.execute(sa.select(file_row.c.digest).limit(1)).scalar()
    path = files.path_of(digest)
    aside = path.rename(tmp_path / "aside")
    try:
        done = gangmu("backup", "--data", house.folder, "--to", tmp_path / "a.tar", "--json")
    finally:
        aside.rename(path)
    assert done.returncode == 1 and json.loads(done.stdout)["files"]["lost"] == [digest]
    assert "WARNING" in done.stderr and "NOT in this backup" in done.stderr
    with Reader(tmp_path / "a.tar") as found:
        found.check()


def test_a_full_disk_is_one_line_and_leaves_no_file_of_that_name(house, tmp_path):
    small = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))}
    done = apart("backup", "--data", house.folder, "--to", tmp_path / "a.tar", **small)
    assert done.returncode == 2 and "is full" in done.stderr.splitlines()[-1], done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("when", ["database", "counting", "files"])
def test_a_backup_killed_half_way_is_not_there(house, tmp_path, when):
    to = tmp_path / "a.tar"
    kill_at(when, "backup", "--data", house.folder, "--to", to)
    left = list(tmp_path.iterdir())
    assert not to.exists() and [one.name for one in left] == [".a.tar.part"]
    with pytest.raises((Damaged, NoBackup)):
        reads(left[0])
    again = gangmu("backup", "--data", house.folder, "--to", to)
    assert again.returncode == 0 and [one.name for one in tmp_path.iterdir()] == ["a.tar"], again.stderr
    third = gangmu("backup", "--data", house.folder, "--to", to)
    assert third.returncode == 2 and "there already" in third.stderr


@pytest.mark.parametrize("when", ["database", "comparing"])
def test_a_restore_killed_half_way_is_no_house(house, backup, passphrase, tmp_path, when):
    new = tmp_path / "new"
    kill_at(when, "restore", backup, "--data", new, "--passphrase-file", passphrase)
    for command in (["journal", "verify"], ["up", "--port", "0"], ["backup", "--to", tmp_path / "x.tar"]):
        done = gangmu(*command, "--data", new)
        assert done.returncode == 2 and ("did not finish" in done.stderr or "no house" in done.stderr), done.stderr
    again = gangmu("restore", backup, "--data", new, "--passphrase-file", passphrase)
    assert again.returncode == 2 and "not empty" in again.stderr
    pids = new / "engine/postgres/postmaster.pid"
    until = time.monotonic() + 60
    while pids.exists() and Path(f"/proc/{pids.read_text().split()[0]}").exists():
        assert time.monotonic() < until, "the database outlived the restore"
        time.sleep(0.1)


def test_refusals_of_a_restore(house, backup, passphrase, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").write_text("x")
    wrong, other = tmp_path / "wrong", tmp_path / "keys"
    wrong.write_text("quite another passphrase\n")
    seal.Keys.load(other)
    for args, said in (
        (["--data", tmp_path / "full", "--passphrase-file", passphrase], "not empty"),
        (["--data", tmp_path / "a", "--passphrase-file", wrong], "do not open"),
        (["--data", tmp_path / "a", "--keys", other], "another house"),
    ):
        done = gangmu("restore", backup, *args)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and said in done.stderr, done.stderr
    assert not (tmp_path / "a").exists()
    wrong.write_text("short\n")
    assert "longer" in gangmu("backup", "--data", house.folder, "--to", tmp_path, "--passphrase-file", wrong).stderr


def signed_anew(source: Path, target: Path, signer: Ed25519PrivateKey) -> Path:
    """A forged backup: what it holds is the forger's, and so is the key that it names."""
    with Reader(source) as found, target.open("wb") as out:
        told = {
            **found.manifest,
            "keys": {**found.manifest["keys"], "signer": signer.public_key().public_bytes_raw().hex()},
        }
        body = json.dumps(told).encode()
        anew = {"manifest.json": body, "manifest.sig": b64encode(signer.sign(body))}
        for part in found.parts.values():
            content = anew.get(part.name) or found.read(part.name)
            out.write(archive._header(part.name, len(content)) + content + b"\0" * (-len(content) % archive.BLOCK))
        out.write(archive.END)
    return target


def test_a_backup_that_somebody_else_has_signed_is_found_by_the_right_key(house, backup, passphrase, tmp_path):
    right, shown = house.folder / "keys" / "signer.pub", tmp_path / "right"
    forger = Ed25519PrivateKey.generate()
    forged = signed_anew(backup, tmp_path / "forged.tar", forger)
    reads(forged)  # whole, by whoever holds the key that it names
    done = gangmu("verify-backup", forged, "--key", right, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1 and told["code"] == "care.other_signer", done.stdout
    assert told["key"] == forger.public_key().public_bytes_raw().hex()
    done = gangmu("verify-backup", backup, "--key", tmp_path / "absent.pub")
    assert done.returncode == 2 and "is no public key" in done.stderr
    shown.write_text(right.read_bytes().hex() + "\n")
    done = gangmu("verify-backup", backup, "--key", shown)
    assert done.returncode == 0 and f"key {right.read_bytes().hex()} (as given)" in done.stdout, done.stderr

    # the keys of the house do not open it as its own: neither those inside, nor those of a folder, nor half of them
    kept, half = house.folder / "keys", tmp_path / "half"
    seal.Keys.load(half)
    (half / "master").write_bytes((kept / "master").read_bytes())
    for file, *keys in ((forged, "--passphrase-file", passphrase), (forged, "--keys", kept), (backup, "--keys", half)):
        done = gangmu("restore", file, "--data", tmp_path / "new", *keys)
        assert done.returncode == 2 and "another house" in done.stderr and not (tmp_path / "new").exists(), done.stderr


def test_without_keys_the_house_waits_for_them(house, backup, tmp_path):
    new = tmp_path / "new"
    done = gangmu("restore", backup, "--data", new)
    assert done.returncode == 0 and "put them into" in done.stderr
    waits = gangmu("journal", "verify", "--data", new)
    assert waits.returncode == 2 and "keys of this house" in waits.stderr and not (new / "keys/master").exists()
    for name in ("master", "signer"):
        (new / "keys" / name).write_bytes((house.folder / "keys" / name).read_bytes())
    with opened(new) as node, node.unit() as unit:
        assert unit.value(sa.select(sa.func.count()).select_from(events)) >= 3


@jobs.timer("backup.test")
def _count(unit, about, token, payload):
    """A timer of this test: counts how often it fired."""
    more = setting_row.c.value.op("||")(sa.text("'[1]'::jsonb"))
    unit.run(sa.update(setting_row).where(setting_row.c.name == about).values(value=more))


def test_sessions_end_timers_fire_once_and_a_copy_calls_nobody(house, passphrase, tmp_path):
    with open_unit(System("test"), "test") as unit:
        unit.run(sa.insert(setting_row), {"name": "backup.test", "value": [], "changed_at": unit.now})
        unit.at(unit.now, "backup.test", "backup.test")
    house.city.sign_in("clerk", fresh=True)
    to = tmp_path / "a.tar"
    assert gangmu("backup", "--data", house.folder, "--to", to, "--passphrase-file", passphrase).returncode == 0
    new = tmp_path / "new"
    done = gangmu("restore", to, "--data", new, "--passphrase-file", passphrase, "--as-copy", "--json")
    told = json.loads(done.stdout)
    assert told["copy"] and told["sessions_ended"] >= 1
    with opened(new) as node:
        with node.unit() as unit:
            assert unit.value(sa.select(sa.func.count()).select_from(session)) == 0
        jobs.settle()
        jobs.settle()
        with node.unit() as unit:
            assert unit.value(sa.select(setting_row.c.value).where(setting_row.c.name == "backup.test")) == [1]
            newest = sa.select(journal_entry.c.body).order_by(journal_entry.c.id.desc()).limit(50)
            assert any(b'"do":"restore"' in bytes(row.body) for row in unit.rows(newest))
        with http.Client("http://127.0.0.1:9/") as client, pytest.raises(http.IsCopy):
            client.post("x", {})
    with open_unit(System("test"), "test") as unit:
        unit.run(sa.delete(setting_row).where(setting_row.c.name == "backup.test"))


def test_into_a_postgresql_of_ones_own(server, house, backup, passphrase, tmp_path):
    name = f"restored_{uuid4().hex[:8]}"
    make_database(server, name)
    try:
        new = tmp_path / "new"
        new.mkdir()
        app, owner = server.of(server.app, name), server.of(server.owner, name)
        (new / "gangmu.toml").write_text(f'[database]\nuri = "{app}"\nowner_uri = "{owner}"\n')
        done = gangmu("restore", backup, "--data", new, "--passphrase-file", passphrase, "--json")
        assert done.returncode == 0, done.stderr
        assert not (new / "engine").exists() and json.loads(done.stdout)["files"] >= 3
        said = gangmu("journal", "verify", "--data", new, "--json")
        assert json.loads(said.stdout)["ok"]
        with psycopg.connect(app) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM journal_entry")
        other = tmp_path / "other"
        other.mkdir()
        (other / "gangmu.toml").write_text((new / "gangmu.toml").read_text())
        again = gangmu("restore", backup, "--data", other, "--passphrase-file", passphrase)
        assert again.returncode == 2 and "not empty" in again.stderr
    finally:
        drop_database(server, name)


SETTINGS = """# the password is secret
title = "城 \\"甲\\" \\u007f"
[engine]
port = 0
shared_buffers_mb = 32
durable = false

[access]
idle_minutes = 9
notice = '''
[database]
is none'''
ratio = 1.5
since = 2026-01-02T03:04:05+08:00
hosts = ["a", "b"]
more = {x = 1, "y z" = [true]}
"""
NAMED = (
    'database = {uri = "postgresql://a:secret@h/x"}\n',
    'database.uri = "postgresql://a:secret@h/x"\n',
    '[database] # secret\nuri = """\n[engine]\nsecret"""\n',
    '["database"]\nuri = "secret"\n',
)


@pytest.mark.parametrize("named", NAMED)
def test_where_the_database_was_does_not_come_along_and_everything_else_does(named):
    text = SETTINGS + named if named.startswith("[") else named + SETTINGS
    kept, left_out = without_database(text)
    assert "secret" not in kept and left_out == ["database.uri"]
    assert tomllib.loads(kept) == tomllib.loads(SETTINGS)


def test_settings_that_name_no_database_come_along_as_they_are():
    assert without_database(SETTINGS) == (SETTINGS, [])
    text = '[engine]\nport = 0\n\n[database]\nuri = "postgresql://a:secret@h/x"\n\n[access]\nidle_minutes = 9\n'
    assert without_database(text)[0] == "[engine]\nport = 0\n\n[access]\nidle_minutes = 9\n"


def test_what_was_left_out_of_a_backup_is_said_loudly(house, tmp_path):
    """``uri`` unset and set to nothing are the same: the house has a database of its own."""
    settings = house.folder / "gangmu.toml"
    before = settings.read_text()
    settings.write_text('database = {uri = ""}\n' + before)
    try:
        done = gangmu("backup", "--data", house.folder, "--to", tmp_path / "a.tar", "--json")
    finally:
        settings.write_text(before)
    assert done.returncode == 0 and "WARNING: database.uri" in done.stderr, done.stderr
    assert json.loads(done.stdout)["left_out"] == ["database.uri"]
    with Reader(tmp_path / "a.tar") as found:
        assert tomllib.loads(found.read("folder/gangmu.toml").decode()) == tomllib.loads(before)


def test_a_house_must_be_there(tmp_path):
    done = gangmu("backup", "--data", tmp_path / "nowhere", "--to", tmp_path / "a.tar")
    assert done.returncode == 2 and "no house" in done.stderr and not (tmp_path / "nowhere").exists()


def test_two_backups_to_one_file_do_not_mix(house, tmp_path):
    to = tmp_path / "a.tar"
    both = [
        subprocess.Popen(
            line("backup", "--data", house.folder, "--to", to),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **in_english({}),
        )
        for _ in range(2)
    ]
    assert sorted(one.wait() for one in both) == [0, 2]
    reads(to)
    assert os.stat(to).st_mode & 0o777 == 0o600
