"""Suggestions as the screens see them: names for ids, words for reasons."""

from collections.abc import Sequence

from gangmu.base import org, places, roster
from gangmu.core import matter
from gangmu.core.dispatch import store
from gangmu.core.dispatch.model import Duty, Reason, Suggestion
from gangmu.core.dispatch.schema import DutyOut, NamedUnit, SuggestionOut
from gangmu.core.matter import service as matter_service
from gangmu.kit.text import t
from gangmu.kit.web import Edge


def suggestions(at: Edge, found: Sequence[Suggestion]) -> list[SuggestionOut]:
    """Suggestions with their names and the words of their reasons."""
    names = org.org_names(at.unit, {each for one in found for each in (one.lead_org, *one.assistants)})
    areas = places.division_names(at.unit, {one.duty.division for one in found})
    titles = titles_of(at, [one.duty for one in found])
    return [
        SuggestionOut(
            lead_org=one.lead_org,
            name=names.get(one.lead_org, ""),
            assistants=[NamedUnit(id=each, name=names.get(each, "")) for each in one.assistants],
            confidence=one.confidence,
            reasons=[_said(at, why, areas, titles[one.duty.tree, one.duty.code]) for why in one.reasons],
            duty_row=one.duty.id,
            verified=one.duty.verified,
            algorithm=one.algorithm,
            on_duty=[there.name for there in roster.on_duty(at.unit, one.lead_org)],
        )
        for one in found
    ]


def _said(at: Edge, why: Reason, areas: dict[str, str], title: str) -> str:
    params = dict(why.params)
    if "division" in params:
        params["division"] = areas.get(str(params["division"]), str(params["division"]))
    return t(f"dispatch.reason.{why.key}", at.lang, **{"title": title, **params})


def titles_of(at: Edge, rows: Sequence[Duty]) -> dict[tuple[str, str], str]:
    """The titles of the classes that rows speak of, by tree and code."""
    found: dict[tuple[str, str], str] = {}
    trees = {tree.id: tree for tree in matter_service.list_trees(at.unit, at.actor)}
    for key in {(row.tree, row.code) for row in rows}:
        row = matter.find_class(at.unit, at.actor, *key) if key[1] else trees.get(key[0])
        found[key] = "" if row is None else row.title_en if at.lang == "en" else row.title_zh
    return found


def duties_of(at: Edge, rows: Sequence[Duty]) -> list[DutyOut]:
    """Rows of the duty list with their names."""
    names = org.org_names(at.unit, store.names(rows))
    areas = places.division_names(at.unit, {row.division for row in rows})
    titles = titles_of(at, rows)
    kept = [name for name in DutyOut.model_fields if name in Duty.__dataclass_fields__ and name != "assistants"]
    return [
        DutyOut(
            **{name: getattr(row, name) for name in kept},
            matter_title=titles[row.tree, row.code],
            division_name=areas.get(row.division, ""),
            lead_name=names.get(row.lead_org, ""),
            assistants=[NamedUnit(id=each, name=names.get(each, "")) for each in row.assistants],
        )
        for row in rows
    ]
