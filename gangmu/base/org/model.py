"""Organisations, people and posts. A person may hold several posts; every act is done in one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gangmu.base.org.errors import StandInTaken
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.text import division_full


class OrgKind(StrEnum):
    """What an organisation is. Departments and companies handle; centres supervise and command."""

    government = "government"  # 政府
    supervision = "supervision"  # 监督中心
    command = "command"  # 指挥中心
    hotline = "hotline"  # 热线中心
    department = "department"  # 专业部门
    company = "company"  # 企业、养护单位
    town = "town"  # 镇街
    community = "community"  # 社区、村


class OrgLevel(StrEnum):
    """Which level of government it belongs to."""

    city = "city"
    county = "county"
    town = "town"
    community = "community"


@dataclass(frozen=True, slots=True)
class Org:
    """An organisation. ``division`` is 12 digits; ``path`` holds its ancestors' ids and its own, for the tree."""

    id: Id
    name: str
    kind: OrgKind
    level: OrgLevel
    parent: Id | None
    division: str
    path: str
    duties: str
    active: bool
    successor: Id | None = None
    ended_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here. The phone is sealed under the person's own key."""

    id: Id
    name: str
    phone: bytes | None
    active: bool
    version: int = 1


@dataclass(frozen=True, slots=True)
class Post:
    """A person's place in an organisation, with roles, in a division (12 digits), from a day to a day."""

    id: Id
    person: Id
    org: Id
    title: str
    roles: tuple[str, ...]
    division: str
    active: bool
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    version: int = 1

    def holds_at(self, now: datetime) -> bool:
        """Whether the post is held at this time."""
        started = self.valid_from is None or self.valid_from <= now
        return self.active and started and (self.valid_to is None or now < self.valid_to)


@dataclass(frozen=True, slots=True)
class PostOf:
    """A post with the names that lists show."""

    id: Id
    title: str
    person: Id
    person_name: str
    org: Id
    org_name: str
    division: str
    roles: tuple[str, ...]
    stand_in: Id | None = None
    until: datetime | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who stands in a post for a while (代理、代班), acting in it under his own name. ``only`` narrows what he
    may do there (empty: all that the post may). It ends by itself; ``ended_at`` when it was ended before its time."""

    id: Id
    post: Id
    person: Id
    org: Id
    division: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    only: tuple[str, ...]
    made_by: Id | None
    ended_at: datetime | None = None
    ended_by: Id | None = None
    version: int = 1

    def holds_at(self, now: datetime) -> bool:
        """Whether he stands in at this time."""
        return self.starts_at <= now < self.last

    @property
    def last(self) -> datetime:
        """When it ends, or did."""
        return self.ends_at if self.ended_at is None else max(self.starts_at, min(self.ends_at, self.ended_at))


@dataclass(frozen=True, slots=True)
class Hanging:
    """Something that hangs on a post or organisation and must go elsewhere before it ends."""

    kind: str
    count: int


def check_stand_in(new: StandIn, holder: Id, others: Sequence[StandIn], longest: timedelta) -> None:
    """Nobody stands in for himself, not for ever, and nobody else does so in the same post at the time."""
    if new.person == holder:
        raise Invalid(field="person", reason="nobody stands in for himself")
    if not new.starts_at < new.ends_at <= new.starts_at + longest:
        raise Invalid(field="ends_at", reason=f"after the start, and within {longest.days} days of it")
    if any(one.starts_at < new.ends_at and new.starts_at < one.last for one in others if one.id != new.id):
        raise StandInTaken(post=str(new.post))


def path_below(parent: Org | None, org_id: Id) -> str:
    """The path of an organisation under ``parent``: ids joined by slashes, ending in one."""
    return f"{parent.path if parent else '/'}{org_id}/"


def check_parent(org: Org, parent: Org | None) -> None:
    """An organisation may not lie below itself."""
    if parent is not None and parent.path.startswith(org.path):
        raise Invalid(field="parent", reason="an organisation cannot lie below itself")


def checked_division(code: str) -> str:
    """A division code of 4, 6, 9 or 12 digits, padded to 12."""
    if not code.isdigit() or len(code) not in (2, 4, 6, 9, 12):
        raise Invalid(field="division", reason="a division code has 2, 4, 6, 9 or 12 digits")
    return division_full(code)
