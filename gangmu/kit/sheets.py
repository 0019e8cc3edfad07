"""Small workbooks (XLSX) between systems: rows by the names of their columns, guarded before anything is unpacked.

What people keep in Excel goes by ``kit.sheet_kinds``. What goes out is text and numbers alone: a cell that begins like
a formula is written as text, so that opening the file runs nothing.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from gangmu.kit.sheet_guard import BadSheet, Limits, SheetTooLarge, guard

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its number in the sheet (the heading is 1), values by heading as trimmed text."""

    number: int
    values: Mapping[str, str]

    def get(self, *names: str) -> str:
        """The value under the first of these headings that the sheet has."""
        return next((self.values[name] for name in names if name in self.values), "")


def read(file: IO[bytes], known: Iterable[str], limits: Limits | None = None) -> list[Line]:
    """The rows of the sheet whose headings know the most of ``known``; empty rows are left out. ``BadSheet``,
    ``SheetTooLarge``."""
    most = limits or Limits()
    guard(file, most)
    wanted = {_plain(name) for name in known}
    try:
        book = CalamineWorkbook.from_filelike(file)
        sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    except PasswordError as error:
        raise BadSheet(reason="locked") from error
    except (CalamineError, OSError, ValueError, zlib.error, zipfile.BadZipFile) as error:
        raise BadSheet(reason="damaged") from error
    best: tuple[int, int, list[list[Any]]] = (0, 0, [])
    for rows in sheets:
        for at, row in enumerate(rows[:20]):
            score = len({_plain(str(cell)) for cell in row} & wanted)
            if score > best[0]:
                best = (score, at, rows)
    if best[0] == 0:
        raise BadSheet(reason="no_headings")
    _, top, rows = best
    heads = [_plain(str(cell)) for cell in rows[top]]
    if len(rows) - top > most.rows:
        raise SheetTooLarge(most=most.rows)
    lines = []
    for at, row in enumerate(rows[top + 1 :], start=top + 2):
        values = {head: _text(cell) for head, cell in zip(heads, row, strict=False) if head}
        if any(values.values()):
            lines.append(Line(at, values))
    return lines


def _plain(text: str) -> str:
    return " ".join(text.replace("*", " ").split()).strip().lower()


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if (value.hour or value.minute or value.second) else value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def write(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], widths: Sequence[int] = ()) -> bytes:
    """A workbook of one sheet: headings frozen on top, every value as text or number."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "Sheet")
    sheet.freeze_panes = "A2"
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    top = []
    for head in heads:
        cell = WriteOnlyCell(sheet, value=head)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        top.append(cell)
    sheet.append(top)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: object) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
    text = value.isoformat() if isinstance(value, date) else _FORBIDDEN.sub(" ", str(value))[:32_000]
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell
