"""The invented city of ``gangmu up --demo`` or ``--practice``: founded once, lived in while the house runs, founded
anew when somebody wishes it.

Its folder is marked in ``gangmu.toml``. Only a folder with that mark is ever emptied, and of no more than what a node
keeps there.
"""

import json
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gangmu import boot, demo
from gangmu.base.city.service import WISH
from gangmu.faces.cli._errors import NotInvented, OtherMark, OwnDatabase
from gangmu.faces.cli._given import Given
from gangmu.faces.cli._words import say, spoken
from gangmu.kit import settings

MARKS = ("demo", "practice")
EMPTIED = ("engine", "files", "journal", "keys", "demo", "node.json")
USUAL_EVENTS = 96


def found(node: boot.Node, given: Given) -> None:
    """Nothing happens when it is there already. A folder of another city is left as it is."""
    try:
        demo.found(node, events=given.events)
    except demo.HalfFounded:
        mark(node.folder, given.invented)  # half of a demo city: may be founded anew
        raise
    mark(node.folder, given.invented)
    settings.read_file(node.folder / "gangmu.toml")


@contextmanager
def living(node: boot.Node, given: Given, address: str) -> Iterator[list[str]]:
    """The simulated people work at the address meanwhile. Gives the lines that tell who may sign in."""
    told = demo.accounts(spoken())
    if given.invented == "practice":
        told.insert(0, say("demo.practice"))
    if not demo.is_laid():
        told.append(say("demo.invented_ground"))
    if given.quiet:
        yield told
        return
    life = demo.live(address, folder=node.folder / "demo", speed=given.speed)
    try:
        yield told
    finally:
        life.stop()


def checked(given: Given) -> str:
    """Which kind of invented city is to run: what was said, or what the folder is marked as."""
    held = kind_of(given.data)
    if held and given.invented and held != given.invented:
        raise OtherMark(data=str(given.data), kind=say(f"demo.kind.{held}"))
    return held or given.invented


def kind_of(folder: Path) -> str:
    """Which kind of invented city a folder is marked as; empty: none."""
    try:
        told = tomllib.loads((folder / "gangmu.toml").read_text("utf-8")).get("city", {})
    except (OSError, tomllib.TOMLDecodeError):
        return ""
    return next((name for name in MARKS if told.get(name) is True), "")


def mark(folder: Path, kind: str) -> None:
    """Say in the folder what it holds. The rest of its settings stay."""
    if kind_of(folder):
        return
    file = folder / "gangmu.toml"
    said = file.read_text("utf-8").rstrip() + "\n\n" if file.exists() else ""
    file.write_text(f"{said}[city]\n{kind} = true\n", "utf-8")


def is_wished(folder: Path) -> bool:
    return (folder / WISH).exists()


def wish(folder: Path) -> None:
    (folder / WISH).write_text(json.dumps({"by": "command line"}), "utf-8")


def empty(folder: Path) -> None:
    """Take away the invented city of a folder whose house does not run. ``NotInvented`` for any other folder,
    ``OwnDatabase`` when its rows lie in a database of somebody else."""
    if not kind_of(folder):
        raise NotInvented(data=str(folder))
    settings.read_file(folder / "gangmu.toml")
    if not (folder / "engine").is_dir() and any((folder / name).exists() for name in EMPTIED[1:]):
        raise OwnDatabase(data=str(folder))
    for name in EMPTIED:
        there = folder / name
        if there.is_dir() and not there.is_symlink():
            shutil.rmtree(there)
        else:
            there.unlink(missing_ok=True)
    (folder / WISH).unlink(missing_ok=True)
