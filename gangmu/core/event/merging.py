"""Making one matter of two and two of one: no reporter is lost, no clock is reset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gangmu.base import access
from gangmu.core import deadline, report
from gangmu.core.event import model, store, telling
from gangmu.core.event.clocks import with_clock
from gangmu.core.event.errors import NotPartable
from gangmu.core.event.history import new_act, recount
from gangmu.core.event.model import Event, Likeness, Status
from gangmu.core.event.opening import open_event
from gangmu.core.event.settings import EventSettings
from gangmu.core.report import Report
from gangmu.kit import settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.text import bigrams
from gangmu.kit.unit import Unit
from gangmu.messages.event import (
    EventsMerged,
    EventsParted,
)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An event that may be the same matter, with what speaks for it."""

    event: Event
    likeness: Likeness


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
    done = new_act(unit, actor, was, was.version + 1, "merge", "aside", was.state, was.state, reason, kept, unit.now)
    store.add_act(unit, done)
    telling.tell_recounted(unit, merged, was.version + 1, done)
    told = {"from": was.id, "case_no": was.case_no, "reports": kept["reports"]}
    result = recount(unit, actor, into, "take_in", told, reason)
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
    recount(unit, actor, was, "give_out", told, reason)
    results = []
    for one, again in parted.values():
        results.append(recount(unit, actor, one, "part", {"from": event_id}, reason, again))
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
            return merged, with_clock(unit, again)
        if merged.is_open:
            return merged, merged
    opened = open_event(unit, actor, item, "", False)
    return opened, opened


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
