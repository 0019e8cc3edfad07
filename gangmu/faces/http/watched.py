"""One line and one count a request: who, which route, how it ended, how long it took. Never what was asked or said."""

import re
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gangmu.kit import clock, ids, metrics, settings, web
from gangmu.kit.log import log
from gangmu.kit.watching import LogSettings

QUIET = ("/healthz", "/readyz", "/metrics", "/api/health", "screen")
STREAMS = ("/api/live", "/api/board/live")
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Watched:
    """The outermost layer. A request keeps the id that a proxy gave it (``X-Request-Id``), or gets one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, began, status = _id_of(scope), clock.monotonic(), 500

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", request_id.encode())]}
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await self.app(scope, receive, seen)
            finally:
                _tell(scope, status, clock.monotonic() - began)


def _id_of(scope: Scope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if _GIVEN.fullmatch(given) else str(ids.new("req"))


def _tell(scope: Scope, status: int, took_s: float) -> None:
    route, method = route_of(scope), scope["method"] if scope["method"] in _METHODS else "other"
    metrics.requests.labels(method, route, str(status)).inc()
    if route not in STREAMS:
        metrics.request_seconds.labels(route).observe(took_s)
    if settings.get(LogSettings).requests and route not in QUIET:
        actor = scope.get(web.ACTOR, "")
        log.info("request", method=method, route=route, status=status, ms=round(took_s * 1000, 1), actor=actor)


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def route_of(scope: Scope) -> str:
    """The template of the route, never the path that was asked for: that may hold anything."""
    found: Any = scope.get("route")
    path = getattr(found, "path", None)
    if path is None:
        endpoint = scope.get("endpoint")
        path = next((info.path for info, call, _ in web.doors if call is endpoint), None)
    return str(path) if path and path != "/{path:path}" else "screen"
