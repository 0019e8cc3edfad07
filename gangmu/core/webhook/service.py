"""Use cases of webhooks: subscribe, change, pause, rotate the secret, look at what was sent, put facts in the queue."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from gangmu.base import access
from gangmu.base.access import Located, applications
from gangmu.base.org.model import checked_division
from gangmu.core.event import service as event_service
from gangmu.core.webhook import alarms, model, store
from gangmu.core.webhook.address import checked_address
from gangmu.core.webhook.errors import NotDead, NotPaused
from gangmu.core.webhook.model import Delivery, State, Webhook
from gangmu.core.webhook.settings import WebhookSettings
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

KEEPER = System("webhook")
READ, WATCH = "event.read", "docking.read"


def open_webhook(
    unit: Unit,
    actor: Actor,
    application: Id,
    name: str,
    address: str,
    kinds: tuple[str, ...],
    division: str = "",
    digest: str = "sha256",
) -> tuple[Webhook, str]:
    """Subscribe an application. The secret goes out here and is kept sealed."""
    applications.actor_of(unit, application)  # there, and not shut out
    plain = " ".join(name.split())
    if not 2 <= len(plain) <= 60:
        raise Invalid(field="name", reason="a name has 2 to 60 characters")
    new = Webhook(
        id=ids.new("whk"),
        application=application,
        name=plain,
        address=checked_address(address),
        kinds=model.checked_kinds(kinds),
        division=checked_division(division) if division else "",
        digest=digest,
        state=State.active.value,
        why="",
        fails=0,
        next_at=None,
        old_until=None,
        made_at=unit.now,
        last_ok_at=None,
    )
    secret = _secret()
    store.add(unit, new, unit.seal(new.id, secret))
    return new, secret


def change_webhook(
    unit: Unit, actor: Actor, webhook_id: Id, *, address: str, kinds: tuple[str, ...], division: str, digest: str
) -> Webhook:
    was = store.get(unit, webhook_id, seen_by=actor, lock=True)
    changed = replace(
        was,
        address=checked_address(address),
        kinds=model.checked_kinds(kinds),
        division=checked_division(division) if division else "",
        digest=digest,
        next_at=None,
    )
    store.save(unit, changed, was)
    return store.get(unit, webhook_id, seen_by=actor)


def drop_webhook(unit: Unit, actor: Actor, webhook_id: Id) -> None:
    """End a subscription. What waits for it is not sent."""
    was = store.get(unit, webhook_id, seen_by=actor, lock=True)
    store.drop(unit, was)
    unit.erase_subject(webhook_id, "the subscription has ended")


def rotate_secret(unit: Unit, actor: Actor, webhook_id: Id) -> tuple[Webhook, str]:
    """A new secret, shown this once. For a while calls also bear the signature by the old one."""
    was = store.get(unit, webhook_id, seen_by=actor, lock=True)
    hours = settings.get(WebhookSettings).rotate_hours
    secret, (old, _) = _secret(), store.secrets_of(unit, webhook_id)
    store.save(unit, replace(was, old_until=unit.now + timedelta(hours=hours) if hours else None), was)
    store.set_secrets(unit, webhook_id, unit.seal(webhook_id, secret), old if hours else None)
    unit.note("rotate secret", webhook_id)
    return store.get(unit, webhook_id, seen_by=actor), secret


def pause(unit: Unit, actor: Actor, webhook_id: Id) -> Webhook:
    """Nothing more is sent until it goes on; what happens meanwhile waits."""
    was = store.get(unit, webhook_id, seen_by=actor, lock=True)
    store.save(unit, replace(was, state=State.paused.value, why="asked"), was)
    return store.get(unit, webhook_id, seen_by=actor)


def resume(unit: Unit, actor: Actor, webhook_id: Id) -> Webhook:
    """Goes on with what waits, at once."""
    was = store.get(unit, webhook_id, seen_by=actor, lock=True)
    if was.state != State.paused:
        raise NotPaused(about=str(webhook_id))
    now = replace(was, state=State.active.value, why="", fails=0, next_at=None)
    store.save(unit, now, was)
    alarms.changed(unit, was, now)
    return store.get(unit, webhook_id, seen_by=actor)


def send_test(unit: Unit, actor: Actor, webhook_id: Id) -> Delivery:
    """A call without a fact, to see whether it arrives; it goes the way of all others."""
    to = store.get(unit, webhook_id, seen_by=actor)
    new = _queued(unit, to, model.TEST, ids.new("msg"), "", "", (), {"text": "test"})
    unit.note("test webhook", webhook_id)
    return new


def send_again(unit: Unit, actor: Actor, delivery_id: Id) -> Delivery:
    """Take a delivery that was laid aside up again, under the same id."""
    was = store.get_delivery(unit, delivery_id, seen_by=actor)
    if was.state != "dead":
        raise NotDead(about=str(delivery_id), state=was.state)
    again = replace(was, state="ready", attempts=0, next_at=unit.now, ended_at=None, error="")
    store.save_delivery(unit, again)
    unit.note("send again", delivery_id)
    return again


def list_alarmed(unit: Unit, actor: Actor) -> list[Webhook]:
    """Those that fail long or are paused for it, of applications where the actor sees the links of the city."""
    found = store.list_failing(unit, settings.get(WebhookSettings).alarm_after, seen_by=actor)
    return [one for one in found if access.sees(actor, WATCH, alarms.where(unit, one.application))]


def list_webhooks(unit: Unit, actor: Actor, wanted: Page) -> Paged[Webhook]:
    return store.list_all(unit, wanted, seen_by=actor)


def counts(unit: Unit, found: list[Webhook]) -> dict[Id, dict[str, int]]:
    """How many deliveries of each wait and were laid aside."""
    return store.counts(unit, [one.id for one in found]) if found else {}


def list_deliveries(
    unit: Unit, actor: Actor, webhook_id: Id, wanted: Page, state: str = ""
) -> tuple[Paged[Delivery], dict[Id, list[Any]]]:
    """What was told, newest first, with every attempt."""
    store.get(unit, webhook_id, seen_by=actor)
    found = store.list_deliveries(unit, webhook_id, wanted, state, seen_by=actor)
    tried: dict[Id, list[Any]] = {}
    for row in store.list_attempts(unit, [one.id for one in found.items], seen_by=actor) if found.items else []:
        tried.setdefault(row.delivery, []).append(row)
    return found, tried


# --- facts -------------------------------------------------------------------------------------------------


def queue(unit: Unit, message_name: str, body: Mapping[str, Any]) -> int:
    """Put a fact in the queue of every webhook that wants it and whose application may see it."""
    assert unit.message is not None
    kinds = model.kinds_of(message_name, body)
    wanting = [one for one in store.list_lately(unit, seen_by=KEEPER) if set(one.kinds) & set(kinds)]
    if not wanting:
        return 0
    where = _where(unit, body)
    n = 0
    for to in wanting:
        for kind in kinds:
            if model.wants(to, kind, where.division) and may_see(unit, to.application, where):
                told = model.told(kind, body)
                _queued(unit, to, kind, unit.message, body["event_id"], where.division, where.orgs, told)
                n += 1
    return n


def may_see(unit: Unit, application: Id, where: Located) -> bool:
    """Whether the application is let in and its rights reach what stands there, now."""
    try:
        return access.sees(applications.actor_of(unit, application), READ, where)
    except NotFound:
        return False


def _where(unit: Unit, body: Mapping[str, Any]) -> Located:
    """Where the event of a fact stands; facts of clocks do not say it."""
    if "division" in body:
        return Located(str(body["division"]), tuple(Id(one) for one in body["orgs"]))
    found = event_service.find_events(unit, KEEPER, [Id(body["event_id"])])
    return Located(found[0].division, tuple(found[0].orgs)) if found else Located("")


def _queued(
    unit: Unit,
    to: Webhook,
    kind: str,
    message: Id,
    about: str,
    division: str,
    orgs: tuple[Id, ...],
    told: Mapping[str, Any],
) -> Delivery:
    new = Delivery(
        id=ids.new("whd"),
        webhook=to.id,
        kind=kind,
        message=message,
        about=about,
        division=division,
        orgs=orgs,
        body=dict(told),
        state="ready",
        attempts=0,
        next_at=unit.now,
        made_at=unit.now,
        ended_at=None,
        error="",
    )
    store.add_delivery(unit, new)
    return new


def _secret() -> str:
    return f"gmw_{secrets.token_urlsafe(32)}"
