"""Routes of trying out."""

from typing import Annotated

from fastapi import Path

from gangmu.base.calendar.errors import CalendarUnreadable, NoCalendar
from gangmu.core.flow.errors import FlowInvalid
from gangmu.core.trial import calendars, service
from gangmu.core.trial.schema import (
    CalendarTrialIn,
    CalendarTrialOut,
    FlowTrialOut,
    MoveIn,
    MoveOut,
    RunningOut,
    RunningUnder,
    TrialIn,
)
from gangmu.kit.errors import Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Routes

routes = Routes("trial")
Name = Annotated[str, Path(max_length=60, pattern=r"^[a-zA-Z][a-zA-Z0-9_]*$")]


@routes.post(
    "/flows/drafts/{draft_id}/try-out", can="flow.manage", answers=FlowTrialOut, errors=[FlowInvalid, NotFound]
)
def try_draft(draft_id: Id, body: TrialIn, at: Edge) -> FlowTrialOut:
    """草稿试运行 / Play the last events act by act on a draft: how many go through, which are refused and why. Counted
    over all events of the flow; the examples are those that the asker may open."""
    return FlowTrialOut.of(service.try_draft(at.unit, at.actor, draft_id, body.days, body.most), at.lang)


@routes.post("/flows/{flow}/move-events", can="flow.confirm", answers=MoveOut, errors=[Invalid, NotFound, Refused])
def move_events(flow: Name, body: MoveIn, at: Edge) -> MoveOut:
    """转换在办事件的流程版本 / Move open events to another version of their flow, those whose state is there; with
    ``preview`` only look. Each event is an act of its own; ask again until nothing is left."""
    if body.preview:
        return MoveOut.of(service.look_at_move(at.unit, at.actor, flow, body.old, body.new), at.lang)
    moved = service.move_events(at.unit, at.actor, flow, body.old, body.new, body.reason, body.most)
    return MoveOut.of(moved, at.lang)


@routes.post(
    "/calendars/{name}/try-out",
    can="calendar.manage",
    answers=CalendarTrialOut,
    errors=[CalendarUnreadable, NoCalendar, StaleWrite],
)
def try_calendar(name: Annotated[str, Path(max_length=40)], body: CalendarTrialIn, at: Edge) -> CalendarTrialOut:
    """日历试算 / How many running deadlines a change of a calendar is about: those that would be counted anew, and
    those that keep the calendar they began under. Nothing is kept."""
    return CalendarTrialOut.of(calendars.try_calendar(at.unit, at.actor, name, body.version, body.wanted()))


@routes.get("/matter/classes/{class_id}/running", can="matter.read", answers=RunningUnder, errors=[NotFound])
def running_under(class_id: Id, at: Edge) -> RunningUnder:
    """各版本在办数 / How many open events run under each edition of a class and of its filing conditions."""
    classes, conditions = service.running_under(at.unit, at.actor, class_id)
    return RunningUnder(
        classes=[RunningOut.of(one, at.lang) for one in classes],
        conditions=[RunningOut.of(one, at.lang) for one in conditions],
    )
