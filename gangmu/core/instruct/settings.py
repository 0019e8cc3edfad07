"""Settings of instructions."""

from pydantic import Field

from gangmu.kit.settings import Section


class InstructSettings(Section, name="instruct"):
    """How leaders' instructions are followed up."""

    due_days: int = Field(3, ge=1, le=90, description="In how many days an instruction without a date is due.")
    chase_hours: int = Field(24, ge=1, le=720, description="A late instruction is chased again after so many hours.")
    chase_most: int = Field(10, ge=0, le=100, description="How often a late instruction is chased at most.")
