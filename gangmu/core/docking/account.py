"""The daily account (每日对账): received = open + answered + returned, order by order, here and over there."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gangmu.core.docking import account_store, alarms, clocks, inbound_store, model, order_store, outbound_store
from gangmu.core.docking.model import Difference, Line, Link
from gangmu.kit import ids
from gangmu.kit.actor import System
from gangmu.kit.unit import Unit
from gangmu.kit.zone import zone as city_zone
from gangmu.sdk.exchange import Account, AccountRow

KEEPER = System("docking.account")
MOST_LISTED = 500


def zone_of_city() -> ZoneInfo:
    return city_zone()


def lines(unit: Unit, link: Link, day: date) -> list[Line]:
    """Our account of a day: every order that was handed over, those that wait outside too."""
    docked = order_store.docked_of_day(unit, link.id, day, seen_by=KEEPER)
    due = clocks.due_of_many(unit, list({one.event for one in docked}))
    under_way = outbound_store.unsettled_numbers(unit, link.id, [one.number for one in docked])
    found = []
    for one in docked:
        note = under_way.get(one.number, "")
        if one.event != one.first_event:
            note = f"merged {note}".strip()
        counts = due.get(one.event) if one.event == one.first_event else due.get(one.event, one.their_due_at)
        found.append(Line(one.number, one.standing, counts, note))
    known = {one.number for one in docked}
    waiting = inbound_store.numbers_waiting(unit, link.id, day, str(zone_of_city()))
    found += [Line(number, "open", None, f"waits:{why}") for number, why in waiting.items() if number not in known]
    return found


def draw_up(unit: Unit, link: Link, day: date, theirs: Account | None) -> Mapping[str, Any]:
    """Put our account and theirs side by side, keep what differs, and say so."""
    ours = lines(unit, link, day)
    told = [] if theirs is None else [Line(row.number, row.standing, row.due_at) for row in theirs.rows]
    differing = [] if theirs is None else model.differences(ours, told, clocks=True)
    was = account_store.find_account(unit, link.id, day, seen_by=KEEPER)
    values = {
        "id": ids.new("dac") if was is None else was.id,
        "link": link.id,
        "day": day,
        "ours": model.counted(ours),
        "theirs": None if theirs is None else theirs.counts,
        "differing": [_shown(one) for one in differing[:MOST_LISTED]],
        "equal": None if theirs is None else not differing,
        "made_at": unit.now,
    }
    account_store.put_account(unit, was, values)
    if theirs is not None:
        if differing:
            alarms.sound(unit, link, "differs", len(differing))
        else:
            alarms.quiet(unit, link, "differs")
    return values


def _shown(one: Difference) -> dict[str, str]:
    return asdict(one)


def yesterday(unit: Unit) -> date:
    """The last whole day of the city."""
    return unit.now.astimezone(zone_of_city()).date() - timedelta(days=1)


def of_rows(day: str, rows: Sequence[Mapping[str, Any]]) -> Account:
    """An account from plain rows: number, standing, due_at."""
    told = [
        AccountRow(row["number"], row["standing"], datetime.fromisoformat(row["due_at"]) if row["due_at"] else None)
        for row in rows
    ]
    return Account(date.fromisoformat(day), tuple(told))
