"""Webhooks over HTTP."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema


class WebhookIn(Schema):
    """Where it is called and what it is told. ``division`` narrows what the application may see anyway."""

    address: str = Field(min_length=8, max_length=500)
    kinds: list[str] = Field(min_length=1, max_length=20)
    division: str = Field("", max_length=12, pattern=r"^\d*$")
    digest: Literal["sha256", "sm3"] = "sha256"


class NewWebhook(WebhookIn):
    application: Id
    name: str = Field(min_length=2, max_length=60)


class WebhookOut(Schema):
    """A subscription. ``waiting`` and ``dead`` count its deliveries; ``fails`` failed calls in a row."""

    id: Id
    application: Id
    name: str
    address: str
    kinds: list[str]
    division: str
    digest: str
    state: Literal["active", "paused"]
    why: Literal["", "asked", "failing"]
    fails: int
    next_at: datetime | None
    old_until: datetime | None
    made_at: datetime
    last_ok_at: datetime | None
    waiting: int = 0
    dead: int = 0
    alarmed: bool = False


class Webhooks(Listed):
    items: list[WebhookOut]
    kinds: list[str]


class WebhookAlarmOut(Schema):
    """What whoever watches needs to know and to pass on."""

    id: Id
    name: str
    state: Literal["active", "paused"]
    fails: int
    last_ok_at: datetime | None


class WebhookAlarms(Schema):
    items: list[WebhookAlarmOut]


class OpenedWebhook(WebhookOut):
    """The webhook with its secret, shown this once."""

    secret: str


class AttemptOut(Schema):
    number: int
    at: datetime
    took_ms: int
    status: int
    error: str


class DeliveryOut(Schema):
    """One fact for the webhook, with every attempt to bring it."""

    id: Id
    kind: str
    about: str
    body: dict[str, Any]
    state: Literal["ready", "sent", "dead", "dropped"]
    attempts: int
    next_at: datetime
    made_at: datetime
    ended_at: datetime | None
    error: str
    tried: list[AttemptOut]


class Deliveries(Listed):
    items: list[DeliveryOut]
