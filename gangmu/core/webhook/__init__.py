"""Webhooks (事件推送): applications hear of what happened at an address of theirs, signed and in order.

Comes in: facts of events and clocks. Goes out: signed calls, each attempt kept, until they arrive; a subscription that
fails again and again is paused and says so. A call tells ids, codes and times, never a name, a number or a text.
"""

from gangmu.core.webhook.model import Webhook
from gangmu.core.webhook.service import list_webhooks, open_webhook

__all__ = ["Webhook", "list_webhooks", "open_webhook"]
