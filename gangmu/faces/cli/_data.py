"""The data folder that a command works on."""

import os
from pathlib import Path
from typing import Annotated

import typer


def _usual() -> Path:
    """Root's home is closed to the database's account, so a service keeps its city where services do."""
    return Path("/var/lib/gangmu") if os.geteuid() == 0 else Path.home() / ".local" / "share" / "gangmu"


USUAL = _usual()
Data = Annotated[Path, typer.Option("--data", help="The city's folder.", show_default=str(USUAL))]
