"""How a call ends: answered on the line, made an order of, handed to an emergency line, a clue that is confirmed."""

from dataclasses import replace

from gangmu.base import access
from gangmu.core import event, knowledge
from gangmu.core.event import Event, Status
from gangmu.core.event import service as event_service
from gangmu.core.flow import service as flow_service
from gangmu.core.hotline import calls, hand_over_store, model, store
from gangmu.core.hotline.errors import (
    CallClosed,
    FollowedUp,
    NotAnswered,
    NothingToConfirm,
    OutcomeNeeds,
    OwnClue,
)
from gangmu.core.hotline.model import (
    Call,
    Confirm,
    Ending,
    Group,
    HandOver,
)
from gangmu.core.hotline.outcomes import outcome_named
from gangmu.core.hotline.service import CONFIRM, TAKE, at_hand, owned
from gangmu.core.knowledge import numbers
from gangmu.core.report import Channel, Draft, Kind, Report, ReporterDraft
from gangmu.kit import ids
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import t
from gangmu.kit.unit import Unit
from gangmu.messages.hotline import CallCounted, CallHandedOver

IN_SCOPE, EMERGENCY = "in_scope", "emergency_"


def hand_overs_of(unit: Unit, actor: Actor, call_id: Id) -> list[HandOver]:
    return hand_over_store.list_hand_overs_of(unit, call_id, seen_by=actor)


def close(unit: Unit, actor: Actor, call_id: Id, key: str, given: Ending, lang: str) -> Call:
    """End a call on the line: from the knowledge base, with its lawful way, explained, as a clue, as repeated. The
    words for the caller are the outcome's unless others are given; nobody goes without any."""
    call = owned(at_hand(unit, actor, call_id), actor)
    outcome = outcome_named(unit, actor, key)
    model.check_ending(call, outcome, given)
    was = store.get_call(unit, call_id, seen_by=actor)
    seen = knowledge.find_entries(unit, actor, given.entries)
    blanks = {"authority": given.authority or (outcome.authority_en if lang == "en" else outcome.authority_zh)}
    if given.entries:
        knowledge.note_uses(unit, actor, given.entries)
        blanks["entry"] = seen[given.entries[0]].answer
    joined, about = None, None
    if given.event is not None:
        joined, about = _repeat(unit, actor, call, given, lang)
        blanks |= {"case_no": about.case_no, "state": _state_title(unit, actor, about, lang)}
    words = given.answer.strip() or model.fill(outcome.answer_en if lang == "en" else outcome.answer_zh, blanks)
    if len(words) < model.SHORTEST_REASON:
        raise OutcomeNeeds(what="answer", outcome=outcome.key)
    done = model.ended(call, outcome, replace(given, way=given.way or call.way), words[:8000], unit.now)
    if joined is not None:
        done = replace(done, report=joined.id)
    saved = calls.save(unit, done, was)
    editions = " ".join(f"{one.id}/{one.edition}" for one in seen.values())
    calls.note(unit, actor, call.id, "close", unit.now, outcome=outcome.key, reason=given.reason, entries=editions)
    _told(unit, saved)
    return saved


def _repeat(unit: Unit, actor: Actor, call: Call, given: Ending, lang: str) -> tuple[Report | None, Event]:
    """The matter is an event already: while it is open the call joins it, so that callers are counted."""
    assert given.event is not None
    about = event.get_event(unit, actor, given.event)
    if about.status != Status.open:
        return None, about
    draft = _draft_of(unit, call, given, lang)
    joined, _ = event_service.take_report(unit, actor, draft, join=about.id)
    return joined, about


def _draft_of(unit: Unit, call: Call, given: Ending, lang: str) -> Draft:
    words = given.text.strip() or call.text or given.reason.strip() or t("hotline.called_again", lang)
    phone = store.phone_of(unit, call.caller) if call.caller else ""
    return Draft(
        channel=Channel.hotline12345,
        kind=Kind(given.kind),
        text=words,
        division=call.division,
        reporter=ReporterDraft(phone=phone),
    )


def _state_title(unit: Unit, actor: Actor, about: Event, lang: str) -> str:
    way = flow_service.get_flow(unit, actor, about.flow, about.flow_version)
    state = way.find_state(about.state)
    return about.state if state is None else str(state.title.get("en" if lang == "en" else "zh", about.state))


def _told(unit: Unit, call: Call) -> None:
    calls.tell(unit, call, "close")
    assert call.closed_at is not None
    unit.tell(
        CallCounted(
            call_id=call.id,
            outcome=call.outcome_key,
            group=call.outcome_group,
            kind=call.kind,
            division=call.division,
            orgs=[str(call.org)] if call.org else [],
            event=call.event,
            closed_at=call.closed_at,
        )
    )


def make_order(
    unit: Unit, actor: Actor, call_id: Id, draft: Draft, *, join: Id | None, flow_id: str, urgent: bool, lang: str
) -> tuple[Call, Report, Event | None]:
    """In scope: the call becomes a report, which opens an event or joins one, and is closed with it. A call that was
    passed to an emergency line may become an order besides."""
    was = at_hand(unit, actor, call_id)
    besides = was.outcome_group == Group.emergency and was.event is None
    if not was.is_open and not besides:
        raise CallClosed()
    if was.answered_at is None:
        raise NotAnswered()
    taken, about = event_service.take_report(unit, actor, draft, join=join, flow_id=flow_id, urgent=urgent)
    outcome = outcome_named(unit, actor, IN_SCOPE)
    call = owned(was, actor)
    linked = {"report": taken.id, "event": about.id if about else None, "is_new_matter": join is None}
    if besides:
        done = replace(call, **linked)
    else:
        words = outcome.answer_en if lang == "en" else outcome.answer_zh
        given = Ending(kind=draft.kind.value, text=draft.text)
        done = replace(model.ended(call, outcome, given, model.fill(words, {}), unit.now), **linked)
    if done.caller is None and draft.reporter.phone and not draft.reporter.anonymous:
        done = replace(done, caller=calls.caller_of(unit, draft.reporter.phone))
    saved = calls.save(unit, done, was)
    calls.note(unit, actor, call.id, "order", unit.now, event=str(saved.event or ""), join=str(join or ""))
    _told(unit, saved)
    return saved, taken, about


def hand_over(
    unit: Unit, actor: Actor, call_id: Id, line: str, note: str, kind: str, lang: str
) -> tuple[Call, HandOver]:
    """Urgent: passed to 110, 119, 120 or 122 at once, by one key; the time, who did it and who took it are kept, and
    somebody follows it up. A second line may be told of the same call."""
    was = at_hand(unit, actor, call_id)
    if was.answered_at is None:
        raise NotAnswered()
    if not was.is_open and was.outcome_group != Group.emergency:
        raise CallClosed()
    outcome = outcome_named(unit, actor, EMERGENCY + line)
    receiver = outcome.authority_en if lang == "en" else outcome.authority_zh
    new = HandOver(
        id=ids.new("hov"),
        call=was.id,
        line=line,
        receiver=receiver,
        division=was.division,
        handed_at=unit.now,
        handed_by=actor.person,
        due_at=numbers.due_after(unit, "hotline.follow_up_limit", unit.now),
        state="open",
        result="",
        done_at=None,
        done_by=None,
    )
    hand_over_store.add_hand_over(unit, new)
    saved = was
    if was.is_open:
        words = model.fill(outcome.answer_en if lang == "en" else outcome.answer_zh, {"authority": receiver})
        done = model.ended(owned(was, actor), outcome, Ending(kind=kind, text=note), words, unit.now)
        saved = calls.save(unit, done, was)
        _told(unit, saved)
    calls.note(unit, actor, was.id, "hand_over", unit.now, line=line, receiver=receiver, note=note[:500])
    unit.tell(CallHandedOver(about=new.id, call_id=was.id, line=line, division=was.division, orgs=[]))
    return saved, new


def list_hand_overs(unit: Unit, actor: Actor, at: Page, open_only: bool) -> Paged[HandOver]:
    return hand_over_store.list_hand_overs(unit, at, open_only, seen_by=actor)


def follow_up(unit: Unit, actor: Actor, hand_over_id: Id, result: str) -> HandOver:
    """Somebody has asked what became of a hand-over."""
    was = hand_over_store.get_hand_over(unit, hand_over_id, seen_by=actor, lock=True)
    access.require(actor, TAKE, was.division, orgs=actor.chain)
    if not was.is_open:
        raise FollowedUp()
    if len(result.strip()) < model.SHORTEST_REASON:
        raise OutcomeNeeds(what="result", outcome=was.line)
    done = replace(was, state="done", result=result.strip()[:2000], done_at=unit.now, done_by=actor.person)
    hand_over_store.save_hand_over(unit, done, was)
    calls.note(unit, actor, was.call, "follow_up", unit.now, line=was.line, result=done.result[:500])
    unit.tell(CallHandedOver(about=was.id, call_id=was.call, line=was.line, division=was.division, orgs=[]))
    return replace(done, version=was.version + 1)


def confirm(unit: Unit, actor: Actor, call_id: Id, agree: bool, reason: str) -> Call:
    """The shift leader agrees that a call is a clue for the police, or gives it back for another outcome. Who proposed
    it does not decide."""
    was = store.get_call(unit, call_id, seen_by=actor, lock=True)
    access.require(actor, CONFIRM, was.division, orgs=actor.chain)
    if was.confirm != Confirm.pending:
        raise NothingToConfirm()
    if was.person is not None and was.person == actor.person:
        raise OwnClue()
    if len(reason.strip()) < model.SHORTEST_REASON:
        raise OutcomeNeeds(what="reason", outcome=was.outcome_key)
    done = replace(was, confirm=Confirm.agreed.value) if agree else model.reopened(was)
    saved = calls.save(unit, done, was)
    calls.note(unit, actor, was.id, "agree" if agree else "disagree", unit.now, reason=reason.strip()[:500])
    calls.tell(unit, saved, "confirm")
    return saved
