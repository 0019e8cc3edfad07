"""Workbooks: merged cells, dates as text and as numbers, formulas, bombs."""

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest

from gangmu.core.intake.errors import FileDamaged, FileNotWorkbook, FileOldXls, FileTooLarge, WrongColumns
from gangmu.core.intake.readers import Limits
from tests.unit.intake.conftest import HEADER, a_row, take


def book(rows, *, merge=(), title=None) -> bytes:
    work = openpyxl.Workbook()
    sheet = work.active
    if title:
        sheet.append([title])
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(HEADER))
    for row in rows:
        sheet.append(row)
    for area in merge:
        sheet.merge_cells(area)
    out = io.BytesIO()
    work.save(out)
    return out.getvalue()


def test_a_sheet_under_a_merged_heading(write):
    taken = take(write(book([HEADER, a_row(1), a_row(2)], title="九月工单"), "a.xlsx"))
    assert [(r.number, r.at) for r in taken.good] == [("T000001", 3), ("T000002", 4)]


def test_merged_cells_of_a_column_hold_for_every_row(write):
    rows = [HEADER, a_row(1, 地址="同一路口"), a_row(2, 地址=""), a_row(3, 地址="")]
    column = chr(ord("A") + HEADER.index("地址"))
    taken = take(write(book(rows, merge=[f"{column}2:{column}4"]), "a.xlsx"))
    assert [r.address for r in taken.good] == ["同一路口"] * 3


def test_dates_as_dates_as_text_and_as_serials(write):
    at = HEADER.index("发生时间")
    rows = [HEADER, a_row(1), a_row(2), a_row(3), a_row(4)]
    rows[1][at] = datetime(2026, 9, 1, 8, 30)
    rows[2][at] = "2026年9月1日 8时30分"
    rows[3][at] = "2026/9/1 8:30"
    rows[4][at] = 46266.354166666664
    times = {r.happened_at.isoformat() for r in take(write(book(rows), "a.xlsx")).good}
    assert times == {"2026-09-01T00:30:00+00:00"}


def test_numbers_stay_the_numbers_they_were(write):
    rows = [HEADER, a_row(1), a_row(2), a_row(3)]
    rows[1][0] = 20260918001
    rows[2][0] = 88.0
    rows[3][0] = 370303202609180001  # a workbook keeps 15 digits only
    taken = take(write(book(rows), "a.xlsx"))
    assert [r.number for r in taken.good] == ["20260918001", "88"]
    assert taken.reasons() == ["number_precision"]


def test_cached_values_of_formulas_and_their_errors(write):
    rows = [HEADER, a_row(1), a_row(2)]
    body = book(rows)
    source = zipfile.ZipFile(io.BytesIO(body))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                text = data.decode()
                start = text.index('<c r="D2"')
                end = text.index("</c>", start) + 4
                text = text[:start] + '<c r="D2" t="str"><f>A2&amp;"x"</f><v>算出的标题</v></c>' + text[end:]
                start = text.index('<c r="D3"')
                end = text.index("</c>", start) + 4
                data = (text[:start] + '<c r="D3" t="e"><f>1/0</f><v>#DIV/0!</v></c>' + text[end:]).encode()
            target.writestr(entry, data)
    taken = take(write(out.getvalue(), "a.xlsx"))
    assert taken.good[0].title == "算出的标题"
    assert taken.read == 2


def test_blank_rows_and_columns_at_the_end_are_nothing(write):
    rows = [[*HEADER, None, None], [*a_row(1), None, None], [None] * 20, [""] * 20, [*a_row(2), None]]
    assert len(take(write(book(rows), "a.xlsx")).good) == 2


def test_the_sheet_with_the_header_is_found(write):
    work = openpyxl.Workbook()
    work.active.append(["说明", "请勿修改"])
    sheet = work.create_sheet("数据")
    sheet.append(HEADER)
    sheet.append(a_row(1))
    out = io.BytesIO()
    work.save(out)
    taken = take(write(out.getvalue(), "a.xlsx"))
    assert taken.notes["sheet"] == "数据" and len(taken.good) == 1


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return out.getvalue()


def test_a_zip_bomb_is_refused_by_its_ratio_and_by_its_size(write):
    bomb = zipped({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b" " * 40_000_000})
    with pytest.raises(FileTooLarge):
        take(write(bomb, "a.xlsx"))
    with pytest.raises(FileTooLarge):
        take(write(bomb, "b.xlsx"), limits=Limits(unpacked_bytes=1 << 20, unpacked_ratio=10**9))


def test_a_size_that_the_zip_lies_about_is_counted(write):
    honest = zipped({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b" " * 3_000_000})
    size = (3_000_000).to_bytes(4, "little")
    assert honest.count(size) >= 1
    lying = honest.replace(size, (1000).to_bytes(4, "little"))
    with pytest.raises((FileTooLarge, FileDamaged)):
        take(write(lying, "a.xlsx"), limits=Limits(unpacked_bytes=100_000))


def test_two_cells_far_apart_ask_for_no_grid_of_billions(write):
    body = book([HEADER, a_row(1)])
    source = zipfile.ZipFile(io.BytesIO(body))
    files = {entry.filename: source.read(entry) for entry in source.infolist()}
    name = "xl/worksheets/sheet1.xml"
    far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    files[name] = files[name].replace(b"</sheetData>", far)
    with pytest.raises(FileTooLarge):
        take(write(zipped(files), "a.xlsx"))


def test_entities_are_refused(write):
    body = book([HEADER, a_row(1)])
    source = zipfile.ZipFile(io.BytesIO(body))
    files = {entry.filename: source.read(entry) for entry in source.infolist()}
    evil = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    files["xl/worksheets/sheet1.xml"] = evil + files["xl/worksheets/sheet1.xml"]
    with pytest.raises(FileNotWorkbook):
        take(write(zipped(files), "a.xlsx"))


def test_what_is_no_workbook(write):
    with pytest.raises(FileNotWorkbook):
        take(write(zipped({"hello.txt": b"hi"}), "a.xlsx"))
    with pytest.raises(FileOldXls):
        take(write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "a.xlsx"))
    with pytest.raises(FileDamaged):
        take(write(book([HEADER, a_row(1)])[:2000], "a.xlsx"))
    with pytest.raises(WrongColumns):
        take(write(book([["甲", "乙"], ["1", "2"]]), "a.xlsx"))
