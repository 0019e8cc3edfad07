"""Events as the screens see them: names for ids, words for states, in the asker's language."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from gangmu.base import org, places
from gangmu.base.access import Located, actor_of_post, sees
from gangmu.base.org import service as org_service
from gangmu.core import flow, matter, report
from gangmu.core.deadline import views as clock_views
from gangmu.core.event import service
from gangmu.core.event.model import Act, Event, Evidence
from gangmu.core.event.schema import (
    ActOut,
    EventOut,
    EventRow,
    EvidenceOut,
    NamedOrg,
    NamedPost,
    OutcomeOut,
    RefusalOut,
    ReportOut,
    VerbOut,
    ViewOut,
    WhoMay,
    WhoOut,
)
from gangmu.core.flow import service as flow_service
from gangmu.core.flow.model import Offer
from gangmu.core.report import Report
from gangmu.kit import files
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.privacy import mask_deep
from gangmu.kit.text import mask_personal, t
from gangmu.kit.unit import Unit

OWN_VERBS = ("report", "join", "merge", "take_in", "give_out", "part", "import")
_ROW = tuple(name for name in EventRow.model_fields if not name.endswith(("_title", "_name")))


def _words(words: Mapping[str, str], lang: str) -> str:
    return words.get("en" if lang == "en" else "zh") or next(iter(words.values()), "")


def stage_titles(way: flow.Flow, lang: str) -> dict[str, str]:
    """The words of a flow's stages, for its clocks."""
    return {stage.id: _words(stage.title, lang) for stage in way.stages}


def rows(unit: Unit, actor: Actor, events: Sequence[Event], lang: str) -> list[EventRow]:
    """List rows, with all names fetched in four look-ups."""
    names = {
        "divisions": places.division_names(unit, {one.division for one in events}),
        "orgs": org.org_names(unit, {one.lead_org for one in events if one.lead_org}),
        "matters": {
            row.id: row.title_en if lang == "en" else row.title_zh
            for row in matter.get_classes(unit, actor, {one.matter for one in events if one.matter}).values()
        },
    }
    ways = {key: flow_service.get_flow(unit, actor, *key) for key in {(one.flow, one.flow_version) for one in events}}
    return [_row(one, ways[one.flow, one.flow_version], names, lang) for one in events]


def _row(one: Event, way: flow.Flow, names: Mapping[str, Mapping[Any, str]], lang: str) -> EventRow:
    state = way.find_state(one.state)
    values = {name: getattr(one, name) for name in _ROW}
    values["title"], values["address"] = mask_personal(one.title), mask_personal(one.address)
    return EventRow(
        **values,
        state_title=t("event.merged", lang)
        if one.status == "merged"
        else _words(state.title, lang)
        if state
        else one.state,
        matter_title=names["matters"].get(one.matter, ""),
        division_name=names["divisions"].get(one.division, ""),
        lead_org_name=names["orgs"].get(one.lead_org, ""),
    )


def whole(unit: Unit, actor: Actor, event: Event, lang: str) -> EventOut:
    """An event with its clocks, holders and the verbs that this actor may do."""
    row = rows(unit, actor, [event], lang)[0]
    way, offers = service.offers_of(unit, actor, event)
    orgs = org.org_names(unit, event.orgs)
    posts = org.post_names(unit, [post for post in (event.holder_post, event.handler_post) if post])
    condition = matter.get_condition(unit, actor, event.condition) if event.condition else None
    return EventOut(
        **row.model_dump(),
        text=mask_personal(event.text),
        duty_grid=event.duty_grid,
        unit_grid=event.unit_grid,
        condition=event.condition,
        condition_text=(condition.text_en if lang == "en" else condition.text_zh) if condition else "",
        closing_condition=event.closing_condition,
        orgs=[NamedOrg(id=one, name=orgs.get(one, "")) for one in event.orgs],
        holder_of=event.holder_of,
        holder_post=_post(posts, event.holder_post),
        handler_post=_post(posts, event.handler_post),
        open_tasks=list(event.open_tasks),
        outcome=event.outcome,
        satisfaction=event.satisfaction,
        exemptions=list(event.exemptions),
        flow_version=event.flow_version,
        flow_title=_words(way.title, lang),
        clocks=clock_views.views(unit, event.id, lang, stage_titles(way, lang)),
        verbs=[_verb(offer, lang) for offer in offers],
        as_of=unit.now,
    )


def _post(posts: Mapping[Id, org.PostOf], post: Id | None) -> NamedPost | None:
    found = posts.get(post) if post else None
    return NamedPost.model_validate(found, from_attributes=True, extra="ignore") if found else None


def _verb(offer: Offer, lang: str) -> VerbOut:
    refused = offer.refused_because
    return VerbOut(
        id=offer.verb.id,
        title=_words(offer.verb.title, lang),
        kind=offer.verb.kind.value,
        requires=list(offer.requires),
        takes=list(offer.verb.takes),
        outcomes=[
            OutcomeOut(
                id=item.id, title=_words(item.title, lang), answer=_words(item.answer, lang) if item.answer else ""
            )
            for item in offer.verb.outcomes
        ],
        choices=list(offer.verb.choices),
        refused_because=None
        if refused is None
        else RefusalOut(key=refused.reason, text=t(refused.reason, lang, **refused.params)),
    )


def reported(unit: Unit, actor: Actor, item: Report) -> ReportOut:
    """A report with its reporter masked."""
    who = report.view_of(unit, actor, item)
    values = {field.name: getattr(item, field.name) for field in fields(item)}
    shown = {name: values[name] for name in ReportOut.model_fields if name in values and name != "reporter"}
    shown |= {name: mask_personal(shown[name]) for name in ("title", "text", "address")}
    return ReportOut(**shown, reporter=WhoOut.model_validate(who))


def timeline(unit: Unit, actor: Actor, event: Event, acts: Sequence[Act], lang: str) -> list[ActOut]:
    """The history with words for verbs and states."""
    way = flow_service.get_flow(unit, actor, event.flow, event.flow_version)
    orgs = org.org_names(unit, [act.org for act in acts if act.org])
    lines = []
    for act in acts:
        verb, state = way.find_verb(act.verb), way.find_state(act.to_state)
        lines.append(
            ActOut(
                id=act.id,
                seq=act.seq,
                verb=act.verb,
                verb_title=_words(verb.title, lang) if verb else t(f"event.verb.{act.verb}", lang),
                kind=act.kind,
                from_state=act.from_state,
                to_state=act.to_state,
                to_state_title=_words(state.title, lang) if state else act.to_state,
                actor_name=act.actor_name,
                org_name=orgs.get(act.org, "") if act.org else "",
                role=act.role,
                reason=mask_personal(act.reason),
                args=mask_deep(dict(act.args)),
                done_at=act.done_at,
                recorded_at=act.recorded_at,
            )
        )
    return lines


def proofs(unit: Unit, items: Sequence[Evidence]) -> list[EvidenceOut]:
    found = files.get_many(unit, [item.file for item in items])
    names = [name for name in EvidenceOut.model_fields if name not in ("mime", "source")]
    return [
        EvidenceOut(
            **{name: getattr(item, name) for name in names},
            mime=found[item.file].mime,
            source=" ".join(str(found[item.file].facts.get(key, "")) for key in ("source", "source_number")).strip(),
        )
        for item in items
        if item.file in found
    ]


def who_may(unit: Unit, actor: Actor, event: Event, lang: str) -> list[WhoMay]:
    """For each verb of the present state, the people whose post may do it here."""

    way = flow_service.get_flow(unit, actor, event.flow, event.flow_version)
    where = Located(event.division, event.orgs, event.people)
    holders: dict[str, list[org.PostOf]] = {}
    actors: dict[Id, Actor] = {}
    listed = []
    for verb in way.verbs:
        if event.state not in verb.sources:
            continue
        people: dict[Id, org.PostOf] = {}
        for role in verb.roles:
            if role not in holders:
                holders[role] = org_service.list_holders(unit, actor, role)[:200]
            for post in holders[role]:
                if post.id not in actors:
                    actors[post.id] = actor_of_post(unit, post.id)
                if sees(actors[post.id], verb.can, where):
                    people[post.id] = post
        shown = [
            NamedPost.model_validate(post, from_attributes=True, extra="ignore") for post in list(people.values())[:20]
        ]
        listed.append(WhoMay(verb=verb.id, title=_words(verb.title, lang), permission=verb.can, people=shown))
    return listed


# --- the inbox -------------------------------------------------------------------------------------------

_STANDARD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("todo", {"view": "todo"}),
    ("late", {"late": "late"}),
    ("near", {"late": "near"}),
    ("supervised", {"supervised": True}),
    ("suspended", {"state": "suspended"}),
    ("open", {}),
    ("done", {"mine": True}),
)


def inbox(unit: Unit, actor: Actor, lang: str) -> list[ViewOut]:
    """The standard views with counts from the maintained counters, one a state that the actor's roles hold, and the
    actor's own."""
    counted = service.counts(unit, actor)
    ways = {name: flow_service.current_flow(unit, actor, name) for name in sorted({row["flow"] for row in counted})}

    def holder(row: Mapping[str, Any]) -> str:
        state = ways[row["flow"]].find_state(row["state"])
        return state.holder if state else ""

    def total(test: Any) -> int:
        return int(sum(row["n"] for row in counted if test(row)))

    tests: dict[str, Any] = {
        "todo": lambda row: holder(row) in actor.roles,
        "late": lambda row: row["lateness"] == "late",
        "near": lambda row: row["lateness"] == "near",
        "supervised": lambda row: row["supervised"],
        "suspended": lambda row: row["state"] == "suspended",
        "open": lambda row: True,
    }
    views = [
        ViewOut(
            id=name,
            name=t(f"event.view.{name}", lang),
            own=False,
            filter=wanted,
            count=total(tests[name]) if name in tests else None,
        )
        for name, wanted in _STANDARD
    ]
    told = [_words(state.title, lang) for way in ways.values() for state in way.states if state.holder in actor.roles]
    for name, way in ways.items():
        for state in way.states:
            title = _words(state.title, lang)
            held = [row for row in counted if row["flow"] == name and row["state"] == state.id]
            if state.holder in actor.roles and held:
                views.append(
                    ViewOut(
                        id=f"{name}.{state.id}",
                        name=f"{title} · {_words(way.title, lang)}" if told.count(title) > 1 else title,
                        own=False,
                        filter={"flow": name, "state": state.id},
                        count=int(sum(row["n"] for row in held)),
                    )
                )
    kept = service.list_views(unit, actor)
    views += [ViewOut(id=own.id, name=own.name, own=True, filter=own.filter, count=None) for own in kept]
    return views
