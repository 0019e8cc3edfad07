"""Routes of flows."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Path

from gangmu.base import access
from gangmu.base.access import shipped
from gangmu.core.flow import service
from gangmu.core.flow.errors import FlowInvalid, FlowNotPublishable
from gangmu.core.flow.schema import (
    CheckOut,
    DefinitionIn,
    FindingOut,
    FlowOut,
    FlowRow,
    Flows,
    PermissionOut,
    Permissions,
    said,
)
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


@routes.post("/flows/check", can="flow.read", answers=CheckOut, errors=[Invalid])
def check_flow(body: DefinitionIn, at: Edge) -> CheckOut:
    """检查流程 / The model check of a definition, with its diagram. Nothing is kept."""
    try:
        flow, findings = service.check_definition(_definition(body), _roles(at))
    except FlowInvalid as error:
        return CheckOut(publishable=False, findings=[], problems=error.problems)
    return CheckOut(
        publishable=all(f.severity != "error" for f in findings),
        findings=[FindingOut.of(f, at.lang) for f in findings],
        diagram="" if any(f.code == "unknown_state" for f in findings) else service.draw(flow, at.lang),
    )


@routes.post(
    "/flows/publish",
    can="flow.manage",
    answers=FlowOut,
    errors=[Conflict, FlowInvalid, FlowNotPublishable, Invalid],
    status=201,
)
def publish_flow(body: DefinitionIn, at: Edge) -> FlowOut:
    """发布流程 / Publish a definition as the next version. Running events keep theirs."""
    definition = _definition(body)
    flow = service.publish_flow(at.unit, at.actor, definition, _roles(at), body.note)
    return FlowOut.of(flow, dict(definition), service.draw(flow, at.lang), at.lang)


def _definition(body: DefinitionIn) -> Mapping[str, object]:
    if (body.definition is None) == (body.toml is None):
        raise Invalid(field="definition", reason="give either definition or toml")
    return body.definition if body.definition is not None else service.read_toml(body.toml or "")


def _roles(at: Edge) -> frozenset[str]:
    return frozenset(role.id for role in access.list_roles(at.unit))
