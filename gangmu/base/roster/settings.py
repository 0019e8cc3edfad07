"""Settings of rotas and stand-ins."""

from pydantic import Field

from gangmu.kit.settings import Section


class RosterSettings(Section, name="roster"):
    """How long somebody may be stood in for, and which calendar rotas follow."""

    calendar: str = Field("cn", description="The calendar whose holidays rotas follow unless a pattern names another.")
    stand_in_days: int = Field(92, ge=1, le=366, description="The longest time of one stand-in, in days.")
    leave_days: int = Field(366, ge=1, le=1100, description="The longest leave, in days.")
    hand_over_hours: int = Field(
        4, ge=0, le=48, description="How many hours before and after the end of a shift its hand-over may be written."
    )
