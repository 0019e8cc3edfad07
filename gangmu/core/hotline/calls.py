"""What all use cases of calls share: the caller behind a number, saving with figures, history, ticks."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from gangmu.core.hotline import model, outcome_store, store
from gangmu.core.hotline.model import Call, CallAct, Tally
from gangmu.core.knowledge import numbers
from gangmu.core.report.model import phone_digits
from gangmu.kit import ids, seal
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, pays
from gangmu.kit.zone import day_of
from gangmu.messages.hotline import CallMoved, CallTold


def caller_of(unit: Unit, number: str) -> Id | None:
    """The caller behind a number, known or new; None for a number that is withheld or none."""
    digits = phone_digits(number)
    if not digits:
        return None
    hashed = seal.keys().blind(digits)
    known = store.find_caller(unit, hashed)
    if known is not None:
        return known
    new = ids.new("clr")
    store.add_caller(unit, new, unit.seal(new, digits), hashed)
    return new


def save(unit: Unit, now: Call, was: Call) -> Call:
    """Keep a call, and its figures with it."""
    if now == was:
        return was
    store.save_call(unit, now, was)
    count(unit, was, now)
    return replace(now, version=was.version + 1)


def count(unit: Unit, was: Call | None, now: Call) -> None:
    """Add to the figures what a change of a call makes of them."""
    within_s = numbers.count_of(unit, "hotline.answer_within_s")
    before = Tally() if was is None else model.counted(was, within_s)
    after = model.counted(now, within_s)
    if was is not None and _place(was) != _place(now):
        outcome_store.add_counts(unit, *_place(was), model.delta(before, Tally()))
        before = Tally()
    outcome_store.add_counts(unit, *_place(now), model.delta(before, after))


def _place(call: Call) -> tuple[date, str]:
    assert call.began_at is not None
    return day_of(call.began_at), call.division


def note(unit: Unit, actor: Actor, call: Id, what: str, at: datetime, **told: str) -> None:
    """A line in the history of a call."""
    said: Mapping[str, Any] = {name: value for name, value in told.items() if value}
    store.add_act(unit, CallAct(ids.new("tac"), call, what, at, unit.now, actor.person, actor.name, said))


@pays(store.OWED)
def tell_rows(unit: Unit, rows: list[Call]) -> None:
    """The rows of calls that this unit has moved, once each."""
    for one in rows:
        assert one.began_at is not None
        unit.tell(
            CallTold(
                call_id=one.id,
                version=one.version,
                direction=one.direction,
                state=one.state,
                division=one.division,
                org=one.org,
                post=one.post,
                person=one.person,
                outcome=one.outcome_key,
                group=one.outcome_group,
                kind=one.kind,
                event=one.event,
                is_new_matter=one.is_new_matter,
                began_at=one.began_at,
                rang_at=one.rang_at,
                answered_at=one.answered_at,
                missed_at=one.missed_at,
                called_back_at=one.called_back_at,
                closed_at=one.closed_at,
            )
        )


def tell(unit: Unit, call: Call, fact: str) -> None:
    """Let the operator's screen know."""
    orgs = [call.org] if call.org else []
    unit.tell(
        CallMoved(
            about=str(call.post or ""),
            call_id=call.id,
            fact=fact,
            state=call.state,
            division=call.division,
            orgs=[str(one) for one in orgs],
            at=unit.now,
        )
    )
