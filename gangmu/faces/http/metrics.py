"""What a watchdog asks: figures for Prometheus, whether the process lives, whether the house can work.

Without personal data: figures, states, names of routes and jobs.
"""

import hmac
import ipaddress
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import anyio.to_thread
import psycopg
import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gangmu.kit import clock, jobs, metrics, settings, web
from gangmu.kit.errors import Busy, HouseError, Refused
from gangmu.kit.tables import job, journal_unsealed, live_tick, outbox
from gangmu.kit.unit import read_clock, transaction
from gangmu.kit.watching import CareSettings, MetricsSettings
from gangmu.kit.web import Edge, Routes
from gangmu.migrations import runner

routes = Routes("metrics")
TEXT = "text/plain; version=0.0.4; charset=utf-8"
_MOST = 10_000
_OLDEST = sa.select(sa.cast(journal_unsealed.c.entry, sa.Text)).order_by(journal_unsealed.c.entry).limit(1)
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


class NotReady(HouseError):
    """Something that the house cannot work without is not as it must be."""

    code, status = "house.not_ready", 503


class House(Collector):
    """The figures of the house as a whole, out of its database; counts stop at 10,000, so that asking stays cheap."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now, real = clock.now(), clock.real_now().timestamp()
        counts = {
            "outbox_waiting": ("Messages that wait for the relay.", sa.select(outbox.c.id)),
            "jobs_due": ("Jobs and timers that are due.", jobs.due(now)),
            "jobs_dead": ("Dead letters.", sa.select(job.c.id).where(job.c.state == "dead")),
            "journal_unsealed": ("Journal entries that wait for the sealer.", sa.select(journal_unsealed.c.entry)),
        }
        for name, (about, query) in counts.items():
            yield GaugeMetricFamily(f"gangmu_{name}", about, self._value(_counted(query)))
        oldest = self._value(_OLDEST)
        late = _made_at(oldest)
        yield GaugeMetricFamily(
            "gangmu_journal_unsealed_seconds", "Age of the oldest unsealed entry.", max(0.0, real - late) if late else 0
        )
        due = self._value(sa.select(sa.func.min(job.c.run_at)).where(job.c.state == "ready", job.c.run_at <= now))
        yield GaugeMetricFamily(
            "gangmu_jobs_late_seconds", "How long the oldest due job waits.", (now - due).total_seconds() if due else 0
        )
        ticks = self._value(sa.select(sa.func.coalesce(sa.func.max(live_tick.c.seq), 0)))
        yield GaugeMetricFamily("gangmu_ticks", "Number of the last live tick.", ticks)
        files = "SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = to_regclass('file')"
        yield GaugeMetricFamily("gangmu_files", "Kept files, about.", self._value(sa.text(files)) or 0)
        size = self._value(sa.text("SELECT pg_database_size(current_database())"))
        yield GaugeMetricFamily("gangmu_database_bytes", "What the database takes on its disk.", size)

    def _value(self, query: Any) -> Any:
        return self._conn.execute(query).scalar() or 0


def _counted(query: "sa.Select[Any]") -> "sa.Select[Any]":
    return sa.select(sa.func.count()).select_from(query.limit(_MOST).subquery())


def _made_at(entry: Any) -> float | None:
    """The time in a sortable id; none of none."""
    return int(str(entry).replace("-", "")[:12], 16) / 1000 if entry else None


def _rendered(conn: Connection) -> bytes:
    told = CollectorRegistry()
    told.register(metrics.together())
    told.register(House(conn))
    return generate_latest(told)


@routes.get("/metrics", can="settings.manage")
def metrics_for_people(at: Edge) -> Response:
    """指标 / The figures for whoever may manage settings, in Prometheus' text form."""
    return Response(_rendered(at.unit.conn), media_type=TEXT)


def _fragment(summary: str, operation: str, media: str) -> dict[str, Any]:
    return {
        "tags": ["metrics"],
        "summary": summary,
        "operationId": f"metrics_{operation}",
        "responses": {
            "200": {"description": "so it is", "content": {media: {"schema": {"type": "string"}}}},
            "403": {"description": "not from there", "content": {"application/problem+json": {}}},
            "503": {"description": "not so", "content": {"application/json": {}, "application/problem+json": {}}},
        },
    }


@web.door("/metrics", can=web.PUBLIC, fragment=_fragment("指标 / Figures for Prometheus", "scrape", "text/plain"))
async def scrape(request: Request) -> Response:
    """From this very machine, or with the token of the settings."""
    if not _may_scrape(request):
        return web.problem(Refused(action="metrics"), web.language(request))
    try:
        return Response(await anyio.to_thread.run_sync(_scraped), media_type=TEXT)
    except (Busy, psycopg.Error, sa.exc.DBAPIError):
        return web.problem(Busy(what="database"), web.language(request))


def _scraped() -> bytes:
    with transaction() as conn:
        read_clock(conn)
        return _rendered(conn)


def _may_scrape(request: Request) -> bool:
    token = settings.get(MetricsSettings).token
    given = request.headers.get("authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    host = request.client.host if request.client else ""
    # what a proxy of this machine passes on comes from elsewhere
    return _is_loopback(host) and not any(name in request.headers for name in _FORWARDED)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@web.door(
    "/healthz", can=web.PUBLIC, fragment=_fragment("存活 / Whether the process lives", "live", "application/json")
)
async def live(request: Request) -> Response:
    """It answers: it lives. Nothing else is asked."""
    return JSONResponse({"status": "ok"})


@web.door(
    "/readyz", can=web.PUBLIC, fragment=_fragment("就绪 / Whether the house can work", "ready", "application/json")
)
async def ready(request: Request) -> Response:
    """Database, tables of this version, a sealer that keeps up; 503 when one of them is not so."""
    told = await anyio.to_thread.run_sync(readiness)
    missing = [name for name, is_so in told.items() if not is_so]
    if missing:
        return web.problem(NotReady(what=", ".join(missing), **told), web.language(request))
    return JSONResponse({"status": "ok", **told})


def readiness() -> dict[str, bool]:
    """Each thing that must be so, and whether it is."""
    told = dict.fromkeys(("database", "tables", "journal"), False)
    try:
        with transaction() as conn:
            told["database"] = True
            stands = conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
            told["tables"] = stands == _newest()
            oldest = _made_at(conn.execute(_OLDEST).scalar())
            late = clock.real_now().timestamp() - oldest if oldest else 0.0
            told["journal"] = late <= settings.get(CareSettings).seal_late_s
    except (Busy, psycopg.Error, sa.exc.DBAPIError):
        return told
    return told


@lru_cache(maxsize=1)
def _newest() -> str | None:
    return runner.head()
