"""A database killed outright comes back, whatever the numbers in the files it left belong to by now."""

import os
import signal
import time
from pathlib import Path

import psycopg

from gangmu.kit import engine


def test_a_killed_database_starts_again_although_its_number_is_still_taken(tmp_path: Path) -> None:
    """The parent has not yet collected the dead server: its number still answers, as one given to another would."""
    with engine.started(tmp_path / "city", engine.Options.for_tests()) as running:
        with psycopg.connect(running.uri_admin) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
        os.kill(running.pid, signal.SIGKILL)
        until = time.monotonic() + 10
        while "State:\tZ" not in Path(f"/proc/{running.pid}/status").read_text() and time.monotonic() < until:
            time.sleep(0.01)
        assert running.ensure_running()
        with psycopg.connect(running.uri_admin) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
