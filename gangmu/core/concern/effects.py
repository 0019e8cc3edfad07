"""What the grid event flow does with the town of the event's place."""

from dataclasses import replace

from gangmu.base.org import service as org_service
from gangmu.core.concern import service
from gangmu.core.concern.errors import NoTown
from gangmu.core.event import Acted, effect

LOW = ("town", "community")


@effect("lead_town")
def lead_town(acted: Acted) -> None:
    """The town holds it from here on: the one named, else the one whose division it is."""
    given = acted.args.lead_org
    if given is not None:
        known = org_service.get_orgs(acted.unit, acted.actor, [given])
        if given not in known or known[given].level.value not in LOW or not known[given].active:
            raise NoTown(acted.event.division)
    town = given or service.town_of(acted.unit, acted.event.division)
    if town is None:
        raise NoTown(acted.event.division)
    orgs = tuple(dict.fromkeys([town, *acted.event.orgs]))
    acted.event = replace(acted.event, lead_org=town, orgs=orgs, handler_post=None, holder_post=None)


@effect("keep_town")
def keep_town(acted: Acted) -> None:
    """Whoever held it before, the town among them, goes on seeing what becomes of it."""
    kept = [one for one in (acted.was.lead_org, *acted.was.orgs) if one is not None]
    known = org_service.get_orgs(acted.unit, acted.actor, kept)
    towns = [one for one in kept if one in known and known[one].level.value in LOW]
    acted.event = replace(acted.event, orgs=tuple(dict.fromkeys([*acted.event.orgs, *towns])))
