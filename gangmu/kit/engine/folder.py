"""The engine's part of a data folder, and what lies in it.

DIR/engine/postgres/      the database files, 0700, owned by the account that runs the server
DIR/engine/run/           the socket, 0700 (elsewhere when this path is too long or closed)
DIR/engine/secrets.json   passwords of the three roles, 0600
DIR/engine/postgres.log   what the server says
DIR/engine/*.lock         who starts or stops it now, and who uses it
"""

import errno
import fcntl
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gangmu.kit.engine.account import Account, name_of
from gangmu.kit.engine.errors import DiskFull, InUse, NoSocketPlace, NotWritable, OtherOwner

SOCKET_LIMIT = 107
LOG_LIMIT = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths of one engine. ``mark`` tells it from every other data folder of the machine."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "postgres"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.json"

    @property
    def mark(self) -> str:
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]

    def pid_lines(self) -> list[str]:
        """The lines of ``postmaster.pid``: process, folder, start, port, socket folder, address, memory, state."""
        try:
            return (self.database / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def free_mb(self) -> int:
        facts = os.statvfs(self.root if self.root.exists() else self.root.parent)
        return facts.f_bavail * facts.f_frsize // (1024 * 1024)

    def mark_in_log(self) -> int:
        """Where the log ends now; a log grown over the limit is put aside first."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        return self.log.stat().st_size if self.log.exists() else 0

    def said_since(self, start: int) -> str:
        with self.log.open("rb") as log:
            log.seek(start)
            return log.read(1_000_000).decode("utf-8", "replace")


def open_folder(data_dir: Path | str) -> Folder:
    """The engine's folder under ``data_dir``, made when it is not there."""
    root = Path(data_dir).expanduser().resolve() / "engine"
    with writing(root):
        if not root.exists():
            closed = 0o711 if os.geteuid() == 0 else 0o700
            root.parent.mkdir(mode=closed, parents=True, exist_ok=True)
            root.mkdir(mode=closed, exist_ok=True)
        if not os.access(root, os.W_OK | os.X_OK):
            raise OtherOwner(path=str(root), owner=name_of(root.stat().st_uid))
    return Folder(root)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the disk refuses into a word about the data folder."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(path=str(path), free_mb=0) from error
        raise NotWritable(path=str(path), reason=error.strerror or str(error)) from error


@contextmanager
def start_lock(folder: Folder, within_s: float) -> Iterator[None]:
    """One process at a time starts or stops this engine."""
    held = _open_lock(folder.root / "start.lock")
    until = time.monotonic() + within_s
    try:
        while not _try(held, fcntl.LOCK_EX):
            if time.monotonic() > until:
                raise InUse(path=str(folder.root), pid=(folder.pid_lines() or ["?"])[0])
            time.sleep(0.05)
        yield
    finally:
        os.close(held)


def hold(folder: Folder) -> int:
    """Say that this process uses the engine; the lock ends with the process, however it ends."""
    held = _open_lock(folder.root / "users.lock")
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


def let_go(held: int) -> bool:
    """No longer use it. True when nobody else does: the last one out may stop it."""
    try:
        return _try(held, fcntl.LOCK_EX)
    finally:
        os.close(held)


def _open_lock(path: Path) -> int:
    with writing(path):
        return open_own(path, os.O_RDWR)


def open_own(path: Path, flags: int) -> int:
    """Open or make a 0600 file that belongs to whom the folder belongs, also when root makes it."""
    opened = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(opened, folder.st_uid, folder.st_gid)
    return opened


def _try(held: int, kind: int) -> bool:
    try:
        fcntl.flock(held, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_secrets(folder: Folder) -> dict[str, str] | None:
    """Passwords by role, or none when the file is missing or was cut short."""
    try:
        return {str(role): str(password) for role, password in json.loads(folder.secrets.read_text()).items()}
    except (FileNotFoundError, ValueError, AttributeError):
        return None


def write_secrets(folder: Folder, roles: tuple[str, ...]) -> dict[str, str]:
    """Fresh passwords, on the disk before anybody uses them."""
    made = {role: secrets.token_urlsafe(24) for role in roles}
    rest = folder.secrets.with_suffix(".new")
    with writing(folder.secrets):
        rest.unlink(missing_ok=True)
        with os.fdopen(open_own(rest, os.O_WRONLY | os.O_EXCL), "w") as file:
            json.dump(made, file)
            file.flush()
            os.fsync(file.fileno())
        rest.replace(folder.secrets)
    return made


def socket_place(folder: Folder, account: Account, port: int) -> Path:
    """Where the socket goes: in the data folder, else in a short private folder for run-time files."""
    shelves = dict.fromkeys([Path(tempfile.gettempdir()), Path("/run"), Path("/tmp"), Path("/var/tmp")])
    tried = [folder.root / "run", *(shelf / f"gangmu-{folder.mark}" for shelf in shelves)]
    for place in tried:
        short = len(os.fsencode(place / f".s.PGSQL.{port}")) <= SOCKET_LIMIT
        if short and account.may_enter(place.parent) and _private(place, account):
            return place
    raise NoSocketPlace(tried=", ".join(map(str, tried)), account=account.name)


def _private(place: Path, account: Account) -> bool:
    """Make the folder, 0700 and the account's; one that somebody else put there is not used."""
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError:
        return False
    try:
        held = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        if os.fstat(held).st_uid not in (account.uid, os.geteuid()):
            return False
        os.fchmod(held, 0o700)
        if account.drops:
            os.fchown(held, account.uid, account.gid)
    finally:
        os.close(held)
    return True
