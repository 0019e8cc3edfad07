"""``gangmu up`` as a process of its own, for tests that need the whole house running."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path


class House:
    """A house in a data folder, on a free port of 127.0.0.1."""

    def __init__(
        self, data: Path, command: Sequence[str] = (sys.executable, "-m", "gangmu"), args: Sequence[str] = (), **how
    ) -> None:
        self.data = data
        self._command = [*command, "up", "--port", "0", "--data", str(data), *args]
        self._how = {"env": {**os.environ, "LANG": "en"}, **how}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, within_s: float = 90) -> "House":
        self.log = self.data.parent / f"{self.data.name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **self._how
            )
        until = time.monotonic() + within_s
        while not self.address:
            if self.process.poll() is not None or time.monotonic() > until:
                self.process.terminate()  # nobody else would
                raise AssertionError(self.log.read_text())
            time.sleep(0.1)
        return self

    @property
    def address(self) -> str:
        """Where it answers; empty until it does."""
        try:
            told = json.loads((self.data / "up.json").read_text())
        except (FileNotFoundError, ValueError):
            return ""
        return told["address"] if self.process and told["pid"] == self.process.pid else ""

    def get(self, path: str) -> tuple[int, bytes]:
        host, port = self.address.removeprefix("http://").split(":")
        asking = http.client.HTTPConnection(host, int(port), timeout=10)
        try:
            asking.request("GET", path)
            answer = asking.getresponse()
            return answer.status, answer.read()
        finally:
            asking.close()

    def is_healthy(self) -> bool:
        try:
            return self.get("/api/health")[0] == 200
        except OSError:
            return False

    def processes(self) -> dict[str, int]:
        """Process ids by role (web, work, postgres) of what runs for this data folder."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            except OSError:
                continue
            if "--under" in words and str(self.data) in words:
                found[words[words.index("--role") + 1]] = int(folder.name)
        lines = self._pid_file()
        if lines and Path(f"/proc/{lines[0].strip()}").exists():
            found["postgres"] = int(lines[0])
        return found

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "engine" / "postgres" / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def kill(self) -> None:
        """kill -9 of the process that the terminal sees."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
