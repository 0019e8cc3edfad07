"""Use cases of signing in, sessions, accounts and roles."""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.engine import Connection
from starlette.requests import Request

from gangmu.base import org
from gangmu.base.access import applications, model, shipped, store
from gangmu.base.access.errors import LockedOut, MustChangePassword, NoPost, SignInFailed, WeakPassword
from gangmu.base.access.model import Account, Role, Session
from gangmu.base.access.settings import AccessSettings
from gangmu.base.org import service as org_service
from gangmu.kit import clock, ids, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound, Refused
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit
from gangmu.kit.web import Identity

COOKIE = "gangmu_session"
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody's password, to spend the same time")
_ALLOWED_FIRST = ("/api/session", "/api/session/password")


# --- signing in ------------------------------------------------------------------------------------------


def sign_in(unit: Unit, username: str, password: str, browser: str) -> tuple[Session, str]:
    """A session and its token. ``LockedOut``, or ``SignInFailed`` (counted in a unit of its own, since this one is
    rolled back)."""
    now = clock.real_now()
    found = store.find_account(unit, username, seen_by=unit.actor)
    if found is not None and found.is_locked(now):
        raise LockedOut(until=found.locked_until)
    if not _matches(found.password_hash if found else _NOBODY, password) or found is None or not found.active:
        if found is not None:
            _count_failure(found)
        raise SignInFailed()
    if found.failures or found.locked_until:
        store.save_account(unit, replace(found, failures=0, locked_until=None), found)
    posts = org_service.list_posts(unit, unit.actor, found.person)
    if not posts:
        raise NoPost()
    rules = settings.get(AccessSettings)
    aged = bool(rules.password_days) and now - found.changed_at > timedelta(days=rules.password_days)
    token = secrets.token_urlsafe(32)
    session = Session(
        ids.new("ses"),
        found.id,
        found.person,
        posts[0].id,
        secrets.token_urlsafe(24),
        now,
        now,
        found.must_change or aged,
        browser[:200],
    )
    if aged and not found.must_change:
        store.save_account(unit, replace(found, must_change=True, version=found.version), found)
    store.add_session(unit, session, model.digest_of(token))
    unit.note("sign in", found.person, session=session.id)
    return session, token


def _count_failure(found: Account) -> None:
    rules = settings.get(AccessSettings)
    with open_unit(System("access.sign_in"), "failed sign-in") as unit:
        current = store.get_account(unit, found.id, seen_by=unit.actor)
        rest = timedelta(minutes=rules.lock_minutes)
        store.save_account(unit, model.fail_once(current, clock.real_now(), rules.failures, rest), current)


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def identify(conn: Connection, request: Request) -> Identity | None:
    """Who a request comes from: an application by its bearer token, else a person by the session cookie. None when
    there is neither or it has ended."""
    if "authorization" in request.headers:
        return applications.identify(conn, request)
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    session = store.find_session(conn, model.digest_of(token))
    if session is None:
        return None
    now, rules = clock.real_now(), settings.get(AccessSettings)
    idle = now - session.seen_at > timedelta(minutes=rules.idle_minutes)
    if idle or now - session.made_at > timedelta(hours=rules.session_hours):
        return None
    if now - session.seen_at > timedelta(seconds=60):
        store.touch_session(conn, session.id, now)
    unit = Unit(conn, clock.now(), System("access.identify"), "identify")
    actor = _actor(unit, session.person, session.post)
    if actor is None:
        return None
    if session.must_change and request.url.path not in _ALLOWED_FIRST:
        raise MustChangePassword()
    return Identity(actor, session, session.csrf)


def _actor(unit: Unit, person: Id, post_id: Id | None) -> Actor | None:
    posts = org_service.list_posts(unit, unit.actor, person)
    post = next((item for item in posts if item.id == post_id), posts[0] if posts else None)
    if post is None:
        return None
    known = store.roles(unit.conn)
    held = [known[name] for name in post.roles if name in known]
    branch = org.branch_of(unit, post.org)
    return Actor(
        kind="person",
        name=post.person_name,
        person=post.person,
        post=post.id,
        org=post.org,
        division=post.division,
        roles=post.roles,
        grants=model.grants_of(held, post.division, branch),
        orgs=branch,
        chain=org.chain_of(unit, post.org),
    )


def actor_of_post(unit: Unit, post_id: Id) -> Actor:
    """The actor that somebody in this post is, for tests, ``gangmu why`` and jobs that act in a post."""
    post = org.get_post(unit, unit.actor, post_id)
    actor = _actor(unit, post.person, post_id)
    if actor is None or actor.post != post_id:
        raise NotFound(what=str(post_id))
    return actor


def post_of_username(unit: Unit, username: str) -> list[Id]:
    """The posts of the person behind a user name."""
    found = store.find_account(unit, username, seen_by=unit.actor)
    if found is None:
        raise NotFound(what=username)
    return [post.id for post in org_service.list_posts(unit, unit.actor, found.person)]


def sign_out(unit: Unit, session: Session) -> None:
    store.end_session(unit, session.id)
    unit.note("sign out", session.person, session=session.id)


def choose_post(unit: Unit, actor: Actor, session: Session, post_id: Id) -> None:
    """Act in another of one's own posts from now on."""
    own = {post.id for post in org_service.list_posts(unit, actor, session.person)}
    if post_id not in own:
        raise NotFound(what=str(post_id))
    store.choose_post(unit, session.id, post_id)
    unit.note("choose post", post_id)


def list_sessions(unit: Unit, actor: Actor) -> list[Any]:
    """One's own sessions; all of them for who may manage accounts."""
    everybody = actor.may("account.manage")
    return store.list_sessions(unit, seen_by=actor, person=None if everybody else actor.person)


def end_session(unit: Unit, actor: Actor, session_id: Id) -> None:
    """End a session of one's own, or anybody's with ``account.manage``."""
    if session_id not in {row.id for row in list_sessions(unit, actor)} or not store.end_session(unit, session_id):
        raise NotFound(what=str(session_id))
    unit.note("end session", session_id)


# --- accounts --------------------------------------------------------------------------------------------


def open_account(
    unit: Unit, actor: Actor, person: Id, username: str, password: str, must_change: bool = True
) -> Account:
    """Open an account for a person. The first password must be changed at the first sign-in."""
    name = username.strip().lower()
    if not (2 <= len(name) <= 40) or not name.replace(".", "").replace("_", "").replace("-", "").isalnum():
        raise Invalid(field="username", reason="2 to 40 letters, digits, dots, dashes")
    model.check_password(password, name, settings.get(AccessSettings).password_length)
    hashed = _hasher.hash(password)
    new = Account(ids.new("acc"), person, name, hashed, must_change, clock.real_now(), 0, None, True)
    store.add_account(unit, new)
    return new


def change_password(unit: Unit, actor: Actor, session: Session, old: str, new: str) -> None:
    """Change one's own password; other sessions end."""
    was = store.get_account(unit, session.account, seen_by=actor)
    if not _matches(was.password_hash, old):
        raise SignInFailed()
    model.check_password(new, was.username, settings.get(AccessSettings).password_length)
    if _matches(was.password_hash, new):
        raise WeakPassword(rule="same", least=0)
    changed = replace(was, password_hash=_hasher.hash(new), must_change=False, changed_at=clock.real_now())
    store.save_account(unit, changed, was)
    store.end_sessions_of(unit, was.id, but=session.id)
    unit.note("change password", was.person)


def reset_password(unit: Unit, actor: Actor, account_id: Id) -> str:
    """A new first password, shown once to the administrator; all sessions end."""
    was = store.get_account(unit, account_id, seen_by=actor)
    fresh = f"Gm-{secrets.token_urlsafe(9)}-7x"
    changed = replace(
        was,
        password_hash=_hasher.hash(fresh),
        must_change=True,
        changed_at=clock.real_now(),
        failures=0,
        locked_until=None,
    )
    store.save_account(unit, changed, was)
    store.end_sessions_of(unit, account_id)
    unit.note("reset password", was.person)
    return fresh


def set_active(unit: Unit, actor: Actor, account_id: Id, active: bool) -> None:
    """Lock an account for good, or open it again (which also ends a lock-out)."""
    was = store.get_account(unit, account_id, seen_by=actor)
    store.save_account(unit, replace(was, active=active, failures=0, locked_until=None), was)
    if not active:
        store.end_sessions_of(unit, account_id)


def list_accounts(unit: Unit, actor: Actor) -> list[Account]:
    return store.list_accounts(unit, seen_by=actor)


# --- roles -----------------------------------------------------------------------------------------------


def load_shipped(unit: Unit) -> None:
    """Take over the shipped role bundles; roles that a city made itself stay."""
    for role in shipped.roles():
        store.put_role(unit, role)


def list_roles(unit: Unit) -> list[Role]:
    return list(store.roles(unit.conn).values())


def grant_roles(unit: Unit, actor: Actor, post_id: Id, wanted: tuple[str, ...]) -> None:
    """Give a post its roles. What the person holds in all posts together must not exclude itself; nobody grants
    roles to a post of his own."""
    known = store.roles(unit.conn)
    for name in wanted:
        if name not in known:
            raise NotFound(what=f"role {name}")
    model.check_holder(wanted, known, application=False)
    post = org.get_post(unit, actor, post_id)
    if actor.person is not None and post.person == actor.person:
        raise Refused(action="role.grant")
    others = org_service.roles_of_person(unit, post.person, but=post_id)
    model.check_exclusion([*wanted, *others], known)
    org_service.set_roles(unit, actor, post_id, tuple(sorted(set(wanted))))
