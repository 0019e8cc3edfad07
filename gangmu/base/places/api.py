"""Routes of places."""

from typing import Annotated

from fastapi import Depends, Path, Query

from gangmu.base.places import addresses, founding, grids, service
from gangmu.base.places.codes import short_code
from gangmu.base.places.errors import BadDivisionCode, BadValidity, CorrectionDecided, GridVoid, NoCity
from gangmu.base.places.model import Division, Duty, GridDuty, UnitGrid
from gangmu.base.places.schema import (
    CODE,
    AddressChange,
    AddressCorrectionOut,
    AddressCorrections,
    Addresses,
    AddressFacts,
    AddressIn,
    AddressNameOut,
    AddressNames,
    AddressOut,
    AddressPartsOut,
    AliasIn,
    BaseMap,
    DivisionChange,
    DivisionDetail,
    DivisionEnd,
    DivisionIn,
    DivisionOut,
    Divisions,
    DutyGridIn,
    DutyGridOut,
    DutyGrids,
    DutyIn,
    DutyOut,
    FoundAddressOut,
    GeoJson,
    Landmarks,
    LayerKind,
    LayerOut,
    Layers,
    PlaceOut,
    RingIn,
    UnitGridOut,
    UnitGrids,
    VoidIn,
)
from gangmu.base.places.settings import PlacesSettings
from gangmu.kit import geo, settings
from gangmu.kit.errors import Conflict, Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Paging, Routes

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
    base = BaseMap(
        url=chosen.base_map,
        crs=chosen.base_map_crs,
        notice=chosen.base_map_notice,
        matrix_set=chosen.base_map_matrix_set,
    )
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
    """标准地址检索 / Standard addresses and landmarks for what somebody types: characters, or first letters of the
    pinyin; else forgiving one wrong letter, the sound for the writing, old names; else the road or number alone."""
    found = addresses.search(at.unit, at.actor, q, limit)
    return Addresses(
        items=[
            FoundAddressOut(
                **AddressOut.model_validate(one.address).model_dump(),
                how=one.how,
                typed=one.typed,
                instead=one.instead,
            )
            for one in found
        ]
    )


@routes.get("/addresses/parse", can="place.read", answers=AddressPartsOut)
def parse_address(at: Edge, text: Annotated[str, Query(min_length=1, max_length=300)]) -> AddressPartsOut:
    """地址解析 / Free address text taken apart with the city's own names."""
    return AddressPartsOut.model_validate(addresses.parse_address(at.unit, text))


@routes.get("/landmarks", can="place.read", answers=Landmarks, errors=[BadDivisionCode, Invalid])
def list_landmarks(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    kind: Annotated[str, Query(max_length=40)] = "",
    code: CodeQuery = None,
    bbox: Annotated[str, Query(max_length=120)] = "",
) -> Landmarks:
    """地标 / Landmarks by pinyin, of a kind, a division or a part of the map."""
    box = geo.Box.parse(bbox) if bbox else None
    found = addresses.list_landmarks(at.unit, at.actor, kind, code or "", box, paging.page)
    return Landmarks(items=[AddressOut.model_validate(one) for one in found.items], next=found.next)


def _spot(body: AddressFacts) -> geo.Point | None:
    if (body.lon is None) != (body.lat is None):
        raise Invalid(field="lat" if body.lat is None else "lon", reason="a place has both")
    return geo.point(body.lon, body.lat, body.crs) if body.lon is not None and body.lat is not None else None


@routes.post(
    "/addresses",
    can="place.manage",
    answers=AddressOut,
    errors=[BadDivisionCode, Conflict, Invalid, Refused],
    status=201,
)
def add_address(body: AddressIn, at: Edge) -> AddressOut:
    """新增地址 / Add an address or landmark."""
    given = body.model_dump(exclude={"lon", "lat", "crs"})
    return AddressOut.model_validate(addresses.add_address(at.unit, at.actor, given, _spot(body)))


@routes.put(
    "/addresses/{address_id}",
    can="place.manage",
    answers=AddressOut,
    errors=[Conflict, Invalid, NotFound, Refused, StaleWrite],
)
def change_address(address_id: Id, body: AddressChange, at: Edge) -> AddressOut:
    """更正地址 / Mend an address; its old text stays one of its names."""
    given = body.model_dump(exclude={"lon", "lat", "crs", "version"})
    changed = addresses.change_address(at.unit, at.actor, address_id, given, _spot(body), body.version)
    return AddressOut.model_validate(changed)


@routes.post(
    "/addresses/{address_id}/void",
    can="place.manage",
    answers=AddressOut,
    errors=[Invalid, NotFound, Refused, StaleWrite],
)
def void_address(address_id: Id, body: VoidIn, at: Edge) -> AddressOut:
    """注销地址 / It is no address any more; kept with the reason."""
    return AddressOut.model_validate(addresses.void_address(at.unit, at.actor, address_id, body.reason))


@routes.get("/address-names", can="place.read", answers=AddressNames, errors=[Invalid])
def list_address_names(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    way: Annotated[str, Query(pattern="^(name|alias|old)?$")] = "",
    q: Words = "",
) -> AddressNames:
    """道路小区地标名称 / Names of roads, compounds and landmarks with their aliases and old names."""
    found = addresses.list_names(at.unit, at.actor, way, q, paging.page)
    return AddressNames(items=[AddressNameOut.model_validate(one) for one in found.items], next=found.next)


@routes.post(
    "/address-names",
    can="place.manage",
    answers=AddressNameOut,
    errors=[Conflict, Invalid, NoCity, Refused],
    status=201,
)
def add_alias(body: AliasIn, at: Edge) -> AddressNameOut:
    """新增别名旧称 / Another or an older name."""
    return AddressNameOut.model_validate(addresses.add_alias(at.unit, at.actor, body.name, body.means, body.way))


@routes.get("/address-corrections", can="place.manage", answers=AddressCorrections, errors=[Invalid])
def list_corrections(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    state: Annotated[str, Query(pattern="^(open|accepted|refused)?$")] = "open",
) -> AddressCorrections:
    """地址更正建议 / AddressCorrections that events propose to the register, newest first."""
    found = addresses.list_corrections(at.unit, at.actor, state, paging.page)
    return AddressCorrections(items=[AddressCorrectionOut.model_validate(one) for one in found.items], next=found.next)


@routes.post(
    "/address-corrections/{correction_id}/accept",
    can="place.manage",
    answers=AddressCorrectionOut,
    errors=[Conflict, CorrectionDecided, Invalid, NotFound, Refused, StaleWrite],
)
def accept_correction(correction_id: Id, at: Edge) -> AddressCorrectionOut:
    """采纳更正 / Take a correction into the register."""
    return AddressCorrectionOut.model_validate(addresses.accept_correction(at.unit, at.actor, correction_id))


@routes.post(
    "/address-corrections/{correction_id}/refuse",
    can="place.manage",
    answers=AddressCorrectionOut,
    errors=[CorrectionDecided, Invalid, NotFound, Refused, StaleWrite],
)
def refuse_correction(correction_id: Id, body: VoidIn, at: Edge) -> AddressCorrectionOut:
    """不予采纳 / Refuse a correction with a reason."""
    return AddressCorrectionOut.model_validate(
        addresses.refuse_correction(at.unit, at.actor, correction_id, body.reason)
    )


@routes.get("/unit-grids", can="place.read", answers=UnitGrids, errors=[BadDivisionCode, Invalid])
def list_unit_grids(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    code: Annotated[str, Query(pattern=CODE, max_length=12)],
) -> UnitGrids:
    """单元网格列表 / Unit grids of a division by code, voided ones too."""
    found = grids.list_unit_grids(at.unit, at.actor, code, paging.page)
    return UnitGrids(items=[_unit(one) for one in found.items], next=found.next)


@routes.post(
    "/unit-grids",
    can="place.manage",
    answers=UnitGridOut,
    errors=[BadDivisionCode, Invalid, NoCity, Refused],
    status=201,
)
def draw_unit_grid(body: RingIn, at: Edge) -> UnitGridOut:
    """绘制单元网格 / A unit grid drawn by hand; it gets the next code of its community."""
    return _unit(grids.draw_unit_grid(at.unit, at.actor, body.community, body.ring, body.crs))


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


@routes.post(
    "/duty-grids",
    can="place.manage",
    answers=DutyGridOut,
    errors=[Invalid, NoCity, Refused, StaleWrite],
    status=201,
)
def put_duty_grid(body: DutyGridIn, at: Edge) -> DutyGridOut:
    """责任网格划定 / A responsibility grid of unit grids, or another set for one that is there."""
    made = grids.put_duty_grid(at.unit, at.actor, body.code, body.name, body.units)
    duties = _duties(grids.duties_of(at.unit, at.actor, grid=made.code))
    shown = (made.code, made.kind, made.name, made.division)
    return DutyGridOut(
        code=shown[0], kind=shown[1], name=shown[2], division=shown[3], units=list(made.units), duties=duties
    )


@routes.put(
    "/duty-grids/{code}/duties/{duty}",
    can="place.manage",
    answers=list[DutyOut],
    errors=[Conflict, Invalid, NotFound, Refused, StaleWrite],
)
def assign_duty(code: DutyPath, duty: Duty, body: DutyIn, at: Edge) -> list[DutyOut]:
    """网格职责 / Bind a post to a responsibility grid for a duty from today on; null ends it."""
    return _duties(grids.assign_duty(at.unit, at.actor, code, duty, body.post))
