"""Clocks under kill -9 and operators at work, small: each mark is told once, nobody meets an error. Never how fast."""

import json
import subprocess
import sys
from typing import Any

import pytest


def measured(*line: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "gangmu", "bench", *line, "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_mark_of_a_clock_is_lost_or_told_twice_when_a_worker_is_killed() -> None:
    told = measured("clocks", "--n", "4000")
    assert list(told["figures"]) == ["running", "jitter_p99_s", "lost", "doubled"]
    assert (told["figures"]["running"], told["figures"]["lost"], told["figures"]["doubled"]) == (4000, 0, 0), told
    assert told["notes"]["kills"] == {"work": 1} and told["notes"]["dead"] == 0, told
    assert told["n"] == 10 * 8 + 50 + 3 * 20


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_operators_at_work_meet_no_error() -> None:
    told = measured("soak", "--operators", "4", "--minutes", "0.25")
    assert (told["figures"]["errors"], told["notes"]["streams_held"]) == (0, 4), told
    assert told["figures"]["acts"] >= 4 and {"up", "web", "work", "postgres"} <= set(told["notes"]["cpu_s"]), told
