"""Take an upgrade back by the backup that it took: the house as it was then, in its own folder.

The backup is restored and proven beside, inside the folder; only then places are changed, by renaming. What was there
is set aside and deleted by nobody. Killed in between, the same command goes on; until then the house does not start.
"""

import json
import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gangmu import boot
from gangmu.care import archive, database, keys, restore, upgrade
from gangmu.care.archive import Reader
from gangmu.care.backup import House
from gangmu.care.errors import BackupGone, NotThatBackup, OwnDatabase, TooLittleSpace
from gangmu.care.upgrade import Tell
from gangmu.kit import clock, engine, settings

PLACE, ASIDE = ".going-back", "before-going-back-"
STAY = ("keys", "gangmu.toml")


@dataclass(frozen=True, slots=True)
class Return:
    """What going back to the backup means: the moment that it shows, and what was done since."""

    file: Path
    at: str
    version: str
    revision: str
    entries: int
    events: int

    def said(self) -> dict[str, Any]:
        return {"file": str(self.file), "at": self.at, "version": self.version, "to": self.revision} | {
            "entries_since": self.entries,
            "events_since": self.events,
        }


def look(house: House) -> Return:
    """The pre-check; nothing was changed. Every digest of the backup is compared."""
    upgrade.check_at_rest(house)
    done = upgrade.last(house)
    if settings.get(engine.DatabaseSettings).uri:
        raise OwnDatabase(file=done["backup"])
    file = Path(done["backup"])
    if not file.is_file():
        raise BackupGone(file=str(file))
    with Reader(file) as backup:
        backup.check()
        told = backup.manifest
    if told["revision"] != done["from"]:
        raise NotThatBackup(file=str(file), stands=told["revision"], wanted=done["from"])
    place = house.folder / "keys"
    keys.check({name: (place / name).read_bytes() for name in keys.NAMES}, told["keys"], place)
    needed = (database.size_of(house.uri_owner) + told["files"]["bytes"]) // 1_000_000
    free = shutil.disk_usage(house.folder).free // 1_000_000
    if free < needed:
        raise TooLittleSpace(path=str(house.folder), free_mb=free, needed_mb=needed)
    now = upgrade.counted(house)

    def since(table: str) -> int:
        rows: int = told["tables"].get(table, {}).get("rows", 0)
        return max(0, now.get(table, 0) - rows)

    return Return(file, told["at"], told["version"], told["revision"], since("journal_entry"), since("event"))


def go(folder: Path, meant: Return, tell: Tell) -> dict[str, Any]:
    """Restore beside, prove, change places. The engine of the folder must be at rest."""
    place = folder / PLACE
    shutil.rmtree(place, ignore_errors=True)  # of a try that was killed before anything had changed its place
    with ExitStack() as undone:
        undone.callback(shutil.rmtree, place, ignore_errors=True)
        _settings_of(folder, place)
        is_copy = (folder / boot.COPY).exists()
        told = restore.restore(meant.file, place, tell, passphrase=None, keys_from=folder / "keys", as_copy=is_copy)
        undone.pop_all()
    aside = f"{ASIDE}{clock.real_now():%Y%m%dT%H%M%SZ}"
    with archive.writing(folder):
        (folder / f"{boot.GOING_BACK}.new").write_bytes(orjson.dumps({"aside": aside, **meant.said()}))
        (folder / f"{boot.GOING_BACK}.new").replace(folder / boot.GOING_BACK)
        _sync(folder)
    return {**finish(folder), "rows": told["rows"]}


def is_begun(folder: Path) -> bool:
    """Whether places were being changed when somebody stopped it."""
    return (folder / boot.GOING_BACK).exists()


def finish(folder: Path) -> dict[str, Any]:
    """Change places, from wherever it stands: what is still beside has not yet taken its place."""
    told: dict[str, Any] = json.loads((folder / boot.GOING_BACK).read_text("utf-8"))
    place, aside = folder / PLACE, folder / told["aside"]
    with archive.writing(folder):
        aside.mkdir(mode=0o700, exist_ok=True)
        for path in sorted(place.iterdir()) if place.exists() else ():
            if path.name in STAY:
                continue
            target = folder / path.name
            if target.exists():
                target.rename(aside / path.name)
            path.rename(target)
        shutil.rmtree(place, ignore_errors=True)
        (folder / upgrade.LAST).unlink(missing_ok=True)
        _sync(folder)
        (folder / boot.GOING_BACK).unlink()
    return {**told, "aside": str(aside)}


def _settings_of(folder: Path, place: Path) -> None:
    """The restored house runs by the settings of this folder."""
    with archive.writing(place):
        place.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700)
        if (folder / "gangmu.toml").exists():
            shutil.copy2(folder / "gangmu.toml", place / "gangmu.toml")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
