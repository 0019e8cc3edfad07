"""Files that divisions, boundaries and grids come in: CSV, XLSX, GeoJSON and shapefiles, in any declared datum.

Whatever is wrong with one row or feature becomes a finding; only a file that is not what it claims to be is an error.
"""

import csv
import gzip
import io
import json
import math
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import python_calamine
import shapefile
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from gangmu.base.places.checks import area_m2
from gangmu.base.places.errors import FileUnreadable
from gangmu.base.places.model import Finding
from gangmu.kit import geo
from gangmu.kit.errors import Invalid

_NOT_A_SHAPE = (shapefile.ShapefileException, struct.error, zipfile.BadZipFile)
Move = Callable[[geo.Floats, geo.Floats], tuple[geo.Floats, geo.Floats]]
COLUMNS = {
    "code": "code", "代码": "code", "区划代码": "code", "行政区划代码": "code", "编码": "code", "网格编码": "code",
    "adcode": "code", "bgid": "code", "name": "name", "名称": "name", "区划名称": "name", "网格名称": "name",
    "level": "level", "级别": "level", "层级": "level", "parent_code": "parent_code", "parent": "parent_code",
    "上级代码": "parent_code", "父级代码": "parent_code", "valid_from": "valid_from", "生效日期": "valid_from",
    "valid_to": "valid_to", "失效日期": "valid_to", "successor": "successor", "变更后代码": "successor",
    "community": "community", "社区代码": "community", "kind": "kind", "类别": "kind", "类型": "kind",
    "units": "units", "单元网格": "units", "address": "address", "地址": "address", "标准地址": "address",
    "division": "division", "所属区划": "division", "road": "road", "道路": "road", "house_no": "house_no",
    "门牌号": "house_no", "poi": "poi", "兴趣点": "poi", "lon": "lon", "longitude": "lon", "经度": "lon",
    "lat": "lat", "latitude": "lat", "纬度": "lat",
}  # fmt: skip
"""Headers that are understood, and the field that each means."""


@dataclass(frozen=True, slots=True)
class Feature:
    """An area of a boundary or grid file: its fields, and its outline in CGCS2000 lon/lat (valid, polygons only)."""

    row: int
    fields: dict[str, str]
    outline: BaseGeometry


LONGEST_CELL = 100_000  # a quote that is never closed swallows the rest of the file


def read_rows(path: Path, columns: Mapping[str, str] = COLUMNS) -> list[dict[str, str]]:
    """The rows of a .csv, .csv.gz or .xlsx file with known headers renamed (`COLUMNS`). Raises `FileUnreadable`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(path.name, error.strerror or "cannot be opened") from error
    if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
        return _sheet_rows(path, raw, columns)
    if path.suffix.lower() == ".gz":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError) as error:
            raise FileUnreadable(path.name, "not gzip") from error
    return _csv_rows(path, _decoded(path, raw), columns)


def read_points(path: Path) -> list[dict[str, str]]:
    """The points of a GeoJSON file: their properties, with ``lon`` and ``lat`` as they are written there."""
    rows = []
    for properties, geometry in _geojson(path)[1]:
        row = {str(name).strip().lower(): "" if value is None else str(value) for name, value in properties.items()}
        where = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
        if isinstance(where, list) and len(where) >= 2:
            row |= {"lon": str(where[0]), "lat": str(where[1])}
        rows.append(row)
    return rows


def _decoded(path: Path, raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileUnreadable(path.name, "neither UTF-8 nor GB 18030 text")


def _csv_rows(path: Path, text: str, columns: Mapping[str, str]) -> list[dict[str, str]]:
    if "\0" in text:
        raise FileUnreadable(path.name, "not a text table")
    lines = csv.reader(io.StringIO(text))
    try:
        return list(_named(path, lines, columns))
    except csv.Error as error:
        raise FileUnreadable(path.name, str(error)) from error


def _sheet_rows(path: Path, raw: bytes, columns: Mapping[str, str]) -> list[dict[str, str]]:
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0)
    except (python_calamine.CalamineError, IndexError, ValueError, OSError) as error:
        raise FileUnreadable(path.name, "not a workbook") from error
    return list(_named(path, ([_cell(value) for value in row] for row in sheet.to_python()), columns))


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _named(path: Path, lines: Iterable[list[str]], columns: Mapping[str, str]) -> Iterator[dict[str, str]]:
    rows = iter(lines)
    header = next(rows, None)
    if not header:
        raise FileUnreadable(path.name, "empty")
    names = [columns.get(name.strip().lower(), name.strip().lower()) for name in header]
    for line in rows:
        if any(len(cell) > LONGEST_CELL for cell in line):
            raise FileUnreadable(path.name, f"a cell is longer than {LONGEST_CELL} characters")
        if any(cell.strip() for cell in line):
            yield dict(zip(names, line, strict=False))


def read_features(path: Path, crs: str | None = None) -> tuple[list[Feature], list[Finding], int]:
    """Areas of a .geojson/.json or .shp (or zipped shapefile) file, findings, and how many features were read.

    `crs` is the datum of the file: CGCS2000, WGS84, GCJ02, BD09 or `EPSG:n`; without it the file's own declaration
    (the .prj of a shapefile, the crs member of old GeoJSON) and then CGCS2000. Raises `FileUnreadable`."""
    shape = path.suffix.lower() in (".shp", ".zip")
    declared, pairs = _shapefile(path) if shape else _geojson(path)
    move = mover(crs or declared or "CGCS2000")
    features, findings, count = [], [], 0
    for count, (properties, geometry) in enumerate(pairs, start=1):
        fields = _fields(properties)
        outline = _outline(geometry, move)
        if isinstance(outline, str):
            findings.append(Finding(count, "geometry", outline, fields.get("code", "")))
            continue
        mended = outline if outline.is_valid else _areas_of(shapely.make_valid(outline))
        if mended is not outline:
            if mended.is_empty:
                findings.append(Finding(count, "geometry", "not_polygon", fields.get("code", "")))
                continue
            change = f"{area_m2(outline):.0f} -> {area_m2(mended):.0f} m2"
            findings.append(Finding(count, "geometry", "mended", change, is_note=True))
        features.append(Feature(count, fields, mended))
    return features, findings, count


def mover(crs: str) -> Move:
    """What turns arrays of (lon, lat), or of eastings and northings, in a datum into CGCS2000 degrees.
    Raises `Invalid` (field crs)."""
    try:
        datum = geo.crs_of(crs)
    except Invalid:
        try:
            found = CRS.from_user_input(crs)
        except ProjError:
            raise Invalid(field="crs", reason=f"unknown datum {crs[:60]!r}") from None
        if found.to_epsg(min_confidence=70) in (4490, 4326):
            return lambda x, y: (x, y)
        project = Transformer.from_crs(found, "EPSG:4490", always_xy=True)
        return lambda x, y: project.transform(x, y)
    return lambda x, y: geo.to_cgcs2000_many(x, y, datum)


def _fields(properties: Mapping[str, Any]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in properties.items():
        known = COLUMNS.get(str(name).strip().lower())
        if known is None or value is None or known in fields:
            continue
        listed = isinstance(value, (list, tuple))
        fields[known] = " ".join(str(one) for one in value) if listed else _cell(value).strip()
    return fields


def _outline(geometry: object, move: Move) -> BaseGeometry | str:
    """The outline in CGCS2000, or the reason why there is none."""
    if not isinstance(geometry, dict):
        return "no_geometry"
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return "not_polygon"
    try:
        found = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        return "bad_geometry"
    if found is None or found.is_empty:
        return "no_geometry"
    corners = shapely.get_coordinates(found)
    if not np.isfinite(corners).all():
        return "bad_geometry"
    x, y = move(corners[:, 0], corners[:, 1])
    if not (np.isfinite(x).all() and np.isfinite(y).all() and np.abs(x).max() <= 180 and np.abs(y).max() <= 90):
        return "not_degrees"
    return shapely.set_coordinates(shapely.force_2d(found), np.column_stack([x, y]))


def _areas_of(mended: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(mended) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _geojson(path: Path) -> tuple[str | None, list[tuple[dict[str, Any], object]]]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(path.name, error.strerror or "cannot be opened") from error
    try:
        held = json.loads(_decoded(path, raw), parse_constant=lambda word: math.nan)
    except (ValueError, RecursionError) as error:
        raise FileUnreadable(path.name, "not JSON") from error
    listed = held.get("features") if isinstance(held, dict) else None
    if not isinstance(listed, list):
        raise FileUnreadable(path.name, "not a GeoJSON FeatureCollection")
    declared = held.get("crs")
    name = (declared.get("properties") or {}).get("name") if isinstance(declared, dict) else None
    pairs: list[tuple[dict[str, Any], object]] = []
    for feature in listed:
        known = feature if isinstance(feature, dict) else {}
        own = known.get("properties")
        properties = dict(own) if isinstance(own, dict) else {}
        named = str(known.get("id") or "")
        if len(named) in (4, 6, 9, 12, 15) and named.isdigit():
            properties.setdefault("adcode", named)
        pairs.append((properties, known.get("geometry")))
    return (name if isinstance(name, str) else None), pairs


def _shapefile(path: Path) -> tuple[str | None, list[tuple[dict[str, Any], object]]]:
    try:
        encoding = _dbf_encoding(path)
        with shapefile.Reader(str(path), encoding=encoding, encodingErrors="replace") as reader:
            pairs: list[tuple[dict[str, Any], object]] = []
            for entry in reader.iterShapeRecords():
                outline = None if entry.shape.shapeType == shapefile.NULL else dict(entry.shape.__geo_interface__)
                pairs.append((entry.record.as_dict(), outline))
    except (*_NOT_A_SHAPE, OSError, ValueError, LookupError) as error:
        raise FileUnreadable(path.name, "not a readable shapefile (.shp with .dbf and .shx beside it)") from error
    side = path.with_suffix(".prj")
    return (side.read_text("utf-8", errors="replace") if side.exists() else None), pairs


def _dbf_encoding(path: Path) -> str:
    """What the .cpg says; without one UTF-8 if the table reads as such, else GB 18030."""
    side, table = path.with_suffix(".cpg"), path.with_suffix(".dbf")
    if side.exists():
        said = side.read_text("ascii", errors="replace").strip().lower()
        return "gb18030" if said in ("936", "gbk", "gb2312", "cp936", "gb18030") else "utf-8"
    if not table.exists():
        return "utf-8"
    try:
        table.read_bytes()[32:].decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"
