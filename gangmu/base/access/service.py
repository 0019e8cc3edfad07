"""Use cases of signing in, sessions, accounts and roles."""

import secrets
from dataclasses import replace
from datetime import timedelta
from functools import cache
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
from gangmu.kit.web import CHANGING, Identity

COOKIE = "gangmu_session"
_hasher = PasswordHasher()
_ALLOWED_FIRST = ("/api/session", "/api/session/password")
_OF_SESSION = (*_ALLOWED_FIRST, "/api/session/post")


# --- signing in ------------------------------------------------------------------------------------------


def sign_in(unit: Unit, username: str, password: str, browser: str) -> tuple[Session, str]:
    """A session and its token. ``LockedOut``, or ``SignInFailed`` (counted in a unit of its own, since this one is
    rolled back)."""
    now = clock.real_now()
    found = store.find_account(unit, username, seen_by=unit.actor)
    if found is not None and found.is_locked(now):
        raise LockedOut(until=found.locked_until)
    if not _matches(found.password_hash if found else _nobody(), password) or found is None or not found.active:
        if found is not None:
            _count_failure(found)
        raise SignInFailed()
    posts = org_service.acting_posts(unit, unit.actor, found.person)
    if not posts:
        raise NoPost()
    rules = settings.get(AccessSettings)
    aged = bool(rules.password_days) and now - found.changed_at > timedelta(days=rules.password_days)
    known = replace(found, failures=0, locked_until=None, must_change=found.must_change or aged)
    store.save_account(unit, known, found)
    return open_session(unit, known, posts[0].id, browser)


def open_session(
    unit: Unit, account: Account, post: Id, browser: str, provider: Id | None = None, ticket: str = ""
) -> tuple[Session, str]:
    """A session and its token for somebody who has proved who he is: here, or to a provider, which knows the sign-in by
    ``ticket`` (its session or ticket) and may end it. Whom a provider vouches for needs no password of ours."""
    token, now = secrets.token_urlsafe(32), clock.real_now()
    session = Session(
        ids.new("ses"),
        account.id,
        account.person,
        post,
        secrets.token_urlsafe(24),
        now,
        now,
        account.must_change and provider is None,
        browser[:200],
        provider,
    )
    store.add_session(unit, session, model.digest_of(token), model.digest_of(ticket) if ticket else None)
    unit.note("sign in", account.person, session=session.id, **({"provider": provider} if provider else {}))
    return session, token


def _count_failure(found: Account) -> None:
    rules = settings.get(AccessSettings)
    with open_unit(System("access.sign_in"), "failed sign-in") as unit:
        current = store.get_account(unit, found.id, seen_by=unit.actor)
        rest = timedelta(minutes=rules.lock_minutes)
        store.save_account(unit, model.fail_once(current, clock.real_now(), rules.failures, rest), current)


@cache
def _nobody() -> str:
    """A hash to spend the same time on whom nobody knows; made when it is asked for, not by every command."""
    return _hasher.hash("nobody's password")


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
    actor, held = _acting(unit, session.person, session.post)
    if actor is None:
        return None
    if session.post not in (None, actor.post) and request.method in CHANGING and request.url.path not in _OF_SESSION:
        org_service.check_not_ended(unit, session.person, session.post)
    if session.must_change and request.url.path not in _ALLOWED_FIRST:
        raise MustChangePassword()
    if held is None:
        return Identity(actor, session, session.csrf)
    return Identity(actor, session, session.csrf, lambda done: org_service.check_still(done, held, clock.now()))


def _actor(unit: Unit, person: Id, post_id: Id | None) -> Actor | None:
    return _acting(unit, person, post_id)[0]


def _acting(unit: Unit, person: Id, post_id: Id | None) -> tuple[Actor | None, Id | None]:
    """A person in one of his posts, and the stand-in by which he is in it if it is another's."""
    posts = org_service.acting_posts(unit, unit.actor, person)
    post = next((item for item in posts if item.id == post_id), posts[0] if posts else None)
    if post is None:
        return None, None
    known = store.roles(unit, seen_by=unit.actor)
    held = [known[name] for name in post.roles if name in known]
    branch = org.branch_of(unit, post.org)
    grants = model.grants_of(held, post.division, branch)
    acting = Actor(
        kind="person",
        name=post.person_name if post.stand_in is None else org_service.standing_name(unit, person, post.person_name),
        person=person,
        post=post.id,
        org=post.org,
        division=post.division,
        roles=post.roles,
        grants=tuple(grant for grant in grants if not post.only or grant.permission in post.only),
        orgs=branch,
        chain=org.chain_of(unit, post.org),
    )
    return acting, post.stand_in


def actor_in(unit: Unit, session: Session, post_id: Id) -> Actor:
    """The signed-in person in one of his posts, which the session keeps when the one it had is no longer his."""
    actor = _actor(unit, session.person, post_id)
    if actor is None:
        raise NoPost()
    if session.post != actor.post and actor.post is not None:
        store.choose_post(unit, session.id, actor.post)
    return actor


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


def session_cookie(token: str) -> str:
    """The header that gives a browser its session."""
    rules = settings.get(AccessSettings)
    secure = "; Secure" if rules.secure_cookie else ""
    return f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={rules.session_hours * 3600}{secure}"


def sign_out(unit: Unit, session: Session) -> None:
    store.end_session(unit, session.id)
    unit.note("sign out", session.person, session=session.id)


def end_all_sessions(unit: Unit) -> int:
    """Everybody has to sign in anew (after a restore): how many were signed in."""
    return store.end_all_sessions(unit)


def choose_post(unit: Unit, actor: Actor, session: Session, post_id: Id) -> None:
    """Act in another of one's own posts from now on."""
    own = {post.id for post in org_service.acting_posts(unit, actor, session.person)}
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


def end_ticket_sessions(unit: Unit, provider: Id, ticket: str) -> int:
    """End what a provider vouched for under this session or ticket of its own; how many there were."""
    ended = store.end_ticket_sessions(unit, provider, model.digest_of(ticket))
    if ended:
        unit.note("end sessions", provider, count=ended)
    return ended


def end_provider_sessions(unit: Unit, provider: Id, account: Id) -> int:
    """End what a provider vouched for of an account."""
    ended = store.end_provider_sessions(unit, provider, account)
    if ended:
        unit.note("end sessions", account, provider=provider, count=ended)
    return ended


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


def set_number(unit: Unit, actor: Actor, account_id: Id, number: str) -> None:
    """The employee number (工号) by which a provider may know the person; empty takes it away."""
    was = store.get_account(unit, account_id, seen_by=actor)
    plain = number.strip()
    if len(plain) > 60:
        raise Invalid(field="number", reason="at most 60 characters")
    store.save_account(unit, replace(was, number=plain or None), was)


def get_account(unit: Unit, actor: Actor, account_id: Id) -> Account:
    return store.get_account(unit, account_id, seen_by=actor)


def find_account(unit: Unit, actor: Actor, username: str = "", number: str = "") -> Account | None:
    """The account of a user name or of an employee number."""
    return store.find_account(unit, username, number, seen_by=actor)


def list_accounts(unit: Unit, actor: Actor) -> list[Account]:
    return store.list_accounts(unit, seen_by=actor)


# --- roles -----------------------------------------------------------------------------------------------


def load_shipped(unit: Unit) -> None:
    """Take over the shipped role bundles; roles that a city made itself stay."""
    for role in shipped.roles():
        store.put_role(unit, role)


def list_roles(unit: Unit) -> list[Role]:
    return list(store.roles(unit, seen_by=unit.actor).values())


def check_roles(
    unit: Unit, actor: Actor, person: Id, wanted: tuple[str, ...], but: Id | None = None
) -> dict[str, Role]:
    """Whether a person may be given these roles in a post (``but``: of the post's own, since they go): they are there,
    they are people's, nobody gives any to himself, and with what else he holds they do not exclude each other."""
    known = store.roles(unit, seen_by=unit.actor)
    for name in wanted:
        if name not in known:
            raise NotFound(what=f"role {name}")
    model.check_holder(wanted, known, application=False)
    if actor.person is not None and person == actor.person:
        raise Refused(action="role.grant")
    model.check_exclusion([*wanted, *org_service.roles_of_person(unit, person, but=but)], known)
    return known


def grant_roles(unit: Unit, actor: Actor, post_id: Id, wanted: tuple[str, ...]) -> None:
    """Give a post its roles. What the person holds in all posts together must not exclude itself; nobody grants
    roles to a post of his own."""
    post = org.get_post(unit, actor, post_id)
    known = check_roles(unit, actor, post.person, wanted, but=post_id)
    for person in org_service.standing_in(unit, post_id):
        model.check_exclusion([*wanted, *org_service.roles_of_person(unit, person, but=post_id)], known)
    org_service.set_roles(unit, actor, post_id, tuple(sorted(set(wanted))))
