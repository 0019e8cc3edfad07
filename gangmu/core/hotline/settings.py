"""Settings of the hotline."""

from pydantic import Field

from gangmu.kit.settings import Section


class HotlineSettings(Section, name="hotline"):
    """How calls are taken."""

    fact_ahead_s: int = Field(
        600,
        ge=0,
        le=86_400,
        description="How far ahead of the house the clock of the telephone system may be, in seconds.",
    )
    history_most: int = Field(20, ge=1, le=100, description="How many earlier calls of a caller are shown at the seat.")
