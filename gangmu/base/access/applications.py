"""Applications (接入应用): other systems that call the house by themselves, each with a bearer token.

The token is shown once, when it is made; here is only its digest. An application acts as an actor of its own, with the
roles of kind application that it was given, in its organisation and division; it has no session, post or person.
"""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection
from starlette.requests import Request

from gangmu.base import org
from gangmu.base.access import model, store
from gangmu.base.access.model import Application
from gangmu.base.access.settings import AccessSettings
from gangmu.base.org import service as org_service
from gangmu.base.org.model import checked_division
from gangmu.kit import clock, ids, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit
from gangmu.kit.web import Identity

TOUCH_EVERY = timedelta(seconds=60)


def open_application(
    unit: Unit,
    actor: Actor,
    name: str,
    roles: tuple[str, ...],
    org: Id,
    division: str = "",
    networks: tuple[str, ...] = (),
) -> tuple[Application, str]:
    """Let another system in. The token goes out here and is not kept; without a division it is the organisation's."""
    plain = " ".join(name.split())
    if not 2 <= len(plain) <= 60:
        raise Invalid(field="name", reason="a name has 2 to 60 characters")
    held, where = _checked(unit, actor, roles, org, division)
    now = clock.real_now()
    new = Application(
        ids.new("app"), plain, held, org, where, model.checked_networks(networks), True, now, _ends(now), None
    )
    token = _token()
    store.add_application(unit, new, model.digest_of(token))
    return new, token


def change_application(
    unit: Unit,
    actor: Actor,
    application_id: Id,
    *,
    roles: tuple[str, ...],
    org: Id,
    division: str,
    networks: tuple[str, ...],
) -> Application:
    """What it may, where it stands and from where it may call. Its name stays: the journal knows it by it."""
    was = store.get_application(unit, application_id, seen_by=actor)
    held, where = _checked(unit, actor, roles, org, division)
    allowed = model.checked_networks(networks)
    store.save_application(unit, replace(was, roles=held, org=org, division=where, networks=allowed), was)
    return store.get_application(unit, application_id, seen_by=actor)


def renew_token(unit: Unit, actor: Actor, application_id: Id) -> tuple[Application, str]:
    """A new token; the old one counts no more. An application that was ended is let in again by it."""
    was = store.get_application(unit, application_id, seen_by=actor)
    token = _token()
    store.save_application(unit, replace(was, active=True, ends_at=_ends(clock.real_now())), was)
    store.set_digest(unit, application_id, model.digest_of(token))
    unit.note("renew token", application_id)
    return store.get_application(unit, application_id, seen_by=actor), token


def end_application(unit: Unit, actor: Actor, application_id: Id) -> None:
    """Shut it out at once. Its row stays, since the journal speaks of it."""
    was = store.get_application(unit, application_id, seen_by=actor)
    store.save_application(unit, replace(was, active=False), was)
    store.set_digest(unit, application_id, None)


def list_applications(unit: Unit, actor: Actor, wanted: Page) -> Paged[Application]:
    return store.list_applications(unit, wanted, seen_by=actor)


def actor_of(unit: Unit, application_id: Id) -> Actor:
    """The actor that an application is, also for what the house does in its name afterwards."""
    found = store.get_application(unit, application_id, seen_by=unit.actor)
    if not found.active:
        raise NotFound(what=str(application_id))
    return _actor(unit, found)


def identify(conn: Connection, request: Request) -> Identity | None:
    """The application whose token a request bears; None for any that does not count, whatever the reason."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    found, now = store.find_application(conn, model.digest_of(token.strip())), clock.real_now()
    address = request.client.host if request.client else ""
    if found is None or not found.may_call(now, address):
        return None
    if found.used_at is None or now - found.used_at > TOUCH_EVERY:
        store.touch_application(conn, found.id, now)
    unit = Unit(conn, clock.now(), System("access.identify"), "identify")
    return Identity(_actor(unit, found), None, "")


def _actor(unit: Unit, found: Application) -> Actor:
    known = store.roles(unit, seen_by=unit.actor)
    held = [known[name] for name in found.roles if name in known]
    branch = org.branch_of(unit, found.org)
    return Actor(
        kind="application",
        name=found.name,
        org=found.org,
        division=found.division,
        roles=found.roles,
        grants=model.grants_of(held, found.division, branch),
        orgs=branch,
        chain=org.chain_of(unit, found.org),
    )


def _checked(
    unit: Unit, actor: Actor, roles: tuple[str, ...], org_id: Id, division: str
) -> tuple[tuple[str, ...], str]:
    known = store.roles(unit, seen_by=unit.actor)
    for name in roles:
        if name not in known:
            raise NotFound(what=f"role {name}")
    if not roles:
        raise Invalid(field="roles", reason="an application has at least one role")
    model.check_holder(roles, known, application=True)
    model.check_exclusion(roles, known)
    place = org_service.get_orgs(unit, actor, [org_id]).get(org_id)
    if place is None:
        raise NotFound(what=str(org_id))
    return tuple(sorted(set(roles))), checked_division(division) if division else place.division


def _token() -> str:
    return f"gma_{secrets.token_urlsafe(32)}"


def _ends(now: datetime) -> datetime | None:
    days = settings.get(AccessSettings).application_days
    return now + timedelta(days=days) if days else None
