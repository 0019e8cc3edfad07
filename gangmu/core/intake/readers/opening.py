"""Which reader a file gets: by its first bytes, and these must agree with its name."""

from pathlib import Path

from gangmu.core.intake.errors import FileEmpty, FileKind, FileMisnamed, FileMissing, FileOldXls, FileTooLarge
from gangmu.core.intake.readers import csv_file, parquet_file, xlsx_file
from gangmu.core.intake.readers.table import HeaderScore, Limits, Table

SUFFIXES = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".parquet": "parquet"}

_MAGIC = (
    (b"PK\x03\x04", "xlsx"),
    (b"PK\x05\x06", "xlsx"),
    (b"PAR1", "parquet"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"SQLite format 3", "sqlite"),
)


def kind_of(head: bytes) -> str:
    """The kind of a file by its first bytes; whatever has no known mark is taken for text."""
    for mark, kind in _MAGIC:
        if head.startswith(mark):
            return kind
    return "csv"


def open_table(path: Path, score: HeaderScore, limits: Limits, *, encoding: str = "") -> Table:
    """Open a CSV, XLSX or Parquet file. ``score`` tells header rows apart; ``encoding`` pins that of a CSV.
    Raises ``FileMissing``, ``FileEmpty``, ``FileKind``, ``FileMisnamed``, ``FileTooLarge``, ``FileDamaged`` and
    their like."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise FileMissing(path=str(path))
        with path.open("rb") as stream:
            head = stream.read(64)
    except OSError:
        raise FileMissing(path=str(path)) from None
    if size == 0:
        raise FileEmpty(path=path.name)
    if size > limits.file_bytes:
        raise FileTooLarge(path=path.name, what="file", limit=limits.file_bytes)
    kind = kind_of(head)
    named = SUFFIXES.get(path.suffix.lower())
    if kind == "xls":
        raise FileOldXls(path=path.name)
    if kind not in ("csv", "xlsx", "parquet"):
        raise FileKind(path=path.name, kind=kind)
    if named is None and path.suffix and kind == "csv":
        raise FileKind(path=path.name, kind=path.suffix)
    if named is not None and named != kind:
        raise FileMisnamed(path=path.name, named=named, kind="text" if kind == "csv" else kind)
    if kind == "xlsx":
        return xlsx_file.open_xlsx(path, score, limits)
    if kind == "parquet":
        return parquet_file.open_parquet(path, score, limits)
    return csv_file.open_csv(path, score, limits, encoding=encoding)
