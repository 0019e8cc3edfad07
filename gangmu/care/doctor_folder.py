"""What doctor looks at in the data folder and on the machine."""

import json
import shutil
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from gangmu import boot
from gangmu.care import processes
from gangmu.care.backup import LAST, last_file
from gangmu.care.findings import Finding, fault, note, warning
from gangmu.care.going_back import ASIDE
from gangmu.care.patient import Patient
from gangmu.kit.files import ORPHAN_AFTER_S


def no_house(folder: Path) -> Iterator[Finding]:
    if (folder / boot.RESTORING).exists():
        yield fault("unfinished", path=str(folder))
    elif (folder / boot.GOING_BACK).exists():
        yield fault("half_back", path=str(folder))
    elif not (folder / "keys").exists():
        yield fault("no_house", path=str(folder))


def permissions(folder: Path) -> Iterator[Finding]:
    """Keys and passwords are for the account of the house alone."""
    secret = [folder / "keys" / name for name in ("master", "signer")] + [folder / "engine" / "secrets.json"]
    for path in secret:
        if path.exists() and path.stat().st_mode & 0o077:
            yield fault("permissions", path=str(path))


def disk(patient: Patient) -> Iterator[Finding]:
    free_gb = shutil.disk_usage(patient.folder).free / 1e9
    if free_gb < patient.rules.disk_free_gb:
        yield fault("disk", path=str(patient.folder), free=f"{free_gb:.1f}", wanted=patient.rules.disk_free_gb)


def address(patient: Patient) -> Iterator[Finding]:
    """The house that runs answers; where none runs, its port is free."""
    told = processes.running(patient.folder)
    if told is not None:
        where = str(told.get("address") or "")
        if not processes.answers(where):
            yield fault("no_answer", address=where or "...", pid=told.get("pid"))
    elif patient.port and _is_taken(patient.port):
        yield warning("port_taken", port=patient.port)


def _is_taken(port: int) -> bool:
    with socket.socket() as at:
        at.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            at.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def backup(patient: Patient) -> Iterator[Finding]:
    """When the last one was taken, whether the file is still where it was put, whether its keys are safe."""
    try:
        told = json.loads((patient.folder / LAST).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        yield warning("no_backup")
        return
    age = (patient.real_now - datetime.fromisoformat(told["taken_at"])).total_seconds() / 86400
    if age > patient.rules.backup_days:
        yield warning("backup_old", days=f"{age:.1f}", wanted=patient.rules.backup_days)
    file = last_file(told)
    if file is None:
        yield warning("backup_gone", file=told["file"])
    elif file.resolve().is_relative_to(patient.folder.resolve()):
        yield note("backup_here", file=told["file"])
    if not told["keys"]:
        yield note("keys_apart", path=str(patient.folder / "keys"))


def copy(patient: Patient) -> Iterator[Finding]:
    if (patient.folder / boot.COPY).exists():
        yield note("is_copy", path=str(patient.folder / boot.COPY))


def aside(patient: Patient) -> Iterator[Finding]:
    """What was set aside when somebody went back to a backup; it takes room until it is deleted by hand."""
    for path in sorted(patient.folder.glob(f"{ASIDE}*")):
        size = sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
        yield note("set_aside", path=str(path), mb=size // 1_000_000)


def files(patient: Patient) -> Iterator[Finding]:
    """What rows name is on the disk; what is on the disk is named by a row."""
    root = patient.folder / "files"
    named = {digest for (digest,) in patient.rows("SELECT DISTINCT digest FROM file")}
    there: set[str] = set()
    old = patient.real_now.timestamp() - ORPHAN_AFTER_S
    orphans: list[Path] = []
    for path in root.rglob("*") if root.exists() else ():
        if path.is_file():
            digest = path.parent.name + path.name
            there.add(digest)
            if digest not in named and path.stat().st_mtime < old - 2 * 3600:
                orphans.append(path)
    lost = sorted(named - there)
    if lost:
        yield fault("files_lost", count=len(lost), first=lost[0])
    if orphans:
        yield warning("files_orphaned", count=len(orphans), mb=sum(one.stat().st_size for one in orphans) // 1_000_000)
