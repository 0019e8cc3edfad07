"""Take in components: ``gangmu import components FILE``."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gangmu import boot
from gangmu.base.places.files import read_points, read_rows
from gangmu.base.registers import importing
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._words import say
from gangmu.kit.actor import System
from gangmu.kit.text import t

BATCH = 5000


def components(
    file: Annotated[Path, typer.Argument(help="GeoJSON, CSV or XLSX of components.")],
    crs: Annotated[str, typer.Option(help="Datum of the file: CGCS2000, WGS84, GCJ02 or BD09.")] = "CGCS2000",
    source: Annotated[str, typer.Option(help="What the survey is called. [default: the file's name]")] = "",
    data: Data = USUAL,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object.")] = False,
) -> None:
    """Take in components (部件): good rows in, bad ones told; the same file again adds nothing, a changed row makes an
    edition."""
    rows = _rows(file)
    total = dict.fromkeys(("read", "accepted", "quarantined", "already", "changed"), 0)
    findings: list[dict[str, Any]] = []
    with boot.node(data) as node:
        for start in range(0, len(rows), BATCH):
            with node.unit(System("import"), "gangmu import components") as unit:
                told = importing.import_components(
                    unit, unit.actor, rows[start : start + BATCH], crs=crs, source=source or file.name, first=start + 1
                )
            for name in total:
                total[name] += getattr(told, name)
            findings += [one.plain() for one in told.findings]
    if as_json:
        print(json.dumps({**total, "findings": findings[:1000]}, ensure_ascii=False), flush=True)
        return
    print(say("cli.import.done", **total))
    for one in findings[:20]:
        reason = t(f"sheet.components.row.{one['reason']}")
        print(f"{one['row']:>7}  {one['field']:<14} {reason}  {one['value']}".rstrip())


def _rows(file: Path) -> list[dict[str, str]]:
    """Rows by the register's columns; of GeoJSON the properties and the point."""
    is_map = file.suffix.lower() in (".geojson", ".json")
    raw = read_points(file) if is_map else read_rows(file, {})
    return [
        {importing.column_of(name): value for name, value in row.items() if importing.column_of(name)} for row in raw
    ]
