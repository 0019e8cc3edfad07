"""Routes of leaders' instructions."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Depends, Query

from gangmu.base import org
from gangmu.base.access import Located, sees
from gangmu.core.event.service import find_events
from gangmu.core.flow import NotAllowed
from gangmu.core.instruct import service
from gangmu.core.instruct.errors import InstructionOver, NobodyThere
from gangmu.core.instruct.model import Instruction
from gangmu.core.instruct.schema import AnswerIn, InstructedEvent, InstructionIn, InstructionOut, Instructions
from gangmu.kit.actor import System
from gangmu.kit.errors import Invalid, NotFound, Refused
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal
from gangmu.kit.web import Edge, Paging, Routes, invalid

routes = Routes("instruct")


@routes.post(
    "/instructions",
    can="instruction.write",
    answers=InstructionOut,
    status=201,
    errors=[Invalid, NobodyThere, NotAllowed, NotFound, Refused],
)
def give(body: InstructionIn, at: Edge) -> InstructionOut:
    """批示 / Instruct an organisation about an event or several; it stands in the history of each."""
    if body.due_at is not None and body.due_at.tzinfo is None:
        raise invalid("due_at", "needs an offset")
    events = list(dict.fromkeys(body.events))
    new = service.give(
        at.unit, at.actor, body.text, events, to_org=body.to_org, to_post=body.to_post, due_at=body.due_at
    )
    return _shown(at, [new])[0]


@routes.get("/instructions", can="instruction.read", answers=Instructions, errors=[Invalid])
def list_instructions(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    box: Annotated[Literal["all", "to_me", "by_me"], Query()] = "all",
    state: Annotated[Literal["open", "answered", "withdrawn", "all"], Query()] = "open",
    late: bool = False,
) -> Instructions:
    """批示列表 / Instructions: open ones by their date, others the newest first."""
    wanted = "" if state == "all" else state
    found = service.list_instructions(at.unit, at.actor, paging.page, state=wanted, late=late, box=box)
    return Instructions(items=_shown(at, found.items), next=found.next, as_of=at.unit.now)


@routes.get("/instructions/{instruction_id}", can="instruction.read", answers=InstructionOut, errors=[NotFound])
def get_instruction(instruction_id: Id, at: Edge) -> InstructionOut:
    """批示详情 / An instruction with its receipt."""
    return _shown(at, [service.get_instruction(at.unit, at.actor, instruction_id)])[0]


@routes.get("/events/{event_id}/instructions", can="instruction.read", answers=Instructions, errors=[NotFound])
def event_instructions(event_id: Id, at: Edge) -> Instructions:
    """事件批示 / The instructions about an event, the newest first."""
    found = service.list_of_event(at.unit, at.actor, event_id)
    return Instructions(items=_shown(at, found), as_of=at.unit.now)


@routes.post(
    "/instructions/{instruction_id}/read",
    can="instruction.answer",
    answers=InstructionOut,
    errors=[NotFound, Refused],
)
def read(instruction_id: Id, at: Edge) -> InstructionOut:
    """签阅批示 / The receipt of who was addressed."""
    return _shown(at, [service.read(at.unit, at.actor, instruction_id)])[0]


@routes.post(
    "/instructions/{instruction_id}/answer",
    can="instruction.answer",
    answers=InstructionOut,
    errors=[InstructionOver, Invalid, NotFound, Refused],
)
def answer(instruction_id: Id, body: AnswerIn, at: Edge) -> InstructionOut:
    """答复批示 / What came of it; it stands in the history of the events too."""
    return _shown(at, [service.answer(at.unit, at.actor, instruction_id, body.text)])[0]


@routes.post(
    "/instructions/{instruction_id}/withdraw",
    can="instruction.write",
    answers=InstructionOut,
    errors=[InstructionOver, NotFound],
)
def withdraw(instruction_id: Id, at: Edge) -> InstructionOut:
    """撤回批示 / Its author withdraws it."""
    return _shown(at, [service.withdraw(at.unit, at.actor, instruction_id)])[0]


def _shown(at: Edge, rows: Sequence[Instruction]) -> list[InstructionOut]:
    """Instructions with names. The events' numbers and titles belong to the instruction: who reads it reads them, also
    where the event itself is not open to him."""
    about = service.events_of(at.unit, [row.id for row in rows])
    wanted = {event_id for events in about.values() for event_id in events}
    events = {one.id: one for one in find_events(at.unit, System("instruct.show"), wanted)}
    open_to_me = {one.id for one in find_events(at.unit, at.actor, wanted)}
    names = org.org_names(at.unit, {row.to_org for row in rows})
    posts = org.post_names(at.unit, [row.to_post for row in rows if row.to_post])
    kept = [name for name in InstructionOut.model_fields if name in Instruction.__dataclass_fields__]
    return [
        InstructionOut(
            **{
                **{name: getattr(row, name) for name in kept},
                "text": mask_personal(row.text),
                "answer": mask_personal(row.answer),
            },
            mine=row.person is not None and row.person == at.actor.person,
            to_org_name=names.get(row.to_org, ""),
            to_post_name=posts[row.to_post].person_name if row.to_post in posts else "",
            events=[
                InstructedEvent(
                    id=one,
                    case_no=events[one].case_no,
                    title=mask_personal(events[one].title),
                    open_to_me=one in open_to_me,
                )
                for one in about[row.id]
                if one in events
            ],
            late=row.is_late(at.unit.now),
            may_answer=row.is_open and sees(at.actor, service.ANSWER, Located("", row.orgs, row.people)),
        )
        for row in rows
    ]
