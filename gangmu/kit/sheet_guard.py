"""Looks into a workbook before anything unpacks it to a grid, and notes what the reader would not be told.

A workbook is a zip: its sizes are checked first, absolutely and by ratio, then each part is skimmed once as a stream,
because two cells far apart ask for a grid of billions. On the way the cells that hold an error or a formula that nobody
has computed are noted, and rows and columns that are hidden.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO
from xml.etree import ElementTree

from gangmu.kit.errors import HouseError

_CHUNK = 1 << 20
_TAIL = 4096
_LONGEST_TAG = 1 << 16
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WIDE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{2,4})\d""")
# a place that holds something: all but a cell of plain attributes with nothing in it
_PLACE = re.compile(
    rb"""\sr\s*=\s*["']([A-Za-z]{1,4})(\d{1,12})["']"""
    rb"""(?!(?:\s+[a-z]+="\w*")*\s*(?:/>|>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>))"""
)
_IN_ERROR = re.compile(rb"""<c\b([^>]*\bt\s*=\s*["']e["'][^>]*)>""")
_NO_VALUE = re.compile(rb"""<c\b([^>]*)>\s*<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>""")
_REF = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,4})(\d{1,12})["']""")
_HIDDEN = re.compile(rb"""<(row|col)\b[^>]*\bhidden\s*=\s*["'](?:1|true)["']""")
_MOST_NOTED = 100_000


class BadSheet(HouseError):
    """A file that is no table of the house: ``reason`` says why (no workbook, damaged, locked, no headings ...)."""

    code, status = "sheet.bad", 422


class SheetTooLarge(HouseError):
    """A file with more rows than are taken, or one that would unpack to more than the house unpacks."""

    code, status = "sheet.too_large", 413


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read at most: bytes of all parts unpacked, how many times the packed size, rows, columns, cells."""

    unpacked: int = 400_000_000
    ratio: int = 200
    rows: int = 200_000
    columns: int = 200
    cells: int = 12_000_000


@dataclass(slots=True)
class SheetFacts:
    """What was seen of a sheet while skimming: cells by (row, column), both from 0."""

    errors: set[tuple[int, int]] = field(default_factory=set)
    uncomputed: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: int = 0
    hidden_columns: int = 0


def guard(file: IO[bytes], most: Limits) -> dict[str, SheetFacts]:
    """Check a workbook and tell what was seen, by the name of the sheet. ``BadSheet``, ``SheetTooLarge``."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as packed:
            names = _parts(packed, most)
            facts = {}
            for name in sorted(names):
                if name.endswith((".xml", ".rels")):
                    seen = SheetFacts()
                    _skim(packed, name, most, seen)
                    facts[name] = seen
            titles = _titles(packed) if "xl/workbook.xml" in names else {}
            return {title: facts[part] for title, part in titles.items() if part in facts}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
        RuntimeError,
        KeyError,
        ElementTree.ParseError,
    ) as error:
        raise BadSheet(reason="no_workbook") from error
    finally:
        file.seek(0)


def _parts(packed: zipfile.ZipFile, most: Limits) -> set[str]:
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
    return names


def _skim(packed: zipfile.ZipFile, name: str, most: Limits, seen: SheetFacts) -> None:
    """Read a part to its end as a stream: it is as long as it says, defines no entities, and of a sheet no cell that
    holds something lies further out than rows, columns and cells allow."""
    said, size, wide, tail = packed.getinfo(name).file_size, 0, 26, b""
    is_sheet = name.startswith("xl/worksheets/")
    far = _far_rows(most.rows)
    with packed.open(name) as part:
        while chunk := part.read(_CHUNK):
            size += len(chunk)
            if size > said or size > most.unpacked:
                raise SheetTooLarge(most=most.unpacked)
            text = tail + chunk
            if b"<!" in text and _ENTITY.search(text):
                raise BadSheet(reason="damaged")
            if is_sheet:
                if far.search(text):
                    _check_far(text, most)
                wide = max(wide, _widest(text, most))
                _note(text, seen)
            tail = _unfinished(text, b"<c " if is_sheet else b"<")
    if is_sheet and wide > most.cells // most.rows:
        _check_area(packed, name, most)


def _unfinished(text: bytes, opening: bytes) -> bytes:
    """The end of a piece that must be seen again with the next: a tag that is not closed, a cell that may go on."""
    last = text.rfind(b"<")
    cut = last if last >= 0 and text.find(b">", last) < 0 else len(text)
    if len(text) - cut > _LONGEST_TAG:
        raise BadSheet(reason="damaged")
    near = text.rfind(opening, max(0, len(text) - _TAIL))
    return text[min(cut, near if near >= 0 else cut) :]


@lru_cache(maxsize=8)
def _far_rows(rows: int) -> re.Pattern[bytes]:
    """Finds references with a row number of at least as many digits as the limit, however few those are."""
    return re.compile(rb"""\sr\s*=\s*["'][A-Za-z]{1,4}\d{%d}""" % len(str(rows)))


def _check_far(text: bytes, most: Limits) -> None:
    for _, row in _PLACE.findall(text):
        if int(row) > most.rows + 1000:
            raise SheetTooLarge(most=most.rows)


def _widest(text: bytes, most: Limits) -> int:
    wide = 0
    for letters in set(_WIDE.findall(text)):
        wide = max(wide, _column(letters))
    if wide > most.columns and any(_column(letters) > most.columns for letters, _ in _PLACE.findall(text)):
        raise SheetTooLarge(most=most.columns)
    return wide


def _check_area(packed: zipfile.ZipFile, name: str, most: Limits) -> None:
    """A wide sheet is measured cell by cell."""
    rows = columns = 1
    tail = b""
    with packed.open(name) as part:
        while chunk := part.read(_CHUNK):
            text = tail + chunk
            for letters, row in _PLACE.findall(text):
                rows, columns = max(rows, int(row)), max(columns, _column(letters))
            tail = _unfinished(text, b"<c ")
    if rows * columns > most.cells:
        raise SheetTooLarge(most=most.cells)


def _note(text: bytes, seen: SheetFacts) -> None:
    if b'"e"' in text or b"'e'" in text:
        seen.errors.update(_places(_IN_ERROR.findall(text)))
    if b"<f" in text:
        seen.uncomputed.update(_places(_NO_VALUE.findall(text)))
    if b"hidden" in text:
        kinds = _HIDDEN.findall(text)
        seen.hidden_rows += kinds.count(b"row")
        seen.hidden_columns += kinds.count(b"col")
    if len(seen.errors) + len(seen.uncomputed) > _MOST_NOTED:
        raise BadSheet(reason="too_many_errors")


def _places(cells: list[bytes]) -> Iterator[tuple[int, int]]:
    for attributes in cells:
        if found := _REF.search(attributes):
            yield int(found[2]) - 1, _column(found[1]) - 1


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _titles(packed: zipfile.ZipFile) -> dict[str, str]:
    """The part of every sheet by its name."""
    targets = {}
    for one in ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels")):
        target = one.get("Target", "")
        targets[one.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found = {}
    for one in ElementTree.fromstring(packed.read("xl/workbook.xml")).iter():
        if one.tag.endswith("}sheet"):
            rid = next((value for key, value in one.attrib.items() if key.endswith("}id")), "")
            found[one.get("name", "")] = targets.get(rid, "")
    return found
