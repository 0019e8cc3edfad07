"""Routes of drafts of flows: write, propose, confirm, compare, take back. Loaded with those of the stage."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from starlette.responses import Response

from gangmu.base import access
from gangmu.base.access import shipped
from gangmu.core.flow import drafts, service, store, writing
from gangmu.core.flow.check import CHANNELS
from gangmu.core.flow.difference import compare
from gangmu.core.flow.draft_schema import (
    DifferenceOut,
    Differences,
    FlowDraftIn,
    FlowDraftNew,
    FlowDraftOut,
    FlowDraftRow,
    FlowDrafts,
    FlowDraftSaid,
    ParamOut,
    PredicateOut,
    RestoreIn,
    Vocabulary,
    WordOut,
    names_of,
)
from gangmu.core.flow.draft_store import Draft
from gangmu.core.flow.errors import (
    BaseMovedOn,
    DraftSettled,
    FlowInvalid,
    FlowNotPublishable,
    NotProposed,
    SecondPerson,
)
from gangmu.core.flow.schema import CheckOut, FindingOut, FlowOut, ProblemOut, said
from gangmu.core.flow.settings import FlowSettings
from gangmu.core.flow.stepping import PREDICATES
from gangmu.core.flow.tables import EFFECTS, REQUIREMENTS, SATISFACTION
from gangmu.kit import settings
from gangmu.kit.errors import Conflict, Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.text import t
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("flow")
Name = Annotated[str, Path(max_length=60, pattern=r"^[a-zA-Z][a-zA-Z0-9_]*$")]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
WRITING = [DraftSettled, Invalid, NotFound, StaleWrite]


@routes.get("/flows/words", can="flow.read", answers=Vocabulary)
def vocabulary(at: Edge) -> Vocabulary:
    """流程词汇 / What a definition may name: guards with parameters, effects, requirements, permissions, roles."""
    lang = at.lang
    return Vocabulary(
        predicates=[
            PredicateOut(
                name=one.name,
                title=_title(f"flow.guard.{one.name}", t(one.reason, lang), lang),
                refusal=t(one.reason, lang),
                params=[
                    ParamOut(
                        name=name,
                        title=_title(f"flow.param.{name}", name, lang),
                        meaning=meaning.rstrip("?"),
                        needed=not meaning.endswith("?"),
                    )
                    for name, meaning in one.params.items()
                ],
            )
            for one in PREDICATES.values()
        ],
        effects=[WordOut(id=name, title=_title(f"flow.effect.{name}", said, lang)) for name, said in EFFECTS.items()],
        requirements=[WordOut(id=name, title=t(f"flow.need.{name}", lang)) for name in REQUIREMENTS],
        permissions=[WordOut(id=name, title=said(title, lang)) for name, title in shipped.permissions().items()],
        roles=[
            WordOut(id=role.id, title=role.title_zh if lang.startswith("zh") else role.title_en)
            for role in access.list_roles(at.unit)
        ],
        channels=list(CHANNELS),
        satisfaction=list(SATISFACTION),
    )


def _title(key: str, other: str, lang: str) -> str:
    """The words of a guard or parameter; one that a later stage registered without any has those of its refusal."""
    found = t(key, lang)
    return other if found == key else found


@routes.get("/flows/drafts", can="flow.read", answers=FlowDrafts, errors=[Invalid])
def list_drafts(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    flow: Annotated[str, Query(max_length=60)] = "",
    waiting: bool = True,
) -> FlowDrafts:
    """流程草稿 / Drafts of flows, the one changed last first; ``waiting=false`` shows the settled ones too."""
    found = drafts.list_drafts(at.unit, at.actor, paging.page, flow, waiting)
    return FlowDrafts(items=[FlowDraftRow.of(one, at.actor.person) for one in found.items], next=found.next)


@routes.post(
    "/flows/drafts", can="flow.manage", answers=FlowDraftOut, status=201, errors=[FlowInvalid, Invalid, NotFound]
)
def open_draft(body: FlowDraftNew, at: Edge) -> FlowDraftOut:
    """新建流程草稿 / Begin a draft from a version, or from a definition that comes from elsewhere."""
    given = None
    if body.definition is not None or body.toml is not None:
        given = {**definition_of(body.definition, body.toml), "id": body.flow}
    return _whole(at, drafts.open_draft(at.unit, at.actor, body.flow, body.base, given, body.title))


@routes.get("/flows/drafts/{draft_id}", can="flow.read", answers=FlowDraftOut, errors=[NotFound])
def get_draft(draft_id: Id, at: Edge) -> FlowDraftOut:
    """流程草稿详情 / A draft with its check and its differences."""
    return _whole(at, drafts.get_draft(at.unit, at.actor, draft_id))


@routes.put("/flows/drafts/{draft_id}", can="flow.manage", answers=FlowDraftOut, errors=WRITING)
def save_draft(draft_id: Id, body: FlowDraftIn, at: Edge) -> FlowDraftOut:
    """保存流程草稿 / Keep what was written; a proposal falls by it."""
    saved = drafts.save_draft(
        at.unit,
        at.actor,
        draft_id,
        body.version,
        definition=body.definition,
        title=body.title,
        note=body.note,
        base=body.base,
    )
    return _whole(at, saved)


@routes.post(
    "/flows/drafts/{draft_id}/propose",
    can="flow.manage",
    answers=FlowDraftOut,
    errors=[*WRITING, FlowInvalid, FlowNotPublishable],
)
def propose_draft(draft_id: Id, body: FlowDraftSaid, at: Edge) -> FlowDraftOut:
    """提请发布 / Propose a draft with its reason; it must have passed the check."""
    return _whole(at, drafts.propose(at.unit, at.actor, draft_id, body.version, body.reason))


@routes.post(
    "/flows/drafts/{draft_id}/send-back", can="flow.confirm", answers=FlowDraftOut, errors=[*WRITING, NotProposed]
)
def send_back_draft(draft_id: Id, body: FlowDraftSaid, at: Edge) -> FlowDraftOut:
    """退回草稿 / The second person does not agree, and says why."""
    return _whole(at, drafts.send_back(at.unit, at.actor, draft_id, body.version, body.reason))


@routes.post(
    "/flows/drafts/{draft_id}/publish",
    can="flow.confirm",
    answers=FlowOut,
    status=201,
    errors=[*WRITING, BaseMovedOn, Conflict, FlowInvalid, FlowNotPublishable, NotProposed, Refused, SecondPerson],
)
def publish_draft(draft_id: Id, body: FlowDraftSaid, at: Edge) -> FlowOut:
    """确认发布 / Publish a proposed draft as the next version. Running events keep theirs."""
    done, flow = drafts.publish(at.unit, at.actor, draft_id, body.version, body.reason)
    return FlowOut.of(flow, dict(done.definition), service.draw(flow, at.lang), at.lang)


@routes.post("/flows/drafts/{draft_id}/drop", can="flow.manage", answers=FlowDraftOut, errors=WRITING)
def drop_draft(draft_id: Id, body: FlowDraftSaid, at: Edge) -> FlowDraftOut:
    """放弃草稿 / Lay a draft aside; it stays readable."""
    return _whole(at, drafts.drop_draft(at.unit, at.actor, draft_id, body.version))


@routes.get("/flows/{flow}/compare", can="flow.read", answers=Differences, errors=[NotFound])
def compare_versions(
    flow: Name,
    at: Edge,
    old: Annotated[int, Query(ge=1, le=1_000_000)],
    new: Annotated[int, Query(ge=1, le=1_000_000)],
) -> Differences:
    """比较版本 / What a version has otherwise than another, in words."""
    before = service.get_version(at.unit, at.actor, flow, old).definition
    after = service.get_version(at.unit, at.actor, flow, new).definition
    return Differences(items=_differences(at, before, after))


@routes.get("/flows/{flow}/{version}/definition.toml", can="flow.read", errors=[NotFound])
def export_flow(flow: Name, version: Number, at: Edge) -> Response:
    """导出流程 / A version as a TOML file that can be taken in again."""
    text = writing.write(service.get_version(at.unit, at.actor, flow, version).definition)
    headers = {"Content-Disposition": f'attachment; filename="{flow}-{version}.toml"'}
    return Response(text.encode(), media_type="application/toml", headers=headers)


@routes.post(
    "/flows/{flow}/{version}/restore",
    can="flow.confirm",
    answers=FlowOut,
    status=201,
    errors=[Conflict, FlowNotPublishable, Invalid, NotFound, Refused],
)
def restore_version(flow: Name, version: Number, body: RestoreIn, at: Edge) -> FlowOut:
    """回退流程 / Publish a former version's definition as the next one. Events begun meanwhile keep theirs until they
    are moved."""
    made = drafts.roll_back(at.unit, at.actor, flow, version, body.reason)
    row = service.get_version(at.unit, at.actor, flow, made.version)
    return FlowOut.of(made, row.definition, service.draw(made, at.lang), at.lang)


# --- what both files of routes answer ----------------------------------------------------------------------


def _whole(at: Edge, draft: Draft) -> FlowDraftOut:
    base: Mapping[str, Any] = {}
    if draft.base is not None:
        base = service.get_version(at.unit, at.actor, draft.flow, draft.base).definition
    return FlowDraftOut(
        **FlowDraftRow.of(draft, at.actor.person).model_dump(),
        definition=dict(draft.definition),
        check=checked(at, draft.definition, base or None),
        differences=_differences(at, base, draft.definition),
        current=store.find_current_number(at.unit, draft.flow, seen_by=at.actor),
        second_person=settings.get(FlowSettings).second_person,
    )


def _differences(at: Edge, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[DifferenceOut]:
    names = names_of(at.lang, before, after)
    return [DifferenceOut.of(one, names, at.lang) for one in compare(before, after)]


def checked(
    at: Edge, definition: Mapping[str, object], base: Mapping[str, object] | None = None, chosen: str = ""
) -> CheckOut:
    """What the model check says of a definition, its picture marked against another."""
    try:
        flow, findings = service.check_definition(definition, roles_of(at))
    except FlowInvalid as error:
        places = [ProblemOut(at=one.place, code=one.code, text=one.said(at.lang)) for one in error.found]
        return CheckOut(publishable=False, findings=[], problems=error.problems, places=places)
    return CheckOut(
        publishable=all(f.severity != "error" for f in findings),
        findings=[FindingOut.of(f, at.lang) for f in findings],
        diagram=""
        if any(f.code == "unknown_state" for f in findings)
        else service.draw(flow, at.lang, service.marks_of(definition, base, findings, chosen)),
    )


def definition_of(definition: dict[str, Any] | None, toml: str | None) -> Mapping[str, object]:
    """What was given, as data or as TOML text."""
    if (definition is None) == (toml is None):
        raise Invalid(field="definition", reason="give either definition or toml")
    return definition if definition is not None else service.read_toml(toml or "")


def roles_of(at: Edge) -> frozenset[str]:
    """The roles that the house knows."""
    return frozenset(role.id for role in access.list_roles(at.unit))
