"""Routes of places."""

from typing import Annotated

from fastapi import Path, Query

from gangmu.base.places import founding, grids, service
from gangmu.base.places.codes import short_code
from gangmu.base.places.errors import BadDivisionCode, BadValidity, GridVoid, NoCity
from gangmu.base.places.model import Division, Duty, GridDuty, UnitGrid
from gangmu.base.places.schema import (
    CODE,
    Addresses,
    AddressOut,
    BaseMap,
    DivisionChange,
    DivisionDetail,
    DivisionEnd,
    DivisionIn,
    DivisionOut,
    Divisions,
    DutyGridOut,
    DutyGrids,
    DutyIn,
    DutyOut,
    GeoJson,
    LayerKind,
    LayerOut,
    Layers,
    PlaceOut,
    UnitGridOut,
    VoidIn,
)
from gangmu.base.places.settings import PlacesSettings
from gangmu.kit import geo, settings
from gangmu.kit.errors import Conflict, Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.web import Edge, Routes

routes = Routes("places")
CodePath = Annotated[str, Path(pattern=CODE, max_length=12)]
UnitPath = Annotated[str, Path(pattern=r"^[0-9]{15}$")]
DutyPath = Annotated[str, Path(pattern=r"^[0-9]{9}[A-Z][0-9]{4}$")]
Words = Annotated[str, Query(max_length=100)]
CodeQuery = Annotated[str | None, Query(pattern=CODE, max_length=12)]


def _division(found: Division) -> DivisionOut:
    return DivisionOut(
        code=found.code,
        short=short_code(found.code),
        level=found.level,
        name=found.name,
        parent=found.parent,
        valid_from=found.valid_from,
        valid_to=found.valid_to,
        successor=found.successor,
        version=found.version,
    )


def _duties(found: list[GridDuty]) -> list[DutyOut]:
    return [DutyOut(duty=Duty(one.duty), post=one.post, valid_from=one.valid_from) for one in found]


@routes.get("/divisions", can="place.read", answers=Divisions, errors=[NoCity, BadDivisionCode])
def list_divisions(at: Edge, parent: CodeQuery = None, q: Words = "") -> Divisions:
    """区划 / Divisions right under a parent, by pinyin; without a parent the city; with q those of that name."""
    if q.strip():
        found = service.find_divisions(at.unit, at.actor, q)
    else:
        found = service.list_divisions(at.unit, at.actor, parent or "")
    return Divisions(items=[_division(one) for one in found])


@routes.get("/divisions/{code}", can="place.read", answers=DivisionDetail, errors=[NotFound, BadDivisionCode])
def get_division(code: CodePath, at: Edge) -> DivisionDetail:
    """一个区划 / A division, those above it and its history."""
    found = _division(service.get_division(at.unit, at.actor, code))
    line = service.line_above(at.unit, at.actor, code)
    history = service.list_history(at.unit, at.actor, code)
    above, past = [_division(one) for one in line], [_division(one) for one in history]
    return DivisionDetail(**found.model_dump(), above=above, history=past)


@routes.post(
    "/divisions",
    can="place.manage",
    answers=DivisionOut,
    errors=[BadDivisionCode, Invalid, NoCity, Refused, Conflict],
    status=201,
)
def add_division(body: DivisionIn, at: Edge) -> DivisionOut:
    """新增区划 / Add a division below one that is there."""
    return _division(founding.add_division(at.unit, at.actor, body.code, body.name, body.valid_from))


@routes.put(
    "/divisions/{code}",
    can="place.manage",
    answers=DivisionOut,
    errors=[BadDivisionCode, BadValidity, Invalid, NotFound, Refused, StaleWrite],
)
def rename_division(code: CodePath, body: DivisionChange, at: Edge) -> DivisionOut:
    """区划更名 / Another name from a day on; the old one stays true of the time before."""
    return _division(founding.rename_division(at.unit, at.actor, code, body.name, body.valid_from))


@routes.post(
    "/divisions/{code}/end",
    can="place.manage",
    answers=Divisions,
    errors=[BadDivisionCode, BadValidity, Invalid, NotFound, Refused, StaleWrite],
)
def end_division(code: CodePath, body: DivisionEnd, at: Edge) -> Divisions:
    """撤销区划 / End a division on a day, naming its successor; answers its history."""
    founding.end_division(at.unit, at.actor, code, body.valid_to, body.successor)
    return Divisions(items=[_division(one) for one in service.list_history(at.unit, at.actor, code)])


@routes.get("/layers", can="place.read", answers=Layers)
def list_layers(at: Edge) -> Layers:
    """图层 / The layers that the map can show now, and the base map if the city has set one."""
    chosen = settings.get(PlacesSettings)
    base = BaseMap(url=chosen.base_map, crs=chosen.base_map_crs, notice=chosen.base_map_notice)
    items = [
        LayerOut(
            kind=LayerKind(one.kind),
            count=one.count,
            edition=one.edition,
            valid_from=one.valid_from,
            bbox=[one.box.west, one.box.south, one.box.east, one.box.north] if one.box else None,
        )
        for one in service.list_layers(at.unit, at.actor)
    ]
    return Layers(items=items, base_map=base if chosen.base_map else None)


@routes.get("/layers/{kind}.geojson", can="place.read", answers=GeoJson, errors=[BadDivisionCode, Invalid])
def get_layer(
    kind: LayerKind,
    at: Edge,
    bbox: Annotated[str, Query(max_length=120)] = "",
    code: CodeQuery = None,
    zoom: Annotated[float, Query(ge=0, le=24)] = 20,
) -> GeoJson:
    """图层要素 / Areas of a layer in CGCS2000 that meet ``bbox`` (west,south,east,north) and lie in the division
    ``code``, drawn as finely as ``zoom`` shows. At most 5,000 unit grids at a time."""
    box = geo.Box.parse(bbox) if bbox else None
    return GeoJson(features=service.layer(at.unit, at.actor, kind.value, box, code or "", zoom))


@routes.get("/places/at", can="place.read", answers=PlaceOut, errors=[Invalid])
def place_at(
    lon: Annotated[float, Query(allow_inf_nan=False)],
    lat: Annotated[float, Query(allow_inf_nan=False)],
    at: Edge,
    crs: Annotated[str, Query(max_length=20)] = "CGCS2000",
) -> PlaceOut:
    """点位归属 / Where a point belongs, as deep as the city's boundaries know, and who walks there."""
    spot = geo.point(lon, lat, crs)
    found = service.attribute(at.unit, spot)
    codes = [found.county, found.town, found.community, found.division]
    walks = _duties(grids.duties_of(at.unit, at.actor, grid=found.duty_grid)) if found.duty_grid else []
    return PlaceOut(
        lon=spot.lon,
        lat=spot.lat,
        depth=found.depth,
        exact=found.exact,
        division=found.division,
        county=found.county,
        town=found.town,
        community=found.community,
        unit_grid=found.unit_grid,
        duty_grid=found.duty_grid,
        duty_grids=list(found.duty_grids),
        duties=walks,
        zones=list(found.zones),
        names=service.division_names(at.unit, codes),
    )


@routes.get("/addresses", can="place.read", answers=Addresses)
def search_addresses(at: Edge, q: Words = "", limit: Annotated[int, Query(ge=1, le=50)] = 20) -> Addresses:
    """标准地址检索 / Standard addresses for what somebody types: characters, or first letters of the pinyin."""
    found = service.search_addresses(at.unit, at.actor, q, limit)
    return Addresses(items=[AddressOut.model_validate(one) for one in found])


@routes.get("/unit-grids/{code}", can="place.read", answers=UnitGridOut, errors=[NotFound])
def get_unit_grid(code: UnitPath, at: Edge) -> UnitGridOut:
    """单元网格 / A unit grid and its state."""
    return _unit(grids.get_unit_grid(at.unit, at.actor, code))


@routes.post(
    "/unit-grids/{code}/void",
    can="place.manage",
    answers=UnitGridOut,
    errors=[GridVoid, Invalid, NotFound, Refused, StaleWrite],
)
def void_unit_grid(code: UnitPath, body: VoidIn, at: Edge) -> UnitGridOut:
    """作废单元网格 / Void a unit grid; its code is never given again."""
    return _unit(grids.void_unit_grid(at.unit, at.actor, code, body.reason))


def _unit(found: UnitGrid) -> UnitGridOut:
    return UnitGridOut(
        code=found.code,
        division=found.division,
        state=found.state,
        reason=found.reason,
        area_m2=found.area_m2,
        lon=found.lon,
        lat=found.lat,
        version=found.version,
    )


@routes.get("/duty-grids", can="place.read", answers=DutyGrids)
def list_duty_grids(at: Edge) -> DutyGrids:
    """责任网格 / Responsibility grids and who walks them for what."""
    walked: dict[str, list[GridDuty]] = {}
    for one in grids.duties_of(at.unit, at.actor):
        walked.setdefault(one.grid, []).append(one)
    items = [
        DutyGridOut(
            code=grid.code,
            kind=grid.kind,
            name=grid.name,
            division=grid.division,
            units=list(grid.units),
            duties=_duties(walked.get(grid.code, [])),
        )
        for grid in grids.list_duty_grids(at.unit, at.actor)
    ]
    return DutyGrids(items=items)


@routes.put(
    "/duty-grids/{code}/duties/{duty}",
    can="place.manage",
    answers=list[DutyOut],
    errors=[Conflict, Invalid, NotFound, Refused, StaleWrite],
)
def assign_duty(code: DutyPath, duty: Duty, body: DutyIn, at: Edge) -> list[DutyOut]:
    """网格职责 / Bind a post to a responsibility grid for a duty from today on; null ends it."""
    return _duties(grids.assign_duty(at.unit, at.actor, code, duty, body.post))
