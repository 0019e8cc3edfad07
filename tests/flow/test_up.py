"""``gangmu up``: one terminal runs it all, and everything may be killed."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.flow.running import House


def until(true, within_s: float = 60) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
def test_a_house_is_started_killed_in_every_part_and_stopped(tmp_path):
    house = House(tmp_path / "city").start()
    try:
        assert house.is_healthy() and set(house.processes()) == {"web", "work", "postgres"}
        first = house.processes()

        second = subprocess.run(
            [*house._command[:-3], "0", "--data", str(house.data)], capture_output=True, check=False
        )
        assert second.returncode == 2 and second.stderr.count(b"\n") == 1 and house.address.encode() in second.stderr

        for role in ("web", "postgres", "work"):
            os.kill(first[role], signal.SIGKILL)
        assert until(lambda: set(house.processes()) == set(first) and house.is_healthy()), house.log.read_text()
        assert not set(house.processes().values()) & set(first.values())

        left = house.processes()
        house.kill()
        assert until(lambda: not {"web", "work"} & set(house.processes()))
        house.start()
        assert house.is_healthy() and house.processes()["web"] != left["web"]
    finally:
        status = house.stop()
    assert status == 0 and until(lambda: house.processes() == {}), house.log.read_text()


def test_a_busy_port_is_one_line(tmp_path):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = [sys.executable, "-m", "gangmu", "up", "--data", str(tmp_path / "city"), "--port", str(port)]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and str(port) in done.stderr


def test_a_broken_folder_is_one_line(tmp_path):
    (tmp_path / "city/engine/postgres").mkdir(parents=True)
    (tmp_path / "city/engine/postgres/PG_VERSION").write_text("9.6\n")
    if os.geteuid() == 0:
        for folder in ("city/engine/postgres",):
            os.chown(tmp_path / folder, 65534, 65534)
    line = [sys.executable, "-m", "gangmu", "up", "--data", str(tmp_path / "city"), "--port", "0"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, env={**os.environ, "LANG": "en"})
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "9.6" in done.stderr
