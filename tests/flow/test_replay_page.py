"""The how-to page of replay does what it says: its blocks are run in order, its figures are those that come out."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "replay.md").read_text("utf-8")
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOLD = re.compile(r"^```text\n(Overflowing.*?)^```$", re.MULTILINE | re.DOTALL)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def shell(tmp_path: Path):
    """Runs lines of the page in a folder of its own, with ``gangmu`` on the path."""
    shim = tmp_path / "gangmu"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gangmu "$@"\n')
    shim.chmod(0o755)
    tmp_path.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LANG": "en_US.UTF-8", "HOME": str(tmp_path)}

    def run(block: str) -> str:
        text = "\n".join(line.removeprefix("$ ") for line in block.splitlines()) + "\n"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def test_the_page_does_what_it_says(shell):
    files, compare, replay, show = CONSOLE.findall(PAGE)
    shell(files)
    assert shell(compare) == TOLD.findall(PAGE)[0]
    first, *table = shell(replay).splitlines()
    told = json.loads(first)
    assert (told["read"], told["accepted"], told["quarantined"], told["already"]) == (7, 6, 1, 0)
    assert {one["title"]: (one["n"], one["equal"]) for one in told["titles"]} == {"bin": (3, 2), "tree": (2, 2)}
    assert [(one["number"], one["file"], one["ours"]) for one in told["differences"]] == [("3", "met", "missed")]
    assert told["duplicates"] == {"dups": 1, "merged": 1, "unmatched": []}
    assert told["transfers"] == {"n": 6, "equal": 6, "file": 2, "acts": 2}
    assert table[0] == "read 7, accepted 0, quarantined 1, already 6"
    assert "day_meaning" in shell(show)
