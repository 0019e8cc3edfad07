"""Rows of a spreadsheet for a kind: XLSX, XLS or CSV, read one after the other.

The heading is looked for: leading title lines are passed over, a heading over two rows with merged cells is put
together, the sheet whose headings know the most columns is taken. Notes under the table, repeated headings and empty
rows are left out and counted. A row comes as a ``Line`` in the forms of its columns, or as a ``Left`` with its faults.
"""

import codecs
import csv
import dataclasses
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from gangmu.kit.sheet_forms import read_cell, tidy
from gangmu.kit.sheet_guard import BadSheet, Limits, SheetFacts, SheetTooLarge, guard
from gangmu.kit.sheet_kinds import BadRow, Column, Line, SheetKind, plain_head, understood

WITHIN = 40  # the heading is looked for in so many rows
_REMEMBERED = 5000
_Wanted = tuple[Column, int, dict[str, str]]
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 1 << 20
_NOTE = re.compile(
    r"(?:注|附注|说明|备注|填表|填报|制表|审核|复核|合计|总计|小计|共计|单位负责人|note|notes|total|sum|remark)s?\s*[:：.、\d]",
    re.IGNORECASE,
)
_SUM = re.compile(r"(?:合\s*计|总\s*计|小\s*计|共\s*计|total)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row: the column's id (empty: the whole row), the reason and what its words need."""

    field: str
    reason: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Left:
    """A row that cannot be taken."""

    number: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Raw:
    """A row as it stands in the file: its number (from 1), its cells, which of them are covered by a merged one."""

    number: int
    cells: list[Any]
    covered: frozenset[int] = frozenset()
    spanned: bool = False


@dataclass(slots=True)
class Table:
    """A table of a kind in a file. ``places`` are the positions of the columns that were found, ``unread`` the headings
    that mean nothing to the kind. ``notes`` counts what was passed over."""

    kind: SheetKind
    form: str
    sheet: str
    heads: list[str]
    places: dict[str, int]
    unread: list[str]
    raws: Iterator[Raw]
    total: int
    facts: SheetFacts
    notes: dict[str, int] = dataclasses.field(default_factory=dict)

    def rows(self) -> Iterator[tuple[Raw, Line | Left]]:
        """The rows with their values, or with what is wrong in them."""
        wanted: list[_Wanted] = [(self.kind.by_id[name], at, {}) for name, at in self.places.items()]
        filled = [at for column, at, _ in wanted if column.fill]
        last: dict[int, Any] = {}
        own = frozenset(self.places.values())
        first = min(own)
        heads = [plain_head(text) for text in self.heads]
        for raw in self.raws:
            for at in filled:
                if at in raw.covered:
                    raw.cells[at] = last.get(at, "")
                else:
                    last[at] = raw.cells[at]
            line = self._line(raw, wanted)
            cell = raw.cells[first]
            suspect = type(line) is Left or raw.spanned or cell == self.heads[first]
            suspect = suspect or (type(cell) is str and _NOTE.match(cell.lstrip()) is not None)
            if suspect and (what := _aside(raw, own, heads, type(line) is Left)):
                if what != "empty":
                    self.notes[what] = self.notes.get(what, 0) + 1
                continue
            yield raw, line

    def _line(self, raw: Raw, wanted: list[_Wanted]) -> Line | Left:
        values: dict[str, str] = {}
        faults: list[Fault] = []
        cells = raw.cells
        odd = self.facts.errors or self.facts.uncomputed
        for column, at, known in wanted:
            cell = cells[at]
            if cell == "":
                said: str | None = ""
                if odd and (fault := self._unsaid(column, raw.number - 1, at)):
                    faults.append(fault)
                    continue
            elif type(cell) is str:
                said = known.get(cell)
            else:
                said = None
            if said is None:
                try:
                    said = read_cell(self.kind, column, cell)
                except BadRow as wrong:
                    faults.append(fault_of(wrong))
                    continue
                if type(cell) is str and len(known) < _REMEMBERED:
                    known[cell] = said
            if not said and column.must:
                faults.append(Fault(column.id, "merged" if at in raw.covered else "missing"))
            values[column.id] = said
        return Left(raw.number, tuple(faults)) if faults else Line(raw.number, values)

    def _unsaid(self, column: Column, row: int, at: int) -> Fault | None:
        """What an empty cell may hide: an error value, a formula that nobody has computed."""
        if (row, at) in self.facts.errors:
            return Fault(column.id, "error_value")
        return Fault(column.id, "not_computed") if (row, at) in self.facts.uncomputed else None


def _aside(raw: Raw, own: frozenset[int], heads: list[str], is_bad: bool) -> str:
    """Why a row is none of the table's: empty, the headings again, a note or a sum under it."""
    said = [at for at, cell in enumerate(raw.cells) if cell != "" and not _is_blank(cell)]
    if not said:
        return "empty"
    first = raw.cells[said[0]]
    text = tidy(first) if type(first) is str else ""
    if _SUM.fullmatch(text):
        return "notes"
    filled = sum(at in own for at in said)
    if (raw.spanned and len(said) == 1) or (_NOTE.match(text) and filled <= max(2 if is_bad else 1, len(own) // 2)):
        return "notes"
    again = sum(at < len(heads) and plain_head(raw.cells[at]) == heads[at] for at in said)
    return "headings" if again >= max(2, len(said) * 2 // 3) else ""


def fault_of(wrong: BadRow) -> Fault:
    """What a refused cell or row is listed as."""
    params = {name: value for name, value in wrong.params.items() if name not in ("field", "reason")}
    return Fault(str(wrong.params["field"]), str(wrong.params["reason"]), params)


def _is_blank(cell: Any) -> bool:
    return type(cell) is str and (cell.isspace() or not tidy(cell))


def open_table(file: IO[bytes], kind: SheetKind, limits: Limits | None = None) -> Table:
    """The table of this kind in a file. ``BadSheet``, ``SheetTooLarge``."""
    most = limits or Limits()
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if start[:4] == b"PK\x03\x04" or start[:4] == b"PK\x05\x06":
        return _open_book(file, kind, most, guard(file, most), "xlsx")
    if start == _OLE:
        return _open_book(file, kind, most, {}, "xls")
    return _open_text(file, kind, most)


# --- workbooks -------------------------------------------------------------------------------------------


def _open_book(file: IO[bytes], kind: SheetKind, most: Limits, facts: dict[str, SheetFacts], form: str) -> Table:
    try:
        book = CalamineWorkbook.from_filelike(file)
        best: tuple[_Head, str, Any] | None = None
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            tops = list(islice(_raw_rows(sheet), WITHIN))
            found = _find_head(kind, [raw.cells for raw in tops], _spans(sheet))
            if found and (best is None or found.score > best[0].score):
                best = found, name, sheet
            del sheet
    except PasswordError as error:
        raise BadSheet(reason="locked") from error
    except (CalamineError, OSError, ValueError, zlib.error, zipfile.BadZipFile) as error:
        raise BadSheet(reason="damaged") from error
    if best is None:
        raise BadSheet(reason="no_headings", wanted=_wanted(kind))
    head, name, sheet = best
    total = max(0, sheet.total_height - head.last - 1)
    seen = facts.get(name, SheetFacts())
    table = _table(kind, form, name, head, _below(sheet, head.last, most), total, seen)
    table.notes |= {
        key: count
        for key, count in (("hidden_rows", seen.hidden_rows), ("hidden_columns", seen.hidden_columns))
        if count
    }
    return table


def _raw_rows(sheet: Any) -> Iterator[Raw]:
    """The rows of a sheet from its first cell, in the sheet's own numbers and columns."""
    top, left = sheet.start or (0, 0)
    pad = [""] * left
    for at, row in enumerate(sheet.iter_rows(), start=top):
        yield Raw(at + 1, pad + row if left else row)


def _spans(sheet: Any) -> list[tuple[int, int, int, int]]:
    """Merged areas: top, left, bottom, right."""
    return [(*first, *last) for first, last in (sheet.merged_cell_ranges or [])[:200_000]]


def _below(sheet: Any, last: int, most: Limits) -> Iterator[Raw]:
    """The rows under the heading, with what merged cells cover."""
    covered: dict[int, set[int]] = {}
    spanned: set[int] = set()
    budget = 2_000_000
    for top, left, bottom, right in _spans(sheet):
        if right - left >= 2 or (right > left and bottom > top):
            spanned.add(top)
        for row in range(max(top + 1, last + 1), bottom + 1):
            budget -= 1
            if budget < 0:
                raise SheetTooLarge(most=most.rows)
            if left == right:
                covered.setdefault(row, set()).add(left)
    try:
        for raw in _raw_rows(sheet):
            row = raw.number - 1
            if row <= last:
                continue
            if row - last > most.rows:
                raise SheetTooLarge(most=most.rows)
            yield (
                Raw(raw.number, raw.cells, frozenset(covered.get(row, ())), row in spanned)
                if covered or spanned
                else raw
            )
    except (CalamineError, ValueError) as error:
        raise BadSheet(reason="damaged") from error


# --- text ------------------------------------------------------------------------------------------------


def _open_text(file: IO[bytes], kind: SheetKind, most: Limits) -> Table:
    encoding = _encoding(file)
    file.seek(0)
    sample = file.read(_CHUNK).decode(encoding, "ignore")
    if "\x00" in sample or not sample.strip():
        raise BadSheet(reason="empty" if not sample.strip() else "no_workbook")
    comma = max(",\t;|", key=lambda sign: max((line.count(sign) for line in sample.splitlines()[:WITHIN]), default=0))
    file.seek(0)
    content = file.read()
    total = content.count(b"\n") + 1
    lines = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding, newline=""), delimiter=comma)
    tops = _csv_rows(lines, WITHIN, most)
    head = _find_head(kind, [raw.cells for raw in tops], [])
    if head is None:
        raise BadSheet(reason="no_headings", wanted=_wanted(kind))

    def below() -> Iterator[Raw]:
        yield from tops[head.last + 1 :]
        at = len(tops)
        while rows := _csv_rows(lines, 1000, most, at):
            at += len(rows)
            yield from rows

    return _table(kind, "csv", "", head, below(), max(0, total - head.last - 1), SheetFacts())


def _csv_rows(lines: Any, wanted: int, most: Limits, start: int = 0) -> list[Raw]:
    found: list[Raw] = []
    try:
        for at, cells in enumerate(islice(lines, wanted), start=start):
            if at > most.rows + WITHIN:
                raise SheetTooLarge(most=most.rows)
            if len(cells) > most.columns:
                raise SheetTooLarge(most=most.columns)
            found.append(Raw(at + 1, list(cells)))
    except csv.Error as error:
        raise BadSheet(reason="damaged") from error
    except UnicodeError as error:
        raise BadSheet(reason="encoding") from error
    return found


def _encoding(file: IO[bytes]) -> str:
    """UTF-8 or UTF-16 by their marks, UTF-8 where all of it is, else what WPS writes in China."""
    file.seek(0)
    start = file.read(4)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", True)
            return encoding
        except UnicodeDecodeError:
            continue
    raise BadSheet(reason="encoding")


# --- headings --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Head:
    """A heading: how many columns it knows, its last row (from 0), its texts by position."""

    score: int
    last: int
    texts: list[str]


def _find_head(kind: SheetKind, tops: Sequence[list[Any]], spans: list[tuple[int, int, int, int]]) -> _Head | None:
    """The row, or two rows, whose texts know the most columns; the first such."""
    known = understood(kind)
    best: _Head | None = None
    grid = [[str(cell) if type(cell) is str else "" for cell in row] for row in tops]
    for top, left, bottom, right in spans:
        if top < len(grid) and left < len(grid[top]):
            text = grid[top][left]
            for row in range(top, min(bottom, len(grid) - 1) + 1):
                for at in range(left, min(right, len(grid[row]) - 1) + 1):
                    grid[row][at] = grid[row][at] or text
    for at, texts in enumerate(grid):
        found = {known[plain] for text in texts if (plain := plain_head(text)) in known}
        if len(found) > (best.score if best else 0):
            best = _Head(len(found), at, texts)
        if at + 1 < len(grid):
            both = _joined(texts, grid[at + 1], known)
            found = {known[plain] for text in both if (plain := plain_head(text)) in known}
            if best is None or len(found) > best.score:
                best = _Head(len(found), at + 1, both)
    if best is None or best.score < min(2, sum(column.asked for column in kind.columns)):
        return None
    return best


def _joined(upper: list[str], lower: list[str], known: Any) -> list[str]:
    """Two rows of headings as one: the lower text, or both together, whichever is known."""
    wide = max(len(upper), len(lower))
    above = [*upper, *[""] * (wide - len(upper))]
    below = [*lower, *[""] * (wide - len(lower))]
    joined = []
    for high, low in zip(above, below, strict=True):
        ways = (high + low, low + high, low, high)
        joined.append(next((way for way in ways if plain_head(way) in known), low or high))
    return joined


def _wanted(kind: SheetKind) -> str:
    return ", ".join(column.id for column in kind.columns if column.must)


def _table(
    kind: SheetKind, form: str, sheet: str, head: _Head, raws: Iterator[Raw], total: int, facts: SheetFacts
) -> Table:
    known = understood(kind)
    places: dict[str, int] = {}
    unread = []
    for at, text in enumerate(head.texts):
        name = known.get(plain_head(text))
        if name is not None and name not in places and kind.by_id[name].asked:
            places[name] = at
        elif name is None and text.strip():
            unread.append(tidy(text)[:60])
    missing = [column.id for column in kind.columns if column.must and column.id not in places]
    if missing:
        raise BadSheet(reason="missing_columns", missing=", ".join(missing), found=", ".join(unread)[:300])
    width = max(places.values()) + 1
    return Table(kind, form, sheet, head.texts, places, unread[:50], _padded(raws, width), total, facts)


def _padded(raws: Iterator[Raw], width: int) -> Iterator[Raw]:
    for raw in raws:
        short = width - len(raw.cells)
        if short > 0:
            raw.cells.extend([""] * short)
        yield raw
