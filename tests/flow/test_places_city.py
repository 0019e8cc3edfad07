"""Any city from its files, by the commands that a newcomer types."""

import csv
import json
from pathlib import Path

import pytest

from gangmu.base import places
from gangmu.base.places import files, founding, service
from gangmu.demo import terrain
from gangmu.faces.cli import run
from gangmu.kit import geo
from gangmu.kit.actor import System
from tests.conftest import shared

ME = System("test")


@pytest.mark.parametrize(
    ("city", "code", "counts", "inside", "county"),
    [
        ("zibo", "370300", {"county": 8, "town": 88, "community": 2931}, (118.05, 36.81), "370303000000"),
        ("fuzhou", "3501", {"county": 13, "town": 186, "community": 3022}, (119.30, 26.08), "350102000000"),
    ],
)
@pytest.mark.parametrize("detail", ["detailed", "simple"])
def test_a_real_city_is_founded_from_its_list_and_boundaries(db, city, code, counts, inside, county, detail):
    rows = files.read_rows(shared(f"geo_{city}", f"divisions_{city}.csv"))
    path = shared(f"geo_{city}", f"counties_{city}_{detail}.geojson")
    features, told, read = files.read_features(path, "GCJ02" if detail == "detailed" else "WGS84")
    with db.unit() as unit:
        listed = founding.found_city(unit, ME, code, rows)
        assert (listed.accepted, listed.quarantined) == (len(rows), 0)
        drawn = founding.publish_boundaries(unit, ME, features, label="x", told=told, read=read)
        out = [one.reason for one in drawn.findings if not one.is_note]
        assert (drawn.accepted + len(out), drawn.quarantined) == (counts["county"], len(out))
        assert out == (["missing"] if (city, detail) == ("fuzhou", "detailed") else []), "one outline there has no code"
        assert founding.found_city(unit, ME, code, rows).already == len(rows)
        held = places.list_divisions(unit, ME)
        assert {level: sum(one.level == level for one in held) for level in counts} == counts
        here = places.attribute(unit, geo.point(*inside))
        assert (here.depth, here.exact, here.county) == ("county", True, county)
        assert (here.town, here.community, here.unit_grid) == ("", "", "")
        assert len(service.layer(unit, ME, "county", zoom=9)) == drawn.accepted


def test_counties_of_a_whole_province_are_kept_out_where_they_are_not_of_the_city(db):
    rows = files.read_rows(shared("geo_zibo", "divisions_zibo.csv"))
    features, told, read = files.read_features(shared("geo_zibo", "counties_shandong_simple.geojson"))
    with db.unit() as unit:
        founding.found_city(unit, ME, "3703", rows)
        report = founding.publish_boundaries(unit, ME, features, label="x", told=told, read=read)
        assert (report.read, report.accepted) == (136, 8)
        assert {one.reason for one in report.findings} == {"not_in_city"}


def test_every_city_of_the_country_can_be_founded_from_the_national_list():
    from gangmu.base.places.codes import is_inside
    from gangmu.base.places.sift import sift_divisions

    rows = files.read_rows(shared("geo_china", "divisions_to_township.csv.gz"))
    cities = [row["code"] for row in rows if row["level"] == "city"]
    listed: dict[str, list] = {}
    for row in rows:
        if len(row["code"]) >= 4:
            listed.setdefault(row["code"][:4], []).append(row)
    assert len(cities) > 300
    for code in cities:
        sieve = sift_divisions(listed[code], code)
        assert sieve.findings == [], code
        assert all(is_inside(one.code, code) for one in sieve.good)
        assert len(sieve.good) + sieve.repeated == len(listed[code])


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """The files of an invented city in a folder, as a city's office would send them."""
    land = terrain.make(9)
    for name in ("boundaries", "unit_grids", "zones"):
        (tmp_path / f"{name}.geojson").write_text(json.dumps(getattr(land, name), ensure_ascii=False), "utf-8")
    walks = [{**row, "units": " ".join(row["units"])} for row in land.duty_grids]
    for name, rows in (("divisions", land.divisions), ("duty_grids", walks), ("addresses", land.addresses)):
        with (tmp_path / f"{name}.csv").open("w", encoding="gb18030", newline="") as opened:
            table = csv.DictWriter(opened, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
    return tmp_path


def told(capsys: pytest.CaptureFixture) -> dict:
    return json.loads(capsys.readouterr().out.strip().splitlines()[-1])


@pytest.mark.slow
def test_the_commands_found_a_city_down_to_its_addresses(town: Path, capsys, monkeypatch, city_folder: Path):
    monkeypatch.chdir(town)
    data = ["--data", str(city_folder)]

    def call(*args: str) -> dict:
        assert run(["city", *args, *data, "--json"]) == 0, capsys.readouterr().err
        return told(capsys)

    new = ["new", "--code", "9901", "--divisions", "divisions.csv", "--boundaries", "boundaries.geojson"]
    first = call(*new)
    assert (first["name"], first["depth"], first["divisions"]["accepted"]) == ("青澜市", "community", 44)
    again = call(*new)
    assert (again["divisions"]["accepted"], again["boundaries"]["already"]) == (0, 44)
    assert call("grids", "unit_grids.geojson")["accepted"] > 900
    assert call("duty-grids", "duty_grids.csv")["quarantined"] == 0
    assert call("zones", "zones.geojson")["accepted"] == 1
    assert call("addresses", "addresses.csv")["accepted"] > 250
    here = call("where", "113.2720", "33.1370")
    assert (here["depth"], len(here["unit_grid"]), len(here["duty_grid"])) == ("unit_grid", 15, 14)
    assert run(["city", "new", "--code", "9902", "--name", "别市", *data]) == 2
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1 and "990100000000" in complaint


@pytest.fixture
def city_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the database's own account can reach."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="gangmu-city-"))
    folder.chmod(0o755)
    yield folder / "city"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["new", "--code", "37", "--divisions", "absent.csv"], "absent.csv"),
        (["new", "--code", "370"], "370"),
        (["new", "--code", "3703", "--valid-from", "soon"], "soon"),
        (["new"], "--code"),
        (["grids", "absent.geojson"], "absent.geojson"),
        (["addresses", "absent.csv", "--crs", "MARS"], "MARS"),
        (["where", "500", "3"], "lon"),
        (["fly"], "fly"),
    ],
)
def test_mistakes_on_the_command_line_get_one_line_and_exit_code_2(args, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["city", *args]) == 2
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1 and complaint.startswith("gangmu: ") and said in complaint
