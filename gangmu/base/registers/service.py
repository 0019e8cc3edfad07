"""Use cases of the component register: take up, survey, void, look for, show on the map."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from gangmu.base import access, org, places
from gangmu.base.access import Located
from gangmu.base.org import service as org_service
from gangmu.base.places import founding
from gangmu.base.registers import model, shipped, store
from gangmu.base.registers.errors import BadComponentCode, ComponentCodesSpent, ComponentVoid
from gangmu.base.registers.model import Component, Edition, Kind, Near, State
from gangmu.base.registers.settings import RegistersSettings
from gangmu.base.registers.store import Wanted
from gangmu.kit import files, geo, ids, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import fold
from gangmu.kit.unit import Unit

MANAGE, SURVEY, CLASSES = "component.manage", "component.survey", "component.classes"
MOST_POINTS = 2000
OWNERS = ("authority", "owner", "maintainer")
_READER = System("registers")


def load_shipped(unit: Unit) -> None:
    """Bring in the shipped classes; a city's own stay. Repeatable."""
    there = {kind.code for kind in store.list_kinds(unit, seen_by=unit.actor)}
    for kind in shipped.kinds(variant()):
        if kind.code not in there:
            store.add_kind(unit, kind)


def variant() -> str:
    return settings.get(RegistersSettings).component_code


# --- classes ---


def list_kinds(unit: Unit, actor: Actor, *, ended: bool = False) -> list[Kind]:
    """Component classes by code; those that were ended too when asked."""
    return [kind for kind in store.list_kinds(unit, seen_by=actor) if ended or kind.ended_at is None]


def add_kind(unit: Unit, actor: Actor, above: str, title_zh: str, title_en: str, extras: Sequence[str]) -> Kind:
    """A local sub-class below a class; its number is counted down from the end and never given again."""
    access.require(actor, CLASSES)
    parent = store.get_kind(unit, above, seen_by=actor)
    if parent.is_sub:
        raise Invalid(field="above", reason="a local sub-class lies below a class of two digits")
    taken = {kind.code for kind in store.list_kinds(unit, seen_by=actor)}
    code = model.next_extension(above, taken, variant())
    title = _said("title_zh", title_zh, 60)
    made = Kind(ids.new("ccl"), code, title, title_en.strip()[:80], _extras(extras), "local", True, True, None, 1)
    store.add_kind(unit, made)
    return made


def end_kind(unit: Unit, actor: Actor, code: str) -> Kind:
    """End a local class: nothing new is taken up under it, what is there stays."""
    access.require(actor, CLASSES)
    was = store.get_kind(unit, code, seen_by=actor)
    if not was.local:
        raise Invalid(field="code", reason="a class of the standard is not ended here")
    if was.ended_at is None:
        store.save_kind(unit, replace(was, ended_at=unit.now), was)
    return store.get_kind(unit, code, seen_by=actor)


def _extras(given: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in given if name not in model.EXTRAS]
    if unknown:
        raise Invalid(field="extras", reason=f"no such column: {unknown[0][:40]}")
    return tuple(name for name in model.EXTRAS if name in given)


# --- components ---


def get_component(unit: Unit, actor: Actor, component_id: Id) -> Component:
    return store.get(unit, component_id, seen_by=actor)


def find_components(unit: Unit, actor: Actor, wanted: Iterable[Id]) -> list[Component]:
    """Those of these that the actor may see, by code."""
    return store.find_many(unit, wanted, seen_by=actor)


def list_components(unit: Unit, actor: Actor, wanted: Wanted, at: Page) -> Paged[Component]:
    return store.list_components(unit, with_kinds(unit, actor, wanted), at, seen_by=actor)


def with_kinds(unit: Unit, actor: Actor, wanted: Wanted) -> Wanted:
    """The classes whose names hold the text that is looked for."""
    text = fold(wanted.q)
    if not text or text.isdigit():
        return wanted
    named = [
        kind.code
        for kind in store.list_kinds(unit, seen_by=actor)
        if kind.is_sub and (text in fold(kind.title_zh) or (len(text) > 2 and text in fold(kind.title_en)))
    ]
    return replace(wanted, kinds=tuple(named))


def list_near(
    unit: Unit, actor: Actor, lon: float, lat: float, radius_m: float | None = None, kind: str = "", most: int = 20
) -> list[Near]:
    """Components near a place, nearest first."""
    radius = radius_m if radius_m is not None else settings.get(RegistersSettings).near_m
    found = store.list_near(unit, lon, lat, radius, kind, seen_by=actor)
    return [Near(one, metres) for one, metres in found[:most]]


def show_map(
    unit: Unit, actor: Actor, wanted: Wanted, zoom: float
) -> tuple[list[Component], list[tuple[float, float, int]], bool]:
    """What the map shows of a box: single components, or the middles of squares with their counts; whether more lie
    there than are shown. Filters are answered by the components themselves, so a wide box of them is cut."""
    assert wanted.box is not None
    level = model.level_for(zoom)
    narrowed = wanted.q.strip() or wanted.kind or wanted.state or wanted.org
    if level is not None and not narrowed:
        squares = store.list_squares(unit, wanted.box, level, seen_by=actor)
        total = sum(int(one.number) for one in squares)
        if total > MOST_POINTS // 4:
            return [], [(float(one.lon), float(one.lat), int(one.number)) for one in squares], False
    found = store.list_in_box(unit, with_kinds(unit, actor, wanted), MOST_POINTS + 1, seen_by=actor)
    return found[:MOST_POINTS], [], len(found) > MOST_POINTS


def add_component(unit: Unit, actor: Actor, draft: Component, kind_code: str) -> Component:
    """Take up a component. Without a code the next one of its county and class is given."""
    kind = _kind(unit, actor, kind_code or (model.parse_code(draft.code, variant()).kind if draft.code else ""))
    placed = _placed(unit, _checked(unit, actor, draft, kind))
    access.require(actor, MANAGE, placed.division)
    code = _given_code(unit, actor, placed, kind) if draft.code else _next_code(unit, placed, kind)
    made = replace(placed, id=ids.new("cmp"), code=code, kind=kind.code, edition=1, changed_on=None)
    made = replace(made, first_on=draft.first_on or founding.today(unit))
    store.add(unit, made)
    store.add_edition(unit, edition_of(unit, actor, made, made.first_on, "", {}))
    return store.get(unit, made.id, seen_by=_READER)


def _given_code(unit: Unit, actor: Actor, one: Component, kind: Kind) -> str:
    parts = model.parse_code(one.code, variant())
    if parts.kind != kind.code:
        raise BadComponentCode(one.code, "class")
    if not one.division.startswith(parts.county):
        raise BadComponentCode(one.code, "county")
    store.keep_serials(unit, {parts.county + parts.kind: parts.serial})
    return "".join(one.code.split())


def _next_code(unit: Unit, one: Component, kind: Kind) -> str:
    prefix = one.division[: model.COUNTY] + kind.code
    if one.division[4:6] == "00":
        raise Invalid(field="division", reason="a component lies in a county, its code begins with it")
    return code_of(prefix, store.take_serials(unit, prefix, 1))


def code_of(prefix: str, serial: int) -> str:
    """The code of a serial under county and class; ``ComponentCodesSpent`` when they have run out."""
    code = model.make_code(prefix[: model.COUNTY], prefix[model.COUNTY :], serial)
    if code is None:
        raise ComponentCodesSpent(prefix)
    return code


def survey(
    unit: Unit, actor: Actor, component_id: Id, changed: dict[str, Any], surveyed_on: date | None, reason: str = ""
) -> Component:
    """A survey of a component: what it found becomes the next edition. Nothing changed: an edition all the same, since
    somebody was there."""
    was = store.get(unit, component_id, seen_by=actor, lock=True)
    access.require(actor, SURVEY, was.division)
    if was.is_void:
        raise ComponentVoid(was.code)
    day = surveyed_on or founding.today(unit)
    if day > founding.today(unit):
        raise Invalid(field="surveyed_on", reason="lies in the future")
    latest = was.changed_on or was.first_on
    if latest is not None and day < latest:
        raise Invalid(field="surveyed_on", reason=f"lies before the edition of {latest}")
    kind = _kind(unit, actor, was.kind, ended=True)
    draft = _placed(unit, _checked(unit, actor, replace(was, **changed), kind, was), was)
    if draft.division[: model.COUNTY] != was.division[: model.COUNTY]:
        raise Invalid(field="lon", reason="lies in another county; void it there and take it up here")
    now = replace(draft, edition=was.edition + 1, changed_on=day)
    store.save(unit, now, was)
    store.add_edition(unit, edition_of(unit, actor, now, day, reason, model.changes_between(was, now)))
    return store.get(unit, component_id, seen_by=_READER)


def void_component(unit: Unit, actor: Actor, component_id: Id, reason: str) -> Component:
    """Void a component. Its code is never given again; it stays readable with its editions."""
    was = store.get(unit, component_id, seen_by=actor, lock=True)
    access.require(actor, MANAGE, was.division)
    if was.is_void:
        raise ComponentVoid(was.code)
    said = _said("reason", reason, 500)
    day = founding.today(unit)
    now = replace(was, void_reason=said, voided_at=unit.now, edition=was.edition + 1, changed_on=day)
    store.save(unit, now, was)
    store.add_edition(unit, edition_of(unit, actor, now, day, said, {"void": {"was": False, "is": True}}))
    return store.get(unit, component_id, seen_by=_READER)


def list_editions(unit: Unit, actor: Actor, component_id: Id) -> list[Edition]:
    """The editions of a component, newest first."""
    one = store.get(unit, component_id, seen_by=actor)
    return store.editions_of(unit, one, seen_by=actor)


def edition_of(
    unit: Unit, actor: Actor, one: Component, day: date | None, reason: str, changed: dict[str, dict[str, object]]
) -> Edition:
    name = actor.name[:80]
    said = reason.strip()[:500]
    return Edition(
        ids.new("ced"), one.id, one.edition, day or founding.today(unit), actor.person, name, said, changed, unit.now
    )


def _kind(unit: Unit, actor: Actor, code: str, *, ended: bool = False) -> Kind:
    if not code:
        raise Invalid(field="kind", reason="a component has a class or a code")
    kind = store.get_kind(unit, code, seen_by=actor)
    if not kind.is_sub or (kind.ended_at is not None and not ended):
        raise Invalid(field="kind", reason="not a sub-class that is in force")
    return kind


def _checked(unit: Unit, actor: Actor, one: Component, kind: Kind, was: Component | None = None) -> Component:
    unfit = model.unfit_extras(kind, {name: getattr(one, name) for name in model.EXTRAS})
    if unfit:
        raise Invalid(field=unfit[0], reason=f"components of class {kind.code} do not have it")
    State(one.state)
    if one.height_m is not None and not 0 <= one.height_m <= 1000:
        raise Invalid(field="height_m", reason="0 to 1000 metres")
    fresh = [photo for photo in one.photos if was is None or photo not in was.photos]
    own_photos(unit, actor, fresh)
    return with_owners(unit, one)


def own_photos(unit: Unit, actor: Actor, photos: Sequence[Id]) -> None:
    """Photos given must be the actor's own uploads."""
    kept = files.get_many(unit, photos)
    for photo in photos:
        if photo not in kept or (actor.person is not None and kept[photo].owner != actor.person):
            raise NotFound(what=str(photo))


def with_owners(unit: Unit, one: Component) -> Component:
    """The component with the names of the organisations it names."""
    given = [getattr(one, name) for name in OWNERS if getattr(one, name) is not None]
    names = org.org_names(unit, given) if given else {}
    for name in OWNERS:
        held = getattr(one, name)
        if held is None:
            continue
        if held not in names:
            raise Invalid(field=name, reason="no such organisation")
        one = replace(one, **{f"{name}_name": names[held]})
    return one


def _placed(unit: Unit, one: Component, was: Component | None = None) -> Component:
    """Unit grid and division by attribution, where the place is known and has changed."""
    if one.lon is None or one.lat is None:
        if not one.division:
            raise Invalid(field="division", reason="give a place or a division")
        return one
    if was is not None and (was.lon, was.lat) == (one.lon, one.lat):
        return one
    found = places.attribute(unit, geo.Point(one.lon, one.lat))
    if not found.division and not one.division:
        raise Invalid(field="lon", reason="lies outside the city")
    return replace(one, division=found.division or one.division, unit_grid=found.unit_grid)


def _said(field: str, text: str, most: int) -> str:
    said = " ".join(text.split())
    if not said or len(said) > most:
        raise Invalid(field=field, reason=f"1 to {most} characters")
    return said


def orgs_by_name(unit: Unit, actor: Actor) -> dict[str, Id]:
    """Organisations by name, for files; a name that several bear is left out."""
    found: dict[str, Id | None] = {}
    for one in org_service.list_orgs(unit, actor):
        if one.active:
            found[one.name] = None if one.name in found else one.id
    return {name: one for name, one in found.items() if one is not None}


def may_see_photo(unit: Unit, actor: Actor, file_id: Id) -> bool:
    """Whether a component shows this photo to the actor."""
    return actor.may(store.READ) and store.has_photo(unit, file_id, seen_by=actor)


@access.thing("cmp")
def locate(unit: Unit, component_id: Id) -> Located:
    """Where a component stands, for ``gangmu why``."""
    return Located(store.get(unit, component_id, seen_by=System("access.why")).division)
