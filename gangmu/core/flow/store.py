"""The only SQL of flows: published versions, never changed once written."""

from typing import Any

import sqlalchemy as sa

from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, metadata, text_col, when
from gangmu.kit.unit import Unit

flow_version = sa.Table(
    "flow_version",
    metadata,
    id_col("id", "flw"),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    json_col("definition", nullable=False),
    text_col("digest", nullable=False),
    text_col("origin", nullable=False),  # shipped | local
    text_col("status", nullable=False),  # published | offered (shipped, waits for the city's decision)
    when("published_at"),
    when("made_at", nullable=False),
    text_col("note"),
    text_col("made_by_name"),
    text_col("proposed_by_name"),
    sa.Column("restores", sa.Integer),  # the former version whose definition this one brings back
    sa.UniqueConstraint("flow", "number"),
    sa.Index("uq_flow_version_digest", "flow", "digest", unique=True, postgresql_where=sa.text("restores IS NULL")),
)


def list_versions(unit: Unit, *, seen_by: Actor, flow: str = "") -> list[Any]:
    """All versions without their definitions, newest first; flows are known to everybody who works here."""
    shown = [c for c in flow_version.columns if c.name != "definition"]
    title = flow_version.c.definition["title"].label("title")
    query = sa.select(*shown, title).order_by(flow_version.c.flow, flow_version.c.number.desc())
    return list(unit.rows(query.where(flow_version.c.flow == flow) if flow else query))


def find_version(unit: Unit, flow: str, number: int, *, seen_by: Actor) -> Any | None:
    return unit.one(sa.select(flow_version).where(flow_version.c.flow == flow, flow_version.c.number == number))


def find_current_number(unit: Unit, flow: str, *, seen_by: Actor) -> int | None:
    """The newest published version."""
    found: int | None = unit.value(
        sa.select(sa.func.max(flow_version.c.number)).where(
            flow_version.c.flow == flow, flow_version.c.status == "published"
        )
    )
    return found


def find_digest(unit: Unit, flow: str, digest: str, *, seen_by: Actor) -> Any | None:
    query = sa.select(flow_version).where(flow_version.c.flow == flow, flow_version.c.digest == digest)
    return unit.one(query.order_by(flow_version.c.number.desc()).limit(1))


def next_number(unit: Unit, flow: str) -> int:
    """The next version number of a flow; publishing the same flow twice at once is serialised here."""
    unit.run(sa.text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": f"flow_version/{flow}"})
    last: int | None = unit.value(sa.select(sa.func.max(flow_version.c.number)).where(flow_version.c.flow == flow))
    return (last or 0) + 1


def add(unit: Unit, row: dict[str, Any]) -> None:
    unit.insert(flow_version, row)
