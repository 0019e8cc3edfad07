"""Settings of the city's kind. They stand in the folder itself: no screen makes a real city a demo."""

from typing import Literal

from pydantic import Field

from gangmu.kit.settings import Section


class CitySettings(Section, name="city", admin=False):
    """What kind of city the data folder holds."""

    demo: bool = Field(
        False, description="An invented city to look at: marked on every screen, may be founded anew in one click."
    )
    practice: bool = Field(
        False, description="A city to practise in: marked on every screen, scores nobody, may be founded anew."
    )
    reset_by: Literal["anybody", "administrators"] = Field(
        "anybody", description="Who may found a demo or practice city anew: anybody signed in, or administrators only."
    )
