"""What an event concerns, over HTTP."""

from datetime import datetime
from typing import Any

from pydantic import Field

from gangmu.base.registers import Component
from gangmu.core.concern.model import ComponentLink, PersonDraft, PersonKind, PersonRole, PlaceRole
from gangmu.core.event.schema import EventRow
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema


class PointIn(Schema):
    """The component that the event is about. ``proposed``: taken from the proposals."""

    component: Id
    proposed: bool = False


class ConcernDropIn(Schema):
    reason: str = Field(min_length=1, max_length=500)


class PointedOut(Schema):
    """A component that the event points at, as it is now."""

    id: Id
    code: str
    kind: str
    kind_title: str
    name: str
    state: str
    road: str
    lon: float | None
    lat: float | None
    authority_name: str
    owner_name: str
    maintainer_name: str
    how: str
    by_name: str
    at: datetime

    @classmethod
    def told(cls, one: Component, link: ComponentLink, title: str) -> "PointedOut":
        plain = {name: getattr(one, name) for name in cls.model_fields if hasattr(one, name)}
        return cls(**plain, kind_title=title, how=link.how, by_name=link.by_name, at=link.at)


class SuggestedOut(Schema):
    """A component that a report may be about: how sure (0 to 1) and why."""

    id: Id
    code: str
    kind: str
    kind_title: str
    name: str
    state: str
    lon: float | None
    lat: float | None
    maintainer_name: str
    metres: float
    confidence: float
    reasons: list[dict[str, Any]]


class SuggestedList(Listed):
    items: list[SuggestedOut]


class PlaceLinkIn(Schema):
    """A place besides the event's own: an address of the register, or words, or both; a position if known."""

    role: PlaceRole
    text: str = Field("", max_length=300)
    address: Id | None = None
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    crs: str = Field("CGCS2000", max_length=20)


class PlaceLinkOut(Schema):
    id: Id
    role: PlaceRole
    text: str
    address: Id | None
    lon: float | None
    lat: float | None
    by_name: str
    at: datetime


class ConcernedPersonIn(Schema):
    """A person whom the event concerns. Sealed before it is stored. ``kinds`` takes the right to see them."""

    role: PersonRole
    name: str = Field("", max_length=80)
    number: str = Field("", max_length=18)
    phone: str = Field("", max_length=30)
    home: str = Field("", max_length=200)
    note: str = Field("", max_length=1000)
    kinds: list[PersonKind] = Field([], max_length=11)

    def draft(self) -> PersonDraft:
        values = {name: getattr(self, name) for name in ("role", "name", "number", "phone", "home", "note")}
        return PersonDraft(**values, kinds=tuple(dict.fromkeys(self.kinds)))


class PersonLinkOut(Schema):
    """That there is a person, and in which role. Who he is takes a purpose."""

    id: Id
    role: PersonRole
    by_name: str
    at: datetime


class ConcernRevealIn(Schema):
    purpose: str = Field(min_length=2, max_length=200)


class ConcernedPersonOut(Schema):
    """A person in clear. ``kinds`` null: not for this viewer. ``elsewhere``: other events of his that one may see."""

    id: Id
    role: PersonRole
    name: str
    number: str
    phone: str
    home: str
    note: str
    kinds: list[PersonKind] | None
    elsewhere: int


class ConcernedPeople(Listed):
    items: list[ConcernedPersonOut]


class ConcernOut(Schema):
    """What an event concerns. ``people`` null: only their number is for this viewer. ``can``: what he may do here."""

    components: list[PointedOut]
    hidden_components: int
    places: list[PlaceLinkOut]
    people_count: int
    people: list[PersonLinkOut] | None
    can: list[str]


class ComponentEvents(Listed):
    """The events that pointed at a component, newest first."""

    items: list[EventRow]


class MendedOut(Schema):
    """The event with its better place; ``correction`` the proposal to the address register that arose from it."""

    event: EventRow
    correction: Id | None


class MendIn(Schema):
    """A better place or address of an event, with the reason. What is left out stays."""

    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    crs: str = Field("CGCS2000", max_length=20)
    address: str | None = Field(None, max_length=500)
    reason: str = Field(min_length=1, max_length=500)
    version: int | None = None
