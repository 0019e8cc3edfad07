"""Spreadsheets as they come: forms of cells, headings, notes, doubtful values, and a thousand broken workbooks."""

import io
import random
import zipfile
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from gangmu.kit.errors import HouseError
from gangmu.kit.sheet_forms import read_cell
from gangmu.kit.sheet_guard import BadSheet, Limits, SheetTooLarge
from gangmu.kit.sheet_kinds import BadRow, Column, Line, SheetKind, sheet_kind
from gangmu.kit.sheet_reading import Left, open_table
from gangmu.kit.sheet_writing import Heading, Sheet, write_book

COLUMNS = (
    Column("code", must=True, form="code"),
    Column("name", must=True, also=("名称",)),
    Column("since", form="date"),
    Column("size", form="whole"),
    Column("works", form="truth"),
    Column("state", choices=("good", "bad")),
    Column("team", fill=True),
    Column("tags", many=True),
    Column("at", form="time"),
    Column("seen", form="moment"),
    Column("wide", form="decimal"),
)
NAMES = [column.id for column in COLUMNS]


@pytest.fixture(autouse=True)
def kind():
    from gangmu.kit import sheet_kinds

    yield sheet_kind(SheetKind("tried", "a.read", "a.write", COLUMNS, rows=lambda unit, actor: []))
    del sheet_kinds._kinds["tried"]


def book(rows, change=lambda sheet: None) -> io.BytesIO:
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    change(sheet)
    out = io.BytesIO()
    made.save(out)
    return out


def lines(file, kind, limits=None):
    return [line for _, line in open_table(file, kind, limits).rows()]


def values(line):
    return {name: text for name, text in line.items() if text}


@pytest.mark.parametrize(
    ("column", "cell", "wanted"),
    [
        *(
            ("since", day, "2026-01-05")
            for day in ("2026年1月5日", "2026/1/5", "2026-01-05", "20260105", "2026.1.5", 46027)
        ),
        *(("since", day, "2026-01-05") for day in ("46027", 20260105.0, date(2026, 1, 5), datetime(2026, 1, 5, 8))),
        *(("since", day, "2026-01-05") for day in ("２０２６年１月５日", " 2026 年 1 月 5 日 ", "2026/1/5 00:00:00")),
        ("code", "３７０ 303　", "370303"),
        ("code", 370303.0, "370303"),
        ("code", "370303.0", "370303"),
        ("code", 101, "101"),
        ("name", " 　王  五 ", "王 五"),
        ("name", 12.5, "12.5"),
        ("name", "a_x000D_\nb ", "a\nb"),
        ("size", "１,200", "1200"),
        ("size", 3.0, "3"),
        ("works", "√", "yes"),
        ("works", False, "no"),
        ("works", "否", "no"),
        ("state", "Good", "good"),
        ("tags", "甲、乙；丙;甲", "甲;乙;丙"),
        ("at", "8：30", "08:30"),
        ("at", time(8, 30), "08:30"),
        ("at", 0.25, "06:00"),
        ("at", "8时30分", "08:30"),
        ("seen", "2026年1月5日8:30", "2026-01-05 08:30"),
        ("seen", datetime(2026, 1, 5, 8, 30), "2026-01-05 08:30"),
        ("wide", "1,234.5", "1234.5"),
    ],
)
def test_cells_are_brought_into_their_form(kind, column, cell, wanted):
    assert read_cell(kind, kind.by_id[column], cell) == wanted


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("code", 3.70303198001011e17, "digits_lost"),
        ("code", "3.70303E+14", "digits_lost"),
        ("name", "#N/A", "error_value"),
        ("name", "a\x00b", "control_character"),
        ("since", "2026年2月30日", "no_such_day"),
        ("since", "1月5日", "not_a_date"),
        ("since", "明天", "not_a_date"),
        ("size", "1.5", "not_a_whole_number"),
        ("size", "许多", "not_a_number"),
        ("works", "也许", "neither_yes_nor_no"),
        ("state", "省级", "not_a_choice"),
        ("at", "25:00", "not_a_time"),
        ("name", "长" * 1001, "too_long"),
    ],
)
def test_what_cannot_be_trusted_is_refused(kind, column, cell, reason):
    with pytest.raises(BadRow) as refused:
        read_cell(kind, kind.by_id[column], cell)
    assert refused.value.params["reason"] == reason and refused.value.params["field"] == column


def test_titles_two_rows_of_headings_notes_and_sums_are_passed_over(kind):
    rows = [["某区部件表（2026年）"], ["编制单位：市政处"], ["部件", None, "since"], ["code", "名称 *", ""],
            ["1", "甲"], ["", ""], ["合计", "", 2], ["code", "名称", "since"], ["2", "乙"], ["注：以上为初步数据"],
            ["制表：王五", "", "审核：赵六"]]  # fmt: skip

    def merged(sheet):
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("A3:B3")
        sheet.merge_cells("C3:C4")

    table = open_table(book(rows, merged), kind)
    found = [line for _, line in table.rows()]
    assert [values(line) for line in found] == [{"code": "1", "name": "甲"}, {"code": "2", "name": "乙"}]
    assert [line.number for line in found] == [5, 9] and table.notes == {"notes": 3, "headings": 1}


def test_merged_cells_are_filled_only_where_the_kind_says_so(kind):
    def merged(sheet):
        sheet.merge_cells("B2:B3")
        sheet.merge_cells("C2:C4")

    rows = [["code", "name", "team"], ["1", "甲", "一组"], ["2", None, None], ["3", "丙", None]]
    first, second, third = lines(book(rows, merged), kind)
    assert (first["team"], third["team"]) == ("一组", "一组")
    assert isinstance(second, Left) and [(fault.field, fault.reason) for fault in second.faults] == [("name", "merged")]


def test_formulas_without_a_value_errors_and_hidden_rows_are_told(kind):
    def odd(sheet):
        sheet["B2"] = "=1+1"
        sheet["B3"].value, sheet["B3"].data_type = "#REF!", "e"
        sheet.row_dimensions[4].hidden = True
        for row in range(5, 3000):
            sheet.cell(row, 1).fill = PatternFill("solid", fgColor="FFFFFF")  # styled, but empty

    table = open_table(book([["code", "name"], ["1", ""], ["2", ""], ["3", "丙"]], odd), kind)
    first, second, third = (line for _, line in table.rows())
    assert [fault.reason for fault in (*first.faults, *second.faults)] == ["not_computed", "error_value"]
    assert isinstance(third, Line) and table.notes["hidden_rows"] == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("comma", [",", "\t", ";"])
def test_text_files_in_the_encodings_of_china(kind, encoding, comma):
    text = "\n".join(comma.join(row) for row in (["code", "名称", "since"], ["1", "井盖，圆", "2026年1月5日"]))
    (line,) = lines(io.BytesIO(text.encode(encoding)), kind)
    assert values(line) == {"code": "1", "name": "井盖，圆", "since": "2026-01-05"}


def test_a_sheet_of_two_cells_far_apart_is_refused_and_empty_cells_far_out_are_not(kind):
    def far(sheet):
        sheet["A900000"] = "x"

    def empty(sheet):
        sheet["A900000"].fill = PatternFill("solid", fgColor="FFFFFF")

    with pytest.raises(SheetTooLarge):
        open_table(book([["code", "name"], ["1", "甲"]], far), kind)
    assert len(lines(book([["code", "name"], ["1", "甲"]], empty), kind)) == 1
    with pytest.raises(SheetTooLarge):
        lines(book([["code", "name"], *([str(n), "甲"] for n in range(200))]), kind, Limits(rows=100))


@given(
    st.lists(
        st.lists(
            st.one_of(st.text(max_size=12), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.none()),
            max_size=5,
        ),
        max_size=12,
    )
)
def test_what_is_written_is_read_or_refused_in_words(cells):
    kind = sheet_kind(SheetKind("tried", "a.read", "a.write", COLUMNS, rows=lambda unit, actor: []))
    out = io.BytesIO()
    heads = [Heading(name) for name in NAMES[:5]]
    write_book(out, [Sheet("t", heads, [["1", "甲", *row[:3]] for row in cells])])
    for line in lines(out, kind):
        assert isinstance(line, Line | Left)


def test_a_thousand_broken_workbooks_are_read_or_refused(kind):
    """Bytes turned and cut, of the packed file and of the parts inside: a refusal of the house, nothing else."""
    good = book([NAMES, *([str(n), f"名{n}", "2026/1/5", n, "是", "good"] for n in range(20))]).getvalue()
    chance, outcomes = random.Random(7), {"read": 0, "refused": 0}
    for turn in range(1000):
        blob = turned(chance, inside(chance, good) if turn % 2 else good, turn % 4 < 2)
        try:
            found = lines(io.BytesIO(blob), kind)
        except HouseError:
            outcomes["refused"] += 1
        else:
            outcomes["read"] += 1
            assert all(isinstance(line, Line | Left) for line in found)
    assert outcomes["read"] > 50 and outcomes["refused"] > 50


def turned(chance: random.Random, blob: bytes, much: bool) -> bytes:
    data = bytearray(blob)
    for _ in range(chance.randint(1, 12) if much else 0):
        at = chance.randrange(len(data))
        data[at] = chance.randrange(256)
    if chance.random() < 0.2:
        del data[chance.randrange(len(data)) :]
    return bytes(data)


def inside(chance: random.Random, blob: bytes) -> bytes:
    """The workbook packed anew with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(blob)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        victim = chance.choice(names)
        for name in names:
            content = old.read(name)
            new.writestr(name, turned(chance, content, True) if name == victim and content else content)
    return out.getvalue()


def test_refusals_say_why(kind):
    for content, reason in ((b"", "empty"), (b"PK\x03\x04 no", "no_workbook"), (b"just words", "no_headings")):
        with pytest.raises(BadSheet) as refused:
            open_table(io.BytesIO(content), kind)
        assert refused.value.params["reason"] == reason
    with pytest.raises(BadSheet) as refused:
        open_table(book([["name", "since"], ["甲", "2026/1/5"]]), kind)
    assert refused.value.params["reason"] == "missing_columns" and refused.value.params["missing"] == "code"
