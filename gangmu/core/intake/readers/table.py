"""What every reader gives: a header and a stream of rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

HeaderScore = Callable[[Sequence[str]], int]
"""How many cells of a row are names of columns that the asker knows. The header is the row with the most."""

HEADER_WITHIN = 12
"""The header is looked for in this many rows: exports like to put a title and a date above it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may ask of the machine. Characters, bytes and counts."""

    file_bytes: int = 4 << 30
    row_bytes: int = 4 << 20
    row_lines: int = 400
    cell_chars: int = 100_000
    columns: int = 500
    unpacked_bytes: int = 1 << 30
    unpacked_ratio: int = 250
    sheet_cells: int = 40_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be read as cells: which rule it breaks and, as far as it goes, what stands there."""

    reason: str
    shown: str = ""


@dataclass(slots=True)
class Raw:
    """One row: where it stands in the file (line or sheet row, 1-based), its cells or its fault."""

    at: int
    cells: Sequence[Any]
    fault: Fault | None = None


@dataclass(slots=True)
class Table:
    """An opened file. ``rows`` can be walked once; ``share`` says how much of it has been read (0 to 1).
    ``closed`` is a list of functions that let go of the file."""

    form: str
    columns: tuple[str, ...]
    rows: Iterator[Raw]
    share: Callable[[], float] = lambda: 0.0
    notes: dict[str, str] = field(default_factory=dict)
    closers: list[Callable[[], None]] = field(default_factory=list)

    def close(self) -> None:
        for closer in self.closers:
            closer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def find_header(rows: Iterable[Sequence[Any]], score: HeaderScore) -> tuple[int, list[str]] | None:
    """Position and names of the row that knows the most columns; None when none knows any."""
    best: tuple[int, int, list[str]] | None = None
    for at, cells in enumerate(rows):
        names = [str(cell).strip() if cell is not None else "" for cell in cells]
        known = score(names)
        if known and (best is None or known > best[0]):
            best = (known, at, names)
    return None if best is None else (best[1], best[2])


def without_tail(names: Sequence[str]) -> tuple[str, ...]:
    """Header names without the blank ones at the end."""
    last = len(names)
    while last and not names[last - 1]:
        last -= 1
    return tuple(names[:last])


def fitted(cells: Sequence[Any], width: int) -> Sequence[Any] | None:
    """Cells cut to the width of the header when only blanks go; None when the row is of another width."""
    if len(cells) == width:
        return cells
    if len(cells) > width and all(cell in ("", None) for cell in cells[width:]):
        return cells[:width]
    return None


def too_long(cells: Sequence[Any], limit: int) -> bool:
    """Whether any cell has more characters than the limit."""
    return any(type(cell) is str and len(cell) > limit for cell in cells)
