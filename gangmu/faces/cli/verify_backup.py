"""Prove that a backup is whole and restores: every digest, then a trial restore with counts and journal."""

from pathlib import Path
from typing import Annotated

import typer

from gangmu.care import restore
from gangmu.care.errors import Damaged, NotEqual, OtherSigner
from gangmu.faces.cli._key import public_key
from gangmu.faces.cli._told import Json, moment, outcome, progress
from gangmu.faces.cli._words import say


def command(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    work: Annotated[
        Path | None, typer.Option(help="Where the trial is made. [default: the folder for temporary files]")
    ] = None,
    key: Annotated[str, typer.Option(help="The house's public key (hex, or its file keys/signer.pub).")] = "",
    as_json: Json = False,
) -> None:
    """Needs neither the house nor its keys. Exit code 1 when a part is damaged (the first one is named), or when the
    backup is signed with another key than the one given."""
    wanted = public_key(key)
    try:
        told = restore.verify(file, progress, work, wanted)
    except (Damaged, NotEqual, OtherSigner) as error:
        outcome({"ok": False, "code": error.code, **error.params}, say(error.code, **error.params), as_json)
        raise typer.Exit(1) from None
    outcome(
        {**told, "known": bool(wanted)},
        say(
            "care.verify.done",
            rows=told["rows"],
            tables=told["tables"],
            files=told["kept_files"],
            entries=told["journal"]["entries"],
            at=moment(told["at"]),
            key=told["signer"],
            known=say("care.key.known" if wanted else "care.key.unknown"),
        ),
        as_json,
    )
