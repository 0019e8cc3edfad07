"""Make a house of a backup again, in a new folder, and prove that it is the same one."""

from pathlib import Path
from typing import Annotated

import typer

from gangmu.care import keys, restore
from gangmu.faces.cli._told import Json, moment, outcome, progress
from gangmu.faces.cli._words import say


def command(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    data: Annotated[
        Path, typer.Option("--data", help="The new folder: empty, or with a gangmu.toml that names an empty database.")
    ],
    passphrase_file: Annotated[Path | None, typer.Option(help="Opens the keys in the backup.")] = None,
    keys_from: Annotated[Path | None, typer.Option("--keys", help="A folder with the keys, kept apart.")] = None,
    as_copy: Annotated[bool, typer.Option("--as-copy", help="For a trial: this house calls no other system.")] = False,
    as_json: Json = False,
) -> None:
    """Sessions are ended; the node keeps its number; what was due meanwhile happens once when the house is up."""
    passphrase = keys.read_passphrase(passphrase_file) if passphrase_file else None
    told = restore.restore(file, data, progress, passphrase=passphrase, keys_from=keys_from, as_copy=as_copy)
    if not told["keys"]:
        progress("keys_wanted", {"path": Path(told["data"]) / "keys"})
    outcome(
        told,
        say(
            "care.restore.done",
            data=told["data"],
            rows=told["rows"],
            files=told["files"],
            entries=told["journal"]["entries"],
            at=moment(told["at"]),
        ),
        as_json,
    )
