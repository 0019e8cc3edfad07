"""The workbook of the catalogue: out and in, good rows kept, bad rows named."""

import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from gangmu.core.matter import sheet, shipped
from gangmu.core.matter.errors import SheetUnreadable
from gangmu.core.matter.exchange import _same_class, _same_condition
from gangmu.kit.text import words

TREES = {tree.id: tree for tree in shipped.trees()}
MOST = 20_000_000
CLASS_HEAD = list(sheet.CLASS_COLUMNS)


def workbook(**sheets: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_whole_catalogue_goes_out_and_comes_back_the_same():
    matters = [m for tree in TREES.values() for m in shipped.matters(tree)]
    conditions = [c for tree in TREES.values() for c in shipped.conditions(tree)]
    book = sheet.read(sheet.write(matters, conditions), TREES, MOST)
    assert not book.bad and book.read == len(matters) + len(conditions)
    assert all(_same_class(m, row.draft) for m, row in zip(matters, book.classes, strict=True))
    assert all(_same_condition(c, row.draft) for c, row in zip(conditions, book.conditions, strict=True))


def test_codes_keep_their_zeros_and_words_are_never_formulas():
    row = replace(shipped.matters(TREES["urban_event"])[1], title_zh="=1+1", note="@SUM(A1)")
    page = load_workbook(io.BytesIO(sheet.write([row], [])))["classes"]
    cells = {cell.value: cell.data_type for cell in page[3] if cell.value}
    assert cells["=1+1"] == "s" and cells["@SUM(A1)"] == "s" and cells["0101"] == "s"


def test_a_code_typed_as_a_number_gets_its_zero_back():
    rows = [CLASS_HEAD, ["urban_event", 101, "私搭乱建"], ["urban_event", 1.0, "市容环境"]]
    book = sheet.read(workbook(classes=rows), TREES, MOST)
    assert [r.draft.code for r in book.classes] == ["0101", "01"]


def test_bad_rows_are_named_by_row_field_and_reason_and_good_ones_kept():
    condition_head = list(sheet.CONDITION_COLUMNS)
    book = sheet.read(
        workbook(
            classes=[
                CLASS_HEAD,
                ["urban_event", "0197", "好的一行"],
                ["moon", "0198", "不存在的树"],
                ["urban_event", "12345", "编码错"],
                ["urban_event", "0196", ""],
                ["urban_event", "0195", "字" * 101, "", "maybe"],
                [],
            ],
            conditions=[
                condition_head,
                ["urban_event", "0112", "x", "条件", "", "2h"],
                ["urban_event", "0112", "", "条件", "", "soon"],
                ["urban_event", "0112", 1, "条件", "", "2h", "已清理\n已恢复 / Restored", "环卫、镇街"],
            ],
        ),
        TREES,
        MOST,
    )
    assert [(b.sheet, b.row, b.field, b.reason) for b in book.bad] == [
        ("classes", 3, "tree", "unknown_tree"),
        ("classes", 4, "code", "malformed_code"),
        ("classes", 5, "title_zh", "empty"),
        ("classes", 6, "title_zh", "too_long"),
        ("classes", 6, "local", "not_yes_or_no"),
        ("conditions", 2, "seq", "not_a_number"),
        ("conditions", 3, "limit", "malformed_limit"),
    ]
    assert [r.draft.title_zh for r in book.classes] == ["好的一行"]
    (good,) = book.conditions
    assert good.draft.closing == (("已清理", ""), ("已恢复", "Restored")) and good.draft.units == ("环卫", "镇街")
    assert book.read == 8
    for lang in ("zh-CN", "en"):
        assert {f"matter.row.{b.reason}" for b in book.bad} <= set(words(lang))


def test_columns_may_be_named_in_chinese_and_in_any_order():
    rows = [["名称", "编码", "目录树"], ["新事项", "0197", "urban_event"]]
    (row,) = sheet.read(workbook(classes=rows), TREES, MOST).classes
    assert (row.draft.code, row.draft.title_zh) == ("0197", "新事项")


@pytest.mark.parametrize("blob", [b"", b"hello", b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_what_is_no_workbook_is_refused(blob):
    with pytest.raises(SheetUnreadable):
        sheet.read(blob, TREES, MOST)


def test_a_bomb_is_refused_before_it_is_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    with pytest.raises(SheetUnreadable) as raised:
        sheet.read(out.getvalue(), TREES, 2_000_000)
    assert raised.value.params["reason"] == "too_large"


def test_a_workbook_without_our_sheets_or_columns_is_refused():
    for rows in ({"other": [["a"]]}, {"classes": [["a", "b"], ["1", "2"]]}):
        with pytest.raises(SheetUnreadable):
            sheet.read(workbook(**rows), TREES, MOST)


FLOAT = st.floats(allow_nan=False, allow_infinity=False)
CELL = st.one_of(st.none(), st.booleans(), st.integers(-10, 10**6), FLOAT, st.text(max_size=30))
WHOLE = workbook(classes=[CLASS_HEAD, ["urban_event", "0197", "好"]])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELL, max_size=14), max_size=8), st.booleans())
def test_any_cells_give_rows_or_reasons_never_a_crash(rows, conditions):
    clean = [[c if not isinstance(c, str) else "".join(ch for ch in c if ch.isprintable()) for c in r] for r in rows]
    name = "conditions" if conditions else "classes"
    head = list(sheet.CONDITION_COLUMNS if conditions else sheet.CLASS_COLUMNS)
    book = sheet.read(workbook(**{name: [head, *clean]}), TREES, MOST)
    assert len(book.classes) + len(book.conditions) + len({b.row for b in book.bad}) == book.read


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_workbook_is_refused_or_read_never_a_crash(damage):
    blob = bytearray(WHOLE)
    for place, byte in damage:
        blob[int(place * len(blob))] = byte
    try:
        sheet.read(bytes(blob), TREES, MOST)
    except SheetUnreadable:
        return
