"""Make the wall screen's figures of what stands now again, from the events."""

import json
from typing import Annotated

import typer

from gangmu.core.board import service
from gangmu.faces.cli._data import USUAL, Data
from gangmu.kit.actor import System

cli = typer.Typer(add_completion=False, help=__doc__)


@cli.command()
def rebuild(
    data: Data = USUAL,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Stock, reasons and squares again from the events; days and verdicts stay as they were counted. What differed
    before is told."""
    from gangmu import boot

    with boot.node(data) as node, node.unit(System("board rebuild")) as unit:
        events, differed = service.rebuild(unit)
    said = {"events": events, "differed": differed}
    print(json.dumps(said) if as_json else f"{events:,} · ≠ {differed:,}")


@cli.callback()
def board() -> None:
    """The wall screen."""
