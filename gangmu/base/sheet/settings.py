"""How large spreadsheets may be and how long their rows are kept."""

from pydantic import Field

from gangmu.kit.settings import Section
from gangmu.kit.sheet_guard import Limits


class SheetSettings(Section, name="sheet"):
    """Limits of spreadsheets."""

    upload_mb: int = Field(60, ge=1, le=66, description="The largest spreadsheet taken from a browser, in MB.")
    unpacked_mb: int = Field(400, ge=1, description="The most that a workbook may unpack to, in MB.")
    unpacked_ratio: int = Field(200, ge=10, description="How many times its own size a workbook may unpack to.")
    rows: int = Field(200_000, ge=100, description="The most rows of a spreadsheet.")
    columns: int = Field(200, ge=10, le=16_384, description="The most columns of a spreadsheet.")
    bad_rows: int = Field(10_000, ge=10, description="So many bad rows of an import are kept to be mended.")
    keep_days: int = Field(30, ge=1, description="Bad rows and results of imports are kept so many days.")

    def limits(self) -> Limits:
        """The bounds of the reader."""
        return Limits(self.unpacked_mb * 1_000_000, self.unpacked_ratio, self.rows, self.columns)
