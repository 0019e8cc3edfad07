"""What an event concerns: components, places, people. Pure rules.

People are protected by rights, not by hope: who lacks ``concern.person_read`` learns only how many there are, and the
kinds of people whom a city watches over are a right of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


class PersonRole(StrEnum):
    """What somebody has to do with the matter."""

    party = "party"  # 当事人
    other_party = "other_party"  # 对方当事人
    reporter = "reporter"  # 报告人
    relative = "relative"  # 家属
    guardian = "guardian"  # 监护人
    witness = "witness"  # 知情人
    victim = "victim"  # 受害人
    mediator = "mediator"  # 调解人


class PersonKind(StrEnum):
    """Kinds of people whom grid work watches over (重点人群、特殊人群、关爱对象). A fact about a person that only
    ``concern.sensitive_read`` shows."""

    released = "released"  # 刑满释放人员
    correction = "correction"  # 社区矫正对象
    drug = "drug"  # 吸毒戒毒人员
    mental = "mental"  # 严重精神障碍患者
    youth = "youth"  # 重点青少年
    cult = "cult"  # 涉邪教人员
    petition = "petition"  # 重点信访人员
    alone = "alone"  # 独居、空巢老人
    left_child = "left_child"  # 留守、困境儿童
    disabled = "disabled"  # 残疾人
    poor = "poor"  # 低保、特困人员


class PlaceRole(StrEnum):
    """What a place has to do with the matter."""

    scene = "scene"  # 事发地
    home = "home"  # 住所
    work = "work"  # 单位
    other = "other"


@dataclass(frozen=True, slots=True)
class ComponentLink:
    """A component that an event points at."""

    id: Id
    event: Id
    component: Id
    how: str  # pointed, or accepted from a proposal
    by_person: Id | None
    by_name: str
    at: datetime
    gone_at: datetime | None
    gone_reason: str
    version: int


@dataclass(frozen=True, slots=True)
class PlaceLink:
    """A place that an event concerns: an address of the register where it is one."""

    id: Id
    event: Id
    address: Id | None
    role: str
    text: str
    lon: float | None
    lat: float | None
    by_name: str
    at: datetime
    gone_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class PersonLink:
    """A person whom an event concerns. Everything about him is sealed under his own key."""

    id: Id
    event: Id
    role: str
    name: bytes | None
    number: bytes | None
    phone: bytes | None
    home: bytes | None
    note: bytes | None
    kinds: bytes | None
    number_mark: bytes | None
    by_name: str
    at: datetime
    gone_at: datetime | None
    version: int


SEALED = ("name", "number", "phone", "home", "note", "kinds")


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """A person as told."""

    role: PersonRole
    name: str = ""
    number: str = ""
    phone: str = ""
    home: str = ""
    note: str = ""
    kinds: tuple[PersonKind, ...] = ()

    def checked(self) -> "PersonDraft":
        """``Invalid`` when there is nothing to know him by, or the number cannot be one."""
        if not self.name.strip() and not self.number.strip():
            raise Invalid(field="name", reason="a person has a name or a number")
        if self.number.strip():
            check_number(self.number.strip())
        return self


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """A person in clear, for whoever may and said why. ``kinds`` None: not this viewer's to know."""

    id: Id
    role: str
    name: str
    number: str
    phone: str
    home: str
    note: str
    kinds: tuple[str, ...] | None
    elsewhere: int


@dataclass(frozen=True, slots=True)
class Concern:
    """What an event concerns, as far as the viewer may know: ``people`` None when only their number is his."""

    components: Sequence[ComponentLink]
    places: Sequence[PlaceLink]
    people_count: int
    people: Sequence[PersonLink] | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A component that a report may be about, with the reasons (word and values) and how sure they make."""

    component: Id
    confidence: float
    metres: float
    reasons: Sequence[Mapping[str, object]] = field(default_factory=tuple)


def weigh(metres: float, radius_m: float, *, same_class: bool, named: str, damaged: bool) -> Suggestion:
    """How likely a component is what a report is about: how near, whether the class of the matter is its own, whether
    the report names what it is, whether its last survey found it damaged. Nearness alone never makes sure."""
    near = max(0.0, 1 - metres / radius_m)
    score = 0.35 * near + 0.35 * same_class + 0.2 * bool(named) + 0.1 * damaged
    reasons: list[Mapping[str, object]] = [{"key": "near", "metres": round(metres, 1)}]
    if same_class:
        reasons.append({"key": "class"})
    if named:
        reasons.append({"key": "named", "word": named})
    if damaged:
        reasons.append({"key": "damaged"})
    return Suggestion(Id(""), round(score, 3), round(metres, 1), tuple(reasons))


def check_number(text: str) -> None:
    """A citizen number of 18 characters with its check (GB 11643), or an old one of 15 digits. The area code is the one
    at issue and may be abolished today: it is not asked."""
    plain = text.upper()
    if len(plain) == 15 and plain.isascii() and plain.isdigit():
        return
    if len(plain) != 18 or not plain.isascii() or not plain[:17].isdigit():
        raise Invalid(field="number", reason="not a citizen number")
    total = sum(int(digit) * weight for digit, weight in zip(plain[:17], WEIGHTS, strict=True))
    if CHECKS[total % 11] != plain[17]:
        raise Invalid(field="number", reason="the check digit is wrong")
