"""Routes of dispatching."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from gangmu.base import org, places
from gangmu.core import deadline, event
from gangmu.core.dispatch import (
    desk_routes,  # noqa: F401 - its routes register
    edition_routes,  # noqa: F401 - its routes register
    model,
    service,
)
from gangmu.core.dispatch.answers import duties_of, suggestions
from gangmu.core.dispatch.effects import ASSIST
from gangmu.core.dispatch.errors import DutyEnded, DutyTaken, OrgClosed
from gangmu.core.dispatch.model import Dispute, Obligation
from gangmu.core.dispatch.schema import (
    AcceptanceOut,
    DisputeOut,
    Disputes,
    Duties,
    DutyChange,
    DutyEnd,
    DutyIn,
    DutyOut,
    ObligationOut,
    Obligations,
    Suggestions,
)
from gangmu.core.dispatch.settings import DispatchSettings
from gangmu.core.event.effects import HANDLE
from gangmu.core.event.service import find_events
from gangmu.kit import settings
from gangmu.kit.errors import Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("dispatch")
Word = Annotated[str, Query(max_length=60)]
Digits = Annotated[str, Query(max_length=16, pattern=r"^\d*$")]


@routes.get("/dispatch/suggest", can="duty.read", answers=Suggestions, errors=[NotFound])
def suggest(
    at: Edge,
    matter: Id | None = None,
    division: Digits = "",
    event: Id | None = None,
    text: Annotated[str, Query(max_length=2000)] = "",
) -> Suggestions:
    """职责建议 / Whose duty it is by the duty list, likeliest first, with reasons; a person decides."""
    found = service.suggest_for(at.unit, at.actor, event_id=event, matter_id=matter, division=division, text=text)
    return Suggestions(items=suggestions(at, found))


@routes.get("/dispatch/acceptance", can="dispute.read", answers=AcceptanceOut)
def get_acceptance(
    at: Edge, tree: Word = "", code: Digits = "", days: Annotated[int, Query(ge=1, le=3660)] = 90
) -> AcceptanceOut:
    """建议采纳率 / How often the dispatchers took what was suggested, of the dispatches that one may see."""
    since = at.unit.now - timedelta(days=days)
    counted = service.acceptance(at.unit, at.actor, since, at.unit.now + timedelta(seconds=1), tree, code)
    return AcceptanceOut(
        decided=counted.decided,
        suggested=counted.suggested,
        first=counted.first,
        among=counted.among,
        rate=counted.rate,
        since=since,
        as_of=at.unit.now,
        algorithm=model.ALGORITHM,
    )


# --- the duty list ------------------------------------------------------------------------------------------


@routes.get("/duties", can="duty.read", answers=Duties, errors=[Invalid])
def list_duties(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    tree: Word = "",
    code: Digits = "",
    division: Digits = "",
    org: Id | None = None,
    unverified: bool = False,
    day: date | None = None,
    history: bool = False,
) -> Duties:
    """职责清单 / The duty list on a day, or with every edition that ended."""
    found = service.list_duties(
        at.unit,
        at.actor,
        paging.page,
        day=day,
        history=history,
        tree=tree,
        code=code,
        division=division,
        org=org,
        unverified=unverified,
    )
    return Duties(items=duties_of(at, found.items), next=found.next)


@routes.get("/duties/{duty_id}", can="duty.read", answers=Duties, errors=[NotFound])
def get_duty(duty_id: Id, at: Edge) -> Duties:
    """职责版本 / All editions of a row, oldest first."""
    return Duties(items=duties_of(at, service.editions_of(at.unit, at.actor, duty_id)))


@routes.post(
    "/duties", can="duty.manage", answers=DutyOut, status=201, errors=[DutyTaken, Invalid, NotFound, OrgClosed]
)
def add_duty(body: DutyIn, at: Edge) -> DutyOut:
    """新增职责 / Open a row of the duty list."""
    return duties_of(at, [service.add_duty(at.unit, at.actor, body.draft())])[0]


@routes.put(
    "/duties/{duty_id}",
    can="duty.manage",
    answers=DutyOut,
    errors=[DutyEnded, Invalid, NotFound, OrgClosed, StaleWrite],
)
def change_duty(duty_id: Id, body: DutyChange, at: Edge) -> DutyOut:
    """修改职责 / End the row and open its next edition."""
    return duties_of(at, [service.change_duty(at.unit, at.actor, duty_id, body.draft(), body.version)])[0]


@routes.post(
    "/duties/{duty_id}/end", can="duty.manage", answers=DutyOut, errors=[DutyEnded, Invalid, NotFound, StaleWrite]
)
def end_duty(duty_id: Id, body: DutyEnd, at: Edge) -> DutyOut:
    """停用职责 / The row holds no more from a day on."""
    return duties_of(at, [service.end_duty(at.unit, at.actor, duty_id, body.version, body.valid_to)])[0]


# --- obligations and disputes -------------------------------------------------------------------------------


@routes.get("/events/{event_id}/obligations", can="event.read", answers=Obligations, errors=[NotFound])
def list_obligations(event_id: Id, at: Edge) -> Obligations:
    """主办协办 / What was laid on whom for the event, with its clocks."""
    found = service.list_obligations(at.unit, at.actor, event_id)
    names = org.org_names(at.unit, {one.org for one in found})
    clocks = deadline.clocks_of(at.unit, [event_id])[event_id]
    return Obligations(items=[_obligation(at, one, names, clocks) for one in found], as_of=at.unit.now)


def _obligation(at: Edge, one: Obligation, names: dict[Id, str], clocks: Sequence[Any]) -> ObligationOut:
    stage, whose = (ASSIST, one.org) if one.role == model.ObligationRole.assist else (HANDLE, None)
    own = [row for row in clocks if row.stage == stage and row.org == whose and row.started_at >= one.since]
    due: datetime | None = max((row.due_at for row in own if row.due_at is not None), default=None)
    ended = one.done_at or one.until or at.unit.now
    return ObligationOut(
        id=one.id,
        org=one.org,
        org_name=names.get(one.org, ""),
        role=one.role,  # type: ignore[arg-type]
        state=one.state,
        since=one.since,
        until=one.until,
        done_at=one.done_at,
        due_at=due,
        late=due is not None and ended > due,
        duty_row=one.duty_row,
    )


@routes.get("/disputes", can="dispute.read", answers=Disputes, errors=[Invalid])
def list_disputes(
    at: Edge, paging: Annotated[Paging, Depends()], state: Annotated[Literal["open", "all"], Query()] = "open"
) -> Disputes:
    """派单争议 / Disputes that wait for a decision, the oldest first; or all, the newest first."""
    found = service.list_disputes(at.unit, at.actor, paging.page, state == "open")
    return Disputes(items=_disputes(at, found.items), next=found.next)


@routes.get("/events/{event_id}/disputes", can="dispute.read", answers=Disputes, errors=[NotFound])
def event_disputes(event_id: Id, at: Edge) -> Disputes:
    """事件争议 / The disputes about an event, oldest first."""
    return Disputes(items=_disputes(at, service.disputes_of(at.unit, at.actor, event_id)))


def _disputes(at: Edge, rows: Sequence[Dispute]) -> list[DisputeOut]:
    events: dict[Id, event.Event] = {one.id: one for one in find_events(at.unit, at.actor, {row.event for row in rows})}
    names = org.org_names(at.unit, {each for row in rows for each in (row.org, row.lead_org) if each})
    areas = places.division_names(at.unit, {row.division for row in rows})
    often = settings.get(DispatchSettings).dispute_escalates_at
    kept = [name for name in DisputeOut.model_fields if name in Dispute.__dataclass_fields__]
    return [
        DisputeOut(
            **{
                **{name: getattr(row, name) for name in kept},
                "reason": mask_personal(row.reason),
                "decision": mask_personal(row.decision),
            },
            event_id=row.event,
            case_no=events[row.event].case_no if row.event in events else "",
            title=mask_personal(events[row.event].title) if row.event in events else "",
            org_name=names.get(row.org, "") if row.org else "",
            division_name=areas.get(row.division, ""),
            lead_org_name=names.get(row.lead_org, "") if row.lead_org else "",
            escalate=row.is_open and row.times >= often,
        )
        for row in rows
    ]
