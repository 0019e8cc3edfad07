"""The tables: bring them up to date, go back, or say where they stand."""

from enum import StrEnum
from typing import Annotated

import typer

from gangmu import boot
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._words import say
from gangmu.kit import settings
from gangmu.migrations import runner


class Way(StrEnum):
    up = "up"
    down = "down"
    check = "check"


def command(
    way: Annotated[Way, typer.Argument(help="up, down to a revision, or check.")],
    to: Annotated[str, typer.Argument(help="The revision; base is before the first.")] = "",
    data: Data = USUAL,
) -> None:
    """``gangmu up`` does this by itself; for a database of one's own it can be done before."""
    boot.load_stages()
    folder = data.expanduser().resolve()
    settings.read_file(folder / "gangmu.toml")
    with boot.open_engine(folder) as engine:
        if way is Way.up:
            runner.up(engine.uri_owner, to or "head")
        elif way is Way.down:
            if not to:
                raise typer.BadParameter("say how far back: a revision, or base")
            runner.down(engine.uri_owner, to)
        stands, newest = runner.current(engine.uri_owner), runner.head()
        print(say("migrate.stands", stands=stands or "base", newest=newest or "base"))
        if way is Way.check and stands != newest:
            raise typer.Exit(1)
