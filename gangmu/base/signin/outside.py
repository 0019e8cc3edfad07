"""Speaking with providers: OpenID Connect by Authlib, CAS by python-cas, both over httpx with time-outs and a bound on
what is read. Never inside a unit of work; no proxy of the environment, no redirect followed."""

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import ParseError

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.oidc.core import CodeIDToken
from cas import CASClient, CASClientV3
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from gangmu.base.signin.errors import ProviderRefused, ProviderSilent, ProviderWrong
from gangmu.base.signin.model import Kind, Provider, checked_address
from gangmu.base.signin.settings import SigninSettings
from gangmu.kit import clock, settings
from gangmu.kit.errors import Invalid

with warnings.catch_warnings():  # Authlib would rather have httpx2, and says so at every command
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import OAuth2Client

LARGEST = 1_000_000
KEPT_S = 600.0
LEEWAY_S = 120
# signatures by a private key alone: "none" and those by a shared secret are not accepted
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
ENDED = "http://schemas.openid.net/event/backchannel-logout"
_METADATA = "/.well-known/openid-configuration"
_lock = threading.Lock()
_known: dict[tuple[str, str], tuple[float, dict[str, Any]]] = {}


class _TooMuch(httpx.TransportError):
    """More than a provider has to say."""


class _Capped(httpx.SyncByteStream):
    """What comes back, as far as it may."""

    def __init__(self, given: httpx.SyncByteStream) -> None:
        self._given = given

    def __iter__(self) -> Iterator[bytes]:
        left = LARGEST
        for part in self._given:
            left -= len(part)
            if left < 0:
                raise _TooMuch("the answer is too large")
            yield part

    def close(self) -> None:
        self._given.close()


class _Transport(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        assert isinstance(answer.stream, httpx.SyncByteStream)
        answer.stream = _Capped(answer.stream)
        return answer


@contextmanager
def _asking() -> Iterator[None]:
    """What goes wrong outside, in the words of the house."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise ProviderWrong(reason=f"status {error.response.status_code}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderSilent(reason=type(error).__name__.strip("_")) from error
    except AuthlibBaseError as error:
        raise ProviderRefused(reason=str(error.error)[:80]) from error
    except JoseError as error:
        raise ProviderWrong(reason=str(error.error)[:80]) from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, ParseError) as error:
        raise ProviderWrong(reason=type(error).__name__) from error


def _options() -> dict[str, Any]:
    return {
        "timeout": settings.get(SigninSettings).seconds,
        "follow_redirects": False,
        "trust_env": False,
        "transport": _Transport(),
    }


def _checked(address: Any) -> str:
    try:
        return checked_address(str(address).partition("?")[0], plain=settings.get(SigninSettings).plain) and str(
            address
        )
    except Invalid as error:
        raise ProviderWrong(reason="address") from error


def _get(address: str) -> dict[str, Any]:
    with httpx.Client(**_options()) as client:
        answer = client.get(_checked(address), headers={"accept": "application/json"})
        answer.raise_for_status()
        found = answer.json()
        if answer.status_code != 200 or not isinstance(found, dict):
            raise ProviderWrong(reason=f"status {answer.status_code}")
        return found


def _kept(kind: str, address: str, *, anew: bool = False) -> dict[str, Any]:
    """A document of a provider, asked for again after some minutes, or when it lacks a key."""
    with _lock:
        held = _known.get((kind, address))
    if held is not None and not anew and clock.monotonic() - held[0] < KEPT_S:
        return held[1]
    found = _get(address)
    with _lock:
        if len(_known) > 100:
            _known.clear()
        _known[kind, address] = (clock.monotonic(), found)
    return found


def _metadata(provider: Provider, *, anew: bool = False) -> dict[str, Any]:
    """The provider's own description; its issuer must be the address that was set here."""
    found = _kept("metadata", provider.address.rstrip("/") + _METADATA, anew=anew)
    if str(found.get("issuer", "")).rstrip("/") != provider.address.rstrip("/"):
        raise ProviderWrong(reason="issuer")
    return found


def _keys(meta: Mapping[str, Any], *, anew: bool = False) -> KeySet:
    return KeySet.import_key_set(_kept("keys", str(meta["jwks_uri"]), anew=anew))  # type: ignore[arg-type]


def _claims(meta: Mapping[str, Any], token: str) -> jwt.Token:
    """What a signed token says; keys are asked for anew when it names one that is not known."""
    try:
        return jwt.decode(token, _keys(meta), algorithms=ALGORITHMS)
    except InvalidKeyIdError:
        return jwt.decode(token, _keys(meta, anew=True), algorithms=ALGORITHMS)


def _oidc(provider: Provider, secret: str, meta: Mapping[str, Any], back: str) -> OAuth2Client:
    ways = meta.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    way = next((one for one in ("client_secret_basic", "client_secret_post") if one in ways), "client_secret_basic")
    return OAuth2Client(
        client_id=provider.client_id,
        client_secret=secret or None,
        token_endpoint_auth_method=way if secret else "none",
        scope=provider.scopes or "openid profile",
        redirect_uri=back,
        code_challenge_method="S256",
        **_options(),
    )


class _Asked:
    """What python-cas asks with: httpx instead of requests."""

    def get(self, url: str, params: Mapping[str, str] | None = None, **_: Any) -> httpx.Response:
        with httpx.Client(**_options()) as client:
            answer = client.get(_checked(url), params=dict(params or {}))
            answer.raise_for_status()
            return answer


def _cas(provider: Provider, back: str) -> CASClientV3:
    address = provider.address.rstrip("/") + "/"
    return CASClient(version=3, service_url=back, server_url=address, session=_Asked())


def way_in(provider: Provider, secret: str, back: str, state: str, nonce: str, verifier: str) -> str:
    """The address at the provider to send a browser to."""
    if provider.kind is Kind.cas:
        return str(_cas(provider, with_state(back, state)).get_login_url())
    with _asking():
        meta = _metadata(provider)
        with _oidc(provider, secret, meta, back) as client:
            url, _ = client.create_authorization_url(
                _checked(meta["authorization_endpoint"]), state=state, nonce=nonce, code_verifier=verifier
            )
            return str(url)


def with_state(back: str, state: str) -> str:
    """CAS knows no state: it is part of the address that it comes back to."""
    return f"{back}?{urlencode({'state': state})}"


def claims_by_code(
    provider: Provider, secret: str, back: str, code: str, nonce: str, verifier: str
) -> tuple[dict[str, Any], str]:
    """The claims for a code, and the provider's own session: the signed token first, then what it tells on request."""
    with _asking():
        meta = _metadata(provider)
        with _oidc(provider, secret, meta, back) as client:
            given = client.fetch_token(
                _checked(meta["token_endpoint"]), grant_type="authorization_code", code=code, code_verifier=verifier
            )
            read = _claims(meta, str(given["id_token"]))
            options = {
                "iss": {"essential": True, "value": meta["issuer"]},
                "aud": {"essential": True, "value": provider.client_id},
            }
            asked = {"nonce": nonce, "client_id": provider.client_id, "access_token": given.get("access_token")}
            signed = CodeIDToken(read.claims, read.header, options, asked)  # type: ignore[arg-type]
            signed.validate(now=int(clock.real_now().timestamp()), leeway=LEEWAY_S)
            told: dict[str, Any] = {}
            if meta.get("userinfo_endpoint") and given.get("access_token"):
                answer = client.get(_checked(meta["userinfo_endpoint"]), headers={"accept": "application/json"})
                answer.raise_for_status()
                told = answer.json()
                if told.get("sub") != signed["sub"]:
                    raise ProviderWrong(reason="sub")
    return {**told, **signed}, str(signed.get("sid") or "")


def claims_by_ticket(provider: Provider, back: str, ticket: str) -> tuple[dict[str, Any], str]:
    """What a CAS server says for a ticket; ``back`` with its state, exactly as the browser was sent."""
    with _asking():
        user, attributes, _ = _cas(provider, back).verify_ticket(ticket)
    if not user:
        raise ProviderRefused(reason="ticket")
    return {**(attributes or {}), "sub": user}, ticket


def ended_by(provider: Provider, token: str) -> tuple[str, str]:
    """Whose session a provider says has ended: its own session, or the subject. Signed by it, for us, just now."""
    with _asking():
        meta = _metadata(provider)
        said = _claims(meta, token).claims
        audience = said.get("aud")
        now = clock.real_now().timestamp()
        checks = {
            "iss": said.get("iss") == meta["issuer"],
            "aud": provider.client_id in (audience if isinstance(audience, list) else [audience]),
            "events": isinstance(said.get("events"), dict) and ENDED in said["events"],
            "nonce": "nonce" not in said,
            "iat": abs(now - float(said.get("iat") or 0)) < KEPT_S,
            "exp": float(said.get("exp") or now) > now - LEEWAY_S,
            "sid": bool(said.get("sid") or said.get("sub")),
        }
    wrong = [name for name, holds in checks.items() if not holds]
    if wrong:
        raise ProviderWrong(reason=wrong[0])
    return str(said.get("sid") or ""), str(said.get("sub") or "")


def ticket_ended(request: bytes) -> str:
    """The ticket that a CAS server says has ended."""
    if len(request) > 20_000 or b"<!" in request:
        raise ProviderWrong(reason="logoutRequest")
    with _asking():
        found = CASClientV3.get_saml_slos(request)
        return str(found[0].text)


def way_out(provider: Provider, home: str) -> str:
    """The address at the provider that ends its own session too; ours where it has none."""
    if provider.kind is Kind.cas:
        return str(_cas(provider, home).get_logout_url(home))
    with _asking():
        end = _metadata(provider).get("end_session_endpoint")
        if not end:
            return home
        asked = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": home})
        return f"{_checked(end)}{'&' if '?' in end else '?'}{asked}"


def check(provider: Provider) -> int:
    """Ask the provider what it is, anew; how many keys it signs with."""
    if provider.kind is Kind.cas:
        with _asking(), httpx.Client(**_options()) as client:
            answer = client.get(_checked(provider.address.rstrip("/") + "/login"))
            if answer.status_code >= 400:
                answer.raise_for_status()
            return 0
    with _asking():
        meta = _metadata(provider, anew=True)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _checked(meta[name])
        if "S256" not in (meta.get("code_challenge_methods_supported") or ["S256"]):
            raise ProviderWrong(reason="PKCE S256")
        return len(_keys(meta, anew=True).keys)
