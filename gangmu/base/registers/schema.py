"""Registers over HTTP."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from gangmu.base.registers.model import Accuracy, Component, Edition, Kind, State
from gangmu.kit import geo
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema

CODE = r"^[0-9]{2}([0-9]{2}){0,2}([0-9]{3}){0,2}$"
KIND = r"^([0-9]{2}|[0-9]{4,5})?$"


class ComponentKindOut(Schema):
    """A class or sub-class of components. ``verified`` false: not seen in the official text yet."""

    code: str
    title: str
    title_zh: str
    title_en: str
    extras: list[str]
    source: str
    verified: bool
    local: bool
    ended_at: datetime | None

    @classmethod
    def told(cls, kind: Kind, lang: str) -> "ComponentKindOut":
        return cls(
            code=kind.code,
            title=title_of(kind, lang),
            title_zh=kind.title_zh,
            title_en=kind.title_en,
            extras=list(kind.extras),
            source=kind.source,
            verified=kind.verified,
            local=kind.local,
            ended_at=kind.ended_at,
        )


def title_of(kind: Kind, lang: str) -> str:
    return kind.title_en if lang == "en" and kind.title_en else kind.title_zh


class ComponentKinds(Listed):
    items: list[ComponentKindOut]


class ComponentKindIn(Schema):
    """A local sub-class below a class of two digits."""

    above: str = Field(pattern=r"^[0-9]{2}$")
    title_zh: str = Field(min_length=1, max_length=60)
    title_en: str = Field("", max_length=80)
    extras: list[str] = Field([], max_length=4)


class ComponentOut(Schema):
    """A component as its newest edition tells. Each of the three owners is an organisation of this house, or only a
    name where it knows none."""

    id: Id
    code: str
    kind: str
    kind_title: str
    name: str
    division: str
    division_name: str
    unit_grid: str
    state: State
    authority: Id | None
    authority_name: str
    owner: Id | None
    owner_name: str
    maintainer: Id | None
    maintainer_name: str
    first_on: date | None
    changed_on: date | None
    source: str
    accuracy: str
    lon: float | None
    lat: float | None
    datum: str
    road: str
    note: str
    material: str
    shape: str
    height_m: float | None
    on_blind_path: bool | None
    photos: list[Id]
    edition: int
    void_reason: str
    voided_at: datetime | None
    version: int

    @classmethod
    def told(cls, one: Component, kinds: dict[str, str], names: dict[str, str]) -> "ComponentOut":
        plain = {name: getattr(one, name) for name in cls.model_fields if hasattr(one, name)}
        plain["photos"] = list(one.photos)
        return cls(**plain, kind_title=kinds.get(one.kind, ""), division_name=names.get(one.division, ""))


class Components(Listed):
    items: list[ComponentOut]


class NearOut(ComponentOut):
    """With its distance from the place asked about."""

    metres: float


class NearComponents(Listed):
    items: list[NearOut]


class ComponentPoint(Schema):
    id: Id
    code: str
    kind: str
    name: str
    state: State
    lon: float
    lat: float


class ComponentSquare(Schema):
    """So many components around here."""

    lon: float
    lat: float
    number: int


class ComponentMap(Schema):
    """What the map shows: components, or the middles of squares with counts. ``cut``: more lie there than are shown."""

    points: list[ComponentPoint]
    squares: list[ComponentSquare]
    cut: bool


class ComponentFacts(Schema):
    """What a survey tells of a component. What is left out stays as it is."""

    name: str | None = Field(None, max_length=200)
    state: State | None = None
    authority: Id | None = None
    authority_name: str | None = Field(None, max_length=120)
    owner: Id | None = None
    owner_name: str | None = Field(None, max_length=120)
    maintainer: Id | None = None
    maintainer_name: str | None = Field(None, max_length=120)
    source: str | None = Field(None, max_length=200)
    accuracy: Accuracy | None = None
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    crs: str = Field("CGCS2000", max_length=20)
    road: str | None = Field(None, max_length=200)
    note: str | None = Field(None, max_length=200)
    material: str | None = Field(None, max_length=200)
    shape: str | None = Field(None, max_length=200)
    height_m: float | None = Field(None, ge=0, le=1000)
    on_blind_path: bool | None = None
    photos: list[Id] | None = Field(None, max_length=12)

    def changes(self) -> dict[str, Any]:
        """The fields that were given, the place in CGCS2000 with its source datum."""
        if (self.lon is None) != (self.lat is None):
            raise Invalid(field="lat" if self.lat is None else "lon", reason="a place has both")
        unset = {"lon", "lat", "crs", "photos", "surveyed_on", "reason", "code", "kind", "division", "first_on"}
        given = self.model_fields_set - unset
        found = {name: getattr(self, name) for name in given if getattr(self, name) is not None}
        for name in ("authority", "owner", "maintainer"):
            if name in given and getattr(self, name) is None:
                found[name] = None
                found.setdefault(f"{name}_name", "")
        if "on_blind_path" in given:
            found["on_blind_path"] = self.on_blind_path
        for name in ("state", "accuracy"):
            if name in found:
                found[name] = found[name].value
        if self.photos is not None:
            found["photos"] = tuple(self.photos)
        if self.lon is not None and self.lat is not None:
            spot = geo.point(self.lon, self.lat, self.crs)
            found |= {"lon": spot.lon, "lat": spot.lat, "datum": spot.source.value}
        return found


class ComponentIn(ComponentFacts):
    """A component to take up. Without a code it gets the next one of its county and class."""

    code: str = Field("", max_length=24)
    kind: str = Field("", pattern=KIND)
    division: str = Field("", max_length=12, pattern=r"^\d*$")
    first_on: date | None = None

    def draft(self) -> Component:
        bare = Component(
            id=Id(""),
            code=self.code.strip(),
            kind=self.kind,
            name="",
            division=self.division.ljust(12, "0") if self.division else "",
            unit_grid="",
            state=State.good.value,
            authority=None,
            authority_name="",
            owner=None,
            owner_name="",
            maintainer=None,
            maintainer_name="",
            first_on=self.first_on,
            changed_on=None,
            source="",
            accuracy="",
            lon=None,
            lat=None,
            datum="",
            road="",
            note="",
            material="",
            shape="",
            height_m=None,
            on_blind_path=None,
            photos=(),
            edition=1,
            void_reason="",
            voided_at=None,
            version=1,
        )
        values = {name: getattr(bare, name) for name in Component.__dataclass_fields__}
        return Component(**{**values, **self.changes()})


class SurveyIn(ComponentFacts):
    """What a survey found, on which day (today)."""

    surveyed_on: date | None = None
    reason: str = Field("", max_length=500)


class VoidComponentIn(Schema):
    reason: str = Field(min_length=1, max_length=500)


class ComponentEditionOut(Schema):
    """One edition of a component; ``changed`` has field, what it was and what it is."""

    id: Id
    number: int
    surveyed_on: date
    person: Id | None
    person_name: str
    reason: str
    changed: dict[str, Any]
    made_at: datetime

    @classmethod
    def told(cls, one: Edition) -> "ComponentEditionOut":
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class ComponentEditions(Listed):
    items: list[ComponentEditionOut]
