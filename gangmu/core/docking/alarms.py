"""Alarms of links: one open alarm a link and kind, however often it is raised; cleared when it is right again."""

from gangmu.core.docking import account_store, inbound_store
from gangmu.core.docking.model import Link, Why
from gangmu.kit import ids
from gangmu.kit.actor import System
from gangmu.kit.unit import Unit
from gangmu.messages.docking import LinkAlarmed

KINDS = ("silent", "denied", "unmapped", "stuck", "refused", "differs", "files")
_KEEPER = System("docking.alarms")


def sound(unit: Unit, link: Link, kind: str, count: int = 1) -> None:
    """Something is wrong: told once, counted afterwards."""
    was = account_store.find_alarm(unit, link.id, kind, seen_by=_KEEPER)
    if was is not None:
        if was.count != count:
            account_store.save_alarm(unit, was, count=count, last_at=unit.now)
        return
    row = {"id": ids.new("dal"), "link": link.id, "kind": kind, "since": unit.now, "last_at": unit.now, "count": count}
    account_store.add_alarm(unit, row)
    _tell(unit, link, kind, "raised", count)


def quiet(unit: Unit, link: Link, kind: str) -> None:
    """It is right again."""
    was = account_store.find_alarm(unit, link.id, kind, seen_by=_KEEPER)
    if was is not None:
        account_store.save_alarm(unit, was, cleared_at=unit.now)
        _tell(unit, link, kind, "cleared", was.count)


def _tell(unit: Unit, link: Link, kind: str, state: str, count: int) -> None:
    unit.tell(
        LinkAlarmed(
            about=link.id,
            link=link.name,
            kind=kind,
            state=state,
            count=count,
            division=link.division,
            orgs=[link.org],
            at=unit.now,
        )
    )


def sound_unmapped(unit: Unit, link: Link) -> None:
    """One alarm, however many rows wait."""
    waits = inbound_store.count_waiting(unit, [link.id])
    n = sum(waits.get((link.id, why.value), 0) for why in (Why.unmapped, Why.outside, Why.unreadable))
    if n:
        sound(unit, link, "unmapped", n)
    else:
        quiet(unit, link, "unmapped")
