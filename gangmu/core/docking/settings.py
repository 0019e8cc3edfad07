"""Settings of docking."""

from pydantic import Field

from gangmu.kit.settings import Section


class DockingSettings(Section, name="docking"):
    """How other systems are called, and when they are missed."""

    timeout_s: float = Field(10, gt=0, le=120, description="How long one call to another system may take, in seconds.")
    budget_s: float = Field(
        30, gt=0, le=600, description="How long one visit to another system may take in all, retries included."
    )
    batch: int = Field(500, ge=1, le=2000, description="How many acts are sent in one call.")
    visits_at_once: int = Field(4, ge=1, le=32, description="How many links are visited at the same time.")
    away_s: int = Field(
        600, ge=1, le=86_400, description="The longest pause between two tries at a link that does not answer."
    )
    later_s: int = Field(
        5, ge=0, le=86_400, description="How long to wait before a row that was put off is sent again; doubles."
    )
    tries: int = Field(
        12, ge=1, le=100, description="How often a row that is put off is sent before somebody must look at it."
    )
    signature_window_s: int = Field(
        300, ge=10, le=86_400, description="How old a signed call may be; its nonce is remembered as long."
    )
    account_hour: int = Field(
        1, ge=0, le=23, description="From which hour on the account of the day before is drawn up."
    )
    file_mb: int = Field(20, ge=1, le=60, description="The largest workbook of orders that is taken in, in megabytes.")
    early_hours: int = Field(
        24, ge=0, le=720, description="After how many hours a message that waits for an earlier one raises an alarm."
    )
