"""Use cases of events: open one from a report, act on it, merge and part, show it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from gangmu.base import access, places
from gangmu.base.access import Located
from gangmu.core import deadline, flow, matter, report
from gangmu.core.deadline import service as deadline_service
from gangmu.core.event import effects, model, store
from gangmu.core.event.effects import Acted
from gangmu.core.event.errors import EventMovedOn, NotMergeable, NotPartable, NotReviewable
from gangmu.core.event.model import Act, ActArgs, Event, Evidence, Likeness, Status
from gangmu.core.event.settings import EventSettings
from gangmu.core.event.store import Wanted
from gangmu.core.flow import service as flow_service
from gangmu.core.flow.model import Offer
from gangmu.core.matter import service as matter_service
from gangmu.core.report import Draft, Report
from gangmu.core.report import service as report_service
from gangmu.core.report.model import Review
from gangmu.kit import files, geo, ids, photo, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import bigrams, fold
from gangmu.kit.unit import Unit
from gangmu.messages.event import (
    AlarmReceived,
    EventMoved,
    EventOpened,
    EventsMerged,
    EventsParted,
    EventTurned,
    ReportJoined,
)

FUTURE = timedelta(minutes=10)
_HISTORY = System("event.act")  # whoever may see an event, acts on its whole history


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An event that may be the same matter, with what speaks for it."""

    event: Event
    likeness: Likeness


# --- opening ---------------------------------------------------------------------------------------------


def take_report(
    unit: Unit,
    actor: Actor,
    draft: Draft,
    *,
    join: Id | None = None,
    flow_id: str = "",
    urgent: bool = False,
) -> tuple[Report, Event | None]:
    """Take a report: it joins an event, or becomes one. A machine's alarm waits for review instead."""
    event_id = ids.new("evt")
    taken = report.open_report(unit, actor, draft, None if join is not None else event_id)
    _own_files(unit, actor, draft.attachments)
    if taken.review == Review.pending:
        unit.tell(AlarmReceived(about=taken.id, channel=taken.channel, division=taken.division, orgs=[]))
        return taken, None
    if join is not None:
        return _join(unit, actor, taken, join)
    return taken, open_event(unit, actor, taken, flow_id, urgent, event_id)


def review_alarm(unit: Unit, actor: Actor, report_id: Id, *, join: Id | None = None) -> tuple[Report, Event]:
    """Somebody has looked at a machine's alarm and found it true: now it is a matter."""
    alarm = report.get_report(unit, actor, report_id)
    access.require(actor, "event.create", alarm.division, orgs=actor.chain)
    if alarm.review != Review.pending:
        raise NotReviewable(review=alarm.review)
    reviewed = report.attach(unit, actor, alarm, None, Review.accepted)
    if join is not None:
        joined, into = _join(unit, actor, reviewed, join)
        return joined, into
    opened = open_event(unit, actor, reviewed, "", False)
    return report.attach(unit, actor, reviewed, opened.id), opened


def dismiss_alarm(unit: Unit, actor: Actor, report_id: Id, reason: str) -> Report:
    """Nothing behind it: the alarm is kept with the reason."""
    alarm = report.get_report(unit, actor, report_id)
    if alarm.review != Review.pending:
        raise NotReviewable(review=alarm.review)
    return report_service.dismiss(unit, actor, report_id, reason)


def _own_files(unit: Unit, actor: Actor, attachments: Sequence[Id]) -> dict[Id, files.FileRef]:
    """The files given, which must be the actor's own uploads."""
    found = files.get_many(unit, attachments)
    for file_id in attachments:
        if file_id not in found or (actor.kind != "system" and found[file_id].owner != actor.mark):
            raise NotFound(what=str(file_id))
    return found


def open_event(
    unit: Unit, actor: Actor, taken: Report, flow_id: str, urgent: bool, event_id: Id | None = None
) -> Event:
    """A new event from a report, at the start of its flow, with its first clocks running."""
    chosen = flow_id or settings.get(EventSettings).flow_of_channel.get(taken.channel, "urban_case")
    way = flow_service.current_flow(unit, actor, chosen)
    point = geo.Point(taken.lon, taken.lat) if taken.lon is not None and taken.lat is not None else None
    where = places.attribute(unit, point) if point else None
    start = way.state(way.start)
    words = settings.get(EventSettings).urgent_words
    opened = Event(
        id=event_id or ids.new("evt"),
        case_no=effects.new_case_no(taken.division, unit.now),
        title=taken.title,
        text=taken.text,
        channel=taken.channel,
        kind=taken.kind,
        matter=taken.matter,
        condition=None,
        closing_condition=None,
        flow=way.id,
        flow_version=way.version,
        state=start.id,
        status=start.status.value,
        division=taken.division,
        unit_grid=taken.unit_grid,
        duty_grid=where.duty_grid if where else "",
        lon=taken.lon,
        lat=taken.lat,
        address=taken.address,
        urgent=urgent or any(word in taken.text for word in words),
        supervised=False,
        suspended_until=None,
        lead_org=None,
        orgs=(),
        people=(actor.person,) if actor.person else (),
        holder_role=start.holder,
        holder_of=start.holder_of.value,
        holder_post=None,
        handler_post=None,
        open_tasks=(),
        lateness="",
        due_at=None,
        clock_started_at=None,
        outcome="",
        satisfaction="",
        exemptions=(),
        merged_into=None,
        report_count=1,
        caller_count=1,
        reported_at=taken.received_at,
        closed_at=None,
        moved_at=unit.now,
        foreign_no=taken.foreign_no,
    )
    deadline_service.hold(unit, opened.id, is_new=True)
    _start_clocks(unit, opened, way, start.clocks, unit.now)
    opened = _with_clock(unit, opened)
    store.add(unit, opened)
    first = _act(unit, actor, opened, 1, "report", "step", "", start.id, "", {"report": taken.id}, unit.now)
    store.add_act(unit, first)
    store.add_link(unit, opened.id, taken.id, "opened", None)
    _keep_evidence(unit, actor, opened, first.id, [(file_id, "before") for file_id in taken.attachments])
    unit.tell(
        EventOpened(
            event_id=opened.id,
            case_no=opened.case_no,
            title=opened.title,
            flow=opened.flow,
            state=opened.state,
            status=opened.status,
            channel=opened.channel,
            division=opened.division,
            orgs=[],
            matter=opened.matter,
            lon=opened.lon,
            lat=opened.lat,
            reported_at=opened.reported_at,
            report_id=taken.id,
        )
    )
    return opened


def _join(unit: Unit, actor: Actor, taken: Report, join: Id) -> tuple[Report, Event]:
    was = store.get(unit, join, seen_by=actor, lock=True)
    access.require(actor, "event.read", was.division, orgs=was.orgs, people=was.people)
    if not was.is_open:
        raise NotMergeable(reason="not_open")
    joined = report.attach(unit, actor, taken, was.id)
    store.add_link(unit, was.id, taken.id, "joined", None)
    event = _recount(unit, actor, was, "join", {"report": taken.id})
    unit.tell(ReportJoined(event_id=was.id, report_id=taken.id, division=was.division, orgs=list(was.orgs)))
    return joined, event


# --- acting ----------------------------------------------------------------------------------------------


def act(unit: Unit, actor: Actor, event_id: Id, verb_id: str, args: ActArgs, version: int | None = None) -> Event:
    """Do a verb of the event's flow. The flow decides whether it may be done now; rights whether this actor may;
    ``version`` whether he saw what he acts on. ``NotAllowed`` names the guard that stood in the way."""
    getting = store.get_soon(unit, event_id, seen_by=actor, lock=True)
    history = store.acts_soon(unit, event_id, seen_by=_HISTORY)
    deadline_service.hold(unit, event_id)
    was = getting()
    _not_stale(unit, was, version)
    way = flow_service.get_flow(unit, actor, was.flow, was.flow_version)
    verb = way.find_verb(verb_id)
    if verb is None or was.status == Status.merged:
        raise flow.NotAllowed(verb_id, "flow.refused.unknown_verb" if verb is None else "event.refused.merged")
    access.require(actor, verb.can, was.division, orgs=was.orgs, people=was.people)
    acts = tuple(history())
    done_at = _done_at(unit, args, acts)
    at = done_at if settings.get(EventSettings).clock_counts == "done" else unit.now
    proofs = _proofs(unit, actor, args)
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
    _keep_evidence(unit, actor, was, act_id, list(args.evidence))
    _run_clocks(unit, acted, way)
    effects.carry_out(acted)
    event = _with_clock(unit, acted.event)
    if not event.is_open:
        deadline.stop_all(unit, event.id, at)
        event = replace(event, due_at=None, clock_started_at=None)
    store.save(unit, event, was)
    role = _role_for(actor, verb.roles)
    kept = args.kept()
    done = _act(
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
    store.add_act(unit, replace(done, id=act_id))
    _tell_moved(unit, actor, event, was, act_id, verb_id, done_at)
    return replace(event, version=was.version + 1)


def _plain(args: ActArgs) -> dict[str, Any]:
    names = ("reason", "answer", "satisfaction", "outcome", "to_state")
    return {name: getattr(args, name) for name in names}


def _not_stale(unit: Unit, was: Event, version: int | None) -> None:
    if version is None or version == was.version:
        return
    since = [
        {"verb": act.verb, "by": act.actor_name, "at": act.recorded_at.isoformat(), "to": act.to_state}
        for act in store.acts_since(unit, was.id, version, seen_by=unit.actor)
    ]
    raise EventMovedOn(about=str(was.id), version=was.version, since=since)


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


def _act(
    unit: Unit,
    actor: Actor,
    event: Event,
    seq: int,
    verb: str,
    kind: str,
    from_state: str,
    to_state: str,
    reason: str,
    args: Mapping[str, Any],
    done_at: datetime,
    role: str = "",
) -> Act:
    return Act(
        id=ids.new("act"),
        event=event.id,
        seq=seq,
        verb=verb,
        kind=kind,
        from_state=from_state,
        to_state=to_state,
        person=actor.person,
        post=actor.post,
        org=actor.org,
        actor_name=actor.name,
        role=role or (actor.roles[0] if actor.roles else ""),
        reason=reason[:2000],
        args=args,
        done_at=done_at,
        recorded_at=unit.now,
    )


def _tell_moved(unit: Unit, actor: Actor, event: Event, was: Event, act_id: Id, verb: str, at: datetime) -> None:
    unit.tell(
        EventMoved(
            event_id=event.id,
            act_id=act_id,
            verb=verb,
            from_state=was.state,
            to_state=event.state,
            status=event.status,
            division=event.division,
            orgs=list(dict.fromkeys([*event.orgs, *was.orgs])),
            lead_org=event.lead_org,
            matter=event.matter,
            condition=event.condition,
            due_at=event.due_at,
            actor_person=actor.person,
            actor_post=actor.post,
            actor_org=actor.org,
            done_at=at,
            recorded_at=unit.now,
            version=was.version + 1,
        )
    )
    effects.follow(unit, event)


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
    done = _act(unit, actor, was, was.version + 1, verb, "aside", was.state, was.state, reason, kept, unit.now)
    store.add_act(unit, done)
    _tell_moved(unit, actor, changed, was, done.id, verb, unit.now)
    return replace(changed, version=was.version + 1)


# --- clocks ----------------------------------------------------------------------------------------------


def _run_clocks(unit: Unit, acted: Acted, way: flow.Flow) -> None:
    for stage in acted.step.stops:
        deadline.stop(unit, acted.was.id, stage, acted.at, cancelled=stage in acted.step.cancels)
    _start_clocks(
        unit,
        replace(acted.event, condition=acted.args.condition_id or acted.event.condition),
        way,
        acted.step.starts,
        acted.at,
    )
    if acted.step.clock == "pause":
        deadline.pause(unit, acted.was.id, acted.at)
    elif acted.step.clock == "resume":
        deadline.resume(unit, acted.was.id, acted.at)


def _start_clocks(unit: Unit, event: Event, way: flow.Flow, stages: Sequence[str], at: datetime) -> None:
    """Start the clocks of these stages: limits of the flow, or of the filing condition where the flow says so."""
    calendar = settings.get(EventSettings).calendar
    for name in stages:
        stage = way.find_stage(name)
        if stage is None or not stage.limit:
            continue
        if stage.limit != "condition":
            deadline.start(unit, event.id, name, stage.limit, calendar, started_at=at)
        elif event.condition is not None:
            limit = matter.get_condition(unit, unit.actor, event.condition).limit
            deadline.start(unit, event.id, name, limit, calendar, started_at=at)


def _with_clock(unit: Unit, event: Event) -> Event:
    """The event with its most pressing deadline."""
    pressing = deadline.most_pressing(unit, event.id)
    if pressing is None:
        return replace(event, due_at=None, clock_started_at=None, lateness="")
    lateness = model.lateness_at(unit.now, pressing.due_at, pressing.warn_at)
    return replace(event, due_at=pressing.due_at, clock_started_at=pressing.started_at, lateness=lateness.value)


def refresh_clock(unit: Unit, event_id: Id) -> None:
    """After a warn mark or deadline has passed: what lists sort and count by."""
    event = store.get(unit, event_id, seen_by=unit.actor)
    if event.is_open:
        now = _with_clock(unit, event)
        store.clock_moved(unit, event_id, now.due_at, now.clock_started_at, now.lateness)
        if now.lateness != event.lateness:
            turned = EventTurned(event.id, now.lateness, now.due_at, event.division, list(event.orgs), unit.now)
            unit.tell(turned)


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


# --- evidence --------------------------------------------------------------------------------------------


def _proofs(unit: Unit, actor: Actor, args: ActArgs) -> tuple[flow.EvidenceFact, ...]:
    found = _own_files(unit, actor, [file_id for file_id, _ in args.evidence])
    return tuple(
        flow.EvidenceFact(
            kind,
            _received(unit, found[file_id]),
            _time(found[file_id].facts.get("taken_at")),
            store.digest_seen(unit, found[file_id].digest),
        )
        for file_id, kind in args.evidence
    )


def _keep_evidence(unit: Unit, actor: Actor, event: Event, act_id: Id, given: Sequence[tuple[Id, str]]) -> None:
    """Keep what was given as evidence, with what is doubtful about each photo."""
    if not given:
        return
    found = files.get_many(unit, [file_id for file_id, _ in given])
    before = files.get_many(unit, [item.file for item in store.evidence_of(unit, event.id, seen_by=actor)])
    looks = [str(ref.facts["look"]) for ref in before.values() if "look" in ref.facts]
    rules = settings.get(EventSettings)
    for file_id, kind in given:
        ref = found[file_id]
        lon, lat, taken_at = ref.facts.get("lon"), ref.facts.get("lat"), _time(ref.facts.get("taken_at"))
        metres = model.metres_between(lon, lat, event.lon, event.lat)
        reused = store.digest_seen(unit, ref.digest)
        flags = model.doubts(
            kind=kind,
            reused=reused,
            alike=any(photo.looks_alike(str(ref.facts.get("look", "")), look) for look in looks),
            taken_at=taken_at,
            at=unit.now,
            metres=metres,
            placed=lon is not None and lat is not None,
            radius_m=rules.evidence_radius_m,
            age=timedelta(minutes=rules.evidence_age_minutes),
        )
        proof = Evidence(
            id=ids.new("evd"),
            event=event.id,
            act=act_id,
            file=file_id,
            kind=kind,
            digest=ref.digest,
            taken_at=taken_at,
            received_at=_received(unit, ref),
            lon=lon,
            lat=lat,
            reused=reused,
            by_person=actor.person,
            metres=None if metres is None else round(metres, 1),
            flags=flags if ref.mime.startswith("image/") else flags[:1] if reused else (),
        )
        store.add_evidence(unit, proof)


def _received(unit: Unit, ref: files.FileRef) -> datetime:
    """When the file came in: an old upload does not become fresh by being handed in now."""
    return _time(ref.facts.get("received_at")) or unit.now


def _time(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


# --- merging ---------------------------------------------------------------------------------------------


def merge(unit: Unit, actor: Actor, event_id: Id, into_id: Id, reason: str) -> Event:
    """Make one matter of two: all reports go over, nobody is lost, one clock runs (捆绑计时)."""
    first, second = sorted([event_id, into_id])
    locked = {one: store.get(unit, one, seen_by=actor, lock=True) for one in dict.fromkeys([first, second])}
    was, into = locked[event_id], locked[into_id]
    for one in (was, into):
        access.require(actor, "event.merge", one.division, orgs=one.orgs, people=one.people)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why they are one matter")
    merged = model.merge(was, into, unit.now)
    moved = report.list_of_event(unit, actor, was.id)
    for item in moved:
        report.attach(unit, actor, item, into.id)
        store.add_link(unit, into.id, item.id, "merged", was.id)
    deadline.bundle(unit, was.id, into.id)
    store.save(unit, merged, was)
    kept = {"into": into.id, "reports": [item.id for item in moved]}
    store.add_act(
        unit, _act(unit, actor, was, was.version + 1, "merge", "aside", was.state, was.state, reason, kept, unit.now)
    )
    told = {"from": was.id, "case_no": was.case_no, "reports": kept["reports"]}
    result = _recount(unit, actor, into, "take_in", told, reason)
    orgs = list(dict.fromkeys([*was.orgs, *into.orgs]))
    unit.tell(EventsMerged(event_id=was.id, into=into.id, division=into.division, orgs=orgs, reports=kept["reports"]))
    return result


def unmerge(unit: Unit, actor: Actor, event_id: Id, report_ids: Sequence[Id], reason: str) -> list[Event]:
    """Take reports out of an event: those that came with a merged event go back to it and it is open again as it
    was; others become an event of their own. Returns the events that received them."""
    was = store.get(unit, event_id, seen_by=actor, lock=True)
    access.require(actor, "event.merge", was.division, orgs=was.orgs, people=was.people)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why they are different matters")
    here = {item.id: item for item in report.list_of_event(unit, actor, event_id)}
    wanted = list(dict.fromkeys(report_ids))
    if not wanted or any(item not in here for item in wanted):
        raise NotPartable(reason="not_here")
    if len(wanted) == len(here):
        raise NotPartable(reason="none_left")
    if not was.is_open:
        raise NotPartable(reason="not_open")
    origins = store.origin_of_reports(unit, event_id, wanted)
    parted: dict[Id, tuple[Event, Event]] = {}
    for report_id in wanted:
        target = _part_target(unit, actor, origins.get(report_id), here[report_id], parted)
        report.attach(unit, actor, here[report_id], target[0].id)
        store.add_link(unit, target[0].id, report_id, "parted", event_id)
        parted[target[0].id] = target
    told = {"to": list(parted), "reports": wanted}
    _recount(unit, actor, was, "give_out", told, reason)
    results = []
    for one, again in parted.values():
        results.append(_recount(unit, actor, one, "part", {"from": event_id}, reason, again))
        unit.tell(
            EventsParted(
                event_id=event_id,
                parted=one.id,
                division=was.division,
                orgs=list(was.orgs),
                reports=[str(r) for r in wanted],
            )
        )
    return results


def _part_target(
    unit: Unit, actor: Actor, origin: Id | None, item: Report, parted: Mapping[Id, tuple[Event, Event]]
) -> tuple[Event, Event]:
    """The event that a report goes to: as it stands in the database, and as it shall be."""
    if origin is not None and origin in parted:
        return parted[origin]
    if origin is not None:
        merged = store.get(unit, origin, seen_by=actor, lock=True)
        if merged.status == Status.merged:
            again = model.part(merged, unit.now)
            deadline.unbundle(unit, merged.id, unit.now)
            return merged, _with_clock(unit, again)
        if merged.is_open:
            return merged, merged
    opened = open_event(unit, actor, item, "", False)
    return opened, opened


def _recount(
    unit: Unit,
    actor: Actor,
    was: Event,
    verb: str,
    args: Mapping[str, Any],
    reason: str = "",
    becomes: Event | None = None,
) -> Event:
    """The event with its reports and callers counted anew (and else as it ``becomes``), and the act in its history."""
    reports, callers = report.count_callers(unit, was.id)
    changed = replace(becomes or was, report_count=reports, caller_count=callers, moved_at=unit.now)
    store.save(unit, changed, was)
    store.add_act(
        unit, _act(unit, actor, was, was.version + 1, verb, "aside", was.state, changed.state, reason, args, unit.now)
    )
    return replace(changed, version=was.version + 1)


def list_duplicates(
    unit: Unit,
    actor: Actor,
    *,
    lon: float | None,
    lat: float | None,
    text: str,
    matter_id: Id | None = None,
    at: datetime | None = None,
    but: Id | None = None,
) -> list[Duplicate]:
    """Open events that may be the same matter, likeliest first. A proposal: a person merges."""
    rules = settings.get(EventSettings)
    within = timedelta(days=rules.duplicate_days)
    when = at or unit.now
    grams = bigrams(text)
    found: dict[Id, Event] = {}
    if lon is not None and lat is not None:
        near = store.list_near(unit, lon, lat, rules.duplicate_radius_m, when - within, seen_by=actor)
        found.update((one.id, one) for one in near)
    else:
        alike = store.list_alike(unit, grams, when - within, seen_by=actor)
        found.update((one.id, one) for one in alike)
    weighed = []
    for one in found.values():
        metres = model.metres_between(lon, lat, one.lon, one.lat)
        if one.id == but or (metres is not None and metres > rules.duplicate_radius_m):
            continue
        alikeness = model.likeness(
            metres=metres,
            radius_m=rules.duplicate_radius_m,
            grams=grams,
            other_grams=bigrams(f"{one.title} {one.text}"),
            same_matter=matter_id is not None and matter_id == one.matter,
            apart=abs(when - one.reported_at),
            within=within,
        )
        if alikeness.score >= 0.3:
            weighed.append(Duplicate(one, alikeness))
    return sorted(weighed, key=lambda item: -item.likeness.score)[:10]


# --- reading ---------------------------------------------------------------------------------------------


def get_event(unit: Unit, actor: Actor, event_id: Id) -> Event:
    return store.get(unit, event_id, seen_by=actor)


def find_events(unit: Unit, actor: Actor, wanted: Iterable[Id]) -> list[Event]:
    """Those of these events that the actor may see, newest first."""
    return store.find_many(unit, wanted, seen_by=actor)


def list_events(unit: Unit, actor: Actor, wanted: Wanted, at: Page) -> Paged[Event]:
    return store.list_events(unit, wanted, at, seen_by=actor)


def search(unit: Unit, actor: Actor, q: str, most: int = 50) -> list[Event]:
    """By case number, foreign number, words (bigrams), or a phone for who may read reporters."""
    plain = fold(q)
    if len(plain) < 1:
        return []
    numbered = store.find_numbered(unit, q.strip().upper(), seen_by=actor) if len(plain) >= 3 else []
    if not numbered and plain != q.strip().upper():
        numbered = store.find_numbered(unit, q.strip(), seen_by=actor)
    if numbered:
        return numbered
    digits = plain.replace("-", "").replace(" ", "")
    if digits.isdigit() and 7 <= len(digits) <= 13 and actor.may("reporter.read"):
        phoned = store.find_many(unit, report.find_by_phone(unit, actor, digits), seen_by=actor)
        if phoned:
            return phoned
    if plain.isascii() and plain.isalpha() and len(plain) <= 8:
        named = matter_service.list_classes(unit, actor, q=plain)
        if named:
            wanted = Wanted(matter=tuple(row.id for row in named[:50]), status=(), newest=True)
            listed = store.list_events(unit, wanted, Page(most), seen_by=actor).items
            if listed:
                return listed
    return store.search(unit, plain, seen_by=actor, most=most)


def list_acts(unit: Unit, actor: Actor, event_id: Id) -> list[Act]:
    store.get(unit, event_id, seen_by=actor)
    return store.acts_of(unit, event_id, seen_by=actor)


def list_evidence(unit: Unit, actor: Actor, event_id: Id) -> list[Evidence]:
    store.get(unit, event_id, seen_by=actor)
    return store.evidence_of(unit, event_id, seen_by=actor)


def list_reports(unit: Unit, actor: Actor, event_id: Id) -> list[Report]:
    store.get(unit, event_id, seen_by=actor)
    return report.list_of_event(unit, actor, event_id)


def offers_of(unit: Unit, actor: Actor, event: Event) -> tuple[flow.Flow, list[Offer]]:
    """The verbs of the present state that the actor may do, those held up by a guard with the reason."""
    way = flow_service.get_flow(unit, actor, event.flow, event.flow_version)
    if event.status == Status.merged:
        return way, []
    where = Located(event.division, event.orgs, event.people)
    permitted = {verb.can for verb in way.verbs if access.sees(actor, verb.can, where)}
    facts = facts_of(unit, actor, event, store.acts_of(unit, event.id, seen_by=actor))
    return way, flow.available(way, facts, permitted)


def may_see_file(unit: Unit, actor: Actor, ref: files.FileRef) -> bool:
    """A file is seen by who put it there and by who sees the event that it proves something for."""
    if ref.owner == actor.mark:
        return True
    event_id = store.event_of_file(unit, ref.id)
    if event_id is None:
        attached = report_service.event_of_attachment(unit, ref.id)
        if attached is None:
            return False
        event_id, division = attached
        if event_id is None:
            return access.sees(actor, "report.read", Located(division))
    found = store.find_many(unit, [event_id], seen_by=actor)
    return bool(found)


@access.thing("evt")
def locate(unit: Unit, event_id: Id) -> Located:
    """Where an event stands, for ``gangmu why``: the asker need not see the event itself."""
    event = store.get(unit, event_id, seen_by=System("access.why"))
    return Located(event.division, event.orgs, event.people)


def counts(unit: Unit, actor: Actor) -> list[Mapping[str, Any]]:
    return store.counts(unit, seen_by=actor)


def add_view(unit: Unit, actor: Actor, name: str, wanted: Mapping[str, Any]) -> Id:
    """Keep a filter of one's own under a name."""
    if actor.person is None:
        raise Invalid(field="person", reason="a view belongs to a person")
    view_id = ids.new("viw")
    store.add_view(unit, view_id, actor.person, " ".join(name.split())[:60], wanted)
    return view_id


def list_views(unit: Unit, actor: Actor) -> list[Any]:
    return store.list_views(unit, actor.person, seen_by=actor)


def drop_view(unit: Unit, actor: Actor, view_id: Id) -> None:
    store.drop_view(unit, view_id, actor.person)
