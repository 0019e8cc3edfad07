"""Use cases of field tasks: send somebody, hand over, finish."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from gangmu.base import access, org, places
from gangmu.base.access import Located
from gangmu.base.org import PostOf
from gangmu.base.org import service as org_service
from gangmu.base.places import grids
from gangmu.core import event, flow
from gangmu.core.event import ActArgs, Event
from gangmu.core.event import service as event_service
from gangmu.core.flow import Flow
from gangmu.core.verify import model, store
from gangmu.core.verify.errors import NotEligible, NotYourTask, TaskOver, UnknownResult
from gangmu.core.verify.model import Candidate, Task
from gangmu.core.verify.settings import VerifySettings
from gangmu.kit import settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import StaleWrite
from gangmu.kit.geo import distance_m
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit
from gangmu.messages.verify import TaskMoved

EVERYTHING = System("verify")
MOST_MEASURED = 20


def get_task(unit: Unit, actor: Actor, task_id: Id) -> Task:
    return store.get(unit, task_id, seen_by=actor)


def list_tasks(
    unit: Unit,
    actor: Actor,
    at: Page,
    *,
    state: str = "open",
    kind: str = "",
    mine: bool = False,
    division: str = "",
) -> Paged[Task]:
    """Field tasks that one may see; ``mine`` one's own and those free to take."""
    return store.list_tasks(unit, at, seen_by=actor, state=state, kind=kind, mine=mine, division=division)


def list_of_event(unit: Unit, actor: Actor, event_id: Id) -> list[Task]:
    event.get_event(unit, actor, event_id)
    return store.list_of_event(unit, event_id, seen_by=actor)


def way_of(unit: Unit, one: Event) -> Flow:
    return flow.get_flow(unit, EVERYTHING, one.flow, one.flow_version)


# --- who goes -----------------------------------------------------------------------------------------------


def choose(unit: Unit, one: Event, kind: str, sender: Actor) -> PostOf | None:
    """Who is sent: the nearest free person who may, never a doer. None when nobody is there: then the task is free to
    take for whoever may."""
    way = way_of(unit, one)
    people = {post.id: post for role in model.roles_for(way, kind) for post in _holders(unit, role)}
    but = _not_sent(unit, way, one, sender)
    here = [
        post for post in people.values() if model.reaches(Candidate(post.id, post.person, post.division), one.division)
    ]
    bound = _bound(unit, one)
    counts = store.open_counts(unit, [post.id for post in here])
    candidates = [
        Candidate(post.id, post.person, post.division, post.id in bound, counts.get(post.id, 0)) for post in here
    ]
    busy_at = settings.get(VerifySettings).busy_at
    ranked = model.rank(candidates, one.division, busy_at, but)
    ranked = model.rank(_measured(unit, one, ranked), one.division, busy_at, but)
    return next((people[item.post] for item in ranked if _may(unit, way, kind, item.post, one)), None)


def _holders(unit: Unit, role: str) -> list[PostOf]:
    return org.list_holders(unit, EVERYTHING, role)


def _not_sent(unit: Unit, way: Flow, one: Event, sender: Actor) -> frozenset[str]:
    facts = event_service.facts_of(unit, sender, one, event_service.list_acts(unit, EVERYTHING, one.id))
    return model.doers(way, facts.acts) | ({sender.person} if sender.person else frozenset())


def _bound(unit: Unit, one: Event) -> set[Id]:
    """The posts that walk the responsibility grid of the event."""
    if not one.duty_grid:
        return set()
    return {duty.post for duty in places.duties_of(unit, EVERYTHING, grid=one.duty_grid)}


def _measured(unit: Unit, one: Event, ranked: Sequence[Candidate]) -> list[Candidate]:
    """How far the grids of those who are else alike lie, so that the nearest goes first."""
    if not ranked or one.lon is None or one.lat is None:
        return list(ranked)
    first = ranked[0]
    same = (first.bound, first.division, first.open_tasks)
    alike = list(takewhile(lambda item: (item.bound, item.division, item.open_tasks) == same, ranked))[:MOST_MEASURED]
    if len(alike) < 2:
        return list(ranked)
    cells = {grid.code: grid.units for grid in grids.list_duty_grids(unit, EVERYTHING)}
    near = [replace(item, metres=_metres(unit, one, item.post, cells)) for item in alike]
    return [*near, *ranked[len(alike) :]]


def _metres(unit: Unit, one: Event, post: Id, cells: dict[str, tuple[str, ...]]) -> float | None:
    """From the event to the middle of the nearest grid of a post."""
    assert one.lon is not None and one.lat is not None
    found = []
    for duty in places.duties_of(unit, EVERYTHING, post=post):
        units = cells.get(duty.grid, ())
        if units:
            middle = grids.get_unit_grid(unit, EVERYTHING, units[len(units) // 2])
            found.append(distance_m((one.lon, one.lat), (middle.lon, middle.lat)))
    return min(found, default=None)


def _may(unit: Unit, way: Flow, kind: str, post: Id, one: Event) -> bool:
    """Whether a post may end such a task there, by its rights."""
    actor = access.actor_of_post(unit, post)
    where = Located(one.division, one.orgs, (*one.people, *([actor.person] if actor.person else [])))
    return any(access.sees(actor, verb.can, where) for verb in model.ending_verbs(way, kind))


def chosen(unit: Unit, one: Event, kind: str, sender: Actor, post_id: Id) -> PostOf:
    """The post that somebody chose, if it may be sent: ``NotEligible`` says why not."""
    way = way_of(unit, one)
    post = org.post_names(unit, [post_id]).get(post_id)
    held = post is not None and any(
        item.id == post_id for item in org_service.list_posts(unit, EVERYTHING, post.person)
    )
    if post is None or not held:
        raise NotEligible(post=str(post_id), reason="left")
    if post.person in _not_sent(unit, way, one, sender):
        raise NotEligible(post=str(post_id), reason="doer")
    if not set(model.roles_for(way, kind)) & set(post.roles):
        raise NotEligible(post=str(post_id), reason="role")
    if not _may(unit, way, kind, post_id, one):
        raise NotEligible(post=str(post_id), reason="division")
    return post


# --- hand over and finish -----------------------------------------------------------------------------------


def reassign(unit: Unit, actor: Actor, task_id: Id, post_id: Id | None, reason: str) -> Task:
    """Send another person: the one named, or the next who may. Whoever may send such tasks may do this."""
    was = _open_task(unit, actor, task_id)
    one = event.get_event(unit, actor, was.event)
    way = way_of(unit, one)
    rights = [verb.can for verb in model.sending_verbs(way, was.kind)]
    access.require(actor, rights[0] if rights else "task.do", one.division, orgs=one.orgs, people=one.people)
    post = chosen(unit, one, was.kind, actor, post_id) if post_id else _another(unit, one, was, actor)
    event_service.hand_over(
        unit, actor, one.id, post.id if post else None, post.person if post else None, "reassign", reason
    )
    now = given_to(unit, was, post)
    store.save(unit, now, was)
    tell(unit, replace(now, version=was.version + 1))
    return replace(now, version=was.version + 1)


def _another(unit: Unit, one: Event, was: Task, actor: Actor) -> PostOf | None:
    found = choose(unit, one, was.kind, actor)
    return None if found is None or found.id == was.post else found


def given_to(unit: Unit, task: Task, post: PostOf | None) -> Task:
    """The task in the hands of a post, or free to take."""
    if post is None:
        return replace(task, post=None, person=None)
    return replace(
        task,
        post=post.id,
        person=post.person,
        people=tuple(dict.fromkeys([*task.people, post.person])),
        orgs=org.chain_of(unit, post.org),
    )


def _open_task(unit: Unit, actor: Actor, task_id: Id, version: int | None = None) -> Task:
    task = store.get(unit, task_id, seen_by=actor)
    if not task.is_open:
        raise TaskOver(about=str(task_id), state=task.state)
    if version is not None and version != task.version:
        raise StaleWrite(about=str(task_id))
    return task


def finish(
    unit: Unit,
    actor: Actor,
    task_id: Id,
    result: str,
    *,
    evidence: Sequence[tuple[Id, str]] = (),
    reason: str = "",
    done_at: datetime | None = None,
    version: int | None = None,
) -> Task:
    """Report what was found: the verb of the result is done on the event, which ends the task, all in one transaction.
    ``UnknownResult`` names the results that there are, ``NotAllowed`` the guard that stands in the way."""
    task = _open_task(unit, actor, task_id, version)
    access.require(actor, "task.do", task.division, orgs=task.orgs, people=task.people)
    if task.post is not None and task.post != actor.post:
        raise NotYourTask(about=str(task_id))
    one = event.get_event(unit, actor, task.event)
    offered = {item.id: item for item in model.results_of(way_of(unit, one), task.kind)}
    picked = offered.get(result)
    if picked is None:
        raise UnknownResult(given=result[:60], offered=", ".join(offered))
    kind = "check" if task.kind == model.TaskKind.check else "near"
    given = tuple((file, said or kind) for file, said in evidence)
    args = ActArgs(reason=reason.strip(), evidence=given, outcome=picked.outcome, done_at=done_at)
    event.act(unit, actor, one.id, picked.verb.id, args)
    return store.get(unit, task_id, seen_by=actor)


def tell(unit: Unit, task: Task) -> None:
    unit.tell(
        TaskMoved(
            event_id=task.event,
            about=task.id,
            kind=task.kind,
            state=task.state,
            post=task.post,
            person=task.person,
            result=task.result,
            flags=list(task.flags),
            division=task.division,
            orgs=list(task.orgs),
            opened_at=task.opened_at,
            due_at=task.due_at,
            done_at=task.done_at,
            at=unit.now,
            asked_by=task.asked_by,
            version=task.version,
        )
    )


@access.thing("tsk")
def locate(unit: Unit, task_id: Id) -> Located:
    """Where a task stands, for ``gangmu why``."""
    task = store.get(unit, task_id, seen_by=unit.actor)
    return Located(task.division, task.orgs, task.people)
