"""Places over HTTP."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from gangmu.base.places.model import Duty
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema

CODE = r"^[0-9]{2}([0-9]{2}){0,2}([0-9]{3}){0,2}$"


class LayerKind(StrEnum):
    city = "city"
    county = "county"
    town = "town"
    community = "community"
    unit_grid = "unit_grid"
    duty_grid = "duty_grid"
    zone = "zone"


class DivisionOut(Schema):
    """``parent`` and ``code`` have 12 digits; ``short`` those that count."""

    code: str
    short: str
    level: str
    name: str
    parent: str
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    version: int


class Divisions(Listed):
    items: list[DivisionOut]


class DivisionDetail(DivisionOut):
    """With the names of those above it, from the top, and all that the code has stood for, oldest first."""

    above: list[DivisionOut]
    history: list[DivisionOut]


class DivisionIn(Schema):
    code: str = Field(pattern=CODE, max_length=12)
    name: str = Field(min_length=1, max_length=120)
    valid_from: date | None = None


class DivisionChange(Schema):
    """Another name from a day on (today)."""

    name: str = Field(min_length=1, max_length=120)
    valid_from: date | None = None


class DivisionEnd(Schema):
    """The first day on which it is no more, and who takes over."""

    valid_to: date
    successor: str | None = Field(None, pattern=CODE, max_length=12)


class LayerOut(Schema):
    """A layer of the map; ``bbox`` is west, south, east, north."""

    kind: LayerKind
    count: int
    edition: str
    valid_from: date | None
    bbox: list[float] | None


class BaseMap(Schema):
    """The map under the layers, if the city has set one."""

    url: str
    crs: str
    notice: str
    matrix_set: str = "EPSG:4490"


class Layers(Listed):
    items: list[LayerOut]
    base_map: BaseMap | None


class GeoJson(Schema):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[dict[str, Any]]


class DutyOut(Schema):
    duty: Duty
    post: Id
    valid_from: date


class PlaceOut(Schema):
    """Where a point belongs. ``depth`` names the deepest answer: unit_grid, community, town, county, city or none;
    ``exact`` is false where the deepest layer of the city has a hole. ``names`` has those of the codes given."""

    lon: float
    lat: float
    depth: str
    exact: bool
    division: str
    county: str
    town: str
    community: str
    unit_grid: str
    duty_grid: str
    duty_grids: list[str]
    duties: list[DutyOut]
    zones: list[str]
    names: dict[str, str]


class AddressOut(Schema):
    id: Id
    full: str
    division: str
    road: str
    house_no: str
    name: str
    kind: str
    lon: float | None
    lat: float | None
    unit_grid: str | None
    compound: str = ""
    building: str = ""
    unit_no: str = ""
    room: str = ""
    aliases: list[str] = Field(default_factory=list)
    state: str = "valid"
    version: int = 1


class FoundAddressOut(AddressOut):
    """``how`` it was found: exact; corrected, with what was ``typed`` and what was taken ``instead``; part, when only
    its road or number was."""

    how: str = "exact"
    typed: str = ""
    instead: str = ""


class Addresses(Listed):
    items: list[FoundAddressOut]


class Landmarks(Listed):
    items: list[AddressOut]


class AddressPartsOut(Schema):
    """Free text taken apart, each part as written; ``name`` is what a place is called, or what was not understood."""

    province: str
    city: str
    county: str
    town: str
    community: str
    road: str
    house_no: str
    compound: str
    building: str
    unit: str
    floor: str
    room: str
    name: str


class AddressFacts(Schema):
    """An address: its whole text, or its parts. What is left out stays (in a change) or is read from the text."""

    full: str | None = Field(None, max_length=300)
    road: str | None = Field(None, max_length=120)
    house_no: str | None = Field(None, max_length=40)
    compound: str | None = Field(None, max_length=120)
    building: str | None = Field(None, max_length=40)
    unit_no: str | None = Field(None, max_length=40)
    room: str | None = Field(None, max_length=40)
    name: str | None = Field(None, max_length=120)
    kind: str | None = Field(None, max_length=40)
    aliases: list[str] | None = Field(None, max_length=20)
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    crs: str = Field("CGCS2000", max_length=20)


class AddressIn(AddressFacts):
    division: str = Field("", max_length=12, pattern=r"^\d*$")


class AddressChange(AddressFacts):
    version: int


class AliasIn(Schema):
    """Another (alias) or an older (old) name of a road, compound or landmark."""

    name: str = Field(min_length=2, max_length=60)
    means: str = Field(min_length=2, max_length=60)
    way: Literal["alias", "old"] = "alias"


class AddressNameOut(Schema):
    id: Id
    name: str
    kind: str
    way: str
    means: str


class AddressNames(Listed):
    items: list[AddressNameOut]


class AddressCorrectionOut(Schema):
    """A proposal to mend an address of the register (``address`` null: to add one). ``about`` is the event it arose
    from."""

    id: Id
    address: Id | None
    about: str
    division: str
    was_full: str
    was_lon: float | None
    was_lat: float | None
    full: str
    lon: float | None
    lat: float | None
    reason: str
    state: str
    by_name: str
    made_at: datetime
    decided_name: str
    decided_at: datetime | None
    decision: str


class AddressCorrections(Listed):
    items: list[AddressCorrectionOut]


class UnitGridOut(Schema):
    code: str
    division: str
    state: str
    reason: str
    area_m2: float
    lon: float
    lat: float
    version: int


class UnitGrids(Listed):
    items: list[UnitGridOut]


class RingIn(Schema):
    """A unit grid drawn by hand: its community and its corners, in order, not closed."""

    community: str = Field(pattern=CODE, max_length=12)
    ring: list[tuple[float, float]] = Field(min_length=3, max_length=500)
    crs: str = Field("CGCS2000", max_length=20)


class DutyGridIn(Schema):
    """A responsibility grid and the codes of its unit grids, which touch and lie in one town."""

    code: str = Field(pattern=r"^[0-9]{9}[A-Z][0-9]{4}$")
    name: str = Field("", max_length=120)
    units: list[str] = Field(min_length=1, max_length=500)


class VoidIn(Schema):
    reason: str = Field(min_length=1, max_length=500)


class DutyGridOut(Schema):
    code: str
    kind: str
    name: str
    division: str
    units: list[str]
    duties: list[DutyOut]


class DutyGrids(Listed):
    items: list[DutyGridOut]


class DutyIn(Schema):
    """The post that walks the grid for this duty from today on; null ends it."""

    post: Id | None
