"""Settings of concern."""

from pydantic import Field

from gangmu.kit.settings import Section


class ConcernSettings(Section, name="concern"):
    """How what an event is about is proposed."""

    suggest_radius_m: float = Field(
        60, gt=0, le=500, description="Within how many metres of a report components are proposed."
    )
    suggest_least: float = Field(
        0.2, ge=0, le=1, description="A component is proposed from this confidence on, 0 to 1."
    )
    correction_metres: float = Field(
        30,
        ge=0,
        le=5000,
        description="From how many metres on a moved place of an event proposes a correction of its standard address.",
    )
