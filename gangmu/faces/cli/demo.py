"""The invented city of `gangmu up --demo` or `--practice`: found it anew."""

import threading
from pathlib import Path
from typing import Annotated

import typer

from gangmu.care import processes
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._errors import AlreadyUp, NotInvented, StillBusy
from gangmu.faces.cli._given import Given
from gangmu.faces.cli._words import say

cli = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
WITHIN_S = 300.0


@cli.callback()
def _group() -> None:
    """The demo or practice city."""


@cli.command()
def reset(
    data: Data = USUAL,
    events: Annotated[int, typer.Option(min=1, help="How many matters of the past days come with it.")] = 96,
) -> None:
    """Take away the city of a folder that is marked as demo or practice, and found it anew. A running house does it
    itself; everybody's session ends."""
    from gangmu.faces.cli import _demo
    from gangmu.faces.cli._supervise import _alone

    folder = data.expanduser().resolve()
    kind = _demo.kind_of(folder)
    if not kind:
        raise NotInvented(data=str(folder))
    try:
        with _alone(Given(folder, "", 0, kind, events=events)):
            _found_anew(folder, kind, events)
    except AlreadyUp:
        _demo.wish(folder)
        _wait(folder)
    print(say("demo.anew_done", data=folder))


def _found_anew(folder: Path, kind: str, events: int) -> None:
    from gangmu import boot
    from gangmu.faces.cli import _demo

    _demo.empty(folder)
    with boot.node(folder) as node:
        _demo.found(node, Given(folder, "", 0, kind, events=events))


def _wait(folder: Path) -> None:
    """Until the running house has taken the wish up and answers again."""
    from gangmu.faces.cli import _demo

    pause = threading.Event()
    for _ in range(int(WITHIN_S / 0.2)):
        if not _demo.is_wished(folder) and processes.read(folder).get("address"):
            return
        pause.wait(0.2)
    raise StillBusy(data=str(folder))
