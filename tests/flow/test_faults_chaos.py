"""kill -9 of database, web and work under load, as ``gangmu chaos events`` does it: nothing promised is lost."""

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_acknowledged_act_is_there_once() -> None:
    line = [sys.executable, "-m", "gangmu", "chaos", "events", "--trials", "3", "--seed", "7", "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert (told["lost"], told["doubled"], told["wrong"]) == (0, 0, []), told
    assert sum(told["kills"].values()) == 3 == told["trials"] and told["acknowledged"] > 10
    assert done.returncode == 0


def test_there_is_no_chaos_of_another_name() -> None:
    line = [sys.executable, "-m", "gangmu", "chaos", "weather", "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "events" in done.stderr
