"""Answers that the HTTP face and the command line share."""

from typing import Any

from gangmu.base.access import model, scoping, service, shipped
from gangmu.base.access.schema import WhyOut, WhyRow
from gangmu.kit.ids import Id
from gangmu.kit.text import words
from gangmu.kit.unit import Unit
from gangmu.kit.web import wording


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


@wording("access.refused", "access.weak_password", "access.roles_exclude", "access.wrong_holder")
def in_words(params: dict[str, Any], lang: str) -> dict[str, Any]:
    """What was refused, broken or excluded by its title, not by its id."""
    said, short = words(lang), "en" if lang == "en" else "zh"
    roles = {role.id: role.title_en if short == "en" else role.title_zh for role in shipped.roles()}
    named = dict(params)
    if "action" in params:
        title = shipped.permissions().get(str(params["action"]), {}).get(short)
        named["action"] = title or said.get(f"access.action.{params['action']}", params["action"])
    if "rule" in params:
        named["rule"] = said.get(f"access.rule.{params['rule']}", params["rule"])
    for name in ("roles", "role"):
        if name in params:
            listed = [one.strip() for one in str(params[name]).split(",")]
            named[name] = said["access.joint"].join(roles.get(one, one) for one in listed)
    return named
