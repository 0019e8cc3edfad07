"""Who acts: a person in a post, a reporter, an application, a device, a node or the system itself."""

from dataclasses import dataclass, field
from typing import Literal

from gangmu.kit.ids import Id

ActorKind = Literal["person", "reporter", "application", "device", "node", "system"]
Reach = Literal["all", "division", "org", "own"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission and how far it reaches: everywhere, a division and what lies in it,
    the organisations named, or only what the actor owns."""

    permission: str
    reach: Reach
    division: str = ""
    orgs: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """Nothing happens without one. ``roles`` are the roles of the post acted in, ``orgs`` its
    organisation and those below, ``chain`` its organisation and those above."""

    kind: ActorKind
    name: str
    person: Id | None = None
    post: Id | None = None
    org: Id | None = None
    division: str = ""
    roles: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    orgs: tuple[Id, ...] = field(default=())
    chain: tuple[Id, ...] = field(default=())

    @property
    def mark(self) -> str:
        """Who he is in one word that no actor of another kind has: what he put and asked is his by it."""
        return str(self.person or (self.name if self.kind == "system" else f"{self.kind} {self.name}"))

    def may(self, permission: str) -> bool:
        """Whether any grant gives this permission anywhere. Rows are narrowed by ``access.scope``."""
        return self.kind == "system" or any(g.permission == permission for g in self.grants)

    def grants_of(self, permission: str) -> list[Grant]:
        return [g for g in self.grants if g.permission == permission]


def System(name: str) -> Actor:
    """The system acting by itself, under the name of the job that acts. Journaled as such."""
    return Actor(kind="system", name=name)
