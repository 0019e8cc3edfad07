"""Routes of what an event concerns."""

from typing import Annotated

from fastapi import Query

from gangmu.base import registers
from gangmu.base.registers import service as registers_service
from gangmu.base.registers.schema import title_of
from gangmu.core.concern import service
from gangmu.core.concern.errors import AlreadyConcerned
from gangmu.core.concern.schema import (
    ComponentEvents,
    ConcernDropIn,
    ConcernedPeople,
    ConcernedPersonIn,
    ConcernedPersonOut,
    ConcernOut,
    ConcernRevealIn,
    MendedOut,
    MendIn,
    PersonLinkOut,
    PlaceLinkIn,
    PlaceLinkOut,
    PointedOut,
    PointIn,
    SuggestedList,
    SuggestedOut,
)
from gangmu.core.event import service as event_service
from gangmu.core.event import views
from gangmu.core.event.errors import EventMovedOn
from gangmu.kit import geo
from gangmu.kit.errors import Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Routes

routes = Routes("concern")
ACTS = (service.POINT, service.PERSON_READ, service.PERSON_WRITE, service.SENSITIVE)


def _titles(at: Edge) -> dict[str, str]:
    return {kind.code: title_of(kind, at.lang) for kind in registers_service.list_kinds(at.unit, at.actor, ended=True)}


@routes.get("/events/{event_id}/concern", can="event.read", answers=ConcernOut, errors=[NotFound])
def of_event(event_id: Id, at: Edge) -> ConcernOut:
    """涉及部件、地点、人员 / What an event concerns, as far as one may know."""
    found = service.of_event(at.unit, at.actor, event_id)
    about = event_service.get_event(at.unit, at.actor, event_id)
    kinds = _titles(at)
    there = {
        c.id: c for c in registers.find_components(at.unit, at.actor, [link.component for link in found.components])
    }
    shown = [
        PointedOut.told(there[link.component], link, kinds.get(there[link.component].kind, ""))
        for link in found.components
        if link.component in there
    ]
    return ConcernOut(
        components=shown,
        hidden_components=len(found.components) - len(shown),
        places=[PlaceLinkOut.model_validate(link) for link in found.places],
        people_count=found.people_count,
        people=None if found.people is None else [PersonLinkOut.model_validate(link) for link in found.people],
        can=[act for act in ACTS if service.may(at.actor, act, about)],
    )


@routes.post(
    "/events/{event_id}/concern/components",
    can="concern.point",
    answers=ConcernOut,
    errors=[AlreadyConcerned, NotFound, Refused],
    status=201,
)
def point_component(event_id: Id, body: PointIn, at: Edge) -> ConcernOut:
    """指认部件 / Say which component the event is about."""
    service.point_component(at.unit, at.actor, event_id, body.component, proposed=body.proposed)
    return of_event(event_id, at)


@routes.post(
    "/events/{event_id}/concern/components/{component_id}/drop",
    can="concern.point",
    answers=ConcernOut,
    errors=[Invalid, NotFound, Refused, StaleWrite],
)
def drop_component(event_id: Id, component_id: Id, body: ConcernDropIn, at: Edge) -> ConcernOut:
    """取消指认 / It was not this component."""
    service.drop_component(at.unit, at.actor, event_id, component_id, body.reason)
    return of_event(event_id, at)


@routes.post(
    "/events/{event_id}/concern/places",
    can="concern.point",
    answers=ConcernOut,
    errors=[Invalid, NotFound, Refused],
    status=201,
)
def add_place(event_id: Id, body: PlaceLinkIn, at: Edge) -> ConcernOut:
    """登记涉及地点 / Put a place to the event."""
    if (body.lon is None) != (body.lat is None):
        raise Invalid(field="lat" if body.lat is None else "lon", reason="a place has both")
    spot = geo.point(body.lon, body.lat, body.crs) if body.lon is not None and body.lat is not None else None
    service.add_place(at.unit, at.actor, event_id, body.role, body.text, body.address, spot)
    return of_event(event_id, at)


@routes.post(
    "/events/{event_id}/concern/places/{place_id}/drop",
    can="concern.point",
    answers=ConcernOut,
    errors=[NotFound, Refused, StaleWrite],
)
def drop_place(event_id: Id, place_id: Id, at: Edge) -> ConcernOut:
    """移除涉及地点 / Take a place off the event."""
    service.drop_place(at.unit, at.actor, event_id, place_id)
    return of_event(event_id, at)


@routes.post(
    "/events/{event_id}/concern/people",
    can="concern.person_write",
    answers=ConcernOut,
    errors=[Invalid, NotFound, Refused],
    status=201,
)
def add_person(event_id: Id, body: ConcernedPersonIn, at: Edge) -> ConcernOut:
    """登记涉及人员 / Put a person to the event; sealed at once."""
    service.add_person(at.unit, at.actor, event_id, body.draft())
    return of_event(event_id, at)


@routes.post(
    "/events/{event_id}/concern/people/{person_id}/drop",
    can="concern.person_write",
    answers=ConcernOut,
    errors=[NotFound, Refused, StaleWrite],
)
def drop_person(event_id: Id, person_id: Id, at: Edge) -> ConcernOut:
    """移除涉及人员 / Take a person off the event."""
    service.drop_person(at.unit, at.actor, event_id, person_id)
    return of_event(event_id, at)


@routes.post(
    "/events/{event_id}/concern/people/reveal",
    can="concern.person_read",
    answers=ConcernedPeople,
    errors=[Invalid, NotFound, Refused],
)
def reveal_people(event_id: Id, body: ConcernRevealIn, at: Edge) -> ConcernedPeople:
    """查看涉及人员 / The people of an event in clear, for a purpose that is journaled."""
    found = service.reveal_people(at.unit, at.actor, event_id, body.purpose)
    return ConcernedPeople(items=[ConcernedPersonOut.model_validate(one) for one in found])


@routes.post(
    "/events/{event_id}/place",
    can="event.mend_place",
    answers=MendedOut,
    errors=[EventMovedOn, Invalid, NotFound, Refused, StaleWrite],
)
def mend_place(event_id: Id, body: MendIn, at: Edge) -> MendedOut:
    """更正位置地址 / Mend the place or address of an event; what it teaches is proposed to the address register."""
    if (body.lon is None) != (body.lat is None):
        raise Invalid(field="lat" if body.lat is None else "lon", reason="a place has both")
    spot = geo.point(body.lon, body.lat, body.crs) if body.lon is not None and body.lat is not None else None
    one, found = service.mend_place(at.unit, at.actor, event_id, spot, body.address, body.reason, body.version)
    row = views.rows(at.unit, at.actor, [one], at.lang)[0]
    return MendedOut(event=row, correction=found.id if found else None)


@routes.get("/concern/suggest", can="component.read", answers=SuggestedList, errors=[Invalid, NotFound])
def suggest(
    at: Edge,
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    crs: Annotated[str, Query(max_length=20)] = "CGCS2000",
    text: Annotated[str, Query(max_length=500)] = "",
    matter: Id | None = None,
) -> SuggestedList:
    """推荐部件 / Components that a report may be about, with reasons; a person decides."""
    spot = geo.point(lon, lat, crs)
    kinds = _titles(at)
    found = service.suggest(at.unit, at.actor, spot.lon, spot.lat, text, matter)
    return SuggestedList(
        items=[
            SuggestedOut(
                **{
                    name: getattr(each.component, name)
                    for name in ("id", "code", "kind", "name", "state", "lon", "lat", "maintainer_name")
                },
                kind_title=kinds.get(each.component.kind, ""),
                metres=each.suggestion.metres,
                confidence=each.suggestion.confidence,
                reasons=[dict(reason) for reason in each.suggestion.reasons],
            )
            for each in found
        ]
    )


@routes.get("/components/{component_id}/events", can="component.read", answers=ComponentEvents, errors=[NotFound])
def list_events(component_id: Id, at: Edge) -> ComponentEvents:
    """部件事件史 / The events that pointed at a component, newest first, those that one may see."""
    found = service.list_events_of_component(at.unit, at.actor, component_id)
    return ComponentEvents(items=views.rows(at.unit, at.actor, found, at.lang))
