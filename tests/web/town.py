"""The ground that the browser tests walk on: the small city with outlines, an address, a duty row and matters."""

from typing import Any
from uuid import uuid4

import shapely

from gangmu.base.places import founding
from gangmu.base.places import service as place_service
from gangmu.base.places.files import Feature
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, THERE, TOWN, City
from tests.flow import ground
from tests.flow.ground import PLACE, matter_of

ADDRESS = "纲目市东区东街道人民路12号"
COVER = "路口井盖缺失，行人绊倒"
OUTLINES = {
    HERE: (117.80, 36.74, 117.90, 36.84),
    THERE: (117.70, 36.74, 117.80, 36.84),
    TOWN: (117.83, 36.77, 117.87, 36.81),
}


def found(city: City) -> None:
    """Divisions with their outlines, and one street address."""
    ground.found(city)
    me = System("test")
    features = [
        Feature(number, {"code": code}, shapely.box(*box)) for number, (code, box) in enumerate(OUTLINES.items(), 1)
    ]
    address = {"address": ADDRESS, "division": TOWN, "road": "人民路", "house_no": "12号", "kind": "门牌"}
    with open_unit(me, "found") as unit:
        told = founding.publish_boundaries(unit, me, features, label="test", source="test")
        assert not told.findings, told.findings
        spot = {"lon": str(PLACE[0]), "lat": str(PLACE[1])}
        told = place_service.import_addresses(unit, me, [{**address, **spot}], source="test")
        assert told.accepted == 1, told.findings


def cover(city: City) -> dict[str, Any]:
    """The class of manhole covers, with its conditions."""
    return matter_of(city.sign_in("clerk"), "urban_component", "0101")


def report(city: City, who: str = "patrol", **given: Any) -> dict[str, Any]:
    """A manhole cover reported at the crossing of the tests; its event."""
    where = {"lon": PLACE[0], "lat": PLACE[1], "address": ADDRESS}
    return city.report(who, **{"text": COVER, "matter_id": cover(city)["id"], **where, **given})


def photo(name: str = "现场.jpg") -> dict[str, Any]:
    """A photo taken just now, as a file field takes it."""
    return {"name": f"{uuid4().hex[:4]}-{name}", "mimeType": "image/jpeg", "buffer": ground.now_photo()}
