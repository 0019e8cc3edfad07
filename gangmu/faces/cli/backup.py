"""Take a backup of the whole house into one file, while everybody works on."""

from pathlib import Path
from typing import Annotated

import typer

from gangmu.care import backup, keys
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._told import Json, moment, outcome, progress
from gangmu.faces.cli._words import say


def command(
    to: Annotated[Path, typer.Option(help="The file, or a folder in which it is named by the time.")],
    data: Data = USUAL,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="Take the keys along, sealed with the first line of this file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Database, photos and documents, signed heads, settings; the keys only when a passphrase is given."""
    passphrase = keys.read_passphrase(passphrase_file) if passphrase_file else None
    with backup.opened(data) as house:
        told = backup.take(house, to, passphrase, progress)
    if passphrase is None:
        progress("no_keys", {"path": house.folder / "keys"})
    mb = f"{told['size'] / 1_000_000:.1f}"
    count, key = told["files"]["count"], told["keys"]["signer"]
    line = say("care.backup.done", file=told["file"], mb=mb, files=count, at=moment(told["at"]), key=key)
    outcome({**told, "rows": sum(one["rows"] for one in told["tables"].values())}, line, as_json)
    if told["files"]["lost"]:
        raise typer.Exit(1)
