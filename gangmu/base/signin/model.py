"""Rules of signing in elsewhere: what is read of a provider's claims, who may be linked by what, which posts follow."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gangmu.base.signin.errors import MappingTooHigh, ProviderWrong
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id

LONGEST = 255
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])"
    r"(?::\d{1,5})?(?:/[^\s?#\\]*)?"
)


class Kind(StrEnum):
    """The protocol that a provider speaks."""

    oidc = "oidc"
    cas = "cas"


class LinkRule(StrEnum):
    """What links a person of the provider to an account here."""

    asked = "asked"  # the claim matches, and the person has signed in here once with his password
    match = "match"  # the claim matches: the city itself keeps the provider's names
    admin = "admin"  # an administrator alone


class MatchBy(StrEnum):
    """What of an account the claim is compared with."""

    username = "username"
    number = "number"


@dataclass(frozen=True, slots=True)
class Provider:
    """Who vouches for people (身份提供方). The secret is sealed; the claim names say where what stands."""

    id: Id
    kind: Kind
    title: str
    address: str
    client_id: str
    secret: bytes | None
    scopes: str
    claim_match: str
    claim_name: str
    claim_groups: str
    match_by: MatchBy
    link: LinkRule
    automatic: bool
    active: bool
    version: int = 1


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a provider says of somebody: ``subject`` names him there for ever, ``match`` is compared with accounts."""

    subject: str
    match: str
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom a provider has vouched for, linked to an account or waiting to be."""

    id: Id
    provider: Id
    subject: str
    match: str
    name: str
    groups: tuple[str, ...]
    account: Id | None
    linked_at: datetime | None
    linked_by: str
    first_at: datetime
    last_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class GroupRule:
    """Who is in this group at the provider should hold such a post here."""

    id: Id
    provider: Id
    group: str
    org: Id
    division: str
    title: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A post to be opened or ended after a mapping; waiting until somebody decides or it is done by itself."""

    id: Id
    provider: Id
    known: Id
    mapping: Id
    do: str
    state: str
    post: Id | None
    why: str
    made_at: datetime
    decided_at: datetime | None
    decided_by: Id | None
    version: int = 1


def checked_address(address: str, *, plain: bool) -> str:
    """An https address; http only on this machine, or where a setting allows it."""
    found = _ADDRESS.fullmatch(address.strip())
    if found is None:
        raise Invalid(field="address", reason="an address such as https://id.example.gov.cn/realms/city")
    if found["scheme"] == "http" and not (plain or found["host"] in ("localhost", "127.0.0.1", "[::1]")):
        raise Invalid(field="address", reason="https, or http with the setting signin.plain")
    return address.strip()


def read_claims(provider: Provider, claims: Mapping[str, Any]) -> Vouched:
    """What counts of the claims. An e-mail is a match only where the provider says that it was verified."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST:
        raise ProviderWrong(reason="sub")
    match = _text(_at(claims, provider.claim_match))
    if provider.claim_match.rsplit(".", 1)[-1] in ("email", "mail") and claims.get("email_verified") is not True:
        match = ""
    groups = _at(claims, provider.claim_groups)
    listed = groups if isinstance(groups, list | tuple) else [groups]
    named = tuple(dict.fromkeys(text for one in listed[:500] if (text := _text(one))))
    return Vouched(subject, match, _text(_at(claims, provider.claim_name))[:60], named)


def _at(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name; dots lead into claims within claims."""
    if not name:
        return None
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    plain = str(value).strip()
    return plain if len(plain) <= LONGEST and plain.isprintable() else ""


def matches(provider: Provider, match: str, username: str, number: str | None) -> bool:
    """Whether the claim is this account's."""
    if not match:
        return False
    return match.lower() == username.lower() if provider.match_by is MatchBy.username else match == number


def may_link_alone(provider: Provider, kinds: Iterable[str]) -> bool:
    """Whether a match alone links: only where the provider is trusted so far, and never an administrator's account."""
    return provider.link is LinkRule.match and all(kind == "normal" for kind in kinds)


def check_mapping(automatic: bool, kinds: Iterable[str]) -> None:
    """What happens by itself gives no administrator's role; applications' roles are for applications."""
    found = set(kinds)
    if "application" in found or (automatic and found - {"normal"}):
        raise MappingTooHigh()


def to_open(mappings: Iterable[GroupRule], groups: Iterable[str], told: Iterable[Proposal]) -> list[GroupRule]:
    """Mappings whose post is to be proposed: the group is there, and nothing was said of it that still stands."""
    stands = {one.mapping for one in told if one.do == "open" and one.state in ("waiting", "done", "refused")}
    held = set(groups)
    return [one for one in mappings if one.group in held and one.id not in stands]


def to_end(mappings: Iterable[GroupRule], groups: Iterable[str], told: Iterable[Proposal]) -> list[Proposal]:
    """Proposals that were done and whose group, or whole mapping, is gone."""
    held = set(groups)
    lasting = {one.id for one in mappings if one.group in held}
    asked = {one.mapping for one in told if one.do == "end" and one.state in ("waiting", "refused")}
    done = [one for one in told if one.do == "open" and one.state == "done"]
    return [one for one in done if one.mapping not in lasting and one.mapping not in asked]


def local_path(text: str) -> str:
    """A path of this house to go to afterwards; anything else leads to the beginning."""
    plain = text if text.isprintable() and len(text) <= 500 else ""
    ours = plain.startswith("/") and not plain.startswith(("//", "/api/")) and "\\" not in plain
    return plain if ours else "/"
