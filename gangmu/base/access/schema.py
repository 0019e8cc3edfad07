"""Sessions, accounts and roles over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from gangmu.base.city import Kind as CityKind
from gangmu.base.org.schema import PostOut
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema

Password = Field(min_length=1, max_length=200)


class SignIn(Schema):
    username: str = Field(min_length=1, max_length=60)
    password: str = Password


class SessionOut(Schema):
    """Who is signed in, in which post, and what the post may."""

    person: Id
    name: str
    posts: list[PostOut]
    post: Id
    permissions: list[str]
    csrf: str
    must_change_password: bool
    lang: str
    time: datetime
    virtual_clock: bool
    city: CityKind = Field(CityKind.real, description="whether this is a real city, the demo or one to practise in")
    may_reset: bool = Field(False, description="whether this person may have the city founded anew")
    provider: Id | None = Field(None, description="who vouched for this sign-in, if not a password of ours")


class ChoosePost(Schema):
    post_id: Id


class PasswordChange(Schema):
    old: str = Password
    new: str = Password


class SessionRow(Schema):
    id: Id
    username: str
    browser: str
    made_at: datetime
    seen_at: datetime
    own: bool


class Sessions(Listed):
    items: list[SessionRow]


class AccountIn(Schema):
    person: Id
    username: str = Field(min_length=2, max_length=40)
    password: str = Password


class AccountOut(Schema):
    id: Id
    person: Id
    username: str
    must_change: bool
    locked_until: datetime | None
    active: bool
    number: str | None = None


class Accounts(Listed):
    items: list[AccountOut]


class FreshPassword(Schema):
    """The new first password, shown this once."""

    password: str


class AccountNumber(Schema):
    number: str = Field(max_length=60)


class AccountState(Schema):
    active: bool


class ApplicationIn(Schema):
    """What an application may and where it stands; ``networks`` are the addresses (CIDR) it may call from."""

    roles: list[str] = Field(min_length=1, max_length=10)
    org: Id
    division: str = Field("", max_length=12, pattern=r"^\d*$")
    networks: list[Annotated[str, Field(max_length=60)]] = Field(default_factory=list, max_length=20)


class NewApplication(ApplicationIn):
    name: str = Field(min_length=2, max_length=60)


class ApplicationOut(Schema):
    id: Id
    name: str
    roles: list[str]
    org: Id
    division: str
    networks: list[str]
    active: bool
    made_at: datetime
    ends_at: datetime | None
    used_at: datetime | None


class Applications(Listed):
    items: list[ApplicationOut]


class OpenedApplication(ApplicationOut):
    """The application with its token, shown this once."""

    token: str


class RoleOut(Schema):
    id: str
    title_zh: str
    title_en: str
    kind: str
    excludes: list[str]
    permissions: list[tuple[str, str]]


class Roles(Listed):
    items: list[RoleOut]


class RolesOfPost(Schema):
    roles: list[str] = Field(max_length=20)


class WhyRow(Schema):
    """One grant of the permission: how it reaches, and whether it reaches the thing."""

    grant: str
    reaches: bool


class WhyOut(Schema):
    """Whether somebody in a post may do something with a thing, and by which grants."""

    who: str
    post: str
    action: str
    thing: str
    may: bool
    grants: list[WhyRow]
