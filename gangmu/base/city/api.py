"""Routes of the city's kind."""

from gangmu.base.city import service
from gangmu.base.city.errors import NobodyToReset, NotForReset
from gangmu.base.city.schema import Begun
from gangmu.kit.web import SIGNED_IN, Edge, Routes

routes = Routes("city")


@routes.post("/city/reset", can=SIGNED_IN, answers=Begun, status=202, errors=[NobodyToReset, NotForReset])
def reset_city(at: Edge) -> Begun:
    """重新开始 / Found the demo or practice city anew: everybody's session ends, everything of it is gone."""
    service.ask_reset(at.unit, at.actor)
    return Begun(kind=service.kind())
