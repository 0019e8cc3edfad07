"""Acting on an event: a verb of its flow, or giving what it waits for into other hands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gangmu.base import access
from gangmu.core import deadline, flow
from gangmu.core.deadline import service as deadline_service
from gangmu.core.event import effects, store
from gangmu.core.event.clocks import run_clocks, with_clock
from gangmu.core.event.effects import Acted
from gangmu.core.event.history import new_act, not_stale, tell_moved
from gangmu.core.event.model import Act, ActArgs, Event, Status
from gangmu.core.event.proofs import keep_evidence, proofs_of
from gangmu.core.event.settings import EventSettings
from gangmu.core.flow import service as flow_service
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

FUTURE = timedelta(minutes=10)

_HISTORY = System("event.act")  # whoever may see an event, acts on its whole history


def act(unit: Unit, actor: Actor, event_id: Id, verb_id: str, args: ActArgs, version: int | None = None) -> Event:
    """Do a verb of the event's flow. The flow decides whether it may be done now; rights whether this actor may;
    ``version`` whether he saw what he acts on. ``NotAllowed`` names the guard that stood in the way."""
    getting = store.get_soon(unit, event_id, seen_by=actor, lock=True)
    history = store.acts_soon(unit, event_id, seen_by=_HISTORY)
    deadline_service.hold(unit, event_id)
    was = getting()
    not_stale(unit, was, version)
    way = flow_service.get_flow(unit, actor, was.flow, was.flow_version)
    verb = way.find_verb(verb_id)
    if verb is None or was.status == Status.merged:
        raise flow.NotAllowed(verb_id, "flow.refused.unknown_verb" if verb is None else "event.refused.merged")
    access.require(actor, verb.can, was.division, orgs=was.orgs, people=was.people)
    acts = tuple(history())
    done_at = _done_at(unit, args, acts)
    at = done_at if settings.get(EventSettings).clock_counts == "done" else unit.now
    proofs = proofs_of(unit, actor, args)
    facts = facts_of(unit, actor, was, acts)
    step = flow.step(way, facts, verb_id, {**args.kept(), "until": args.until, "evidence": proofs, **_plain(args)})
    act_id = ids.new("act")
    moved = replace(
        was,
        state=step.to_state,
        status=step.status.value,
        holder_role=step.holder,
        holder_of=step.holder_of.value,
        moved_at=unit.now,
        closed_at=_closed_at(was, step.status.value, unit.now),
    )
    acted = Acted(unit, actor, was, moved, args, step, act_id, at, acts)
    keep_evidence(unit, actor, was, act_id, list(args.evidence))
    run_clocks(unit, acted, way)
    effects.carry_out(acted)
    event = with_clock(unit, acted.event)
    if not event.is_open:
        deadline.stop_all(unit, event.id, at)
        event = replace(event, due_at=None, clock_started_at=None)
    store.save(unit, event, was)
    role = _role_for(actor, verb.roles)
    kept = args.kept()
    done = new_act(
        unit,
        actor,
        was,
        was.version + 1,
        verb_id,
        verb.kind.value,
        was.state,
        step.to_state,
        args.reason,
        kept,
        done_at,
        role,
    )
    done = replace(done, id=act_id)
    store.add_act(unit, done)
    tell_moved(unit, actor, event, was, done)
    return replace(event, version=was.version + 1)


def _plain(args: ActArgs) -> dict[str, Any]:
    names = ("reason", "answer", "satisfaction", "outcome", "to_state")
    return {name: getattr(args, name) for name in names}


def _done_at(unit: Unit, args: ActArgs, acts: Sequence[Act]) -> datetime:
    """When it was done in the street: not in the future, not before the act before it, not too far back."""
    if args.done_at is None:
        return unit.now
    rules = settings.get(EventSettings)
    earliest = max([unit.now - timedelta(hours=rules.done_back_hours), *(act.done_at for act in acts[-1:])])
    if args.done_at > unit.now + FUTURE or args.done_at < earliest:
        raise Invalid(field="done_at", reason="lies in the future or before the act before it")
    return args.done_at


def _closed_at(was: Event, status: str, now: datetime) -> datetime | None:
    if status == Status.open:
        return None
    return was.closed_at or now


def _role_for(actor: Actor, wanted: Sequence[str]) -> str:
    return next((role for role in wanted if role in actor.roles), actor.roles[0] if actor.roles else "")


def facts_of(unit: Unit, actor: Actor, event: Event, acts: Sequence[Act]) -> flow.Facts:
    """All that the flow may know of the event."""
    return flow.Facts(
        state=event.state,
        now=unit.now,
        actor=flow.Acting(actor.person, actor.post, actor.org, actor.chain, actor.roles),
        acts=tuple(
            flow.ActFact(
                act.verb,
                act.recorded_at,
                act.person,
                act.post,
                act.org,
                act.role,
                act.args,
                act.from_state,
                act.to_state,
            )
            for act in acts
        ),
        channel=event.channel,
        lead_org=event.lead_org,
        orgs=event.orgs,
        holder_org=event.lead_org if event.holder_of == "lead_org" else None,
        holder_post=event.holder_post,
        assigned_handler=event.handler_post,
        overdue=frozenset(deadline.overdue_stages(unit, event.id)),
        open_tasks=event.open_tasks,
        evidence=_Proofs(unit, actor, event.id),
    )


class _Proofs(Sequence[flow.EvidenceFact]):
    """The evidence of an event, read when a guard looks at it: most look at none."""

    def __init__(self, unit: Unit, actor: Actor, event_id: Id) -> None:
        self._asked, self._read = (unit, actor, event_id), None

    def _all(self) -> Sequence[flow.EvidenceFact]:
        if self._read is None:
            unit, actor, event_id = self._asked
            self._read = tuple(
                flow.EvidenceFact(item.kind, item.received_at, item.taken_at, item.reused)
                for item in store.evidence_of(unit, event_id, seen_by=actor)
            )
        return self._read

    def __len__(self) -> int:
        return len(self._all())

    def __getitem__(self, at: Any) -> Any:
        return self._all()[at]


def hand_over(
    unit: Unit,
    actor: Actor,
    event_id: Id,
    post: Id | None,
    person: Id | None,
    verb: str,
    reason: str,
    instead_of: Id | None = None,
) -> Event:
    """Give what an event waits for into other hands; the state stays. With ``instead_of`` the post takes the place of
    that one wherever it stands. Rights are the caller's to ask."""
    was = store.get(unit, event_id, seen_by=actor, lock=True)
    people = tuple(dict.fromkeys([*was.people, *([person] if person else [])]))
    holder = post if instead_of in (None, was.holder_post) else was.holder_post
    handler = post if instead_of is not None and was.handler_post == instead_of else was.handler_post
    changed = replace(was, holder_post=holder, handler_post=handler, people=people, moved_at=unit.now)
    store.save(unit, changed, was)
    kept = {"handler_post": post} if post else {}
    done = new_act(unit, actor, was, was.version + 1, verb, "aside", was.state, was.state, reason, kept, unit.now)
    store.add_act(unit, done)
    tell_moved(unit, actor, changed, was, done)
    return replace(changed, version=was.version + 1)


def resume_suspended(unit: Unit, actor: Actor, event_id: Id, token: str) -> None:
    """A suspension has come to its end: the event goes on by itself. A timer of an earlier suspension does nothing."""
    event = store.get(unit, event_id, seen_by=actor)
    latest = next(
        (
            act
            for act in reversed(store.acts_of(unit, event_id, seen_by=actor))
            if act.to_state == event.state != act.from_state
        ),
        None,
    )
    if event.suspended_until is None or latest is None or str(latest.id) != token:
        return
    act(unit, actor, event_id, "resume", ActArgs(reason="suspension ended"))
