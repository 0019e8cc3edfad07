"""Rights as clauses: ``require`` for acts, ``scope`` for rows, ``sees`` for ticks. No ifs about roles anywhere else."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from gangmu.base.access.model import Located, reaches
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Refused
from gangmu.kit.ids import Id
from gangmu.kit.text import division_prefix
from gangmu.kit.unit import Unit

_things: dict[str, Callable[[Unit, Id], Located]] = {}


def require(
    actor: Actor,
    permission: str,
    division: str = "",
    *,
    orgs: tuple[Id, ...] = (),
    people: tuple[Id, ...] = (),
) -> None:
    """``Refused`` unless some grant of the actor reaches the thing that stands there."""
    if actor.kind == "system":
        return
    where = Located(division, tuple(orgs), tuple(people))
    if not any(reaches(grant, actor, where) for grant in actor.grants_of(permission)):
        raise Refused(action=permission)


def sees(actor: Actor, permission: str, where: Located) -> bool:
    """Whether the actor's rights reach it; the same rule as ``scope``, for a thing in hand."""
    return actor.kind == "system" or any(reaches(grant, actor, where) for grant in actor.grants_of(permission))


def scope(actor: Actor, permission: str, division: Any, orgs: Any = None, people: Any = None) -> sa.ColumnElement[bool]:
    """The rows that the actor may see, as a clause over the row's division (12 digits), organisations (uuid[]) and
    people (uuid[]). No grant: no row."""
    if actor.kind == "system":
        return sa.true()
    clauses: list[sa.ColumnElement[bool]] = []
    for grant in actor.grants_of(permission):
        if grant.reach == "all":
            return sa.true()
        if grant.reach == "division":
            clauses.append(within(division, grant.division))
        elif grant.reach == "org" and orgs is not None and grant.orgs:
            clauses.append(orgs.overlap(list(grant.orgs)))
        elif grant.reach == "own" and people is not None and actor.person:
            clauses.append(people.overlap([actor.person]))
    return sa.or_(*clauses) if clauses else sa.false()


def within(column: Any, division: str) -> sa.ColumnElement[bool]:
    """Rows whose 12-digit code lies in a division, as a range that an index serves in any collation."""
    prefix = division_prefix(division)
    if not prefix:
        return sa.true()
    return sa.and_(column >= prefix.ljust(12, "0"), column <= prefix.ljust(12, "9"))


def thing(prefix: str) -> Callable[[Callable[[Unit, Id], Located]], Callable[[Unit, Id], Located]]:
    """Let a stage say where its things stand, for ``gangmu why WHO ACTION THING``."""

    def register(call: Callable[[Unit, Id], Located]) -> Callable[[Unit, Id], Located]:
        _things[prefix] = call
        return call

    return register


def locate(unit: Unit, thing_id: Id) -> Located | None:
    call = _things.get(thing_id.prefix)
    return call(unit, thing_id) if call else None
