"""Dispatching several events at once (批量派遣): one act an event, each under the usual guards and rights.

All in one transaction, each event in a savepoint of its own: what is refused is told with its reason and takes nothing
else with it; a crash leaves nothing half done, a repeat with the same key is one act.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gangmu.base.access import Located, sees
from gangmu.core import event
from gangmu.core.dispatch import service
from gangmu.core.dispatch.model import Suggestion
from gangmu.core.event import ActArgs, Event
from gangmu.core.event.service import find_events
from gangmu.core.flow import service as flow_service
from gangmu.kit.actor import Actor
from gangmu.kit.errors import HouseError
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, unit_on

VERB = "dispatch"


@dataclass(frozen=True, slots=True)
class Wish:
    """One event of a batch: to whom, and the version that the dispatcher saw."""

    event: Id
    version: int
    lead_org: Id
    assistants: tuple[Id, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event of a batch: moved on, or the refusal that stood in the way."""

    wish: Wish
    event: Event | None
    refused: HouseError | None


def dispatch_many(unit: Unit, actor: Actor, wishes: Sequence[Wish]) -> list[Outcome]:
    """Dispatch each event, told in the order asked for. They are taken in the order of their ids, so that two batches
    never wait for each other."""
    done = {at: _try(unit, actor, wishes[at]) for at in sorted(range(len(wishes)), key=lambda at: wishes[at].event)}
    return [done[at] for at in range(len(wishes))]


def _try(unit: Unit, actor: Actor, wish: Wish) -> Outcome:
    args = ActArgs(lead_org=wish.lead_org, assistants=wish.assistants, reason=wish.reason)
    try:
        with unit.conn.begin_nested(), unit_on(unit.conn, actor, unit.cause) as one:
            return Outcome(wish, event.act(one, actor, wish.event, VERB, args, wish.version), None)
    except HouseError as refused:
        return Outcome(wish, None, refused)


@dataclass(frozen=True, slots=True)
class Offer:
    """An event of a batch with what is suggested; ``ready`` when this actor may dispatch it as it stands now."""

    event: Event
    ready: bool
    suggestions: tuple[Suggestion, ...]


def offers_for(unit: Unit, actor: Actor, wanted: Iterable[Id]) -> list[Offer]:
    """What is suggested for each of these events, in the order asked for; who may not see one gets none of it."""
    found = {one.id: one for one in find_events(unit, actor, wanted)}
    return [_offer(unit, actor, found[one]) for one in dict.fromkeys(wanted) if one in found]


def _offer(unit: Unit, actor: Actor, one: Event) -> Offer:
    verb = flow_service.get_flow(unit, actor, one.flow, one.flow_version).find_verb(VERB)
    where = Located(one.division, one.orgs, one.people)
    ready = one.is_open and verb is not None and one.state in verb.sources and sees(actor, verb.can, where)
    suggested = service.suggest_for(unit, actor, event_id=one.id) if ready else []
    return Offer(one, ready, tuple(suggested[:3]))
