"""Visits to other systems: the only place from which they are called, never inside a unit of work.

One visit a link and direction at a time, over all processes; a killed one lets go by itself. What a visit learns is
kept in a unit of its own before the next question is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

import orjson

from gangmu.core.docking import alarms, connectors, link_store, model, sending, taking
from gangmu.core.docking.errors import (
    ConnectorBroken,
    LinkAsleep,
    LinkDown,
    LinkRefused,
    NotByThisConnector,
)
from gangmu.core.docking.model import Link
from gangmu.core.docking.rows import Taken
from gangmu.core.docking.settings import DockingSettings
from gangmu.kit import settings
from gangmu.kit.actor import System
from gangmu.kit.errors import HouseError
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit
from gangmu.sdk.exchange import Account, Cursor

T = TypeVar("T")
VISITOR = System("docking.visit")
MOST_PAGES = 1000
LOST_MOST = 3


@dataclass(frozen=True, slots=True)
class Open:
    """A link as a visit needs it."""

    link: Link
    given: Mapping[str, str]
    cursor: str


def look_up(link_id: Id) -> Open:
    """The link with its settings in clear, for a visit."""
    with open_unit(VISITOR, "docking visit") as unit:
        link = link_store.get_link(unit, link_id, seen_by=VISITOR)
        if not link.active:
            raise LinkAsleep(link=link.name)
        pulse = link_store.get_pulse(unit, link_id, seen_by=VISITOR)
        return Open(link, given_of(unit, link_id), pulse.cursor)


def given_of(unit: Unit, link_id: Id) -> dict[str, str]:
    """The settings of a link, opened."""
    opened = unit.unseal(link_id, link_store.settings_of(unit, link_id))
    found: dict[str, str] = orjson.loads(opened) if opened else {}
    return found


def pull(link_id: Id, *, takeover: bool = False, most_pages: int = MOST_PAGES) -> Taken:
    """Ask a link for what is new until there is no more. Each page is here before the next is asked for."""
    told = Taken()
    with link_store.alone(link_id, "pull") as mine:
        if not mine:
            return told
        for _ in range(most_pages):
            at = look_up(link_id)
            batch = _call(at, lambda made, ask, at=at: made.receive(ask, Cursor(at.cursor)))  # type: ignore[misc]
            with open_unit(VISITOR, "docking pull") as unit:
                taken = taking.take(unit, at.link, batch.rows, "takeover" if takeover else "pull", takeover=takeover)
                link_store.set_pulse(unit, link_id, cursor=batch.next.value)
            _add(told, taken)
            if not batch.more:
                break
    return told


def _add(told: Taken, more: Taken) -> None:
    for name, value in more.told().items():
        setattr(told, name, getattr(told, name) + value)
    told.by_message.update(more.by_message)


def push(link_id: Id, *, most_parcels: int = MOST_PAGES) -> int:
    """Send what waits for a link until nothing is due. Returns how many rows were settled. An answer that is lost is
    asked for at once, a few times; then the link is left alone for a while."""
    settled = lost = 0
    with link_store.alone(link_id, "push") as mine:
        if not mine:
            return 0
        for _ in range(most_parcels):
            at = look_up(link_id)
            if not at.given.get("address"):
                break
            with open_unit(VISITOR, "docking pack") as unit:
                parcel = sending.pack(unit, at.link)
            if not parcel.ask and not parcel.send:
                break
            try:
                settled += _hand_over(at, parcel)
                lost = 0
            except LinkDown:
                lost += 1
                if lost > LOST_MOST:
                    raise
    return settled


def _hand_over(at: Open, parcel: sending.Parcel) -> int:
    """Send a parcel, or ask what became of one."""
    if parcel.ask:
        wanted = [str(one) for one in parcel.ask]
        receipts = _call(at, lambda made, ask: made.receipt(ask, wanted))
        return _settle(at, parcel.ask, receipts, asked=True)
    receipts = _call(at, lambda made, ask: made.send(ask, parcel.send))
    return _settle(at, [Id(one.id) for one in parcel.send], receipts, asked=False)


def _settle(at: Open, wanted: Any, receipts: Any, *, asked: bool) -> int:
    with open_unit(VISITOR, "docking receipts") as unit:
        return sending.settle(unit, at.link, list(wanted), receipts, asked=asked)


def reconcile(link_id: Id, day: date) -> Account | None:
    """The other side's account of a day; None when the connector has none to give."""
    at = look_up(link_id)
    try:
        return _call(at, lambda made, ask: made.reconcile(ask, day))
    except NotByThisConnector:
        return None


def check(name: str, given: Mapping[str, str], now: Any) -> str:
    """Try settings before they are kept; what the connector says."""
    with connectors.visit(given, now) as ask:
        health = connectors.call(name, lambda made: made.check(ask))
    if not health.ok:
        raise LinkRefused(reason=health.text[:200])
    return health.text


def _call(at: Open, work: Callable[[Any, Any], T]) -> T:
    """One visit, and what it says about the link."""
    with open_unit(VISITOR, "docking visit") as unit:
        now = unit.now
        link_store.set_pulse(unit, at.link.id, tried_at=now)
    try:
        with connectors.visit(at.given, now) as ask:
            answer = connectors.call(at.link.connector, lambda made: work(made, ask))
    except (LinkDown, LinkRefused, ConnectorBroken) as error:
        failed(at.link, error)
        raise
    with open_unit(VISITOR, "docking visit") as unit:
        contact(unit, at.link)
    return answer


def contact(unit: Unit, link: Link) -> None:
    """The other side was heard."""
    pause = timedelta(seconds=link.every_s)
    link_store.set_pulse(unit, link.id, contact_at=unit.now, next_at=unit.now + pause, fails=0, error="")
    alarms.quiet(unit, link, "silent")
    alarms.quiet(unit, link, "denied")


def failed(link: Link, error: HouseError) -> None:
    """The other side was not heard, or said no: later again, each time a little later."""
    longest = settings.get(DockingSettings).away_s
    with open_unit(VISITOR, "docking visit") as unit:
        pulse = link_store.get_pulse(unit, link.id, seen_by=VISITOR, lock=True)
        pause = model.pause_after(pulse.fails + 1, longest)
        said = f"{error.code}: {error.params.get('reason', '')}"[:300]
        link_store.set_pulse(unit, link.id, fails=pulse.fails + 1, next_at=unit.now + pause, error=said)
        if isinstance(error, LinkRefused | ConnectorBroken):
            alarms.sound(unit, link, "denied", pulse.fails + 1)
