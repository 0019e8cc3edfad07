"""Providers of identities on loopback, for the suite: a small OpenID provider and a small CAS server, over real HTTP.

Each signs in whom ``who`` names, without asking; what they hand out can be made wrong, one thing at a time, by
``spoil``.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.sax.saxutils import escape

import orjson
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "gangmu", "a-secret-of-the-house"
PEOPLE = {
    "zhang": {"sub": "u-1001", "preferred_username": "clerk", "name": "张三", "groups": ["acceptance"]},
    "li": {"sub": "u-1002", "preferred_username": "nobody-here", "name": "李四", "email": "clerk"},
    "boss": {"sub": "u-1003", "preferred_username": "security_admin", "name": "王五"},
}


@dataclass
class Outside:
    """What both servers know: who signs in, what is spoilt, what was handed out."""

    who: str = "zhang"
    people: dict[str, dict[str, Any]] = field(default_factory=lambda: {name: dict(one) for name, one in PEOPLE.items()})
    spoil: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    address: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}))

    def token(self, **claims: Any) -> str:
        """A token signed by this provider."""
        now = int(time.time())
        told = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, **claims}
        told = {name: value for name, value in told.items() if value is not None}
        key = self.spoil.get("key", self.key)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, told, key)


class _Server(BaseHTTPRequestHandler):
    outside: Outside

    def log_message(self, *_: Any) -> None:
        pass

    def send(self, status: int, body: Any = b"", kind: str = "application/json", **headers: str) -> None:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def form(self) -> dict[str, str]:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        return {name: values[0] for name, values in parse_qs(body).items()}


class _Oidc(_Server):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        known, spoil = self.outside, self.outside.spoil
        known.asked.append(parts.path)
        if spoil.get("silent"):
            time.sleep(spoil["silent"])
        if parts.path == "/.well-known/openid-configuration":
            here = known.address
            self.send(
                200,
                {
                    "issuer": spoil.get("issuer", here),
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "jwks_uri": f"{here}/keys",
                    "userinfo_endpoint": f"{here}/userinfo",
                    "end_session_endpoint": f"{here}/logout",
                    "code_challenge_methods_supported": ["S256"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                },
            )
        elif parts.path == "/keys":
            self.send(200, {"keys": [known.key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            assert asked["client_id"] == CLIENT and asked["response_type"] == "code"
            assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
            if known.who not in known.people:
                back = {"error": "access_denied", "state": asked["state"]}
            else:
                code = secrets.token_urlsafe(12)
                known.codes[code] = {**asked, "who": known.who}
                back = {"code": code, "state": asked["state"]}
            self.send(302, Location=f"{asked['redirect_uri']}?{urlencode(back)}")
        elif parts.path == "/userinfo":
            who = known.people[self.headers["authorization"].removeprefix("Bearer at-")]
            self.send(200, {**who, **spoil.get("userinfo", {})})
        elif parts.path == "/logout":
            self.send(302, Location=asked["post_logout_redirect_uri"])
        else:
            self.send(404)

    def do_POST(self) -> None:
        known, form = self.outside, self.form()
        known.asked.append(self.path)
        given = base64.b64decode(self.headers.get("authorization", "Basic ").removeprefix("Basic ")).decode()
        held = known.codes.pop(form.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if given != f"{CLIENT}:{SECRET}":
            self.send(401, {"error": "invalid_client"})
        elif not held or (held["code_challenge"], held["redirect_uri"]) != (
            proof.decode().rstrip("="),
            form["redirect_uri"],
        ):
            self.send(400, {"error": "invalid_grant"})
        else:
            who = known.people[held["who"]]
            claims = {"sub": who["sub"], "nonce": held["nonce"], "sid": f"sid-{held['who']}"}
            claims |= known.spoil.get("claims", {})
            told = {"access_token": f"at-{held['who']}", "token_type": "Bearer", "id_token": known.token(**claims)}
            self.send(200, {**told, **known.spoil.get("token", {})})


class _Cas(_Server):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        known = self.outside
        known.asked.append(parts.path)
        if parts.path == "/cas/login":
            ticket = f"ST-{secrets.token_urlsafe(12)}"
            known.codes[ticket] = {"service": asked.get("service", ""), "who": known.who}
            join = "&" if "?" in asked.get("service", "") else "?"
            self.send(302, Location=f"{asked.get('service', '/')}{join}ticket={ticket}")
        elif parts.path == "/cas/p3/serviceValidate":
            held = known.codes.pop(asked["ticket"], None)
            if held is None or held["service"] != asked["service"]:
                said = '<cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure>'
            else:
                who = known.people[held["who"]]
                rows = "".join(
                    f"<cas:{name}>{escape(str(one))}</cas:{name}>"
                    for name, value in who.items()
                    for one in (value if isinstance(value, list) else [value])
                )
                user = escape(who["preferred_username"])
                said = f"<cas:user>{user}</cas:user><cas:attributes>{rows}</cas:attributes>"
                said = f"<cas:authenticationSuccess>{said}</cas:authenticationSuccess>"
            body = f'<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{said}</cas:serviceResponse>'
            self.send(200, known.spoil.get("body", body.encode()), "text/xml")
        else:
            self.send(404)


@contextmanager
def _served(kind: type[_Server], path: str) -> Iterator[Outside]:
    known = Outside()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (kind,), {"outside": known}))
    known.address = f"http://127.0.0.1:{server.server_address[1]}{path}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def oidc() -> Any:
    return _served(_Oidc, "")


def cas() -> Any:
    return _served(_Cas, "/cas")
