"""Accounts and the roles of posts as spreadsheets, each in the hands of its own administrator.

First passwords are made here and handed out once, as a workbook, to the administrator who took the file in.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gangmu.base.access import model, service, store
from gangmu.base.access.errors import WeakPassword
from gangmu.base.access.settings import AccessSettings
from gangmu.base.org import service as org_service
from gangmu.base.org.model import PostOf
from gangmu.kit import settings
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.sheet_kinds import BadRow, Column, Line, Outcome, SheetKind, sheet_kind
from gangmu.kit.unit import Unit

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}")


def account_rows(unit: Unit, actor: Actor) -> Iterator[Mapping[str, Any]]:
    """The accounts, a row for each post of their people. Never a password."""
    held: dict[str, list[PostOf]] = {}
    for post in _posts(unit, actor):
        held.setdefault(post.person, []).append(post)
    for account in service.list_accounts(unit, actor):
        for post in held.get(account.person, ()):
            yield {
                "username": account.username,
                "person": post.person_name,
                "org": post.org_name,
                "post": post.title,
                "active": account.active,
            }


def role_rows(unit: Unit, actor: Actor) -> Iterator[Mapping[str, Any]]:
    """Every post with its roles."""
    for post in _posts(unit, actor):
        yield {"person": post.person_name, "org": post.org_name, "post": post.title, "roles": list(post.roles)}


def _posts(unit: Unit, actor: Actor) -> Iterator[PostOf]:
    for place in org_service.list_orgs(unit, actor):
        yield from org_service.list_posts(unit, actor, org=place.id)


@dataclass(slots=True)
class _Posts:
    """Finds the post that a row means by the names of person, organisation and post."""

    unit: Unit
    actor: Actor
    orgs: dict[str, list[Id]] = field(default_factory=dict)
    posts: dict[str, list[PostOf]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place in org_service.list_orgs(self.unit, self.actor):
            self.orgs.setdefault(place.name, []).append(place.id)

    def find(self, line: Line, *, any_of_his: bool) -> PostOf:
        name = line["org"]
        if name not in self.orgs:
            raise BadRow("org", "unknown_org", value=name)
        if name not in self.posts:
            there = [org_service.list_posts(self.unit, self.actor, org=one) for one in self.orgs[name]]
            self.posts[name] = [post for part in there for post in part]
        held = [post for post in self.posts[name] if post.person_name == line["person"]]
        found = [post for post in held if line["post"] in ("", post.title)]
        if not found:
            raise BadRow("person", "holds_no_post", value=line["person"])
        if len({post.person for post in found}) > 1 or (len(found) > 1 and not any_of_his):
            raise BadRow("post", "not_clear", value=line["person"])
        return found[0]


def first_password(username: str) -> str:
    """A password that nobody chose and that the house takes: a short user name may stand in it by chance."""
    least = settings.get(AccessSettings).password_length
    while True:
        made = f"{secrets.token_urlsafe(max(9, least))}-{secrets.randbelow(90) + 10}"
        try:
            model.check_password(made, username, least)
        except WeakPassword:
            continue
        return made


@dataclass(slots=True)
class TakeAccounts:
    """Opens accounts row by row; one that is there already is left as it is."""

    unit: Unit
    actor: Actor
    only_look: bool
    posts: _Posts
    handout: list[Mapping[str, str]] = field(default_factory=list)

    def take(self, line: Line) -> Outcome:
        post, name = self.posts.find(line, any_of_his=True), line["username"].lower()
        found = store.find_account(self.unit, name, seen_by=self.actor)
        if found is not None and found.person != post.person:
            raise BadRow("username", "taken", value=name)
        if found is not None:
            return "unchanged"
        if not _USERNAME.fullmatch(name):
            raise BadRow("username", "bad_username", value=name)
        if not self.only_look:
            password = first_password(name)
            service.open_account(self.unit, self.actor, post.person, name, password)
            given = {"username": name, "person": post.person_name, "org": post.org_name, "password": password}
            self.handout.append(given)
        return "added"

    def end(self) -> None:
        """Nothing is left to do."""


@dataclass(slots=True)
class TakeRoles:
    """Gives posts the roles of a file, whole: what a row does not name is taken away."""

    unit: Unit
    actor: Actor
    posts: _Posts
    known: frozenset[str]

    def take(self, line: Line) -> Outcome:
        post, wanted = self.posts.find(line, any_of_his=False), line.list("roles")
        if unknown := [name for name in wanted if name not in self.known]:
            raise BadRow("roles", "unknown_role", value=unknown[0])
        if set(wanted) == set(post.roles):
            return "unchanged"
        service.grant_roles(self.unit, self.actor, post.id, wanted)
        return "changed" if post.roles else "added"

    def end(self) -> None:
        """Nothing is left to do."""


def _start_roles(unit: Unit, actor: Actor, _: bool) -> TakeRoles:
    known = frozenset(role.id for role in service.list_roles(unit))
    return TakeRoles(unit, actor, _Posts(unit, actor), known)


_WHO = (
    Column("person", must=True, most=120, personal=True),
    Column("org", must=True, most=120, fill=True, width=28),
    Column("post", most=120, width=20),
)

sheet_kind(
    SheetKind(
        id="accounts",
        can_read="account.manage",
        can_write="account.manage",
        order=15,
        columns=(
            Column("username", must=True, form="code", most=40, width=20),
            *_WHO,
            Column("active", form="truth", asked=False, width=10),
        ),
        key=("username",),
        rows=account_rows,
        start=lambda unit, actor, only_look: TakeAccounts(unit, actor, only_look, _Posts(unit, actor)),
        batch=50,
        handout=("username", "person", "org", "password"),
    )
)
sheet_kind(
    SheetKind(
        id="roles",
        can_read="role.grant",
        can_write="role.grant",
        order=14,
        columns=(*_WHO, Column("roles", must=True, many=True, width=40)),
        key=("org", "person", "post"),
        rows=role_rows,
        start=_start_roles,
        batch=200,
    )
)
