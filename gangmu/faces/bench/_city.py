"""A node for benchmarks: private engine, migrated, a few people in posts, as the application would open it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gangmu import boot
from gangmu.base import access, org
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.kit.actor import Actor, System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit

COUNTY = "990101000000"
ROLES = ("clerk", "shift_leader", "dispatcher", "dept_lead", "handler", "leader")


@dataclass(frozen=True, slots=True)
class People:
    """Organisations and posts by name."""

    orgs: dict[str, Id]
    posts: dict[str, Id]

    def actor(self, role: str) -> Actor:
        with open_unit(System("bench"), "actor") as unit:
            return access.actor_of_post(unit, self.posts[role])


@contextmanager
def opened(folder: Path) -> Iterator[boot.Node]:
    """The node of a folder; its database is the one of this process meanwhile."""
    with boot.node(folder) as node:
        yield node


def settle_people(departments: int = 1) -> People:
    """A county with the roles of the case loop and some departments."""
    with open_unit(System("bench"), "people") as unit:
        return _settled(unit, departments)


def _settled(unit: Unit, departments: int) -> People:
    orgs: dict[str, Id] = {}
    posts: dict[str, Id] = {}
    centre = org.add_org(unit, unit.actor, "监督指挥中心", OrgKind.supervision, OrgLevel.county, COUNTY)
    orgs["centre"] = centre.id
    for number in range(departments):
        name = f"部门{number:03d}"
        made = org.add_org(unit, unit.actor, name, OrgKind.department, OrgLevel.county, COUNTY)
        orgs[f"department{number}"] = made.id
    for role in ROLES:
        place = orgs["department0"] if role in ("dept_lead", "handler") else centre.id
        person = org.add_person(unit, unit.actor, f"测{role}")
        post = org.add_post(unit, unit.actor, person.id, place, role, COUNTY)
        access.grant_roles(unit, unit.actor, post.id, (role,))
        posts[role] = post.id
    return People(orgs, posts)
