"""Many events of a file at once (批量导入): each row a report, its event and its history, loaded by COPY.

Such an event can be worked on like any other. Its history tells what the source knew, with the source's dates and
``recorded_at`` now: reported, and closed where it was. No stage clock runs for what happened elsewhere; a promise of
the source is the deadline until somebody here acts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

import msgspec

from gangmu.base import access
from gangmu.core import flow
from gangmu.core.event import model, store
from gangmu.core.event.model import Dims, Status
from gangmu.core.flow.model import State
from gangmu.core.report.bulk import LoadedReport, load_reports
from gangmu.kit import copytext as ct
from gangmu.kit import ids, numbers
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id, of_uuid
from gangmu.kit.text import bigrams
from gangmu.kit.unit import Unit
from gangmu.kit.zone import zone as city_zone
from gangmu.messages.event import EventsLoaded

_EVENT = (
    "id", "case_no", "title", "text", "channel", "kind", "matter", "flow", "flow_version", "state", "status",
    "division", "unit_grid", "lon", "lat", "cell", "address", "urgent", "lead_org", "orgs", "holder_role",
    "holder_of", "lateness", "due_at", "due_sort", "outcome", "satisfaction", "reported_at", "closed_at", "moved_at",
    "foreign_no", "version",
)  # fmt: skip
_ACT = (
    "id", "event", "seq", "verb", "kind", "from_state", "to_state", "person", "post", "org", "actor_name", "role",
    "args", "done_at", "recorded_at",
)  # fmt: skip


class ForeignReport(LoadedReport, frozen=True, kw_only=True):
    """A report of another system, ready to be taken, with what became of it there: ``life`` is open, closed or void;
    ``lead_org`` did the work; ``facts`` are what the source knew besides (its own words, transfers), kept in the
    history. ``at_state``: an open one is taken over in the midst of the flow, in the hands of ``lead_org``."""

    flow: str
    life: str = "open"
    at_state: str = ""
    lead_org: Id | None = None
    target_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    reply: str = ""
    satisfaction: str = ""
    urgent: bool = False
    facts: Mapping[str, Any] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Way:
    """Where events of a flow stand by their life."""

    id: str
    version: int
    start: str
    states: Mapping[str, State]
    all: Mapping[str, State]

    def where(self, row: ForeignReport) -> State:
        """The state that a row's event is in."""
        return self.all[row.at_state] if row.at_state and row.life == "open" else self.states[row.life]


def take_reports(unit: Unit, actor: Actor, rows: Sequence[ForeignReport], source: str) -> list[tuple[str, str]]:
    """Take reports of another system, each with an event of its own. ``source`` names the system; with ``number`` it
    is unique among reports. Returns (report, event) uuids as text in the order of the rows. One journal entry."""
    if not rows:
        return []
    access.require(actor, "event.create", min(row.division for row in rows))
    ways = {name: way_of(unit, actor, name) for name in {row.flow for row in rows}}
    cases = _case_numbers(rows)
    fresh = ids.new_many(5 * len(rows))
    hexes = [f"{number:032x}" for number in fresh]
    made = list(zip(hexes[0::5], hexes[1::5], strict=True))
    load_reports(unit, rows, made, source)
    events, words, acts, links = [], [], [], []
    dims: Counter[Dims] = Counter()
    who = _who(actor)
    now = unit.now.isoformat()
    for n, (row, (report_id, event_id), case_no) in enumerate(zip(rows, made, cases, strict=True)):
        report = ids.of_number("rpt", fresh[5 * n])
        way = ways[row.flow]
        state = way.where(row)
        late = model.lateness_at(unit.now, row.target_at, None).value if row.life == "open" else ""
        events.append(_event_line(row, event_id, case_no, way, state, late, now))
        grams = bigrams(f"{row.title} {row.text[:4000]} {row.address} {row.number} {case_no}")
        words.append(f"{event_id}\t{row.received_at}\t{ct.words(grams)}\n")
        acts.extend(_act_lines(row, event_id, report, hexes[5 * n + 3 : 5 * n + 5], way, state, who, now))
        links.append(f"{hexes[5 * n + 2]}\t{event_id}\t{report_id}\topened\t{now}\t{who[0]}\n")
        lead = row.lead_org if row.life != "open" or row.at_state else None
        dims[Dims(row.division, way.id, state.id, state.status.value, lead, late, False, row.channel)] += 1
    unit.insert_lines(store.event, _EVENT, events, source=source)
    unit.insert_lines(store.event_search, ("event", "reported_at", "grams"), words, source="")
    unit.insert_lines(store.event_act, _ACT, acts, source=source)
    unit.insert_lines(store.event_report, ("id", "event", "report", "what", "at", "by_person"), links, source=source)
    store.count(unit, list(dims.items()))
    outer = _common([row.division for row in rows])
    span = {"first": str(of_uuid("evt", UUID(made[0][1]))), "last": str(of_uuid("evt", UUID(made[-1][1])))}
    unit.tell(EventsLoaded(about=source, source=source, count=len(rows), division=outer, orgs=[], **span))
    return made


def way_of(unit: Unit, actor: Actor, name: str) -> Way:
    found = flow.current_flow(unit, actor, name)
    finals = [state for state in found.states if state.kind == "final"]

    def ended(status: Status, plain: str) -> State:
        able = [state for state in finals if state.status.value == status.value]
        return next((state for state in able if state.id == plain), able[0])

    start = found.state(found.start)
    states = {"open": start, "closed": ended(Status.closed, "closed"), "void": ended(Status.void, "void")}
    return Way(found.id, found.version, start.id, states, {state.id: state for state in found.states})


def _case_numbers(rows: Sequence[ForeignReport]) -> list[str]:
    """A number of the day of the report for each, in one go a county and day."""
    zone = city_zone()
    days = [(row.division[:6], row.received_at.astimezone(zone).date()) for row in rows]
    counted = Counter(days)
    names = {pair: f"case:{pair[0]}:{pair[1]:%Y%m%d}" for pair in counted}
    blocks = numbers.take_blocks({names[pair]: n for pair, n in counted.items()})
    first = {pair: model.case_name(pair[0], datetime.combine(pair[1], time()), 0)[:-6] for pair in counted}
    left = {pair: iter(blocks[name]) for pair, name in names.items()}
    return [f"{first[pair]}{next(left[pair]):06d}" for pair in days]


def _event_line(row: ForeignReport, event_id: str, case_no: str, way: Way, state: State, late: str, now: str) -> str:
    is_open = row.life == "open"
    org = ct.NULL if is_open and not row.at_state else ct.ref(row.lead_org)
    due = ct.time(row.target_at) if is_open else ct.NULL
    return (
        f"{event_id}\t{case_no}\t{ct.text(row.title)}\t{ct.text(row.text)}\t{row.channel}\t{row.kind}"
        f"\t{ct.ref(row.matter)}\t{way.id}\t{way.version}\t{state.id}\t{state.status.value}"
        f"\t{row.division}\t{row.unit_grid}\t{ct.maybe(row.lon)}\t{ct.maybe(row.lat)}"
        f"\t{ct.maybe(model.cell_of(row.lon, row.lat))}\t{ct.text(row.address)}\t{ct.truth(row.urgent)}\t{org}"
        f"\t{'{}' if org == ct.NULL else '{' + org + '}'}\t{state.holder}\t{state.holder_of.value}\t{late}\t{due}"
        f"\t{model.FAR if due == ct.NULL else due}\t{ct.text(row.outcome)}\t{row.satisfaction}\t{row.received_at}"
        f"\t{ct.time(row.closed_at)}\t{now}\t{ct.text(row.number)}\t{1 if is_open else 2}\n"
    )


def _act_lines(
    row: ForeignReport,
    event_id: str,
    report: str,
    own: Sequence[str],
    way: Way,
    state: State,
    who: tuple[str, ...],
    now: str,
) -> list[str]:
    person, post, org, name, role = who
    begun = state.id if row.at_state and row.life == "open" else way.start
    told: dict[str, Any] = {"report": report, "imported": True, **row.facts}
    if row.target_at:
        told["target_at"] = row.target_at.isoformat()
    lines = [
        f"{own[0]}\t{event_id}\t1\treport\tstep\t\t{begun}\t{person}\t{post}\t{org}\t{name}\t{role}"
        f"\t{ct.json(told)}\t{row.received_at}\t{now}\n"
    ]
    if row.life != "open":
        ended: dict[str, Any] = {
            "imported": True,
            "outcome": row.outcome,
            "answer": row.reply,
            "satisfaction": row.satisfaction,
        }
        if row.closed_at is None:
            ended["end_unknown"] = True
        verb = "close" if row.life == "closed" else "void"
        lines.append(
            f"{own[1]}\t{event_id}\t2\t{verb}\tjump\t{way.start}\t{state.id}\t{person}\t{post}\t{org}\t{name}"
            f"\t{role}\t{ct.json({key: value for key, value in ended.items() if value})}"
            f"\t{row.closed_at or row.received_at}\t{now}\n"
        )
    return lines


def _who(actor: Actor) -> tuple[str, ...]:
    refs = (actor.person, actor.post, actor.org)
    role = actor.roles[0] if actor.roles else ""
    return (*(ct.NULL if ref is None else str(ref.uuid) for ref in refs), ct.text(actor.name), role)


def _common(divisions: Sequence[str]) -> str:
    """The smallest division that holds them all, 12 digits."""
    first, last = min(divisions), max(divisions)
    for width in (12, 9, 6, 4, 2):
        if first[:width] == last[:width]:
            return first[:width].ljust(12, "0")
    return ""
