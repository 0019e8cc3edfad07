"""What travels back: acts of our people on events with a foreign number, in their order, with a receipt for each row.

Three short transactions around one call: acts become rows; rows are marked as sent; receipts settle them. A row that
was sent and not answered is asked for before it is sent again, since the other side may have done the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gangmu.core.deadline import service as deadline_service
from gangmu.core.docking import alarms, inbound_store, link_store, mapping_store, model, order_store, outbound_store
from gangmu.core.docking.model import Docked, Link, Owner, Why
from gangmu.core.docking.outbound_store import Out
from gangmu.core.docking.settings import DockingSettings
from gangmu.core.event import service as event_service
from gangmu.core.event.model import Act
from gangmu.kit import files, ids, settings
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.docking import ActsDelivered
from gangmu.sdk.exchange import OutAct, OutFile, Receipt

SENDER = System("docking.send")
LONGEST = 8000
PROOFS = ("after", "check")
MOST_FILES = 6


@dataclass(frozen=True, slots=True)
class Parcel:
    """Rows on their way: those to send, and those of which the other side must be asked first."""

    send: tuple[OutAct, ...]
    ask: tuple[Id, ...]


# --- gathering ---------------------------------------------------------------------------------------------


def gather(unit: Unit, most: int = 500) -> int:
    """Turn what was done on events with a foreign number into rows. Returns how many events were looked at."""
    events = order_store.take_due(unit, most)
    if not events:
        return 0
    docked = order_store.docked_of(unit, events, seen_by=SENDER)
    histories = event_service.acts_of_many(unit, SENDER, events)
    stands = event_service.standing_of(unit, SENDER, events)
    links = {one: link_store.get_link(unit, one, seen_by=SENDER) for one in {row.link for row in docked}}
    tables = {link: mapping_store.table_of(unit, link) for link in links}
    rows, told = [], []
    for one in docked:
        history, table = histories[one.event], tables[one.link]
        status, state = stands.get(one.event, ("open", ""))
        travels = table.get("act_out", {})
        new = [act for act in history if act.seq > one.told and act.person is not None and travels.get(act.verb)]
        rows += [_row(unit, one, act, history, table) for act in new]
        told.append((one.id, history[-1].seq if history else one.told, model.standing_of(status, state, table)))
    outbound_store.add_out(unit, rows)
    order_store.told_upto(unit, told)
    for link in links.values():
        _retry_refused(unit, link, [one for one in docked if one.link == link.id])
    return len(events)


def _row(unit: Unit, docked: Docked, act: Act, history: Sequence[Act], table: model.Table) -> dict[str, object]:
    said, outcome = str(act.args.get("answer", "")), str(act.args.get("outcome", ""))
    proofs: tuple[Id, ...] = ()
    if table.get("standing", {}).get(act.to_state) == "answered":
        before = [item for item in history if item.seq <= act.seq and item.args.get("answer")]
        said = said or (str(before[-1].args["answer"]) if before else "")
        outcome = outcome or (str(before[-1].args.get("outcome", "")) if before else "")
        proofs = _proofs(unit, docked)
    mapped = table.get("outcome_out", {})
    return {
        "id": ids.new("dox"),
        "link": docked.link,
        "docked": docked.id,
        "number": docked.number,
        "event": docked.event,
        "seq": act.seq,
        "verb": act.verb,
        "code": table["act_out"][act.verb],
        "at": act.recorded_at,
        "text": (said or act.reason)[:LONGEST],
        "outcome": mapped.get(outcome, outcome)[:60],
        "satisfaction": "",
        "their_state": table.get("state_out", {}).get(act.to_state, ""),
        "by_name": act.actor_name[:80],
        "due_at": _our_due(unit, docked),
        "files": list(proofs),
        "state": "ready",
        "tries": 0,
        "next_at": unit.now,
    }


def _proofs(unit: Unit, docked: Docked) -> tuple[Id, ...]:
    proofs = event_service.list_evidence(unit, SENDER, docked.event)
    return tuple(one.file for one in proofs if one.kind in PROOFS)[-MOST_FILES:]


def _our_due(unit: Unit, docked: Docked) -> datetime | None:
    """Where the clock is ours, its deadline travels with every act."""
    if docked.clock != Owner.own:
        return None
    running = deadline_service.most_pressing(unit, docked.event)
    return None if running is None else running.due_at


def _retry_refused(unit: Unit, link: Link, docked: Sequence[Docked]) -> None:
    """What the flow did not allow before this move may be allowed now."""
    waits = inbound_store.count_waiting(unit, [link.id])
    if waits.get((link.id, Why.refused.value)):
        unit.at(unit.now, "docking.rerun", link.id, "", whys=[Why.refused.value])


# --- sending -----------------------------------------------------------------------------------------------


def pack(unit: Unit, link: Link) -> Parcel:
    """The next rows of a link, one an order; from here on they count as sent."""
    rows = outbound_store.next_out(unit, link.id, settings.get(DockingSettings).batch, seen_by=SENDER)
    unknown = [row for row in rows if row.state == "sent"]
    if unknown:
        return Parcel((), tuple(row.id for row in unknown))
    outbound_store.mark_sent(unit, [row.id for row in rows])
    return Parcel(tuple(told(unit, row) for row in rows), ())


def told(unit: Unit, row: Out) -> OutAct:
    """A row as the connector gets it."""
    proofs = files.get_many(unit, row.files) if row.files else {}
    return OutAct(
        id=str(row.id),
        number=row.number,
        act=row.code,
        at=row.at,
        text=row.text,
        outcome=row.outcome,
        satisfaction=row.satisfaction,
        state=row.their_state,
        by=row.by_name,
        due_at=row.due_at,
        files=tuple(OutFile(ref.name, ref.mime, files.read(ref)) for ref in proofs.values()),
    )


def settle(unit: Unit, link: Link, wanted: Sequence[Id], receipts: Sequence[Receipt], *, asked: bool) -> int:
    """What the other side says of rows. ``asked``: receipts were asked for; a row without one never arrived and is
    sent again. Otherwise such a row stays unknown. Returns how many are settled."""
    rules = settings.get(DockingSettings)
    rows = {
        row.id: row for row in outbound_store.find_out(unit, link.id, wanted, seen_by=SENDER) if row.settled_at is None
    }
    said = {Id(one.id): one for one in receipts}
    changes, counts = [], {"taken": 0, "refused": 0, "later": 0}
    for row in rows.values():
        receipt = said.get(row.id)
        if receipt is None:
            if asked:
                changes.append((row.id, "ready", "", "", unit.now, None))
            continue
        verdict = receipt.verdict
        if verdict == "later" and row.tries >= rules.tries:
            verdict = "refused"
        counts[verdict] += 1
        if verdict == "later":
            pause = timedelta(seconds=min(rules.later_s * 2 ** min(row.tries - 1, 12), 3600))
            changes.append((row.id, "ready", receipt.code, receipt.text, unit.now + pause, None))
        else:
            changes.append((row.id, verdict, receipt.code, receipt.text, unit.now, unit.now))
    outbound_store.settle_out(unit, changes)
    if changes:
        unit.note("receipts", link.id, **counts, rows=len(changes))
    if any(counts.values()):
        unit.tell(
            ActsDelivered(about=link.id, link=link.name, **counts, division=link.division, orgs=[link.org], at=unit.now)
        )
    _watch_refused(unit, link)
    return counts["taken"] + counts["refused"]


def _watch_refused(unit: Unit, link: Link) -> None:
    refused = outbound_store.count_out(unit, [link.id]).get((link.id, "refused"), 0)
    if refused:
        alarms.sound(unit, link, "refused", refused)
    else:
        alarms.quiet(unit, link, "refused")


def resend(unit: Unit, link: Link, row: Out) -> None:
    """A refused row is sent again, after somebody has seen to it."""
    outbound_store.save_out(unit, row, state="ready", tries=0, next_at=unit.now, settled_at=None)
    _watch_refused(unit, link)


def give_up(unit: Unit, link: Link, row: Out) -> None:
    """A refused row is not sent again: settled otherwise, by telephone for instance."""
    outbound_store.save_out(unit, row, state="dropped", settled_at=unit.now)
    _watch_refused(unit, link)


def history_length(unit: Unit, event_id: Id) -> int:
    """How many acts an event's history has."""
    history = event_service.acts_of_many(unit, SENDER, [event_id])[event_id]
    return history[-1].seq if history else 1
