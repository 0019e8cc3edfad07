"""Files of rows and areas: what is read, what is told, what is refused."""

import gzip
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
import shapefile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from gangmu.base.places import files
from gangmu.base.places.errors import FileUnreadable
from gangmu.kit import geo
from gangmu.kit.errors import Invalid

SQUARE = [[[118.0, 36.0], [118.01, 36.0], [118.01, 36.01], [118.0, 36.01], [118.0, 36.0]]]
TABLE = "区划代码,名称,级别,上级代码\n3703,某市,市,\n\n370303,甲区,区县,3703\n"
ROWS = [
    {"code": "3703", "name": "某市", "level": "市", "parent_code": ""},
    {"code": "370303", "name": "甲区", "level": "区县", "parent_code": "3703"},
]


def collection(*features: dict, **more: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more})


def area(coordinates: object = SQUARE, kind: str = "Polygon", **properties: object) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_tables_in_the_usual_encodings(tmp_path: Path, encoding: str):
    (tmp_path / "d.csv").write_bytes(TABLE.encode(encoding))
    assert files.read_rows(tmp_path / "d.csv") == ROWS


def test_tables_zipped_and_as_workbooks(tmp_path: Path):
    (tmp_path / "d.csv.gz").write_bytes(gzip.compress(TABLE.encode()))
    assert files.read_rows(tmp_path / "d.csv.gz") == ROWS
    book = openpyxl.Workbook()
    for row in (["代码", "名称", "level", "parent_code"], [3703, "某市", "市", None], ["370303", "甲区", "区县", 3703]):
        book.active.append(row)
    book.save(tmp_path / "d.xlsx")
    assert files.read_rows(tmp_path / "d.xlsx") == ROWS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.csv", b""),
        ("d.csv", b"\xff\xfe\x00\x00\x81"),
        ("d.csv", b"code,name\n1\0,2\n"),
        ("d.csv.gz", b"not gzip"),
        ("d.xlsx", b"not a workbook"),
        ("d.csv", b"code,name\n" + b'"' + b"x" * 200_000),
    ],
)
def test_a_file_that_is_no_table_is_named(tmp_path: Path, name: str, content: bytes):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileUnreadable) as wrong:
        files.read_rows(tmp_path / name)
    assert wrong.value.params["file"] == name
    with pytest.raises(FileUnreadable):
        files.read_rows(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    "named", [{"adcode": "370303"}, {"code": 370303}, {"区划代码": "370303"}, {"adcode": 370303.0}]
)
def test_areas_are_read_with_their_code(tmp_path: Path, named: dict):
    (tmp_path / "b.geojson").write_text(collection(area(**named, name="甲区")), "utf-8")
    (found,), findings, count = files.read_features(tmp_path / "b.geojson")
    assert (found.fields, findings, count) == ({"code": "370303", "name": "甲区"}, [], 1)
    assert found.outline.bounds == (118.0, 36.0, 118.01, 36.01)


def test_a_feature_id_may_be_the_code_but_not_a_count(tmp_path: Path):
    (tmp_path / "b.json").write_text(collection({**area(), "id": "370303"}, {**area(), "id": 17}), "utf-8")
    features, _, _ = files.read_features(tmp_path / "b.json")
    assert [one.fields.get("code") for one in features] == ["370303", None]


@pytest.mark.parametrize("crs", ["GCJ02", "BD09"])
def test_areas_are_brought_into_the_datum_of_the_house(tmp_path: Path, crs: str):
    (tmp_path / "b.geojson").write_text(collection(area()), "utf-8")
    (found,), _, _ = files.read_features(tmp_path / "b.geojson", crs)
    assert found.outline.exterior.coords[0] == pytest.approx(geo.to_cgcs2000(118.0, 36.0, crs), abs=1e-10)


def test_a_declared_projection_is_undone(tmp_path: Path):
    project = Transformer.from_crs("EPSG:4490", "EPSG:4548", always_xy=True)
    ring = [list(project.transform(*spot)) for spot in SQUARE[0]]
    declared = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
    (tmp_path / "b.geojson").write_text(collection(area([ring]), crs=declared), "utf-8")
    (found,), findings, _ = files.read_features(tmp_path / "b.geojson")
    assert found.outline.bounds == pytest.approx((118.0, 36.0, 118.01, 36.01), abs=1e-9) and not findings
    (tmp_path / "c.geojson").write_text(collection(area([ring])), "utf-8")
    assert files.read_features(tmp_path / "c.geojson")[1][0].reason == "not_degrees"
    assert len(files.read_features(tmp_path / "c.geojson", "EPSG:4548")[0]) == 1


def test_an_unknown_projection_is_named(tmp_path: Path):
    (tmp_path / "b.geojson").write_text(collection(area()), "utf-8")
    with pytest.raises(Invalid) as wrong:
        files.read_features(tmp_path / "b.geojson", "EPSG:999999")
    assert wrong.value.params["field"] == "crs"


BOW = [[[118.0, 36.0], [118.01, 36.01], [118.01, 36.0], [118.0, 36.01], [118.0, 36.0]]]


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        ({"type": "Feature", "properties": {}}, "no_geometry"),
        ({"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}, "not_polygon"),
        (area([]), "no_geometry"),
        (area("x"), "bad_geometry"),
        (area([[[118, 36]]]), "bad_geometry"),
        (area([[[500, 36], [501, 36], [501, 37], [500, 36]]]), "not_degrees"),
        ("nonsense", "no_geometry"),
        (None, "no_geometry"),
        (area([[[118.0, 36.0], [118.1, 36.0], [118.2, 36.0], [118.0, 36.0]]]), "not_polygon"),
    ],
)
def test_a_bad_area_is_told_and_the_good_ones_stay(tmp_path: Path, feature: object, reason: str):
    (tmp_path / "b.geojson").write_text(collection(area(code="1"), feature, area(code="3")), "utf-8")
    features, findings, count = files.read_features(tmp_path / "b.geojson")
    assert ([one.row for one in features], count) == ([1, 3], 3)
    assert [(one.row, one.reason) for one in findings] == [(2, reason)]


def test_a_self_crossing_area_is_mended_and_told(tmp_path: Path):
    (tmp_path / "b.geojson").write_text(collection(area(BOW)), "utf-8")
    (found,), (told,), _ = files.read_features(tmp_path / "b.geojson")
    assert found.outline.is_valid and found.outline.area > 0
    assert (told.reason, told.is_note) == ("mended", True)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"features": 3}', b"nope", b"\xff\xfe\x81", b"[" * 100_000])
def test_a_file_that_is_no_collection_is_named(tmp_path: Path, content: bytes):
    (tmp_path / "b.geojson").write_bytes(content)
    with pytest.raises(FileUnreadable):
        files.read_features(tmp_path / "b.geojson")


def shape(folder: Path, epsg: int | None, encoding: str = "utf-8", name: str = "甲区") -> Path:
    ring = SQUARE[0]
    if epsg not in (None, 4490, 4326):
        project = Transformer.from_crs("EPSG:4490", f"EPSG:{epsg}", always_xy=True)
        ring = [list(project.transform(*spot)) for spot in ring]
    with shapefile.Writer(str(folder / "b"), shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        writer.field("CODE", "C", 15)
        writer.field("NAME", "C", 40)
        writer.poly([ring[::-1]])
        writer.record("370303", name)
        writer.null()
        writer.record("370304", "空")
    if epsg is not None:
        (folder / "b.prj").write_text(CRS.from_epsg(epsg).to_wkt("WKT1_ESRI"), "utf-8")
    return folder / "b.shp"


@pytest.mark.parametrize("epsg", [None, 4490, 4326, 4548])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_shapefiles_with_their_projection_and_encoding(tmp_path: Path, epsg: int | None, encoding: str):
    (found,), findings, count = files.read_features(shape(tmp_path, epsg, encoding))
    assert found.fields == {"code": "370303", "name": "甲区"}
    assert found.outline.bounds == pytest.approx((118.0, 36.0, 118.01, 36.01), abs=1e-6)
    assert ([(one.row, one.reason) for one in findings], count) == ([(2, "no_geometry")], 2)


def test_a_shapefile_without_its_parts_is_refused(tmp_path: Path):
    path = shape(tmp_path, 4490)
    (tmp_path / "b.dbf").unlink()
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(FileUnreadable):
        files.read_features(path)
    (tmp_path / "z.zip").write_bytes(b"no zip")
    with pytest.raises(FileUnreadable):
        files.read_features(tmp_path / "z.zip")


def test_a_zipped_shapefile_is_read(tmp_path: Path):
    shape(tmp_path, 4490)
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as packed:
        for part in ("b.shp", "b.shx", "b.dbf"):
            packed.write(tmp_path / part, part)
    assert len(files.read_features(tmp_path / "z.zip")[0]) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.sampled_from(["Polygon", "MultiPolygon", "370303", ""]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "coordinates", "code", "id"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.fixed_dictionaries({"properties": json_values, "geometry": json_values, "id": json_values}), max_size=4)
)
def test_no_collection_breaks_the_reader(tmp_path: Path, features: list):
    (tmp_path / "b.geojson").write_text(json.dumps({"features": [*features, area()]}), "utf-8")
    good, findings, count = files.read_features(tmp_path / "b.geojson")
    out = {one.row for one in findings if not one.is_note}
    assert count == len(features) + 1 and {one.row for one in good} == set(range(1, count + 1)) - out
