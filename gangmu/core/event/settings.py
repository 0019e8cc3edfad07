"""Settings of events."""

from pydantic import Field

from gangmu.kit import settings
from gangmu.kit.settings import Section
from gangmu.kit.zone import TimeSettings


class EventSettings(Section, name="event"):
    """How reports become events."""

    flow_of_channel: dict[str, str] = Field(
        {
            "hotline12345": "hotline_order",
            "citizen": "hotline_order",
            "upper": "hotline_order",
            "patrol": "urban_case",
            "grid": "grid_event",
            "transfer": "urban_case",
            "sensor": "urban_case",
            "ai": "urban_case",
            "bulk": "urban_case",
        },
        description="The flow that an event of each channel starts in.",
    )
    calendar: str = Field("", description="The calendar of this city's clocks; empty: the shipped national one.")
    clock_counts: str = Field(
        "recorded",
        pattern="^(recorded|done)$",
        description="Which time of an act its clocks count: when it was recorded, or when it was done in the street.",
    )
    done_back_hours: int = Field(72, ge=0, le=720, description="How far back an act done offline may lie, in hours.")
    duplicate_radius_m: float = Field(
        300, gt=0, le=5000, description="Within how many metres a duplicate is looked for."
    )
    duplicate_days: int = Field(14, ge=1, le=365, description="How many days back a duplicate is looked for.")
    urgent_words: list[str] = Field(
        ["燃气泄漏", "煤气泄漏", "塌陷", "触电", "爆管", "井盖缺失", "坠落"],
        description="Words in a report that propose it as urgent; a person decides.",
    )
    evidence_radius_m: float = Field(
        200, gt=0, le=20_000, description="A photo taken further from the event's place, in metres, is flagged as far."
    )
    evidence_age_minutes: int = Field(
        120, ge=1, le=10_080, description="A photo of the result or check that is older, in minutes, is flagged as old."
    )

    @property
    def time_zone(self) -> str:
        """The city's time zone, which is one for all stages."""
        return settings.get(TimeSettings).zone
