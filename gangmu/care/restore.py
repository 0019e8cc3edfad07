"""Make a house of a backup again, and prove that it is the same one.

Into an empty folder, with an embedded database or the empty PostgreSQL that the folder's ``gangmu.toml`` or the
environment names. ``restoring.json`` lies in the folder from the first byte to the last: a house with it is not opened.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import psycopg

from gangmu import boot
from gangmu.base.access import service as access_service
from gangmu.care import archive, database, keys
from gangmu.care.archive import Reader
from gangmu.care.errors import Damaged, NotEmpty, NotEqual, OtherSigner, TooNew
from gangmu.kit import clock, db, engine, journal, settings
from gangmu.kit.actor import System
from gangmu.kit.engine import tools
from gangmu.kit.unit import open_unit
from gangmu.migrations import runner

Tell = Callable[[str, dict[str, Any]], None]
KEPT = ("gangmu.toml",)


def verify(path: Path, tell: Tell, work: Path | None = None, key: str = "") -> dict[str, Any]:
    """Every digest, then a whole restore into a temporary engine: counts, sums and journal. Raises what is damaged.
    ``key`` is the house's public key (hex), got by another way than the file; without it the backup proves only that it
    is whole and by whoever holds the key that it names."""
    with Reader(path.expanduser()) as backup:
        if key and key != backup.manifest["keys"]["signer"]:
            raise OtherSigner(path=str(path), key=backup.manifest["keys"]["signer"])
        tell("digests", {"mb": backup.size // 1_000_000})
        backup.check()
        _check_version(backup)
        place = Path(tempfile.mkdtemp(prefix="gangmu-verify-", dir=work))
        try:
            os.chmod(place, 0o711)
            options = replace(settings.get(engine.EngineSettings).options(), ephemeral=True, durable=False, port=None)
            with engine.started(place, options) as running:
                tell("restoring", {})
                _bring_in(backup, place, running.uri_owner, running.uri_app)
                _put(backup, "journal/heads", place / "journal" / "heads")
                return _prove(backup, place, running.uri_owner, running.uri_app, tell)
        finally:
            shutil.rmtree(place, ignore_errors=True)


def restore(
    path: Path, data: Path, tell: Tell, *, passphrase: bytes | None, keys_from: Path | None, as_copy: bool
) -> dict[str, Any]:
    """Make the house in ``data``; what was proven of it."""
    folder = data.expanduser().resolve()
    with Reader(path.expanduser()) as backup, ExitStack() as held:
        _check_version(backup)
        found = _keys(backup, passphrase, keys_from)
        _claim(folder, path)
        settings.read_file(folder / "gangmu.toml")
        running = held.enter_context(_engine(folder))
        tell("database", {"mb": backup.parts["database.dump"].size // 1_000_000})
        _bring_in(backup, folder, running.uri_owner, running.uri_app)
        count = _bring_files(backup, folder, tell)
        _bring_beside(backup, folder)
        _put(backup, "journal/heads", folder / "journal" / "heads")
        told = _prove(backup, folder, running.uri_owner, running.uri_app, tell)
        _keep_keys(folder, found)
        if as_copy:
            (folder / boot.COPY).write_bytes(orjson.dumps({"of": backup.manifest["node"], "at": backup.manifest["at"]}))
        ended = _begin_anew(folder, running.uri_app, backup, as_copy)
        _sync(folder)
        (folder / boot.RESTORING).unlink()
    return {**told, "data": str(folder), "files": count, "keys": bool(found), "copy": as_copy, "sessions_ended": ended}


def _check_version(backup: Reader) -> None:
    if not runner.is_known(backup.manifest["revision"]):
        raise TooNew(version=backup.manifest["version"], revision=backup.manifest["revision"])


def _claim(folder: Path, path: Path) -> None:
    """Mark the folder as being restored into; one that holds anything else is refused."""
    with archive.writing(folder):
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        there = sorted(one.name for one in folder.iterdir() if one.name not in KEPT)
        if there:
            raise NotEmpty(path=str(folder), what=there[0])
        begun = {"from": str(path), "began_at": clock.real_now().isoformat()}
        (folder / boot.RESTORING).write_bytes(orjson.dumps(begun))
        _sync(folder)


@contextmanager
def _engine(folder: Path) -> Iterator[Any]:
    """The embedded engine, which ends with us if we are killed, or the PostgreSQL named, which must be empty."""
    named = settings.get(engine.DatabaseSettings)
    if named.uri:
        running: Any = engine.use(named.uri, named.owner_uri)
        if not database.is_empty(running.uri_owner):
            raise NotEmpty(path=str(folder), what="database.uri")
    else:
        running = engine.start(folder, replace(settings.get(engine.EngineSettings).options(), ephemeral=True))
    try:
        yield running
    finally:
        running.stop()


def _bring_in(backup: Reader, place: Path, uri_owner: str, uri_app: str) -> None:
    """The dump into the empty database, in one transaction; then the rights of the application."""
    dump = place / ".database.dump"
    try:
        _put(backup, "database.dump", dump)
        tools.restore(uri_owner, str(dump), database.server_version(uri_owner) < 170000)
    finally:
        dump.unlink(missing_ok=True)
    runner.up(uri_owner, backup.manifest["revision"], app=db.role_of(uri_app))


def _put(backup: Reader, name: str, target: Path) -> None:
    """A part as a file, its digest checked."""
    with archive.writing(target):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            for piece in backup.stream(backup.parts[name]):
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())


def _bring_files(backup: Reader, folder: Path, tell: Tell) -> int:
    backup.check_list()
    (folder / "files").mkdir(mode=0o700)
    parts = backup.files()
    for count, part in enumerate(parts, 1):
        _put(backup, part.name, folder / part.name)
        if count % 500 == 0 or count == len(parts):
            tell("files", {"count": count, "mb": sum(one.size for one in parts[:count]) // 1_000_000})
    return len(parts)


def _bring_beside(backup: Reader, folder: Path) -> None:
    """Settings and number of the node; settings that lie in the new folder already are those of the new place."""
    for name in backup.parts:
        target = folder / name.removeprefix("folder/")
        if name.startswith("folder/") and not target.exists():
            _put(backup, name, target)


def _keys(backup: Reader, passphrase: bytes | None, keys_from: Path | None) -> dict[str, bytes]:
    """The keys out of the backup or of a folder; none when neither is given."""
    told = backup.manifest["keys"]
    if keys_from is not None:
        with archive.writing(keys_from):
            found = {name: (keys_from / name).read_bytes() for name in keys.NAMES}
    elif passphrase is not None and told["in"]:
        found = keys.opened(backup.read("keys.sealed"), passphrase)
    else:
        return {}
    keys.check(found, told, keys_from or backup.path)
    return found


def _keep_keys(folder: Path, found: dict[str, bytes]) -> None:
    """Put the keys in; without them the folder says so, so that no new ones are made in their place."""
    place = folder / "keys"
    with archive.writing(place):
        place.mkdir(mode=0o700, exist_ok=True)
        for name, value in (found or {"missing": b""}).items():
            handle = os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(value)
                out.flush()
                os.fsync(out.fileno())


def _prove(backup: Reader, folder: Path, uri_owner: str, uri_app: str, tell: Tell) -> dict[str, Any]:
    """Equal rows in every table, and a journal that holds to its signed heads."""
    tell("proving", {})
    wanted = backup.manifest["tables"]
    with psycopg.connect(uri_owner, autocommit=True) as conn, conn.transaction():
        found = database.tables(conn)
    for table in sorted({*wanted, *found}):
        if wanted.get(table) != found.get(table):
            told = {"table": table, "wanted": wanted.get(table), "found": found.get(table)}
            raise NotEqual(**told)
    with boot.open_database(uri_app):
        verdict = journal.verify(folder / "journal", backup.verifier)
    if verdict.broken is not None:
        raise Damaged(part="journal", reason=f"number {verdict.broken['seq']}: {verdict.broken['why']}")
    told = backup.manifest["journal"]
    if verdict.sealed != told["sealed"] or (told["sealed"] and verdict.head != told["head"]):
        raise Damaged(part="journal", reason=f"its head is number {verdict.sealed}, not {told['sealed']}")
    rows = sum(one["rows"] for one in found.values())
    return {
        "ok": True,
        "at": backup.manifest["at"],
        "version": backup.manifest["version"],
        "revision": backup.manifest["revision"],
        "tables": len(found),
        "rows": rows,
        "kept_files": backup.manifest["files"]["count"],
        "lost_before": len(backup.manifest["files"]["lost"]),
        "journal": {"entries": verdict.entries, "sealed": verdict.sealed, "unsealed": verdict.unsealed},
        "keys_in": backup.manifest["keys"]["in"],
        "signer": backup.manifest["keys"]["signer"],
    }


def _begin_anew(folder: Path, uri_app: str, backup: Reader, as_copy: bool) -> int:
    """Nobody is signed in any more, and the journal tells that the house was restored. Timers and jobs are rows: what
    was due meanwhile runs once when the house is up."""
    boot.load_stages()
    with boot.open_database(uri_app), open_unit(System("restore"), "gangmu restore") as unit:
        ended = access_service.end_all_sessions(unit)
        unit.note("restore", "house", taken_at=backup.manifest["at"], as_copy=as_copy, sessions_ended=ended)
    return ended


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
