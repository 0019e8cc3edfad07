"""A PostgreSQL that is there already, named by its address."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from gangmu.kit.engine import Options, account, by_settings, errors, started, use
from gangmu.kit.text import t

DEBIAN = Path("/usr/lib/postgresql")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with started(tmp_path_factory.mktemp("existing"), Options.for_tests()) as engine:
        yield engine


def test_an_address_replaces_the_embedded_engine(engine):
    found = use(engine.uri_app.replace("postgresql://", "postgresql+psycopg://"), engine.uri_owner)
    assert found.is_alive() and found.version.startswith("18")
    assert (found.uri_app, found.uri_owner) == (engine.uri_app, engine.uri_owner)
    assert not found.stop() and engine.is_alive()


def test_what_its_owner_makes_the_application_may_use_but_not_change(engine):
    with psycopg.connect(engine.uri_admin, autocommit=True) as admin:
        admin.execute("create database of_another owner gangmu_owner")
    app, owner = engine.uri("gangmu_app", "of_another"), engine.uri("gangmu_owner", "of_another")
    use(app, owner)
    with psycopg.connect(owner, autocommit=True) as conn:
        conn.execute("create table made (a int)")
    with psycopg.connect(app, autocommit=True) as conn:
        conn.execute("insert into made values (1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("drop table made")


def test_the_settings_choose_it(engine, tmp_path, monkeypatch):
    monkeypatch.setenv("GANGMU_DATABASE__URI", engine.uri_app)
    found = by_settings(tmp_path)
    assert found.uri_app == engine.uri_app and not list(tmp_path.iterdir())


def test_an_old_server_is_refused(engine):
    with pytest.raises(errors.TooOld) as told:
        use(engine.uri_app, oldest=99)
    assert "99" in t(told.value.code, "en", **told.value.params)


def test_another_encoding_is_refused(engine):
    with psycopg.connect(engine.uri_admin, autocommit=True) as admin:
        admin.execute("create database latin encoding 'LATIN1' locale 'C' locale_provider libc template template0")
    with pytest.raises(errors.WrongEncoding) as told:
        use(engine.uri("gangmu_admin", "latin"))
    assert told.value.params == {"found": "LATIN1"}


def test_a_server_that_does_not_answer_is_told_without_the_password(engine):
    wrong = engine.uri_app.replace("gangmu_app:", "gangmu_app:secret")
    for uri in (wrong, "postgresql://gangmu_app:secret@127.0.0.1:9/gangmu", "postgresql://a:secret@[nowhere/x"):
        with pytest.raises(errors.Unreachable) as told:
            use(uri)
        assert "secret" not in str(told.value) and "\n" not in told.value.params["reason"]


def test_debians_postgresql_15_will_do():
    """The oldest that is promised, where the machine has it."""
    installed = sorted(DEBIAN.glob("15/bin/initdb")) if DEBIAN.exists() else []
    if not installed:
        pytest.skip("PostgreSQL 15 is not on this machine (Debian: apt-get install postgresql-15)")
    tools, place = installed[0].parent, Path(tempfile.mkdtemp(prefix="gangmu-15-", dir="/tmp"))
    runs_as = account.choose(place / "none", "gangmu")
    try:
        shutil.chown(place, runs_as.uid, runs_as.gid)
        home = {"cwd": place, "env": {"LC_ALL": "C"}, **runs_as.spawn()}
        command = [tools / "initdb", "-D", place / "pg", "-U", "owner", "-E", "UTF8", "--locale=C", "-A", "trust", "-N"]
        subprocess.run(command, check=True, capture_output=True, **home)
        command = [tools / "pg_ctl", "-D", place / "pg", "-w", "-l", place / "log"]
        subprocess.run([*command, "-o", f"-h '' -k {place} -F", "start"], check=True, stdout=subprocess.DEVNULL, **home)
        try:
            assert use(f"postgresql://owner@/postgres?host={place}").version.startswith("15")
        finally:
            subprocess.run([*command, "-m", "fast", "stop"], check=True, stdout=subprocess.DEVNULL, **home)
    finally:
        shutil.rmtree(place)
