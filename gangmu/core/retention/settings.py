"""Settings of retention."""

from pydantic import Field

from gangmu.kit.settings import Section


class RetentionSettings(Section, name="retention"):
    """When lists of what is due are drawn up, and who has the last word."""

    hour: int = Field(
        2, ge=0, le=23, description="From which hour of the night on the list of what is due is drawn up."
    )
    confirm: bool = Field(True, description="A second person confirms each list before anything is erased.")
    second_lifts: bool = Field(True, description="A hold is lifted by somebody else than who has put it.")
    most: int = Field(2000, ge=1, le=50_000, description="How many things of a kind one list holds at most.")
    contact: str = Field(
        "",
        max_length=300,
        description="Whom people turn to about their data: office, phone, address; shown in the notice.",
    )
