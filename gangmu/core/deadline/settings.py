"""Settings of clocks."""

from pydantic import Field, field_validator

from gangmu.core.deadline.limit import Meaning
from gangmu.core.deadline.model import DEFAULT_MARKS, Rework
from gangmu.kit.settings import Section


class DeadlineSettings(Section, name="deadline"):
    """How this city counts."""

    calendar: str = Field("cn", description="The work calendar that clocks run on unless another one is named.")
    day_meaning: Meaning = Field(
        Meaning.hours,
        description="What N working days are: N times 8 working hours from now (hours), the end of the N-th working day"
        " after today (day_end; natural days likewise), or the same clock time on the N-th working day after it began"
        " (same_time).",
    )
    marks: list[float] = Field(
        list(DEFAULT_MARKS),
        max_length=10,
        description="Shares of the limit at which people are warned; above 1 = late by so many limits more.",
    )
    rework: Rework = Field(
        Rework.go_on,
        description="The clock of work sent back by a check: goes on with what was left (continue), begins anew (new),"
        " or anew with half the limit (half).",
    )
    extensions_most: int = Field(2, ge=0, le=10, description="How many extensions a clock may be granted.")
    suspension_days_most: int = Field(366, ge=1, le=3660, description="How long a suspension may last, in days.")

    @field_validator("marks")
    @classmethod
    def _in_order(cls, marks: list[float]) -> list[float]:
        if any(not 0 < mark <= 100 or mark == 1 for mark in marks):
            raise ValueError("marks are shares above 0, not 1 (the deadline itself)")
        return sorted(marks)
