"""Providers, who they vouched for and what follows, over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from gangmu.base.city import Kind as CityKind
from gangmu.base.signin.model import Kind, LinkRule, MatchBy
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema

ClaimName = Annotated[str, Field(max_length=120)]


class Door(Schema):
    """A provider as the sign-in page shows it."""

    id: Id
    title: str


class Doors(Schema):
    items: list[Door]
    city: CityKind = CityKind.real


class ProviderIn(Schema):
    """How a provider is reached, where in its claims what stands, and what it may."""

    kind: Kind
    title: str = Field(min_length=1, max_length=40)
    address: str = Field(min_length=8, max_length=300, description="the issuer (OIDC) or the server's address (CAS)")
    client_id: str = Field("", max_length=200)
    secret: str | None = Field(None, max_length=500, description="kept sealed, never shown; null leaves it as it is")
    scopes: str = Field("openid profile", max_length=300)
    claim_match: ClaimName = "preferred_username"
    claim_name: ClaimName = "name"
    claim_groups: ClaimName = ""
    match_by: MatchBy = MatchBy.username
    link: LinkRule = LinkRule.asked
    automatic: bool = Field(False, description="posts after groups are opened and ended without anybody's asking")
    active: bool = True


class ProviderOut(Schema):
    id: Id
    kind: Kind
    title: str
    address: str
    client_id: str
    has_secret: bool
    scopes: str
    claim_match: str
    claim_name: str
    claim_groups: str
    match_by: MatchBy
    link: LinkRule
    automatic: bool
    active: bool
    comes_back_to: str = Field(description="the address to register at the provider")


class Providers(Listed):
    items: list[ProviderOut]


class CheckOut(Schema):
    """The provider answers; with so many keys to sign with (OIDC)."""

    keys: int


class KnownOut(Schema):
    """Somebody whom a provider vouched for."""

    id: Id
    subject: str
    match: str
    name: str
    groups: list[str]
    account: Id | None
    linked_at: datetime | None
    linked_by: str
    first_at: datetime
    last_at: datetime


class KnownList(Listed):
    items: list[KnownOut]


class LinkIn(Schema):
    account: Id


class LinkedOut(Schema):
    """What one's account is linked to now."""

    provider: str


class MappingIn(Schema):
    """Who is in the group should hold such a post."""

    group: str = Field(min_length=1, max_length=255)
    org: Id
    division: str = Field("", max_length=12, pattern=r"^\d*$")
    title: str = Field(min_length=1, max_length=60)
    roles: list[str] = Field(min_length=1, max_length=10)


class MappingOut(Schema):
    id: Id
    group: str
    org: Id
    division: str
    title: str
    roles: list[str]


class Mappings(Listed):
    items: list[MappingOut]


class ProposalOut(Schema):
    """A post to be opened or ended for somebody, waiting for a decision."""

    id: Id
    provider: Id
    do: str
    name: str
    username: str
    group: str
    org: Id | None
    division: str
    title: str
    roles: list[str]
    why: str
    made_at: datetime


class Proposals(Listed):
    items: list[ProposalOut]


class RefuseIn(Schema):
    why: str = Field("", max_length=200)
