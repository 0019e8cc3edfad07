"""Rules of webhooks: which facts they tell, in which words, how an attempt changes a delivery and its webhook."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.text import division_prefix

# What is told of each kind: fields of the fact that name nobody. Titles, texts, places and people stay here; an
# application reads them through the API, within its rights.
_EVENT = ("event_id", "division", "orgs")
_MOVED = (*_EVENT, "verb", "from_state", "to_state", "status", "lead_org", "matter", "condition", "due_at")
_MOVED_AT = ("done_at", "recorded_at", "version")
_CLOCK = ("event_id", "clock_id", "stage", "part", "org", "kind", "limit", "started_at", "due_at", "share")
KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "event.opened": (
        "EventOpened",
        (*_EVENT, "case_no", "flow", "state", "status", "channel", "matter", "reported_at", "report_id"),
    ),
    "event.moved": ("EventMoved", (*_MOVED, *_MOVED_AT)),
    "event.closed": ("EventMoved", (*_MOVED, *_MOVED_AT)),
    "event.merged": ("EventsMerged", (*_EVENT, "into", "reports")),
    "event.parted": ("EventsParted", (*_EVENT, "parted", "reports")),
    "report.joined": ("ReportJoined", (*_EVENT, "report_id")),
    "report.answered": ("ReporterAnswered", (*_EVENT, "report_id", "outcome")),
    "deadline.near": ("DeadlineNear", _CLOCK),
    "deadline.passed": ("DeadlinePassed", _CLOCK),
}
TEST = "webhook.test"


class State(StrEnum):
    active = "active"
    paused = "paused"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription of an application. ``kinds`` are facts by name; ``division`` narrows what the application may see
    anyway. ``fails`` counts failed calls in a row, ``next_at`` is when the address is tried again."""

    id: Id
    application: Id
    name: str
    address: str
    kinds: tuple[str, ...]
    division: str
    digest: str
    state: str
    why: str
    fails: int
    next_at: datetime | None
    old_until: datetime | None
    made_at: datetime
    last_ok_at: datetime | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """One fact for one webhook. Its id is the same over all attempts: who has seen it has it."""

    id: Id
    webhook: Id
    kind: str
    message: Id
    about: str
    division: str
    orgs: tuple[Id, ...]
    body: Mapping[str, Any]
    state: str  # ready, sent, dead, dropped
    attempts: int
    next_at: datetime
    made_at: datetime
    ended_at: datetime | None
    error: str


def kinds_of(message_name: str, body: Mapping[str, Any]) -> list[str]:
    """The kinds that a fact is told as. A move that ends the matter is both a move and a closing."""
    found = []
    for kind, (name, _) in KINDS.items():
        if name != message_name:
            continue
        if kind == "event.closed" and not (body["status"] == "closed" and body["from_state"] != body["to_state"]):
            continue
        found.append(kind)
    return found


def told(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a fact: the listed fields alone."""
    return {name: body[name] for name in KINDS[kind][1] if name in body}


def wants(webhook: Webhook, kind: str, division: str) -> bool:
    """Also while it is paused: what happens meanwhile waits."""
    if kind not in webhook.kinds:
        return False
    return not webhook.division or division.startswith(division_prefix(webhook.division))


def checked_kinds(given: Iterable[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(given))
    for kind in wanted:
        if kind not in KINDS:
            raise Invalid(field="kinds", reason=f"{kind[:40]} is no kind; there are {', '.join(KINDS)}")
    if not wanted:
        raise Invalid(field="kinds", reason="at least one kind")
    return wanted


def pause_of(fails: int, longest: int) -> timedelta:
    return timedelta(seconds=min(2 ** min(fails, 20), longest))


def arrived(webhook: Webhook, now: datetime) -> Webhook:
    return replace(webhook, fails=0, next_at=None, last_ok_at=now)


def failed(webhook: Webhook, now: datetime, *, away: bool, longest: int, pause_after: int) -> Webhook:
    """One more failure in a row. ``away``: the address did not answer, so that nothing else is sent there for a while;
    otherwise it answered with a refusal of this call alone."""
    fails = webhook.fails + 1
    paused = fails >= pause_after
    return replace(
        webhook,
        fails=fails,
        next_at=now + pause_of(fails, longest) if away and not paused else None,
        state=State.paused.value if paused else webhook.state,
        why="failing" if paused else webhook.why,
    )


def is_alarmed(webhook: Webhook, after: int) -> bool:
    """Fails long, or was paused because of it."""
    return webhook.fails >= after or (webhook.state == State.paused and webhook.why == "failing")


def tried(delivery: Delivery, now: datetime, error: str, *, tries: int, longest: int) -> Delivery:
    """After a failed attempt: later once more, or laid aside where somebody sees it."""
    attempts = delivery.attempts + 1
    dead = attempts >= tries
    return replace(
        delivery,
        attempts=attempts,
        error=error,
        state="dead" if dead else "ready",
        next_at=now if dead else now + pause_of(attempts, longest),
        ended_at=now if dead else None,
    )
