"""Reading events: one, a list, a search, its history, what may be done with it, views of one's own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gangmu.base import access
from gangmu.base.access import Located
from gangmu.core import flow, report
from gangmu.core.event import following_store, store
from gangmu.core.event.acting import facts_of
from gangmu.core.event.model import Act, Event, Evidence, Status
from gangmu.core.event.store import Wanted
from gangmu.core.flow import service as flow_service
from gangmu.core.flow.model import Offer
from gangmu.core.matter import service as matter_service
from gangmu.core.report import Report
from gangmu.kit import ids
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import fold
from gangmu.kit.unit import Unit


def get_event(unit: Unit, actor: Actor, event_id: Id) -> Event:
    return store.get(unit, event_id, seen_by=actor)


def find_events(unit: Unit, actor: Actor, wanted: Iterable[Id]) -> list[Event]:
    """Those of these events that the actor may see, newest first."""
    return store.find_many(unit, wanted, seen_by=actor)


def list_events(unit: Unit, actor: Actor, wanted: Wanted, at: Page) -> Paged[Event]:
    return store.list_events(unit, wanted, at, seen_by=actor)


def search(unit: Unit, actor: Actor, q: str, most: int = 50) -> list[Event]:
    """By case number, foreign number, words (bigrams), or a phone for who may read reporters."""
    plain = fold(q)
    if len(plain) < 1:
        return []
    numbered = store.find_numbered(unit, q.strip().upper(), seen_by=actor) if len(plain) >= 3 else []
    if not numbered and plain != q.strip().upper():
        numbered = store.find_numbered(unit, q.strip(), seen_by=actor)
    if numbered:
        return numbered
    digits = plain.replace("-", "").replace(" ", "")
    if digits.isdigit() and 7 <= len(digits) <= 13 and actor.may("reporter.read"):
        phoned = store.find_many(unit, report.find_by_phone(unit, actor, digits), seen_by=actor)
        if phoned:
            return phoned
    if plain.isascii() and plain.isalpha() and len(plain) <= 8:
        named = matter_service.list_classes(unit, actor, q=plain)
        if named:
            wanted = Wanted(matter=tuple(row.id for row in named[:50]), status=(), newest=True)
            listed = store.list_events(unit, wanted, Page(most), seen_by=actor).items
            if listed:
                return listed
    return store.search(unit, plain, seen_by=actor, most=most)


def list_acts(unit: Unit, actor: Actor, event_id: Id) -> list[Act]:
    store.get(unit, event_id, seen_by=actor)
    return store.acts_of(unit, event_id, seen_by=actor)


def acts_of_many(unit: Unit, actor: Actor, wanted: Sequence[Id]) -> dict[Id, list[Act]]:
    """The histories of several events, each in its order."""
    return following_store.acts_of_many(unit, wanted, seen_by=actor)


def standing_of(unit: Unit, actor: Actor, wanted: Sequence[Id]) -> dict[Id, tuple[str, str]]:
    """Status and state of these events."""
    return following_store.standing_of(unit, wanted, seen_by=actor)


def list_evidence(unit: Unit, actor: Actor, event_id: Id) -> list[Evidence]:
    store.get(unit, event_id, seen_by=actor)
    return store.evidence_of(unit, event_id, seen_by=actor)


def list_reports(unit: Unit, actor: Actor, event_id: Id) -> list[Report]:
    store.get(unit, event_id, seen_by=actor)
    return report.list_of_event(unit, actor, event_id)


def offers_of(unit: Unit, actor: Actor, event: Event) -> tuple[flow.Flow, list[Offer]]:
    """The verbs of the present state that the actor may do, those held up by a guard with the reason."""
    way = flow_service.get_flow(unit, actor, event.flow, event.flow_version)
    if event.status == Status.merged:
        return way, []
    where = Located(event.division, event.orgs, event.people)
    permitted = {verb.can for verb in way.verbs if access.sees(actor, verb.can, where)}
    facts = facts_of(unit, actor, event, store.acts_of(unit, event.id, seen_by=actor))
    return way, flow.available(way, facts, permitted)


@access.thing("evt")
def locate(unit: Unit, event_id: Id) -> Located:
    """Where an event stands, for ``gangmu why``: the asker need not see the event itself."""
    event = store.get(unit, event_id, seen_by=System("access.why"))
    return Located(event.division, event.orgs, event.people)


def counts(unit: Unit, actor: Actor) -> list[Mapping[str, Any]]:
    return store.counts(unit, seen_by=actor)


def add_view(unit: Unit, actor: Actor, name: str, wanted: Mapping[str, Any]) -> Id:
    """Keep a filter of one's own under a name."""
    if actor.person is None:
        raise Invalid(field="person", reason="a view belongs to a person")
    view_id = ids.new("viw")
    store.add_view(unit, view_id, actor.person, " ".join(name.split())[:60], wanted)
    return view_id


def list_views(unit: Unit, actor: Actor) -> list[Any]:
    return store.list_views(unit, actor.person, seen_by=actor)


def drop_view(unit: Unit, actor: Actor, view_id: Id) -> None:
    store.drop_view(unit, view_id, actor.person)
