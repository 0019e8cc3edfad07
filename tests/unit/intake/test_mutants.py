"""A thousand broken files: every one ends in rows taken, rows refused with a reason, or one clear refusal of the file.

The mutations are drawn from a seed, so that a failure can be looked at again. Rows that a mutation did not touch must
come through as they were."""

import io
import random
from collections import Counter
from collections.abc import Callable

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gangmu.core.intake.errors import HouseError
from gangmu.core.intake.model import Known
from gangmu.core.intake.readers import Limits
from tests.unit.intake.conftest import HEADER, a_row, csv_bytes, take

ROWS = 40
LIMITS = Limits(cell_chars=5_000, row_bytes=200_000, unpacked_bytes=20_000_000)
KNOWN = Known(divisions={"370303000000"})
EVIL = [
    "'; DROP TABLE report; --",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "{{7*7}}",
    "%s%n%d",
    "\\x00\\u0000",
    "' OR 1=1 --",
    '"><img src=x onerror=alert(1)>',
    "../../../../etc/passwd",
    "\u202e反向",
    "𠮷🏙️" * 20,
    "NaN",
    "-1e308",
    "9" * 400,
    "",
    " ",
    '"',
    '""',
    ",",
    "\n",
    "\t",
]


def table(rng: random.Random) -> list[list[str]]:
    return [list(HEADER), *[a_row(n, 内容=f"内容{n}" + "，很长" * rng.randrange(20)) for n in range(ROWS)]]


def put(rng: random.Random, row: list[str], text: str) -> None:
    """Overwrite any one cell."""
    if row:
        row[rng.randrange(len(row))] = text


def cell_swapped(rng: random.Random, rows: list[list[str]]) -> list[list[str]]:
    """Columns of some rows change places: times where numbers should be."""
    for row in rng.sample(rows[1:], 5):
        rng.shuffle(row)
    return rows


def column_dropped(rng: random.Random, rows: list[list[str]]) -> list[list[str]]:
    gone = set(rng.sample(range(len(rows[0])), rng.randint(1, 4)))
    return [[cell for n, cell in enumerate(row) if n not in gone] for row in rows]


def column_doubled(rng: random.Random, rows: list[list[str]]) -> list[list[str]]:
    twice = rng.randrange(len(rows[0]))
    return [[*row, row[twice] if twice < len(row) else ""] for row in rows]


def evil_cells(rng: random.Random, rows: list[list[str]]) -> list[list[str]]:
    for _ in range(rng.randint(1, 30)):
        put(rng, rng.choice(rows[1:]), rng.choice(EVIL))
    return rows


def huge_cell(rng: random.Random, rows: list[list[str]]) -> list[list[str]]:
    put(rng, rng.choice(rows[1:]), rng.choice("x字\n") * rng.choice([6_000, 60_000, 250_000]))
    return rows


def header_mangled(rng: random.Random, rows: list[list[str]]) -> list[list[str]]:
    for _ in range(rng.randint(1, 5)):
        put(rng, rows[0], rng.choice([*EVIL, "未知列", HEADER[0]]))
    return rows


def rows_ragged(rng: random.Random, rows: list[list[str]]) -> list[list[str]]:
    for n in rng.sample(range(1, len(rows)), 6):
        rows[n] = rows[n][: rng.randrange(len(rows[0]))] if rng.random() < 0.5 else rows[n] + ["x"] * rng.randint(1, 9)
    return rows


def rows_repeated(rng: random.Random, rows: list[list[str]]) -> list[list[str]]:
    return rows + [list(row) for row in rng.sample(rows[1:], 8)]


SHAPES: list[Callable[[random.Random, list[list[str]]], list[list[str]]]] = [
    cell_swapped, column_dropped, column_doubled, evil_cells, huge_cell, header_mangled, rows_ragged, rows_repeated,
]  # fmt: skip


def bytes_flipped(rng: random.Random, body: bytes) -> bytes:
    mutable = bytearray(body)
    for _ in range(rng.randint(1, 40)):
        mutable[rng.randrange(len(mutable))] = rng.randrange(256)
    return bytes(mutable)


def bytes_cut(rng: random.Random, body: bytes) -> bytes:
    return body[: rng.randrange(len(body))]


def bytes_inserted(rng: random.Random, body: bytes) -> bytes:
    at = rng.randrange(len(body))
    piece = rng.choice([b"\x00" * 9, b'"', b"\r", b"\xff\xfe", b"\n" * 5, rng.randbytes(200), body[:300], b"," * 90])
    return body[:at] + piece + body[at:]


def bytes_removed(rng: random.Random, body: bytes) -> bytes:
    at = rng.randrange(len(body))
    return body[:at] + body[at + rng.randint(1, 400) :]


def bytes_mixed(rng: random.Random, body: bytes) -> bytes:
    """Half of the file in another encoding."""
    middle = body.find(b"\n", len(body) // 2)
    try:
        return body[:middle] + body[middle:].decode().encode(rng.choice(["gb18030", "utf-16-le", "latin-1"]), "replace")
    except UnicodeDecodeError:
        return body


DAMAGES: list[Callable[[random.Random, bytes], bytes]] = [
    bytes_flipped, bytes_cut, bytes_inserted, bytes_removed, bytes_mixed,
]  # fmt: skip


def as_csv(rng: random.Random, rows: list[list[str]]) -> tuple[str, bytes]:
    encoding = rng.choice(["utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16"])
    return "a.csv", csv_bytes(rows, encoding=encoding, delimiter=rng.choice(",,;\t"))


def as_xlsx(rng: random.Random, rows: list[list[str]]) -> tuple[str, bytes]:
    work = openpyxl.Workbook(write_only=True)
    sheet = work.create_sheet()
    for row in rows:
        sheet.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell)[:30_000] for cell in row])
    out = io.BytesIO()
    work.save(out)
    return "a.xlsx", out.getvalue()


def as_parquet(rng: random.Random, rows: list[list[str]]) -> tuple[str, bytes]:
    width = max(len(row) for row in rows)
    names = [*rows[0], *[f"extra{n}" for n in range(width - len(rows[0]))]]
    names = [f"{name}{n}" if name in names[:n] else name for n, name in enumerate(names)]
    columns = {name: [row[n] if n < len(row) else None for row in rows[1:]] for n, name in enumerate(names)}
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return "a.parquet", out.getvalue()


WRITERS = {"csv": (as_csv, 700), "xlsx": (as_xlsx, 200), "parquet": (as_parquet, 200)}


@pytest.mark.parametrize("kind", WRITERS)
def test_broken_files_cost_their_rows_and_never_the_house(kind, tmp_path):
    writer, trials = WRITERS[kind]
    ends: Counter[str] = Counter()
    for seed in range(trials):
        rng = random.Random(f"{kind}-{seed}")
        rows = table(rng)
        for shape in rng.sample(SHAPES, rng.randint(0, 2)):
            rows = shape(rng, rows)
        name, body = writer(rng, rows)
        if rng.random() < 0.6:
            body = rng.choice(DAMAGES)(rng, body)
        path = tmp_path / name
        path.write_bytes(body)
        try:
            taken = take(path, limits=LIMITS, known=KNOWN)
        except HouseError as refused:
            assert refused.code.startswith("intake."), (seed, refused)
            ends[refused.code] += 1
            continue
        ends["read"] += 1
        assert taken.read == len(taken.good) + len(taken.bad), seed
        assert all(errors and all(error.reason and error.at > 0 for error in errors) for errors in taken.bad), seed
        for report in taken.good:
            assert "\x00" not in report.title + report.text + report.key + report.address, seed
            assert report.happened_at.tzinfo is not None and len(report.title) <= 200, seed
    assert ends["read"] > trials * 0.3, ends


@pytest.mark.parametrize("seed", range(60))
def test_rows_that_were_not_touched_come_through(seed, tmp_path):
    """Damage inside some lines of a CSV leaves all the others as they were."""
    rng = random.Random(f"lines-{seed}")
    encoding = rng.choice(["utf-8", "gb18030"])
    lines = csv_bytes([HEADER, *[a_row(n) for n in range(ROWS)]], encoding=encoding).split(b"\n")[:-1]
    hurt = set(rng.sample(range(1, ROWS + 1), rng.randint(1, 8)))
    for at in hurt:
        line = bytearray(lines[at])
        how = rng.randrange(4)
        if how == 0:
            line[rng.randrange(len(line))] = rng.choice(b'\x00\xff"')
        elif how == 1:
            line = line[: rng.randrange(1, len(line))]
        elif how == 2:
            line[rng.randrange(len(line)) : 0] = b'"'
        else:
            line += b"," + rng.choice(EVIL).replace("\n", " ").encode(encoding, "replace")
        lines[at] = bytes(line)
    path = tmp_path / "a.csv"
    path.write_bytes(b"\n".join(lines) + b"\n")
    taken = take(path)
    numbers = {report.number for report in taken.good}
    whole = {f"T{n:06d}" for n in range(ROWS) if n + 1 not in hurt}
    lost = whole - numbers
    assert not lost, (seed, sorted(hurt), lost)
    assert taken.read == len(taken.good) + len(taken.bad)
