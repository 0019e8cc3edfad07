"""Organisations, people and posts over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema


def _in_our_time(at: datetime) -> datetime:
    """Times that can be counted with: no day of the Romans, none after the year 2200."""
    if not 1900 <= at.year <= 2200:
        raise ValueError("a time between 1900 and 2200")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Name = Field(min_length=1, max_length=120)
Code = Field(pattern=r"^\d{2}(\d{2}){0,2}(\d{3}){0,2}$", max_length=12, description="division code, 2 to 12 digits")


class OrgIn(Schema):
    name: str = Name
    kind: OrgKind
    level: OrgLevel
    division: str = Code
    parent: Id | None = None
    duties: str = Field("", max_length=2000)


class OrgChange(Schema):
    name: str = Name
    kind: OrgKind
    level: OrgLevel
    parent: Id | None = None
    duties: str = Field("", max_length=2000)
    active: bool = True


class OrgEnd(Schema):
    successor: Id | None = Field(None, description="where its posts and what lies below it go")


class HangingOut(Schema):
    """How much of a kind hangs on an organisation or post; never which."""

    kind: str
    title: str
    count: int


class Hangings(Listed):
    items: list[HangingOut]


class OrgOut(Schema):
    id: Id
    name: str
    kind: OrgKind
    level: OrgLevel
    parent: Id | None
    division: str
    duties: str
    active: bool
    successor: Id | None
    ended_at: datetime | None
    version: int


class Orgs(Listed):
    items: list[OrgOut]


class PersonIn(Schema):
    name: str = Name
    phone: str = Field("", max_length=30)


class PersonChange(Schema):
    name: str = Name
    phone: str | None = Field(None, max_length=30)
    active: bool = True


class PersonOut(Schema):
    """A person; the phone only as whether there is one."""

    id: Id
    name: str
    active: bool
    has_phone: bool
    version: int


class People(Listed):
    items: list[PersonOut]


class PhoneIn(Schema):
    purpose: str = Field(min_length=1, max_length=200)


class PhoneOut(Schema):
    phone: str


class PostIn(Schema):
    person: Id
    org: Id
    title: str = Name
    division: str = Field("", max_length=12, pattern=r"^\d*$")
    valid_from: Moment | None = None
    valid_to: Moment | None = None


class PostEnd(Schema):
    at: Moment | None = Field(None, description="now when left out")


class PostMove(Schema):
    """To another organisation, now or from a time on."""

    org: Id
    title: str = Field("", max_length=120)
    division: str = Field("", max_length=12, pattern=r"^\d*$")
    at: Moment | None = None


class PostChange(Schema):
    title: str = Name
    division: str = Code
    active: bool = True


class PostOut(Schema):
    id: Id
    title: str
    person: Id
    person_name: str
    org: Id
    org_name: str
    division: str
    roles: list[str]
    stand_in: Id | None = Field(None, description="one stands in this post, by this stand-in")
    until: datetime | None = None


class Posts(Listed):
    items: list[PostOut]
