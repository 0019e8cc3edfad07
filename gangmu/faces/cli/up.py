"""Run the house: database, web and work in one terminal; Ctrl-C stops all.

A second start takes up where the first was, also after kill -9: the database is found again, child processes end with
their parent. ``--role web`` or ``--role work`` runs one process of a house that is spread over several.
"""

import signal
import threading
from enum import StrEnum
from typing import Annotated

import typer

from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._given import Given
from gangmu.faces.cli._supervise import supervise
from gangmu.kit import descriptors, log
from gangmu.kit.errors import Invalid


class Role(StrEnum):
    all = "all"
    web = "web"
    work = "work"


def command(
    data: Data = USUAL,
    demo: Annotated[bool, typer.Option("--demo", help="An invented city where matters keep arriving.")] = False,
    practice: Annotated[
        bool, typer.Option("--practice", help="A city to practise in: in a folder of its own, marked, scoring nobody.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=1, max=600, help="How fast the invented city's time runs: 60 is a minute a second.")
    ] = 1.0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Nothing happens by itself in the invented city.")] = False,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8080,
    role: Annotated[Role, typer.Option(help="Everything, or one process of it.")] = Role.all,
    events: Annotated[int, typer.Option(hidden=True)] = 96,
    under: Annotated[int, typer.Option(hidden=True)] = 0,
    listening: Annotated[int, typer.Option(hidden=True)] = -1,
) -> None:
    """Run the house until Ctrl-C."""
    log.set_up()
    descriptors.raise_limit()
    if demo and practice:
        raise Invalid(field="--practice", reason="a city is either the demo or one to practise in")
    invented = "practice" if practice else "demo" if demo else ""
    if practice and data == USUAL:
        data = USUAL.with_name(f"{USUAL.name}-practice")
    folder = data.expanduser().resolve()
    given = Given(folder, host, port, invented, under, listening, speed, events, quiet)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _told(stop))
    if role is Role.all:
        supervise(given, stop)
        return
    from gangmu.faces.cli._process import run_web, run_work  # heavy: after the line was found right

    if role is Role.web:
        run_web(given, stop)
    else:
        run_work(given, stop)


def _told(stop: threading.Event) -> None:
    """Once: stop in order. Once more: now."""
    if stop.is_set():
        raise KeyboardInterrupt
    stop.set()
