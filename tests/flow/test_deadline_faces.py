"""Calendars and deadlines over HTTP and on the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from gangmu.faces.cli import run

START = "2026-09-18T17:00"


def fresh() -> dict[str, str]:
    return {"idempotency-key": uuid4().hex}


def test_anyone_signed_in_may_work_out_a_deadline(city):
    clerk = city.sign_in("clerk")
    body = {"start": START, "limit": "4h", "suspend": [{"from": "2026-09-20T09:00", "to": "2026-09-20T10:00"}]}
    answer = clerk.post("/api/deadline/compute", json=body, headers=fresh())
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["due_at"] == "2026-09-20T12:00:00+08:00" and told["calendar_version"] == 1
    assert [step["kind"] for step in told["steps"]] == ["count", "skip", "count", "skip", "count"]
    assert told["steps"][3]["from"] == "2026-09-20T09:00:00+08:00" and told["steps"][3]["why"] == "suspended"
    assert told["summary"].startswith("2026-09-18 Fri 17:00 + 4 working hours")


WRONG = [
    ({"limit": "soon"}, "deadline.limit_unreadable"),
    ({"start": "now"}, "invalid"),
    ({"start": "9999-12-31T23:59"}, "invalid"),
    ({"calendar": "atlantis"}, "calendar.not_found"),
    ({"suspend": [{"from": "2026-09-20T09:00", "to": "2026-09-19T09:00"}]}, "invalid"),
    ({"limit": "3660d", "extensions": 10}, "deadline.never_due"),
    ({"limit": "15d@nowhere"}, "deadline.limit_unreadable"),
]


def test_what_cannot_be_worked_out_is_a_clear_problem(city):
    clerk = city.sign_in("clerk")
    for change, code in WRONG:
        answer = clerk.post("/api/deadline/compute", json={"start": START, "limit": "4h", **change}, headers=fresh())
        assert answer.status_code in (404, 422) and answer.json()["code"] == code, answer.text
        assert answer.json()["title"] not in ("", code)


def test_a_very_long_span_is_told_without_its_steps(city):
    answer = city.sign_in("clerk").post(
        "/api/deadline/compute", json={"start": START, "limit": "1500d"}, headers=fresh()
    )
    assert answer.json()["steps_left_out"] and answer.json()["steps"] == []


def test_a_calendar_is_seen_by_all_and_changed_by_its_keeper(city):
    clerk, keeper = city.sign_in("clerk"), city.sign_in("data_steward")
    listed = {row["name"]: row for row in clerk.get("/api/calendars").json()["items"]}
    assert listed["cn"]["years"][-1] == 2026 and listed["plain"]["years"] is None
    body = {"version": 1, "working": False, "name": "市里放假", "source": "市政府通知"}
    path = "/api/calendars/cn/days/2026-12-31"
    assert clerk.put(path, json=body, headers=fresh()).status_code == 403
    changed = keeper.put(path, json=body, headers=fresh())
    assert changed.status_code == 200 and changed.json()["version"] == 2, changed.text
    stale = keeper.put(path, json={**body, "name": "二"}, headers=fresh())
    assert stale.status_code == 409 and stale.json()["code"] == "stale_write"
    year = clerk.get("/api/calendars/cn/year/2026").json()
    assert (year["version"], year["known"], len(year["days"])) == (2, True, 365)
    last = year["days"][-1]
    assert (last["why"], last["name"], last["working"], last["is_row"]) == ("holiday", "市里放假", False, True)
    old = clerk.get("/api/calendars/cn/year/2026", params={"version": 1}).json()
    assert old["days"][-1]["why"] == "working"
    assert not clerk.get("/api/calendars/cn/year/2027").json()["known"]
    dropped = keeper.delete(path, params={"version": 2}, headers=fresh())
    assert dropped.json()["version"] == 3
    assert [row["version"] for row in clerk.get("/api/calendars/cn/versions").json()["items"]] == [3, 2, 1]


def test_a_year_hours_and_a_calendar_of_ones_own(city):
    keeper = city.sign_in("data_steward")
    made = keeper.post("/api/calendars", json={"name": "district", "based_on": "cn", "title": "区"}, headers=fresh())
    assert made.status_code == 201 and made.json()["version"] == 1, made.text
    again = keeper.post("/api/calendars", json={"name": "district", "based_on": "cn"}, headers=fresh())
    assert again.status_code == 409
    notice = {
        "version": 1,
        "source": "国务院办公厅通知",
        "off": [{"name": "元旦", "first": "2027-01-01", "last": "2027-01-03"}],
        "work": ["2026-12-26"],
    }
    published = keeper.put("/api/calendars/district/years/2027", json=notice, headers=fresh())
    assert published.status_code == 200 and 2027 in published.json()["years"], published.text
    hours = {
        "version": 2,
        "hours": "09:00-12:00,13:00-17:00",
        "week": [True] * 5 + [False] * 2,
        "season_hours": [{"title": "夏季", "season": "05-01..09-30", "hours": "08:00-12:00,15:00-18:00"}],
        "day_hours": 7,
    }
    assert keeper.put("/api/calendars/district/hours", json=hours, headers=fresh()).json()["version"] == 3
    for wrong in ({"hours": "9-5"}, {"season_hours": [{"season": "summer", "hours": "09:00-12:00"}]}):
        bad = keeper.put("/api/calendars/district/hours", json={**hours, "version": 3, **wrong}, headers=fresh())
        assert bad.status_code == 422 and bad.json()["code"] == "calendar.unreadable", bad.text
    told = keeper.post(
        "/api/deadline/compute",
        json={"start": "2026-12-25T16:00", "limit": "1d", "calendar": "district"},
        headers=fresh(),
    ).json()
    assert told["due_at"] == "2026-12-26T16:00:00+08:00" and not told["provisional"]
    assert keeper.get("/api/calendars/district").json()["season_hours"][0]["title"] == "夏季"
    assert keeper.get("/api/calendars/atlantis").status_code == 404


def gangmu(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    plain = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "GANGMU_LANG": "en", **env}
    here = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-m", "gangmu", *args], capture_output=True, text=True, env=plain, cwd=here, timeout=120
    )


def test_the_command_needs_no_database(tmp_path):
    told = gangmu("deadline", "compute", "--start", START, "--limit", "4h", "--calendar", "cn", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout.splitlines()[-1])["due_at"] == "2026-09-20T11:00:00+08:00"
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"name": "mine", "zone": "America/New_York", "hours": "09:00-17:00"}), "utf-8")
    there = gangmu("deadline", "compute", "--start", START, "--limit", "1d", "--calendar", str(file), "--json")
    assert json.loads(there.stdout)["due_at"] == "2026-09-21T17:00:00-04:00"
    words = gangmu("deadline", "compute", "--start", START, "--limit", "4h", GANGMU_LANG="zh-CN")
    assert "截止 2026-09-20 周日 11:00" in words.stdout


@pytest.mark.parametrize(
    "args",
    [
        ["--start", START, "--limit", "4x"],
        ["--start", START, "--limit", ""],
        ["--start", "yesterday", "--limit", "4h"],
        ["--start", START, "--limit", "4h", "--calendar", "nope"],
        ["--start", START, "--limit", "4h", "--calendar", "./nope.toml"],
        ["--start", START, "--limit", "4h", "--suspend", "2026-09-20"],
        ["--start", START, "--limit", "4h", "--extend", "99"],
        ["--limit", "4h"],
        [],
    ],
)
def test_a_wrong_command_is_one_line_and_exit_code_2(args: list[str], capsys):
    assert run(["deadline", "compute", *args]) == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.strip().splitlines()) == 1 and "Traceback" not in said.err


def test_the_deadlines_of_an_event_are_explained_on_the_command_line(city, db, capsys, monkeypatch):
    event = city.report("clerk")
    monkeypatch.setenv("GANGMU_DATABASE__URI", db.uri_owner)
    for name in (event["id"], event["case_no"]):
        assert run(["--lang", "en", "deadline", "explain", name, "--data", str(db.folder), "--json"]) == 0
        told = json.loads(capsys.readouterr().out.splitlines()[-1])
        (one,) = told["explanations"]
        assert (told["case_no"], one["stage"], one["kind"]) == (event["case_no"], "accept", "um")
        assert sum(step["counted_s"] for step in one["steps"]) == 15 * 60
    assert run(["--lang", "zh-CN", "deadline", "explain", event["id"], "--data", str(db.folder)]) == 0
    assert "计 15 分钟：连续计时" in capsys.readouterr().out
    assert run(["deadline", "explain", "000000-20260101-000001", "--data", str(db.folder)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
