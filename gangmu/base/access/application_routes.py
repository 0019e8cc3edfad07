"""Routes of applications (接入应用): let in, changed, given a new token, shut out."""

from typing import Annotated

from fastapi import Depends

from gangmu.base.access import applications
from gangmu.base.access.errors import RolesExclude, WrongHolder
from gangmu.base.access.model import Application
from gangmu.base.access.schema import (
    ApplicationIn,
    ApplicationOut,
    Applications,
    NewApplication,
    OpenedApplication,
)
from gangmu.kit.errors import Conflict, Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("applications")


def _opened(made: Application, token: str) -> OpenedApplication:
    return OpenedApplication(**ApplicationOut.model_validate(made).model_dump(), token=token)


@routes.get("/applications", can="application.manage", answers=Applications)
def list_applications(at: Edge, paging: Annotated[Paging, Depends()]) -> Applications:
    """接入应用 / Other systems that may call, by name, with when they last did."""
    listed = applications.list_applications(at.unit, at.actor, paging.page)
    return Applications(items=[ApplicationOut.model_validate(one) for one in listed.items], next=listed.next)


@routes.post(
    "/applications",
    can="application.manage",
    answers=OpenedApplication,
    status=201,
    errors=[Conflict, Invalid, NotFound, RolesExclude, WrongHolder],
)
def open_application(body: NewApplication, at: Edge) -> OpenedApplication:
    """接入 / Let another system in. The token is shown this once; requests bear it as ``Authorization: Bearer``."""
    return _opened(
        *applications.open_application(
            at.unit, at.actor, body.name, tuple(body.roles), body.org, body.division, tuple(body.networks)
        )
    )


@routes.put(
    "/applications/{application_id}",
    can="application.manage",
    answers=ApplicationOut,
    errors=[Invalid, NotFound, RolesExclude, WrongHolder],
)
def change_application(application_id: Id, body: ApplicationIn, at: Edge) -> ApplicationOut:
    """调整 / What an application may, where it stands, from where it may call."""
    changed = applications.change_application(
        at.unit,
        at.actor,
        application_id,
        roles=tuple(body.roles),
        org=body.org,
        division=body.division,
        networks=tuple(body.networks),
    )
    return ApplicationOut.model_validate(changed)


@routes.post(
    "/applications/{application_id}/token", can="application.manage", answers=OpenedApplication, errors=[NotFound]
)
def renew_token(application_id: Id, at: Edge) -> OpenedApplication:
    """更换令牌 / A new token, shown this once; the old one ends."""
    return _opened(*applications.renew_token(at.unit, at.actor, application_id))


@routes.delete("/applications/{application_id}", can="application.manage", status=204, errors=[NotFound])
def end_application(application_id: Id, at: Edge) -> None:
    """停止接入 / Shut an application out at once."""
    applications.end_application(at.unit, at.actor, application_id)
