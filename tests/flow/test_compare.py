"""Targets of a file held against the rules of its profile, from the command line."""

import csv
import json
from pathlib import Path

import pytest

from gangmu.faces.cli import run
from tests.conftest import shared

PLAN = """
name = "parks"
source = "test"
zone = "America/New_York"
[calendar]
name = "parks"
hours = "08:30-17:00"
day_hours = 8.5
holidays = ["2016-05-30"]
[[deadline]]
id = "bins"
title = "Bins"
when = { what = ["bin"] }
limit = "1d"
day_meaning = "same_time"
start = "1m:middle"
[[deadline]]
id = "trees"
title = "Trees"
when = { what = ["tree"] }
limit = "10nd"
[fields]
title = "what"
text = "what"
happened_at = "opened"
target_at = "promised"
"""
ROWS = [
    ("bin", "2016-05-25 11:07:31", "2016-05-26 11:07:31"),
    ("bin", "2016-05-25 11:07:00", "2016-05-26 11:08:20"),  # fifty seconds after the middle of the minute
    ("bin", "2016-05-27 20:00:00", "2016-06-01 08:30:00"),
    ("bin", "2016-05-25 11:00:00", "2016-05-30 11:00:30"),  # nobody works on that holiday
    ("bin", "2016-05-25 11:00:00", "2016-05-27 11:00:30"),  # a day more
    ("bin", "2016-05-25 11:00:00", ""),
    ("tree", "2016-05-25 11:00:00", "2016-06-04 11:00:00"),
    ("bush", "2016-05-25 11:00:00", "2016-06-04 11:00:00"),
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    plan, table = tmp_path / "parks.toml", tmp_path / "rows.csv"
    plan.write_text(PLAN, "utf-8")
    with table.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("what", "opened", "promised"), *ROWS])
    return str(table), str(plan)


def test_every_target_with_a_rule_is_computed_anew(files, capsys):
    table, plan = files
    assert run(["deadline", "compare", table, "--profile", plan, "--json"]) == 0
    *others, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert last == {"n": 5, "equal": 3, "share": 0.6}
    assert others == [{"rule": "trees", "n": 1, "equal": 1, "share": 1.0}]
    assert run(["deadline", "compare", table, "--profile", plan, "--json", "--rule", "trees", "--limit", "1"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"n": 0, "equal": 0, "share": None}


def test_the_table_tells_the_causes(files, capsys, monkeypatch):
    monkeypatch.setenv("GANGMU_LANG", "en")
    table, plan = files
    assert run(["deadline", "compare", table, "--profile", plan]) == 0
    said = capsys.readouterr().out
    assert "Bins (1d): 5 targets, 3 equal (60.00%)" in said and "whole days more than the rule" in said
    assert "row 6: opened 2016-05-25 11:00:00, target 2016-05-27 11:00:30, computed 2016-05-26 11:00:30" in said


def test_a_profile_without_rules_says_so(files, capsys):
    table, plan = files
    assert run(["deadline", "compare", table, "--profile", "chicago"]) == 2
    assert "chicago" in capsys.readouterr().err
    assert run(["deadline", "compare", table, "--profile", plan, "--rule", "bushes"]) == 2
    assert "bushes" in capsys.readouterr().err


def test_boston_sets_its_targets_by_a_rule_that_is_data(capsys):
    folder = shared("311_boston")
    assert run(["deadline", "compare", str(folder / "cases_2013_2020.parquet"), "--profile", "boston", "--json"]) == 0
    *others, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert last["n"] > 20_000 and last["share"] > 0.998
    assert {one["rule"]: one["share"] > 0.999 for one in others} == {"housing": True}
