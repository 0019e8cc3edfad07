"""Kill parts of a running house under load and count what was lost; the last line with --json is one JSON object."""

import json
from typing import Annotated

import typer

from gangmu.faces import chaos
from gangmu.kit import log


def command(
    name: Annotated[str, typer.Argument(help="Which one; without it they are listed.")] = "",
    trials: Annotated[int, typer.Option(min=1, help="How often something is killed.")] = 3,
    seed: Annotated[int, typer.Option(help="Another order of kills.")] = 20260918,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object.")] = False,
) -> None:
    """Kill -9 of database, web and work; every acknowledged act must be there once. Exit code 1 if one is not."""
    if not name:
        print("\n".join(chaos.names()))
        return
    log.set_up(level="critical")
    told = chaos.run(name, chaos.Args(trials, seed))
    if as_json:
        print(json.dumps(told))
    else:
        kills = ", ".join(f"{process} {times}" for process, times in told["kills"].items())
        print(f"{name}: {told['trials']} trials, killed {kills}")
        print(f"  {told['acknowledged']} acknowledged, {told['lost']} lost, {told['doubled']} doubled")
        print("".join(f"  wrong: {line}\n" for line in told["wrong"]), end="")
    if told["lost"] or told["doubled"] or told["wrong"]:
        raise typer.Exit(1)
