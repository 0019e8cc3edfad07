"""Files as streams of rows: CSV, XLSX and Parquet, each bounded in memory and guarded against hostile input.

Comes in: a path. Goes out: a ``Table`` whose rows are cells, or a fault of one row (broken quotes, wrong width,
undecodable bytes, a NUL). A fault of one row never ends the file; a fault of the whole file is an ``intake.file_*``
error that says what to do.
"""

from gangmu.core.intake.readers.opening import SUFFIXES, open_table
from gangmu.core.intake.readers.table import Fault, HeaderScore, Limits, Raw, Table

__all__ = ["SUFFIXES", "Fault", "HeaderScore", "Limits", "Raw", "Table", "open_table"]
