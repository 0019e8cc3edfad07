"""Settings of the wall screen."""

from pydantic import Field

from gangmu.kit.settings import Section


class BoardSettings(Section, name="board"):
    """When a figure is called late, silent or too few."""

    silent_minutes: dict[str, int] = Field(
        {
            "hotline12345": 120,
            "patrol": 240,
            "grid": 720,
            "citizen": 1440,
            "transfer": 1440,
            "upper": 4320,
            "sensor": 60,
            "ai": 60,
        },
        description="After how many minutes without a report each source is shown as silent; others are not watched.",
    )
    late_s: int = Field(
        30, ge=2, le=3600, description="From so many seconds of backlog on the figures are shown as late."
    )
    fewest: int = Field(
        10, ge=1, le=1000, description="Under so many limits a department's share is marked as of too few."
    )
    crowd: int = Field(5, ge=2, le=1000, description="From so many callers on a merged matter is called abnormal.")
    returned: int = Field(2, ge=1, le=20, description="From so many returns on an event is called abnormal.")
    keep_days: int = Field(40, ge=8, le=400, description="So long the counts of days are kept for the board.")
