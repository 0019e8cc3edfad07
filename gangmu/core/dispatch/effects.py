"""What dispatching does when an event moves: guard the level, lay obligations down and take them off, keep disputes."""

from dataclasses import replace

from gangmu.core import deadline, matter
from gangmu.core.dispatch import model, service, store
from gangmu.core.dispatch.errors import NoObligation
from gangmu.core.dispatch.model import (
    Dispute,
    DisputeState,
    Duty,
    Obligation,
    ObligationRole,
    ObligationState,
)
from gangmu.core.dispatch.settings import DispatchSettings
from gangmu.core.event import Acted, effect
from gangmu.core.flow.model import VerbKind
from gangmu.kit import ids, settings
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.messages.dispatch import DisputeDecided, DisputeRaised, ObligationMoved

ASSIST = "assist"
DESIGNATES = "bind_designation"
RETURNS = ("return", "request_return")
EVERYTHING = System("dispatch")
"""Disputes of an event in hand are kept whoever acts: what he may do has been asked by the verb's right."""


# --- obligations --------------------------------------------------------------------------------------------


@effect("set_lead_org")
def lay_obligations(acted: Acted) -> None:
    """The level guard, then the obligations of the lead and its assistants. An open dispute ends with an ordinary
    dispatch; a designation ends it by its own effect."""
    lead = acted.event.lead_org
    assert lead is not None
    orgs = service.open_orgs(acted.unit, acted.actor, acted.event.orgs)
    asked = service.asked_of(acted.unit, acted.actor, acted.event)
    ranked = service.rows_for(acted.unit, acted.actor, asked) if asked else []
    model.check_level(ranked, lead, orgs[lead].level.value)
    wanted = {lead: ObligationRole.host, **{org: ObligationRole.assist for org in acted.event.orgs if org != lead}}
    for held in _open(acted):
        if wanted.get(held.org) != held.role:
            _end(acted, held, ObligationState.released)
    for org, role in wanted.items():
        _lay(acted, org, role, model.governing(ranked))
    if DESIGNATES not in acted.step.effects:
        _settle(acted, DisputeState.settled, binding=False)


@effect("add_assistants")
def lay_assistance(acted: Acted) -> None:
    """More assistants, each with a clock of its own. A lead does not assist itself."""
    service.open_orgs(acted.unit, acted.actor, acted.args.assistants)
    asked = service.asked_of(acted.unit, acted.actor, acted.event)
    ranked = service.rows_for(acted.unit, acted.actor, asked) if asked else []
    for org in acted.args.assistants:
        if org != acted.event.lead_org:
            _lay(acted, org, ObligationRole.assist, model.governing(ranked))


@effect("clear_lead_org")
def lift_obligation(acted: Acted) -> None:
    """The lead owes it no more: it gave the event back, or the dispatcher took it back."""
    back = acted.step.kind is VerbKind.back
    for held in _open(acted):
        if held.role == ObligationRole.host:
            _end(acted, held, ObligationState.returned if back else ObligationState.recalled)


@effect("host_done")
def host_done(acted: Acted) -> None:
    """The department has confirmed: it has done its part, unless the check says otherwise."""
    for held in _open(acted):
        if held.role == ObligationRole.host:
            _end(acted, held, ObligationState.done)


@effect("assist_done")
def assist_done(acted: Acted) -> None:
    """An assisting organisation has done its part. ``NoObligation`` when none of the actor's own assists."""
    own = {*acted.actor.chain, acted.actor.org}
    mine = [held for held in _open(acted) if held.role == ObligationRole.assist and held.org in own]
    if not mine:
        raise NoObligation(about=str(acted.was.id))
    for held in mine:
        _end(acted, held, ObligationState.done)


@effect("rework_clock")
def lay_anew(acted: Acted) -> None:
    """A failed check lays it on the same department once more."""
    lead = acted.event.lead_org
    if lead is not None:
        asked = service.asked_of(acted.unit, acted.actor, acted.event)
        ranked = service.rows_for(acted.unit, acted.actor, asked) if asked else []
        _lay(acted, lead, ObligationRole.host, model.governing(ranked))


def _open(acted: Acted) -> list[Obligation]:
    return [one for one in store.obligations_of(acted.unit, acted.was.id, seen_by=acted.actor) if one.is_open]


def _lay(acted: Acted, org: Id, role: ObligationRole, rows: list[Duty]) -> None:
    """Open an obligation with its clock, unless the organisation owes it already."""
    if any(held.org == org and held.role == role for held in _open(acted)):
        return
    row = next((row for row in rows if org in (row.lead_org, *row.assistants)), rows[0] if rows else None)
    new = Obligation(
        id=ids.new("obl"),
        event=acted.was.id,
        org=org,
        role=role.value,
        state=ObligationState.open.value,
        since=acted.at,
        until=None,
        done_at=None,
        act=acted.act_id,
        duty_row=row.id if row else None,
    )
    filed = matter.get_class(acted.unit, acted.actor, acted.event.matter) if acted.event.matter else None
    store.add_obligation(acted.unit, new, filed.tree if filed else "", filed.code if filed else "")
    if role is ObligationRole.assist:
        deadline.start(acted.unit, acted.was.id, ASSIST, _assist_limit(acted), started_at=acted.at, org=org)
    _tell(acted, new)


def _assist_limit(acted: Acted) -> str:
    rules = settings.get(DispatchSettings)
    if rules.assist_limit != "condition":
        return rules.assist_limit
    if acted.event.condition is None:
        return rules.assist_limit_unfiled
    return matter.get_condition(acted.unit, acted.actor, acted.event.condition).limit


def _end(acted: Acted, held: Obligation, state: ObligationState) -> None:
    done = state is ObligationState.done
    ended = replace(held, state=state.value, until=acted.at, done_at=acted.at if done else None)
    store.save_obligation(acted.unit, ended, held)
    if held.role == ObligationRole.assist:
        deadline.stop(acted.unit, held.event, ASSIST, acted.at, cancelled=not done, org=held.org)
    _tell(acted, replace(ended, version=held.version + 1))


def _tell(acted: Acted, one: Obligation) -> None:
    acted.unit.tell(
        ObligationMoved(
            event_id=one.event,
            obligation_id=one.id,
            org=one.org,
            role=one.role,
            state=one.state,
            division=acted.event.division,
            orgs=[one.org],
            since=one.since,
            at=acted.at,
            until=one.until,
            done_at=one.done_at,
            version=one.version,
        )
    )


# --- disputes -----------------------------------------------------------------------------------------------


@effect("open_dispute")
def open_dispute(acted: Acted) -> None:
    """Who gives it back and why. Put up for coordination, an open dispute goes on; there is one at a time."""
    kept = store.disputes_of(acted.unit, acted.was.id, seen_by=EVERYTHING)
    waiting = next((one for one in reversed(kept) if one.is_open), None)
    if waiting is not None and acted.step.verb not in RETURNS:
        changed = replace(waiting, state=DisputeState.coordinated.value, coordinated_at=acted.at)
        store.save_dispute(acted.unit, changed, waiting)
        _tell_raised(acted, changed)
        return
    org = acted.was.lead_org or acted.actor.org
    returns = [act for act in acted.acts if act.verb in RETURNS]
    was_laid = next((one for one in _laid(acted) if one.org == org and one.role == ObligationRole.host), None)
    new = Dispute(
        id=ids.new("dsp"),
        event=acted.was.id,
        org=org,
        division=acted.event.division,
        orgs=tuple(dict.fromkeys([*acted.was.orgs, *([org] if org else [])])),
        matter=acted.event.matter,
        act=acted.act_id,
        verb=acted.step.verb,
        reason=acted.args.reason[:2000],
        person=acted.actor.person,
        times=len(returns) + 1,
        times_of_org=sum(act.org is not None and act.org == acted.actor.org for act in returns) + 1,
        duty_row=was_laid.duty_row if was_laid else None,
        state=DisputeState.open.value,
        raised_at=acted.at,
        coordinated_at=None,
        decided_at=None,
        decided_by=None,
        outcome="",
        lead_org=None,
        decision="",
        binding=False,
    )
    if acted.step.verb not in RETURNS:
        new = replace(new, state=DisputeState.coordinated.value, coordinated_at=acted.at)
    store.add_dispute(acted.unit, new)
    _tell_raised(acted, new)


def _laid(acted: Acted) -> list[Obligation]:
    return list(reversed(store.obligations_of(acted.unit, acted.was.id, seen_by=acted.actor)))


@effect("bind_designation")
def bind_designation(acted: Acted) -> None:
    """The open dispute ends in favour of the organisation designated; nobody gives it back again."""
    _settle(acted, DisputeState.designated, binding=True)


@effect("settle_dispute")
def settle_dispute(acted: Acted) -> None:
    """The dispute ends without a designation. Where the lead keeps the event (a return refused), that binds it."""
    keeps = acted.event.is_open and acted.event.lead_org is not None and acted.event.lead_org == acted.was.lead_org
    _settle(acted, DisputeState.settled, binding=keeps)


def _settle(acted: Acted, state: DisputeState, *, binding: bool) -> None:
    for waiting in store.disputes_of(acted.unit, acted.was.id, seen_by=EVERYTHING):
        if not waiting.is_open:
            continue
        decided = replace(
            waiting,
            state=state.value,
            decided_at=acted.at,
            decided_by=acted.actor.person,
            outcome=acted.step.verb,
            lead_org=acted.event.lead_org,
            orgs=tuple(dict.fromkeys([*waiting.orgs, *acted.event.orgs])),
            decision=acted.args.reason[:2000],
            source=str(acted.args.extra.get("source", ""))[:500],
            binding=binding,
        )
        store.save_dispute(acted.unit, decided, waiting)
        acted.unit.tell(
            DisputeDecided(
                event_id=decided.event,
                dispute_id=decided.id,
                org=decided.org,
                lead_org=decided.lead_org,
                binding=binding,
                outcome=decided.outcome,
                division=decided.division,
                orgs=list(decided.orgs),
                at=acted.at,
            )
        )


def _tell_raised(acted: Acted, one: Dispute) -> None:
    acted.unit.tell(
        DisputeRaised(
            event_id=one.event,
            dispute_id=one.id,
            org=one.org,
            state=one.state,
            times=one.times,
            division=one.division,
            orgs=list(one.orgs),
            at=acted.at,
        )
    )
