"""Events whose whole way is known already (历史回放): rows, history and links worked out in memory, loaded together.

The steps were decided by the flow, act by act, at their own times; here they are only written, as a batch of a file is:
by COPY, one journal entry a table, one message a batch.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from gangmu.base import access
from gangmu.core.event import model, store
from gangmu.core.event.bulk import _EVENT, ForeignReport, _case_numbers, _common
from gangmu.core.event.model import Dims
from gangmu.core.flow.model import State
from gangmu.core.report.bulk import load_reports
from gangmu.kit import copytext as ct
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id, of_uuid
from gangmu.kit.text import bigrams
from gangmu.kit.unit import Unit
from gangmu.messages.event import EventsLoaded

_ACT = (
    "id", "event", "seq", "verb", "kind", "from_state", "to_state", "org", "actor_name", "role", "reason", "args",
    "done_at", "recorded_at",
)  # fmt: skip
_LINK = ("id", "event", "report", "came_from", "what", "at")
_MORE = ("merged_into", "report_count", "caller_count", "clock_started_at")


@dataclass(frozen=True, slots=True)
class PlayedAct:
    """One act as it was decided. ``id`` is a uuid in hex."""

    id: str
    verb: str
    kind: str
    from_state: str
    to_state: str
    org: Id | None
    role: str
    reason: str
    args: dict[str, Any]
    at: datetime


@dataclass(slots=True)
class PlayedEvent:
    """An event at the end of what is known of it. Ids are uuids in hex; ``joined`` are links (id, report, came from,
    what, when); ``report_event`` is where its own report lies now."""

    id: str
    report: str
    row: ForeignReport
    flow: str
    version: int
    state: State
    status: str
    acts: list[PlayedAct] = field(default_factory=list)
    joined: list[tuple[str, str, str, str, datetime]] = field(default_factory=list)
    lead_org: Id | None = None
    orgs: tuple[Id, ...] = ()
    outcome: str = ""
    merged_into: str = ""
    reports: int = 1
    closed_at: datetime | None = None
    due_at: datetime | None = None
    clock_started_at: datetime | None = None
    lateness: str = ""

    @property
    def is_open(self) -> bool:
        return self.status == "open"


def load_played(unit: Unit, actor: Actor, events: Sequence[PlayedEvent], source: str, by: str) -> None:
    """Write played events with reports, history, search words and counts. ``by`` names who did it there."""
    if not events:
        return
    rows = [one.row for one in events]
    access.require(actor, "event.create", min(row.division for row in rows))
    cases = _case_numbers(rows)
    load_reports(unit, rows, [(one.report, one.merged_into or one.id) for one in events], source)
    lines = [_event_line(one, case_no) for one, case_no in zip(events, cases, strict=True)]
    unit.insert_lines(store.event, (*_EVENT, *_MORE), lines, source=source)
    words = [_word_line(one, case_no) for one, case_no in zip(events, cases, strict=True)]
    unit.insert_lines(store.event_search, ("event", "reported_at", "grams"), words, source="")
    name = ct.text(by)
    acts = [_act_line(one, act, seq, name) for one in events for seq, act in enumerate(one.acts, 1)]
    unit.insert_lines(store.event_act, _ACT, acts, source=source)
    links = [
        f"{link}\t{one.id}\t{report}\t{came_from or ct.NULL}\t{what}\t{at}\n"
        for one in events
        for link, report, came_from, what, at in one.joined
    ]
    unit.insert_lines(store.event_report, _LINK, links, source=source)
    store.count(unit, list(Counter(_dims(one) for one in events).items()))
    outer = _common([row.division for row in rows])
    names = [str(of_uuid("evt", UUID(one.id))) for one in events]
    span = {"first": min(names), "last": max(names)}
    unit.tell(EventsLoaded(about=source, source=source, count=len(rows), division=outer, orgs=[], **span))


def _event_line(one: PlayedEvent, case_no: str) -> str:
    row, state = one.row, one.state
    due = ct.time(one.due_at) if one.is_open else ct.NULL
    orgs = "{" + ",".join(ct.ref(org) for org in one.orgs) + "}"
    return (
        f"{one.id}\t{case_no}\t{ct.text(row.title)}\t{ct.text(row.text)}\t{row.channel}\t{row.kind}"
        f"\t{ct.ref(row.matter)}\t{one.flow}\t{one.version}\t{state.id}\t{one.status}"
        f"\t{row.division}\t{row.unit_grid}\t{ct.maybe(row.lon)}\t{ct.maybe(row.lat)}"
        f"\t{ct.maybe(model.cell_of(row.lon, row.lat))}\t{ct.text(row.address)}\t{ct.truth(row.urgent)}"
        f"\t{ct.ref(one.lead_org)}\t{orgs}\t{state.holder}\t{state.holder_of.value}\t{one.lateness}\t{due}"
        f"\t{model.FAR if due == ct.NULL else due}\t{ct.text(one.outcome)}\t{row.satisfaction}\t{row.received_at}"
        f"\t{ct.time(one.closed_at)}\t{one.acts[-1].at}\t{ct.text(row.number)}\t{len(one.acts)}"
        f"\t{one.merged_into or ct.NULL}\t{one.reports}\t{one.reports}"
        f"\t{ct.time(one.clock_started_at) if one.is_open else ct.NULL}\n"
    )


def _word_line(one: PlayedEvent, case_no: str) -> str:
    row = one.row
    grams = bigrams(f"{row.title} {row.text[:4000]} {row.address} {row.number} {case_no}")
    return f"{one.id}\t{row.received_at}\t{ct.words(grams)}\n"


def _act_line(one: PlayedEvent, act: PlayedAct, seq: int, name: str) -> str:
    return (
        f"{act.id}\t{one.id}\t{seq}\t{act.verb}\t{act.kind}\t{act.from_state}\t{act.to_state}\t{ct.ref(act.org)}"
        f"\t{name}\t{act.role}\t{ct.text(act.reason)}\t{ct.json(act.args)}\t{act.at}\t{act.at}\n"
    )


def _dims(one: PlayedEvent) -> Dims:
    return Dims(
        one.row.division, one.flow, one.state.id, one.status, one.lead_org, one.lateness, False, one.row.channel
    )
