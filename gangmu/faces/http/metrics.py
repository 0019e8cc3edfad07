"""Metrics for Prometheus: requests, jobs, outbox, dead letters. Without personal data."""

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from starlette.responses import Response

from gangmu.kit import jobs
from gangmu.kit.tables import job, journal_unsealed, live_tick, outbox
from gangmu.kit.web import Edge, Routes

routes = Routes("metrics")


@routes.get("/metrics", can="settings.manage")
def metrics(at: Edge) -> Response:
    """指标 / Waiting messages, due and dead jobs, unsealed journal entries, ticks, in Prometheus' text form."""
    registry = CollectorRegistry()
    waiting = {
        "gangmu_outbox_waiting": sa.select(sa.func.count()).select_from(
            sa.select(outbox.c.id).limit(10_000).subquery()
        ),
        "gangmu_jobs_due": sa.select(sa.func.count()).select_from(jobs.due(at.unit.now).limit(10_000).subquery()),
        "gangmu_jobs_dead": sa.select(sa.func.count()).select_from(
            sa.select(job.c.id).where(job.c.state == "dead").limit(10_000).subquery()
        ),
        "gangmu_journal_unsealed": sa.select(sa.func.count()).select_from(
            sa.select(journal_unsealed.c.entry).limit(10_000).subquery()
        ),
        "gangmu_ticks": sa.select(sa.func.coalesce(sa.func.max(live_tick.c.seq), 0)),
    }
    for name, query in waiting.items():
        Gauge(name, name.replace("_", " "), registry=registry).set(at.unit.value(query) or 0)
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")
