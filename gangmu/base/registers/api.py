"""Routes of registers."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Path, Query

from gangmu.base import places
from gangmu.base.registers import service
from gangmu.base.registers.errors import BadComponentCode, ComponentCodesSpent, ComponentVoid, ExtensionCodesSpent
from gangmu.base.registers.model import Component, State
from gangmu.base.registers.schema import (
    CODE,
    KIND,
    ComponentEditionOut,
    ComponentEditions,
    ComponentIn,
    ComponentKindIn,
    ComponentKindOut,
    ComponentKinds,
    ComponentMap,
    ComponentOut,
    ComponentPoint,
    Components,
    ComponentSquare,
    NearComponents,
    NearOut,
    SurveyIn,
    VoidComponentIn,
    title_of,
)
from gangmu.base.registers.store import Wanted
from gangmu.kit import geo
from gangmu.kit.errors import Conflict, Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.text import division_full
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("registers")
Words = Annotated[str, Query(max_length=100)]
KindQuery = Annotated[str, Query(pattern=KIND)]
KindPath = Annotated[str, Path(pattern=r"^([0-9]{2}|[0-9]{4,5})$")]
Box = Annotated[str, Query(max_length=120)]
Lon = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]


def _titles(at: Edge) -> dict[str, str]:
    return {kind.code: title_of(kind, at.lang) for kind in service.list_kinds(at.unit, at.actor, ended=True)}


def _told(at: Edge, found: Iterable[Component]) -> list[ComponentOut]:
    items = list(found)
    names = places.division_names(at.unit, {one.division for one in items})
    kinds = _titles(at)
    return [ComponentOut.told(one, kinds, names) for one in items]


@routes.get("/components", can="component.read", answers=Components, errors=[Invalid])
def list_components(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    q: Words = "",
    kind: KindQuery = "",
    state: State | None = None,
    org: Id | None = None,
    division: Annotated[str, Query(max_length=12, pattern=CODE)] | None = None,
    unit_grid: Annotated[str, Query(max_length=15, pattern=r"^\d*$")] = "",
    bbox: Box = "",
    void: bool = False,
) -> Components:
    """部件 / Components by code: of a class, state, owner (any of the three), division, grid or part of the map; ``q``
    is a code from its beginning, a class name, or words of road, name and owners."""
    box = geo.Box.parse(bbox) if bbox else None
    where = division_full(division) if division else ""
    wanted = Wanted(q, kind, state.value if state else "", org, where, unit_grid, box, void)
    found = service.list_components(at.unit, at.actor, wanted, paging.page)
    return Components(items=_told(at, found.items), next=found.next)


@routes.get("/components/map", can="component.read", answers=ComponentMap, errors=[Invalid])
def component_map(
    at: Edge,
    bbox: Annotated[str, Query(min_length=7, max_length=120)],
    zoom: Annotated[float, Query(ge=0, le=24)] = 17,
    q: Words = "",
    kind: KindQuery = "",
    state: State | None = None,
    org: Id | None = None,
) -> ComponentMap:
    """部件图层 / Components of a part of the map; far out, squares with their counts. At most 2,000 components."""
    wanted = Wanted(q, kind, state.value if state else "", org, box=geo.Box.parse(bbox))
    points, squares, cut = service.show_map(at.unit, at.actor, wanted, zoom)
    return ComponentMap(
        points=[ComponentPoint.model_validate(one) for one in points],
        squares=[ComponentSquare(lon=lon, lat=lat, number=number) for lon, lat, number in squares],
        cut=cut,
    )


@routes.get("/components/near", can="component.read", answers=NearComponents, errors=[Invalid])
def list_near(
    at: Edge,
    lon: Lon,
    lat: Lat,
    crs: Annotated[str, Query(max_length=20)] = "CGCS2000",
    radius_m: Annotated[float | None, Query(gt=0, le=500)] = None,
    kind: KindQuery = "",
) -> NearComponents:
    """附近部件 / Components near a place, nearest first, at most twenty."""
    spot = geo.point(lon, lat, crs)
    found = service.list_near(at.unit, at.actor, spot.lon, spot.lat, radius_m, kind)
    told = _told(at, [one.component for one in found])
    return NearComponents(
        items=[NearOut(**one.model_dump(), metres=near.metres) for one, near in zip(told, found, strict=True)]
    )


@routes.get("/components/classes", can="component.read", answers=ComponentKinds)
def list_kinds(at: Edge, ended: bool = False) -> ComponentKinds:
    """部件分类 / Component classes by code, local ones too."""
    return ComponentKinds(
        items=[ComponentKindOut.told(one, at.lang) for one in service.list_kinds(at.unit, at.actor, ended=ended)]
    )


@routes.post(
    "/components/classes",
    can="component.classes",
    answers=ComponentKindOut,
    errors=[Conflict, ExtensionCodesSpent, Invalid, NotFound, Refused],
    status=201,
)
def add_kind(body: ComponentKindIn, at: Edge) -> ComponentKindOut:
    """扩展小类 / A local sub-class; its number is counted down from the end."""
    made = service.add_kind(at.unit, at.actor, body.above, body.title_zh, body.title_en, body.extras)
    return ComponentKindOut.told(made, at.lang)


@routes.post(
    "/components/classes/{code}/end",
    can="component.classes",
    answers=ComponentKindOut,
    errors=[Invalid, NotFound, Refused, StaleWrite],
)
def end_kind(code: KindPath, at: Edge) -> ComponentKindOut:
    """停用扩展小类 / End a local sub-class; its number is not given again."""
    return ComponentKindOut.told(service.end_kind(at.unit, at.actor, code), at.lang)


@routes.post(
    "/components",
    can="component.manage",
    answers=ComponentOut,
    errors=[BadComponentCode, ComponentCodesSpent, Conflict, Invalid, NotFound, Refused],
    status=201,
)
def add_component(body: ComponentIn, at: Edge) -> ComponentOut:
    """登记部件 / Take up a component; without a code the next one is given."""
    return _told(at, [service.add_component(at.unit, at.actor, body.draft(), body.kind)])[0]


@routes.get("/components/{component_id}", can="component.read", answers=ComponentOut, errors=[NotFound])
def get_component(component_id: Id, at: Edge) -> ComponentOut:
    """一个部件 / A component."""
    return _told(at, [service.get_component(at.unit, at.actor, component_id)])[0]


@routes.get("/components/{component_id}/editions", can="component.read", answers=ComponentEditions, errors=[NotFound])
def list_editions(component_id: Id, at: Edge) -> ComponentEditions:
    """部件历次普查 / The editions of a component: when, by whom, what changed."""
    found = service.list_editions(at.unit, at.actor, component_id)
    return ComponentEditions(items=[ComponentEditionOut.told(one) for one in found])


@routes.post(
    "/components/{component_id}/surveys",
    can="component.survey",
    answers=ComponentOut,
    errors=[ComponentVoid, Invalid, NotFound, Refused, StaleWrite],
)
def survey(component_id: Id, body: SurveyIn, at: Edge) -> ComponentOut:
    """普查变更 / What a survey found; it becomes the next edition."""
    done = service.survey(at.unit, at.actor, component_id, body.changes(), body.surveyed_on, body.reason)
    return _told(at, [done])[0]


@routes.post(
    "/components/{component_id}/void",
    can="component.manage",
    answers=ComponentOut,
    errors=[ComponentVoid, Invalid, NotFound, Refused, StaleWrite],
)
def void_component(component_id: Id, body: VoidComponentIn, at: Edge) -> ComponentOut:
    """作废部件 / Void a component with a reason; its code is never given again."""
    return _told(at, [service.void_component(at.unit, at.actor, component_id, body.reason)])[0]
