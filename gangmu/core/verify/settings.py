"""Settings of verifying and checking."""

from pydantic import Field

from gangmu.kit.settings import Section


class VerifySettings(Section, name="verify"):
    """How field tasks are given and what proof they need."""

    busy_at: int = Field(
        5, ge=1, le=100, description="Who has so many open field tasks is busy: others nearby are asked first."
    )
    same_time_minutes: int = Field(
        60, ge=5, le=720, description="A check at the same time of day may come so many minutes earlier or later."
    )
    same_time_strict: bool = Field(
        True, description="Refuse a check outside its time of day; otherwise it is taken and flagged."
    )
