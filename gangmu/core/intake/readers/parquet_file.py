"""Parquet by batches: never more than one batch of rows in memory."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gangmu.core.intake.errors import FileDamaged, FileTooLarge, FileTooWide
from gangmu.core.intake.readers.table import Fault, HeaderScore, Limits, Raw, Table, too_long

_BATCH = 2_000


def open_parquet(path: Path, score: HeaderScore, limits: Limits) -> Table:
    """Open a Parquet file. A file that is cut off has no footer and is refused whole."""
    try:
        file = pq.ParquetFile(path)
        names = tuple(file.schema_arrow.names)
        total = file.metadata.num_rows
        unpacked = sum(file.metadata.row_group(n).total_byte_size for n in range(file.metadata.num_row_groups))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileDamaged(path=path.name, reason=_said(error)) from error
    if len(names) > limits.columns:
        raise FileTooWide(path=path.name, columns=len(names), limit=limits.columns)
    if unpacked > limits.unpacked_bytes or total > limits.sheet_cells:
        raise FileTooLarge(path=path.name, what="unpacked", limit=limits.unpacked_bytes)
    done = [0]

    def rows() -> Iterator[Raw]:
        try:
            for batch in file.iter_batches(batch_size=_BATCH):
                columns = [_plain(column) for column in batch.columns]
                for cells in zip(*columns, strict=True):
                    done[0] += 1
                    long = too_long(cells, limits.cell_chars)
                    yield Raw(done[0], cells, Fault("cell_too_long", str(limits.cell_chars)) if long else None)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise FileDamaged(path=path.name, reason=f"after row {done[0]}: {_said(error)}") from error

    return Table("parquet", names, rows(), share=lambda: done[0] / total if total else 1.0, closers=[file.close])


def _plain(column: pa.Array) -> list[Any]:
    """A column as Python values: text, numbers, booleans, dates and times; anything nested as JSON text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    if pa.types.is_nested(kind):
        cells = column.to_pylist()
        return [None if cell is None else json.dumps(cell, ensure_ascii=False, default=str) for cell in cells]
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return [None if cell is None else cell.decode("utf-8", "replace") for cell in column.to_pylist()]
    if pa.types.is_decimal(kind):
        return [None if cell is None else str(cell) for cell in column.to_pylist()]
    if pa.types.is_duration(kind) or pa.types.is_time(kind):
        return [None if cell is None else str(cell) for cell in column.to_pylist()]
    plain: list[Any] = column.to_pylist()
    return plain


def _said(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
