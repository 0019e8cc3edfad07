"""Settings of dispatching."""

from pydantic import Field, field_validator

from gangmu.core.deadline.limit import parse_parts
from gangmu.kit.settings import Section


class DispatchSettings(Section, name="dispatch"):
    """How work is laid on organisations."""

    assist_limit: str = Field(
        "condition",
        max_length=40,
        description="The limit of an assisting organisation, such as 2d; condition: that of the filing condition.",
    )
    assist_limit_unfiled: str = Field(
        "5d", max_length=40, description="The limit of an assisting organisation when there is no filing condition."
    )
    past_days: int = Field(
        365, ge=1, le=3660, description="How many days back earlier returns count against a suggestion."
    )
    dispute_escalates_at: int = Field(
        3, ge=1, le=20, description="From so many returns of one event on it is shown as one for the next level."
    )

    @field_validator("assist_limit", "assist_limit_unfiled")
    @classmethod
    def _readable(cls, limit: str) -> str:
        if limit != "condition":
            parse_parts(limit)
        return limit
