"""Places (区划、网格、地址): what the city is made of and where a point in it belongs.

Comes in: division lists, boundary and grid files, addresses. Goes out: ``attribute`` for points, names of divisions,
who walks which grid, layers for the map, address search.
"""

from gangmu.base.places.codes import Level
from gangmu.base.places.founding import city, found_city, learn_division
from gangmu.base.places.grids import duties_of
from gangmu.base.places.model import Attribution
from gangmu.base.places.service import (
    attribute,
    attribute_many,
    division_names,
    get_division,
    list_divisions,
    search_addresses,
)

__all__ = [
    "Attribution",
    "Level",
    "attribute",
    "attribute_many",
    "city",
    "division_names",
    "duties_of",
    "found_city",
    "get_division",
    "learn_division",
    "list_divisions",
    "search_addresses",
]
