"""CSV as cities write it: UTF-8 with or without mark, GB 18030, UTF-16; comma, semicolon, tab or bar.

Bytes are split into lines and decoded one by one, so that a broken character costs its row alone. A quote that is
never closed would swallow the rest of the file: a record that runs over several lines must parse strictly, have
the width of the header and not contain a line that is a whole record by itself, else its first line is the bad row
and reading goes on with the second.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from gangmu.core.intake.errors import FileEmpty, FileKind, FileTooWide, WrongColumns
from gangmu.core.intake.readers.table import (
    HEADER_WITHIN,
    Fault,
    HeaderScore,
    Limits,
    Raw,
    Table,
    find_header,
    fitted,
    too_long,
    without_tail,
)

_SAMPLE = 1 << 20
_CHUNK = 1 << 18
_DELIMITERS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

Line = tuple[int, "str | Fault"]


def open_csv(path: Path, score: HeaderScore, limits: Limits, *, encoding: str = "") -> Table:
    """Open delimited text. The delimiter is the one under which the header row knows the most columns."""
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    if not sample.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise FileEmpty(path=path.name)
    mark, spoken = _encoding(sample, encoding, path)
    newline = _newline(sample[len(mark) :], spoken)
    best: tuple[int, str, int, list[str]] | None = None
    for delimiter in _DELIMITERS:
        with path.open("rb") as stream:
            stream.read(len(mark))
            lines = _Lines(_lines(stream, spoken, newline, limits))
            tops = [raw.cells for raw in islice(_records(lines, delimiter, 0, limits), HEADER_WITHIN)]
        found = find_header(tops, score)
        if found and (best is None or score(found[1]) > best[0]):
            best = (score(found[1]), delimiter, found[0], found[1])
    if best is None:
        raise WrongColumns(path=path.name, profile="", missing="", found=_first_line(sample, mark, spoken))
    _, delimiter, skip, names = best
    columns = without_tail(names)
    if len(columns) > limits.columns:
        raise FileTooWide(path=path.name, columns=len(columns), limit=limits.columns)
    size = path.stat().st_size
    stream = path.open("rb")
    stream.read(len(mark))

    def rows() -> Iterator[Raw]:
        lines = _Lines(_lines(stream, spoken, newline, limits))
        for at, _ in enumerate(_records(lines, delimiter, 0, limits)):
            if at == skip:
                break
        for raw in _records(lines, delimiter, len(columns), limits):
            if raw.fault is None:
                cells = fitted(raw.cells, len(columns))
                if cells is None:
                    raw.fault = Fault("wrong_width", f"{len(raw.cells)} / {len(columns)}")
                elif too_long(cells, limits.cell_chars):
                    raw.fault = Fault("cell_too_long", str(limits.cell_chars))
                else:
                    raw.cells = cells
            yield raw

    return Table(
        "csv", columns, rows(), share=lambda: min(stream.tell() / size, 1.0) if not stream.closed else 1.0,
        notes={"encoding": spoken, "delimiter": delimiter}, closers=[stream.close],
    )  # fmt: skip


def _encoding(sample: bytes, pinned: str, path: Path) -> tuple[bytes, str]:
    """The byte mark to skip and the encoding: pinned, by the mark, or the one in which more lines decode."""
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return mark, name
    if pinned:
        return b"", pinned
    nul = sample.count(b"\x00")
    if nul > len(sample) // 4:
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        if even and odd and min(even, odd) * 4 > max(even, odd):
            raise FileKind(path=path.name, kind="binary")
        return b"", "utf-16-be" if even > odd else "utf-16-le"
    lines = [line for line in sample.split(b"\n")[:-1] or [sample] if not line.isascii()]
    utf = sum(_decodes(line, "utf-8") for line in lines)
    gb = sum(_decodes(line, "gb18030") for line in lines)
    return b"", "gb18030" if gb > utf else "utf-8"


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _newline(sample: bytes, encoding: str) -> bytes:
    wide = encoding.startswith("utf-16")
    feed = "\n".encode(encoding) if wide else b"\n"
    if feed in sample:
        return feed
    back = "\r".encode(encoding) if wide else b"\r"
    return back if back in sample else feed


def _first_line(sample: bytes, mark: bytes, encoding: str) -> str:
    return sample[len(mark) :].split(b"\n")[0][:200].decode(encoding, "replace").strip()


def _lines(stream: BinaryIO, encoding: str, newline: bytes, limits: Limits) -> Iterator[Line]:
    """Lines with their number, or the fault of a line that is too long or cannot be decoded."""
    at = 0
    for piece in _pieces(stream, newline, limits.row_bytes):
        at += 1
        if piece is None:
            yield at, Fault("row_too_long", str(limits.row_bytes))
            continue
        try:
            line = piece.decode(encoding)
        except UnicodeDecodeError:
            yield at, Fault("bad_encoding", piece[:200].decode(encoding, "replace"))
            continue
        if "\x00" in line:
            yield at, Fault("nul_byte", line[:200].replace("\x00", "␀"))
            continue
        yield at, line.removesuffix("\r")


def _pieces(stream: BinaryIO, newline: bytes, limit: int) -> Iterator[bytes | None]:
    """The stream cut at line ends; None stands for a line over the limit, whose bytes are let go."""
    step = len(newline)
    rest, dropping = b"", False
    while chunk := stream.read(_CHUNK):
        parts = _cut(rest + chunk, newline, step)
        rest = parts.pop()
        for part in parts:
            if dropping or len(part) > limit:
                dropping = False
                yield None
            else:
                yield part
        if len(rest) > limit:
            rest, dropping = rest[len(rest) - len(rest) % step :] if step > 1 else b"", True
    if dropping:
        yield None
    elif rest:
        yield rest


def _cut(block: bytes, newline: bytes, step: int) -> list[bytes]:
    if step == 1:
        return block.split(newline)
    parts, start, at = [], 0, 0
    while (at := block.find(newline, at)) >= 0:
        if at % step:
            at += 1
            continue
        parts.append(block[start:at])
        start = at = at + step
    parts.append(block[start:])
    return parts


@dataclass(slots=True)
class _Lines:
    """Lines that can be put back."""

    source: Iterator[Line]
    back: deque[Line] = field(default_factory=deque)

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        return self.back.popleft() if self.back else next(self.source)


def _records(lines: _Lines, delimiter: str, width: int, limits: Limits) -> Iterator[Raw]:
    """Records of cells. With ``width`` 0 (the header is not known yet) every record passes."""
    for at, line in lines:
        if isinstance(line, Fault):
            yield Raw(at, (), line)
        elif '"' not in line:
            if line and not line.isspace():
                cells = line.split(delimiter)
                if any(cells):
                    yield Raw(at, cells)
        else:
            yield _quoted(lines, at, line, delimiter, width, limits)


def _quoted(lines: _Lines, at: int, line: str, delimiter: str, width: int, limits: Limits) -> Raw:
    taken: list[Line] = []

    def feed() -> Iterator[str]:
        yield line + "\n"
        size = len(line)
        while len(taken) < limits.row_lines and size <= limits.row_bytes:
            follows = next(lines, None)
            if follows is None:
                return
            taken.append(follows)
            if isinstance(follows[1], Fault):
                return
            size += len(follows[1])
            yield follows[1] + "\n"

    csv.field_size_limit(max(csv.field_size_limit(), limits.row_bytes * 2))
    cells: list[str] | None
    try:
        cells = next(csv.reader(feed(), delimiter=delimiter, strict=True), None)
    except csv.Error:
        cells = None
    if cells is not None and not (taken and width and _swallowed(cells, taken, delimiter, width)):
        return Raw(at, cells)
    lines.back.extendleft(reversed(taken))
    return Raw(at, (), Fault("broken_quotes", line[:200]))


def _swallowed(cells: list[str], taken: list[Line], delimiter: str, width: int) -> bool:
    """Whether a record of several lines has eaten its neighbours."""
    if len(cells) != width:
        return True
    if width < 5:
        return False
    for _, line in taken:
        if isinstance(line, Fault):
            return True
        if line.count(delimiter) < width - 1:
            continue
        try:
            alone = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        if len(alone) == width:
            return True
    return False
