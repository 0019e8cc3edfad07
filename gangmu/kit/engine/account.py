"""Who runs the server: PostgreSQL refuses root, so as root an account of its own is used."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gangmu.kit.engine.errors import NoAccount, OtherOwner


@dataclass(frozen=True, slots=True)
class Account:
    """``drops`` tells that we are root and the server's processes change to this account."""

    name: str
    uid: int
    gid: int
    drops: bool

    def spawn(self) -> dict[str, object]:
        """The keywords of ``subprocess`` that start a process as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.drops else {}

    def may_enter(self, folder: Path) -> bool:
        """Whether the account gets into the folder, by owner, group and mode of it and all above it."""
        if not self.drops:
            return os.access(folder, os.X_OK)
        return all(self._passes(step) for step in (folder, *folder.parents))

    def _passes(self, folder: Path) -> bool:
        facts = folder.stat()
        if facts.st_uid == self.uid:
            return bool(facts.st_mode & stat.S_IXUSR)
        if facts.st_gid == self.gid:
            return bool(facts.st_mode & stat.S_IXGRP)
        return bool(facts.st_mode & stat.S_IXOTH)


def choose(database: Path, wanted: str) -> Account:
    """An ordinary user runs it as himself. Root runs it as the owner of the database folder if there is one,
    else as the service account ``wanted``, which is made when it is missing."""
    uid = os.geteuid()
    owner = _owner(database)
    if uid != 0:
        if owner is not None and owner != uid:
            raise OtherOwner(path=str(database), owner=name_of(owner))
        return Account(name_of(uid), uid, os.getegid(), drops=False)
    if owner == 0:
        raise OtherOwner(path=str(database), owner="root")
    found = _lookup_uid(owner) if owner is not None else _service(wanted)
    return Account(found.pw_name, found.pw_uid, found.pw_gid, drops=True)


def _owner(database: Path) -> int | None:
    try:
        return database.stat().st_uid
    except FileNotFoundError:
        return None
    except PermissionError as error:
        closed = next(step for step in reversed((database, *database.parents)) if not os.access(step, os.X_OK))
        raise OtherOwner(path=str(database), owner=name_of(closed.stat().st_uid)) from error


def _service(wanted: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(wanted)
    except KeyError:
        _make(wanted)
    try:
        return pwd.getpwnam(wanted)
    except KeyError:
        raise NoAccount(account=wanted) from None


def _make(wanted: str) -> None:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is not None:
        command = [program, "--system", "--no-create-home", "--home-dir", "/nonexistent", wanted]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin"], capture_output=True, check=False)


def _lookup_uid(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise NoAccount(account=str(uid)) from None


def name_of(uid: int) -> str:
    """The account's name, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
