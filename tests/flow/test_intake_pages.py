"""The command and the how-to page: every block of it is run, the real sets by their first rows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gangmu.core.intake import profile as profiles
from tests.conftest import SHARED

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "import.md").read_text("utf-8")
CONSOLE = re.compile(r"^ *```console\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def shell(tmp_path):
    """Runs lines of the page in a folder of its own, with ``gangmu`` on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    shim = folder / "gangmu"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gangmu "$@"\n')
    shim.chmod(0o755)
    env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "LANG": "en_US.UTF-8"}
    tmp_path.chmod(0o755)

    def run(text: str, code: int = 0) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout if code == 0 else done.stderr

    return run


def script(block: str) -> str:
    """A block without its prompts."""
    lines = [line.strip() if line.lstrip().startswith("$ ") else line for line in block.splitlines()]
    return "\n".join(line.removeprefix("$ ") for line in lines) + "\n"


SETS = {
    "boston.parquet": "311_boston/cases_2013_2020.parquet",
    "chicago.parquet": "311_chicago/sanitation_2000_2013.parquet",
    "losangeles.parquet": "311_losangeles/requests_2017_12.parquet",
    "fuzhou.parquet": "complaints_fuzhou12345/cases.parquet",
    "tipdm": "complaints_tipdm2020",
}
"""Where the files that the page names lie for the tests."""
REAL = re.compile(rf"import reports ({'|'.join(map(re.escape, SETS))}) ")


def plain_blocks() -> str:
    return "\n".join(script(block) for block in CONSOLE.findall(PAGE) if not REAL.search(block))


def test_the_blocks_of_the_page_run_in_order(shell):
    said = shell(plain_blocks())
    counts = [json.loads(line) for line in said.splitlines() if line.startswith('{"read"')]
    assert [(one["read"], one["accepted"], one["quarantined"], one["already"]) for one in counts] == [
        (4, 2, 2, 0),
        (1, 1, 0, 0),
        (1, 1, 0, 0),
    ]
    again = json.loads(shell("gangmu import reports orders.csv --data city --json").splitlines()[-1])
    assert (again["read"], again["accepted"], again["quarantined"], again["already"]) == (4, 0, 0, 4)


def real_lines() -> list[str]:
    return [line for block in CONSOLE.findall(PAGE) for line in script(block).splitlines() if REAL.search(line)]


def test_there_is_one_command_for_each_set():
    assert [re.search(r"--profile (\w+)", line)[1] for line in real_lines()] == [
        "boston", "chicago", "losangeles", "fuzhou12345", "tipdm",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("line", real_lines())
def test_the_command_of_a_real_set(shell, line):
    if not SHARED.exists():
        pytest.skip("REAL DATA ABSENT: ../shared/data is not there, this test did not run")
    line = REAL.sub(lambda found: f"import reports {SHARED.resolve() / SETS[found[1]]} ", line)
    told = json.loads(shell(f"{line} --limit 60 --json").splitlines()[-1])
    assert told["read"] == told["accepted"] + told["quarantined"] + told["already"]
    assert told["accepted"] >= 55


def test_mistakes_are_one_line_and_exit_2(shell):
    shell("gangmu city new --code 9913 --name 青石市 --data city")
    shell("printf 'a,b\\n1,2\\n' > odd.csv; : > empty.csv; printf 'PK\\003\\004x' > fake.xlsx")
    shell("printf 'name = 1' > bad.toml")
    for command, word in [
        ("reports nothing.csv", "nothing.csv"),
        ("reports odd.csv", "columns missing"),
        ("reports empty.csv", "empty"),
        ("reports fake.xlsx", "damaged"),
        ("reports odd.csv --profile nope", "no profile nope"),
        ("reports odd.csv --profile bad.toml", "cannot be used"),
        ("retry imb_nothing", "no import batch"),
        ("quarantine --batch x", "no import batch"),
        ("show nope", "no profile nope"),
    ]:
        data = "" if command.startswith("show") else "--data city"
        said = shell(f"gangmu --lang en import {command} {data}", code=2)
        assert word in said and len(said.strip().splitlines()) == 1 and "Traceback" not in said, said


def test_the_toml_of_the_page_is_a_profile():
    (text,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert profiles.parse(text).identity == ("案号",)
