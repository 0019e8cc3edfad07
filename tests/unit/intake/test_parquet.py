"""Parquet files of any column types."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gangmu.core.intake.errors import FileDamaged, FileTooLarge
from gangmu.core.intake.readers import Limits
from tests.unit.intake.conftest import HEADER, a_row, take


def stored(path, columns, **kw):
    pq.write_table(pa.table(columns), path, **kw)
    return path


def test_types_come_in_as_what_they_mean(tmp_path):
    path = stored(
        tmp_path / "a.parquet",
        {
            "id": pa.array([1, 2, 3], pa.int64()),
            "title": pa.array(["甲", "乙", "丙"]).dictionary_encode(),
            "time": pa.array([datetime(2026, 9, 1, 8), datetime(2026, 9, 2, 8), None], pa.timestamp("ns")),
            "lon": pa.array([Decimal("118.05"), None, None], pa.decimal128(9, 5)),
            "lat": pa.array([36.8, None, None], pa.float32()),
            "text": pa.array([["a", "b"], None, ["c"]], pa.list_(pa.string())),
            "answer": pa.array([b"ok", b"\xff", None], pa.binary()),
        },
    )
    taken = take(path)
    assert [r.number for r in taken.good] == ["1", "2"]
    assert taken.good[0].text == '["a", "b"]'
    assert taken.good[0].lon == pytest.approx(118.05)
    assert taken.reasons() == ["missing"]


def test_bare_dates_are_days(tmp_path):
    path = stored(tmp_path / "a.parquet", {"title": ["甲"], "time": pa.array([date(2026, 9, 1)])})
    only = take(path).good[0]
    assert "day_only" in only.flags and only.happened_at.isoformat() == "2026-08-31T16:00:00+00:00"


def test_times_with_a_zone_keep_it(tmp_path):
    zoned = pa.array([datetime(2026, 9, 1, 8)], pa.timestamp("us", "UTC"))
    only = take(stored(tmp_path / "a.parquet", {"title": ["甲"], "time": zoned})).good[0]
    assert only.happened_at.isoformat() == "2026-09-01T08:00:00+00:00"


def test_the_same_rows_have_the_same_digest_in_every_format(write, tmp_path):
    rows = [a_row(n) for n in range(5)]
    columns = {name: [row[n] for row in rows] for n, name in enumerate(HEADER)}
    parquet = take(stored(tmp_path / "a.parquet", columns))
    text = take(write([HEADER, *rows]))
    assert [r.digest for r in parquet.good] == [r.digest for r in text.good]


def test_a_file_cut_off_is_refused(tmp_path, write):
    path = stored(tmp_path / "a.parquet", {"title": ["甲"] * 100, "time": ["2026-09-01"] * 100})
    with pytest.raises(FileDamaged):
        take(write(path.read_bytes()[:-30], "b.parquet"))


def test_what_unpacks_to_too_much_is_refused(tmp_path):
    path = stored(tmp_path / "a.parquet", {"title": ["甲"] * 1000, "time": ["2026-09-01"] * 1000})
    with pytest.raises(FileTooLarge):
        take(path, limits=Limits(unpacked_bytes=100))
