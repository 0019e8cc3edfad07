"""Facts of webhooks (事件推送)."""

from datetime import datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message


@message(version=1)
class WebhookPaused:
    """A webhook failed again and again and is not called any more until somebody lets it go on."""

    about: str
    name: str
    application: str
    fails: int
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class WebhookAlarmed:
    """A webhook fails long (``state`` raised), or its calls arrive again or are let go on (``cleared``)."""

    about: str
    name: str
    application: str
    state: str
    fails: int
    division: str
    orgs: list[str]
    at: datetime


for _fact in (WebhookPaused, WebhookAlarmed):
    ticks_of(_fact.__name__, "webhook")
