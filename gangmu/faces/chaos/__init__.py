"""Chaos 混沌: parts of a running house are killed under load, and what was promised is looked for afterwards.

Comes in: the number of trials and a seed. Goes out: one JSON object: acknowledged, lost, doubled, kills.
"""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gangmu.kit.errors import Invalid

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Args:
    """How often something is killed, and the seed of what and when."""

    trials: int = 3
    seed: int = 20260918


def names() -> list[str]:
    """What there is to be killed: ``events.py`` is ``events``."""
    return sorted(file.stem.replace("_", "-") for file in HERE.glob("*.py") if not file.stem.startswith("_"))


def run(name: str, args: Args) -> dict[str, Any]:
    """Run one."""
    if name not in names():
        raise Invalid(field=name, reason=f"no such chaos; there are {', '.join(names())}")
    found: dict[str, Any] = importlib.import_module(f"gangmu.faces.chaos.{name.replace('-', '_')}").run(args)
    return found


def say(line: str) -> None:
    """Progress, on stderr."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
