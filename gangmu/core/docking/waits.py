"""Rows that wait: tried once more when what they waited for is there, or set aside by somebody."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from gangmu.base.access import applications
from gangmu.core.docking import alarms, inbound_store, link_store, order_store
from gangmu.core.docking.acting import apply
from gangmu.core.docking.inbound_store import Waiting
from gangmu.core.docking.model import Docked, Link, Why
from gangmu.core.docking.opening import take_orders
from gangmu.core.docking.rows import TAKER, Fresh, Hold, Taken, number_of, tell
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.sdk.exchange import ForeignAct, ForeignOrder

RERUN_BATCH = 500


def follow_up(unit: Unit, actor: Actor, link: Link, numbers: Iterable[str], told: Taken) -> None:
    """After an order or act was taken: what waited for it, in its order."""
    for waiting in inbound_store.list_waiting_of(unit, link.id, numbers, seen_by=TAKER):
        _again(unit, actor, link, waiting, told)


def rerun(unit: Unit, link: Link, after: Id | None, whys: Sequence[str]) -> tuple[Id | None, Taken]:
    """Try rows that wait once more, a batch. Returns the last one looked at while more may follow."""
    link_store.get_pulse(unit, link.id, seen_by=TAKER, lock=True)
    told = Taken()
    rows = inbound_store.list_ready(unit, link.id, whys, after, RERUN_BATCH, seen_by=TAKER)
    if rows:
        actor = applications.actor_of(unit, link.application)
        orders = [row for row in rows if row.what == "order"]
        _rerun_orders(unit, actor, link, orders, told)
        for row in rows:
            if row.what == "act":
                _again(unit, actor, link, inbound_store.get_waiting(unit, row.id, seen_by=TAKER), told)
        alarms.sound_unmapped(unit, link)
        if told.orders or told.acts:
            tell(unit, link, told)
    return (rows[-1].id if len(rows) == RERUN_BATCH else None), told


def _rerun_orders(unit: Unit, actor: Actor, link: Link, rows: list[Waiting], told: Taken) -> None:
    bodies = inbound_store.bodies_of(unit, [row.id for row in rows])
    fresh = []
    for row in rows:
        body = unit.unseal(row.id, bodies.get(row.id))
        if body is not None:
            fresh.append(Fresh(row.id, msgspec.json.decode(body, type=ForeignOrder)))
    takeover = {one.id: one.code for one in rows if one.field == "state_in"}
    take_orders(unit, actor, link, fresh, told, bool(takeover))
    by_id = {row.id: row for row in rows}
    for one in fresh:
        _settled(unit, by_id[one.id], one.hold)
    taken = {number_of(one.row) for one in fresh if one.hold is None}
    follow_up(unit, actor, link, taken, told)


def _again(unit: Unit, actor: Actor, link: Link, waiting: Waiting, told: Taken) -> None:
    """One act that waited, if it still does."""
    if waiting.state != "waiting":
        return
    body = unit.unseal(waiting.id, inbound_store.bodies_of(unit, [waiting.id]).get(waiting.id))
    if body is None:
        return
    row = msgspec.json.decode(body, type=ForeignAct)
    docked = order_store.find_docked(unit, link.id, [row.number], seen_by=TAKER).get(row.number)
    if docked is None:
        result: Docked | Hold | None = Hold(Why.no_order, "number", row.number)
    else:
        result = apply(unit, actor, link, docked, row)
    _settled(unit, waiting, result if isinstance(result, Hold) else None, "late" if result is None else "")
    if isinstance(result, Docked):
        told.acts += 1
        if waiting.why not in (Why.early, Why.no_order):
            follow_up(unit, actor, link, [row.number], told)


def _settled(unit: Unit, waiting: Waiting, hold: Hold | None, note: str = "") -> None:
    if hold is None:
        inbound_store.settle_waiting(
            unit, waiting, state="taken", settled_at=unit.now, tried=waiting.tried + 1, note=note or waiting.note
        )
    elif (waiting.why, waiting.code, waiting.reason) != (hold.why.value, hold.code, hold.reason):
        inbound_store.settle_waiting(unit, waiting, tried=waiting.tried + 1, **hold.values())


def set_aside(unit: Unit, actor: Actor, link: Link, waiting: Waiting, note: str) -> None:
    """Somebody has decided that a row is not to be taken: it is kept with his reason, and what waited behind it goes
    on."""
    if not note.strip():
        raise Invalid(field="note", reason="say why it is set aside")
    link_store.get_pulse(unit, link.id, seen_by=TAKER, lock=True)
    inbound_store.settle_waiting(
        unit, waiting, state="set_aside", settled_at=unit.now, by_person=actor.person, note=note.strip()[:500]
    )
    docked = order_store.find_docked(unit, link.id, [waiting.number], seen_by=TAKER).get(waiting.number)
    if docked is not None and waiting.what == "act" and waiting.seq > docked.seq and waiting.why != Why.early:
        order_store.save_docked(unit, replace(docked, seq=waiting.seq), docked)
        follow_up(unit, applications.actor_of(unit, link.application), link, [waiting.number], Taken())
    alarms.sound_unmapped(unit, link)
