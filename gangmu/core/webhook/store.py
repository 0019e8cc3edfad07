"""The only SQL of webhooks."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gangmu.base import access
from gangmu.core.webhook.model import Delivery, Webhook
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    id_col,
    json_col,
    maker,
    metadata,
    ref_col,
    refs_col,
    text_col,
    texts_col,
    version_col,
    when,
)
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

webhook = sa.Table(
    "webhook",
    metadata,
    id_col("id", "whk"),
    ref_col("application", "app", "application.id", nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("address", sa.Text, nullable=False),
    texts_col("kinds"),
    text_col("division"),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("secret", sa.LargeBinary, info={"secret": True}),
    sa.Column("secret_old", sa.LargeBinary, info={"secret": True}),
    sa.Column("state", sa.Text, nullable=False),
    text_col("why"),
    sa.Column("fails", sa.Integer, nullable=False, server_default="0"),
    when("next_at"),
    when("old_until"),
    when("made_at", nullable=False),
    when("last_ok_at"),
    version_col(),
)

delivery = sa.Table(
    "webhook_delivery",
    metadata,
    id_col("id", "whd"),
    ref_col("webhook", "whk", "webhook.id", nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    ref_col("message", "msg", nullable=False),
    text_col("about"),
    text_col("division"),
    refs_col("orgs", "org"),
    json_col("body", nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    when("next_at", nullable=False),
    when("made_at", nullable=False),
    when("ended_at"),
    text_col("error"),
    sa.UniqueConstraint("webhook", "message", "kind"),
    sa.Index("ix_webhook_delivery_ready", "webhook", "message", postgresql_where=sa.text("state = 'ready'")),
    sa.Index("ix_webhook_delivery_newest", "webhook", sa.text("id DESC")),
    sa.Index("ix_webhook_delivery_made_at", "made_at"),
)

attempt = sa.Table(
    "webhook_attempt",
    metadata,
    ref_col("delivery", "whd", "webhook_delivery.id", primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    when("at", nullable=False),
    sa.Column("took_ms", sa.Integer, nullable=False),
    sa.Column("status", sa.Integer, nullable=False, server_default="0"),
    text_col("error"),
)

_delivery = maker(Delivery)


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    """Deliveries belong to who manages applications."""
    return access.scope(actor, "application.manage", delivery.c.division, delivery.c.orgs)


_CHANGING = ("name", "address", "division", "digest", "state", "why", "fails", "next_at", "old_until", "last_ok_at")


def _webhook(row: Any) -> Webhook:
    found = {name: getattr(row, name) for name in Webhook.__dataclass_fields__}
    return Webhook(**{**found, "kinds": tuple(row.kinds)})


def add(unit: Unit, new: Webhook, secret: bytes | None) -> None:
    unit.insert(webhook, {**db.values_of(new, webhook), "kinds": list(new.kinds), "secret": secret})


def save(unit: Unit, changed: Webhook, was: Webhook) -> None:
    """What was changed by people and is journaled."""
    values = {name: getattr(changed, name) for name in _CHANGING}
    before = {**db.values_of(was, webhook), "kinds": list(was.kinds)}
    unit.update(webhook, was.id, {**values, "kinds": list(changed.kinds)}, was=before)


def mark(unit: Unit, changed: Webhook) -> None:
    """How its calls went: a counter, not journaled."""
    names = ("state", "why", "fails", "next_at", "last_ok_at")
    row = sa.update(webhook).where(webhook.c.id == changed.id)
    unit.run(row.values(**{name: getattr(changed, name) for name in names}))


def set_secrets(unit: Unit, webhook_id: Id, secret: bytes | None, old: bytes | None) -> None:
    unit.run(sa.update(webhook).where(webhook.c.id == webhook_id).values(secret=secret, secret_old=old))


def secrets_of(unit: Unit, webhook_id: Id) -> tuple[bytes | None, bytes | None]:
    row = unit.one(sa.select(webhook.c.secret, webhook.c.secret_old).where(webhook.c.id == webhook_id))
    return (None, None) if row is None else (row.secret, row.secret_old)


def drop(unit: Unit, was: Webhook) -> None:
    """The subscription with everything that was told to it."""
    told = sa.select(delivery.c.id).where(delivery.c.webhook == was.id)
    unit.run(sa.delete(attempt).where(attempt.c.delivery.in_(told)))
    unit.run(sa.delete(delivery).where(delivery.c.webhook == was.id))
    unit.delete(webhook, was.id, was={**db.values_of(was, webhook), "kinds": list(was.kinds)})


def get(unit: Unit, webhook_id: Id, *, seen_by: Actor, lock: bool = False) -> Webhook:
    query = sa.select(webhook).where(webhook.c.id == webhook_id)
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(webhook_id))
    return _webhook(row)


def list_all(unit: Unit, wanted: Page, *, seen_by: Actor) -> Paged[Webhook]:
    return page.of(unit, sa.select(webhook), wanted, [webhook.c.name, webhook.c.id], _webhook)


def list_lately(unit: Unit, *, seen_by: Actor) -> list[Webhook]:
    """All subscriptions, at most a second old: asked at every fact."""
    return unit.lately(webhook, "all", lambda: [_webhook(row) for row in unit.rows(sa.select(webhook))])


def list_failing(unit: Unit, after: int, *, seen_by: Actor) -> list[Webhook]:
    """Those whose alarm is raised (``model.is_alarmed``), by name."""
    paused = sa.and_(webhook.c.state == "paused", webhook.c.why == "failing")
    query = sa.select(webhook).where(sa.or_(webhook.c.fails >= after, paused))
    return [_webhook(row) for row in unit.rows(query.order_by(webhook.c.name, webhook.c.id))]


def has_any(conn: Connection) -> bool:
    """Whether anybody has a webhook at all."""
    return bool(conn.execute(sa.select(sa.exists(sa.select(webhook.c.id)))).scalar())


def list_due(unit: Unit, now: datetime, *, seen_by: Actor) -> list[Id]:
    """Webhooks at work that have something to send and are not being left alone; what has waited longest first."""
    waiting = sa.select(delivery.c.message).where(
        delivery.c.webhook == webhook.c.id, delivery.c.state == "ready", delivery.c.next_at <= now, _seen(seen_by)
    )
    first = waiting.order_by(delivery.c.message).limit(1).correlate(webhook).scalar_subquery()
    free = sa.or_(webhook.c.next_at.is_(None), webhook.c.next_at <= now)
    found = sa.select(webhook.c.id, first.label("first")).where(webhook.c.state == "active", free).subquery()
    query = sa.select(found.c.id).where(found.c.first.is_not(None))
    return [row.id for row in unit.rows(query.order_by(found.c.first, found.c.id))]


# --- deliveries --------------------------------------------------------------------------------------------


def add_delivery(unit: Unit, new: Delivery) -> None:
    unit.run(sa.insert(delivery), {**db.values_of(new, delivery), "orgs": list(new.orgs), "body": dict(new.body)})


def save_delivery(unit: Unit, changed: Delivery) -> None:
    names = ("state", "attempts", "next_at", "ended_at", "error")
    row = sa.update(delivery).where(delivery.c.id == changed.id)
    unit.run(row.values(**{name: getattr(changed, name) for name in names}))


def next_ready(
    unit: Unit, webhook_id: Id, now: datetime, *, seen_by: Actor, but: Collection[str] = ()
) -> Delivery | None:
    """The earliest delivery that is due and before which none of the same thing waits; none about these things."""
    earlier = delivery.alias("earlier")
    before = sa.exists().where(
        earlier.c.webhook == delivery.c.webhook,
        earlier.c.state == "ready",
        earlier.c.about == delivery.c.about,
        sa.tuple_(earlier.c.message, earlier.c.id) < sa.tuple_(delivery.c.message, delivery.c.id),
    )
    query = sa.select(delivery).where(
        delivery.c.webhook == webhook_id, delivery.c.state == "ready", delivery.c.next_at <= now, ~before
    )
    if but:
        query = query.where(delivery.c.about.not_in(but))
    row = unit.one(query.order_by(delivery.c.message, delivery.c.id).limit(1))
    return None if row is None else _delivery(row)


def get_delivery(unit: Unit, delivery_id: Id, *, seen_by: Actor) -> Delivery:
    row = unit.one(sa.select(delivery).where(delivery.c.id == delivery_id, _seen(seen_by)))
    if row is None:
        raise NotFound(what=str(delivery_id))
    return _delivery(row)


def list_deliveries(unit: Unit, webhook_id: Id, wanted: Page, state: str, *, seen_by: Actor) -> Paged[Delivery]:
    """Newest first."""
    query = sa.select(delivery).where(delivery.c.webhook == webhook_id, _seen(seen_by))
    if state:
        query = query.where(delivery.c.state == state)
    return page.of(unit, query, wanted, [page.Key(delivery.c.id, descending=True)], _delivery)


def counts(unit: Unit, webhook_ids: list[Id]) -> dict[Id, dict[str, int]]:
    """How many wait and how many were laid aside, by webhook; what arrived is not counted."""
    query = sa.select(delivery.c.webhook, delivery.c.state, sa.func.count().label("n"))
    query = query.where(delivery.c.webhook.in_(webhook_ids), delivery.c.state.in_(("ready", "dead")))
    found: dict[Id, dict[str, int]] = {}
    for row in unit.rows(query.group_by(delivery.c.webhook, delivery.c.state)):
        found.setdefault(row.webhook, {})[row.state] = row.n
    return found


def add_attempt(unit: Unit, delivery_id: Id, at: datetime, took_ms: int, status: int, error: str) -> None:
    number = sa.select(sa.func.coalesce(sa.func.max(attempt.c.number), 0) + 1).where(attempt.c.delivery == delivery_id)
    row = {"delivery": delivery_id, "at": at, "took_ms": took_ms, "status": status, "error": error}
    unit.run(sa.insert(attempt).values(**row, number=number.scalar_subquery()))


def list_attempts(unit: Unit, delivery_ids: list[Id], *, seen_by: Actor) -> list[Any]:
    query = sa.select(attempt).where(attempt.c.delivery.in_(delivery_ids))
    return list(unit.rows(query.order_by(attempt.c.delivery, attempt.c.number)))


def forget(unit: Unit, before: datetime) -> int:
    """Drop what was told before a time, with its attempts, also what has waited or was laid aside for so long."""
    old = sa.select(delivery.c.id).where(delivery.c.made_at < before)
    unit.run(sa.delete(attempt).where(attempt.c.delivery.in_(old)))
    return unit.run(sa.delete(delivery).where(delivery.c.id.in_(old)))


@contextmanager
def alone(webhook_id: Id) -> Iterator[bool]:
    """One sender a webhook over all processes; gone with the connection, so that a killed one lets go at once."""
    keys = {"a": "webhook", "b": str(webhook_id)}
    with db.current().connect() as conn:
        conn = conn.execution_options(isolation_level="AUTOCOMMIT")
        got = bool(conn.execute(sa.text("SELECT pg_try_advisory_lock(hashtext(:a), hashtext(:b))"), keys).scalar())
        try:
            yield got
        finally:
            if got:
                conn.execute(sa.text("SELECT pg_advisory_unlock(hashtext(:a), hashtext(:b))"), keys)
