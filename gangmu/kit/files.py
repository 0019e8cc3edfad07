"""Files: content-addressed, synced before the commit that names them, orphans swept.

A file lies under its SM3 digest in ``files/ab/cdef…`` of the data folder; the row names it. Two people who upload
the same picture share the bytes, never the row.
"""

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from gangmu.kit import clock, ids, seal
from gangmu.kit.errors import Busy, HouseError, NoRoom, NotFound, TooLarge
from gangmu.kit.ids import Id
from gangmu.kit.tables import file_row
from gangmu.kit.unit import Unit, transaction

_folder: Path | None = None
ORPHAN_AFTER_S = 24 * 3600
_SWEEP_LOCK = 7_401_004


@dataclass(frozen=True, slots=True)
class FileRef:
    """A kept file: who put it, what it is called, its SM3 digest (hex), bytes, MIME type found in its content."""

    id: Id
    digest: str
    name: str
    mime: str
    size: int
    facts: dict[str, Any]
    owner: str


def use(folder: Path) -> None:
    """Set the folder of this node's files."""
    global _folder
    _folder = folder


def _root() -> Path:
    if _folder is None:
        raise RuntimeError("the files folder of the node is not set; boot.node does it")
    return _folder


def folder() -> Path:
    """The folder of this node's files; its parent is the data folder."""
    return _root()


def path_of(digest: str) -> Path:
    return _root() / digest[:2] / digest[2:]


def put(
    unit: Unit,
    content: bytes | Iterable[bytes],
    name: str,
    mime: str,
    *,
    most: int = 60_000_000,
    **facts: Any,
) -> FileRef:
    """Keep a file: bytes on disk and synced first, then its row in the unit. ``TooLarge`` beyond ``most`` bytes,
    ``NoRoom`` when the disk is full (nothing half written stays), ``Busy`` when it does not answer."""
    root = _root()
    parts = [content] if isinstance(content, bytes) else content
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=root, prefix=".new-")
    except OSError as error:
        raise refused(error) from error
    size, digester = 0, seal.Sm3()
    try:
        with os.fdopen(handle, "wb") as out:
            for part in parts:
                size += len(part)
                if size > most:
                    raise TooLarge(most=most)
                digester.add(part)
                out.write(part)
            out.flush()
            os.fsync(out.fileno())
        digest = digester.hex()
        target = path_of(digest)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        os.replace(temporary, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise refused(error) from error
    finally:
        Path(temporary).unlink(missing_ok=True)
    ref = FileRef(ids.new("fil"), digest, name[:200], mime, size, dict(facts), unit.actor.mark)
    row = {"id": ref.id, "digest": digest, "name": ref.name, "mime": mime, "size": size, "facts": ref.facts}
    unit.insert(file_row, {**row, "owner": ref.owner, "kept_at": unit.now})
    return ref


def refused(error: OSError) -> HouseError:
    """The house's word for a disk that does not take what it was given."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return NoRoom(what="file") if full else Busy(what="file store")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def get(unit: Unit, file_id: Id) -> FileRef:
    """The row of a file; ``NotFound`` if none. Rights are the caller's to ask."""
    row = unit.one(sa.select(file_row).where(file_row.c.id == file_id))
    if row is None:
        raise NotFound(what=str(file_id))
    return FileRef(row.id, row.digest, row.name, row.mime, row.size, row.facts, row.owner)


def get_many(unit: Unit, file_ids: Iterable[Id]) -> dict[Id, FileRef]:
    """The rows of these files, those that exist."""
    wanted = list(file_ids)
    if not wanted:
        return {}
    rows = unit.rows(sa.select(file_row).where(file_row.c.id.in_(wanted)))
    return {r.id: FileRef(r.id, r.digest, r.name, r.mime, r.size, r.facts, r.owner) for r in rows}


def read(ref: FileRef) -> bytes:
    """The bytes of a kept file; ``NotFound`` when the store has lost them."""
    try:
        return path_of(ref.digest).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(what=str(ref.id)) from error


@contextmanager
def kept_still(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """Nothing is swept meanwhile: what a snapshot names stays there until it was copied."""
    conn.execute("SELECT pg_advisory_lock_shared(%s)", [_SWEEP_LOCK])
    try:
        yield
    finally:
        conn.execute("SELECT pg_advisory_unlock_shared(%s)", [_SWEEP_LOCK])


def drop(unit: Unit, file_ids: Iterable[Id]) -> list[str]:
    """Take the rows of files away; the digests that they had. The bytes go with ``drop_bytes`` after the commit."""
    gone = get_many(unit, file_ids)
    for ref in gone.values():
        was = {"id": ref.id, "digest": ref.digest, "mime": ref.mime, "size": ref.size}
        unit.delete(file_row, ref.id, was=was)
    return sorted({ref.digest for ref in gone.values()})


def drop_bytes(digests: Iterable[str]) -> list[str]:
    """Remove bytes that no row names any more, at once; those that are still named, or were put anew within the last
    day, stay, and all of them while a backup is being taken. Returns the digests whose bytes stay."""
    before, stay = clock.real_now().timestamp() - ORPHAN_AFTER_S, []
    with transaction() as conn:
        if not conn.execute(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _SWEEP_LOCK}).scalar():
            return [digest for digest in digests if path_of(digest).exists()]
        for digest in digests:
            path = path_of(digest)
            named = conn.execute(sa.select(sa.exists().where(file_row.c.digest == digest))).scalar()
            if not path.exists():
                continue
            if named or path.stat().st_mtime > before:
                stay.append(digest)
            else:
                path.unlink(missing_ok=True)
    return stay


def unnamed_bytes(unit: Unit, digests: Iterable[str]) -> set[str]:
    """Digests whose bytes lie here though no row names them."""
    there = [digest for digest in digests if path_of(digest).exists()]
    rows = unit.rows(sa.select(file_row.c.digest).where(file_row.c.digest.in_(there))) if there else []
    return set(there) - {row.digest for row in rows}


def sweep() -> int:
    """Remove bytes that no row names and that are a day old, and temporary files left by a crash. Not while a backup is
    being taken."""
    root, gone = _root(), 0
    if not root.exists():
        return 0
    before = clock.real_now().timestamp() - ORPHAN_AFTER_S
    with transaction() as conn:
        if not conn.execute(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _SWEEP_LOCK}).scalar():
            return 0
        for path in root.rglob("*"):
            if not path.is_file() or path.stat().st_mtime > before:
                continue
            digest = path.parent.name + path.name
            named = sa.select(sa.exists().where(file_row.c.digest == digest))
            if path.name.startswith(".new-") or not conn.execute(named).scalar():
                path.unlink(missing_ok=True)
                gone += 1
    return gone
