"""Routes of drawing by lot."""

from typing import Annotated

from fastapi import Depends, Response

from gangmu.core.sampling import file, service
from gangmu.core.sampling.errors import NotSealed
from gangmu.core.sampling.schema import DrawIn, DrawnOut, Draws
from gangmu.core.sampling.service import Draw
from gangmu.kit.errors import Invalid, Refused
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("sampling")


@routes.post("/samples", can="sample.draw", errors=[Invalid, NotSealed, Refused])
def draw(body: DrawIn, at: Edge) -> Response:
    """抽取案卷 / Draw cases by lot: one file (a page with signed data inside), to be checked without this house."""
    wanted = Draw(body.seed, body.since, body.until, body.division, body.n, body.purpose)
    made, content = service.draw(at.unit, at.actor, wanted, at.lang)
    headers = {
        "Content-Disposition": f'attachment; filename="gangmu-{made.id}.html"',
        "Content-Security-Policy": file.POLICY,
        "X-Gangmu-Drawn": f"{made.drawn}/{made.among}",
    }
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


@routes.get("/samples", can="sample.draw", answers=Draws)
def list_drawings(at: Edge, paging: Annotated[Paging, Depends()]) -> Draws:
    """抽查记录 / Drawings that were made, newest first."""
    found = service.list_drawings(at.unit, at.actor, paging.page)
    return Draws(items=[DrawnOut.model_validate(one) for one in found.items], next=found.next)
