"""Routes of flows."""

from typing import Annotated

from fastapi import Path

from gangmu.base.access import shipped
from gangmu.core.flow import draft_api, service
from gangmu.core.flow.errors import FlowInvalid, FlowNotPublishable, SecondPerson
from gangmu.core.flow.schema import (
    CheckOut,
    DefinitionIn,
    FlowOut,
    FlowRow,
    Flows,
    PermissionOut,
    Permissions,
    said,
)
from gangmu.core.flow.settings import FlowSettings
from gangmu.kit import settings
from gangmu.kit.errors import Conflict, Invalid, NotFound
from gangmu.kit.web import Edge, Routes

routes = Routes("flow")
Name = Annotated[str, Path(max_length=60, pattern=r"^[a-zA-Z][a-zA-Z0-9_]*$")]
Number = Annotated[int, Path(ge=1, le=1_000_000)]


@routes.get("/flows", can="flow.read", answers=Flows)
def list_flows(at: Edge) -> Flows:
    """流程版本 / All versions of all flows, newest first."""
    rows = service.list_flows(at.unit, at.actor)
    newest: dict[str, int] = {}
    for row in rows:
        if row.status == "published":
            newest[row.flow] = max(newest.get(row.flow, 0), row.number)
    return Flows(
        items=[
            FlowRow(
                id=row.flow,
                version=row.number,
                title=said(row.title, at.lang),
                origin=row.origin,
                status=row.status,
                current=newest.get(row.flow) == row.number,
                published_at=row.published_at,
                note=row.note,
                made_by_name=row.made_by_name,
                proposed_by_name=row.proposed_by_name,
                restores=row.restores,
            )
            for row in rows
        ]
    )


@routes.get("/flows/permissions", can="org.read", answers=Permissions)
def list_permissions(at: Edge) -> Permissions:
    """权限目录 / Every permission of the house with its words."""
    listed = shipped.permissions().items()
    return Permissions(items=[PermissionOut(id=name, title=said(title, at.lang)) for name, title in listed])


@routes.get("/flows/{flow}/{version}", can="flow.read", answers=FlowOut, errors=[NotFound])
def get_flow(flow: Name, version: Number, at: Edge) -> FlowOut:
    """流程详情 / One version with its states, verbs, guards and diagram."""
    row = service.get_version(at.unit, at.actor, flow, version)
    found = service.get_flow(at.unit, at.actor, flow, version)
    return FlowOut.of(found, row.definition, service.draw(found, at.lang), at.lang)


@routes.post("/flows/check", can="flow.read", answers=CheckOut, errors=[Invalid, NotFound])
def check_flow(body: DefinitionIn, at: Edge) -> CheckOut:
    """检查流程 / The model check of a definition, with its diagram. Nothing is kept. ``base`` marks in the diagram what
    differs from that version, ``chosen`` the state that one looks at."""
    try:
        definition = draft_api.definition_of(body.definition, body.toml)
    except FlowInvalid as error:
        return CheckOut(publishable=False, findings=[], problems=error.problems)
    flow = str(definition.get("id", ""))
    base = service.get_version(at.unit, at.actor, flow, body.base).definition if body.base else None
    return draft_api.checked(at, definition, base, body.chosen)


@routes.post(
    "/flows/publish",
    can="flow.manage",
    answers=FlowOut,
    errors=[Conflict, FlowInvalid, FlowNotPublishable, Invalid, SecondPerson],
    status=201,
)
def publish_flow(body: DefinitionIn, at: Edge) -> FlowOut:
    """发布流程 / Publish a definition as the next version, in a city that asks for no second person; elsewhere make a
    draft of it. Running events keep theirs."""
    if settings.get(FlowSettings).second_person:
        raise SecondPerson(draft="")
    definition = draft_api.definition_of(body.definition, body.toml)
    flow = service.publish_flow(at.unit, at.actor, definition, draft_api.roles_of(at), body.note)
    return FlowOut.of(flow, dict(definition), service.draw(flow, at.lang), at.lang)
