"""Calls to applications: the only place from which they are made, never inside a unit of work.

One sender a webhook, over all processes. Each attempt is kept in a unit of its own before the next call is made.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from gangmu.base.access import Located
from gangmu.core.webhook import alarms, model, service, store
from gangmu.core.webhook.address import base_and_path
from gangmu.core.webhook.model import Delivery, State, Webhook
from gangmu.core.webhook.settings import WebhookSettings
from gangmu.kit import clock, http, ids, jobs, settings
from gangmu.kit.actor import System
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit
from gangmu.sdk import signing

SENDER = System("webhook.send")
DELIVERY, KIND, OLD = "x-gangmu-delivery", "x-gangmu-kind", "x-gangmu-signature-old"
NAMES = tuple(f"webhook.{name}" for name in dict.fromkeys(name for name, _ in model.KINDS.values()))


@dataclass(frozen=True, slots=True)
class Ready:
    """A call that is ready to be made: everything that it needs, read in one unit."""

    webhook: Webhook
    delivery: Delivery
    secret: str
    secret_old: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call went. ``away``: nobody answered."""

    status: int
    error: str
    away: bool
    took_ms: int


def send_due(webhook_id: Id, most: int = 1000, turn_s: float | None = None) -> int:
    """Send what is due for a webhook, in order, until nothing is or its turn is over. Returns how many calls
    arrived."""
    arrived, began = 0, clock.monotonic()
    with store.alone(webhook_id) as mine:
        for _ in range(most if mine else 0):
            with open_unit(SENDER, "webhook send") as unit:
                ready = _take(unit, webhook_id)
            if ready is None:
                break
            if ready == "dropped":
                continue
            outcome = call(ready)
            with open_unit(SENDER, "webhook sent") as unit:
                keep_outcome(unit, ready, outcome)
            arrived += not outcome.error
            if turn_s is not None and clock.monotonic() - began >= turn_s:
                break
    return arrived


def _take(unit: Unit, webhook_id: Id) -> Ready | str | None:
    """The next call of a webhook; ``dropped`` when its application may not hear of it any more."""
    try:
        to = store.get(unit, webhook_id, seen_by=SENDER)
    except NotFound:
        return None
    if to.state != State.active or (to.next_at is not None and to.next_at > unit.now):
        return None
    found = _next(unit, webhook_id)
    if found is None:
        return None
    if found.kind != model.TEST and not service.may_see(unit, to.application, Located(found.division, found.orgs)):
        dropped = replace(found, state="dropped", ended_at=unit.now, error="no right any more")
        store.save_delivery(unit, dropped)
        return "dropped"
    secret, old = store.secrets_of(unit, webhook_id)
    still = to.old_until is not None and to.old_until > unit.now
    opened = unit.unseal(webhook_id, old) if still else None
    return Ready(to, found, unit.unseal(webhook_id, secret) or "", opened or "", unit.now)


def _next(unit: Unit, webhook_id: Id) -> Delivery | None:
    """The earliest delivery that may go: something that still has to hear of an earlier fact waits, others do not."""
    waiting: set[str] = set()
    while True:
        found = store.next_ready(unit, webhook_id, unit.now, seen_by=SENDER, but=waiting)
        if found is None or not jobs.unheard(unit.conn, NAMES, "event_id", found.about, found.message):
            return found
        waiting.add(found.about)


def body_of(delivery: Delivery) -> bytes:
    """What is sent: the same bytes at every attempt."""
    said = {"id": delivery.id, "kind": delivery.kind, "told_at": delivery.made_at, "fact": delivery.body}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS, default=str)


def head_of(ready: Ready, body: bytes, stamp: str, nonce: str) -> dict[str, str]:
    """The head lines: which delivery, when, once, by whom."""
    digest: signing.Digest = "sm3" if ready.webhook.digest == "sm3" else "sha256"
    signed = signing.sign(ready.secret, stamp, nonce, body, digest)
    said = {
        DELIVERY: ready.delivery.id,
        KIND: ready.delivery.kind,
        signing.STAMP: stamp,
        signing.NONCE: nonce,
        signing.SIGNATURE: f"{digest}={signed}",
    }
    if ready.secret_old:
        said[OLD] = f"{digest}={signing.sign(ready.secret_old, stamp, nonce, body, digest)}"
    return said


def call(ready: Ready) -> Outcome:
    """Make the call: one try, no redirect, not into our own networks unless a setting says so."""
    rules = settings.get(WebhookSettings)
    base, path = base_and_path(ready.webhook.address)
    body = body_of(ready.delivery)
    head = head_of(ready, body, str(int(clock.real_now().timestamp())), ids.new("nce"))
    budget = http.Budget(seconds=rules.timeout_s * 2, timeout_s=rules.timeout_s, tries=1, most_bytes=1_000_000)
    began = clock.monotonic()
    status, error, away = 0, "", False
    try:
        with http.Client(base, {"user-agent": "gangmu"}, budget, outside_only=not rules.inside_networks) as client:
            status = client.post(path, body, head).status
    except http.NoAnswer as problem:
        said = str(problem.params.get("reason", ""))
        status, error, away = int(said) if said.isdigit() else 0, f"{problem.code}: {said}", True
    except http.SaidNo as problem:
        status, error = int(problem.params.get("status", 0)), f"{problem.code}: {problem.params.get('status', '')}"
    except (http.InsideAddress, http.BadAddress) as problem:
        error = problem.code
    return Outcome(status, error[:200], away, round((clock.monotonic() - began) * 1000))


def keep_outcome(unit: Unit, ready: Ready, outcome: Outcome) -> None:
    """Keep an attempt: the delivery has arrived, waits, or is laid aside; the webhook goes on, rests, or is paused."""
    rules = settings.get(WebhookSettings)
    try:
        was = store.get(unit, ready.webhook.id, seen_by=SENDER, lock=True)
    except NotFound:
        return
    store.add_attempt(unit, ready.delivery.id, ready.at, outcome.took_ms, outcome.status, outcome.error)
    if not outcome.error:
        sent = replace(ready.delivery, state="sent", attempts=ready.delivery.attempts + 1, ended_at=unit.now, error="")
        store.save_delivery(unit, sent)
        now = model.arrived(was, unit.now)
        store.mark(unit, now)
        alarms.changed(unit, was, now)
        return
    store.save_delivery(
        unit, model.tried(ready.delivery, unit.now, outcome.error, tries=rules.tries, longest=rules.away_s)
    )
    now = model.failed(was, unit.now, away=outcome.away, longest=rules.away_s, pause_after=rules.pause_after)
    store.mark(unit, now)
    if now.state == State.paused and was.state != State.paused:
        alarms.paused(unit, now)
    alarms.changed(unit, was, now)
