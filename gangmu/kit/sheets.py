"""Workbooks (XLSX) in and out: rows by the names of their columns, guarded before anything is unpacked.

A workbook is a zip: its sizes are checked first, absolutely and by ratio, and a sheet of two cells far apart is
measured before it becomes a grid. What goes out is text and numbers alone: a cell that begins like a formula is
written as text, so that opening the file runs nothing.
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

from gangmu.kit.errors import HouseError

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CELL = re.compile(rb"""[\s]r\s*=\s*["']([A-Z]{1,3})(\d{1,8})["']""")
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CHUNK = 1 << 20


class BadSheet(HouseError):
    """A file that is no workbook, is damaged or locked, or holds no row of headings: ``reason`` says which."""

    code, status = "sheet.bad", 422


class SheetTooLarge(HouseError):
    """A workbook that would unpack to more than the house unpacks."""

    code, status = "sheet.too_large", 413


@dataclass(frozen=True, slots=True)
class Limits:
    """What is unpacked at most: bytes of all parts together, how many times the packed size, rows, columns."""

    unpacked: int = 200_000_000
    ratio: int = 200
    rows: int = 100_000
    columns: int = 200


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
    _guard(file, most)
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


def _guard(file: IO[bytes], most: Limits) -> None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
            size = sum(part.file_size for part in parts)
            held = max(1, sum(part.compress_size for part in parts))
            if size > most.unpacked or (size > 5_000_000 and size > held * most.ratio) or len(parts) > 2000:
                raise SheetTooLarge(most=most.unpacked)
            names = {part.filename for part in parts}
            if len(names) != len(parts) or any(part.flag_bits & 0x1 for part in parts):
                raise BadSheet(reason="damaged")
            if "xl/workbook.xml" not in names and "xl/workbook.bin" not in names:
                raise BadSheet(reason="no_workbook")
            for name in sorted(names):
                if name.endswith((".xml", ".rels")):
                    _skim(packed, name, most)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError) as error:
        raise BadSheet(reason="no_workbook") from error
    finally:
        file.seek(0)


def _skim(packed: zipfile.ZipFile, name: str, most: Limits) -> None:
    """Read a part to its end as a stream: it is as long as it says, defines no entities, and of a sheet no cell lies
    further out than rows and columns allow."""
    said, seen, tail = packed.getinfo(name).file_size, 0, b""
    is_sheet = name.startswith("xl/worksheets/")
    with packed.open(name) as part:
        while chunk := part.read(_CHUNK):
            seen += len(chunk)
            if seen > said or seen > most.unpacked:
                raise SheetTooLarge(most=most.unpacked)
            text = tail + chunk
            if _ENTITY.search(text):
                raise BadSheet(reason="damaged")
            if is_sheet:
                for column, row in _CELL.findall(text):
                    if _column(column) > most.columns or int(row) > most.rows + 20:
                        raise SheetTooLarge(most=most.rows)
            tail = text[-64:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


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
