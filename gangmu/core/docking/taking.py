"""Taking in what another system hands over: every message once, in its order, translated by the link's mappings.

One transaction takes a batch: the rows as they came (sealed), the events that they became, what waits and why, and how
far was read. What is acknowledged is therefore here; what is asked for again is known by its message.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec

from gangmu.base.access import applications
from gangmu.core.docking import alarms, inbound_store, link_store
from gangmu.core.docking.acting import take_acts
from gangmu.core.docking.model import Link, Why
from gangmu.core.docking.opening import take_orders
from gangmu.core.docking.rows import LONGEST, TAKER, Fresh, Hold, Row, Taken, message_of, number_of, tell, what_of
from gangmu.core.docking.waits import follow_up
from gangmu.kit import ids
from gangmu.kit.unit import Unit
from gangmu.sdk.exchange import Bad, ForeignAct, ForeignOrder


def take(unit: Unit, link: Link, rows: Sequence[Row], via: str, *, takeover: bool = False) -> Taken:
    """Take rows of a link, one batch at a time a link."""
    pulse = link_store.get_pulse(unit, link.id, seen_by=TAKER, lock=True)
    told = Taken()
    fresh = _fresh(unit, link, rows, told)
    if told.repeated:
        link_store.set_pulse(unit, link.id, repeated=pulse.repeated + told.repeated)
    if fresh:
        actor = applications.actor_of(unit, link.application)
        take_orders(unit, actor, link, [one for one in fresh if isinstance(one.row, ForeignOrder)], told, takeover)
        for one in fresh:
            if isinstance(one.row, Bad):
                one.hold = Hold(Why.unreadable, one.row.field[:60], "", one.row.reason[:LONGEST])
        take_acts(unit, actor, link, [one for one in fresh if isinstance(one.row, ForeignAct)], told)
        _keep(unit, link, fresh, via, told)
        follow_up(unit, actor, link, {number_of(one.row) for one in fresh if one.outcome == "taken"}, told)
        tell(unit, link, told)
    return told


def _fresh(unit: Unit, link: Link, rows: Sequence[Row], told: Taken) -> list[Fresh]:
    """The rows that are not here yet; those that are told of as known."""
    named = [(message_of(row), row) for row in rows]
    known = inbound_store.known_messages(unit, link.id, [message for message, _ in named])
    fresh: dict[str, Fresh] = {}
    for message, row in named:
        if message in known or message in fresh:
            told.repeated += 1
            told.by_message.setdefault(message, ("repeated", ""))
        else:
            fresh[message] = Fresh(ids.new("din"), row)
            told.by_message[message] = ("taken", "")
    told.new = len(fresh)
    return list(fresh.values())


def _keep(unit: Unit, link: Link, fresh: list[Fresh], via: str, told: Taken) -> None:
    """Every row as it came, and those that wait."""
    unit.new_subjects([one.id for one in fresh])
    rows, waiting = [], []
    for one in fresh:
        row = one.row
        kept = {
            "id": one.id,
            "link": link.id,
            "message": message_of(row),
            "what": what_of(row),
            "number": number_of(row),
            "seq": getattr(row, "seq", 0),
            "at": getattr(row, "at", None),
        }
        outcome = one.outcome if one.hold is None else "waiting"
        body = unit.seal(one.id, msgspec.json.encode(row).decode())
        rows.append({**kept, "received_at": unit.now, "via": via, "outcome": outcome, "body": body})
        if one.hold is not None:
            waiting.append({**kept, **one.hold.values(), "since": unit.now})
            told.by_message[message_of(row)] = ("waiting", one.hold.why.value)
        elif one.outcome == "late":
            told.by_message[message_of(row)] = ("late", "")
    inbound_store.add_in(unit, rows, link.source)
    inbound_store.add_waiting(unit, waiting, link.source)
    told.waiting += len(waiting)
    unmapped = Counter(one.hold.why for one in fresh if one.hold is not None)
    if unmapped[Why.unmapped] or unmapped[Why.outside] or unmapped[Why.unreadable]:
        alarms.sound_unmapped(unit, link)
