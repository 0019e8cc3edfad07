"""Run a stand-in for a system outside, to dock with: a city's 12345."""

from typing import Annotated

import typer

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
