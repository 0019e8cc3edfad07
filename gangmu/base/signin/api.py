"""Routes of providers, links, mappings and proposals. The way in and out itself is in ``doors``."""

from typing import Annotated

from fastapi import Depends, Query

from gangmu.base import city
from gangmu.base.access.errors import RolesExclude, WrongHolder
from gangmu.base.signin import doors, service
from gangmu.base.signin.errors import AlreadyLinked, MappingTooHigh, NoMatch, NotLinked, TryEnded
from gangmu.base.signin.model import GroupRule, Provider
from gangmu.base.signin.schema import (
    Door,
    Doors,
    KnownList,
    KnownOut,
    LinkedOut,
    LinkIn,
    MappingIn,
    MappingOut,
    Mappings,
    ProposalOut,
    Proposals,
    ProviderIn,
    ProviderOut,
    Providers,
    RefuseIn,
)
from gangmu.kit.errors import Conflict, Invalid, NotFound, Refused
from gangmu.kit.ids import Id, new
from gangmu.kit.web import PUBLIC, SIGNED_IN, Edge, Paging, Routes

routes = Routes("sign-in")


def _of(body: ProviderIn) -> Provider:
    told = body.model_dump(exclude={"secret"})
    return Provider(id=new("idp"), secret=None, **told)


def _out(one: Provider, at: Edge) -> ProviderOut:
    names = set(ProviderOut.model_fields) - {"has_secret", "comes_back_to"}
    told = {name: getattr(one, name) for name in names}
    return ProviderOut(**told, has_secret=one.secret is not None, comes_back_to=doors.back_url(at.request, one.id))


@routes.get("/sign-in", can=PUBLIC, answers=Doors)
def list_doors(at: Edge) -> Doors:
    """登录方式 / Who else may vouch for people, as the sign-in page shows it."""
    found = service.list_providers(at.unit, at.actor, active=True)
    return Doors(items=[Door(id=one.id, title=one.title) for one in found], city=city.kind())


@routes.post(
    "/session/link", can=SIGNED_IN, answers=LinkedOut, errors=[AlreadyLinked, NoMatch, NotFound, NotLinked, TryEnded]
)
def link_own(at: Edge) -> LinkedOut:
    """关联身份 / Link one's account to whom a provider vouched for in this browser just now."""
    known = doors.waiting_link(at.request)
    at.headers["Set-Cookie"] = doors.forget(doors.LINK)
    return LinkedOut(provider=service.link_own(at.unit, at.actor, at.session.account, known).title)


@routes.get("/providers", can="provider.manage", answers=Providers)
def list_providers(at: Edge) -> Providers:
    """身份提供方 / Who may vouch for people, without their secrets."""
    return Providers(items=[_out(one, at) for one in service.list_providers(at.unit, at.actor)])


@routes.post("/providers", can="provider.manage", answers=ProviderOut, status=201, errors=[Conflict, Invalid])
def add_provider(body: ProviderIn, at: Edge) -> ProviderOut:
    """新增提供方 / Let another system vouch for people."""
    return _out(service.add_provider(at.unit, at.actor, _of(body), body.secret or ""), at)


@routes.put(
    "/providers/{provider_id}",
    can="provider.manage",
    answers=ProviderOut,
    errors=[Conflict, Invalid, MappingTooHigh, NotFound],
)
def change_provider(provider_id: Id, body: ProviderIn, at: Edge) -> ProviderOut:
    """修改提供方 / Change a provider, or close its way in."""
    return _out(service.change_provider(at.unit, at.actor, provider_id, _of(body), body.secret), at)


@routes.get("/providers/{provider_id}/people", can="account.manage", answers=KnownList, errors=[NotFound])
def list_known(
    provider_id: Id, at: Edge, paging: Annotated[Paging, Depends()], waiting: Annotated[bool, Query()] = False
) -> KnownList:
    """已认证人员 / Whom a provider vouched for; ``waiting`` those whom no account is linked to."""
    found = service.list_known(at.unit, at.actor, provider_id, paging.page, waiting)
    return KnownList(items=[KnownOut.model_validate(one) for one in found.items], next=found.next)


@routes.post(
    "/vouched/{vouched_id}/link",
    can="account.manage",
    answers=KnownOut,
    errors=[AlreadyLinked, NotFound, Refused],
)
def link(vouched_id: Id, body: LinkIn, at: Edge) -> KnownOut:
    """关联账号 / Say whose account somebody is; not one's own."""
    return KnownOut.model_validate(service.link(at.unit, at.actor, vouched_id, body.account))


@routes.delete("/vouched/{vouched_id}/link", can="account.manage", status=204, errors=[NotFound])
def unlink(vouched_id: Id, at: Edge) -> None:
    """解除关联 / Take a link away and end what was signed in by it."""
    service.unlink(at.unit, at.actor, vouched_id)


@routes.get("/providers/{provider_id}/mappings", can="provider.manage", answers=Mappings, errors=[NotFound])
def list_mappings(provider_id: Id, at: Edge) -> Mappings:
    """角色映射 / Which groups there mean which posts here."""
    found = service.list_mappings(at.unit, at.actor, provider_id)
    return Mappings(items=[MappingOut.model_validate(one) for one in found])


@routes.post(
    "/providers/{provider_id}/mappings",
    can="provider.manage",
    answers=MappingOut,
    status=201,
    errors=[Conflict, Invalid, MappingTooHigh, NotFound],
)
def add_mapping(provider_id: Id, body: MappingIn, at: Edge) -> MappingOut:
    """新增映射 / Map a group to a post."""
    wanted = GroupRule(new("rmp"), provider_id, body.group, body.org, body.division, body.title, tuple(body.roles))
    return MappingOut.model_validate(service.add_mapping(at.unit, at.actor, provider_id, wanted))


@routes.delete("/providers/{provider_id}/mappings/{mapping_id}", can="provider.manage", status=204, errors=[NotFound])
def drop_mapping(provider_id: Id, mapping_id: Id, at: Edge) -> None:
    """删除映射 / Drop a mapping; posts that came of it are proposed to end at the next sign-in."""
    service.drop_mapping(at.unit, at.actor, provider_id, mapping_id)


@routes.get("/role-proposals", can="role.grant", answers=Proposals)
def list_proposals(at: Edge, paging: Annotated[Paging, Depends()]) -> Proposals:
    """待确认岗位 / Posts that a provider's groups ask for, waiting."""
    listed = service.list_waiting(at.unit, at.actor, paging.page)
    items = []
    for told in service.proposal_words(at.unit, at.actor, listed.items):
        one, known, wanted = told["one"], told["known"], told["mapping"]
        items.append(
            ProposalOut(
                id=one.id,
                provider=one.provider,
                do=one.do,
                name=known.name,
                username=told["username"],
                group=wanted.group if wanted else "",
                org=wanted.org if wanted else None,
                division=wanted.division if wanted else "",
                title=wanted.title if wanted else "",
                roles=list(wanted.roles) if wanted else [],
                why=one.why,
                made_at=one.made_at,
            )
        )
    return Proposals(items=items, next=listed.next)


@routes.post(
    "/role-proposals/{proposal_id}/confirm",
    can="role.grant",
    status=204,
    errors=[MappingTooHigh, NotFound, NotLinked, Refused, RolesExclude, WrongHolder],
)
def confirm(proposal_id: Id, at: Edge) -> None:
    """确认 / Open or end the post, under one's own name; never one's own post."""
    service.confirm(at.unit, at.actor, proposal_id)


@routes.post("/role-proposals/{proposal_id}/refuse", can="role.grant", status=204, errors=[NotFound])
def refuse(proposal_id: Id, body: RefuseIn, at: Edge) -> None:
    """驳回 / Say no to a proposed post."""
    service.refuse(at.unit, at.actor, proposal_id, body.why)
