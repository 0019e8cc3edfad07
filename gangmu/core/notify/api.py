"""Routes of answers to reporters."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Depends, Query

from gangmu.core.event.service import find_events
from gangmu.core.notify import service
from gangmu.core.notify.errors import AlreadyTold
from gangmu.core.notify.model import Answer
from gangmu.core.notify.schema import AnswerOut, Answers, SentIn
from gangmu.kit.errors import Invalid, NotFound, Refused
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("notify")


@routes.get("/answers", can="report.read", answers=Answers, errors=[Invalid])
def list_answers(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    state: Annotated[Literal["pending", "sent", "seen", "kept", "all"], Query()] = "pending",
) -> Answers:
    """待告知答复 / Answers that wait to be told, the oldest first; or in another state."""
    found = service.list_answers(at.unit, at.actor, paging.page, "" if state == "all" else state)
    return Answers(items=_shown(at, found.items), next=found.next)


@routes.get("/reports/{report_id}/answers", can="report.read", answers=Answers, errors=[NotFound])
def report_answers(report_id: Id, at: Edge) -> Answers:
    """诉求答复 / What the reporter was told, oldest first."""
    return Answers(items=_shown(at, service.list_of_report(at.unit, at.actor, report_id)))


@routes.post("/answers/{answer_id}/sent", can="answer.send", answers=AnswerOut, errors=[AlreadyTold, NotFound, Refused])
def mark_sent(answer_id: Id, body: SentIn, at: Edge) -> AnswerOut:
    """已告知 / The reporter was told, or was called and not reached."""
    told = service.mark_sent(at.unit, at.actor, answer_id, reached=body.reached, note=body.note)
    return _shown(at, [told])[0]


def _shown(at: Edge, answers: Sequence[Answer]) -> list[AnswerOut]:
    events = {one.id: one for one in find_events(at.unit, at.actor, {item.event for item in answers})}
    kept = [name for name in AnswerOut.model_fields if name in Answer.__dataclass_fields__ and name != "text"]
    return [
        AnswerOut(
            **{name: getattr(item, name) for name in kept},
            text=mask_personal(item.text),
            report_id=item.report,
            event_id=item.event,
            case_no=events[item.event].case_no if item.event in events else "",
            title=mask_personal(events[item.event].title) if item.event in events else "",
        )
        for item in answers
    ]
