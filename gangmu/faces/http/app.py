"""One application out of all routes and doors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gangmu.base.places.settings import PlacesSettings
from gangmu.faces.http import administration, drafts, evidence, live, metrics  # noqa: F401 - their routes register
from gangmu.faces.http import settings as _of_the_web  # noqa: F401 - its settings are listed
from gangmu.faces.http.watched import Watched, route_of
from gangmu.kit import files, settings, web
from gangmu.kit.errors import Busy, HouseError, Invalid, NoRoom, NotFound, TooLarge
from gangmu.kit.log import log

DISK_FULL = "53100"  # of SQLSTATE
SCREENS = Path(__file__).parent.parent / "web_dist"
LARGEST_BODY = 70_000_000
LARGEST_JSON = 2_000_000
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; connect-src 'self';"
        " frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


def _pictures() -> str:
    """Where pictures may come from: this house, and the base map if the city has set one."""
    base = urlsplit(settings.get(PlacesSettings).base_map.split("{")[0])
    away = f" {base.scheme}://{base.netloc}" if base.scheme in ("http", "https") and base.netloc else ""
    return f"img-src 'self'{away}"


class Broken(HouseError):
    """Something in the house failed; the log says what under the request's path."""

    code, status = "house.broken", 500


def make_app(threads: int = 16) -> FastAPI:
    """The application of this process. Its database and keys are set before (``boot``)."""

    @asynccontextmanager
    async def started(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        yield

    app = FastAPI(
        title="Gangmu 纲目",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=started,
        separate_input_output_schemas=False,
    )
    for router in web.routers:
        app.include_router(router)
    for info, call, _ in web.doors:
        app.add_route(info.path, call, methods=[info.method])
    _errors(app)
    app.add_middleware(Guarded)
    app.add_middleware(Watched)
    app.get("/api/openapi.json", include_in_schema=False)(lambda: described(app))
    if (SCREENS / "assets").is_dir():
        app.mount("/assets", StaticFiles(directory=SCREENS / "assets"), name="assets")
    app.add_route("/{path:path}", _screen, methods=["GET"], include_in_schema=False)
    return app


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, doors included. Refusals look alike everywhere, so that they are described once."""
    document = app.openapi()
    document["components"]["responses"] = {"Problem": web.REFUSED}
    document["components"]["schemas"]["Problem"] = web.Problem.model_json_schema()
    for info, _, fragment in web.doors:
        document["paths"].setdefault(info.path, {})[info.method.lower()] = {**fragment, "x-can": info.can}
    for methods in document["paths"].values():
        for operation in methods.values():
            said = operation["responses"]
            operation["responses"] = {key: said[key] if key < "400" else {"$ref": web.PROBLEM} for key in said}
    return document


async def _screen(request: Request) -> Response:
    """A file of the built screens, the page of the wall screen, or that of the desk for its own addresses."""
    wanted = request.path_params["path"]
    if wanted.startswith("api/"):
        return web.problem(NotFound(what="/" + wanted), web.language(request))
    file = (SCREENS / wanted).resolve()
    if wanted and file.is_file() and file.is_relative_to(SCREENS):
        return FileResponse(file)
    page = SCREENS / ("board.html" if wanted.split("/")[0] == "board" else "index.html")
    if not page.exists():
        return web.problem(NotFound(what="screens: run make setup"), web.language(request))
    return FileResponse(page)


def _errors(app: FastAPI) -> None:
    def answer(request: Request, error: HouseError) -> Response:
        return web.problem(error, web.language(request))

    def of_validation(request: Request, error: RequestValidationError) -> Response:
        fields = [
            {"field": ".".join(str(part) for part in found["loc"][1:]), "reason": found["msg"]}
            for found in error.errors()[:50]
        ]
        first = fields[0] if fields else {"field": "", "reason": ""}
        return answer(request, Invalid(field=first["field"], reason=first["reason"], fields=fields))

    def of_values(request: Request, error: Exception) -> Response:
        return answer(request, Invalid(field="", reason="a value that cannot be kept"))

    def of_statement(request: Request, error: Exception) -> Response:
        """A value that could not even be sent is the asker's fault, anything that the database says is ours."""
        return of_anything(request, error) if isinstance(error, sa.exc.DBAPIError) else of_values(request, error)

    def of_database(request: Request, error: Exception) -> Response:
        log.warning("database did not answer", route=route_of(request.scope), exc_info=error)
        full = str(getattr(getattr(error, "orig", None), "sqlstate", "")) == DISK_FULL
        return answer(request, NoRoom(what="database") if full else Busy(what="database"))

    def of_http(request: Request, error: HTTPException) -> Response:
        if isinstance(error.__cause__, OSError):  # a body that could not be put by while it came in
            return answer(request, files.refused(error.__cause__))
        if error.status_code == 404:
            return answer(request, NotFound(what=request.url.path))
        said = Invalid(field="", reason=str(error.detail))
        said.status = error.status_code
        return answer(request, said)

    def of_anything(request: Request, error: Exception) -> Response:
        log.error("request failed", route=route_of(request.scope), exc_info=error)
        return answer(request, Broken(path=request.url.path))

    app.add_exception_handler(HouseError, answer)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, of_validation)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, of_http)  # type: ignore[arg-type]
    app.add_exception_handler(sa.exc.DataError, of_values)
    app.add_exception_handler(sa.exc.StatementError, of_statement)
    app.add_exception_handler(UnicodeEncodeError, of_values)
    app.add_exception_handler(sa.exc.OperationalError, of_database)
    app.add_exception_handler(sa.exc.InterfaceError, of_database)
    app.add_exception_handler(Exception, of_anything)


class Guarded:
    """Security headers on every answer, and an end to bodies that are too large, declared or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        most = LARGEST_BODY if headers.get(b"content-type", b"").startswith(b"multipart/") else LARGEST_JSON
        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > most:
            await self._refuse(scope, receive, send, most)
            return
        taken = 0
        over = False

        async def counted() -> Message:
            nonlocal taken, over
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                over = True
                return {"type": "http.disconnect"}
            return message

        async def headed(message: Message) -> None:
            if over and message["type"] == "http.response.start":
                message = {**message, "status": 413}
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = [
                    (n.lower().encode(), v.replace("img-src 'self'", _pictures()).encode())
                    for n, v in HEADERS.items()
                    if n.lower().encode() not in present
                ]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self.app(scope, counted, headed)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        answer = web.problem(TooLarge(most=most), web.language(Request(scope)))
        await answer(scope, receive, send)
