"""Bring a house to this version: pre-check, backup, tables, proof; --back takes it back, with what was done since or to
the backup."""

from pathlib import Path
from typing import Annotated

import typer

from gangmu.care import backup, going_back, keys, upgrade
from gangmu.care.errors import WouldForget
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._told import Json, outcome, progress
from gangmu.faces.cli._words import say
from gangmu.kit.errors import Invalid


def command(
    data: Data = USUAL,
    check: Annotated[bool, typer.Option("--check", help="Only say what would happen.")] = False,
    is_back: Annotated[bool, typer.Option("--back", help="Take the last upgrade back.")] = False,
    is_from_backup: Annotated[
        bool, typer.Option("--from-backup", help="With --back: to the backup that the upgrade took, in place.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Go back though something is lost.")] = False,
    backup_to: Annotated[
        Path | None, typer.Option(help="The folder of the backup. [default: backups in the data folder]")
    ] = None,
    no_backup: Annotated[
        bool, typer.Option("--no-backup", help="Rely on the last one, if it is young enough.")
    ] = False,
    passphrase_file: Annotated[Path | None, typer.Option(help="Take the keys along in the backup.")] = None,
    as_json: Json = False,
) -> None:
    """The house must be stopped. What comes is tried first, and nothing of the trial stays."""
    if is_from_backup:
        if not is_back:
            raise Invalid(field="--from-backup", reason="it goes with --back")
        _back_to_backup(data.expanduser().resolve(), check, yes, as_json)
        return
    passphrase = keys.read_passphrase(passphrase_file) if passphrase_file else None
    with backup.opened(data) as house:
        to = None if no_backup else backup_to or house.folder / "backups"
        if is_back:
            _back(house, check, yes, to, passphrase, as_json)
            return
        plan = upgrade.look(house)
        progress("plan", {"stands": plan.stands, "newest": plan.newest, "free": plan.free_mb, "needed": plan.needed_mb})
        for step in plan.steps:
            shown = {"revision": step.revision, "about": step.about, "seconds": step.seconds, "kind": step.kind}
            progress(
                "tried", {**shown, "locks": ", ".join(step.locks) or "-", "removed": ", ".join(step.removed) or "-"}
            )
        if check or not plan.steps:
            line = say("care.upgrade.nothing" if not plan.steps else "care.upgrade.would", newest=plan.newest)
            outcome({"done": False, **plan.said()}, line, as_json)
            return
        told = upgrade.forward(house, plan, to, passphrase, progress)
    outcome({"done": True, **plan.said(), **told}, say("care.upgrade.done", **told), as_json)


def _back(
    house: backup.House, check: bool, yes: bool, to: Path | None, passphrase: bytes | None, as_json: bool
) -> None:
    done = upgrade.last(house)
    lost = upgrade.losses(house, done)
    for one in lost:
        progress("loses", {"what": one.what, "rows": one.rows})
    if check:
        line = say("care.upgrade.would_back", to=done["from"], count=len(lost))
        outcome({"done": False, "to": done["from"], "lost": [[one.what, one.rows] for one in lost]}, line, as_json)
        return
    upgrade.check_may_lose(lost, yes)
    told = upgrade.back(house, done, lost, to, passphrase, progress)
    outcome({"done": True, **told}, say("care.upgrade.back", **told), as_json)


def _back_to_backup(folder: Path, check: bool, yes: bool, as_json: bool) -> None:
    """As it was before the upgrade. What was stopped while folders changed places goes on."""
    if going_back.is_begun(folder):
        told = going_back.finish(folder)
    else:
        with backup.opened(folder) as house:
            meant = going_back.look(house)
        if check:
            line = say("care.upgrade.would_back_to", **meant.said())
            outcome({"done": False, **meant.said()}, line, as_json)
            return
        if not yes:
            raise WouldForget(at=meant.at, entries=meant.entries, events=meant.events)
        told = going_back.go(folder, meant, progress)
    outcome({"done": True, **told}, say("care.upgrade.back_to", **told), as_json)
