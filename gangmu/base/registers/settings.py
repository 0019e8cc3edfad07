"""Settings of registers."""

from pydantic import Field

from gangmu.kit.settings import Section


class RegistersSettings(Section, name="registers"):
    """How components are coded and looked for."""

    component_code: str = Field(
        "2+6",
        pattern=r"^(2\+6|3\+5)$",
        description="How the ten digits after county and class of a component code are cut: 2+6 (sub-class of two "
        "digits, serial of six) or the newer 3+5. Decide before the first component is taken in.",
    )
    near_m: float = Field(
        30, gt=0, le=500, description="Within how many metres of a report a component is proposed as what it is about."
    )
