"""Use cases of dispatching: keep the duty list, suggest whose duty it is, show obligations and disputes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from gangmu.base import access, places
from gangmu.base.org import service as org_service
from gangmu.base.org.model import Org
from gangmu.core import event, flow, matter
from gangmu.core.dispatch import model, store
from gangmu.core.dispatch.errors import DutyEnded, DutyTaken, OrgClosed
from gangmu.core.dispatch.model import Acceptance, Dispute, Duty, Obligation, ObligationState, Suggestion
from gangmu.core.dispatch.settings import DispatchSettings
from gangmu.core.event import Event
from gangmu.core.matter import Matter
from gangmu.core.matter import service as matter_service
from gangmu.kit import ids, settings, zone
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import division_full
from gangmu.kit.unit import Unit
from gangmu.messages.dispatch import DutyChanged, ObligationMoved

MANAGE = "duty.manage"
CHOOSES = "set_lead_org"


@dataclass(frozen=True, slots=True)
class DutyDraft:
    """What an editor says about a row of the duty list."""

    tree: str
    code: str
    division: str
    level: str
    lead_org: Id
    assistants: tuple[Id, ...] = ()
    to_towns: bool = False
    source: str = ""
    basis: str = ""
    verified: bool = False
    note: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


def today(unit: Unit, at: datetime | None = None) -> date:
    """The day of the city, on which validities are compared."""
    return zone.day_of(at or unit.now)


# --- the duty list ------------------------------------------------------------------------------------------


def list_duties(
    unit: Unit,
    actor: Actor,
    at: Page,
    *,
    day: date | None = None,
    history: bool = False,
    tree: str = "",
    code: str = "",
    division: str = "",
    org: Id | None = None,
    unverified: bool = False,
) -> Paged[Duty]:
    """The list on a day (today), or with every edition that ended."""
    on = None if history else day or today(unit)
    return store.list_duties(
        unit, at, seen_by=actor, day=on, tree=tree, code=code, division=division, org=org, unverified=unverified
    )


def editions_of(unit: Unit, actor: Actor, duty_id: Id) -> list[Duty]:
    """All editions of the row, oldest first."""
    return store.list_of_key(unit, store.get_duty(unit, duty_id, seen_by=actor).key, seen_by=actor)


def add_duty(unit: Unit, actor: Actor, draft: DutyDraft) -> Duty:
    """Open a row. ``DutyTaken`` when another one holds for the same class, area and level meanwhile."""
    new = checked(unit, actor, draft, None)
    if any(model.overlaps(new, other) for other in store.list_of_key(unit, new.key, seen_by=actor)):
        raise DutyTaken(tree=new.tree, code=new.code, division=new.division, level=new.level)
    store.add_duty(unit, new)
    tell_changed(unit, new)
    return new


def change_duty(unit: Unit, actor: Actor, duty_id: Id, draft: DutyDraft, version: int) -> Duty:
    """End the row and open its next edition from ``valid_from`` (today) on. What was dispatched under the old one keeps
    it. Class, area and level stay: another key is another row."""
    was = _open_row(unit, actor, duty_id, version)
    day = draft.valid_from or max(today(unit), was.valid_from)
    if day < was.valid_from:
        raise Invalid(field="valid_from", reason=f"before the edition in force began ({was.valid_from})")
    same = replace(draft, tree=was.tree, code=was.code, division=was.division, level=was.level, valid_from=day)
    new = checked(unit, actor, same, was.id)
    store.end_duty(unit, was, day)
    store.add_duty(unit, new)
    tell_changed(unit, new)
    return new


def end_duty(unit: Unit, actor: Actor, duty_id: Id, version: int, day: date | None = None) -> Duty:
    """The row holds no more from a day (today) on."""
    was = _open_row(unit, actor, duty_id, version)
    last = day or max(today(unit), was.valid_from)
    if last < was.valid_from:
        raise Invalid(field="valid_to", reason=f"before the edition in force began ({was.valid_from})")
    store.end_duty(unit, was, last)
    ended = replace(was, valid_to=last, version=was.version + 1)
    tell_changed(unit, ended)
    return ended


def _open_row(unit: Unit, actor: Actor, duty_id: Id, version: int) -> Duty:
    was = store.get_duty(unit, duty_id, seen_by=actor, lock=True)
    access.require(actor, MANAGE, was.division)
    if was.valid_to is not None:
        raise DutyEnded(about=str(duty_id), ended=was.valid_to.isoformat())
    if was.version != version:
        raise StaleWrite(about=str(duty_id))
    return was


def checked(unit: Unit, actor: Actor, draft: DutyDraft, replaces: Id | None) -> Duty:
    """The draft as a row, after asking whether class, area and organisations are there and it does not contradict
    itself."""
    division = division_full(draft.division)
    access.require(actor, MANAGE, division)
    places.get_division(unit, actor, division)
    if draft.code and matter.find_class(unit, actor, draft.tree, draft.code) is None:
        raise NotFound(what=f"{draft.tree} {draft.code}")
    if not draft.code and draft.tree not in {tree.id for tree in matter_service.list_trees(unit, actor)}:
        raise NotFound(what=draft.tree)
    orgs = open_orgs(unit, actor, (draft.lead_org, *draft.assistants))
    row = row_of(draft, division, draft.valid_from or today(unit), replaces)
    model.check_duty(row, orgs[draft.lead_org].level.value)
    return row


def row_of(draft: DutyDraft, division: str, valid_from: date, replaces: Id | None) -> Duty:
    """A draft as a row with an id of its own."""
    return Duty(
        id=ids.new("dty"),
        tree=draft.tree,
        code=draft.code,
        division=division,
        level=draft.level,
        lead_org=draft.lead_org,
        assistants=tuple(dict.fromkeys(draft.assistants)),
        to_towns=draft.to_towns,
        source=draft.source.strip(),
        basis=draft.basis.strip(),
        verified=draft.verified,
        note=draft.note.strip(),
        valid_from=valid_from,
        valid_to=draft.valid_to,
        replaces=replaces,
    )


def open_orgs(unit: Unit, actor: Actor, wanted: Iterable[Id]) -> dict[Id, Org]:
    """These organisations; ``NotFound`` for one that is not there, ``OrgClosed`` for one that takes no work."""
    asked = list(dict.fromkeys(wanted))
    found = org_service.get_orgs(unit, actor, asked)
    for org_id in asked:
        if org_id not in found:
            raise NotFound(what=str(org_id))
        if not found[org_id].active:
            raise OrgClosed(org=str(org_id), name=found[org_id].name)
    return found


def tell_changed(unit: Unit, row: Duty) -> None:
    unit.tell(
        DutyChanged(
            about=row.id,
            tree=row.tree,
            code=row.code,
            division=row.division,
            level=row.level,
            lead_org=row.lead_org,
            orgs=[row.lead_org, *row.assistants],
            valid_from=row.valid_from,
            ended=row.valid_to,
            replaces=row.replaces,
        )
    )


# --- whose duty it is ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What a suggestion is asked for: a class in a division, perhaps of an event."""

    tree: str
    code: str
    division: str
    event: Id | None = None


def asked_of(unit: Unit, actor: Actor, one: Event) -> Asked | None:
    """What to ask for an event; None while its class is not known."""
    row = matter.get_class(unit, actor, one.matter) if one.matter else None
    return Asked(row.tree, row.code, one.division, one.id) if row else None


def rows_for(unit: Unit, actor: Actor, asked: Asked, day: date | None = None) -> list[Duty]:
    """The rows that speak of it, the most specific first."""
    on = day or today(unit)
    rows = store.list_speaking(unit, asked.tree, asked.code, asked.division, on, seen_by=actor)
    return model.matching(rows, asked.tree, asked.code, asked.division, on)


def suggest(unit: Unit, actor: Actor, asked: Asked, at: datetime | None = None) -> list[Suggestion]:
    """Whom to dispatch to, likeliest first, each with its reasons. A proposal: a person decides. ``at`` asks what was
    suggested then."""
    before = at or unit.now
    ranked = rows_for(unit, actor, asked, today(unit, before))
    orgs = org_service.get_orgs(unit, actor, store.names(ranked))
    since = before - timedelta(days=settings.get(DispatchSettings).past_days)
    past = store.past_of(unit, asked.tree, asked.code, since, before, asked.event, seen_by=actor)
    levels = {one.id: one.level.value for one in orgs.values()}
    closed = {org for org in store.names(ranked) if org not in orgs or not orgs[org].active}
    return model.suggest(ranked, asked.code, asked.division, past, levels, closed)


def suggest_for(
    unit: Unit,
    actor: Actor,
    *,
    event_id: Id | None = None,
    matter_id: Id | None = None,
    division: str = "",
    text: str = "",
) -> list[Suggestion]:
    """Suggestions for an event, or for a class and division before there is one; from the words of a text alone when
    the class is not known yet (then less sure). Nothing is suggested where nothing is known."""
    one = event.get_event(unit, actor, event_id) if event_id else None
    where = division_full(division or (one.division if one else actor.division))
    chosen = matter_id or (one.matter if one else None)
    if chosen is not None:
        row = matter.get_class(unit, actor, chosen)
        return suggest(unit, actor, Asked(row.tree, row.code, where, event_id))
    found: dict[Id, Suggestion] = {}
    for likely, share in _likely_classes(unit, actor, text or (f"{one.title} {one.text}" if one else "")):
        for each in suggest(unit, actor, Asked(likely.tree, likely.code, where, event_id)):
            told = (model.Reason("words", {"title": likely.title_zh}), *each.reasons)
            guess = replace(each, confidence=round(each.confidence * share, 3), reasons=told)
            if each.lead_org not in found or found[each.lead_org].confidence < guess.confidence:
                found[each.lead_org] = guess
    return sorted(found.values(), key=lambda each: -each.confidence)[:5]


def _likely_classes(unit: Unit, actor: Actor, text: str) -> list[tuple[Matter, float]]:
    """Classes whose whole title stands in the text, the longest first."""
    plain = "".join(text.split())
    if len(plain) < 2:
        return []
    named = [
        row
        for row in matter_service.list_classes(unit, actor)
        if len(row.title_zh) >= 2 and row.title_zh in plain and row.level > 1
    ]
    named.sort(key=lambda row: -len(row.title_zh))
    return [(row, 0.7) for row in named[:3]]


def record_use(unit: Unit, event_id: Id, act_id: Id, verb_id: str, at: datetime) -> None:
    """After a dispatch: was the suggestion that stood then taken? Acts that choose nobody leave no trace."""
    host = store.find_host_of_act(unit, act_id, seen_by=unit.actor)
    if host is None:
        return
    one = event.get_event(unit, unit.actor, event_id)
    verb = flow.get_flow(unit, unit.actor, one.flow, one.flow_version).find_verb(verb_id)
    if verb is None or CHOOSES not in verb.effects:
        return
    asked = asked_of(unit, unit.actor, one)
    if asked is None:
        return
    offered = [each.lead_org for each in suggest(unit, unit.actor, asked, at)]
    place = offered.index(host.org) + 1 if host.org in offered else 0
    store.keep_use(
        unit,
        {
            "act": act_id,
            "event": event_id,
            "division": one.division,
            "orgs": list(one.orgs),
            "tree": asked.tree,
            "code": asked.code,
            "suggested": offered[0] if offered else None,
            "chosen": host.org,
            "place": place,
            "algorithm": model.ALGORITHM,
            "at": at,
        },
    )


def acceptance(
    unit: Unit, actor: Actor, since: datetime, until: datetime, tree: str = "", code: str = ""
) -> Acceptance:
    """How often the dispatchers took what was suggested, of the dispatches between two times that one may see."""
    return store.count_uses(unit, since, until, tree, code, seen_by=actor)


# --- obligations and disputes -------------------------------------------------------------------------------


def list_obligations(unit: Unit, actor: Actor, event_id: Id) -> list[Obligation]:
    """What was laid on whom for an event that one may see, oldest first."""
    event.get_event(unit, actor, event_id)
    return store.obligations_of(unit, event_id, seen_by=actor)


def end_obligations(unit: Unit, event_id: Id, at: datetime) -> None:
    """The event is over: what is still owed to it ends undone."""
    for held in store.obligations_of(unit, event_id, seen_by=unit.actor):
        if held.is_open:
            ended = replace(held, state=ObligationState.ended.value, until=at, version=held.version + 1)
            store.save_obligation(unit, ended, held)
            unit.tell(
                ObligationMoved(
                    event_id=event_id,
                    obligation_id=ended.id,
                    org=ended.org,
                    role=ended.role,
                    state=ended.state,
                    division=event.get_event(unit, unit.actor, event_id).division,
                    orgs=[ended.org],
                    since=ended.since,
                    at=at,
                    until=at,
                    version=ended.version,
                )
            )


def list_disputes(unit: Unit, actor: Actor, at: Page, open_only: bool = True) -> Paged[Dispute]:
    return store.list_disputes(unit, at, open_only, seen_by=actor)


def standing_disputes(unit: Unit, actor: Actor, events: Iterable[Id]) -> dict[Id, tuple[bool, int]]:
    """For events that were ever given back: whether a dispute is open, and how often they were."""
    return store.standing_disputes(unit, events, seen_by=actor)


def disputes_of(unit: Unit, actor: Actor, event_id: Id) -> list[Dispute]:
    """The disputes about an event that one may see, oldest first."""
    event.get_event(unit, actor, event_id)
    return store.disputes_of(unit, event_id, seen_by=actor)
