"""XLSX workbooks: guarded before they are unpacked, merged cells filled, cached values of formulas.

A workbook is a zip: its sizes are checked first (absolute and by ratio), then every sheet is skimmed as a stream
for the furthest cell, because a sheet of two cells far apart asks for a grid of billions.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from gangmu.core.intake.errors import FileDamaged, FileNotWorkbook, FileTooLarge, FileTooWide, WrongColumns
from gangmu.core.intake.readers.table import (
    HEADER_WITHIN,
    Fault,
    HeaderScore,
    Limits,
    Raw,
    Table,
    find_header,
    too_long,
    without_tail,
)

_SMALL = 4 << 20
_CHUNK = 1 << 20
_CELL = re.compile(rb'[\s]r\s*=\s*["\']([A-Za-z]{0,4})(\d{1,12})["\']')
_ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_MERGED_CELLS = 2_000_000


def open_xlsx(path: Path, score: HeaderScore, limits: Limits) -> Table:
    """Open the sheet whose header knows the most columns."""
    _guard(path, limits)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = book.sheet_names
    except (CalamineError, OSError, ValueError) as error:
        raise FileDamaged(path=path.name, reason=_said(error)) from error
    best: tuple[int, str, int, list[str]] | None = None
    seen = ""
    for name in sheets:
        tops = _tops(book, name, path)
        seen = seen or ", ".join(str(cell) for cell in next(iter(tops), []) if cell not in ("", None))
        found = find_header(tops, score)
        if found and (best is None or score(found[1]) > best[0]):
            best = (score(found[1]), name, found[0], found[1])
    if best is None:
        raise WrongColumns(path=path.name, profile="", missing="", found=seen[:200])
    _, name, skip, names = best
    columns = without_tail(names)
    if len(columns) > limits.columns:
        raise FileTooWide(path=path.name, columns=len(columns), limit=limits.columns)
    sheet = _sheet(book, name, path)
    done = [0]
    total = sheet.total_height or 1
    return Table(
        "xlsx", columns, _rows(sheet, skip, len(columns), limits, path, done),
        share=lambda: min(done[0] / total, 1.0), notes={"sheet": name}, closers=[book.close],
    )  # fmt: skip


def _rows(sheet: CalamineSheet, skip: int, width: int, limits: Limits, path: Path, done: list[int]) -> Iterator[Raw]:
    first_row, first_column = sheet.start or (0, 0)
    merged = _merged(sheet, first_row, first_column, width)
    try:
        for at, row in enumerate(sheet.iter_rows()):
            done[0] = at + 1
            if at <= skip:
                continue
            cells: list[Any] = row[:width] + [""] * (width - len(row))
            for column, value in merged.get(at, ()):
                if cells[column] == "":
                    cells[column] = value
            if all(cell == "" or (type(cell) is str and cell.isspace()) for cell in cells):
                continue
            yield Raw(first_row + at + 1, cells, _fault(cells, limits))
    except (CalamineError, ValueError) as error:
        raise FileDamaged(path=path.name, reason=f"after row {done[0]}: {_said(error)}") from error


def _fault(cells: list[Any], limits: Limits) -> Fault | None:
    if too_long(cells, limits.cell_chars):
        return Fault("cell_too_long", str(limits.cell_chars))
    for cell in cells:
        if type(cell) is str and "\x00" in cell:
            return Fault("nul_byte", cell[:200].replace("\x00", "␀"))
    return None


def _merged(sheet: CalamineSheet, first_row: int, first_column: int, width: int) -> dict[int, list[tuple[int, Any]]]:
    """For each row the cells that a merged area covers, with the value of its corner."""
    areas = sheet.merged_cell_ranges or []
    corners: dict[tuple[int, int], Any] = {}
    wanted = {(top - first_row, left - first_column) for (top, left), _ in areas}
    if not wanted:
        return {}
    for at, row in enumerate(sheet.iter_rows()):
        for column in range(min(len(row), width)):
            if (at, column) in wanted:
                corners[at, column] = row[column]
    fills: dict[int, list[tuple[int, Any]]] = {}
    filled = 0
    for (top, left), (bottom, right) in areas:
        value = corners.get((top - first_row, left - first_column), "")
        if value == "" or left != right:
            continue  # an area over several columns is a heading or a note, not a value of each of them
        for covered in range(top, bottom + 1):
            filled += 1
            if filled > _MERGED_CELLS:
                return fills
            if 0 <= left - first_column < width:
                fills.setdefault(covered - first_row, []).append((left - first_column, value))
    return fills


def _tops(book: CalamineWorkbook, name: str, path: Path) -> list[list[Any]]:
    sheet = _sheet(book, name, path)
    return list(islice(sheet.iter_rows(), HEADER_WITHIN))


def _sheet(book: CalamineWorkbook, name: str, path: Path) -> CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except (CalamineError, ValueError, OSError) as error:
        raise FileDamaged(path=path.name, reason=f"sheet {name}: {_said(error)}") from error


def _guard(path: Path, limits: Limits) -> None:
    """Sizes, ratio and furthest cell, without unpacking to memory or disk. The sizes that the zip declares are not
    trusted: what is skimmed is counted."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" not in names:
                raise FileNotWorkbook(path=path.name)
            if len(entries) > 10_000:
                raise FileTooLarge(path=path.name, what="zip entries", limit=10_000)
            declared = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries) or 1
            if declared > limits.unpacked_bytes:
                raise FileTooLarge(path=path.name, what="unpacked", limit=limits.unpacked_bytes)
            if declared > _SMALL and declared / packed > limits.unpacked_ratio:
                raise FileTooLarge(path=path.name, what="ratio", limit=limits.unpacked_ratio)
            budget = limits.unpacked_bytes
            for entry in entries:
                if entry.filename.startswith("xl/") and entry.filename.endswith(".xml"):
                    budget -= _skim(archive, entry, path, limits, budget)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise FileDamaged(path=path.name, reason=_said(error)) from error


def _skim(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, limits: Limits, budget: int) -> int:
    size = most_row = most_column = 0
    is_sheet = entry.filename.startswith("xl/worksheets/")
    rest = b""
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > budget:
                raise FileTooLarge(path=path.name, what="unpacked", limit=limits.unpacked_bytes)
            block = rest + chunk
            if _ENTITY.search(block):
                raise FileNotWorkbook(path=path.name)
            if is_sheet:
                for letters, digits in _CELL.findall(block):
                    most_row = max(most_row, int(digits))
                    most_column = max(most_column, _column(letters))
            rest = block[-64:]
    if most_row * most_column > limits.sheet_cells or most_row > 1_048_576 or most_column > 16_384:
        raise FileTooLarge(path=path.name, what="cells", limit=limits.sheet_cells)
    return size


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _said(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
