"""Routes of the dispatcher's desk: several events at once, the history of returns, designations and what they mean for
the duty list."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Depends, Query

from gangmu.base import org, places
from gangmu.core import matter
from gangmu.core.dispatch import batch, desk, store
from gangmu.core.dispatch.answers import suggestions
from gangmu.core.dispatch.batch import Outcome
from gangmu.core.dispatch.batch_schema import (
    BatchIn,
    BatchLine,
    BatchOffer,
    BatchOffers,
    BatchRefusal,
    DesignateIn,
    DispatchedOut,
    DutyProposalOut,
    ProposalEnd,
    ProposalIn,
    Proposals,
    ReturnHistory,
    ReturnsOf,
    ReturnWord,
)
from gangmu.core.dispatch.errors import (
    DutyEnded,
    DutyTaken,
    NotDecided,
    OrgClosed,
    ProposalOver,
    PushedDown,
)
from gangmu.core.dispatch.model import Dispute, Proposal
from gangmu.core.dispatch.schema import NamedUnit
from gangmu.core.event import views
from gangmu.core.event.errors import EventMovedOn
from gangmu.core.event.schema import EventRow
from gangmu.core.event.service import find_events
from gangmu.core.flow import NotAllowed
from gangmu.kit.errors import Invalid, NotFound, Refused
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal, t
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("dispatch")


@routes.get("/dispatch/offers", can="event.dispatch", answers=BatchOffers, errors=[Invalid])
def offers(at: Edge, event: Annotated[list[Id], Query(min_length=1, max_length=50)]) -> BatchOffers:
    """批量建议 / What is suggested for each of these events, in the order asked for."""
    found = batch.offers_for(at.unit, at.actor, event)
    rows = _rows(at, [one.event.id for one in found])
    return BatchOffers(
        items=[
            BatchOffer(
                event_id=one.event.id,
                case_no=one.event.case_no,
                title=rows[one.event.id].title,
                version=one.event.version,
                state_title=rows[one.event.id].state_title,
                division_name=rows[one.event.id].division_name,
                address=one.event.address,
                ready=one.ready,
                suggestions=suggestions(at, one.suggestions),
            )
            for one in found
        ],
        as_of=at.unit.now,
    )


def _rows(at: Edge, wanted: Sequence[Id]) -> dict[Id, EventRow]:
    """Events as lists show them, by id; only those that the asker may see."""
    found = find_events(at.unit, at.actor, wanted)
    return {row.id: row for row in views.rows(at.unit, at.actor, found, at.lang)}


@routes.post("/dispatch/batch", can="event.dispatch", answers=DispatchedOut, errors=[Invalid])
def dispatch_batch(body: BatchIn, at: Edge) -> DispatchedOut:
    """批量派遣 / Dispatch up to 200 events, one act each; what was refused is told and takes nothing else with it."""
    done = batch.dispatch_many(at.unit, at.actor, body.wishes())
    rows = _rows(at, [one.wish.event for one in done])
    names = org.org_names(at.unit, {one.wish.lead_org for one in done})
    lines = [_line(at, one, rows.get(one.wish.event), names.get(one.wish.lead_org, "")) for one in done]
    went = sum(line.done for line in lines)
    return DispatchedOut(items=lines, done=went, refused=len(lines) - went, as_of=at.unit.now)


def _line(at: Edge, one: Outcome, row: EventRow | None, lead: str) -> BatchLine:
    refused = one.refused
    return BatchLine(
        event_id=one.wish.event,
        case_no=row.case_no if row else "",
        title=row.title if row else "",
        done=refused is None,
        state=row.state if row else "",
        state_title=row.state_title if row else "",
        version=row.version if row else None,
        lead_org=one.wish.lead_org,
        lead_name=lead,
        refused=None
        if refused is None
        else BatchRefusal(
            code=refused.code, text=t(refused.code, at.lang, **refused.params), params=_plain(refused.params)
        ),
    )


def _plain(params: dict[str, object]) -> dict[str, object]:
    return {
        name: value if isinstance(value, str | int | float | list) else str(value) for name, value in params.items()
    }


# --- the dispute desk ---------------------------------------------------------------------------------------


@routes.get("/disputes/{dispute_id}/returns", can="dispute.read", answers=ReturnHistory, errors=[Invalid, NotFound])
def returns(dispute_id: Id, at: Edge) -> ReturnHistory:
    """退回历史 / Who got matters of this class before, who gave them back, with which words."""
    past = desk.returns_of(at.unit, at.actor, dispute_id)
    said = [each for words in past.words.values() for each in words]
    orgs = {*past.of, *(each.lead_org for each in said if each.lead_org)}
    names = org.org_names(at.unit, orgs)
    rows = _rows(at, [each.event for each in said])
    items = [
        ReturnsOf(
            org=one,
            name=names.get(one, ""),
            given=counted.given,
            returned=counted.returned,
            here=counted.here,
            words=[_word(each, rows, names) for each in past.words.get(one, ())],
        )
        for one, counted in past.of.items()
    ]
    return ReturnHistory(
        tree=past.filed.tree,
        code=past.filed.code,
        matter_title=past.filed.title_en if at.lang == "en" else past.filed.title_zh,
        days=past.days,
        items=sorted(items, key=lambda one: (-one.returned, -one.given, one.name)),
        as_of=at.unit.now,
    )


def _word(each: Dispute, rows: dict[Id, EventRow], names: dict[Id, str]) -> ReturnWord:
    return ReturnWord(
        event_id=each.event,
        case_no=rows[each.event].case_no if each.event in rows else "",
        reason=mask_personal(each.reason),
        raised_at=each.raised_at,
        outcome=each.outcome,
        lead_org_name=names.get(each.lead_org, "") if each.lead_org else "",
    )


@routes.post(
    "/disputes/{dispute_id}/designate",
    can="event.designate",
    answers=EventRow,
    errors=[EventMovedOn, Invalid, NotAllowed, NotDecided, NotFound, OrgClosed, PushedDown, Refused],
)
def designate(dispute_id: Id, body: DesignateIn, at: Edge) -> EventRow:
    """指定承办 / End the dispute by a designation with its basis; perhaps put it forward for the duty list."""
    moved, _ = desk.designate(
        at.unit,
        at.actor,
        dispute_id,
        lead_org=body.lead_org,
        assistants=tuple(body.assistants),
        reason=body.reason.strip(),
        source=body.source.strip(),
        version=body.version,
        propose_row=body.propose,
    )
    return views.rows(at.unit, at.actor, [moved], at.lang)[0]


@routes.post(
    "/disputes/{dispute_id}/proposal",
    can="event.designate",
    answers=DutyProposalOut,
    status=201,
    errors=[NotDecided, NotFound, OrgClosed, Refused],
)
def propose(dispute_id: Id, body: ProposalIn, at: Edge) -> DutyProposalOut:
    """提出职责建议 / Put the decision forward as a row of the duty list."""
    new = desk.propose(at.unit, at.actor, dispute_id, whole_county=body.whole_county, note=body.note)
    return _proposals(at, [new])[0]


@routes.get("/duty-proposals", can="duty.read", answers=Proposals, errors=[Invalid])
def list_proposals(
    at: Edge, paging: Annotated[Paging, Depends()], state: Annotated[Literal["open", "all"], Query()] = "open"
) -> Proposals:
    """职责建议 / Rows put forward from decisions: those that wait, or all."""
    found = desk.list_proposals(at.unit, at.actor, paging.page, state == "open")
    return Proposals(items=_proposals(at, found.items), next=found.next)


@routes.post(
    "/duty-proposals/{proposal_id}",
    can="duty.manage",
    answers=DutyProposalOut,
    errors=[DutyEnded, DutyTaken, Invalid, NotFound, OrgClosed, ProposalOver, Refused],
)
def end_proposal(proposal_id: Id, body: ProposalEnd, at: Edge) -> DutyProposalOut:
    """处理职责建议 / Take it over into the duty list, or drop it with the reason."""
    ended = desk.end_proposal(at.unit, at.actor, proposal_id, take=body.take, why=body.why, version=body.version)
    return _proposals(at, [ended])[0]


def _proposals(at: Edge, rows: Sequence[Proposal]) -> list[DutyProposalOut]:
    held = {
        one.id: one
        for one in store.find_duties(at.unit, {row.replaces for row in rows if row.replaces}, seen_by=at.actor)
    }
    orgs = {org_id for row in rows for org_id in (row.lead_org, *row.assistants)}
    names = org.org_names(at.unit, orgs | {one.lead_org for one in held.values()})
    areas = places.division_names(at.unit, {row.division for row in rows})
    events = _rows(at, [row.event for row in rows])
    kept = [
        name for name in DutyProposalOut.model_fields if name in Proposal.__dataclass_fields__ and name != "assistants"
    ]
    shown = []
    for row in rows:
        filed = matter.find_class(at.unit, at.actor, row.tree, row.code) if row.code else None
        was = held.get(row.replaces) if row.replaces else None
        shown.append(
            DutyProposalOut(
                **{name: getattr(row, name) for name in kept if name not in ("event", "assistants")},
                event_id=row.event,
                case_no=events[row.event].case_no if row.event in events else "",
                matter_title=(filed.title_en if at.lang == "en" else filed.title_zh) if filed else "",
                division_name=areas.get(row.division, ""),
                lead_name=names.get(row.lead_org, ""),
                assistants=[NamedUnit(id=each, name=names.get(each, "")) for each in row.assistants],
                replaces_lead_name=names.get(was.lead_org, "") if was else "",
            )
        )
    return shown
