"""Workbooks (XLSX) out: row by row into a file, fast enough for a hundred thousand.

Every value is text or a number. A text that begins like a formula stays text (an inline string runs nothing), and 0101
keeps its zero. Openpyxl would take minutes for what takes seconds here.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO
from xml.sax.saxutils import escape

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TEXT, _HEAD, _MUST, _REASON, _WRAP = range(1, 6)
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="5"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    + "".join(
        f'<fill><patternFill patternType="solid"><fgColor rgb="FF{rgb}"/></patternFill></fill>'
        for rgb in ("DCE6F1", "F8E3C8", "FBE3E1")
    )
    + '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="6"><xf/>'
    '<xf numFmtId="49" applyNumberFormat="1"/>'
    + "".join(
        f'<xf numFmtId="49" fontId="{font}" fillId="{fill}" applyNumberFormat="1" applyFont="1" applyFill="1"'
        ' applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
        for font, fill in ((1, 2), (1, 3), (0, 4), (0, 0))
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a sheet: its heading, how wide, whether it must be filled, what may be chosen in it."""

    text: str
    width: int = 18
    must: bool = False
    reason: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook: its name, headings, rows. ``wraps``: long texts are broken over lines."""

    name: str
    heads: Sequence[Heading]
    rows: Iterable[Sequence[object]]
    wraps: bool = False


def write_book(out: IO[bytes], sheets: Sequence[Sheet]) -> int:
    """Write a workbook; the number of rows that it holds without headings."""
    count = 0
    names = [re.sub(r"[\[\]:*?/\\']", " ", sheet.name)[:31] or f"Sheet{at}" for at, sheet in enumerate(sheets, 1)]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as packed:
        for name, text in _frame(names):
            packed.writestr(name, text)
        for at, sheet in enumerate(sheets, start=1):
            with packed.open(f"xl/worksheets/sheet{at}.xml", "w", force_zip64=True) as part:
                buffer: list[str] = [_top(sheet)]
                for row, values in enumerate(sheet.rows, start=2):
                    buffer.append(_row(row, values, sheet))
                    count += 1
                    if len(buffer) >= 500:
                        part.write("".join(buffer).encode())
                        buffer = []
                buffer.append("</sheetData>" + _choices(sheet) + "</worksheet>")
                part.write("".join(buffer).encode())
    return count


def _frame(names: list[str]) -> Iterator[tuple[str, str]]:
    sheets = range(1, len(names) + 1)
    kinds = "".join(
        f'<Override PartName="/xl/{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'
        for part, kind in (
            ("workbook.xml", "spreadsheetml.sheet.main"),
            ("styles.xml", "spreadsheetml.styles"),
            *((f"worksheets/sheet{at}.xml", "spreadsheetml.worksheet") for at in sheets),
        )
    )
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{kinds}</Types>',
    )
    yield "_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")])
    parts = [(f"rId{at}", "worksheet", f"worksheets/sheet{at}.xml") for at in sheets]
    yield "xl/_rels/workbook.xml.rels", _relations([*parts, (f"rId{len(names) + 1}", "styles", "styles.xml")])
    listed = "".join(
        f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{at}" r:id="rId{at}"/>'
        for at, name in zip(sheets, names, strict=True)
    )
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
    )
    yield "xl/styles.xml", _STYLES


def _relations(parts: list[tuple[str, str, str]]) -> str:
    listed = "".join(f'<Relationship Id="{rid}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for rid, kind, to in parts)
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _top(sheet: Sheet) -> str:
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{head.width}" style="{_TEXT}" customWidth="1"/>'
        for at, head in enumerate(sheet.heads, start=1)
    )
    cells = "".join(
        _cell(f"{column_letters(at)}1", head.text, _REASON if head.reason else _MUST if head.must else _HEAD)
        for at, head in enumerate(sheet.heads, start=1)
    )
    view = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{view}</sheetView></sheetViews>'
        f'<cols>{columns}</cols><sheetData><row r="1">{cells}</row>'
    )


def _row(row: int, values: Sequence[object], sheet: Sheet) -> str:
    usual = _WRAP if sheet.wraps else _TEXT
    cells = []
    for at, value in enumerate(values, start=1):
        if value is None or value == "":
            continue
        ref = f"{column_letters(at)}{row}"
        if isinstance(value, int | float) and not isinstance(value, bool):
            cells.append(f'<c r="{ref}"><v>{value!r}</v></c>')
        else:
            style = _REASON if at <= len(sheet.heads) and sheet.heads[at - 1].reason else usual
            cells.append(_cell(ref, str(value.isoformat() if isinstance(value, date | datetime) else value), style))
    return f'<row r="{row}">{"".join(cells)}</row>'


def _cell(ref: str, text: str, style: int) -> str:
    plain = escape(_FORBIDDEN.sub(" ", text[:32_000]))
    return f'<c r="{ref}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{plain}</t></is></c>'


def _choices(sheet: Sheet) -> str:
    """Lists to choose from, where they fit into what a workbook allows."""
    made = []
    for at, head in enumerate(sheet.heads, start=1):
        listed = ",".join(head.choices)
        if head.choices and len(listed) <= 250 and not any('"' in one or "," in one for one in head.choices):
            where = f"{column_letters(at)}2:{column_letters(at)}10000"
            made.append(
                f'<dataValidation type="list" allowBlank="1" showErrorMessage="0" sqref="{where}">'
                f"<formula1>{escape(chr(34) + listed + chr(34))}</formula1></dataValidation>"
            )
    return f'<dataValidations count="{len(made)}">{"".join(made)}</dataValidations>' if made else ""


_LETTERS: list[str] = []


def column_letters(number: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    while len(_LETTERS) < number:
        at, letters = len(_LETTERS) + 1, ""
        while at:
            at, rest = divmod(at - 1, 26)
            letters = chr(65 + rest) + letters
        _LETTERS.append(letters)
    return _LETTERS[number - 1]
