"""Settings of evaluation."""

from pydantic import Field

from gangmu.kit.settings import Section


class EvaluateSettings(Section, name="evaluate"):
    """How figures are counted, shown and published."""

    counts: str = Field(
        "recorded",
        pattern="^(recorded|done)$",
        description="Which time of an act puts it into a period: when it was recorded, or done in the street.",
    )
    few: int = Field(5, ge=1, le=1000, description="Fewer matters than this make no score: too few, says the table.")
    ranking: bool = Field(False, description="Whether tables may be put in the order of their scores; off by default.")
    second_person: bool = Field(
        True, description="Whether another person publishes a period or a rule than the one who prepared it."
    )
    contact_hours: int = Field(24, ge=1, le=720, description="So long a department has to contact who called.")
    answer_s: int = Field(20, ge=1, le=600, description="A call answered within so many seconds was answered in time.")
