"""Settings of flows."""

from pydantic import Field

from gangmu.kit.settings import Section


class FlowSettings(Section, name="flow"):
    """How flows are changed and published."""

    second_person: bool = Field(
        True, description="A flow is published by another person than those who wrote the draft."
    )
    tryout_days: int = Field(
        30, ge=1, le=3660, description="How many days back a draft is tried on past events unless said otherwise."
    )
    tryout_events: int = Field(
        10_000, ge=1, le=100_000, description="On how many past events a draft is tried at most, the newest first."
    )
