"""Settings of the wall screen."""

from pydantic import Field, field_validator

from gangmu.core.board.model import Rest, read_rest
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
    resting: dict[str, list[str]] = Field(
        {"patrol": ["22:00-06:00"], "grid": ["20:00-07:00"]},
        description="When each source is usually quiet (22:00-06:00, sat-sun 00:00-24:00): that time is no silence.",
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

    @field_validator("resting")
    @classmethod
    def are_rests(cls, given: dict[str, list[str]]) -> dict[str, list[str]]:
        for text in (one for texts in given.values() for one in texts):
            if read_rest(text) is None:
                raise ValueError(f"{text} is no time of the week: write 22:00-06:00 or sat-sun 00:00-24:00")
        return given

    def rests_of(self, source: str) -> list[Rest]:
        """The usual rests of a source."""
        return [rest for text in self.resting.get(source, ()) if (rest := read_rest(text)) is not None]
