"""Use cases of calls at the seat: take one, look at it, put it through, hear it again."""

from dataclasses import replace
from datetime import date, timedelta

from gangmu.base import access
from gangmu.core.hotline import calls, outcome_store, shipped, store
from gangmu.core.hotline.errors import (
    CallClosed,
    NoRecording,
    NotAnswered,
    OutcomeNeeds,
)
from gangmu.core.hotline.model import (
    Call,
    CallAct,
    Direction,
    State,
    state_of,
)
from gangmu.core.report.model import phone_digits
from gangmu.kit import ids
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit
from gangmu.kit.zone import zone as city_zone

TAKE, CONFIRM, MANAGE = "call.take", "call.confirm", "hotline.manage"

WRAP_UP = timedelta(hours=16)


def load_shipped(unit: Unit) -> None:
    """Bring in the outcomes that are not there yet; a city's own wording stays."""
    there = {row.key for row in outcome_store.list_outcomes(unit, seen_by=unit.actor)}
    for row in shipped.outcomes():
        if row.key not in there:
            outcome_store.add_outcome(unit, row)


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


def get_call(unit: Unit, actor: Actor, call_id: Id) -> Call:
    return store.get_call(unit, call_id, seen_by=actor)


def list_calls(
    unit: Unit, actor: Actor, at: Page, *, day: date | None, state: str, outcome: str, confirm: str, mine: bool
) -> Paged[Call]:
    """Calls, the newest first; of a day, a state, an outcome, or of one's own post."""
    since = until = None
    if day is not None:
        zone = unit.now.astimezone(city_zone())
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


def at_hand(unit: Unit, actor: Actor, call_id: Id, version: int | None = None) -> Call:
    """A call that one may work on: one's own, nobody's, or any for who leads the shift."""
    call = store.get_call(unit, call_id, seen_by=actor, lock=True)
    access.require(actor, TAKE, call.division, orgs=actor.chain)
    if call.post is not None and call.post != actor.post:
        access.require(actor, CONFIRM, call.division, orgs=actor.chain)
    if version is not None and version != call.version:
        raise StaleWrite(about=str(call_id))
    return call


def owned(call: Call, actor: Actor) -> Call:
    if call.post is not None:
        return call
    return replace(call, post=actor.post, person=actor.person, org=actor.org)


def transfer(unit: Unit, actor: Actor, call_id: Id, way: str, receiver: str, said: str) -> Call:
    """A three-party call (三方通话), or put through to a department or its expert seat: recorded with whom."""
    was = at_hand(unit, actor, call_id)
    if not was.is_open:
        raise CallClosed()
    if was.answered_at is None:
        raise NotAnswered()
    if not receiver.strip():
        raise OutcomeNeeds(what="receiver", outcome=way)
    saved = calls.save(unit, replace(owned(was, actor), way=way), was)
    calls.note(unit, actor, was.id, way, unit.now, receiver=receiver.strip()[:200], note=said[:500])
    return saved


def hang_up(unit: Unit, actor: Actor, call_id: Id) -> Call:
    """The talk has ended, where no telephone system tells."""
    was = at_hand(unit, actor, call_id)
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


@access.thing("tel")
def locate(unit: Unit, call_id: Id) -> access.Located:
    """Where a call stands, for ``gangmu why``."""
    call = store.get_call(unit, call_id, seen_by=System("access.why"))
    return access.Located(call.division)
