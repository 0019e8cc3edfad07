"""Prove that a backup is whole and restores: every digest, then a trial restore with counts and journal."""

from pathlib import Path
from typing import Annotated

import typer

from gangmu.care import restore
from gangmu.care.errors import Damaged, NotEqual
from gangmu.faces.cli._told import Json, moment, outcome, progress
from gangmu.faces.cli._words import say


def command(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    work: Annotated[
        Path | None, typer.Option(help="Where the trial is made. [default: the folder for temporary files]")
    ] = None,
    as_json: Json = False,
) -> None:
    """Needs neither the house nor its keys. Exit code 1 when a part is damaged; the first one is named."""
    try:
        told = restore.verify(file, progress, work)
    except (Damaged, NotEqual) as error:
        outcome({"ok": False, "code": error.code, **error.params}, say(error.code, **error.params), as_json)
        raise typer.Exit(1) from None
    outcome(
        told,
        say(
            "care.verify.done",
            rows=told["rows"],
            tables=told["tables"],
            files=told["kept_files"],
            entries=told["journal"]["entries"],
            at=moment(told["at"]),
        ),
        as_json,
    )
