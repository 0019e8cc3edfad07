"""Settings of places."""

from pydantic import Field

from gangmu.kit.settings import Section


class PlacesSettings(Section, name="places"):
    """How strictly grids must fit, and what the map asks for."""

    sliver_m2: float = Field(
        5.0, ge=0, le=1000, description="Overlaps and gaps of grids up to this size, in m², are slips of the pen."
    )
    base_map: str = Field(
        "",
        description="Address of a base map's tiles with {x} {y} {z}, or of a WMTS with {TileMatrix} {TileRow} "
        "{TileCol} (天地图, the city's own). Empty: the city's own layers only, and no request leaves the house.",
    )
    base_map_crs: str = Field("CGCS2000", description="Datum of the base map: CGCS2000, WGS84, GCJ02 or BD09.")
    base_map_matrix_set: str = Field(
        "EPSG:4490",
        pattern=r"^EPSG:(4490|4326|3857)$",
        description="Tile matrix set of a WMTS base map: EPSG:4490, EPSG:4326 or EPSG:3857.",
    )
    base_map_notice: str = Field("", description="What the base map's owner wants written under it.")
