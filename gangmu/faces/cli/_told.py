"""How the commands of care speak: progress on stderr, the outcome on stdout, in words or as one JSON object."""

import sys
from datetime import datetime
from typing import Annotated, Any

import orjson
import typer

from gangmu.faces.cli._words import say

Json = Annotated[bool, typer.Option("--json", help="End with one JSON object.")]


def progress(what: str, values: dict[str, Any]) -> None:
    """A line about how far it is."""
    print(say(f"care.step.{what}", **values), file=sys.stderr, flush=True)


def moment(at: str) -> str:
    """A time as the clock on the wall of this machine says it."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def outcome(told: dict[str, Any], line: str, as_json: bool) -> None:
    print(orjson.dumps(told).decode() if as_json else line, flush=True)
