"""An event (城市事件): something in the city that a department must put right, once. Pure rules.

What may be done next is the flow's to say (``core.flow``); here is the event itself, its history, what makes two of
them likely the same, and how they are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from gangmu.core.event.errors import NotMergeable
from gangmu.kit.geo import distance_m
from gangmu.kit.ids import Id

FAR = datetime(9999, 1, 1, tzinfo=UTC)


class Status(StrEnum):
    """How an event is counted."""

    open = "open"
    closed = "closed"
    void = "void"
    merged = "merged"  # 并入他案


class Lateness(StrEnum):
    """Where the most pressing clock stands."""

    none = ""
    near = "near"  # 临期
    late = "late"  # 超期


@dataclass(frozen=True, slots=True)
class Event:
    """The matter. ``division`` has 12 digits; ``orgs`` are lead and assistants; ``people`` those who reported or hold
    it by person; ``due_at`` is the most pressing running clock's; coordinates are CGCS2000."""

    id: Id
    case_no: str
    title: str
    text: str
    channel: str
    kind: str
    matter: Id | None
    condition: Id | None
    closing_condition: Id | None
    flow: str
    flow_version: int
    state: str
    status: str
    division: str
    unit_grid: str
    duty_grid: str
    lon: float | None
    lat: float | None
    address: str
    urgent: bool
    supervised: bool
    suspended_until: datetime | None
    lead_org: Id | None
    orgs: tuple[Id, ...]
    people: tuple[Id, ...]
    holder_role: str
    holder_of: str
    holder_post: Id | None
    handler_post: Id | None
    open_tasks: tuple[str, ...]
    lateness: str
    due_at: datetime | None
    clock_started_at: datetime | None
    outcome: str
    satisfaction: str
    exemptions: tuple[str, ...]
    merged_into: Id | None
    report_count: int
    caller_count: int
    reported_at: datetime
    closed_at: datetime | None
    moved_at: datetime
    foreign_no: str
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.status == Status.open

    @property
    def due_sort(self) -> datetime:
        """What lists sort by: the deadline, or the far end when no clock presses."""
        return self.due_at if self.due_at is not None and self.is_open else FAR


@dataclass(frozen=True, slots=True)
class Act:
    """One act of an event's history: append-only. ``args`` keeps what was given with it, without personal data."""

    id: Id
    event: Id
    seq: int
    verb: str
    kind: str
    from_state: str
    to_state: str
    person: Id | None
    post: Id | None
    org: Id | None
    actor_name: str
    role: str
    reason: str
    args: Mapping[str, Any]
    done_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that proves something: ``kind`` near, far, reference, before, after, check; time and place of the picture
    itself; its digest; ``reused`` when the same content was seen before. ``metres`` it was taken from the event's
    place; ``flags`` say what is doubtful about it."""

    id: Id
    event: Id
    act: Id | None
    file: Id
    kind: str
    digest: str
    taken_at: datetime | None
    received_at: datetime
    lon: float | None
    lat: float | None
    reused: bool
    by_person: Id | None
    metres: float | None = None
    flags: tuple[str, ...] = ()


def doubts(
    *,
    kind: str,
    reused: bool,
    alike: bool,
    taken_at: datetime | None,
    at: datetime,
    metres: float | None,
    placed: bool,
    radius_m: float,
    age: timedelta,
) -> tuple[str, ...]:
    """What is doubtful about a photo handed in at ``at``: reused, alike (looks like an earlier one), no_time, old,
    future, no_place, far. Told, never hidden; which of them spoil a proof is the stage's to say. A photo of before the
    work may be as old as the matter."""
    found = [name for name, is_so in (("reused", reused), ("alike", alike and not reused)) if is_so]
    if taken_at is None:
        found.append("no_time")
    elif taken_at > at + timedelta(minutes=10):
        found.append("future")
    elif kind in ("check", "after") and taken_at < at - age:
        found.append("old")
    if not placed:
        found.append("no_place")
    elif metres is not None and metres > radius_m:
        found.append("far")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ActArgs:
    """What can be given with an act. Only what the verb takes is looked at."""

    reason: str = ""
    matter_id: Id | None = None
    condition_id: Id | None = None
    closing_condition_id: Id | None = None
    lead_org: Id | None = None
    assistants: tuple[Id, ...] = ()
    handler_post: Id | None = None
    evidence: tuple[tuple[Id, str], ...] = ()  # file id, kind
    answer: str = ""
    until: datetime | None = None
    satisfaction: str = ""
    outcome: str = ""
    to_state: str = ""
    done_at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """The values that the history keeps."""
        values = {
            "matter_id": self.matter_id,
            "condition_id": self.condition_id,
            "closing_condition_id": self.closing_condition_id,
            "lead_org": self.lead_org,
            "assistants": list(self.assistants),
            "handler_post": self.handler_post,
            "evidence": [kind for _, kind in self.evidence],
            "answer": self.answer,
            "until": self.until.isoformat() if self.until else None,
            "satisfaction": self.satisfaction,
            "outcome": self.outcome,
            "to_state": self.to_state,
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Dims:
    """By what open events are counted for the inbox and the board."""

    division: str
    flow: str
    state: str
    status: str
    lead_org: Id | None
    lateness: str
    supervised: bool
    channel: str


def dims_of(event: Event) -> Dims:
    return Dims(
        event.division,
        event.flow,
        event.state,
        event.status,
        event.lead_org,
        event.lateness,
        event.supervised,
        event.channel,
    )


def lateness_at(now: datetime, due_at: datetime | None, warn_at: datetime | None) -> Lateness:
    """Late from the deadline on, near from the warn mark on."""
    if due_at is not None and now >= due_at:
        return Lateness.late
    if warn_at is not None and now >= warn_at:
        return Lateness.near
    return Lateness.none


def merge(event: Event, into: Event, now: datetime) -> Event:
    """The event as part of another. Its state stays, so that it can be taken apart again."""
    if event.id == into.id:
        raise NotMergeable(reason="same")
    if not event.is_open or not into.is_open:
        raise NotMergeable(reason="not_open")
    return replace(event, status=Status.merged.value, merged_into=into.id, moved_at=now)


def part(event: Event, now: datetime) -> Event:
    """A merged event as its own again, in the state in which it was merged."""
    return replace(event, status=Status.open.value, merged_into=None, moved_at=now)


def case_name(division: str, day: datetime, number: int) -> str:
    """The case number: county code + date + sequence, such as ``370303-20260918-000123``."""
    return f"{division[:6]}-{day:%Y%m%d}-{number:06d}"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two matters are the same, 0 to 1, and why (keys with values)."""

    score: float
    metres: float | None
    text: float
    same_matter: bool
    days: float


def likeness(
    *,
    metres: float | None,
    radius_m: float,
    grams: Sequence[str],
    other_grams: Sequence[str],
    same_matter: bool,
    apart: timedelta,
    within: timedelta,
) -> Likeness:
    """Weigh place, words, class and time. Without places the words must carry it."""
    ours, theirs = set(grams), set(other_grams)
    text = len(ours & theirs) / min(len(ours), len(theirs)) if ours and theirs else 0.0
    near = 0.0 if metres is None else max(0.0, 1 - metres / radius_m)
    fresh = max(0.0, 1 - apart / within)
    placed = 0.45 * near + 0.3 * text + 0.15 * same_matter + 0.1 * fresh
    unplaced = 0.75 * text + 0.15 * same_matter + 0.1 * fresh
    score = placed if metres is not None else unplaced
    return Likeness(round(score, 3), metres, round(text, 3), same_matter, round(apart / timedelta(days=1), 2))


def metres_between(lon: float | None, lat: float | None, lon2: float | None, lat2: float | None) -> float | None:
    if lon is None or lat is None or lon2 is None or lat2 is None:
        return None
    return distance_m((lon, lat), (lon2, lat2))


def cell_of(lon: float | None, lat: float | None) -> int | None:
    """The square of 0.005 degrees (about 500 m) that a place lies in, as one number for an index."""
    if lon is None or lat is None:
        return None
    return int((lon + 180) / 0.005) * 100_000 + int((lat + 90) / 0.005)


def cells_around(lon: float, lat: float, radius_m: float) -> list[int]:
    """The squares that a circle may touch."""
    steps = max(1, int(radius_m / 400) + 1)
    column, row = int((lon + 180) / 0.005), int((lat + 90) / 0.005)
    return [(column + dx) * 100_000 + row + dy for dx in range(-steps, steps + 1) for dy in range(-steps, steps + 1)]
