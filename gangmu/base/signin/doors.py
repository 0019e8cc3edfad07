"""The way in and out by way of a provider: bare doors, since the house speaks with the provider between its units.

A browser is sent out with state, nonce and the PKCE secret in a sealed cookie of its own, and must bring both back.
"""

import base64
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode

import anyio.to_thread
import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from gangmu.base.access import service as access_service
from gangmu.base.access.settings import AccessSettings
from gangmu.base.signin import model, outside, service
from gangmu.base.signin.errors import TryEnded
from gangmu.base.signin.model import Kind, Provider
from gangmu.base.signin.settings import SigninSettings
from gangmu.kit import clock, ids, seal, settings, web
from gangmu.kit.errors import HouseError, Refused
from gangmu.kit.ids import Id
from gangmu.kit.unit import open_unit, transaction

TRY, LINK = "gangmu_try", "gangmu_link"
TRY_S, LINK_S = 600, 900
LONGEST_BODY = 40_000


_KEYS = {"type": "object", "properties": {"keys": {"type": "integer"}}}
_CHECKED = {"200": {"description": "it answers", "content": {"application/json": {"schema": _KEYS}}}}


def _fragment(summary: str, operation: str, done: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    given = {"name": "provider_id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 80}}
    problem = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    told: dict[str, Any] = {"303": {"description": "on to the next address"}}
    told |= {code: {"description": "refused", **problem} for code in ("400", "401", "403", "404", "422", "502", "503")}
    told |= done or {}
    said = {"tags": ["sign-in"], "summary": summary, "operationId": operation, "parameters": [given]}
    return said | {"responses": told} | more


def home(request: Request) -> str:
    """The address under which people reach the house."""
    said = settings.get(SigninSettings).public_url
    return said.rstrip("/") if said else f"{request.url.scheme}://{request.url.netloc}"


def back_url(request: Request, provider_id: Id) -> str:
    return f"{home(request)}/api/sign-in/{provider_id}/back"


def _key() -> bytes:
    return seal.keys().blind("sealed cookies of signing in elsewhere")[:16]


def _cookie(name: str, told: dict[str, Any], age: int) -> str:
    body = orjson.dumps({**told, "at": clock.real_now().timestamp()})
    sealed = base64.urlsafe_b64encode(seal.lock(_key(), body, name.encode())).decode().rstrip("=")
    return _header(name, sealed, age)


def _header(name: str, value: str, age: int) -> str:
    secure = "; Secure" if settings.get(AccessSettings).secure_cookie else ""
    return f"{name}={value}; Path=/api; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"


def forget(name: str) -> str:
    """The header that takes a cookie away."""
    return _header(name, "", 0)


def _read(request: Request, name: str, age: int) -> dict[str, Any]:
    """What a sealed cookie says; ``TryEnded`` when it is not there, not ours, or too old."""
    given = request.cookies.get(name, "")
    try:
        blob = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except ValueError as error:
        raise TryEnded() from error
    opened = seal.unlock(_key(), blob, name.encode())
    told = orjson.loads(opened) if opened else None
    if told is None or not 0 <= clock.real_now().timestamp() - told["at"] <= age:
        raise TryEnded()
    return dict(told)


def waiting_link(request: Request) -> Id:
    """Whom a provider vouched for in this browser just now."""
    return ids.parse(str(_read(request, LINK, LINK_S)["known"]))


def _opened(request: Request) -> tuple[Provider, str]:
    wanted = ids.parse(request.path_params["provider_id"])
    with open_unit(web.ANONYMOUS, "sign in elsewhere") as unit:
        return service.open_provider(unit, wanted)


def _on(address: str, *cookies: str) -> Response:
    answer = RedirectResponse(address, 303)
    for cookie in cookies:
        answer.headers.append("Set-Cookie", cookie)
    return answer


def _refused(error: HouseError, *cookies: str) -> Response:
    """Back to the sign-in page, which says what was wrong."""
    reason = str(error.params.get("reason", ""))[:80]
    asked = {"refused": error.code} | ({"reason": reason} if reason else {})
    return _on(f"/?{urlencode(asked)}", *cookies)


@web.door(
    "/api/sign-in/{provider_id}",
    can=web.PUBLIC,
    fragment=_fragment("去认证 / Sent to a provider to sign in there; `to` is where to go then.", "signin_begin"),
)
def begin(request: Request) -> Response:
    """Send a browser out."""
    provider, secret = _opened(request)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        address = outside.way_in(provider, secret, back_url(request, provider.id), state, nonce, verifier)
    except HouseError as error:
        return _refused(error)
    to = model.local_path(request.query_params.get("to", ""))
    told = {"provider": provider.id, "state": state, "nonce": nonce, "verifier": verifier, "to": to}
    return _on(address, _cookie(TRY, told, TRY_S))


@web.door(
    "/api/sign-in/{provider_id}/back",
    can=web.PUBLIC,
    fragment=_fragment("认证返回 / Back from a provider with its code or ticket.", "signin_back"),
)
def back(request: Request) -> Response:
    """Take a browser in again: only the one that was sent out, with what it was sent out with."""
    provider, secret = _opened(request)
    asked = request.query_params
    try:
        told = _read(request, TRY, TRY_S)
        state = asked.get("state", "")
        if told["provider"] != provider.id or not secrets.compare_digest(state.encode(), told["state"].encode()):
            raise TryEnded()
        claims, ticket = _claims(request, provider, secret, told, state)
        vouched = model.read_claims(provider, claims)
        browser = request.headers.get("user-agent", "")
        with open_unit(web.ANONYMOUS, "sign in elsewhere") as unit:
            found = service.arrive(unit, provider.id, vouched, ticket, browser)
    except HouseError as error:
        return _refused(error, forget(TRY))
    if found.session is None:
        asked_to_link = provider.link is not model.LinkRule.admin
        where = f"/?{urlencode({'link': provider.title})}" if asked_to_link else "/?refused=signin.not_linked"
        return _on(where, forget(TRY), _cookie(LINK, {"known": found.known.id}, LINK_S))
    return _on(told["to"], forget(TRY), access_service.session_cookie(found.token))


def _claims(
    request: Request, provider: Provider, secret: str, told: dict[str, Any], state: str
) -> tuple[dict[str, Any], str]:
    asked, here = request.query_params, back_url(request, provider.id)
    if provider.kind is Kind.cas:
        return outside.claims_by_ticket(provider, outside.with_state(here, state), asked.get("ticket", ""))
    if asked.get("error") or not asked.get("code"):
        raise outside.ProviderRefused(reason=asked.get("error", "code")[:80])
    return outside.claims_by_code(provider, secret, here, asked["code"], told["nonce"], told["verifier"])


@web.door(
    "/api/sign-in/{provider_id}/back",
    method="POST",
    can=web.PUBLIC,
    fragment=_fragment(
        "认证端退出 / A provider tells that a session of its own has ended (OIDC back-channel, CAS single log-out).",
        "signin_ended",
        {"204": {"description": "done"}},
        requestBody={
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "properties": {"logout_token": {"type": "string"}, "logoutRequest": {"type": "string"}},
                    }
                }
            }
        },
    ),
)
async def ended(request: Request) -> Response:
    """End what the provider signed in and has ended itself."""
    content = await request.body()
    return await anyio.to_thread.run_sync(_ended, request, content)


def _ended(request: Request, content: bytes) -> Response:
    provider, _ = _opened(request)
    if len(content) > LONGEST_BODY:
        raise TryEnded()
    form = parse_qs(content.decode("utf-8", "replace"))
    if provider.kind is Kind.cas:
        ticket, subject = outside.ticket_ended(form.get("logoutRequest", [""])[0].encode()), ""
    else:
        ticket, subject = outside.ended_by(provider, form.get("logout_token", [""])[0])
    with open_unit(web.ANONYMOUS, "signed out elsewhere") as unit:
        service.end_sessions(unit, provider.id, ticket, subject)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


@web.door(
    "/api/sign-in/{provider_id}/leave",
    can=web.PUBLIC,
    fragment=_fragment("统一退出 / Sent to the provider to end its own session too.", "signin_leave"),
)
def leave(request: Request) -> Response:
    """After signing out here: end it there too, if there is a way; else to the beginning."""
    provider, _ = _opened(request)
    try:
        return _on(outside.way_out(provider, home(request) + "/"))
    except HouseError:
        return _on("/")


@web.door(
    "/api/providers/{provider_id}/check",
    method="POST",
    can="provider.manage",
    fragment=_fragment(
        "检测 / Ask a provider what it is.",
        "signin_check",
        _CHECKED,
    ),
)
def check(request: Request) -> Response:
    """Whether a provider answers as it should, said in the house's words."""
    with transaction() as conn:
        identity = web.enter(conn, request, "provider.manage")
        if identity.session is not None and request.headers.get("x-csrf-token") != identity.csrf:
            raise Refused(action="csrf")
    wanted = ids.parse(request.path_params["provider_id"])
    with open_unit(identity.actor, "check a provider") as unit:
        provider = service.get_provider(unit, identity.actor, wanted)
    return JSONResponse({"keys": outside.check(provider)})
