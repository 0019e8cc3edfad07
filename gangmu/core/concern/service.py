"""Use cases of concern: point an event at a component, put places and people to it, look at them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from gangmu.base import access, registers
from gangmu.base.org import service as org_service
from gangmu.base.places import addresses
from gangmu.base.places.model import Correction
from gangmu.base.registers import service as registers_service
from gangmu.core import event
from gangmu.core.concern import model, store
from gangmu.core.concern.errors import AlreadyConcerned
from gangmu.core.concern.model import (
    ComponentLink,
    Concern,
    PersonDraft,
    PersonLink,
    PersonSeen,
    PlaceLink,
    PlaceRole,
    Suggestion,
)
from gangmu.core.concern.settings import ConcernSettings
from gangmu.core.event import Event, mending
from gangmu.core.event import service as event_service
from gangmu.core.matter import service as matter_service
from gangmu.kit import geo, ids, seal, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Conflict, Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.text import fold
from gangmu.kit.unit import Unit
from gangmu.messages.concern import ConcernChanged

POINT = "concern.point"
PERSON_READ, PERSON_WRITE, SENSITIVE = "concern.person_read", "concern.person_write", "concern.sensitive_read"
COMPONENT_TREE = "urban_component"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal with the component it means."""

    component: registers.Component
    suggestion: Suggestion


def of_event(unit: Unit, actor: Actor, event_id: Id) -> Concern:
    """What an event concerns. Who may not read people learns how many there are."""
    one = event.get_event(unit, actor, event_id)
    shown = may(actor, PERSON_READ, one)
    people = store.people_of(unit, event_id, seen_by=actor) if shown else None
    return Concern(
        store.components_of(unit, event_id, seen_by=actor),
        store.places_of(unit, event_id, seen_by=actor),
        len(people) if people is not None else store.count_people(unit, event_id),
        people,
    )


# --- components ----------------------------------------------------------------------------------------------


def point_component(
    unit: Unit, actor: Actor, event_id: Id, component_id: Id, *, proposed: bool = False
) -> ComponentLink:
    """Say which component an event is about. ``proposed``: taken from the house's proposal."""
    one = _to_change(unit, actor, event_id, POINT)
    meant = registers.get_component(unit, actor, component_id)
    how = "accepted" if proposed else "pointed"
    new = ComponentLink(ids.new("cnc"), one.id, meant.id, how, actor.person, actor.name, unit.now, None, "", 1)
    try:
        store.add_component(unit, new)
    except Conflict as there:
        raise AlreadyConcerned(component=meant.code) from there
    _tell(unit, one, "component", meant.id)
    return new


def drop_component(unit: Unit, actor: Actor, event_id: Id, component_id: Id, reason: str) -> None:
    """It was not this component."""
    one = _to_change(unit, actor, event_id, POINT)
    links = store.components_of(unit, event_id, seen_by=actor)
    was = next((link for link in links if link.component == component_id), None)
    if was is None:
        raise NotFound(what=str(component_id))
    if not reason.strip():
        raise Invalid(field="reason", reason="say why it is not this one")
    store.end_component(unit, was, reason.strip()[:500])
    _tell(unit, one, "component", component_id)


def list_events_of_component(unit: Unit, actor: Actor, component_id: Id, most: int = 100) -> list[Event]:
    """The events that pointed at a component, newest first: those that the actor may see."""
    registers.get_component(unit, actor, component_id)
    links = store.events_of(unit, component_id, most, seen_by=actor)
    seen = {one.id: one for one in event_service.find_events(unit, actor, [link.event for link in links])}
    return [seen[link.event] for link in links if link.event in seen]


def suggest(
    unit: Unit, actor: Actor, lon: float, lat: float, text: str = "", matter_id: Id | None = None, most: int = 5
) -> list[Proposed]:
    """The components that a report may be about, each with its reasons; a person decides."""
    rules = settings.get(ConcernSettings)
    near = registers.list_near(unit, actor, lon, lat, rules.suggest_radius_m, most=200)
    if not near:
        return []
    wanted = _class_of(unit, actor, matter_id)
    titles = {kind.code: kind.title_zh for kind in registers_service.list_kinds(unit, actor, ended=True)}
    said = fold(text)
    found = []
    for one in near:
        weighed = model.weigh(
            one.metres,
            rules.suggest_radius_m,
            same_class=bool(wanted) and _same_class(one.component.kind, wanted),
            named=_named(said, titles.get(one.component.kind, ""), one.component.name),
            damaged=one.component.state != registers.State.good.value,
        )
        if weighed.confidence >= rules.suggest_least:
            found.append(Proposed(one.component, replace(weighed, component=one.component.id)))
    return sorted(found, key=lambda each: (-each.suggestion.confidence, each.suggestion.metres))[:most]


def _class_of(unit: Unit, actor: Actor, matter_id: Id | None) -> str:
    """The component class that a matter is about; empty for matters of events and requests."""
    if matter_id is None:
        return ""
    one = matter_service.get_class(unit, actor, matter_id)
    return one.code if one.tree == COMPONENT_TREE else ""


def _same_class(kind: str, wanted: str) -> bool:
    """Whether a component class is that of the catalogue, which writes two digits a level."""
    if len(kind) == 5:
        number = int(kind[2:])
        kind = kind[:2] + f"{number - 900 if number >= 900 else number:02d}"
    return kind.startswith(wanted)


def _named(said: str, *names: str) -> str:
    """The name of the thing that the text says, if it does: whole, or its last two characters (井盖, 路灯)."""
    for name in names:
        plain = fold(name)
        for word in (plain, plain[-2:]):
            if len(word) >= 2 and word in said:
                return word
    return ""


# --- places --------------------------------------------------------------------------------------------------


def add_place(
    unit: Unit,
    actor: Actor,
    event_id: Id,
    role: PlaceRole,
    text: str = "",
    address_id: Id | None = None,
    point: geo.Point | None = None,
) -> PlaceLink:
    """A place that an event concerns besides its own: an address of the register, or words."""
    one = _to_change(unit, actor, event_id, POINT)
    said = " ".join(text.split())[:300]
    lon, lat = (point.lon, point.lat) if point else (None, None)
    if address_id is not None:
        known = addresses.get_address(unit, actor, address_id)
        said = said or known.full
        lon, lat = (lon, lat) if point else (known.lon, known.lat)
    if not said:
        raise Invalid(field="text", reason="give an address or say where")
    new = PlaceLink(ids.new("cpl"), one.id, address_id, role.value, said, lon, lat, actor.name, unit.now, None, 1)
    store.add_place(unit, new)
    _tell(unit, one, "place")
    return new


def drop_place(unit: Unit, actor: Actor, event_id: Id, place_id: Id) -> None:
    one = _to_change(unit, actor, event_id, POINT)
    was = next((link for link in store.places_of(unit, event_id, seen_by=actor) if link.id == place_id), None)
    if was is None:
        raise NotFound(what=str(place_id))
    store.end_place(unit, was)
    _tell(unit, one, "place")


def mend_place(
    unit: Unit,
    actor: Actor,
    event_id: Id,
    point: geo.Point | None,
    address: str | None,
    reason: str,
    version: int | None = None,
) -> tuple[Event, Correction | None]:
    """Mend the place or address of an event. What that teaches about the register is proposed to its steward: the known
    address lies elsewhere or is written otherwise, or one is missing."""
    was, now = mending.mend_place(unit, actor, event_id, point, address, reason, version)
    moved = point is not None and _moved_far(was, now)
    if not moved and was.address == now.address:
        return now, None
    spot = geo.Point(now.lon, now.lat) if now.lon is not None and now.lat is not None else None
    asked = now.address if was.address != now.address else ""
    found = addresses.propose_correction(
        unit, actor, now.id, now.division, was.address or now.address, asked, spot if moved or asked else None, reason
    )
    return now, found


def _moved_far(was: Event, now: Event) -> bool:
    if was.lon is None or was.lat is None or now.lon is None or now.lat is None:
        return True
    metres = geo.distance_m((was.lon, was.lat), (now.lon, now.lat))
    return metres >= settings.get(ConcernSettings).correction_metres


# --- people --------------------------------------------------------------------------------------------------


def add_person(unit: Unit, actor: Actor, event_id: Id, draft: PersonDraft) -> PersonLink:
    """Put a person to an event. Marking him as of a kind that is watched over takes the right to see such marks."""
    one = _to_change(unit, actor, event_id, PERSON_WRITE)
    given = draft.checked()
    if given.kinds:
        access.require(actor, SENSITIVE, one.division, orgs=one.orgs, people=one.people)
    subject = ids.new("cpr")
    number = given.number.strip().upper()
    new = PersonLink(
        id=subject,
        event=one.id,
        role=given.role.value,
        name=unit.seal(subject, given.name.strip()),
        number=unit.seal(subject, number),
        phone=unit.seal(subject, given.phone.strip()),
        home=unit.seal(subject, given.home.strip()),
        note=unit.seal(subject, given.note.strip()),
        kinds=unit.seal(subject, orjson.dumps([kind.value for kind in given.kinds]).decode() if given.kinds else ""),
        number_mark=seal.keys().blind(f"citizen {number}") if number else None,
        by_name=actor.name,
        at=unit.now,
        gone_at=None,
        version=1,
    )
    store.add_person(unit, new)
    _tell(unit, one, "person")
    return new


def drop_person(unit: Unit, actor: Actor, event_id: Id, person_id: Id) -> None:
    """He has nothing to do with it: taken off the event. What was recorded stays sealed in the history."""
    one = _to_change(unit, actor, event_id, PERSON_WRITE)
    was = store.get_person(unit, event_id, person_id, seen_by=actor)
    store.end_person(unit, was)
    _tell(unit, one, "person")


def reveal_people(unit: Unit, actor: Actor, event_id: Id, purpose: str) -> list[PersonSeen]:
    """The people of an event in clear, for a purpose; journaled person by person. The kinds that are watched over only
    to who may see them. ``elsewhere`` counts other events of his that the actor may see."""
    one = event.get_event(unit, actor, event_id)
    access.require(actor, PERSON_READ, one.division, orgs=one.orgs, people=one.people)
    said = " ".join(purpose.split())
    if len(said) < 2:
        raise Invalid(field="purpose", reason="say what for")
    people = store.people_of(unit, event_id, seen_by=actor)
    marks = [bytes(each.number_mark) for each in people if each.number_mark]
    others = store.events_with(unit, marks, but=event_id)
    kinds_too = may(actor, SENSITIVE, one)
    shown = []
    for each in people:
        fields = [name for name in model.SEALED if getattr(each, name) and (kinds_too or name != "kinds")]
        unit.saw_personal(each.id, fields, said[:200])
        shown.append(_clear(unit, actor, each, kinds_too, others.get(bytes(each.number_mark or b""), ())))
    unit.note("look at people", event_id, purpose=said[:200], count=len(shown))
    return shown


def _clear(unit: Unit, actor: Actor, one: PersonLink, kinds_too: bool, others: Sequence[Id]) -> PersonSeen:
    said: dict[str, Any] = {name: unit.unseal(one.id, getattr(one, name)) or "" for name in model.SEALED[:5]}
    kinds = orjson.loads(unit.unseal(one.id, one.kinds) or "[]") if kinds_too else None
    elsewhere = len(event_service.find_events(unit, actor, others)) if others else 0
    return PersonSeen(one.id, one.role, **said, kinds=None if kinds is None else tuple(kinds), elsewhere=elsewhere)


# --- shared --------------------------------------------------------------------------------------------------


def _to_change(unit: Unit, actor: Actor, event_id: Id, permission: str) -> Event:
    one = event.get_event(unit, actor, event_id)
    access.require(actor, permission, one.division, orgs=one.orgs, people=one.people)
    return one


def may(actor: Actor, permission: str, one: Event) -> bool:
    return access.sees(actor, permission, access.Located(one.division, one.orgs, one.people))


def _tell(unit: Unit, one: Event, what: str, component: Id | None = None) -> None:
    fact = ConcernChanged(
        event_id=one.id,
        what=what,
        component=component or "",
        division=one.division,
        orgs=[str(org) for org in one.orgs],
        at=unit.now,
    )
    unit.tell(fact)


def town_of(unit: Unit, division: str) -> Id | None:
    """The organisation of the town that a place lies in; None when there is none or it is not known which."""
    if len(division) < 9 or division[6:9] == "000":
        return None
    code = division[:9].ljust(12, "0")
    towns = [one for one in org_service.list_orgs(unit, System("concern"), kind="town") if one.active]
    here = [one for one in towns if one.division == code]
    return here[0].id if len(here) == 1 else None
