"""Alarms of webhooks: told once when one fails long or is paused for it, and once when that is over."""

from gangmu.base.access import Located, applications
from gangmu.core.webhook import model
from gangmu.core.webhook.model import Webhook
from gangmu.core.webhook.settings import WebhookSettings
from gangmu.kit import settings
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.webhook import WebhookAlarmed, WebhookPaused


def is_on(webhook: Webhook) -> bool:
    return model.is_alarmed(webhook, settings.get(WebhookSettings).alarm_after)


def changed(unit: Unit, was: Webhook, now: Webhook) -> None:
    """In the journal, as a fact and a tick, when it begins and when it is over."""
    if is_on(was) == is_on(now):
        return
    state, fails = ("raised", now.fails) if is_on(now) else ("cleared", was.fails)
    unit.note(f"webhook alarm {state}", now.id, fails=fails)
    at = where(unit, now.application)
    orgs = [str(one) for one in at.orgs]
    unit.tell(WebhookAlarmed(now.id, now.name, now.application, state, fails, at.division, orgs, unit.now))


def paused(unit: Unit, now: Webhook) -> None:
    unit.note("pause webhook", now.id, fails=now.fails)
    at = where(unit, now.application)
    orgs = [str(one) for one in at.orgs]
    unit.tell(WebhookPaused(now.id, now.name, now.application, now.fails, at.division, orgs, unit.now))


def where(unit: Unit, application: Id) -> Located:
    """Where the application stands: who sees links there hears of it."""
    try:
        holder = applications.actor_of(unit, application)
    except NotFound:
        return Located("")
    return Located(holder.division, (holder.org,) if holder.org else ())
