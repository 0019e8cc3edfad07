"""Use cases of signing in elsewhere: providers, who they vouched for, and the posts that follow from their groups."""

from dataclasses import dataclass, replace
from typing import Any

from gangmu.base import access, org
from gangmu.base.access import service as access_service
from gangmu.base.access.errors import NoPost, RolesExclude, SignInFailed, WrongHolder
from gangmu.base.access.model import Account, Session
from gangmu.base.org import service as org_service
from gangmu.base.org.model import checked_division
from gangmu.base.signin import model, store
from gangmu.base.signin.errors import AlreadyLinked, MappingTooHigh, NoMatch, NotLinked
from gangmu.base.signin.model import GroupRule, Known, LinkRule, Proposal, Provider, Vouched
from gangmu.base.signin.settings import SigninSettings
from gangmu.kit import clock, ids, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Conflict, Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody whom a provider vouched for: signed in, or known and still to be linked to an account."""

    known: Known
    session: Session | None
    token: str


# --- providers -------------------------------------------------------------------------------------------


def add_provider(unit: Unit, actor: Actor, wanted: Provider, secret: str) -> Provider:
    """Let another system vouch for people here."""
    new = replace(wanted, id=ids.new("idp"))
    new = _checked(unit, replace(new, secret=unit.seal(new.id, secret)))
    store.add_provider(unit, new)
    return new


def change_provider(unit: Unit, actor: Actor, provider_id: Id, wanted: Provider, secret: str | None) -> Provider:
    """Change how a provider is reached and what it may; ``secret`` None leaves it."""
    was = store.get_provider(unit, provider_id, seen_by=actor)
    if wanted.kind is not was.kind:
        raise Invalid(field="kind", reason="another kind is another provider")
    sealed = was.secret if secret is None else unit.seal(was.id, secret)
    changed = _checked(unit, replace(wanted, id=was.id, secret=sealed, version=was.version))
    if changed.automatic and not was.automatic:
        for one in store.list_mappings(unit, was.id, seen_by=actor):
            model.check_mapping(True, _kinds(unit, one.roles))
    store.save_provider(unit, changed, was)
    return store.get_provider(unit, provider_id, seen_by=actor)


def _checked(unit: Unit, one: Provider) -> Provider:
    title = " ".join(one.title.split())
    if not 1 <= len(title) <= 40:
        raise Invalid(field="title", reason="a title has 1 to 40 characters")
    if one.kind is model.Kind.oidc and not one.client_id.strip():
        raise Invalid(field="client_id", reason="the provider knows this house by a client id")
    address = model.checked_address(one.address, plain=settings.get(SigninSettings).plain)
    scopes = " ".join(dict.fromkeys(one.scopes.split()))
    if one.kind is model.Kind.oidc and "openid" not in scopes.split():
        scopes = f"openid {scopes}".strip()
    return replace(one, title=title, address=address, scopes=scopes)


def list_providers(unit: Unit, actor: Actor, active: bool = False) -> list[Provider]:
    return store.list_providers(unit, seen_by=actor, active=active)


def get_provider(unit: Unit, actor: Actor, provider_id: Id) -> Provider:
    return store.get_provider(unit, provider_id, seen_by=actor)


def open_provider(unit: Unit, provider_id: Id) -> tuple[Provider, str]:
    """A provider in use with its secret, to speak with it after the unit."""
    found = store.get_provider(unit, provider_id, seen_by=unit.actor)
    if not found.active:
        raise NotFound(what=str(provider_id))
    return found, unit.unseal(found.id, found.secret) or ""


# --- who arrives -----------------------------------------------------------------------------------------


def arrive(unit: Unit, provider_id: Id, vouched: Vouched, ticket: str, browser: str) -> Arrival:
    """Somebody comes back from a provider, vouched for. Who is linked is signed in; who is not is remembered, so that
    he or an administrator can link him."""
    provider = open_provider(unit, provider_id)[0]
    known = _remember(unit, provider, vouched)
    if known.account is None:
        known = _link_alone(unit, provider, known)
    if known.account is None:
        return Arrival(known, None, "")
    account = access_service.get_account(unit, unit.actor, known.account)
    if not account.active:
        raise SignInFailed()
    propose(unit, provider, known, account)
    posts = org_service.list_posts(unit, unit.actor, account.person)
    if not posts:
        raise NoPost()
    session, token = access_service.open_session(unit, account, posts[0].id, browser, provider.id, ticket)
    return Arrival(known, session, token)


def _remember(unit: Unit, provider: Provider, vouched: Vouched) -> Known:
    now = clock.real_now()
    told = {"match": vouched.match, "name": vouched.name, "groups": vouched.groups, "last_at": now}
    was = store.find_known(unit, provider.id, vouched.subject, seen_by=unit.actor)
    if was is None:
        blank = Known(ids.new("vch"), provider.id, vouched.subject, "", "", (), None, None, "", now, now)
        new = replace(blank, **told)
        store.add_known(unit, new)
        return new
    store.save_known(unit, replace(was, **told), was)
    return store.get_known(unit, was.id, seen_by=unit.actor)


def _link_alone(unit: Unit, provider: Provider, known: Known) -> Known:
    if provider.link is not LinkRule.match or not known.match:
        return known
    by_name = provider.match_by is model.MatchBy.username
    found = access_service.find_account(unit, unit.actor, *((known.match, "") if by_name else ("", known.match)))
    if found is None or not model.matches(provider, known.match, found.username, found.number):
        return known
    held = org_service.roles_of_person(unit, found.person)
    if not model.may_link_alone(provider, _kinds(unit, held)):
        return known
    return _link(unit, known, found, "match")


def link_own(unit: Unit, actor: Actor, account_id: Id, known_id: Id) -> Provider:
    """Somebody who is signed in here says that the provider vouched for him just now, in this browser."""
    known = store.get_known(unit, known_id, seen_by=actor)
    provider = open_provider(unit, known.provider)[0]
    account = access_service.get_account(unit, actor, account_id)
    if provider.link is LinkRule.admin:
        raise NotLinked()
    if not model.matches(provider, known.match, account.username, account.number):
        raise NoMatch()
    _link(unit, known, account, "asked")
    return provider


def link(unit: Unit, actor: Actor, known_id: Id, account_id: Id) -> Known:
    """An administrator says whose account somebody is; never his own."""
    known = store.get_known(unit, known_id, seen_by=actor)
    account = access_service.get_account(unit, actor, account_id)
    if account.person == actor.person:
        raise Refused(action="account.manage")
    return _link(unit, known, account, actor.name)


def _link(unit: Unit, known: Known, account: Account, by: str) -> Known:
    if known.account is not None:
        raise AlreadyLinked()
    linked = replace(known, account=account.id, linked_at=clock.real_now(), linked_by=by)
    try:
        store.save_known(unit, linked, known)
    except (Conflict, StaleWrite) as error:
        raise AlreadyLinked() from error
    return replace(linked, version=known.version + 1)


def unlink(unit: Unit, actor: Actor, known_id: Id) -> None:
    """Take the link away; what the provider signed in for it ends."""
    was = store.get_known(unit, known_id, seen_by=actor)
    if was.account is None:
        raise NotFound(what=str(known_id))
    store.save_known(unit, replace(was, account=None, linked_at=None, linked_by=""), was)
    access_service.end_provider_sessions(unit, was.provider, was.account)


def list_known(unit: Unit, actor: Actor, provider_id: Id, wanted: Page, waiting: bool = False) -> Paged[Known]:
    return store.list_known(unit, provider_id, wanted, seen_by=actor, waiting=waiting)


def end_sessions(unit: Unit, provider_id: Id, ticket: str, subject: str) -> int:
    """The provider says that a session of its own has ended: ours end with it."""
    if ticket:
        return access_service.end_ticket_sessions(unit, provider_id, ticket)
    known = store.find_known(unit, provider_id, subject, seen_by=unit.actor)
    if known is None or known.account is None:
        return 0
    return access_service.end_provider_sessions(unit, provider_id, known.account)


# --- posts after groups ----------------------------------------------------------------------------------


def add_mapping(unit: Unit, actor: Actor, provider_id: Id, wanted: GroupRule) -> GroupRule:
    """Who is in a group there should hold such a post here."""
    provider = store.get_provider(unit, provider_id, seen_by=actor)
    known = {role.id for role in access.list_roles(unit)}
    for role in wanted.roles:
        if role not in known:
            raise NotFound(what=f"role {role}")
    model.check_mapping(provider.automatic, _kinds(unit, wanted.roles))
    place = org_service.get_orgs(unit, actor, [wanted.org]).get(wanted.org)
    if place is None:
        raise NotFound(what=str(wanted.org))
    division = checked_division(wanted.division) if wanted.division else place.division
    group, title = wanted.group.strip(), " ".join(wanted.title.split())
    if not group or not title:
        raise Invalid(field="title" if group else "group", reason="not empty")
    new = replace(wanted, id=ids.new("rmp"), provider=provider_id, group=group, title=title, division=division)
    store.add_mapping(unit, new)
    return new


def drop_mapping(unit: Unit, actor: Actor, provider_id: Id, mapping_id: Id) -> None:
    was = store.find_mapping(unit, mapping_id, seen_by=actor)
    if was is None or was.provider != provider_id:
        raise NotFound(what=str(mapping_id))
    store.drop_mapping(unit, was)


def list_mappings(unit: Unit, actor: Actor, provider_id: Id) -> list[GroupRule]:
    return store.list_mappings(unit, provider_id, seen_by=actor)


def propose(unit: Unit, provider: Provider, known: Known, account: Account) -> None:
    """What the groups of somebody mean for his posts: proposed, or done at once where the provider may."""
    mappings = store.list_mappings(unit, provider.id, seen_by=unit.actor)
    told = store.list_proposals_of(unit, known.id, seen_by=unit.actor)
    if not mappings and not told:
        return
    posts = org_service.list_posts(unit, unit.actor, account.person)
    for wanted in model.to_open(mappings, known.groups, told):
        if not any(post.org == wanted.org and set(wanted.roles) <= set(post.roles) for post in posts):
            _ask(unit, provider, known, account, wanted, "open", None)
    by_id = {one.id: one for one in mappings}
    for done in model.to_end(mappings, known.groups, told):
        if any(post.id == done.post for post in posts):
            _ask(unit, provider, known, account, by_id.get(done.mapping), "end", done)


def _ask(
    unit: Unit,
    provider: Provider,
    known: Known,
    account: Account,
    wanted: GroupRule | None,
    do: str,
    done: Proposal | None,
) -> None:
    mapping = wanted.id if done is None and wanted else done.mapping if done else None
    assert mapping is not None
    post = done.post if done else None
    new = Proposal(
        ids.new("rpp"), provider.id, known.id, mapping, do, "waiting", post, "", clock.real_now(), None, None
    )
    store.add_proposal(unit, new)
    if not provider.automatic:
        return
    try:
        _do(unit, System("signin.mapping"), new, account)
    except (RolesExclude, WrongHolder, Refused, MappingTooHigh) as error:
        store.save_proposal(unit, replace(new, why=error.code), new)


def _do(unit: Unit, actor: Actor, one: Proposal, account: Account) -> None:
    post = one.post
    if one.do == "open":
        wanted = store.find_mapping(unit, one.mapping, seen_by=actor)
        if wanted is None:
            raise NotFound(what=str(one.mapping))
        model.check_mapping(actor.kind == "system", _kinds(unit, wanted.roles))
        access_service.check_roles(unit, actor, account.person, wanted.roles)
        made = org.add_post(unit, actor, account.person, wanted.org, wanted.title, wanted.division)
        access.grant_roles(unit, actor, made.id, wanted.roles)
        post = made.id
    elif post is not None:
        held = org.get_post(unit, actor, post)
        org_service.change_post(unit, actor, post, title=held.title, division=held.division, active=False)
        for was in store.list_proposals_of(unit, one.known, seen_by=actor):
            if was.post == post and was.do == "open" and was.state == "done":
                store.save_proposal(unit, replace(was, state="ended"), was)
    store.save_proposal(
        unit, replace(one, state="done", post=post, decided_at=clock.real_now(), decided_by=actor.person), one
    )


def list_waiting(unit: Unit, actor: Actor, wanted: Page) -> Paged[Proposal]:
    return store.list_waiting(unit, wanted, seen_by=actor)


def confirm(unit: Unit, actor: Actor, proposal_id: Id) -> None:
    """Do what was proposed, under one's own name."""
    one = _waiting(unit, actor, proposal_id)
    known = store.get_known(unit, one.known, seen_by=actor)
    if known.account is None:
        raise NotLinked()
    _do(unit, actor, one, access_service.get_account(unit, actor, known.account))


def refuse(unit: Unit, actor: Actor, proposal_id: Id, why: str) -> None:
    """Say no; it is not proposed again while the group stays."""
    one = _waiting(unit, actor, proposal_id)
    said = replace(one, state="refused", why=why[:200], decided_at=clock.real_now(), decided_by=actor.person)
    store.save_proposal(unit, said, one)


def _waiting(unit: Unit, actor: Actor, proposal_id: Id) -> Proposal:
    one = store.get_proposal(unit, proposal_id, seen_by=actor)
    if one.state != "waiting":
        raise NotFound(what=str(proposal_id))
    return one


def proposal_words(unit: Unit, actor: Actor, listed: list[Proposal]) -> list[dict[str, Any]]:
    """Each proposal with the person and the mapping that it is about."""
    found = []
    for one in listed:
        known = store.get_known(unit, one.known, seen_by=actor)
        wanted = store.find_mapping(unit, one.mapping, seen_by=actor)
        account = access_service.get_account(unit, actor, known.account) if known.account else None
        found.append({"one": one, "known": known, "mapping": wanted, "username": account.username if account else ""})
    return found


def _kinds(unit: Unit, roles: Any) -> list[str]:
    wanted = set(roles)
    return [role.kind for role in access.list_roles(unit) if role.id in wanted]
