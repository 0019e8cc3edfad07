"""What the telephone system (CTI, 话务系统) tells of calls: idempotent by its number and the fact, in any order."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from gangmu.base import access, org
from gangmu.core.hotline import calls, missing, model, store
from gangmu.core.hotline.errors import FactTooOdd
from gangmu.core.hotline.model import Call, Direction, Fact, State
from gangmu.core.hotline.settings import HotlineSettings
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor
from gangmu.kit.unit import Unit

TELL = "cti.write"


@dataclass(frozen=True, slots=True)
class CallFact:
    """A fact of a call as the telephone system tells it. ``call_no`` is its own number of the call."""

    call_no: str
    fact: Fact
    at: datetime
    number: str = ""
    queue: str = ""
    seat: str = ""
    recording_url: str = ""


def take_fact(unit: Unit, actor: Actor, told: CallFact) -> tuple[Call, bool]:
    """Take a fact down. Returns the call and whether the fact was new: told again, nothing changes."""
    access.require(actor, TELL, actor.division, orgs=actor.chain)
    _check(unit, told)
    store.hold_call(unit, actor.name, told.call_no)
    was = store.find_numbered(unit, actor.name, told.call_no, seen_by=actor)
    call = was or _first(unit, actor, told)
    now = _seated(unit, model.told(call, told.fact, told.at, told.seat, told.queue), told)
    if now.caller is None and told.number:
        now = replace(now, caller=calls.caller_of(unit, told.number))
    has_link = bool(told.recording_url) and not call.has_recording
    if now == call and was is not None and not has_link:
        return was, False
    now = replace(now, has_recording=call.has_recording or has_link)
    if was is None:
        store.add_call(unit, now)
        calls.count(unit, None, now)
    else:
        now = calls.save(unit, now, was)
    if has_link:
        store.keep_recording(unit, now.id, told.recording_url)
    calls.note(unit, actor, now.id, told.fact.value, told.at, seat=told.seat, queue=told.queue)
    now = _missed_or_found(unit, now, told)
    calls.tell(unit, now, told.fact.value)
    return now, True


def _check(unit: Unit, told: CallFact) -> None:
    ahead = timedelta(seconds=settings.get(HotlineSettings).fact_ahead_s)
    if told.at > unit.now + ahead:
        raise FactTooOdd(what="at")
    if told.recording_url:
        parts = urlsplit(told.recording_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FactTooOdd(what="recording_url")


def _first(unit: Unit, actor: Actor, told: CallFact) -> Call:
    """A call of which this is the first that one hears."""
    return Call(
        id=ids.new("tel"),
        source=actor.name,
        call_no=told.call_no,
        queue=told.queue,
        seat="",
        direction=Direction.incoming.value,
        caller=None,
        division=actor.division,
        post=None,
        person=None,
        org=None,
        state=State.ringing.value,
        began_at=told.at,
    )


def _seated(unit: Unit, call: Call, told: CallFact) -> Call:
    """The operator who sits at the call's seat. Who has answered it keeps it."""
    if not call.seat or (call.post is not None and told.fact is not Fact.answer):
        return call
    post_id = store.post_at(unit, call.seat)
    if post_id is None or post_id == call.post or call.closed_at is not None:
        return call
    post = org.get_post(unit, unit.actor, post_id)
    return replace(call, post=post.id, person=post.person, org=post.org, division=post.division)


def _missed_or_found(unit: Unit, call: Call, told: CallFact) -> Call:
    """A missed call waits for its call-back; one that turns out answered waits no more, nor do those before it."""
    if call.caller is None or call.direction != Direction.incoming:
        return call
    if call.state == State.missed and call.missed is None:
        return missing.add(unit, call)
    if call.state in (State.answered, State.closed) and call.answered_at is not None:
        if call.missed is not None:
            call = missing.take_out(unit, call)
        missing.came_again(unit, call)
    return call
