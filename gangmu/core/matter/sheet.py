"""The catalogue as a workbook (XLSX): out for the people who keep it in Excel, in again row by row.

A workbook has two sheets, `classes` and `conditions`, with one row each. Reading gives drafts and, for every row that
cannot be used, the sheet, row number, field and reason; the good rows are kept.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from python_calamine import CalamineError, CalamineWorkbook

from gangmu.core.matter.errors import CodeMalformed, LimitMalformed, SheetUnreadable
from gangmu.core.matter.model import Condition, Matter, Tree, read_limit
from gangmu.core.matter.service import ClassDraft, ConditionDraft

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 20_000
MOST_TEXT = 500
YES = {"yes", "是", "true", "1", "y"}
NO = {"", "no", "否", "false", "0", "n"}
CLASS_COLUMNS = {
    "tree": "目录树",
    "code": "编码",
    "title_zh": "名称",
    "title_en": "英文名称",
    "local": "本地扩展",
    "national": "对应国标编码",
    "source": "来源",
    "region": "适用地区",
    "verified": "已核定",
    "note": "备注",
    "ended": "停用",
}
CONDITION_COLUMNS = {
    "tree": "目录树",
    "code": "编码",
    "seq": "序号",
    "text_zh": "立案条件",
    "text_en": "英文",
    "limit": "时限",
    "closing": "结案条件",
    "units": "责任单位",
    "same_time": "同时段核查",
    "source": "来源",
    "region": "适用地区",
    "verified": "已核定",
    "note": "备注",
    "ended": "停用",
}
HEAD = PatternFill("solid", fgColor="DCE6F1")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out: where and why. `reason` is a locale key `matter.row.<reason>`."""

    sheet: str
    row: int
    field: str
    reason: str
    given: str


@dataclass(frozen=True, slots=True)
class ClassRow:
    row: int
    draft: ClassDraft
    ended: bool


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """`seq` 0 = a new condition."""

    row: int
    draft: ConditionDraft
    seq: int
    ended: bool


@dataclass(frozen=True, slots=True)
class Book:
    classes: tuple[ClassRow, ...]
    conditions: tuple[ConditionRow, ...]
    bad: tuple[BadRow, ...]
    read: int


# --- out -------------------------------------------------------------------------------------------------


def write(matters: Iterable[Matter], conditions: Iterable[Condition]) -> bytes:
    """The workbook of the rows in force."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "classes"
    _fill(first, CLASS_COLUMNS, [_class_cells(row) for row in matters])
    _fill(book.create_sheet("conditions"), CONDITION_COLUMNS, [_condition_cells(row) for row in conditions])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _class_cells(row: Matter) -> list[str]:
    said = (row.tree, row.code, row.title_zh, row.title_en, _yes(row.local), row.national, row.source, row.region)
    return [*said, _yes(row.verified), row.note, ""]


def _condition_cells(row: Condition) -> list[str]:
    closing = "\n".join(c.text_zh if c.text_en == c.text_zh else f"{c.text_zh} / {c.text_en}" for c in row.closing)
    said = (row.tree, row.code, str(row.seq), row.text_zh, row.text_en, row.limit, closing, "、".join(row.units))
    return [*said, _yes(row.same_time), row.source, row.region, _yes(row.verified), row.note, ""]


def _yes(value: bool) -> str:
    return "是" if value else ""


def _fill(sheet: Any, columns: dict[str, str], rows: Sequence[Sequence[str]]) -> None:
    """Every cell is a text cell, so that a word beginning with `=` is never a formula and 0101 keeps its zero."""
    for n, line in enumerate([list(columns), list(columns.values()), *rows], start=1):
        for m, value in enumerate(line, start=1):
            cell = sheet.cell(row=n, column=m)
            cell.value = value
            cell.data_type = "s"
            cell.number_format = "@"
            if n <= 2:
                cell.font, cell.fill = Font(bold=True), HEAD
            elif "\n" in value:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for m, name in enumerate(columns, start=1):
        wide = {"text_zh": 40, "closing": 46, "title_zh": 24, "title_en": 28, "text_en": 36, "source": 30}.get(name, 14)
        sheet.column_dimensions[get_column_letter(m)].width = wide
    sheet.freeze_panes = "A3"


# --- in --------------------------------------------------------------------------------------------------


def read(blob: bytes, trees: dict[str, Tree], most_bytes: int) -> Book:
    """The rows of a workbook. SheetUnreadable when it is no workbook, a bomb, or has no sheet of ours."""
    _look_before_opening(blob, most_bytes)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(blob))
        named = {name.strip().lower(): name for name in book.sheet_names}
        wanted = [n for n in ("classes", "conditions") if n in named]
        sheets: dict[str, list[list[Any]]] = {n: [*book.get_sheet_by_name(named[n]).to_python()] for n in wanted}
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise SheetUnreadable(reason="not_a_workbook") from error
    if not sheets:
        raise SheetUnreadable(reason="no_sheet")
    bad: list[BadRow] = []
    classes, conditions, count = [], [], 0
    for name, columns in (("classes", CLASS_COLUMNS), ("conditions", CONDITION_COLUMNS)):
        for number, cells in _lines(name, sheets.get(name, []), columns):
            count += 1
            row = _Row(name, number, cells)
            if name == "classes":
                made = _class(row, trees)
                if not row.bad:
                    classes.append(made)
            else:
                condition = _condition(row, trees)
                if not row.bad:
                    conditions.append(condition)
            bad += row.bad
    return Book(tuple(classes), tuple(conditions), tuple(bad), count)


def _look_before_opening(blob: bytes, most_bytes: int) -> None:
    """An XLSX is a zip: too large, unpacked too large, or no zip is said before anything unpacks it."""
    if len(blob) > most_bytes:
        raise SheetUnreadable(reason="too_large")
    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as packed:
            files = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SheetUnreadable(reason="not_a_workbook") from error
    if len(files) > 2000 or sum(f.file_size for f in files) > 10 * most_bytes:
        raise SheetUnreadable(reason="too_large")


def _lines(sheet: str, rows: list[list[Any]], columns: dict[str, str]) -> Iterable[tuple[int, dict[str, str]]]:
    """Rows as texts by column key, with the row numbers of the sheet. The first row names the columns, by key or by
    their Chinese titles."""
    if not rows:
        return
    if len(rows) > MOST_ROWS:
        raise SheetUnreadable(reason="too_many_rows")
    keys = {title: key for key, title in columns.items()} | {key: key for key in columns}
    head = [keys.get(_text(cell).lower(), keys.get(_text(cell), "")) for cell in rows[0]]
    if not {"tree", "code"} <= set(head):
        raise SheetUnreadable(reason="no_columns", sheet=sheet)
    for number, line in enumerate(rows[1:], start=2):
        cells = {key: _text(cell) for key, cell in zip(head, line, strict=False) if key}
        if any(cells.values()) and cells.get("tree") != columns["tree"]:
            yield number, cells


def _text(cell: Any) -> str:
    """A cell as text; 101.0 typed as a number is 101."""
    if isinstance(cell, bool):
        return "yes" if cell else ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("_x000D_", "").strip()


class _Row:
    """One row while it is read; collects what is wrong with it."""

    def __init__(self, sheet: str, number: int, cells: dict[str, str]) -> None:
        self.sheet, self.number, self.cells = sheet, number, cells
        self.bad: list[BadRow] = []

    def wrong(self, field: str, reason: str, given: str | None = None) -> None:
        shown = self.cells.get(field, "") if given is None else given
        self.bad.append(BadRow(self.sheet, self.number, field, reason, shown[:60]))

    def text(self, field: str, *, required: bool = False, most: int = MOST_TEXT) -> str:
        said = self.cells.get(field, "")
        if required and not said:
            self.wrong(field, "empty")
        if len(said) > most or "\x00" in said:
            self.wrong(field, "too_long")
        return said

    def flag(self, field: str) -> bool:
        said = self.cells.get(field, "").lower()
        if said not in YES | NO:
            self.wrong(field, "not_yes_or_no")
        return said in YES


def _tree_and_code(row: _Row, trees: dict[str, Tree], *, empty: bool) -> tuple[str, str]:
    """The tree and the code. A code typed as a number has lost its leading zero; it is given back."""
    name, code = row.text("tree", required=True), row.text("code", most=16)
    tree = trees.get(name)
    if tree is None:
        if name:
            row.wrong("tree", "unknown_tree")
        return name, code
    if not code and empty:
        return name, code
    try:
        tree.level_of(code)
    except CodeMalformed:
        try:
            tree.level_of("0" + code)
        except CodeMalformed:
            row.wrong("code", "malformed_code")
        else:
            code = "0" + code
    return name, code


def _class(row: _Row, trees: dict[str, Tree]) -> ClassRow:
    tree, code = _tree_and_code(row, trees, empty=False)
    draft = ClassDraft(
        tree=tree,
        code=code,
        title_zh=row.text("title_zh", required=True, most=100),
        title_en=row.text("title_en", most=200),
        local=row.flag("local"),
        national=row.text("national", most=16),
        source=row.text("source"),
        region=row.text("region"),
        verified=row.flag("verified"),
        note=row.text("note"),
    )
    return ClassRow(row.number, draft, row.flag("ended"))


def _condition(row: _Row, trees: dict[str, Tree]) -> ConditionRow:
    tree, code = _tree_and_code(row, trees, empty=True)
    limit = row.text("limit", required=True)
    if limit:
        try:
            read_limit(limit)
        except LimitMalformed:
            row.wrong("limit", "malformed_limit")
    seq = row.text("seq", most=4) or "0"
    if not seq.isascii() or not seq.isdigit():
        row.wrong("seq", "not_a_number")
        seq = "0"
    closing = [line.partition(" / ") for line in row.text("closing", most=4000).splitlines() if line.strip()]
    draft = ConditionDraft(
        tree=tree,
        code=code,
        text_zh=row.text("text_zh", required=True),
        text_en=row.text("text_en"),
        limit=limit.replace(" ", ""),
        closing=tuple((zh.strip(), en.strip()) for zh, _, en in closing),
        units=tuple(filter(None, (u.strip() for u in row.text("units").replace("|", "、").split("、")))),
        same_time=row.flag("same_time"),
        source=row.text("source"),
        region=row.text("region"),
        verified=row.flag("verified"),
        note=row.text("note"),
    )
    return ConditionRow(row.number, draft, int(seq), row.flag("ended"))
