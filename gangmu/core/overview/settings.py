"""Settings of the desks' views."""

from pydantic import Field

from gangmu.kit.settings import Section


class OverviewSettings(Section, name="overview"):
    """What the shift leader's, department's and leader's views show."""

    repeat_days: int = Field(
        30, ge=1, le=366, description="Over how many days repeated places and callers are looked for."
    )
    repeat_least: int = Field(
        3, ge=2, le=100, description="From so many of one class at one place, or calls of one number."
    )
    quality_days: int = Field(7, ge=1, le=92, description="Over how many days the quality of intake is counted.")
    trend_days: int = Field(14, ge=2, le=92, description="How many days the trend shows.")
    keep_days: int = Field(400, ge=31, le=3660, description="So long the counts of days are kept.")
