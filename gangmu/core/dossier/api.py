"""Routes of the dossier and of texts in clear."""

from fastapi import Response

from gangmu.core.dossier import paper, service
from gangmu.core.dossier.schema import ClearIn, ClearOut, DossierOut
from gangmu.kit.errors import NotFound, Refused
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Routes

routes = Routes("dossier")


@routes.get("/events/{event_id}/dossier", can="dossier.read", answers=DossierOut, errors=[NotFound])
def get_dossier(event_id: Id, at: Edge) -> DossierOut:
    """案卷 / Everything of an event in one piece; personal data masked. Reading it is journaled."""
    return service.get_dossier(at.unit, at.actor, event_id, at.lang)


@routes.get("/events/{event_id}/dossier.html", can="dossier.read", errors=[NotFound])
def print_dossier(event_id: Id, at: Edge) -> Response:
    """案卷打印 / The same as a page to print or file; its own styles, no script."""
    page = paper.page(service.get_dossier(at.unit, at.actor, event_id, at.lang), at.lang)
    return Response(page, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": paper.POLICY})


@routes.post("/events/{event_id}/clear", can="reporter.read", answers=ClearOut, errors=[NotFound, Refused])
def clear_texts(event_id: Id, body: ClearIn, at: Edge) -> ClearOut:
    """查看原文 / The texts as they were given, with names and numbers, for a purpose; journaled."""
    return service.clear_texts(at.unit, at.actor, event_id, body.purpose)
