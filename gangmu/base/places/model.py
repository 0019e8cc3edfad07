"""Places (区划、网格、功能区、地址): what the city is made of, and where a point in it belongs.

Everything carries the span of time in which it holds; nothing is overwritten and no code is given twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gangmu.base.places.codes import Level, ancestors_of, level_of, short_code
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id


class GridState(StrEnum):
    """The life of a unit grid: once voided it stays so, and its code is never given to another."""

    valid = "valid"
    void = "void"


class Duty(StrEnum):
    """What a post may be bound to a grid for (多格合一): one geometry, several duties."""

    governance = "governance"  # 综治
    appearance = "appearance"  # 城管
    emergency = "emergency"  # 应急
    market = "market"  # 市监
    environment = "environment"  # 环保


@dataclass(frozen=True, slots=True)
class Division:
    """A division under one name for one span of time. `valid_from` None: longer than the records go back;
    `valid_to` is the first day on which it no longer holds; `successor` took over when it was merged or recoded."""

    id: Id
    code: str
    level: str
    name: str
    parent: str
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    source: str
    sort_key: str
    version: int

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one row of a file: `row` counts from 1 after the header (0 is the file as a whole), `reason`
    is a word of `places.reason.*`. A note is told but the row goes in; anything else keeps the row out."""

    row: int
    field: str
    reason: str
    value: str = ""
    is_note: bool = False

    def plain(self) -> dict[str, object]:
        return {
            "row": self.row,
            "field": self.field,
            "reason": self.reason,
            "value": self.value[:200],
            "note": self.is_note,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file: `read = accepted + already + quarantined`. `changed` of the accepted rows took the place
    of an older validity."""

    read: int = 0
    accepted: int = 0
    already: int = 0
    changed: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def quarantined(self) -> int:
        return self.read - self.accepted - self.already

    def plain(self) -> dict[str, object]:
        return {
            "read": self.read,
            "accepted": self.accepted,
            "already": self.already,
            "changed": self.changed,
            "quarantined": self.quarantined,
            "findings": [finding.plain() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class UnitGrid:
    """A unit grid (单元网格) without its outline."""

    id: Id
    code: str
    division: str
    state: str
    reason: str
    area_m2: float
    lon: float
    lat: float
    version: int


@dataclass(frozen=True, slots=True)
class DutyGrid:
    """A responsibility grid (责任网格): adjacent unit grids of one town, walked by one post per duty."""

    id: Id
    code: str
    kind: str
    name: str
    division: str
    units: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    version: int


@dataclass(frozen=True, slots=True)
class GridDuty:
    """Who walks a responsibility grid for one duty: a post, for a span of days."""

    id: Id
    grid: str
    duty: str
    post: Id
    valid_from: date
    valid_to: date | None
    version: int


@dataclass(frozen=True, slots=True)
class Zone:
    """A functional zone (功能区, 开发区): it overlaps divisions and replaces none."""

    id: Id
    code: str
    name: str
    kind: str
    valid_from: date | None
    valid_to: date | None
    version: int


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of the boundaries of one level; of several the one that began last holds."""

    id: Id
    label: str
    level: str
    valid_from: date
    source: str
    digest: str


@dataclass(frozen=True, slots=True)
class Address:
    """A standard address or landmark (标准地址、地名; GB/T 23705): division, road or compound with its number, then the
    point itself. ``aliases`` are other and older names of it; ``state`` valid or void."""

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
    aliases: tuple[str, ...] = ()
    state: str = "valid"
    version: int = 1


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """An address that was looked for. ``how``: exact, corrected (one letter or the sound was wrong, or another name was
    meant: ``instead`` of ``typed``), or part (only its road or number was found)."""

    address: Address
    how: str = "exact"
    typed: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class AddressName:
    """A name of a road, compound or landmark; an alias or old one means another."""

    id: Id
    name: str
    kind: str
    way: str
    means: str
    version: int


class CorrectionState(StrEnum):
    """What became of a proposed correction."""

    open = "open"
    accepted = "accepted"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class Correction:
    """A proposal to mend an address of the register (``address`` None: to add one), and what it arose from."""

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
    by_person: Id | None
    by_name: str
    made_at: datetime
    decided_by: Id | None
    decided_name: str
    decided_at: datetime | None
    decision: str
    version: int


def edition_on(editions: Iterable[Edition], level: str, day: date) -> Edition | None:
    """The edition of a level that holds on a day."""
    begun = [one for one in editions if one.level == level and one.valid_from <= day]
    return max(begun, key=lambda one: (one.valid_from, one.id), default=None)


_RANK = {"G": 0, "C": 1}


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where a point lies (归属), as deep as the boundaries know. `depth` names the deepest answer: unit_grid,
    community, town, county, city or none. `exact` is false when the deepest layer that the city keeps has a hole
    here and a shallower one answered. Codes of divisions have 12 digits, empty when not known."""

    depth: str = "none"
    exact: bool = False
    division: str = ""
    county: str = ""
    town: str = ""
    community: str = ""
    unit_grid: str = ""
    duty_grids: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()

    @property
    def duty_grid(self) -> str:
        """The one to walk to: the merged grid, else that of city management, else the first."""
        ranked = sorted(self.duty_grids, key=lambda code: (_RANK.get(code[9], 2), code))
        return ranked[0] if ranked else ""


def attributed(
    division: str, unit_grid: str, deepest: str, duty_grids: Iterable[str] = (), zones: Iterable[str] = ()
) -> Attribution:
    """The answer for a point found in a division (12 digits, or empty) and perhaps a unit grid. `deepest` is the
    deepest layer of the city, in the words of `Attribution.depth`."""
    if not division:
        return Attribution(zones=tuple(zones))
    above = ancestors_of(division)
    depth = "unit_grid" if unit_grid else str(level_of(division))
    return Attribution(
        depth,
        depth == deepest,
        division,
        above.get(Level.county, ""),
        above.get(Level.town, ""),
        above.get(Level.community, ""),
        unit_grid,
        tuple(duty_grids),
        tuple(zones),
    )


def reaches(actor: Actor, permission: str, division: str) -> bool:
    """Whether an actor may do this to the places of a division: everywhere, or in his division and what lies in it."""
    if actor.kind == "system":
        return True
    return any(
        grant.reach == "all"
        or (grant.reach == "division" and bool(grant.division) and division.startswith(short_code(grant.division)))
        for grant in actor.grants_of(permission)
    )
