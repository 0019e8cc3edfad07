"""What a file may ask of the house, and how it is taken in."""

from datetime import timedelta

from pydantic import Field

from gangmu.core.intake.model import Rules
from gangmu.core.intake.readers.table import Limits
from gangmu.kit.settings import Section


class IntakeSettings(Section, name="intake"):
    """Limits of imported files and rows."""

    batch_rows: int = Field(2000, ge=1, le=50_000, description="Rows taken in one transaction.")
    file_mb: int = Field(4096, ge=1, description="The largest file that is read, in MB.")
    upload_mb: int = Field(200, ge=1, le=2048, description="The largest file taken from a browser, in MB.")
    unpacked_mb: int = Field(1024, ge=1, description="The most that a workbook or Parquet file may unpack to, in MB.")
    unpacked_ratio: int = Field(250, ge=10, description="How many times its own size a workbook may unpack to.")
    sheet_cells: int = Field(40_000_000, ge=1000, description="The most cells of a sheet (rows times columns).")
    columns: int = Field(500, ge=1, le=16_384, description="The most columns of a file.")
    row_kb: int = Field(4096, ge=1, description="The longest row of a CSV file, in KB.")
    cell_chars: int = Field(100_000, ge=100, description="The most characters of a cell; longer ones are quarantined.")
    text_chars: int = Field(20_000, ge=100, le=20_000, description="The most characters of a report's text or answer.")
    future_slack_h: int = Field(24, ge=0, description="How far ahead of now a time may lie, in hours.")
    keep_raw_kb: int = Field(64, ge=1, description="Rows up to this size are kept (sealed) for another try, in KB.")

    def limits(self) -> Limits:
        """The bounds of the readers."""
        mb = 1 << 20
        return Limits(
            file_bytes=self.file_mb * mb,
            row_bytes=self.row_kb << 10,
            cell_chars=self.cell_chars,
            columns=self.columns,
            unpacked_bytes=self.unpacked_mb * mb,
            unpacked_ratio=self.unpacked_ratio,
            sheet_cells=self.sheet_cells,
        )

    def rules(self) -> Rules:
        """The bounds of the mapping."""
        return Rules(text_chars=self.text_chars, future_slack=timedelta(hours=self.future_slack_h))
