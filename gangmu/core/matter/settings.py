"""Settings of the catalogue."""

from pydantic import Field

from gangmu.kit.settings import Section


class MatterSettings(Section, name="matter"):
    region: str = Field("", description="Region written into classes and conditions that are added here.")
