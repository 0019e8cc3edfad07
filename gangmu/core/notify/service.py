"""Use cases of answers: keep one a reporter and message, list those to be told, say that one was."""

from gangmu.base import access
from gangmu.core import report
from gangmu.core.notify import model, store
from gangmu.core.notify.model import Answer
from gangmu.core.report import service as report_service
from gangmu.kit import ids
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit
from gangmu.messages.notify import AnswerMoved

SEND = "answer.send"


def keep_answer(unit: Unit, event_id: Id, report_id: Id, text: str, outcome: str, orgs: tuple[Id, ...]) -> Answer:
    """The answer of a message for its reporter. A message is handed over once, so there is one of it."""
    taken = report.get_report(unit, unit.actor, report_id)
    way = model.way_of(taken.channel, report_service.has_phone(unit, taken))
    new = Answer(
        id=ids.new("ans"),
        report=report_id,
        event=event_id,
        division=taken.division,
        orgs=orgs,
        text=text,
        outcome=outcome,
        channel=taken.channel,
        way=way.value,
        state=model.first_state(way).value,
        at=unit.now,
        sent_at=None,
        sent_by=None,
        seen_at=None,
        tries=0,
        note="",
    )
    store.add(unit, new)
    _tell(unit, new)
    return new


def list_of_report(unit: Unit, actor: Actor, report_id: Id) -> list[Answer]:
    """What the reporter was told, oldest first."""
    report.get_report(unit, actor, report_id)
    return store.list_of_report(unit, report_id, seen_by=actor)


def list_answers(unit: Unit, actor: Actor, at: Page, state: str = "pending") -> Paged[Answer]:
    return store.list_answers(unit, at, state, seen_by=actor)


def mark_sent(unit: Unit, actor: Actor, answer_id: Id, *, reached: bool = True, note: str = "") -> Answer:
    """After a call: the reporter was told, or could not be reached and is tried again. ``AlreadyTold``."""
    was = store.get(unit, answer_id, seen_by=actor, lock=True)
    access.require(actor, SEND, was.division, orgs=was.orgs)
    now = model.told(was, unit.now, actor.person, reached=reached, note=note.strip()[:500])
    store.save(unit, now, was)
    _tell(unit, now)
    return now


def _tell(unit: Unit, one: Answer) -> None:
    unit.tell(
        AnswerMoved(
            event_id=one.event,
            about=one.id,
            report_id=one.report,
            state=one.state,
            way=one.way,
            division=one.division,
            orgs=list(one.orgs),
            at=unit.now,
        )
    )
