"""Components (部件): what stands in the street and belongs to somebody. Their codes, classes, states and editions.

A code has 16 digits and is given once: county, class, sub-class and a serial that grows per county and sub-class. A
component is never overwritten: every survey makes an edition of it, and a voided one stays readable.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum

from gangmu.base.registers.errors import BadComponentCode, ExtensionCodesSpent
from gangmu.kit.ids import Id

WIDTH = 16
COUNTY = 6
EXTRAS = ("material", "shape", "height_m", "on_blind_path")


class State(StrEnum):
    """What a component is like; the words of the register that the surveyors use."""

    good = "good"  # 完好
    damaged = "damaged"  # 破损
    lost = "lost"  # 丢失
    abandoned = "abandoned"  # 废弃
    moved = "moved"  # 移位


class Accuracy(StrEnum):
    """How well its place is known: A within 0.5 m, B within 1 m, C within 10 m."""

    a = "A"
    b = "B"
    c = "C"
    unknown = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class (two digits) or sub-class (class + two or three digits) of components. ``extras`` are the columns that
    it has beyond those of all."""

    id: Id
    code: str
    title_zh: str
    title_en: str
    extras: tuple[str, ...]
    source: str
    verified: bool
    local: bool
    ended_at: datetime | None
    version: int

    @property
    def is_sub(self) -> bool:
        return len(self.code) > 2


@dataclass(frozen=True, slots=True)
class Code:
    """A component code taken apart."""

    county: str
    kind: str
    serial: int


@dataclass(frozen=True, slots=True)
class Component:
    """A component as its newest edition tells. ``kind`` is the code of its sub-class; owners are organisations of this
    house where it knows them, else only names. Coordinates are CGCS2000."""

    id: Id
    code: str
    kind: str
    name: str
    division: str
    unit_grid: str
    state: str
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
    photos: tuple[Id, ...]
    edition: int
    void_reason: str
    voided_at: datetime | None
    version: int

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None


SURVEYED = (
    "name",
    "state",
    "authority",
    "authority_name",
    "owner",
    "owner_name",
    "maintainer",
    "maintainer_name",
    "source",
    "accuracy",
    "lon",
    "lat",
    "datum",
    "road",
    "note",
    "material",
    "shape",
    "height_m",
    "on_blind_path",
    "photos",
    "division",
    "unit_grid",
)
"""What a survey may change."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a component: append-only. ``changed`` holds the fields that differ from the edition before, with
    what they were and are."""

    id: Id
    component: Id
    number: int
    surveyed_on: date
    person: Id | None
    person_name: str
    reason: str
    changed: Mapping[str, object]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Near:
    """A component near a place, and how far away it is."""

    component: Component
    metres: float


def kind_width(variant: str) -> int:
    """How many digits class and sub-class take: 4, or 5 in the newer variant."""
    return 2 + int(variant[0])


def parse_code(text: str, variant: str) -> Code:
    """A component code taken apart. ``BadComponentCode`` when it is none."""
    digits = "".join(text.split())
    if len(digits) != WIDTH or not digits.isascii() or not digits.isdigit():
        raise BadComponentCode(text, "digits")
    end = COUNTY + kind_width(variant)
    serial = int(digits[end:])
    if serial == 0:
        raise BadComponentCode(text, "serial")
    return Code(digits[:COUNTY], digits[COUNTY:end], serial)


def make_code(county: str, kind: str, serial: int) -> str | None:
    """The code of a serial; None when it has run over."""
    width = WIDTH - COUNTY - len(kind)
    digits = f"{serial:0{width}d}"
    return f"{county[:COUNTY]}{kind}{digits}" if len(digits) == width and serial > 0 else None


def shipped_code(two_digits: str, variant: str, *, local: bool = False) -> str:
    """A shipped code (written with two digits a level) in the variant of this node: 0101 is 01001 in the newer, the
    local 0399 is 03999."""
    width = int(variant[0])
    if len(two_digits) == 2 or width == 2:
        return two_digits
    number = int(two_digits[2:])
    return two_digits[:2] + f"{number + 900 if local else number:0{width}d}"


def next_extension(above: str, taken: Collection[str], variant: str) -> str:
    """The code of the next local sub-class: counted down from 99 (999 to 080 in the newer variant), never given twice
    and never one of the shipped ones."""
    width = int(variant[0])
    last = 80 if width == 3 else 1
    for number in range(10**width - 1, last - 1, -1):
        code = above + f"{number:0{width}d}"
        if code not in taken:
            return code
    raise ExtensionCodesSpent(above)


def changes_between(was: Component, now: Component) -> dict[str, dict[str, object]]:
    """What an edition changes: field by field, what it was and is."""
    names = {field.name for field in fields(Component)} & set(SURVEYED)
    found: dict[str, dict[str, object]] = {}
    for name in SURVEYED:
        if name in names and getattr(was, name) != getattr(now, name):
            found[name] = {"was": _plain(getattr(was, name)), "is": _plain(getattr(now, name))}
    return found


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return str(value) if isinstance(value, Id) else value


def unfit_extras(kind: Kind, given: Mapping[str, object]) -> list[str]:
    """Extras that a class does not have but were given."""
    return [name for name in EXTRAS if given.get(name) not in (None, "") and name not in kind.extras]


LEVELS = (10, 12, 14, 16, 18)
"""Sizes of the squares in which components are counted for the map: 360 / 2^level degrees."""


def level_for(zoom: float) -> int | None:
    """The squares to show at a zoom (about 64 pixels wide); None: near enough to show each component."""
    if zoom >= 17:
        return None
    wanted = zoom + 2
    return min(LEVELS, key=lambda level: (abs(level - wanted), -level))


def square_of(lon: float, lat: float, level: int) -> tuple[int, int]:
    """The square of a level that a place lies in."""
    size = 360 / 2**level
    return int((lon + 180) / size), int((lat + 90) / size)
