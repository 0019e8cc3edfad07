"""Routes of editions of the duty list, and of what organisations owe. Loaded with those of the stage."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Query

from gangmu.base import org, places
from gangmu.core import matter
from gangmu.core.dispatch import edition, trials
from gangmu.core.dispatch.answers import duties_of
from gangmu.core.dispatch.edition import Looked, Tried
from gangmu.core.dispatch.edition_schema import (
    BackIn,
    DutyChangeIn,
    DutyChangeOut,
    DutyTrialOut,
    EditionIn,
    EditionNew,
    EditionOut,
    EditionRow,
    Editions,
    EditionSaid,
    Owed,
    OwedOut,
    PastExample,
    ShiftOut,
    TriedOut,
    TryIn,
)
from gangmu.core.dispatch.edition_store import Edition
from gangmu.core.dispatch.errors import DutyTaken, EditionEmpty, EditionSettled, EditionStale, OrgClosed
from gangmu.core.dispatch.model import Duty
from gangmu.core.dispatch.schema import DutyOut, NamedUnit
from gangmu.kit.errors import Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal, t
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("dispatch")
WRITING = [EditionSettled, Invalid, NotFound, Refused, StaleWrite]
COMPARED = ("lead_org", "assistants", "to_towns", "basis", "source", "verified", "note")


@routes.get("/duties/obligations", can="event.read", answers=Owed, errors=[Invalid])
def list_owed(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    org: Id | None = None,
    open_only: Annotated[bool, Query(alias="open")] = True,
) -> Owed:
    """单位承办清单 / What was laid on an organisation (one's own unless named) across the events that one may see: what
    is still owed, the oldest first; or all, the newest first."""
    wanted = org or at.actor.org
    found = edition.list_obligations(at.unit, at.actor, wanted, paging.page, open_only)
    return Owed(items=_owed(at, found.items), next=found.next, org=_org(at, wanted), as_of=at.unit.now)


def _owed(at: Edge, pairs: Sequence[tuple[edition.Obligation, edition.event.Event]]) -> list[OwedOut]:
    areas = places.division_names(at.unit, {one.division for _, one in pairs})
    classes = matter.get_classes(at.unit, at.actor, {one.matter for _, one in pairs if one.matter})
    titles = {key: row.title_en if at.lang == "en" else row.title_zh for key, row in classes.items()}
    return [
        OwedOut(
            id=held.id,
            event_id=one.id,
            case_no=one.case_no,
            title=mask_personal(one.title),
            division_name=areas.get(one.division, ""),
            matter_title=titles.get(one.matter, "") if one.matter else "",
            role=held.role,  # type: ignore[arg-type]
            state=held.state,
            since=held.since,
            until=held.until,
            done_at=held.done_at,
            event_status=one.status,
            due_at=one.due_at,
            lateness=one.lateness,
        )
        for held, one in pairs
    ]


def _org(at: Edge, wanted: Id | None) -> NamedUnit | None:
    names = org.org_names(at.unit, [wanted] if wanted else [])
    return NamedUnit(id=wanted, name=names[wanted]) if wanted and wanted in names else None


# --- editions -----------------------------------------------------------------------------------------------


@routes.get("/duties/editions", can="duty.read", answers=Editions, errors=[Invalid])
def list_editions(at: Edge, paging: Annotated[Paging, Depends()], waiting: bool = False) -> Editions:
    """职责清单版本 / Editions of the duty list, the newest first; ``waiting`` those that are not released."""
    found = edition.list_editions(at.unit, at.actor, paging.page, waiting)
    return Editions(items=[EditionRow.of(one) for one in found.items], next=found.next)


@routes.post("/duties/editions", can="duty.manage", answers=EditionOut, status=201, errors=[Invalid])
def open_edition(body: EditionNew, at: Edge) -> EditionOut:
    """新建职责清单版本 / Begin to gather changes that hold from a day on."""
    return _whole(at, edition.open_edition(at.unit, at.actor, body.title, body.valid_from, body.reason))


@routes.get("/duties/editions/{edition_id}", can="duty.read", answers=EditionOut, errors=[NotFound])
def get_edition(edition_id: Id, at: Edge) -> EditionOut:
    """职责清单版本详情 / An edition with its changes: what was, what will be, what stands in the way."""
    return _whole(at, edition.get_edition(at.unit, at.actor, edition_id))


@routes.put("/duties/editions/{edition_id}", can="duty.manage", answers=EditionOut, errors=WRITING)
def change_edition(edition_id: Id, body: EditionIn, at: Edge) -> EditionOut:
    """修改版本 / Name, day and reason of an edition."""
    changed = edition.change_edition(
        at.unit, at.actor, edition_id, body.version, body.title, body.valid_from, body.reason
    )
    return _whole(at, changed)


@routes.put(
    "/duties/editions/{edition_id}/changes", can="duty.manage", answers=EditionOut, errors=[*WRITING, OrgClosed]
)
def put_change(edition_id: Id, body: DutyChangeIn, at: Edge) -> EditionOut:
    """写入变更 / Put a row that begins, changes or ends into an edition."""
    draft = body.duty.draft() if body.duty else None
    return _whole(at, edition.put_change(at.unit, at.actor, edition_id, body.version, body.do, draft, body.row))


@routes.delete(
    "/duties/editions/{edition_id}/changes/{change_id}", can="duty.manage", answers=EditionOut, errors=WRITING
)
def drop_change(
    edition_id: Id, change_id: Id, at: Edge, version: Annotated[int, Query(ge=1, le=2_000_000_000)]
) -> EditionOut:
    """去掉变更 / Take a change out of an edition."""
    return _whole(at, edition.drop_change(at.unit, at.actor, edition_id, version, change_id))


@routes.post("/duties/editions/{edition_id}/try-out", can="duty.manage", answers=DutyTrialOut, errors=[NotFound])
def try_edition(edition_id: Id, body: TryIn, at: Edge) -> DutyTrialOut:
    """版本试运行 / Let a job find out which events of the last days would have gone elsewhere: from which organisation
    to which, by which row. ``GET`` tells how far it is and what it found."""
    return DutyTrialOut.of(trials.ask(at.unit, at.actor, edition_id, body.days), None)


@routes.get("/duties/editions/{edition_id}/try-out", can="duty.manage", answers=DutyTrialOut, errors=[NotFound])
def get_trial(edition_id: Id, at: Edge) -> DutyTrialOut:
    """试运行进度与结果 / The last try-out of an edition: how far it is, and what it found. Counted over all events; the
    examples are those that the asker may open."""
    trial, tried = trials.newest(at.unit, at.actor, edition_id)
    if trial is None:
        raise NotFound(what=str(edition_id))
    return DutyTrialOut.of(trial, None if tried is None else _tried(at, tried))


@routes.post(
    "/duties/editions/{edition_id}/release",
    can="duty.manage",
    answers=EditionOut,
    errors=[*WRITING, DutyTaken, EditionEmpty, EditionStale],
)
def release_edition(edition_id: Id, body: EditionSaid, at: Edge) -> EditionOut:
    """发布版本 / Let the changes hold from the edition's day on."""
    return _whole(at, edition.release(at.unit, at.actor, edition_id, body.version, body.reason))


@routes.post(
    "/duties/editions/{edition_id}/roll-back",
    can="duty.manage",
    answers=EditionOut,
    errors=[*WRITING, DutyTaken, EditionEmpty, EditionStale],
)
def roll_back_edition(edition_id: Id, body: BackIn, at: Edge) -> EditionOut:
    """回退版本 / Take a released edition back by one that does the contrary."""
    return _whole(at, edition.roll_back(at.unit, at.actor, edition_id, body.reason))


@routes.post("/duties/editions/{edition_id}/drop", can="duty.manage", answers=EditionOut, errors=WRITING)
def drop_edition(edition_id: Id, body: EditionSaid, at: Edge) -> EditionOut:
    """放弃版本 / Lay an edition aside; it stays readable."""
    return _whole(at, edition.drop_edition(at.unit, at.actor, edition_id, body.version))


def _whole(at: Edge, one: Edition) -> EditionOut:
    looked = edition.look(at.unit, at.actor, one)
    rows = _named(at, [row for each in looked for row in (each.before, each.after) if row is not None])
    changes = [_change(at, each, rows) for each in looked]
    ready = bool(changes) and all(not each.why for each in changes)
    return EditionOut(**EditionRow.of(one).model_dump(), changes=changes, releasable=one.state == "draft" and ready)


def _named(at: Edge, rows: Sequence[Duty]) -> dict[Id, DutyOut]:
    return {out.id: out for out in duties_of(at, rows)}


def _change(at: Edge, each: Looked, rows: dict[Id, DutyOut]) -> DutyChangeOut:
    before, after = each.before, each.after
    differs = [name for name in COMPARED if before and after and getattr(before, name) != getattr(after, name)]
    guard = ""
    if each.guard is not None:
        names = org.org_names(at.unit, [Id(str(each.guard.params["lead"]))])
        params = {**each.guard.params, "lead": next(iter(names.values()), "")}
        guard = t("dispatch.edition.pushed_down", at.lang, **params)
    return DutyChangeOut(
        id=each.change.id,
        do=each.change.do,  # type: ignore[arg-type]
        row=each.change.row,
        before=rows.get(before.id) if before else None,
        after=rows.get(after.id) if after else None,
        differs=differs,
        why=t(each.why.code, at.lang, **each.why.params) if each.why else "",
        guard=guard,
    )


def _tried(at: Edge, tried: Tried) -> TriedOut:
    shifts = tried.found.sorted_shifts()
    names = org.org_names(at.unit, {one for shift in shifts for one in (shift.before, shift.after) if one})
    rows = _named(at, [shift.row for shift in shifts if shift.row is not None])

    def unit_of(one: Id | None) -> NamedUnit | None:
        return NamedUnit(id=one, name=names.get(one, "")) if one else None

    return TriedOut(
        since=tried.since,
        until=tried.until,
        day=tried.day,
        **{name: getattr(tried.found, name) for name in ("events", "same", "changed", "helpers", "unclassed")},
        shifts=[
            ShiftOut(
                before=unit_of(shift.before),
                after=unit_of(shift.after),
                duty=rows.get(shift.row.id) if shift.row else None,
                n=shift.n,
                examples=[
                    PastExample.of(one)
                    for one in tried.examples.get((shift.before, shift.after, shift.row.id if shift.row else None), ())
                ],
            )
            for shift in shifts[: edition.SHOWN]
        ],
    )
