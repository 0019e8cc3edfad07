"""What has happened, for those who try rules on it before they hold; and moving events to another version of a flow.

Histories are read whole and written by nobody. A move is an act like any other: in the event's history, journaled,
told, with the clocks of the state as the new version wants them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from gangmu.base.org import service as org_service
from gangmu.core import deadline, flow
from gangmu.core.event import past_store, store
from gangmu.core.event.acting import facts_of
from gangmu.core.event.clocks import start_clocks, with_clock
from gangmu.core.event.history import new_act, tell_moved
from gangmu.core.event.model import Event
from gangmu.core.flow import service as flow_service
from gangmu.core.flow.model import Acting, EvidenceFact
from gangmu.core.flow.replay import Past, PastAct, PastClock
from gangmu.core.flow.stepping import running_clocks
from gangmu.kit.actor import Actor, System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

CHUNK = 500
MIGRATE = "migrate"
EVERYTHING = System("event.past")


@dataclass(frozen=True, slots=True)
class Shown:
    """An event as an example: its id, number and title."""

    id: Id
    case_no: str
    title: str


def histories(unit: Unit, flow_id: str, since: datetime, most: int) -> Iterator[Past]:
    """The histories of the last events of a flow, the newest first: all of them, whoever asks, for counting. What is
    shown of one is asked with ``shown``."""
    heads = past_store.list_past(unit, flow_id, since, most, seen_by=EVERYTHING)
    chains = _Chains(unit)
    for start in range(0, len(heads), CHUNK):
        part = heads[start : start + CHUNK]
        ids = [head.id for head in part]
        acts = _by_event(past_store.list_acts(unit, ids, seen_by=EVERYTHING))
        proofs = _by_event(past_store.list_evidence(unit, ids, seen_by=EVERYTHING))
        clocks = deadline.clocks_of(unit, ids)
        for head in part:
            yield Past(
                id=head.id,
                channel=head.channel,
                version=head.flow_version,
                state=head.state,
                acts=tuple(_act(row, proofs.get(head.id, ()), chains) for row in acts.get(head.id, ())),
                clocks=tuple(
                    PastClock(row.stage, row.started_at, row.due_at, row.stopped_at, row.overdue)
                    for row in clocks[head.id]
                    if not row.cancelled
                ),
            )


def acts_of(unit: Unit, actor: Actor, events: Sequence[Id]) -> dict[Id, list[tuple[str, datetime]]]:
    """The verbs of these events with the times when they were done, oldest first."""
    found: dict[Id, list[tuple[str, datetime]]] = {event: [] for event in events}
    for row in past_store.list_acts(unit, events, seen_by=actor):
        found[row.event].append((row.verb, row.done_at))
    return found


def shown(unit: Unit, actor: Actor, events: Sequence[Id]) -> list[Shown]:
    """Those of these events that the actor may see, in the order given."""
    found = {
        row.id: Shown(row.id, row.case_no, row.title) for row in past_store.list_shown(unit, events, seen_by=actor)
    }
    return [found[one] for one in events if one in found]


class _Chains:
    """The organisations above an organisation, read once."""

    def __init__(self, unit: Unit) -> None:
        self._parents = {one.id: one.parent for one in org_service.list_orgs(unit, EVERYTHING)}
        self._known: dict[Id, tuple[Id, ...]] = {}

    def of(self, org: Id | None) -> tuple[Id, ...]:
        if org is None:
            return ()
        if org not in self._known:
            chain, here = [], org
            while here is not None and here not in chain:
                chain.append(here)
                here = self._parents.get(here)
            self._known[org] = tuple(chain)
        return self._known[org]


def _by_event(rows: Sequence[Any]) -> dict[Id, list[Any]]:
    ordered = sorted(rows, key=lambda row: row.event) if rows else []
    return {key: list(group) for key, group in groupby(ordered, key=lambda row: row.event)}


def _act(row: Any, proofs: Sequence[Any], chains: _Chains) -> PastAct:
    until = row.args.get("until")
    given = tuple(
        EvidenceFact(item.kind, item.received_at, item.taken_at, item.reused) for item in proofs if item.act == row.id
    )
    args = {**row.args, "reason": row.reason}
    if isinstance(until, str):
        args["until"] = datetime.fromisoformat(until)
    acting = Acting(row.person, row.post, row.org, chains.of(row.org), (row.role,) if row.role else ())
    return PastAct(row.verb, row.recorded_at, acting, args, given, row.role, row.to_state)


def list_places(unit: Unit, actor: Actor, since: datetime, until: datetime) -> list[Any]:
    """How many events of a period each class and division had, of those that the actor sees."""
    return past_store.list_places(unit, since, until, seen_by=actor)


def list_at(
    unit: Unit, actor: Actor, wanted: Sequence[tuple[Id, str]], since: datetime, until: datetime, each: int
) -> list[Any]:
    """Examples of a period at these classes and divisions, the newest first, at most some each."""
    return past_store.list_at(unit, wanted, since, until, each, seen_by=actor)


def count_version(unit: Unit, flow_id: str, version: int) -> dict[str, int]:
    """How many open events pin a version of a flow, by state."""
    return past_store.count_version(unit, flow_id, version)


def list_version(unit: Unit, actor: Actor, flow_id: str, version: int, states: Sequence[str], most: int) -> list[Id]:
    """Open events that pin a version and stand in one of these states, the oldest first."""
    return past_store.list_version(unit, flow_id, version, states, most, seen_by=actor)


def count_under(unit: Unit, matters: Sequence[Id], conditions: Sequence[Id]) -> tuple[dict[Id, int], dict[Id, int]]:
    """How many open events are filed under these editions of classes, and run under these filing conditions."""
    return past_store.count_matters(unit, matters), past_store.count_conditions(unit, conditions)


# --- moving events to another version --------------------------------------------------------------------


def movable(old: flow.Flow, new: flow.Flow) -> dict[str, str]:
    """The states of ``old`` from which an event cannot go over to ``new``, each with why: the state is not there
    (``gone``), or is something else there (``other_kind``)."""
    refused = {}
    for state in old.states:
        there = new.find_state(state.id)
        if there is None:
            refused[state.id] = "gone"
        elif (there.kind, there.status, there.pauses) != (state.kind, state.status, state.pauses):
            refused[state.id] = "other_kind"
    return refused


def migrate(unit: Unit, actor: Actor, event_id: Id, to: int, reason: str) -> Event:
    """Let an open event go on under another version of its flow, in the state in which it stands. Clocks that only
    the new version runs there are started now, those that it does not run are called off. Rights are the caller's."""
    was = store.get(unit, event_id, seen_by=actor, lock=True)
    old = flow_service.get_flow(unit, actor, was.flow, was.flow_version)
    new = flow_service.get_flow(unit, actor, was.flow, to)
    if not was.is_open or was.state in movable(old, new):
        raise flow.NotAllowed(MIGRATE, "flow.refused.not_from_here", {"verb": MIGRATE, "state": was.state})
    facts = facts_of(unit, actor, was, store.acts_of(unit, event_id, seen_by=actor))
    before = running_clocks(old, facts)
    after = running_clocks(new, facts)
    for stage in before:
        if stage not in after:
            deadline.stop(unit, was.id, stage, unit.now, cancelled=True)
    state = new.state(was.state)
    moved = replace(
        was,
        flow_version=to,
        holder_role=state.holder,
        holder_of=state.holder_of.value,
        moved_at=unit.now,
    )
    start_clocks(unit, moved, new, [stage for stage in after if stage not in before], unit.now)
    moved = with_clock(unit, moved)
    store.save(unit, moved, was)
    kept = {"from_version": was.flow_version, "to_version": to}
    done = new_act(unit, actor, was, was.version + 1, MIGRATE, "aside", was.state, was.state, reason, kept, unit.now)
    store.add_act(unit, done)
    tell_moved(unit, actor, moved, was, done)
    return replace(moved, version=was.version + 1)
