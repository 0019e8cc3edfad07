"""Answers that the HTTP face and the command line share."""

from gangmu.base.access import model, scoping, service
from gangmu.base.access.schema import WhyOut, WhyRow
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def why(unit: Unit, post_id: Id, action: str, thing: Id | None) -> WhyOut:
    """The answer of ``GET /why`` and ``gangmu why``."""
    actor = service.actor_of_post(unit, post_id)
    where = scoping.locate(unit, thing) if thing else None
    rows = model.explain(actor, action, where)
    return WhyOut(
        who=actor.name,
        post=str(post_id),
        action=action,
        thing=str(thing or ""),
        may=any(reach for _, reach in rows),
        grants=[WhyRow(grant=said, reaches=reach) for said, reach in rows],
    )
