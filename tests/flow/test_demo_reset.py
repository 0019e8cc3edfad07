"""A running demo is founded anew, by the button's route and by the command: its socket stays, people sign in again."""

import subprocess
import sys
import time

import pytest

from gangmu.demo.client import Away, Client, Refused
from gangmu.demo.roster import PASSWORD
from tests.flow.running import House

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
LONG_S = 600


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    data = tmp_path_factory.mktemp("anew") / "city"
    running = House(data, args=("--practice", "--quiet", "--events", "4"))
    running.start(within_s=LONG_S)
    yield running
    running.stop()


def person(address: str) -> str:
    """Who sits behind the clerk's account: another one in each city."""
    with Client(address, "clerk", PASSWORD) as client:
        return str(client.sign_in()["person"])


def test_the_button_founds_it_anew_and_ends_every_session(house):
    before, address = person(house.address), house.address
    with Client(address, "dispatcher", PASSWORD) as other, Client(address, "clerk", PASSWORD) as clerk:
        session = other.sign_in()
        assert session["city"] == "practice" and session["may_reset"]
        assert clerk.post("/city/reset", {}) == {"kind": "practice"}
        assert _comes(lambda: person(address) != before)
    assert house.address == address and house.process.poll() is None
    with Client(address, "leader", PASSWORD) as leader:
        assert leader.get("/events", limit=50)["items"]


def test_the_command_asks_the_running_house(house):
    before = person(house.address)
    done = subprocess.run(
        [sys.executable, "-m", "gangmu", "--lang", "en", "demo", "reset", "--data", str(house.data)],
        capture_output=True, text=True, timeout=LONG_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "founded anew" in done.stdout, done.stderr
    assert person(house.address) != before
    assert "practice = true" in (house.data / "gangmu.toml").read_text()


def test_the_command_leaves_other_folders_alone(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "gangmu", "--lang", "en", "demo", "reset", "--data", str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "not marked" in done.stderr and not list(tmp_path.iterdir())


def _comes(call) -> bool:
    """Whether it becomes true, while the house may be away for a moment."""
    until = time.monotonic() + LONG_S
    while time.monotonic() < until:
        try:
            if call():
                return True
        except (Away, Refused):
            pass
        time.sleep(0.3)
    return False
