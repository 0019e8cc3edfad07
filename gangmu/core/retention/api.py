"""Routes of retention."""

from typing import Annotated

from fastapi import Depends

from gangmu.core.retention import notice, service
from gangmu.core.retention.errors import AlreadyOpen, HeldAlready, HeldBySame, NotProposed, SamePerson
from gangmu.core.retention.model import Hold, Run
from gangmu.core.retention.schema import (
    HoldIn,
    HoldMark,
    HoldMarks,
    HoldOut,
    Holds,
    LeftOut,
    NoticeOut,
    ProofOut,
    RefuseIn,
    RuleIn,
    RuleOut,
    Rules,
    RunOut,
    Runs,
)
from gangmu.core.retention.service import KEEPER, Forecast
from gangmu.core.retention.settings import RetentionSettings
from gangmu.kit import keeping, settings
from gangmu.kit.errors import Conflict, Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.web import PUBLIC, Edge, Paging, Routes

routes = Routes("retention")


def _rule(at: Edge, one: Forecast) -> RuleOut:
    rule = one.rule
    kept = ("id", "kind", "keep_days", "basis_zh", "basis_en", "source", "verified", "valid_from")
    return RuleOut(
        **{name: getattr(rule, name) for name in kept},
        **notice.words_of(rule.kind, at.lang),
        action=keeping.kinds()[rule.kind].action,
        due=one.due,
        held=one.held,
        more=one.more,
    )


def _run(at: Edge, run: Run) -> RunOut:
    kept = ("id", "state", "made_at", "counts", "erased", "confirmed_at", "done_at", "digest", "note")
    mine = run.made_by is not None and run.made_by == at.actor.person
    may = run.state == "proposed" and at.actor.may("retention.confirm") and not mine
    return RunOut(**{name: getattr(run, name) for name in kept}, by_night=run.made_by is None, may_decide=may)


@routes.get("/retention/rules", can="retention.read", answers=Rules)
def list_rules(at: Edge) -> Rules:
    """留存规则 / What is kept how long, and what each rule would erase now."""
    found = [_rule(at, one) for one in service.forecast(at.unit, at.actor)]
    return Rules(items=found, confirm=settings.get(RetentionSettings).confirm)


@routes.put("/retention/rules/{kind}", can="retention.manage", answers=Rules, errors=[Conflict, Invalid, NotFound])
def set_rule(kind: str, body: RuleIn, at: Edge) -> Rules:
    """修改规则 / A new edition of a kind's rule; the old one stays in the history."""
    given = (body.keep_days, body.basis_zh, body.basis_en, body.source)
    service.set_rule(at.unit, at.actor, kind, *given, verified=body.verified)
    return list_rules(at)


@routes.get("/retention/holds", can="retention.read", answers=Holds)
def list_holds(at: Edge, paging: Annotated[Paging, Depends()]) -> Holds:
    """保全 / Matters of which nothing is erased."""
    found = service.list_holds(at.unit, at.actor, paging.page)
    return Holds(items=[_hold(at, one) for one in found.items], next=found.next)


def _hold(at: Edge, one: Hold) -> HoldOut:
    return HoldOut.model_validate(one).model_copy(update={"may_lift": service.may_lift(at.actor, one)})


@routes.get("/events/{event_id}/holds", can="event.read", answers=HoldMarks, errors=[NotFound])
def holds_of(event_id: Id, at: Edge) -> HoldMarks:
    """事件的保全 / Whether this matter is on hold, also by way of one that it is merged with."""
    kept = service.holds_of(at.unit, at.actor, event_id)
    items = [
        HoldMark(
            id=one.id,
            case_no=one.case_no,
            own=one.event == kept.event,
            reason=one.reason if kept.tells_why else None,
            made_by_name=kept.names.get(one.made_by, "") if one.made_by and kept.tells_why else "",
            made_at=one.made_at,
            may_lift=service.may_lift(at.actor, one),
        )
        for one in kept.holds
    ]
    return HoldMarks(items=items, may_hold=kept.may_hold)


@routes.post(
    "/retention/holds", can="retention.hold", answers=HoldOut, status=201, errors=[HeldAlready, Invalid, NotFound]
)
def put_hold(body: HoldIn, at: Edge) -> HoldOut:
    """设为保全 / Keep everything of a matter (appeal, audit, court) until the hold ends."""
    return _hold(at, service.put_hold(at.unit, at.actor, body.event, body.reason))


@routes.delete("/retention/holds/{hold_id}", can="retention.hold", status=204, errors=[HeldBySame, NotFound])
def end_hold(hold_id: Id, at: Edge) -> None:
    """解除保全 / The matter is treated like any other again. Who has put the hold does not lift it."""
    service.end_hold(at.unit, at.actor, hold_id)


@routes.get("/retention/runs", can="retention.read", answers=Runs)
def list_runs(at: Edge, paging: Annotated[Paging, Depends()]) -> Runs:
    """删除清单 / Lists of what was due, newest first, with what became of them."""
    found = service.list_runs(at.unit, at.actor, paging.page)
    return Runs(items=[_run(at, one) for one in found.items], next=found.next)


@routes.post("/retention/runs", can="retention.manage", answers=RunOut, status=201, errors=[AlreadyOpen])
def propose(at: Edge) -> RunOut:
    """立即生成清单 / Draw the list up now instead of tonight. Nothing is erased by it while lists are confirmed."""
    return _run(at, service.propose(at.unit, at.actor))


@routes.post(
    "/retention/runs/{run_id}/confirm",
    can="retention.confirm",
    answers=RunOut,
    errors=[NotFound, NotProposed, SamePerson],
)
def confirm(run_id: Id, at: Edge) -> RunOut:
    """确认删除 / A second person's word: what is on the list is erased. There is no way back."""
    return _run(at, service.confirm(at.unit, at.actor, run_id))


@routes.post(
    "/retention/runs/{run_id}/refuse",
    can="retention.confirm",
    answers=RunOut,
    errors=[NotFound, NotProposed, SamePerson],
)
def refuse(run_id: Id, body: RefuseIn, at: Edge) -> RunOut:
    """不予删除 / Nothing of the list is erased."""
    return _run(at, service.refuse(at.unit, at.actor, run_id, body.note))


@routes.post("/retention/runs/{run_id}/prove", can="retention.read", answers=ProofOut, errors=[NotFound])
def prove(run_id: Id, at: Edge) -> ProofOut:
    """删除证明 / Look again at everything that a list has erased, and at its proof in the journal."""
    return told(service.prove(at.unit, at.actor, run_id))


def told(found: service.Proof) -> ProofOut:
    return ProofOut(
        run=found.run.id,
        ok=found.ok,
        erased=dict(found.erased),
        left=[LeftOut(thing=thing, part=part) for thing, part in sorted(found.left.items())],
        digest=found.run.digest,
        digest_agrees=found.digest_agrees,
        journal=found.journal,
    )


@routes.get("/privacy", can=PUBLIC, answers=NoticeOut)
def privacy(at: Edge) -> NoticeOut:
    """隐私告知 / What is kept of people here, how long, on what ground; made of the rules in force."""
    return notice.notice(service.list_rules(at.unit, KEEPER), at.lang)
