"""Found a city from a list of divisions, and give it boundaries, grids, zones and addresses."""

import csv
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from gangmu import boot
from gangmu.base.places import files, founding, grids, service
from gangmu.base.places.codes import full_code, short_code
from gangmu.base.places.model import Finding, Report
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._words import say
from gangmu.kit import geo
from gangmu.kit.actor import System
from gangmu.kit.errors import Invalid

SHOWN = 20
cli = typer.Typer(add_completion=False, no_args_is_help=True, help="Found a city and give it its places.")

Json = Annotated[bool, typer.Option("--json", help="End with one JSON object.")]
Rejected = Annotated[Path | None, typer.Option(help="Write what was kept out, row by row, into this CSV.")]
CrsOption = Annotated[
    str | None, typer.Option(help="Datum of the file: CGCS2000, WGS84, GCJ02, BD09 or EPSG:n. [default: what it says]")
]
File = Annotated[Path, typer.Argument(help="The file.")]


@cli.command()
def new(
    code: Annotated[str, typer.Option(help="The city's division code: 4, 6, 9 or 12 digits.")],
    divisions: Annotated[
        Path | None, typer.Option(help="List of divisions (CSV, CSV.GZ, XLSX): code, name, and level, parent_code.")
    ] = None,
    boundaries: Annotated[Path | None, typer.Option(help="Their outlines: GeoJSON or shapefile.")] = None,
    crs: CrsOption = None,
    name: Annotated[str, typer.Option(help="The city's name; needed when the list does not say it.")] = "",
    edition: Annotated[str, typer.Option(help="Label of these boundaries. [default: the file's name]")] = "",
    valid_from: Annotated[str, typer.Option(help="From when on changes hold, as 2026-09-18. [default: today]")] = "",
    rejected: Rejected = None,
    data: Data = USUAL,
    as_json: Json = False,
) -> None:
    """Found a city, or bring its divisions and boundaries up to date. Doing it twice adds nothing."""
    full_code(code)
    day = _day(valid_from)
    rows = files.read_rows(divisions) if divisions else []
    outlines = files.read_features(boundaries, crs) if boundaries else None
    actor = System("city.new")
    with boot.node(data) as node, node.unit(actor, "gangmu city new") as unit:
        listed = founding.found_city(
            unit, actor, code, rows, name=name, source=divisions.name if divisions else "", valid_from=day
        )
        reports = {"divisions": listed} if divisions else {}
        if outlines and boundaries:
            features, told, read = outlines
            label = edition or boundaries.stem
            reports["boundaries"] = founding.publish_boundaries(
                unit, actor, features, label=label, source=boundaries.name, valid_from=day, told=told, read=read
            )
        city = founding.city(unit, actor)
        depth = service.current_atlas(unit).deepest
    head = {"code": short_code(city.code), "name": city.name, "data": str(data), "depth": depth}
    if not as_json:
        print(_say("told.founded", name=city.name, code=short_code(city.code), folder=data))
    _tell(reports, head, rejected, as_json)
    if not as_json:
        print(_say("told.depth", depth=_say(f"depth.{depth}")))


@cli.command("grids")
def unit_grids(
    file: File, crs: CrsOption = None, rejected: Rejected = None, data: Data = USUAL, as_json: Json = False
) -> None:
    """Take in unit grids (单元网格): GeoJSON or shapefile with the 15-digit code, or the community to number in."""
    features, told, read = files.read_features(file, crs)
    actor = System("city.grids")
    with boot.node(data) as node, node.unit(actor, "gangmu city grids") as unit:
        report = grids.import_unit_grids(unit, actor, features, source=file.name, told=told, read=read)
    _tell({"unit_grids": report}, {}, rejected, as_json)


@cli.command()
def duty_grids(file: File, rejected: Rejected = None, data: Data = USUAL, as_json: Json = False) -> None:
    """Take in responsibility grids (责任网格): a table of code, name and unit grids separated by blanks."""
    rows = files.read_rows(file)
    actor = System("city.duty_grids")
    with boot.node(data) as node, node.unit(actor, "gangmu city duty-grids") as unit:
        report = grids.import_duty_grids(unit, actor, rows, source=file.name)
    _tell({"duty_grids": report}, {}, rejected, as_json)


@cli.command()
def zones(
    file: File, crs: CrsOption = None, rejected: Rejected = None, data: Data = USUAL, as_json: Json = False
) -> None:
    """Take in functional zones (功能区): GeoJSON or shapefile with code, name and kind."""
    features, told, read = files.read_features(file, crs)
    actor = System("city.zones")
    with boot.node(data) as node, node.unit(actor, "gangmu city zones") as unit:
        report = grids.import_zones(unit, actor, features, source=file.name, told=told, read=read)
    _tell({"zones": report}, {}, rejected, as_json)


@cli.command()
def addresses(
    file: File,
    crs: Annotated[str, typer.Option(help="Datum of lon and lat: CGCS2000, WGS84, GCJ02 or BD09.")] = "CGCS2000",
    rejected: Rejected = None,
    data: Data = USUAL,
    as_json: Json = False,
) -> None:
    """Take in standard addresses: a table of address, division, road, house_no, poi, kind, lon, lat."""
    geo.crs_of(crs)
    rows = files.read_rows(file)
    actor = System("city.addresses")
    with boot.node(data) as node, node.unit(actor, "gangmu city addresses") as unit:
        report = service.import_addresses(unit, actor, rows, crs=crs, source=file.name)
    _tell({"addresses": report}, {}, rejected, as_json)


@cli.command()
def where(
    lon: Annotated[float, typer.Argument(help="Longitude, degrees.")],
    lat: Annotated[float, typer.Argument(help="Latitude, degrees.")],
    crs: Annotated[str, typer.Option(help="Datum of the point: CGCS2000, WGS84, GCJ02 or BD09.")] = "CGCS2000",
    data: Data = USUAL,
    as_json: Json = False,
) -> None:
    """Say where a point belongs (点位归属), as deep as the boundaries know. A negative number comes after --."""
    spot = geo.point(lon, lat, crs)
    with boot.node(data) as node, node.unit(System("city.where"), "gangmu city where") as unit:
        found = service.attribute(unit, spot)
        names = service.division_names(unit, [found.county, found.town, found.community, found.division])
    told: dict[str, Any] = {"lon": round(spot.lon, 7), "lat": round(spot.lat, 7), "depth": found.depth}
    told |= {"exact": found.exact, "division": found.division, "county": found.county, "town": found.town}
    told |= {"community": found.community, "unit_grid": found.unit_grid, "duty_grid": found.duty_grid}
    told |= {"zones": list(found.zones), "names": names}
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
        return
    print(_say("told.depth", depth=_say(f"depth.{found.depth}")))
    for key in ("county", "town", "community", "unit_grid", "duty_grid"):
        if told[key]:
            print(f"  {key:<10} {told[key]} {names.get(told[key], '')}".rstrip())
    for zone in found.zones:
        print(f"  {'zone':<10} {zone}")


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(field="valid-from", reason=f"{text[:20]!r} is not a date such as 2026-09-18") from None


def _tell(reports: Mapping[str, Report], head: Mapping[str, Any], rejected: Path | None, as_json: bool) -> None:
    if rejected is not None:
        _write(rejected, reports)
    if as_json:
        told = {what: _plain(report) for what, report in reports.items()}
        print(json.dumps({**head, **(told if head else next(iter(told.values())))}, ensure_ascii=False))
        return
    for what, report in reports.items():
        counts = {name: value for name, value in report.plain().items() if name != "findings"}
        print(_say("told.counts", what=_say(f"told.{what}"), **counts))
        for finding in report.findings[:SHOWN]:
            print(f"  {_line(finding)}")
        if len(report.findings) > SHOWN:
            print("  " + _say("told.more", count=len(report.findings) - SHOWN))


def _plain(report: Report) -> dict[str, Any]:
    told = report.plain()
    told["findings"] = [{**one.plain(), "text": _say(f"reason.{one.reason}")} for one in report.findings]
    return told


def _line(finding: Finding) -> str:
    place = _say("told.row", row=finding.row) if finding.row else _say("told.file")
    kind = _say("told.note") if finding.is_note else _say("told.out")
    value = f" [{finding.value[:60]}]" if finding.value else ""
    return f"{place}, {finding.field}: {_say(f'reason.{finding.reason}')}{value} ({kind})"


def _write(path: Path, reports: Mapping[str, Report]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as opened:
        table = csv.writer(opened)
        table.writerow(["list", "row", "field", "reason", "text", "value"])
        for what, report in reports.items():
            for one in report.findings:
                if not one.is_note:
                    text = _say(f"reason.{one.reason}")
                    table.writerow([what, one.row, one.field, one.reason, text, one.value])


def _say(key: str, **values: Any) -> str:
    return say(f"places.{key}", **values)
