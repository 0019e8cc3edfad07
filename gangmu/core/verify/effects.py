"""What field tasks do when an event moves: one is opened for another person, done with fresh proof, or called back."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from gangmu.core import deadline, matter, report
from gangmu.core.event import Acted, effect
from gangmu.core.event import service as event_service
from gangmu.core.verify import model, service, store
from gangmu.core.verify.errors import NotFresh, WrongTimeOfDay
from gangmu.core.verify.model import Task, TaskKind, TaskState, Window
from gangmu.core.verify.service import EVERYTHING
from gangmu.core.verify.settings import VerifySettings
from gangmu.kit import ids, settings
from gangmu.kit.zone import zone as city_zone


@effect("open_verify_task")
def open_verify_task(acted: Acted) -> None:
    _open(acted, TaskKind.verify)


@effect("open_check_task")
def open_check_task(acted: Acted) -> None:
    _open(acted, TaskKind.check)


def _open(acted: Acted, kind: TaskKind) -> None:
    """A task for the post chosen, else for the nearest free person; for the time of day where that matters. While the
    event waits for its hour, the clock of the check waits too."""
    one, wanted = acted.event, acted.args.handler_post
    post = (
        service.chosen(acted.unit, one, kind.value, acted.actor, wanted)
        if wanted
        else service.choose(acted.unit, one, kind.value, acted.actor)
    )
    window = _window(acted) if kind is TaskKind.check else None
    not_before = _opens(window, acted.at) if window else None
    if not_before is not None and not_before > acted.at:
        deadline.pause(acted.unit, one.id, acted.at, not_before)
    new = Task(
        id=ids.new("tsk"),
        event=one.id,
        kind=kind.value,
        state=TaskState.open.value,
        division=one.division,
        orgs=(),
        people=(),
        post=None,
        person=None,
        ask=acted.args.reason[:2000],
        asked_by=acted.actor.person,
        opening_act=acted.act_id,
        opened_at=acted.at,
        not_before=not_before,
        window_first=window.first if window else None,
        window_last=window.last if window else None,
        due_at=_due(acted, kind),
        closing_act=None,
        done_at=None,
        verb="",
        result="",
        reason="",
        flags=(),
    )
    given = service.given_to(acted.unit, new, post)
    store.add(acted.unit, given)
    service.tell(acted.unit, given)
    acted.event = replace(
        one,
        open_tasks=tuple(dict.fromkeys([*one.open_tasks, kind.value])),
        holder_post=post.id if post else None,
        people=tuple(dict.fromkeys([*one.people, *([post.person] if post else [])])),
    )


def _window(acted: Acted) -> Window | None:
    """The time of day of the first report, when the filing condition asks for a check at the same time of day."""
    if acted.event.condition is None:
        return None
    if not matter.get_condition(acted.unit, EVERYTHING, acted.event.condition).same_time:
        return None
    reports = report.list_of_event(acted.unit, EVERYTHING, acted.event.id)
    happened = min((item.happened_at for item in reports), default=acted.event.reported_at)
    return model.window_around(happened, settings.get(VerifySettings).same_time_minutes, _zone())


def _zone() -> ZoneInfo:
    return city_zone()


def _opens(window: Window, at: datetime) -> datetime:
    return window.opens_after(at.astimezone(_zone())).astimezone(UTC)


def _due(acted: Acted, kind: TaskKind) -> datetime | None:
    """When the stage clock of the task runs out."""
    clocks = deadline.clocks_of(acted.unit, [acted.was.id])[acted.was.id]
    due = [
        row.due_at for row in clocks if row.stage == kind.value and row.stopped_at is None and row.due_at is not None
    ]
    return min(due, default=None)


@effect("close_verify_task")
def close_verify_task(acted: Acted) -> None:
    _close(acted, TaskKind.verify)


@effect("close_check_task")
def close_check_task(acted: Acted) -> None:
    _close(acted, TaskKind.check)


def _close(acted: Acted, kind: TaskKind) -> None:
    """The result, with what is doubtful about its proof. A check needs a fresh photo of its own, and its hour where it
    has one: ``NotFresh``, ``WrongTimeOfDay``."""
    held = store.find_open(acted.unit, acted.was.id, kind.value, seen_by=EVERYTHING)
    given = [
        item for item in event_service.list_evidence(acted.unit, EVERYTHING, acted.was.id) if item.act == acted.act_id
    ]
    flags = set(model.flags_together(item.flags for item in given))
    if held is not None and kind is TaskKind.check:
        proofs = [item for item in given if item.kind == "check"]
        if not model.is_proven([item.flags for item in proofs]):
            raise NotFresh(flags=", ".join(model.flags_together(item.flags for item in proofs)) or "none")
        taken = [item.taken_at or item.received_at for item in proofs if not model.spoiled(item.flags)]
        flags |= _time_of_day(held, [*taken, acted.at][0])
    if held is not None:
        done = replace(
            held,
            state=TaskState.done.value,
            closing_act=acted.act_id,
            done_at=acted.at,
            verb=acted.step.verb,
            result=acted.args.outcome or acted.step.verb,
            reason=acted.args.reason[:2000],
            flags=tuple(sorted(flags)),
            person=acted.actor.person,
            post=acted.actor.post,
            people=tuple(dict.fromkeys([*held.people, *([acted.actor.person] if acted.actor.person else [])])),
        )
        store.save(acted.unit, done, held)
        service.tell(acted.unit, replace(done, version=held.version + 1))
    _lift(acted, kind)


def _time_of_day(task: Task, at: datetime) -> set[str]:
    if task.window is None or task.window.holds(at.astimezone(_zone())):
        return set()
    if settings.get(VerifySettings).same_time_strict:
        first, last = task.window.words()
        raise WrongTimeOfDay(first=first, last=last)
    return {"wrong_time_of_day"}


@effect("cancel_verify_task")
def cancel_verify_task(acted: Acted) -> None:
    _cancel(acted, TaskKind.verify)


@effect("cancel_check_task")
def cancel_check_task(acted: Acted) -> None:
    _cancel(acted, TaskKind.check)


def _cancel(acted: Acted, kind: TaskKind) -> None:
    held = store.find_open(acted.unit, acted.was.id, kind.value, seen_by=EVERYTHING)
    if held is None:
        return
    over = replace(
        held,
        state=TaskState.cancelled.value,
        closing_act=acted.act_id,
        done_at=acted.at,
        verb=acted.step.verb,
        reason=acted.args.reason[:2000],
    )
    store.save(acted.unit, over, held)
    service.tell(acted.unit, replace(over, version=held.version + 1))
    _lift(acted, kind)


def _lift(acted: Acted, kind: TaskKind) -> None:
    left = tuple(name for name in acted.event.open_tasks if name != kind)
    acted.event = replace(acted.event, open_tasks=left, holder_post=None)
