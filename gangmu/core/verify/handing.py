"""Field tasks of a post that ends or rests: how many there are, and given to another who may be sent."""

from dataclasses import replace

from gangmu.core.event import service as event_service
from gangmu.core.verify import service, store
from gangmu.core.verify.errors import NotEligible
from gangmu.core.verify.model import Task
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def count_of_post(unit: Unit, post: Id) -> int:
    """Open field tasks at a post."""
    return store.open_counts(unit, [post]).get(post, 0)


def tasks_of_post(unit: Unit, post: Id) -> list[Task]:
    """The open tasks of a post; rights are the caller's to ask."""
    return store.list_of_post(unit, post, seen_by=service.EVERYTHING)


def give(unit: Unit, actor: Actor, task: Task, to: Id) -> bool:
    """Give a task to a post, if it may be sent there: who did the work never checks it. The event is handed over by
    the caller."""
    one = event_service.get_event(unit, service.EVERYTHING, task.event)
    try:
        post = service.chosen(unit, one, task.kind, actor, to)
    except NotEligible:
        return False
    now = service.given_to(unit, task, post)
    store.save(unit, now, task)
    service.tell(unit, replace(now, version=task.version + 1))
    return True
