"""The dispute desk (争议台): who gave such matters back before, a designation with its basis, and what the decision
means for the duty list: a row put forward, which whoever keeps the list takes over or drops."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from gangmu.base import access
from gangmu.core import event, matter
from gangmu.core.dispatch import proposal_store, service, store
from gangmu.core.dispatch.errors import NotDecided, ProposalOver
from gangmu.core.dispatch.model import Dispute, Proposal, Returns
from gangmu.core.dispatch.service import MANAGE, DutyDraft
from gangmu.core.dispatch.settings import DispatchSettings
from gangmu.core.event import ActArgs, Event
from gangmu.core.matter import Matter
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import division_full
from gangmu.kit.unit import Unit

DESIGNATE = "event.designate"


@dataclass(frozen=True, slots=True)
class Past:
    """How organisations dealt with a class, and what they said when they gave it back."""

    filed: Matter
    days: int
    of: Mapping[Id, Returns]
    words: Mapping[Id, tuple[Dispute, ...]]


def returns_of(unit: Unit, actor: Actor, dispute_id: Id) -> Past:
    """The history of the dispute's class, organisation by organisation. ``Invalid`` while the class is not known."""
    one = proposal_store.get_dispute(unit, dispute_id, seen_by=actor)
    if one.matter is None:
        raise Invalid(field="matter", reason="the class of the matter is not known")
    filed = matter.get_class(unit, actor, one.matter)
    days = settings.get(DispatchSettings).past_days
    since = unit.now - timedelta(days=days)
    past = store.past_of(unit, filed.tree, filed.code, since, unit.now + timedelta(seconds=1), one.event, seen_by=actor)
    words: dict[Id, list[Dispute]] = {}
    for each in proposal_store.list_returns(unit, one.matter, since, seen_by=actor):
        if each.org is not None:
            words.setdefault(each.org, []).append(each)
    for org in words:
        past.setdefault(org, Returns())
    return Past(filed, days, past, {org: tuple(said[:5]) for org, said in words.items()})


def designate(
    unit: Unit,
    actor: Actor,
    dispute_id: Id,
    *,
    lead_org: Id,
    assistants: tuple[Id, ...],
    reason: str,
    source: str,
    version: int,
    propose_row: bool = False,
) -> tuple[Event, Proposal | None]:
    """End the dispute: this organisation has it, by this basis. The usual act with its guards; ``propose_row`` puts the
    decision forward for the duty list too."""
    one = proposal_store.get_dispute(unit, dispute_id, seen_by=actor)
    args = ActArgs(reason=reason, lead_org=lead_org, assistants=assistants, extra={"source": source})
    moved = event.act(unit, actor, one.event, "designate", args, version)
    return moved, propose(unit, actor, dispute_id) if propose_row else None


def propose(unit: Unit, actor: Actor, dispute_id: Id, *, whole_county: bool = True, note: str = "") -> Proposal:
    """Put a row of the duty list forward from a designation. ``NotDecided`` while there is none."""
    one = proposal_store.get_dispute(unit, dispute_id, seen_by=actor)
    access.require(actor, DESIGNATE, one.division, orgs=one.orgs)
    if not one.binding or one.lead_org is None or one.matter is None:
        raise NotDecided(about=str(dispute_id))
    filed = matter.get_class(unit, actor, one.matter)
    lead = service.open_orgs(unit, actor, [one.lead_org])[one.lead_org]
    division = division_full(one.division[:6]) if whole_county else one.division
    key = (filed.tree, filed.code, division, lead.level.value)
    held = [row for row in store.list_of_key(unit, key, seen_by=actor) if row.valid_to is None]
    moved = event.get_event(unit, actor, one.event)
    new = Proposal(
        id=ids.new("dpp"),
        dispute=one.id,
        event=one.event,
        tree=filed.tree,
        code=filed.code,
        division=division,
        level=lead.level.value,
        lead_org=one.lead_org,
        assistants=tuple(org for org in moved.orgs if org != one.lead_org),
        basis=one.decision[:1000],
        source=one.source[:200],
        note=note.strip()[:1000],
        state="open",
        replaces=held[0].id if held else None,
        duty_row=None,
        proposed_by=actor.person,
        proposed_at=unit.now,
        decided_by=None,
        decided_at=None,
        why="",
    )
    proposal_store.add(unit, new)
    return new


def end_proposal(unit: Unit, actor: Actor, proposal_id: Id, *, take: bool, why: str, version: int) -> Proposal:
    """Take it over as a row (the next edition of the one that holds, if there is one), or drop it with the reason."""
    was = proposal_store.get(unit, proposal_id, seen_by=actor, lock=True)
    access.require(actor, MANAGE, was.division)
    if was.state != "open" or was.version != version:
        raise ProposalOver(about=str(proposal_id), state=was.state)
    if not take and not why.strip():
        raise Invalid(field="why", reason="say why it is not taken over")
    ended = replace(
        was,
        state="taken" if take else "dropped",
        duty_row=_take_over(unit, actor, was) if take else None,
        decided_by=actor.person,
        decided_at=unit.now,
        why=why.strip()[:500],
    )
    proposal_store.save(unit, ended, was)
    return replace(ended, version=was.version + 1)


def _take_over(unit: Unit, actor: Actor, one: Proposal) -> Id:
    draft = DutyDraft(
        tree=one.tree,
        code=one.code,
        division=one.division,
        level=one.level,
        lead_org=one.lead_org,
        assistants=one.assistants,
        source=one.source,
        basis=one.basis,
        verified=bool(one.source),
        note=one.note,
    )
    key = (one.tree, one.code, one.division, one.level)
    held = [row for row in store.list_of_key(unit, key, seen_by=actor) if row.valid_to is None]
    if held:
        return service.change_duty(unit, actor, held[0].id, draft, held[0].version).id
    return service.add_duty(unit, actor, draft).id


def list_proposals(unit: Unit, actor: Actor, at: Page, open_only: bool = True) -> Paged[Proposal]:
    return proposal_store.list_proposals(unit, at, open_only, seen_by=actor)
