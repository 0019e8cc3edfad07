"""What webhooks do by themselves: hear facts, start senders, forget what arrived long ago."""

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from gangmu.core.webhook import sending, service, store
from gangmu.core.webhook.settings import WebhookSettings
from gangmu.kit import db, fence, jobs, settings
from gangmu.kit.ids import Id
from gangmu.kit.log import log
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.deadline import DeadlineNear, DeadlinePassed
from gangmu.messages.event import EventMoved, EventOpened, EventsMerged, EventsParted, ReporterAnswered, ReportJoined

FACTS = (
    EventOpened,
    EventMoved,
    EventsMerged,
    EventsParted,
    ReportJoined,
    ReporterAnswered,
    DeadlineNear,
    DeadlinePassed,
)
_running: set[Id] = set()
_lock = threading.Lock()
_turns: WeakKeyDictionary[db.Database, dict[Id, int]] = WeakKeyDictionary()  # which turn was the last of each webhook
_counter = itertools.count(1)


def _hear(name: str) -> Callable[[Unit, Any], None]:
    def hear(unit: Unit, fact: Any) -> None:
        service.queue(unit, name, msgspec.to_builtins(fact, enc_hook=str))

    return hear


for _fact in FACTS:
    jobs.on(_fact, name=f"webhook.{_fact.__name__}", wanted=store.has_any)(_hear(_fact.__name__))


@jobs.chore("webhook.send", every_s=0.5)
def send_due() -> int:
    """Start a sender for every webhook that has something due; calls take time, so they run in threads of their own.
    Who has had no turn for longest comes first, so that nobody's backlog or slow answers keep back the others."""
    with open_unit(sending.SENDER, "chore") as unit:
        due = store.list_due(unit, unit.now, seen_by=sending.SENDER)
        turns = _turns.setdefault(db.current(), {})
    begun = 0
    for webhook_id in sorted(due, key=lambda one: turns.get(one, 0)):
        with _lock:
            if webhook_id in _running or len(_running) >= settings.get(WebhookSettings).at_once:
                continue
            _running.add(webhook_id)
            turns[webhook_id] = next(_counter)
        threading.Thread(target=_send, args=(webhook_id,), name="webhook", daemon=True).start()
        begun += 1
    return begun


def _send(webhook_id: Id) -> None:
    outcome = fence.run("webhook", lambda: sending.send_due(webhook_id, turn_s=settings.get(WebhookSettings).turn_s))
    with _lock:
        _running.discard(webhook_id)
    if outcome.error is not None:
        log.warning("webhook sender failed", webhook=webhook_id, exc_info=outcome.error)


@jobs.chore("webhook.forget", every_s=3600)
def forget() -> int:
    """Drop what arrived long ago."""
    with open_unit(sending.SENDER, "chore") as unit:
        return store.forget(unit, unit.now - timedelta(days=settings.get(WebhookSettings).keep_days))
