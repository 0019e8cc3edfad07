"""Missed calls (漏接): who must be called back, until when, how often it was tried, how it ended."""

from dataclasses import replace

from gangmu.base import access
from gangmu.core.hotline import calls, missed_store, model, store
from gangmu.core.hotline.errors import MissedDone
from gangmu.core.hotline.model import Call, Direction, Missed, MissedState, State, state_of
from gangmu.core.knowledge import numbers
from gangmu.kit import ids
from gangmu.kit.actor import Actor, System
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit
from gangmu.messages.hotline import CallMissed

RETURN = "call.return"
_HOUSE = System("hotline.missed")


def add(unit: Unit, call: Call) -> Call:
    """One more missed call of a number: they are called back together, by the clock of the first."""
    assert call.caller is not None and call.began_at is not None
    store.hold_caller(unit, call.caller)
    at = call.missed_at or call.ended_at or call.began_at
    was = missed_store.find_open_missed(unit, call.caller, seen_by=_HOUSE)
    if was is None:
        due_at = numbers.due_after(unit, "hotline.call_back_limit", at)
        group = Missed(
            ids.new("mis"), call.caller, call.division, 1, at, at, due_at, MissedState.open.value,
            0, None, None, None, "",
        )  # fmt: skip
        missed_store.add_missed(unit, group)
    else:
        group = was
        more = replace(was, times=was.times + 1, first_at=min(was.first_at, at), last_at=max(was.last_at, at))
        if at < was.first_at:
            more = replace(more, due_at=numbers.due_after(unit, "hotline.call_back_limit", at))
        missed_store.save_missed(unit, more, was)
    unit.tell(CallMissed(about=group.id, division=group.division, orgs=[]))
    return calls.save(unit, replace(call, missed=group.id), call)


def take_out(unit: Unit, call: Call) -> Call:
    """The call was answered after all: it is no missed one."""
    assert call.missed is not None
    was = missed_store.get_missed(unit, call.missed, seen_by=_HOUSE, lock=True)
    if was.is_open:
        left = was.times - 1
        state = was.state if left else MissedState.void.value
        done_at = None if left else unit.now
        missed_store.save_missed(unit, replace(was, times=left, state=state, done_at=done_at), was)
    return calls.save(unit, replace(call, missed=None, called_back_at=None), call)


def came_again(unit: Unit, call: Call) -> None:
    """Who was missed has called again and was answered: nobody need call him back."""
    assert call.caller is not None
    store.hold_caller(unit, call.caller)
    was = missed_store.find_open_missed(unit, call.caller, seen_by=_HOUSE)
    if was is None or call.answered_at is None or call.answered_at < was.last_at:
        return
    _settle(unit, was, MissedState.came_again, None)


def list_missed(unit: Unit, actor: Actor, at: Page, open_only: bool) -> Paged[Missed]:
    return missed_store.list_missed(unit, at, open_only, seen_by=actor)


def _mine(unit: Unit, actor: Actor, missed_id: Id) -> Missed:
    was = missed_store.get_missed(unit, missed_id, seen_by=actor, lock=True)
    access.require(actor, RETURN, was.division, orgs=actor.chain)
    if not was.is_open:
        raise MissedDone(state=was.state)
    return was


def number_of(unit: Unit, actor: Actor, missed_id: Id) -> str:
    """The number to call back, in clear; journaled."""
    was = missed_store.get_missed(unit, missed_id, seen_by=actor)
    access.require(actor, RETURN, was.division, orgs=actor.chain)
    unit.saw_personal(was.id, ["caller.phone"], "call back")
    return store.phone_of(unit, was.caller)


def try_back(unit: Unit, actor: Actor, missed_id: Id, reached: bool) -> tuple[Missed, Call | None]:
    """A call-back was tried. When somebody picked up, all missed calls of the number are called back, and the talk is a
    call of its own, whose outcome the seat records."""
    was = _mine(unit, actor, missed_id)
    tried = replace(was, tries=was.tries + 1, tried_at=unit.now)
    if not reached:
        missed_store.save_missed(unit, tried, was)
        return replace(tried, version=was.version + 1), None
    done = replace(tried, state=MissedState.reached.value, done_at=unit.now, done_by=actor.person)
    missed_store.save_missed(unit, done, was)
    _called_back(unit, was.id)
    talk = Call(
        id=ids.new("tel"),
        source="seat",
        call_no="",
        queue="",
        seat=store.seat_of(unit, actor.post) if actor.post else "",
        direction=Direction.outgoing.value,
        caller=was.caller,
        division=actor.division,
        post=actor.post,
        person=actor.person,
        org=actor.org,
        state=State.answered.value,
        began_at=unit.now,
        rang_at=unit.now,
        answered_at=unit.now,
    )
    store.add_call(unit, talk)
    calls.count(unit, None, talk)
    calls.note(unit, actor, talk.id, "call_back", unit.now, missed=was.id)
    calls.tell(unit, talk, "call_back")
    return replace(done, version=was.version + 1), talk


def give_up(unit: Unit, actor: Actor, missed_id: Id, reason: str) -> Missed:
    """Nobody picked up, often enough: closed with the reason."""
    was = _mine(unit, actor, missed_id)
    model.check_giving_up(was, numbers.count_of(unit, "hotline.call_back_tries"), reason)
    done = replace(
        was,
        state=MissedState.given_up.value,
        reason=reason.strip()[:500],
        done_at=unit.now,
        done_by=actor.person,
    )
    missed_store.save_missed(unit, done, was)
    return replace(done, version=was.version + 1)


def _settle(unit: Unit, was: Missed, state: MissedState, person: Id | None) -> None:
    missed_store.save_missed(unit, replace(was, state=state.value, done_at=unit.now, done_by=person), was)
    _called_back(unit, was.id)
    unit.tell(CallMissed(about=was.id, division=was.division, orgs=[]))


def _called_back(unit: Unit, missed_id: Id) -> None:
    """All missed calls of the number have been dealt with."""
    for one in store.list_of_missed(unit, missed_id, seen_by=_HOUSE):
        changed = replace(one, called_back_at=unit.now)
        calls.save(unit, replace(changed, state=state_of(changed).value), one)
