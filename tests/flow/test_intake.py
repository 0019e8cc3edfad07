"""Files of other systems come in: whole, once, row by row, and can be worked on."""

import csv
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import sqlalchemy as sa

from gangmu.base import places
from gangmu.core import event
from gangmu.core.event import service as event_service
from gangmu.core.intake import profile as profiles
from gangmu.core.intake import run, service
from gangmu.core.intake.errors import FileDamaged, NoCity, OtherCity
from gangmu.core.intake.model import Batch
from gangmu.core.report import Channel, Draft
from gangmu.kit import ids, journal
from gangmu.kit.actor import Actor, Grant, System
from gangmu.kit.page import Page
from gangmu.kit.unit import Unit
from tests.conftest import shared

HEADER = [
    "编号",
    "渠道",
    "类型",
    "标题",
    "内容",
    "发生时间",
    "地址",
    "经度",
    "纬度",
    "区划代码",
    "状态",
    "办结时间",
    "姓名",
    "电话",
]
ACTOR = System("import")
CITY = "9906"


def a_row(n: int = 1, **given: str) -> list[str]:
    row = {
        "编号": f"T{n:05d}",
        "渠道": "热线",
        "类型": "投诉",
        "标题": f"第{n}号井盖缺失",
        "内容": f"人民路{n}号门前井盖缺失,夜间危险",
        "发生时间": f"2024-03-{1 + n % 28:02d} 08:30:00",
        "地址": f"人民路{n}号",
        "经度": "118.05",
        "纬度": "36.81",
        "区划代码": "990601",
        "状态": "办理中",
        "办结时间": "",
        "姓名": "王小某",
        "电话": "13900001234",
    }
    return [str(given.get(name, row[name])) for name in HEADER]


def write(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([HEADER, *rows])
    return path


@pytest.fixture
def founded(db):
    """A database with a city of two counties."""
    with db.unit(ACTOR) as unit:
        rows = [{"code": "990601", "name": "东区"}, {"code": "990602", "name": "西区"}]
        places.found_city(unit, ACTOR, CITY, rows, name="试验市", source="test")
    return db


def take(db, path: Path, name: str = "standard", most: int | None = None, told=lambda batch, share: None) -> Batch:
    def open_unit() -> AbstractContextManager[Unit]:
        return db.unit(ACTOR, "import")

    return run.run_file(open_unit, ACTOR, run.Source(path, profiles.load(name), profiles.text_of(name), most), told)


def counted(batch: Batch) -> tuple[int, int, int, int]:
    assert batch.read == batch.accepted + batch.quarantined + batch.already
    return batch.read, batch.accepted, batch.quarantined, batch.already


def waiting(db, batch: Batch):
    with db.unit(ACTOR) as unit:
        return service.list_quarantine(unit, ACTOR, Page(200), batch.id).items


def count(db, sql: str, **params) -> int:
    with db.unit(ACTOR) as unit:
        return int(unit.value(sa.text(sql), params))


def found(db, words: str):
    with db.unit(ACTOR) as unit:
        return event_service.search(unit, ACTOR, words)


def test_good_rows_become_events_and_bad_ones_wait_with_their_reason(founded, tmp_path):
    rows = [a_row(n) for n in range(1, 31)]
    rows[4] = a_row(5, 发生时间="昨天")
    rows[9] = a_row(10, 区划代码="110101", 经度="x")
    rows[11] = a_row(12, 状态="已办结", 办结时间="2024-04-02 10:00:00")
    batch = take(founded, write(tmp_path / "orders.csv", rows))
    assert counted(batch) == (30, 28, 2, 0) and batch.state == "done"
    first, second = waiting(founded, batch)
    assert (first.at, [(e["field"], e["reason"]) for e in first.errors]) == (6, [("happened_at", "bad_time")])
    assert {(e["field"], e["reason"]) for e in second.errors} == {
        ("lon", "bad_number"),
        ("division", "unknown_division"),
    }
    assert first.cells["姓名"] == first.cells["电话"] == "***" and first.cells["标题"] == "第5号井盖缺失"
    (taken,) = found(founded, "T00012")
    assert (taken.status, taken.state, taken.division) == ("closed", "closed", "990601000000")
    assert taken.case_no.startswith("990601-20240313-")
    assert taken.closed_at.isoformat() == "2024-04-02T02:00:00+00:00"
    with founded.unit(ACTOR) as unit:
        acts = event_service.list_acts(unit, ACTOR, taken.id)
        assert [act.verb for act in acts] == ["report", "close"]
        assert acts[0].done_at.isoformat() == "2024-03-13T00:30:00+00:00"
        assert acts[1].recorded_at > acts[1].done_at
        assert len(event_service.list_reports(unit, ACTOR, taken.id)) == 1
    assert len({one.id for one in found(founded, "井盖缺失")}) == 28


def test_an_imported_event_is_worked_on_like_any_other(founded, tmp_path):
    take(founded, write(tmp_path / "orders.csv", [a_row(1)]))
    (taken,) = found(founded, "T00001")
    with founded.unit(ACTOR) as unit:
        _, offers = event_service.offers_of(unit, ACTOR, taken)
        assert {"classify", "answer"} & {offer.verb.id for offer in offers}
    grants = tuple(Grant(name, "all") for name in ("event.read", "event.answer"))
    operator = Actor("person", "坐席", ids.new("prs"), ids.new("pst"), roles=("hotline_operator",), grants=grants)
    with founded.unit(operator) as unit:
        moved = event.act(unit, operator, taken.id, "answer", event.ActArgs(answer="已告知处理办法"))
        assert (moved.status, moved.version) == ("closed", taken.version + 1)
        acts = event_service.list_acts(unit, operator, taken.id)
        assert [(act.seq, act.verb) for act in acts] == [(1, "report"), (2, "answer")]


def test_the_same_file_twice_doubles_nothing(founded, tmp_path):
    path = write(tmp_path / "orders.csv", [*[a_row(n) for n in range(1, 21)], a_row(3), a_row(77, 渠道="飞鸽")])
    assert counted(take(founded, path)) == (22, 20, 1, 1)
    assert counted(take(founded, path)) == (22, 0, 1, 21)
    assert count(founded, "SELECT count(*) FROM event") == count(founded, "SELECT count(*) FROM report") == 20
    assert count(founded, "SELECT count(*) FROM quarantine") == 1


def test_rows_without_a_number_are_known_by_their_content(founded, tmp_path):
    rows = [a_row(n, 编号="") for n in (1, 2, 2)]
    assert counted(take(founded, write(tmp_path / "a.csv", rows))) == (3, 2, 0, 1)


def test_a_known_row_with_other_content_is_kept_as_a_candidate(founded, tmp_path):
    take(founded, write(tmp_path / "a.csv", [a_row(1), a_row(2)]))
    again = write(tmp_path / "b.csv", [a_row(1), a_row(2, 状态="已办结", 办结时间="2024-05-01 09:00:00")])
    batch = take(founded, again)
    assert counted(batch) == (2, 0, 0, 2) and batch.changed == 1
    assert found(founded, "T00002")[0].status == "open"
    assert count(founded, "SELECT count(*) FROM import_change WHERE key = 'T00002' AND raw IS NOT NULL") == 1
    assert take(founded, again).changed == 0


class Stopped(Exception):
    """The process is gone."""


def test_what_was_stopped_goes_on_where_it_was(founded, tmp_path, monkeypatch):
    monkeypatch.setenv("GANGMU_INTAKE__BATCH_ROWS", "10")
    path = write(tmp_path / "orders.csv", [a_row(n, 渠道="?" if n % 7 == 0 else "热线") for n in range(1, 56)])

    def stop(batch: Batch, share: float) -> None:
        if batch.read >= 30:
            raise Stopped

    with pytest.raises(Stopped):
        take(founded, path, told=stop)
    assert count(founded, "SELECT count(*) FROM event") == 26
    seen: list[int] = []
    batch = take(founded, path, told=lambda batch, share: seen.append(batch.read))
    assert seen[0] == 30
    assert counted(batch) == (55, 48, 7, 0)
    assert count(founded, "SELECT count(*) FROM import_batch") == 1
    assert count(founded, "SELECT count(DISTINCT foreign_no) FROM event") == 48


def test_two_imports_of_one_file_at_once(founded, tmp_path):
    import threading

    path = write(tmp_path / "orders.csv", [a_row(n) for n in range(1, 201)])
    ends: list[Batch] = []
    threads = [
        threading.Thread(target=lambda most=most: ends.append(take(founded, path, most=most))) for most in (200, 199)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == 2 and sum(one.accepted for one in ends) == 200
    assert sum(one.already for one in ends) == 199
    assert count(founded, "SELECT count(*) FROM event") == 200


def test_a_file_that_breaks_off_keeps_what_came_before(founded, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [a_row(n) for n in range(1, 6001)]
    path = tmp_path / "orders.parquet"
    columns = {name: [row[n] for row in rows] for n, name in enumerate(HEADER)}
    pq.write_table(pa.table(columns), path, row_group_size=2000, compression="none")
    body = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(2).column(3).data_page_offset
    body[start : start + 60] = b"\xff" * 60
    path.write_bytes(bytes(body))
    batch = take(founded, path)
    assert batch.state == "broken" and batch.why
    assert batch.accepted >= 4000 and counted(batch)[0] < 6000


def test_a_row_that_the_database_refuses_costs_nobody_else(founded, tmp_path):
    with founded.unit(ACTOR) as unit:
        draft = Draft(Channel.hotline12345, "已在册", division="990601", foreign_no="T00007", source="standard")
        event.take_report(unit, ACTOR, draft)
    batch = take(founded, write(tmp_path / "orders.csv", [a_row(n) for n in range(1, 21)]))
    assert counted(batch) == (20, 19, 1, 0)
    (only,) = waiting(founded, batch)
    assert (only.at, only.errors[0]["reason"]) == (8, "refused")


def test_bad_rows_are_tried_again_with_a_corrected_cell_and_a_mended_profile(founded, tmp_path):
    rows = [a_row(1), a_row(2, 发生时间="昨天"), a_row(3, 渠道="信鸽"), a_row(4, 渠道="信鸽"), a_row(5, 类型="牢骚")]
    batch = take(founded, write(tmp_path / "orders.csv", rows))
    assert counted(batch) == (5, 1, 4, 0)

    def open_unit() -> AbstractContextManager[Unit]:
        return founded.unit(ACTOR, "retry")

    plan = profiles.load("standard")
    fixed = run.retry_batch(open_unit, ACTOR, batch.id, plan, at=3, fixes={"发生时间": "2024-03-02 09:00"})
    assert (fixed.read, fixed.accepted) == (1, 1)
    mended = profiles.parse(profiles.text_of("standard").replace('"热线" = ', '"信鸽" = "citizen"\n"热线" = ', 1))
    again = run.retry_batch(open_unit, ACTOR, batch.id, mended)
    assert (again.read, again.accepted, again.quarantined) == (3, 2, 1)
    with founded.unit(ACTOR) as unit:
        now = service.get_batch(unit, ACTOR, batch.id)
    assert counted(now) == (5, 4, 1, 0)
    assert [row.errors[0]["reason"] for row in waiting(founded, batch)] == ["unknown_code"]
    assert found(founded, "T00003")[0].channel == "citizen"


def test_no_name_and_no_phone_lies_open_anywhere(founded, tmp_path):
    rows = [a_row(1, 姓名="欧阳难忘", 电话="13987654321"), a_row(2, 姓名="欧阳难忘", 电话="13987654321", 渠道="?")]
    batch = take(founded, write(tmp_path / "orders.csv", rows))
    with founded.unit(ACTOR) as unit:
        (taken,) = event_service.search(unit, ACTOR, "13987654321")
        assert taken.foreign_no == "T00001"
        names = [row[0] for row in unit.rows(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))]
        for name in names:
            for secret in ("欧阳难忘", "13987654321"):
                clear = unit.value(
                    sa.text(f'SELECT count(*) FROM "{name}" t WHERE t::text LIKE :what'), {"what": f"%{secret}%"}
                )
                raw = unit.value(
                    sa.text("SELECT count(*) FROM journal_entry WHERE position(CAST(:what AS bytea) IN body) > 0"),
                    {"what": secret.encode()},
                )
                assert not clear and not raw, (name, secret)
    assert waiting(founded, batch)[0].raw is not None


def test_a_chunk_is_one_entry_of_the_journal(founded, tmp_path, monkeypatch):
    monkeypatch.setenv("GANGMU_INTAKE__BATCH_ROWS", "50")
    before = count(founded, "SELECT count(*) FROM journal_entry")
    batch = take(founded, write(tmp_path / "orders.csv", [a_row(n) for n in range(1, 101)]))
    entries = count(founded, "SELECT count(*) FROM journal_entry") - before
    assert batch.accepted == 100 and entries <= 6
    journal.seal_tail(founded.folder / "journal")
    assert count(founded, "SELECT count(*) FROM journal_unsealed") == 0


def test_evil_text_stays_text(founded, tmp_path):
    evil = "'); DROP TABLE event; -- <script>alert(1)</script>\\N\\x00\t{}\"' %s"
    rows = [a_row(1, 标题=evil[:150], 内容=evil + "\n第二行\\", 地址="C:\\a\\N", 编号="A\\B\tC")]
    assert counted(take(founded, write(tmp_path / "a.csv", rows))) == (1, 1, 0, 0)
    (taken,) = found(founded, "script alert")
    assert taken.text == evil + "\n第二行\\" and taken.address == "C:\\a\\N" and taken.foreign_no == "A\\B\tC"


def test_cities_are_not_mixed(db, founded, tmp_path):
    path = write(tmp_path / "a.csv", [a_row(1)])
    (tmp_path / "b.csv").write_text("case_enquiry_id,open_dt,case_title,case_status\n1,2019-01-01,x,Open\n", "utf-8")
    with pytest.raises(OtherCity):
        take(founded, tmp_path / "b.csv", "boston")
    assert counted(take(founded, path)) == (1, 1, 0, 0)


def test_a_plain_table_needs_a_city(db, tmp_path):
    with pytest.raises(NoCity):
        take(db, write(tmp_path / "a.csv", [a_row(1)]))


def test_a_file_cut_off_is_said(founded, tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + b"\0" * 50)
    with pytest.raises(FileDamaged):
        take(founded, tmp_path / "a.parquet")


# --- real records --------------------------------------------------------------------------------------------

SETS = {
    "boston": ["311_boston/cases_2013_2020.parquet"],
    "chicago": ["311_chicago/sanitation_2000_2013.parquet"],
    "losangeles": ["311_losangeles/requests_2017_12.parquet"],
    "fuzhou12345": ["complaints_fuzhou12345/cases.parquet"],
    "tipdm": [
        "complaints_tipdm2020/hot_messages.parquet",
        "complaints_tipdm2020/labelled_fulltext.parquet",
        "complaints_tipdm2020/replies.parquet",
    ],
}


@pytest.mark.parametrize("name", SETS)
def test_the_head_of_a_real_set(db, name):
    for file in SETS[name]:
        path = shared(*file.split("/"))
        assert run.guess_profile(path).name == name
        first = take(db, path, name, most=300)
        again = take(db, path, name, most=300)
        assert first.read == 300 and first.quarantined == 0
        assert counted(again) == (300, 0, 0, 300)
    plan = profiles.load(name)
    with db.unit(ACTOR) as unit:
        assert places.city(unit, ACTOR).name == plan.city.name
        divisions = {one.code: one.name for one in places.list_divisions(unit, ACTOR, None)}
        used = {row[0] for row in unit.rows(sa.text("SELECT DISTINCT division FROM event"))}
        assert used <= set(divisions) and len(used) > 1
        assert unit.value(sa.text("SELECT count(*) FROM event WHERE state = '' OR case_no = ''")) == 0
        if plan.tree and plan.tree.columns:
            assert unit.value(sa.text("SELECT count(*) FROM matter WHERE tree = :tree"), {"tree": plan.tree.tree}) > 0


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("name", "read", "accepted"),
    [("boston", 49_877, 49_877), ("chicago", 55_343, 55_167), ("losangeles", 9_999, 9_999), ("fuzhou12345", 869, 869),
     ("tipdm", 5_069, 5_047)],
)  # fmt: skip
def test_a_whole_real_set(db, name, read, accepted):
    ends = [counted(take(db, shared(*file.split("/")), name)) for file in SETS[name]]
    assert sum(end[0] for end in ends) == read
    assert sum(end[2] for end in ends) == 0
    assert sum(end[1] for end in ends) == accepted
    assert count(db, "SELECT count(*) FROM event") == accepted
    assert count(db, "SELECT count(*) FROM event_act WHERE verb = 'report'") == accepted
