"""Dossiers drawn by lot: draw them, and prove such a file without the database."""

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from gangmu import boot
from gangmu.base import access
from gangmu.core import sampling
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._key import public_key
from gangmu.faces.cli._words import say, spoken
from gangmu.kit import ids, journal
from gangmu.kit.actor import System

cli = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Given = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file that was drawn.")]


@cli.command()
def draw(
    post: Annotated[str, typer.Option(help="The post of the auditor who draws: its id.")],
    seed: Annotated[str, typer.Option(help="Any text; the same draws the same.")],
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of reporting.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day of reporting.")],
    n: Annotated[int, typer.Option(min=1, max=50, help="How many cases.")] = 10,
    division: Annotated[str, typer.Option(help="A division; else that of the post.")] = "",
    purpose: Annotated[str, typer.Option(help="For what people are read in clear; else they are masked.")] = "",
    out: Annotated[Path, typer.Option(help="Where the file goes.")] = Path("sample.html"),
    data: Data = USUAL,
    as_json: Json = False,
) -> None:
    """Draw cases by lot in a post that may; the drawing stands in the journal."""
    with boot.node(data) as node:
        while journal.seal_tail(node.journal_folder):
            pass
        with node.unit(System("gangmu dossier"), "dossier draw") as unit:
            actor = access.actor_of_post(unit, ids.parse(post, "pst"))
        days: tuple[date, date] = (since.date(), until.date())
        with node.unit(actor, "dossier draw") as unit:
            made, content = sampling.draw(unit, actor, sampling.Draw(seed, *days, division, n, purpose), spoken())
    out.write_bytes(content)
    if as_json:
        print(json.dumps({"id": made.id, "drawn": made.drawn, "among": made.among, "file": str(out)}))
    else:
        print(say("cli.dossier.drawn", drawn=made.drawn, among=made.among, file=out))


@cli.command()
def verify(
    file: Given,
    key: Annotated[str, typer.Option(help="The node's public key (hex, or its file keys/signer.pub).")] = "",
    as_json: Json = False,
) -> None:
    """Prove a file without database: its signature, every entry's link, the signed heads; exit code 1 if not."""
    found = sampling.check(file.read_bytes(), public_key(key))
    if as_json:
        print(json.dumps({**asdict(found), "ok": found.ok}))
    elif found.ok:
        told = say("cli.dossier.known" if found.known else "cli.dossier.unknown")
        print(say("cli.dossier.ok", **{**asdict(found), "key": found.key[:16], "known": told}))
    else:
        print(say("cli.dossier.broken", why=found.why))
    if not found.ok:
        raise typer.Exit(1)
