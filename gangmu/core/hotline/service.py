"""Use cases of calls at the seat: take one, end it class first, hand it over, make an order of it, count them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gangmu.base import access
from gangmu.core import event, knowledge
from gangmu.core.event import Event, Status
from gangmu.core.event import service as event_service
from gangmu.core.flow import service as flow_service
from gangmu.core.hotline import calls, model, shipped, store
from gangmu.core.hotline.errors import (
    CallClosed,
    FollowedUp,
    NoRecording,
    NotAnswered,
    NothingToConfirm,
    OutcomeNeeds,
    OwnClue,
)
from gangmu.core.hotline.model import (
    Call,
    CallAct,
    Confirm,
    Direction,
    Ending,
    Group,
    HandOver,
    Outcome,
    State,
    state_of,
)
from gangmu.core.hotline.settings import HotlineSettings
from gangmu.core.knowledge import numbers
from gangmu.core.report import Channel, Draft, Kind, Report, ReporterDraft
from gangmu.core.report import service as report_service
from gangmu.core.report.model import phone_digits
from gangmu.kit import ids, seal, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import t
from gangmu.kit.unit import Unit
from gangmu.messages.hotline import CallCounted, CallHandedOver

TAKE, CONFIRM, MANAGE = "call.take", "call.confirm", "hotline.manage"
IN_SCOPE, EMERGENCY = "in_scope", "emergency_"
WRAP_UP = timedelta(hours=16)


def load_shipped(unit: Unit) -> None:
    """Bring in the outcomes that are not there yet; a city's own wording stays."""
    there = {row.key for row in store.list_outcomes(unit, seen_by=unit.actor)}
    for row in shipped.outcomes():
        if row.key not in there:
            store.add_outcome(unit, row)


# --- seats ------------------------------------------------------------------------------------------------------


def take_seat(unit: Unit, actor: Actor, seat: str) -> None:
    """Sit down at a seat of the telephone system: its calls come to this post."""
    if actor.post is None:
        raise Invalid(field="post", reason="a seat is taken in a post")
    if seat.strip():
        store.take_seat(unit, " ".join(seat.split()), actor.post)
    else:
        store.leave_seat(unit, actor.post)


def seat_of(unit: Unit, actor: Actor) -> str:
    return store.seat_of(unit, actor.post) if actor.post else ""


# --- calls ------------------------------------------------------------------------------------------------------


def get_call(unit: Unit, actor: Actor, call_id: Id) -> Call:
    return store.get_call(unit, call_id, seen_by=actor)


def list_calls(
    unit: Unit, actor: Actor, at: Page, *, day: date | None, state: str, outcome: str, confirm: str, mine: bool
) -> Paged[Call]:
    """Calls, the newest first; of a day, a state, an outcome, or of one's own post."""
    since = until = None
    if day is not None:
        zone = unit.now.astimezone(calls.zone())
        start = zone.replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0)
        since, until = start, start + timedelta(days=1)
    return store.list_calls(
        unit,
        at,
        seen_by=actor,
        since=since,
        until=until,
        state=state,
        outcome_key=outcome,
        confirm=confirm,
        post=actor.post if mine else None,
    )


def mine(unit: Unit, actor: Actor) -> list[Call]:
    """The calls of one's post that ring, talk, or wait for their outcome."""
    if actor.post is None:
        return []
    return store.list_of_post(unit, actor.post, unit.now - WRAP_UP, seen_by=actor)


def acts_of(unit: Unit, actor: Actor, call_id: Id) -> list[CallAct]:
    store.get_call(unit, call_id, seen_by=actor)
    return store.acts_of(unit, call_id, seen_by=actor)


def hand_overs_of(unit: Unit, actor: Actor, call_id: Id) -> list[HandOver]:
    return store.list_hand_overs_of(unit, call_id, seen_by=actor)


def phone_of(unit: Unit, actor: Actor, call: Call, purpose: str) -> str:
    """The caller's number in clear; journaled."""
    if call.caller is None:
        return ""
    unit.saw_personal(call.id, ["caller.phone"], purpose[:200])
    return store.phone_of(unit, call.caller)


def reveal(unit: Unit, actor: Actor, call_id: Id, purpose: str) -> str:
    """The number of a call for a purpose, to who may read reporters there."""
    call = store.get_call(unit, call_id, seen_by=actor)
    access.require(actor, "reporter.read", call.division, orgs=actor.chain)
    return phone_of(unit, actor, call, purpose)


def begin(unit: Unit, actor: Actor, number: str = "") -> Call:
    """A call taken without the telephone system's telling: it is answered now, at one's own seat."""
    access.require(actor, TAKE, actor.division, orgs=actor.chain)
    if number.strip() and not phone_digits(number):
        raise Invalid(field="number", reason="a phone has 3 to 20 digits")
    new = Call(
        id=ids.new("tel"),
        source="seat",
        call_no="",
        queue="",
        seat=seat_of(unit, actor),
        direction=Direction.incoming.value,
        caller=calls.caller_of(unit, number),
        division=actor.division,
        post=actor.post,
        person=actor.person,
        org=actor.org,
        state=State.answered.value,
        began_at=unit.now,
        answered_at=unit.now,
    )
    store.add_call(unit, new)
    calls.count(unit, None, new)
    calls.note(unit, actor, new.id, "begin", unit.now)
    calls.tell(unit, new, "begin")
    return new


def _at_hand(unit: Unit, actor: Actor, call_id: Id, version: int | None = None) -> Call:
    """A call that one may work on: one's own, nobody's, or any for who leads the shift."""
    call = store.get_call(unit, call_id, seen_by=actor, lock=True)
    access.require(actor, TAKE, call.division, orgs=actor.chain)
    if call.post is not None and call.post != actor.post:
        access.require(actor, CONFIRM, call.division, orgs=actor.chain)
    if version is not None and version != call.version:
        raise StaleWrite(about=str(call_id))
    return call


def _owned(call: Call, actor: Actor) -> Call:
    if call.post is not None:
        return call
    return replace(call, post=actor.post, person=actor.person, org=actor.org)


# --- how it ends ------------------------------------------------------------------------------------------------


def outcome_named(unit: Unit, actor: Actor, key: str) -> Outcome:
    found = store.find_outcome(unit, key, seen_by=actor)
    if found is None:
        raise NotFound(what=key)
    return found


def close(unit: Unit, actor: Actor, call_id: Id, key: str, given: Ending, lang: str) -> Call:
    """End a call on the line: from the knowledge base, with its lawful way, explained, as a clue, as repeated. The
    words for the caller are the outcome's unless others are given; nobody goes without any."""
    call = _owned(_at_hand(unit, actor, call_id), actor)
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
    was = _at_hand(unit, actor, call_id)
    besides = was.outcome_group == Group.emergency and was.event is None
    if not was.is_open and not besides:
        raise CallClosed()
    if was.answered_at is None:
        raise NotAnswered()
    taken, about = event_service.take_report(unit, actor, draft, join=join, flow_id=flow_id, urgent=urgent)
    outcome = outcome_named(unit, actor, IN_SCOPE)
    call = _owned(was, actor)
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
    was = _at_hand(unit, actor, call_id)
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
    store.add_hand_over(unit, new)
    saved = was
    if was.is_open:
        words = model.fill(outcome.answer_en if lang == "en" else outcome.answer_zh, {"authority": receiver})
        done = model.ended(_owned(was, actor), outcome, Ending(kind=kind, text=note), words, unit.now)
        saved = calls.save(unit, done, was)
        _told(unit, saved)
    calls.note(unit, actor, was.id, "hand_over", unit.now, line=line, receiver=receiver, note=note[:500])
    unit.tell(CallHandedOver(about=new.id, call_id=was.id, line=line, division=was.division, orgs=[]))
    return saved, new


def list_hand_overs(unit: Unit, actor: Actor, at: Page, open_only: bool) -> Paged[HandOver]:
    return store.list_hand_overs(unit, at, open_only, seen_by=actor)


def follow_up(unit: Unit, actor: Actor, hand_over_id: Id, result: str) -> HandOver:
    """Somebody has asked what became of a hand-over."""
    was = store.get_hand_over(unit, hand_over_id, seen_by=actor, lock=True)
    access.require(actor, TAKE, was.division, orgs=actor.chain)
    if not was.is_open:
        raise FollowedUp()
    if len(result.strip()) < model.SHORTEST_REASON:
        raise OutcomeNeeds(what="result", outcome=was.line)
    done = replace(was, state="done", result=result.strip()[:2000], done_at=unit.now, done_by=actor.person)
    store.save_hand_over(unit, done, was)
    calls.note(unit, actor, was.call, "follow_up", unit.now, line=was.line, result=done.result[:500])
    unit.tell(CallHandedOver(about=was.id, call_id=was.call, line=was.line, division=was.division, orgs=[]))
    return replace(done, version=was.version + 1)


def transfer(unit: Unit, actor: Actor, call_id: Id, way: str, receiver: str, said: str) -> Call:
    """A three-party call (三方通话), or put through to a department or its expert seat: recorded with whom."""
    was = _at_hand(unit, actor, call_id)
    if not was.is_open:
        raise CallClosed()
    if was.answered_at is None:
        raise NotAnswered()
    if not receiver.strip():
        raise OutcomeNeeds(what="receiver", outcome=way)
    saved = calls.save(unit, replace(_owned(was, actor), way=way), was)
    calls.note(unit, actor, was.id, way, unit.now, receiver=receiver.strip()[:200], note=said[:500])
    return saved


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


def hang_up(unit: Unit, actor: Actor, call_id: Id) -> Call:
    """The talk has ended, where no telephone system tells."""
    was = _at_hand(unit, actor, call_id)
    if was.ended_at is not None:
        return was
    ended = replace(was, ended_at=unit.now)
    saved = calls.save(unit, replace(ended, state=state_of(ended).value), was)
    calls.note(unit, actor, was.id, "hang_up", unit.now)
    return saved


def recording(unit: Unit, actor: Actor, call_id: Id, purpose: str) -> str:
    """The link to the recording, for a purpose; journaled. The recording itself stays where it is."""
    call = store.get_call(unit, call_id, seen_by=actor)
    access.require(actor, "recording.read", call.division, orgs=actor.chain)
    url = store.recording_of(unit, call_id)
    if not url:
        raise NoRecording()
    unit.saw_personal(call.id, ["recording"], purpose[:200])
    return url


# --- who calls --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a number: the masked name given last, calls, reports, and whether he once asked for
    confidence."""

    name: str
    calls: Sequence[Call]
    reports: Sequence[Report]
    confidential: bool


def history_of_call(unit: Unit, actor: Actor, call_id: Id) -> History:
    """The caller's history, for the screen that pops up."""
    call = store.get_call(unit, call_id, seen_by=actor)
    if call.caller is None:
        return History("", [], [], False)
    found = _history(unit, actor, store.phone_of(unit, call.caller))
    return replace(found, calls=[one for one in found.calls if one.id != call.id])


def history_of_phone(unit: Unit, actor: Actor, phone: str) -> History:
    if not phone_digits(phone):
        return History("", [], [], False)
    return _history(unit, actor, phone)


def _history(unit: Unit, actor: Actor, phone: str) -> History:
    access.require(actor, "reporter.read", actor.division, orgs=actor.chain)
    name, reports = report_service.history_of(unit, actor, phone)
    caller = store.find_caller(unit, seal.keys().blind(phone_digits(phone)))
    most = settings.get(HotlineSettings).history_most
    earlier = [] if caller is None else store.list_of_caller(unit, caller, most, seen_by=actor)
    unit.saw_personal(f"caller:{caller or ''}", ["caller.phone"], "caller history")
    hidden = set(report_service.confidential_of(unit, actor, phone))
    shown = [one for one in earlier if one.report not in hidden]
    return History(name, shown, reports, bool(hidden))


def calls_of_event(unit: Unit, actor: Actor, event_id: Id) -> list[Call]:
    """The calls about an event that one may see."""
    event.get_event(unit, actor, event_id)
    return store.list_of_event(unit, event_id, seen_by=actor)


# --- outcomes as data -------------------------------------------------------------------------------------------


def list_outcomes(unit: Unit, actor: Actor, history: str = "") -> list[Outcome]:
    return store.list_outcomes(unit, seen_by=actor, history=history)


def outcomes_by_id(unit: Unit, actor: Actor, wanted: Sequence[Id]) -> dict[Id, Outcome]:
    return store.get_outcomes(unit, wanted, seen_by=actor)


def change_outcome(unit: Unit, actor: Actor, key: str, wording: Outcome, version: int) -> Outcome:
    """The next edition of an outcome's words, from today on. What it needs and how it is counted are the house's."""
    was = outcome_named(unit, actor, key)
    if was.version != version:
        raise StaleWrite(about=str(was.id))
    if not wording.answer_zh.strip() or not wording.title_zh.strip():
        raise Invalid(field="answer_zh", reason="the caller gets words")
    day = calls.day_of(unit.now)
    kept = ("group", "needs", "place", "key")
    new = replace(
        wording,
        id=ids.new("hoc"),
        valid_from=day,
        valid_to=None,
        version=1,
        **{name: getattr(was, name) for name in kept},
    )
    store.end_outcome(unit, was, max(day, was.valid_from))
    store.add_outcome(unit, new)
    return new


# --- figures ----------------------------------------------------------------------------------------------------


def figures(
    unit: Unit, actor: Actor, first: date, last: date, division: str = ""
) -> dict[date, dict[tuple[str, str], int]]:
    """The counts of each day that has any: calls and matters, answers and misses, outcomes and kinds."""
    if last < first or (last - first).days > 366:
        raise Invalid(field="last", reason="at most a year, first day first")
    return store.counts_between(unit, first, last, seen_by=actor, division=division)


@access.thing("tel")
def locate(unit: Unit, call_id: Id) -> access.Located:
    """Where a call stands, for ``gangmu why``."""
    call = store.get_call(unit, call_id, seen_by=System("access.why"))
    return access.Located(call.division)
