"""SQL of docking: the mappings of a link, by editions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gangmu.core.docking.link_store import docking_link, visible
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    id_col,
    metadata,
    ref_col,
    text_col,
    version_col,
    when,
)
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

docking_mapping = sa.Table(
    "docking_mapping",
    metadata,
    id_col("id", "lmp"),
    ref_col("link", "lnk", "docking_link.id", nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    text_col("note"),
    when("valid_from", nullable=False),
    when("valid_to"),
    ref_col("by_person", "prs"),
    version_col(),
    sa.Index(
        "uq_docking_mapping_now", "link", "kind", "code", unique=True, postgresql_where=sa.text("valid_to IS NULL")
    ),
)


def list_mappings(unit: Unit, link_id: Id, kind: str = "", *, seen_by: Actor) -> list[Any]:
    """The mappings of a link in force, by kind and code."""
    query = sa.select(docking_mapping).join(docking_link, docking_link.c.id == docking_mapping.c.link)
    query = query.where(docking_mapping.c.link == link_id, docking_mapping.c.valid_to.is_(None), visible(seen_by))
    if kind:
        query = query.where(docking_mapping.c.kind == kind)
    return list(unit.rows(query.order_by(docking_mapping.c.kind, docking_mapping.c.code)))


def table_of(unit: Unit, link_id: Id) -> dict[str, dict[str, str]]:
    """All mappings of a link in force, for translating."""
    key = ("docking.table", link_id)
    if key not in unit.memo:
        query = sa.select(docking_mapping.c.kind, docking_mapping.c.code, docking_mapping.c.value)
        rows = unit.rows(query.where(docking_mapping.c.link == link_id, docking_mapping.c.valid_to.is_(None)))
        table: dict[str, dict[str, str]] = {}
        for row in rows:
            table.setdefault(row.kind, {})[row.code] = row.value
        unit.memo[key] = table
    found: dict[str, dict[str, str]] = unit.memo[key]
    return found


def find_mapping(unit: Unit, link_id: Id, kind: str, code: str, *, seen_by: Actor) -> Any:
    query = sa.select(docking_mapping).where(docking_mapping.c.link == link_id, docking_mapping.c.kind == kind)
    query = query.where(docking_mapping.c.code == code, docking_mapping.c.valid_to.is_(None))
    return unit.one(query.with_for_update()) if seen_by.may("docking.read") else None


def add_mapping(unit: Unit, values: Mapping[str, Any]) -> None:
    unit.memo.pop(("docking.table", values["link"]), None)
    unit.insert(docking_mapping, values)


def end_mapping(unit: Unit, was: Any, at: datetime) -> None:
    unit.memo.pop(("docking.table", was.link), None)
    unit.update(docking_mapping, was.id, {"valid_to": at}, was=was)
