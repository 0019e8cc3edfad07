"""What kind of city a folder holds, and who may have it founded anew: only a marked one, by whom the settings name."""

import json

import pytest

from gangmu.base import city as kinds
from gangmu.base.city.service import RUNS, WISH
from gangmu.faces.cli import _demo
from gangmu.faces.cli._errors import NotInvented, OtherMark, OwnDatabase
from gangmu.faces.cli._given import Given
from gangmu.kit import files, settings
from tests.flow.ground import key


@pytest.fixture
def folder():
    """The data folder of this node; nobody runs it."""
    found = files.folder().parent
    yield found
    for name in (RUNS, WISH):
        (found / name).unlink(missing_ok=True)


def reset(city, who, expect):
    answer = city.sign_in(who).post("/api/city/reset", headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def runs(folder):
    (folder / RUNS).write_text(json.dumps({"pid": 1, "address": "http://127.0.0.1:1"}))


def test_a_real_city_is_never_founded_anew(city, folder):
    runs(folder)
    session = city.sign_in("system_admin").get("/api/session").json()
    assert session["city"] == "real" and not session["may_reset"]
    assert reset(city, "system_admin", 403)["code"] == "city.not_for_reset"
    assert not (folder / WISH).exists() and kinds.scores_people()


def test_anybody_founds_the_demo_anew(city, folder, monkeypatch):
    monkeypatch.setenv("GANGMU_CITY__DEMO", "true")
    assert city.sign_in("clerk").get("/api/session").json()["may_reset"]
    assert reset(city, "clerk", 409)["code"] == "city.nobody_to_reset"
    runs(folder)
    assert reset(city, "clerk", 202)["kind"] == "demo"
    assert (folder / WISH).exists()


def test_only_administrators_do_where_the_settings_say_so(city, folder, monkeypatch):
    monkeypatch.setenv("GANGMU_CITY__PRACTICE", "true")
    monkeypatch.setenv("GANGMU_CITY__RESET_BY", "administrators")
    runs(folder)
    assert not city.sign_in("clerk").get("/api/session").json()["may_reset"]
    reset(city, "clerk", 403)
    assert reset(city, "system_admin", 202)["kind"] == "practice"


def test_practice_scores_nobody_and_says_so_before_signing_in(city, monkeypatch):
    monkeypatch.setenv("GANGMU_CITY__PRACTICE", "true")
    monkeypatch.setenv("GANGMU_CITY__DEMO", "true")
    assert kinds.kind() is kinds.Kind.practice and not kinds.scores_people()
    assert city.sign_in("clerk").get("/api/sign-in").json()["city"] == "practice"


def test_a_folder_is_marked_and_its_settings_stay(tmp_path):
    (tmp_path / "gangmu.toml").write_text("[access]\nidle_minutes = 5\n")
    _demo.mark(tmp_path, "practice")
    _demo.mark(tmp_path, "practice")
    assert _demo.kind_of(tmp_path) == "practice"
    before = settings._file
    try:
        settings.read_file(tmp_path / "gangmu.toml")
        assert settings._file == {"access": {"idle_minutes": 5}, "city": {"practice": True}}
    finally:
        settings._file = before
    given = Given(tmp_path, "", 0, "demo")
    with pytest.raises(OtherMark):
        _demo.checked(given)
    assert _demo.checked(Given(tmp_path, "", 0, "")) == "practice"


def test_nothing_is_taken_from_a_folder_without_the_mark(tmp_path):
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "rows").write_text("of a real city")
    for said in ("", "[city]\ndemo = false\n", "[city]\nreset_by = 'anybody'\n", "not toml ="):
        (tmp_path / "gangmu.toml").write_text(said)
        with pytest.raises(NotInvented):
            _demo.empty(tmp_path)
    assert (tmp_path / "engine" / "rows").exists()


def test_what_is_taken_is_what_a_node_keeps(tmp_path):
    for name in ("engine", "files", "journal", "keys", "demo", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one").write_text("x")
    _demo.mark(tmp_path, "demo")
    _demo.wish(tmp_path)
    before = settings._file
    try:
        _demo.empty(tmp_path)
    finally:
        settings._file = before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["gangmu.toml", "mine"]
    assert _demo.kind_of(tmp_path) == "demo" and not _demo.is_wished(tmp_path)


def test_rows_in_somebody_elses_database_are_left(tmp_path):
    (tmp_path / "keys").mkdir()
    _demo.mark(tmp_path, "demo")
    before = settings._file
    try:
        with pytest.raises(OwnDatabase):
            _demo.empty(tmp_path)
    finally:
        settings._file = before
    assert (tmp_path / "keys").exists()
