"""SQL of docking: daily accounts and alarms."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from gangmu.core.docking.link_store import docking_link, visible
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    id_col,
    json_col,
    metadata,
    ref_col,
    version_col,
    when,
)
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

docking_account = sa.Table(
    "docking_account",
    metadata,
    id_col("id", "dac"),
    ref_col("link", "lnk", nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    json_col("ours", nullable=False),
    json_col("theirs"),
    json_col("differing", nullable=False),
    sa.Column("equal", sa.Boolean),
    when("made_at", nullable=False),
    version_col(),
    sa.UniqueConstraint("link", "day"),
)

docking_alarm = sa.Table(
    "docking_alarm",
    metadata,
    id_col("id", "dal"),
    ref_col("link", "lnk", nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    when("since", nullable=False),
    when("last_at", nullable=False),
    sa.Column("count", sa.Integer, nullable=False, server_default="1"),
    when("cleared_at"),
    version_col(),
    sa.Index("uq_docking_alarm_open", "link", "kind", unique=True, postgresql_where=sa.text("cleared_at IS NULL")),
)


def find_account(unit: Unit, link_id: Id, day: date, *, seen_by: Actor) -> Any:
    query = sa.select(docking_account).join(docking_link, docking_link.c.id == docking_account.c.link)
    return unit.one(query.where(docking_account.c.link == link_id, docking_account.c.day == day, visible(seen_by)))


def list_accounts(unit: Unit, link_id: Id, at: Page, *, seen_by: Actor) -> Paged[Any]:
    query = sa.select(docking_account).join(docking_link, docking_link.c.id == docking_account.c.link)
    query = query.where(docking_account.c.link == link_id, visible(seen_by))
    keys = [page.Key(docking_account.c.day, descending=True)]
    return page.of(unit, query, at, keys, lambda row: row)


def put_account(unit: Unit, was: Any, values: Mapping[str, Any]) -> None:
    if was is None:
        unit.insert(docking_account, values)
    else:
        unit.update(docking_account, was.id, {k: v for k, v in values.items() if k != "id"}, was=was)


def find_alarm(unit: Unit, link_id: Id, kind: str, *, seen_by: Actor) -> Any:
    query = sa.select(docking_alarm).where(docking_alarm.c.link == link_id, docking_alarm.c.kind == kind)
    query = query.where(docking_alarm.c.cleared_at.is_(None)).with_for_update()
    return unit.one(query) if seen_by.may("docking.read") else None


def open_alarms(unit: Unit, links: Sequence[Id], *, seen_by: Actor) -> list[Any]:
    query = sa.select(docking_alarm).where(docking_alarm.c.link.in_(list(links)), docking_alarm.c.cleared_at.is_(None))
    return list(unit.rows(query.order_by(docking_alarm.c.since))) if seen_by.may("docking.read") else []


def add_alarm(unit: Unit, values: Mapping[str, Any]) -> None:
    unit.insert(docking_alarm, values)


def save_alarm(unit: Unit, was: Any, **values: Any) -> None:
    unit.update(docking_alarm, was.id, values, was=was)
