"""Drawing by lot over HTTP."""

from datetime import date, datetime

from pydantic import Field

from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema


class DrawIn(Schema):
    """What is drawn: events reported from a day to a day (both counted), in a division. The same seed draws the same.
    With ``purpose`` texts and entries are in clear, which is journaled."""

    seed: str = Field(min_length=1, max_length=60)
    since: date
    until: date
    division: str = Field("", max_length=12, pattern=r"^\d*$")
    n: int = Field(10, ge=1, le=50)
    purpose: str = Field("", max_length=200)


class DrawnOut(Schema):
    """A drawing that was made."""

    id: Id
    at: datetime
    by_name: str
    seed: str
    since: date
    until: date
    division: str
    wanted: int
    drawn: int
    among: int
    purpose: str
    digest: str


class Draws(Listed):
    items: list[DrawnOut]
