"""Routes of the house: parse, call one use case, answer. ``can=`` on every one.

A stage declares ``routes = Routes("event")`` and functions that take path and query values, a pydantic body and
``at: Edge``. The house opens the unit around the call, checks session, CSRF token and permission, keeps the answer
under the ``Idempotency-Key`` in the same transaction, and turns errors into problem+json with a stable code.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, get_args

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Header, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.engine import Connection
from starlette.responses import StreamingResponse

from gangmu.kit import clock, seal
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Conflict, HouseError, Invalid, NotSignedIn, Refused
from gangmu.kit.page import MOST, Page
from gangmu.kit.tables import idempotency
from gangmu.kit.text import LANGUAGES, t
from gangmu.kit.unit import Unit, transaction, unit_on

F = TypeVar("F", bound=Callable[..., Any])
Wording = Callable[[dict[str, Any], str], dict[str, Any]]
PUBLIC, SIGNED_IN = "public", "signed_in"
ACTOR = "gangmu.actor"  # where a request's scope keeps the mark of who asks, for the log
CHANGING = {"POST", "PUT", "DELETE"}
_FILE = b"\x00"  # a kept answer that is no JSON begins so
ANONYMOUS = Actor(kind="reporter", name="anonymous")


class Schema(BaseModel):
    """Base of what travels: unknown fields are refused, attributes may be read from dataclasses."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Problem(BaseModel):
    """An error as the client gets it (RFC 9457). ``code`` is stable; ``title`` is in the asker's language."""

    code: str
    title: str
    status: int
    params: dict[str, Any] = {}


PROBLEM = "#/components/responses/Problem"
REFUSED = {
    "description": "Refused: `code` says why and is stable, `title` says it in the asker's language.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


@dataclass(slots=True)
class Edge:
    """What a route gets: the unit, who asks, in which language, and the answer's headers to add to."""

    unit: Unit
    actor: Actor
    lang: str
    request: Request
    session: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a request comes from: the actor in his post, his session, and the token a change must repeat. ``still`` is
    asked once more before a change is committed, where his being in the post can end."""

    actor: Actor
    session: Any
    csrf: str
    still: Callable[[Unit], None] | None = None

    @property
    def keeps_answers(self) -> bool:
        """Whether answers are kept under his idempotency keys: a person's or an application's, nobody's else."""
        return self.session is not None or self.actor.kind == "application"

    @property
    def who(self) -> str:
        """Whose idempotency keys these are."""
        return self.actor.mark


@dataclass(frozen=True, slots=True)
class RouteInfo:
    """A route as the rights matrix and the docs see it."""

    method: str
    path: str
    can: str
    name: str
    module: str


_wordings: dict[str, Wording] = {}
identify: Callable[[Connection, Request], Identity | None] = lambda conn, request: None  # noqa: E731
known: list[RouteInfo] = []
routers: list[APIRouter] = []
doors: list[tuple[RouteInfo, Callable[..., Any], dict[str, Any]]] = []


def use_identify(call: Callable[[Connection, Request], Identity | None]) -> None:
    """Set how a request is identified (base.access does it; boot wires it)."""
    global identify
    identify = call


class Paging:
    """Query values of a list: ``limit`` (1 to 200) and ``after`` (the ``next`` of the page before)."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
        after: Annotated[str | None, Query(max_length=1000)] = None,
    ) -> None:
        self.page = Page(limit, after)


class Listed(BaseModel):
    """Base of list answers: subclasses add ``items``."""

    next: str | None = None


class Routes:
    """The routes of one stage."""

    def __init__(self, tag: str) -> None:
        self.router = APIRouter(prefix="/api", tags=[tag])
        routers.append(self.router)

    def get(self, path: str, **kw: Any) -> Callable[[F], F]:
        return self._add("GET", path, **kw)

    def post(self, path: str, **kw: Any) -> Callable[[F], F]:
        return self._add("POST", path, **kw)

    def put(self, path: str, **kw: Any) -> Callable[[F], F]:
        return self._add("PUT", path, **kw)

    def delete(self, path: str, **kw: Any) -> Callable[[F], F]:
        return self._add("DELETE", path, **kw)

    def _add(
        self,
        method: str,
        path: str,
        *,
        can: str,
        answers: Any = None,
        errors: list[type[HouseError]] | None = None,
        status: int = 200,
    ) -> Callable[[F], F]:
        def register(call: F) -> F:
            endpoint = _endpoint(method, "/api" + path, call, can, answers, status)
            said = {400, 401, 403, 404, 409, 413, 422, 503} | {error.status for error in errors or []}
            if can == PUBLIC and not errors:
                said -= {403, 404, 409}
            codes = sorted({error.code for error in errors or []})
            doc = inspect.getdoc(call) or ""
            more = f"{doc}\n\n" if "\n" in doc else ""
            self.router.add_api_route(
                path,
                endpoint,
                methods=[method],
                response_model=answers,
                status_code=status,
                name=call.__name__,
                operation_id=f"{call.__module__.split('.')[-2]}_{call.__name__}",
                summary=doc.splitlines()[0] if doc else call.__name__,
                description=more + f"Permission: `{can}`." + (f" Errors: {', '.join(codes)}." if codes else ""),
                responses={code: {"$ref": PROBLEM} for code in sorted(said)},
                openapi_extra={"x-can": can},
            )
            known.append(RouteInfo(method, "/api" + path, can, call.__name__, call.__module__))
            return call

        return register


def door(path: str, *, can: str, fragment: dict[str, Any], method: str = "GET") -> Callable[[F], F]:
    """Register a bare Starlette endpoint (streams, ingest, what must speak with others between units) with its right
    and its OpenAPI fragment. The endpoint is called with the request; it asks ``enter`` for the actor."""

    def register(call: F) -> F:
        info = RouteInfo(method, path, can, call.__name__, call.__module__)
        known.append(info)
        doors.append((info, call, fragment))
        return call

    return register


def enter(conn: Connection, request: Request, can: str) -> Identity:
    """Who asks, if he may. ``NotSignedIn`` or ``Refused`` otherwise."""
    found = identify(conn, request)
    if found is not None:
        request.scope[ACTOR] = found.actor.mark
    if can == PUBLIC:
        return found or Identity(ANONYMOUS, None, "")
    if found is None:
        raise NotSignedIn()
    if not (found.session is not None if can == SIGNED_IN else found.actor.may(can)):
        raise Refused(action=can)
    return found


def _endpoint(
    method: str, path: str, call: Callable[..., Any], can: str, answers: Any, status: int
) -> Callable[..., Any]:
    signature = inspect.signature(call)
    adapter = TypeAdapter(answers) if answers is not None else None
    body_names = [
        name
        for name, given in signature.parameters.items()
        if inspect.isclass(given.annotation) and issubclass(given.annotation, BaseModel)
    ]
    file_names = [name for name, given in signature.parameters.items() if _is_file(given.annotation)]

    def endpoint(request: Request, idempotency_key: str | None = None, **values: Any) -> Response:
        with transaction() as conn:
            identity = enter(conn, request, can)
            if (
                method in CHANGING
                and identity.session is not None
                and request.headers.get("x-csrf-token") != identity.csrf
            ):
                raise Refused(action="csrf")
            claimed: tuple[str, str, bytes] | None = None
            if method in CHANGING and idempotency_key and identity.keeps_answers:
                asked = _asked(method, request, [values[name] for name in body_names + file_names])
                kept = _claim(conn, identity.who, idempotency_key, asked)
                if isinstance(kept, Response):
                    return kept
                claimed = kept
            lang = language(request)
            with unit_on(conn, identity.actor, f"{method} {path}") as unit:
                at = Edge(unit, identity.actor, lang, request, identity.session)
                said = call(**values, at=at) if "at" in signature.parameters else call(**values)
                if method in CHANGING and identity.still is not None:
                    identity.still(unit)
            if isinstance(said, Response):
                if claimed is not None:
                    _keep_file(conn, *claimed, said)
                return said
            content = b"" if adapter is None else adapter.dump_json(adapter.validate_python(said, from_attributes=True))
            if claimed is not None:
                _keep(conn, *claimed, status, content)
            media = "application/json" if adapter is not None else None
            answer = Response(content, status_code=status if adapter is not None else 204, media_type=media)
            for name, value in at.headers.items() if "at" in signature.parameters else ():
                answer.headers.append(name, value)
            return answer

    shown = [p for p in signature.parameters.values() if p.name != "at"]
    asks = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in shown] + [asks]
    if method in CHANGING:
        key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=8, max_length=100)]
        parameters.append(
            inspect.Parameter("idempotency_key", inspect.Parameter.KEYWORD_ONLY, annotation=key, default=None)
        )
    endpoint.__signature__ = signature.replace(parameters=parameters, return_annotation=Any)  # type: ignore[attr-defined]
    endpoint.__name__ = call.__name__
    return endpoint


def _is_file(annotation: Any) -> bool:
    return UploadFile in (annotation, *get_args(annotation)[:1])


def _asked(method: str, request: Request, sent: Sequence[Any]) -> bytes:
    """The digest of what a request asks for: the same key must not stand for two things."""
    parts = [f"{method} {request.url.path}?{request.url.query}".encode()]
    for one in sent:
        if isinstance(one, BaseModel):
            parts.append(repr(one.model_dump(mode="python")).encode("utf-8", "surrogatepass"))
        elif one is not None:
            digest = seal.Sm3()
            one.file.seek(0)
            while part := one.file.read(1 << 20):
                digest.add(part)
            one.file.seek(0)
            parts.append(f"{one.filename!r} {digest.hex()}".encode("utf-8", "surrogatepass"))
    return seal.keys().blind(seal.sm3(*parts).hex())


def _claim(conn: Connection, who: str, given: str, asked: bytes) -> Response | tuple[str, str, bytes]:
    """Take the key for this request, or give the answer kept under it. A second request with the same key waits for
    the first one's transaction here.

    Answers may be personal: each is sealed under a secret drawn from the client's key, of which only a blind digest is
    stored, so that nobody but who holds the key reads it again."""
    key, secret = seal.keys().blind(f"key {who} {given}").hex(), seal.keys().blind(f"answer {who} {given}")[:16]
    row = {"actor": who, "key": key, "request": asked, "kept_at": clock.real_now()}
    claim = pg_insert(idempotency).values(row).on_conflict_do_nothing().returning(idempotency.c.key)
    if conn.execute(claim).first() is not None:
        return who, key, secret
    kept = conn.execute(sa.select(idempotency).where(idempotency.c.actor == who, idempotency.c.key == key)).first()
    if kept is None or bytes(kept.request) != asked:
        raise Conflict(rule="idempotency_key")
    answer = (seal.unlock(secret, bytes(kept.answer), who.encode()) if kept.answer else None) or b""
    headers = {"Idempotency-Replayed": "true"}
    if answer.startswith(_FILE):
        told, _, content = answer.removeprefix(_FILE).partition(b"\n")
        return Response(content, kept.status, {**orjson.loads(told), **headers})
    return Response(answer, kept.status or 200, headers, "application/json" if answer else None)


def _keep(conn: Connection, who: str, key: str, secret: bytes, status: int, content: bytes) -> None:
    row = sa.update(idempotency).where(idempotency.c.actor == who, idempotency.c.key == key)
    answer = seal.lock(secret, content, who.encode()) if content else b""
    conn.execute(row.values(status=status if content else 204, answer=answer))


def _keep_file(conn: Connection, who: str, key: str, secret: bytes, said: Response) -> None:
    """Keep what is no JSON, with its headers: it may be given once only. What is made while it is sent is not kept; the
    key is free again, and the same request makes it anew."""
    if isinstance(said, StreamingResponse):
        conn.execute(sa.delete(idempotency).where(idempotency.c.actor == who, idempotency.c.key == key))
        return
    headers = {name: value for name, value in said.headers.items() if name != "content-length"}
    _keep(conn, who, key, secret, said.status_code, _FILE + orjson.dumps(headers) + b"\n" + bytes(said.body))


def language(request: Request) -> str:
    """zh-CN unless the browser asks for English first."""
    chosen = request.cookies.get("gangmu_lang") or request.headers.get("accept-language", "")
    return LANGUAGES[1] if chosen.lower().startswith("en") else LANGUAGES[0]


def wording(*codes: str) -> Callable[[Wording], Wording]:
    """Let a stage say what an error's values are called, in its text alone: ``(values, language) -> values``."""

    def register(call: Wording) -> Wording:
        _wordings.update(dict.fromkeys(codes, call))
        return call

    return register


def problem(error: HouseError, lang: str) -> JSONResponse:
    """An error as problem+json."""
    params = {name: _plain(value) for name, value in error.params.items()}
    named = _wordings[error.code](error.params, lang) if error.code in _wordings else error.params
    body = {"code": error.code, "title": t(error.code, lang, **named), "status": error.status, "params": params}
    return Answer(body, status_code=error.status, media_type="application/problem+json")


class Answer(JSONResponse):
    """JSON by orjson."""

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS, default=str)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def invalid(field_name: str, reason: str) -> Invalid:
    """Shorthand for a refused value."""
    return Invalid(field=field_name, reason=reason)


def stream(parts: Any, mime: str, name: str = "") -> StreamingResponse:
    """A download that is made while it is sent."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'} if name else {}
    return StreamingResponse(parts, media_type=mime, headers=headers)
