"""The how-to page of docking: every block of it is run, in order, against the simulated city."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "dock-a-system.md").read_text("utf-8")
CONSOLE = re.compile(r"^ *```console\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


PORT = "18345"  # of the page; another one here, so that no other program on this machine has it


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_the_blocks_of_the_page_run_in_order(tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    shim = folder / "gangmu"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W ignore -m gangmu "$@"\n')
    shim.chmod(0o755)
    tmp_path.chmod(0o755)
    env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "LANG": "en_US.UTF-8"}
    lines = [line.removeprefix("$ ") for block in CONSOLE.findall(PAGE) for line in block.splitlines()]
    told = "\n".join(lines).replace("| head -3", "> waits; head -3 waits").replace(PORT, str(free_port()))
    script = "trap 'kill $(jobs -p)' EXIT\n" + told + "\n"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    assert re.search(r"orders taken 0, acts 0, waiting 5\d", said)  # every class waits, and acts behind their orders
    answers = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert answers[0]["orders"] == 0 and answers[-1] == {"settled": 0}
    assert "ours:   received 40 = open 40 + answered 0 + returned 0" in said
    assert said.rstrip().endswith("the accounts are equal")
