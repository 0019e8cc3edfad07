"""Rules of accounts, roles and reach. Roles are bundles of permissions; a permission has a reach."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from gangmu.base.access.errors import RolesExclude, WeakPassword, WrongHolder
from gangmu.kit.actor import Actor, Grant, Reach
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.text import division_prefix

_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"\d"), re.compile(r"[^A-Za-z0-9]"))


@dataclass(frozen=True, slots=True)
class Role:
    """A bundle of permissions. ``kind`` is normal, system, security or audit, of which the last three exclude each
    other; or application: such a role is held by applications alone, and they hold no other."""

    id: str
    title_zh: str
    title_en: str
    kind: str
    excludes: tuple[str, ...]
    permissions: tuple[tuple[str, Reach], ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A local account of a person. Times are real time, never the virtual clock's."""

    id: Id
    person: Id
    username: str
    password_hash: str
    must_change: bool
    changed_at: datetime
    failures: int
    locked_until: datetime | None
    active: bool
    version: int = 1
    number: str | None = None

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser. The token itself is only in the cookie; here is its digest."""

    id: Id
    account: Id
    person: Id
    post: Id | None
    csrf: str
    made_at: datetime
    seen_at: datetime
    must_change: bool
    browser: str
    provider: Id | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """Another system that speaks to the house by itself (接入应用), with a token of which only the digest is kept. It
    stands in an organisation and a division as a post does. ``networks`` empty: it may call from anywhere."""

    id: Id
    name: str
    roles: tuple[str, ...]
    org: Id
    division: str
    networks: tuple[str, ...]
    active: bool
    made_at: datetime
    ends_at: datetime | None
    used_at: datetime | None
    version: int = 1

    def may_call(self, now: datetime, address: str) -> bool:
        """Whether its token counts now, from this address."""
        if not self.active or (self.ends_at is not None and now >= self.ends_at):
            return False
        return not self.networks or any(_lies_in(address, network) for network in self.networks)


@dataclass(frozen=True, slots=True)
class Located:
    """Where a thing stands: division (12 digits), organisations concerned, people who own or hold it."""

    division: str
    orgs: tuple[Id, ...] = ()
    people: tuple[Id, ...] = ()


def digest_of(token: str) -> str:
    """What is kept of a token. Tokens are random and long: looking one up by its digest tells nothing by its time."""
    return hashlib.sha256(token.encode()).hexdigest()


def checked_networks(given: Iterable[str]) -> tuple[str, ...]:
    """Addresses and networks (CIDR) in their plain form; ``Invalid`` names the one that is none."""
    found = []
    for text in given:
        try:
            found.append(str(ip_network(text.strip(), strict=False)))
        except ValueError as error:
            raise Invalid(field="networks", reason=f"{text[:60]} is no address or network") from error
    return tuple(dict.fromkeys(found))


def _lies_in(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network)
    except ValueError:
        return False


def fail_once(account: Account, now: datetime, most: int, rest: timedelta) -> Account:
    """Count a failed sign-in; lock after too many in a row."""
    failures = account.failures + 1
    locked_until = now + rest if failures >= most else account.locked_until
    return replace(account, failures=0 if failures >= most else failures, locked_until=locked_until)


def check_password(password: str, username: str, least: int) -> None:
    """Length, three of four kinds of characters, not the user name: else ``WeakPassword`` with the rule."""
    if len(password) < least:
        raise WeakPassword(rule="length", least=least)
    if len(password) > 200:
        raise WeakPassword(rule="too_long", least=least)
    if sum(bool(kind.search(password)) for kind in _CLASSES) < 3:
        raise WeakPassword(rule="kinds", least=least)
    if username.lower() in password.lower():
        raise WeakPassword(rule="username", least=least)


def check_exclusion(wanted: Iterable[str], roles: Mapping[str, Role]) -> None:
    """System, security and audit administrator are three people; other exclusions are data of the role."""
    held = [roles[name] for name in sorted(set(wanted)) if name in roles]
    kinds = {role.kind for role in held if role.kind != "normal"}
    if len(kinds) > 1:
        raise RolesExclude(roles=", ".join(role.id for role in held if role.kind != "normal"))
    for role in held:
        against = set(role.excludes) & {other.id for other in held}
        if against:
            raise RolesExclude(roles=", ".join([role.id, *sorted(against)]))


def check_holder(wanted: Iterable[str], roles: Mapping[str, Role], *, application: bool) -> None:
    """People hold no role made for applications, applications no other."""
    for name in wanted:
        if name in roles and (roles[name].kind == "application") != application:
            raise WrongHolder(role=name)


def grants_of(held: Iterable[Role], division: str, branch: tuple[Id, ...]) -> tuple[Grant, ...]:
    """The grants of a post: each permission of its roles, reaching as the role says."""
    grants: dict[tuple[str, Reach], Grant] = {}
    for role in held:
        for permission, reach in role.permissions:
            where = division if reach == "division" else ""
            grants[permission, reach] = Grant(permission, reach, where, branch if reach == "org" else ())
    return tuple(grants.values())


def reaches(grant: Grant, actor: Actor, where: Located) -> bool:
    """Whether a grant reaches a thing that stands there."""
    if grant.reach == "all":
        return True
    if grant.reach == "division":
        return bool(where.division) and where.division.startswith(division_prefix(grant.division))
    if grant.reach == "org":
        return bool(set(grant.orgs) & set(where.orgs))
    return actor.person is not None and actor.person in where.people


def explain(actor: Actor, permission: str, where: Located | None) -> list[tuple[str, bool]]:
    """Why the actor may or may not: each grant of the permission with whether it reaches; empty when no role of the
    post gives the permission at all."""
    said = []
    for grant in actor.grants_of(permission):
        reach = where is None or reaches(grant, actor, where)
        detail = {"division": grant.division, "org": ", ".join(grant.orgs)}.get(grant.reach, "")
        said.append((f"{grant.reach} {detail}".strip(), reach))
    return said
