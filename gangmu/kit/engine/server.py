"""One PostgreSQL server process: made, started, found again, stopped. Only ever signalled by a process id
that was just seen to be the server of this folder."""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gangmu.kit.engine import complaints
from gangmu.kit.engine.account import Account
from gangmu.kit.engine.errors import Broken, DiskFull, OtherVersion, SlowStart, WillNotStop
from gangmu.kit.engine.folder import Folder, open_own, socket_place, writing
from gangmu.kit.engine.options import Options
from gangmu.kit.engine.programs import Programs

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
ADMIN = "gangmu_admin"
ROOM_FOR_A_NEW_DATABASE_MB = 96
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Server:
    """A running server. ``child`` is set when this process started it."""

    pid: int
    socket_dir: Path
    port: int
    child: "subprocess.Popen[bytes] | None" = None

    def is_alive(self) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        return _state(self.pid) not in ("", "Z", "X")


def make(folder: Folder, programs: Programs, account: Account, password: str, durable: bool) -> None:
    """A new empty database. It appears under its name only when it is whole."""
    if folder.free_mb() < ROOM_FOR_A_NEW_DATABASE_MB:
        raise DiskFull(path=str(folder.root), free_mb=folder.free_mb())
    rest = folder.root / "postgres.new"
    with writing(folder.root):
        shutil.rmtree(rest, ignore_errors=True)
        rest.mkdir(mode=0o700)
        if account.drops:
            os.chown(rest, account.uid, account.gid)
    secret = os.memfd_create("password")
    os.write(secret, password.encode())
    place, cwd = _seen_by(account, rest)
    command = [programs.path("initdb"), "-D", place, "-U", ADMIN, "--encoding=UTF8", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=scram-sha-256"]
    command += [f"--pwfile=/proc/self/fd/{secret}", "--no-instructions", *([] if durable else ["--no-sync"])]
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            command, cwd=cwd, env=ENVIRONMENT, pass_fds=[secret], capture_output=True, umask=0o077, **account.spawn()
        )
    finally:
        os.close(secret)
    if done.returncode != 0:
        shutil.rmtree(rest, ignore_errors=True)
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        raise complaints.understood(said, folder, Options())
    with writing(folder.root):
        rest.rename(folder.database)


def check(folder: Folder, programs: Programs) -> None:
    """Whether the database on the disk is one that these programs can open, before they try."""
    try:
        found = (folder.database / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise Broken(path=str(folder.database), reason="PG_VERSION is missing", log=str(folder.log)) from None
    if found != programs.major:
        raise OtherVersion(path=str(folder.database), found=found or "?", wanted=programs.major)
    for name in ("global/pg_control", "pg_wal", "base", "postgresql.conf", "pg_hba.conf"):
        if not (folder.database / name).exists():
            raise Broken(path=str(folder.database), reason=f"{name} is missing", log=str(folder.log))


def running(folder: Folder) -> Server | None:
    """The server of this folder, if one runs, whoever started it. A left-over ``postmaster.pid`` whose number
    now belongs to another program is taken away: PostgreSQL itself would refuse to start."""
    lines = folder.pid_lines()
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    if not _serves(pid, folder):
        (folder.database / "postmaster.pid").unlink(missing_ok=True)
        return None
    while len(lines) < 5 and _serves(pid, folder):
        time.sleep(0.05)
        lines = folder.pid_lines()
    return Server(pid, Path(lines[4]), int(lines[3])) if len(lines) >= 5 else None


def launch(folder: Folder, programs: Programs, account: Account, options: Options) -> Server:
    """Start the server and come back when it takes connections."""
    port = options.port or 5432
    sockets = socket_place(folder, account, port)
    # left by a server that was killed; its number may be another process's by now, and PostgreSQL would not start
    (sockets / f".s.PGSQL.{port}.lock").unlink(missing_ok=True)
    quoted = str(sockets).replace('"', '""')
    settings = options.server_settings() | {"unix_socket_directories": f'"{quoted}"', "cluster_name": _name(folder)}
    place, cwd = _seen_by(account, folder.database)
    command = [programs.path("postgres"), "-D", place]
    for key, value in settings.items():
        command += ["-c", f"{key}={value}"]
    begun = folder.mark_in_log()
    with writing(folder.log), os.fdopen(open_own(folder.log, os.O_WRONLY | os.O_APPEND), "ab") as log:
        child = subprocess.Popen(  # type: ignore[call-overload]
            command,
            cwd=cwd,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            umask=0o077,
            preexec_fn=_end_with_parent() if options.ephemeral else None,
            **account.spawn(),
        )
    server = Server(child.pid, sockets, port, child)
    until = time.monotonic() + options.start_within_s
    while not _is_ready(folder, child.pid):
        if child.poll() is not None:
            raise complaints.understood(folder.said_since(begun), folder, options)
        if time.monotonic() > until:
            raise SlowStart(seconds=round(options.start_within_s), log=str(folder.log))
        time.sleep(0.02)
    return server


def set_password(folder: Folder, programs: Programs, account: Account, password: str) -> None:
    """Give the administrator a new password while no server runs (the file of passwords was lost)."""
    place, cwd = _seen_by(account, folder.database)
    sql = f"ALTER ROLE {ADMIN} PASSWORD '{password}'\n"
    done = subprocess.run(  # type: ignore[call-overload]
        [programs.path("postgres"), "--single", "-D", place, "-c", "password_encryption=scram-sha-256", "postgres"],
        cwd=cwd,
        env=ENVIRONMENT,
        input=sql.encode(),
        capture_output=True,
        **account.spawn(),
    )
    if done.returncode != 0:
        raise complaints.understood(done.stderr.decode("utf-8", "replace"), folder, Options())


def stop(server: Server, folder: Folder, within_s: float) -> None:
    """Fast shutdown, then immediate; the postmaster is never killed outright, its children would live on."""
    for number, patience in ((signal.SIGINT, within_s), (signal.SIGQUIT, 10.0)):
        if _signal(server, folder, number, patience):
            break
    else:
        raise WillNotStop(pid=server.pid, seconds=round(within_s) + 10, log=str(folder.log))
    if server.socket_dir.parent != folder.root:
        shutil.rmtree(server.socket_dir, ignore_errors=True)


def _signal(server: Server, folder: Folder, number: signal.Signals, patience: float) -> bool:
    """Send, wait, and tell whether the server has ended."""
    try:
        held = os.pidfd_open(server.pid)
    except ProcessLookupError:
        return True
    try:
        if not _serves(server.pid, folder):
            return True
        signal.pidfd_send_signal(held, number)
        ready, _, _ = select.select([held], [], [], patience)
    finally:
        os.close(held)
    if ready and server.child is not None:
        server.child.wait()
    return bool(ready)


def _name(folder: Folder) -> str:
    return f"gangmu-{folder.mark}"


def _serves(pid: int, folder: Folder) -> bool:
    """Whether the process is a postmaster at work in this folder: by where it stands, and where the system
    does not show that, by the name we gave it."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if os.path.basename(words[0]) != b"postgres" or _state(pid) in ("", "Z", "X"):
            return False
        try:
            return os.path.samestat(os.stat(f"/proc/{pid}/cwd"), folder.database.stat())
        except PermissionError:
            return f"cluster_name={_name(folder)}".encode() in words
    except (FileNotFoundError, ProcessLookupError):
        return False


def _state(pid: int) -> str:
    """The letter of the process's state, empty when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _is_ready(folder: Folder, pid: int) -> bool:
    lines = folder.pid_lines()
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _seen_by(account: Account, database: Path) -> tuple[str, Path]:
    """How the account names the folder, and where its processes begin. A folder below a closed one (root's
    home) is entered before the account is changed and then named by where the process stands."""
    if account.may_enter(database):
        return str(database), database
    return "/proc/self/cwd", database


def _end_with_parent() -> Callable[[], object]:
    """To be called in the child: the kernel tells it to stop fast when the thread that started it is gone."""
    tell = ctypes.CDLL(None).prctl
    return lambda: tell(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
