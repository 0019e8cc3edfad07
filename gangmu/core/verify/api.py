"""Routes of field tasks."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from fastapi import Depends, Query

from gangmu.base import org, places
from gangmu.core import matter
from gangmu.core.event import Event
from gangmu.core.event.errors import EventMovedOn
from gangmu.core.event.service import find_events
from gangmu.core.flow import NotAllowed
from gangmu.core.verify import model, service
from gangmu.core.verify.errors import NotEligible, NotFresh, NotYourTask, TaskOver, UnknownResult, WrongTimeOfDay
from gangmu.core.verify.model import Result, Task, TaskKind
from gangmu.core.verify.schema import DayWindow, FlagOut, ResultOut, TaskDone, TaskOut, TaskReassign, Tasks
from gangmu.kit.errors import Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal, t
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("verify")


@routes.get("/tasks", can="task.read", answers=Tasks, errors=[Invalid])
def list_tasks(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    mine: bool = False,
    state: Annotated[Literal["open", "done", "cancelled", "all"], Query()] = "open",
    kind: Annotated[Literal["verify", "check"] | None, Query()] = None,
    division: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
) -> Tasks:
    """核实核查任务 / Field tasks; ``mine`` one's own and those free to take."""
    found = service.list_tasks(
        at.unit,
        at.actor,
        paging.page,
        state="" if state == "all" else state,
        kind=kind or "",
        mine=mine,
        division=division,
    )
    return Tasks(items=_shown(at, found.items), next=found.next, as_of=at.unit.now)


@routes.get("/tasks/{task_id}", can="task.read", answers=TaskOut, errors=[NotFound])
def get_task(task_id: Id, at: Edge) -> TaskOut:
    """任务详情 / A field task."""
    return _shown(at, [service.get_task(at.unit, at.actor, task_id)])[0]


@routes.get("/events/{event_id}/tasks", can="task.read", answers=Tasks, errors=[NotFound])
def event_tasks(event_id: Id, at: Edge) -> Tasks:
    """事件任务 / All field tasks of an event, oldest first."""
    found = service.list_of_event(at.unit, at.actor, event_id)
    return Tasks(items=_shown(at, found), as_of=at.unit.now)


@routes.post(
    "/tasks/{task_id}/done",
    can="task.do",
    answers=TaskOut,
    errors=[
        EventMovedOn,
        Invalid,
        NotAllowed,
        NotFound,
        NotFresh,
        NotYourTask,
        Refused,
        StaleWrite,
        TaskOver,
        UnknownResult,
        WrongTimeOfDay,
    ],
)
def finish(task_id: Id, body: TaskDone, at: Edge) -> TaskOut:
    """回复任务 / Report what was found; the event moves on with it."""
    done = service.finish(
        at.unit,
        at.actor,
        task_id,
        body.result,
        evidence=body.given(),
        reason=body.reason,
        done_at=body.done_at,
        version=body.version,
    )
    return _shown(at, [done])[0]


@routes.post(
    "/tasks/{task_id}/reassign",
    can="task.read",
    answers=TaskOut,
    errors=[NotEligible, NotFound, Refused, StaleWrite, TaskOver],
)
def reassign(task_id: Id, body: TaskReassign, at: Edge) -> TaskOut:
    """改派任务 / Send another person than the one who has it; never a doer."""
    return _shown(at, [service.reassign(at.unit, at.actor, task_id, body.post, body.reason)])[0]


def _shown(at: Edge, tasks: Sequence[Task]) -> list[TaskOut]:
    """Tasks with their events and names, fetched together."""
    events = {one.id: one for one in find_events(at.unit, at.actor, {task.event for task in tasks})}
    posts = org.post_names(at.unit, [task.post for task in tasks if task.post])
    areas = places.division_names(at.unit, {task.division for task in tasks})
    classes = matter.get_classes(at.unit, at.actor, {one.matter for one in events.values() if one.matter})
    titles = {row.id: row.title_en if at.lang == "en" else row.title_zh for row in classes.values()}
    return [_task(at, task, events.get(task.event), posts, areas, titles) for task in tasks]


def _task(
    at: Edge,
    task: Task,
    one: Event | None,
    posts: Mapping[Id, org.PostOf],
    areas: Mapping[str, str],
    titles: Mapping[Id, str],
) -> TaskOut:
    results = model.results_of(service.way_of(at.unit, one), task.kind) if one else []
    post, window = posts.get(task.post) if task.post else None, task.window
    ended = next((item for item in results if item.id == task.result), None)
    return TaskOut(
        id=task.id,
        kind=task.kind,  # type: ignore[arg-type]
        state=task.state,  # type: ignore[arg-type]
        event_id=task.event,
        case_no=one.case_no if one else "",
        title=mask_personal(one.title) if one else "",
        matter_title=titles.get(one.matter, "") if one and one.matter else "",
        address=one.address if one else "",
        lon=one.lon if one else None,
        lat=one.lat if one else None,
        division=task.division,
        division_name=areas.get(task.division, ""),
        urgent=one.urgent if one else False,
        ask=mask_personal(task.ask),
        assignee=task.post,
        assignee_name=post.person_name if post else None,
        opened_at=task.opened_at,
        not_before=task.not_before,
        window=DayWindow(first=window.words()[0], last=window.words()[1]) if window else None,
        due_at=task.due_at,
        done_at=task.done_at,
        verb=task.verb,
        result=task.result,
        result_title=_words(ended, at.lang) if ended else "",
        reason=mask_personal(task.reason),
        flags=[FlagOut(key=flag, text=t(f"event.evidence.flag.{flag}", at.lang)) for flag in task.flags],
        outcomes=[
            ResultOut(id=item.id, title=_words(item, at.lang), verb=item.verb.id, requires=list(item.verb.requires))
            for item in results
        ],
        evidence_kind="check" if task.kind == TaskKind.check else "near",
        version=task.version,
    )


def _words(item: Result, lang: str) -> str:
    return item.title.get("en" if lang == "en" else "zh") or item.id
