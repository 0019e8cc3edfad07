"""PostgreSQL's own programs for taking a database out and bringing it in, of the wheel, against any server."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from gangmu.kit.engine import programs
from gangmu.kit.engine.errors import ToolFailed

_NOT_BEFORE_17 = b"SET transaction_timeout = 0;\n"


@contextmanager
def dumping(uri: str, snapshot: str) -> Iterator[IO[bytes]]:
    """``pg_dump`` of the database as it is in an exported snapshot: its output, in the custom format."""
    command = [*_tool("pg_dump", uri), "--format=custom", "--compress=gzip:1", f"--snapshot={snapshot}"]
    command += ["--no-owner", "--no-privileges", "--lock-wait-timeout=60000"]
    with _run(command, uri, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.stdout


def restore(uri: str, dump: str, is_before_17: bool) -> None:
    """``pg_restore`` of a dump into an empty database, in one transaction: all of it or nothing."""
    command = [programs.find().path("pg_restore"), "--no-owner", "--no-privileges"]
    if not is_before_17:
        into = [*_tool("pg_restore", uri), "--no-owner", "--no-privileges", "--single-transaction", dump]
        with _run(into, uri):
            return
    # an older server does not know a setting that a newer pg_restore writes at the top
    psql = [*_tool("psql", uri), "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    psql += ["--output=/dev/null"]
    with _run([*command, "--file=-", dump], uri, stdout=subprocess.PIPE) as script:
        assert script.stdout is not None
        with _run(psql, uri, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            _pour(script.stdout, process.stdin)


def _pour(source: Iterable[bytes], sink: IO[bytes]) -> None:
    waits = True
    try:
        for line in source:
            if waits and line == _NOT_BEFORE_17:
                waits = False
                continue
            sink.write(line)
        sink.close()
    except BrokenPipeError:
        return  # psql ended; it says why


def _tool(name: str, uri: str) -> list[str]:
    """The program and the address without its password, which others could read in the list of processes."""
    given = {key: value for key, value in conninfo_to_dict(uri).items() if key != "password"}
    return [programs.find().path(name), "--dbname", make_conninfo("", **given), "--no-password"]


@contextmanager
def _run(command: list[str], uri: str, **how: int) -> Iterator["subprocess.Popen[bytes]"]:
    password = conninfo_to_dict(uri).get("password")
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **({"PGPASSWORD": str(password)} if password else {})}
    done = False
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(command, env=environment, stderr=complaints, **how)  # type: ignore[call-overload]
        try:
            yield process
            done = True
        finally:
            if not done:
                process.kill()
            said = _last_words(process, complaints)
    if process.returncode != 0:
        raise ToolFailed(tool=os.path.basename(command[0]), reason=said)


def _last_words(process: "subprocess.Popen[bytes]", complaints: IO[bytes]) -> str:
    """What the program complained of, without rows of data that it may quote."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and not pipe.closed:
            pipe.close()
    process.wait()
    complaints.seek(0)
    said = complaints.read(100_000).decode("utf-8", "replace")
    errors = re.findall(r"(?:error|ERROR|FATAL):\s*(.+)", said)
    return errors[0] if errors else (said.strip().splitlines() or [f"ended with {process.returncode}"])[-1]
