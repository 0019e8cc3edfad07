"""Take a backup: one file that holds the whole house as it was at one moment, while everybody works on.

One REPEATABLE READ snapshot is exported; the engine's own ``pg_dump`` reads in it, rows are counted and summed in it,
the kept files that it names are copied, with the journal's signed heads as they stood. Sweeping rests meanwhile.
"""

import platform
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import psycopg
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gangmu import __version__, boot
from gangmu.care import archive, database, keys, toml
from gangmu.care.errors import NoHouse
from gangmu.kit import clock, files, ids, journal, seal, settings
from gangmu.kit.engine import tools

Tell = Callable[[str, dict[str, Any]], None]
LAST = "last-backup.json"
OF_THE_MOMENT = (
    "up.json",
    LAST,
    "last-upgrade.json",
    "restoring.json",
    "going-back.json",
)  # a copy of a copy is a copy
MOST_BESIDE = 5_000_000


@dataclass(frozen=True, slots=True)
class House:
    """A house that is opened for care: its folder, the addresses of its database. Nothing in it is changed."""

    folder: Path
    uri_owner: str
    uri_app: str

    @property
    def heads(self) -> Path:
        return self.folder / "journal" / "heads"


@contextmanager
def opened(data: Path) -> Iterator[House]:
    """The house of a data folder, running or not, without bringing its tables up to date."""
    folder = data.expanduser().resolve()
    if not (folder / "keys" / "master").exists():
        raise NoHouse(path=str(folder))
    settings.read_file(folder / "gangmu.toml")
    with boot.open_engine(folder) as running:
        boot.use_folder(folder)
        with boot.open_database(running.uri_app):
            yield House(folder, running.uri_owner, running.uri_app)


def take(house: House, to: Path, passphrase: bytes | None, tell: Tell) -> dict[str, Any]:
    """Write the backup; its manifest with the path of the file."""
    target = _named(to)
    writer = archive.Writer(target)
    try:
        manifest = _fill(writer, house, passphrase, tell)
        writer.finish(manifest, seal.keys().signer)
    finally:
        writer.give_up()
    told = {"file": str(target), "size": target.stat().st_size, **manifest}
    with archive.writing(house.folder):
        _write_last(house.folder, told)
    return told


def _named(to: Path) -> Path:
    """The file itself, or a name by the time in a folder."""
    to = to.expanduser().absolute()
    if to.is_dir():
        return to / f"gangmu-{clock.real_now():%Y%m%dT%H%M%SZ}.tar"
    if not to.parent.is_dir():
        with archive.writing(to):
            to.parent.mkdir(parents=True)
    return to


def _fill(writer: archive.Writer, house: House, passphrase: bytes | None, tell: Tell) -> dict[str, Any]:
    journal.seal_tail(house.folder / "journal")  # writes a head that a crash kept from being written
    with (
        psycopg.connect(house.uri_owner, autocommit=True) as guard,
        files.kept_still(guard),
        database.snapshot(house.uri_owner, house.heads) as seen,
    ):
        revision = seen.revision()
        if not revision:
            raise NoHouse(path=str(house.folder))
        tell("database", {"mb": database.size_of(house.uri_owner) // 1_000_000})
        with tools.dumping(house.uri_owner, seen.name) as dump:
            writer.add("database.dump", dump)
        tell("counting", {})
        tables = seen.tables()
        head = seen.journal_head()
        heads = house.heads.open("rb") if seen.heads_size else BytesIO()
        with heads:
            writer.add("journal/heads", heads, seen.heads_size or None)
        kept = _copy_files(writer, seen, tell)
    left_out = _copy_beside(writer, house.folder)
    if left_out:
        tell("left_out", {"path": "gangmu.toml", "what": ", ".join(left_out)})
    if passphrase is not None:
        writer.add("keys.sealed", keys.sealed(house.folder / "keys", passphrase))
    public = seal.keys().verifier.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    return {
        "version": __version__,
        "python": platform.python_version(),
        "server": database.server_version(house.uri_owner),
        "revision": revision,
        "node": ids.node(),
        "at": seen.at,
        "tables": tables,
        "journal": head,
        "files": kept,
        "left_out": left_out,
        "keys": {"in": passphrase is not None, "signer": public, "master": keys.mark(_master(house.folder))},
    }


def _copy_files(writer: archive.Writer, seen: database.Snapshot, tell: Tell) -> dict[str, Any]:
    """Every kept file that the snapshot names. One that the house has lost already is told of, not hidden."""
    listed, lost, count, size = [], [], 0, 0
    for digest, wanted in seen.files():
        before = writer.size
        try:
            with files.path_of(digest).open("rb") as kept:
                name = f"files/{digest[:2]}/{digest[2:]}"
                is_right = writer.add(name, kept, wanted) == digest
        except FileNotFoundError:
            is_right = False
        if not is_right:
            writer.take_back(before)
            lost.append(digest)
            continue
        listed.append(f"{digest} {wanted}\n")
        count, size = count + 1, size + wanted
        if count % 500 == 0:
            tell("files", {"count": count, "mb": size // 1_000_000})
    writer.add("files.list", "".join(listed).encode())
    tell("files", {"count": count, "mb": size // 1_000_000})
    if lost:
        tell("lost", {"count": len(lost), "first": lost[0]})
    return {"count": count, "bytes": size, "lost": lost}


def _copy_beside(writer: archive.Writer, folder: Path) -> list[str]:
    """The small files beside: settings, the number of the node. Where the database was, and its passwords, stays here:
    what is restored from this must not work on the living one. The settings that were left out."""
    left_out: list[str] = []
    for path in sorted(folder.iterdir()):
        name = f"folder/{path.name}"
        wanted = path.is_file() and path.name not in OF_THE_MOMENT and archive.NAME.fullmatch(name)
        if not wanted or path.name.startswith(".") or path.stat().st_size > MOST_BESIDE:
            continue
        body = path.read_bytes()
        if path.name == "gangmu.toml":
            text, left_out = without_database(body.decode("utf-8"))
            body = text.encode()
        writer.add(name, body)
    return left_out


def without_database(text: str) -> tuple[str, list[str]]:
    """``gangmu.toml`` without the address of the database, and the settings left out. It is written anew then,
    without its comments: a password may stand in one of them too."""
    told = tomllib.loads(text)
    if "database" not in told:
        return text, []
    database = told.pop("database")
    names = [f"database.{name}" for name in database] if isinstance(database, dict) else []
    return toml.written(told), names or ["database"]


def _master(folder: Path) -> bytes:
    return (folder / "keys" / "master").read_bytes()


def last_file(told: dict[str, Any]) -> Path | None:
    """The file of the last backup; none when it is not where it was put."""
    file = Path(told["file"])
    return file if file.is_file() else None


def _write_last(folder: Path, told: dict[str, Any]) -> None:
    """What doctor and upgrade ask: when the last backup was taken, and where it went."""
    kept = {name: told[name] for name in ("file", "size", "at", "revision", "version")}
    fresh = folder / f".{LAST}.new"
    fresh.write_bytes(orjson.dumps({**kept, "taken_at": clock.real_now().isoformat(), "keys": told["keys"]["in"]}))
    fresh.replace(folder / LAST)
