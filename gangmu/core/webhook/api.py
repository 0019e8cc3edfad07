"""Routes of webhooks, for who manages applications."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from gangmu.core.webhook import alarms, model, service
from gangmu.core.webhook.errors import NotDead, NotPaused
from gangmu.core.webhook.model import Delivery, Webhook
from gangmu.core.webhook.schema import (
    AttemptOut,
    Deliveries,
    DeliveryOut,
    NewWebhook,
    OpenedWebhook,
    WebhookAlarmOut,
    WebhookAlarms,
    WebhookIn,
    WebhookOut,
    Webhooks,
)
from gangmu.kit.errors import Conflict, Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("webhooks")


def _shown(at: Edge, found: list[Webhook]) -> list[WebhookOut]:
    counted = service.counts(at.unit, found)
    made = []
    for one in found:
        n = counted.get(one.id, {})
        shown = WebhookOut.model_validate(one)
        told = {"waiting": n.get("ready", 0), "dead": n.get("dead", 0), "alarmed": alarms.is_on(one)}
        made.append(shown.model_copy(update=told))
    return made


def _told(one: Delivery, tried: Sequence[Any]) -> DeliveryOut:
    kept = [name for name in DeliveryOut.model_fields if name != "tried"]
    rows = [AttemptOut.model_validate(row) for row in tried]
    return DeliveryOut(**{name: getattr(one, name) for name in kept}, tried=rows)


@routes.get("/webhooks", can="application.manage", answers=Webhooks)
def list_webhooks(at: Edge, paging: Annotated[Paging, Depends()]) -> Webhooks:
    """推送订阅 / Subscriptions of applications with how their calls go, and the kinds of facts there are."""
    found = service.list_webhooks(at.unit, at.actor, paging.page)
    return Webhooks(items=_shown(at, found.items), next=found.next, kinds=list(model.KINDS))


@routes.get("/webhook-alarms", can="docking.read", answers=WebhookAlarms)
def list_alarmed(at: Edge) -> WebhookAlarms:
    """推送告警 / Webhooks that fail long or are paused for it, without addresses: for who watches over the lines."""
    found = service.list_alarmed(at.unit, at.actor)
    return WebhookAlarms(items=[WebhookAlarmOut.model_validate(one) for one in found])


@routes.post(
    "/webhooks", can="application.manage", answers=OpenedWebhook, status=201, errors=[Conflict, Invalid, NotFound]
)
def open_webhook(body: NewWebhook, at: Edge) -> OpenedWebhook:
    """新增推送 / Subscribe an application. The secret that signs the calls is shown this once."""
    made, secret = service.open_webhook(
        at.unit, at.actor, body.application, body.name, body.address, tuple(body.kinds), body.division, body.digest
    )
    return OpenedWebhook(**_shown(at, [made])[0].model_dump(), secret=secret)


@routes.put(
    "/webhooks/{webhook_id}", can="application.manage", answers=WebhookOut, errors=[Invalid, NotFound, StaleWrite]
)
def change_webhook(webhook_id: Id, body: WebhookIn, at: Edge) -> WebhookOut:
    """调整推送 / Where it is called, what it is told, how it is signed."""
    changed = service.change_webhook(
        at.unit,
        at.actor,
        webhook_id,
        address=body.address,
        kinds=tuple(body.kinds),
        division=body.division,
        digest=body.digest,
    )
    return _shown(at, [changed])[0]


@routes.delete("/webhooks/{webhook_id}", can="application.manage", status=204, errors=[NotFound])
def drop_webhook(webhook_id: Id, at: Edge) -> None:
    """取消推送 / End a subscription; what waits for it is not sent."""
    service.drop_webhook(at.unit, at.actor, webhook_id)


@routes.post("/webhooks/{webhook_id}/secret", can="application.manage", answers=OpenedWebhook, errors=[NotFound])
def rotate_secret(webhook_id: Id, at: Edge) -> OpenedWebhook:
    """更换密钥 / A new secret, shown this once; for a while calls bear the signatures of both."""
    changed, secret = service.rotate_secret(at.unit, at.actor, webhook_id)
    return OpenedWebhook(**_shown(at, [changed])[0].model_dump(), secret=secret)


@routes.post("/webhooks/{webhook_id}/pause", can="application.manage", answers=WebhookOut, errors=[NotFound])
def pause(webhook_id: Id, at: Edge) -> WebhookOut:
    """暂停推送 / Send nothing more until it goes on; what happens meanwhile waits."""
    return _shown(at, [service.pause(at.unit, at.actor, webhook_id)])[0]


@routes.post(
    "/webhooks/{webhook_id}/resume", can="application.manage", answers=WebhookOut, errors=[NotFound, NotPaused]
)
def resume(webhook_id: Id, at: Edge) -> WebhookOut:
    """恢复推送 / Go on with what waits, at once."""
    return _shown(at, [service.resume(at.unit, at.actor, webhook_id)])[0]


@routes.post(
    "/webhooks/{webhook_id}/test", can="application.manage", answers=DeliveryOut, status=201, errors=[NotFound]
)
def send_test(webhook_id: Id, at: Edge) -> DeliveryOut:
    """试发 / A call without a fact, to see whether it arrives."""
    return _told(service.send_test(at.unit, at.actor, webhook_id), [])


@routes.get("/webhooks/{webhook_id}/deliveries", can="application.manage", answers=Deliveries, errors=[NotFound])
def list_deliveries(
    webhook_id: Id,
    at: Edge,
    paging: Annotated[Paging, Depends()],
    state: Annotated[Literal["ready", "sent", "dead", "dropped"] | None, Query()] = None,
) -> Deliveries:
    """推送记录 / What was told to it, newest first, with every attempt."""
    found, tried = service.list_deliveries(at.unit, at.actor, webhook_id, paging.page, state or "")
    return Deliveries(items=[_told(one, tried.get(one.id, [])) for one in found.items], next=found.next)


@routes.post(
    "/webhook-deliveries/{delivery_id}/again", can="application.manage", answers=DeliveryOut, errors=[NotDead, NotFound]
)
def send_again(delivery_id: Id, at: Edge) -> DeliveryOut:
    """重发 / Take up again what was laid aside, under the same id."""
    return _told(service.send_again(at.unit, at.actor, delivery_id), [])
