"""Run a stand-in for a system outside: a city's 12345, a telephone system."""

import json
from collections import Counter
from typing import Annotated

import typer

from gangmu.faces.cli import _cti
from gangmu.faces.cli._words import say
from gangmu.kit.errors import Invalid
from gangmu.sdk.testing.hotline import Faults, Hotline, server

cli = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


@cli.callback()
def _group() -> None:
    """Stand-ins for systems outside."""


@cli.command()
def hotline(
    port: Annotated[int, typer.Option(help="On the loopback; 0: any that is free.")] = 0,
    faults: Annotated[
        str, typer.Option(help="none, all, or late, repeat, reorder, drop, busy, refuse with shares: drop=0.2,late")
    ] = "none",
    orders: Annotated[int, typer.Option(min=0, help="How many orders it hands over.")] = 20,
    area: Annotated[str, typer.Option(help="The division code on its orders.")] = "990101",
    token: Annotated[str, typer.Option(help="The bearer token that it wants.")] = "",
    seed: Annotated[int, typer.Option(help="Another mix.")] = 12345,
) -> None:
    """A city's 12345: hands orders over, takes acts, keeps its own account. POST /issue {"count": N} makes more."""
    try:
        wrong = Faults.named(faults)
    except ValueError as error:
        raise Invalid(field="--faults", reason=str(error)) from error
    town = Hotline(wrong, area=area, token=token, seed=seed)
    town.issue(orders)
    running = server(town, port)
    print(say("cli.simulate.at", address=f"http://127.0.0.1:{running.server_address[1]}", orders=orders), flush=True)
    try:
        running.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        running.server_close()


@cli.command()
def cti(
    token: Annotated[str, typer.Option(help="The bearer token of an application with the role cti_app.")],
    address: Annotated[str, typer.Option(help="Where the house is.")] = "http://127.0.0.1:8080",
    seats: Annotated[str, typer.Option(help="Seats that calls come to, commas between.")] = "801",
    calls: Annotated[int, typer.Option(min=1, help="How many calls.")] = 10,
    every: Annotated[float, typer.Option(min=0, help="Seconds a call takes; 0: all at once, as if just before.")] = 20,
    missed: Annotated[float, typer.Option(min=0, max=1, help="Share of calls that nobody answers.")] = 0.1,
    repeat: Annotated[float, typer.Option(min=0, max=1, help="Share of facts told twice.")] = 0.1,
    shuffle: Annotated[float, typer.Option(min=0, max=1, help="Share of calls told out of order.")] = 0.1,
    seed: Annotated[int, typer.Option(help="Another mix.")] = 12345,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object.")] = False,
) -> None:
    """A telephone system: calls ring, are answered, missed and hung up at the seats of the hotline."""
    named = [seat.strip() for seat in seats.split(",") if seat.strip()]
    if not named:
        raise Invalid(field="--seats", reason="at least one")
    done = Counter[str]()
    for line, sums in _cti.play(
        address,
        token,
        calls=calls,
        seats=named,
        every_s=every,
        missed=missed,
        repeat=repeat,
        shuffle=shuffle,
        seed=seed,
    ):
        done = sums
        if not as_json:
            print(line, flush=True)
    print(json.dumps(done) if as_json else say("cli.simulate.told", calls=done["calls"], told=done["told"]))
