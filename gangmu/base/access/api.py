"""Routes of sessions, accounts, roles and why."""

from typing import Annotated

from fastapi import Query

from gangmu.base import city
from gangmu.base.access import answers, application_routes, model, service  # noqa: F401 - its routes register
from gangmu.base.access.errors import (
    LockedOut,
    MustChangePassword,
    NoPost,
    RolesExclude,
    SignInFailed,
    WeakPassword,
)
from gangmu.base.access.schema import (
    AccountIn,
    AccountNumber,
    AccountOut,
    Accounts,
    AccountState,
    ChoosePost,
    FreshPassword,
    PasswordChange,
    RoleOut,
    Roles,
    RolesOfPost,
    SessionOut,
    SessionRow,
    Sessions,
    SignIn,
    WhyOut,
)
from gangmu.base.org import service as org_service
from gangmu.base.org.schema import PostOut
from gangmu.kit import clock
from gangmu.kit.errors import Conflict, Invalid, NotFound, NotSignedIn, Refused
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.kit.web import PUBLIC, SIGNED_IN, Edge, Routes

routes = Routes("access")


def _session(unit: Unit, session: model.Session, lang: str) -> SessionOut:
    posts = org_service.acting_posts(unit, unit.actor, session.person)
    if not posts:
        raise NoPost()
    chosen = next((post for post in posts if post.id == session.post), posts[0])
    actor = service.actor_in(unit, session, chosen.id)
    return SessionOut(
        person=session.person,
        name=actor.name,
        posts=[PostOut.model_validate(post) for post in posts],
        post=chosen.id,
        permissions=sorted({grant.permission for grant in actor.grants}),
        csrf=session.csrf,
        must_change_password=session.must_change,
        lang=lang,
        time=unit.now,
        virtual_clock=clock.is_virtual(),
        city=city.kind(),
        may_reset=city.may_reset(actor),
        provider=session.provider,
    )


@routes.post("/session", can=PUBLIC, answers=SessionOut, errors=[SignInFailed, LockedOut, NoPost])
def sign_in(body: SignIn, at: Edge) -> SessionOut:
    """登录 / Sign in. Sets the session cookie; changes must repeat ``csrf`` in ``X-CSRF-Token``."""
    browser = at.request.headers.get("user-agent", "")
    session, token = service.sign_in(at.unit, body.username, body.password, browser)
    at.headers["Set-Cookie"] = service.session_cookie(token)
    return _session(at.unit, session, at.lang)


@routes.get("/session", can=SIGNED_IN, answers=SessionOut, errors=[NoPost])
def get_session(at: Edge) -> SessionOut:
    """当前登录 / Who is signed in here."""
    return _session(at.unit, at.session, at.lang)


@routes.delete("/session", can=SIGNED_IN, status=204)
def sign_out(at: Edge) -> None:
    """退出 / Sign out of this browser."""
    service.sign_out(at.unit, at.session)


@routes.put("/session/post", can=SIGNED_IN, status=204, errors=[NotFound])
def choose_post(body: ChoosePost, at: Edge) -> None:
    """换岗 / Act in another of one's own posts."""
    service.choose_post(at.unit, at.actor, at.session, body.post_id)


@routes.put("/session/password", can=SIGNED_IN, status=204, errors=[SignInFailed, WeakPassword, MustChangePassword])
def change_password(body: PasswordChange, at: Edge) -> None:
    """改密码 / Change one's own password."""
    service.change_password(at.unit, at.actor, at.session, body.old, body.new)


@routes.get("/sessions", can=SIGNED_IN, answers=Sessions)
def list_sessions(at: Edge) -> Sessions:
    """登录会话 / One's own sessions; everybody's for an account administrator."""
    rows = service.list_sessions(at.unit, at.actor)
    return Sessions(
        items=[
            SessionRow(
                id=row.id,
                username=row.username,
                browser=row.browser,
                made_at=row.made_at,
                seen_at=row.seen_at,
                own=row.person == at.actor.person,
            )
            for row in rows
        ]
    )


@routes.delete("/sessions/{session_id}", can=SIGNED_IN, status=204, errors=[NotFound])
def end_session(session_id: Id, at: Edge) -> None:
    """结束会话 / End a session."""
    service.end_session(at.unit, at.actor, session_id)


@routes.get("/accounts", can="account.manage", answers=Accounts)
def list_accounts(at: Edge) -> Accounts:
    """账号 / Local accounts."""
    return Accounts(items=[AccountOut.model_validate(found) for found in service.list_accounts(at.unit, at.actor)])


@routes.post(
    "/accounts", can="account.manage", answers=AccountOut, status=201, errors=[Conflict, Invalid, WeakPassword]
)
def open_account(body: AccountIn, at: Edge) -> AccountOut:
    """开户 / Open an account; its first password must be changed."""
    return AccountOut.model_validate(service.open_account(at.unit, at.actor, body.person, body.username, body.password))


@routes.post("/accounts/{account_id}/reset", can="account.manage", answers=FreshPassword, errors=[NotFound])
def reset_password(account_id: Id, at: Edge) -> FreshPassword:
    """重置密码 / Give a new first password, shown this once."""
    return FreshPassword(password=service.reset_password(at.unit, at.actor, account_id))


@routes.put("/accounts/{account_id}", can="account.manage", status=204, errors=[NotFound])
def set_active(account_id: Id, body: AccountState, at: Edge) -> None:
    """停用或启用账号 / Lock an account or open it again."""
    service.set_active(at.unit, at.actor, account_id, body.active)


@routes.put("/accounts/{account_id}/number", can="account.manage", status=204, errors=[Conflict, Invalid, NotFound])
def set_number(account_id: Id, body: AccountNumber, at: Edge) -> None:
    """工号 / The employee number by which a provider may know the person."""
    service.set_number(at.unit, at.actor, account_id, body.number)


@routes.get("/roles", can="org.read", answers=Roles)
def list_roles(at: Edge) -> Roles:
    """角色 / Roles and what they may."""
    return Roles(items=[RoleOut.model_validate(role) for role in service.list_roles(at.unit)])


@routes.put("/posts/{post_id}/roles", can="role.grant", status=204, errors=[NotFound, Refused, RolesExclude])
def grant_roles(post_id: Id, body: RolesOfPost, at: Edge) -> None:
    """授权 / Give a post its roles (security administrator)."""
    service.grant_roles(at.unit, at.actor, post_id, tuple(body.roles))


@routes.get("/why", can="role.grant", answers=WhyOut, errors=[NotFound, NotSignedIn])
def why(at: Edge, who: Id, action: Annotated[str, Query(max_length=60)], thing: Id | None = None) -> WhyOut:
    """为何可以 / Why somebody in a post may, or may not, do something with a thing."""
    return answers.why(at.unit, who, action, thing)
