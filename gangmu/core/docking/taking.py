"""Taking in what another system hands over: every message once, in its order, translated by the link's mappings.

One transaction takes a batch: the rows as they came (sealed), the events that they became, what waits and why, and how
far was read. What is acknowledged is therefore here; what is asked for again is known by its message.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from gangmu.base import places
from gangmu.base.access import applications
from gangmu.base.org import service as org_service
from gangmu.base.places import service as places_service
from gangmu.core.deadline import pinned
from gangmu.core.deadline.service import Start, start_many
from gangmu.core.docking import alarms, clocks, model, store
from gangmu.core.docking.model import Docked, Link, Missing, Owner, Translated, Why
from gangmu.core.docking.store import Waiting
from gangmu.core.event import ActArgs, act
from gangmu.core.event import service as event_service
from gangmu.core.event.bulk import ForeignReport, take_reports
from gangmu.core.event.effects import HANDLE
from gangmu.core.event.model import Event
from gangmu.core.event.settings import EventSettings
from gangmu.core.flow import service as flow_service
from gangmu.core.flow.model import SAME, HolderOf
from gangmu.core.matter import service as matter_service
from gangmu.core.report.model import LONGEST_TEXT, Kind
from gangmu.kit import geo, ids, seal, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import HouseError, Invalid
from gangmu.kit.ids import Id, of_uuid
from gangmu.kit.text import t
from gangmu.kit.unit import Unit, unit_on
from gangmu.messages.docking import OrdersDocked
from gangmu.messages.event import EventOpened
from gangmu.sdk.exchange import Bad, ForeignAct, ForeignOrder

Row = ForeignOrder | ForeignAct | Bad
TAKER = System("docking.take")
LONGEST = 2000
RERUN_BATCH = 500
FAREST = timedelta(days=3600)


@dataclass(slots=True)
class Taken:
    """What became of rows: how many are new, were known, were taken, wait; by message for those who ask row by row."""

    new: int = 0
    repeated: int = 0
    orders: int = 0
    acts: int = 0
    waiting: int = 0
    late: int = 0
    by_message: dict[str, tuple[str, str]] = field(default_factory=dict)

    def told(self) -> dict[str, int]:
        names = ("new", "repeated", "orders", "acts", "waiting", "late")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class _Hold:
    """Why a row cannot be taken now."""

    why: Why
    field: str = ""
    code: str = ""
    reason: str = ""


@dataclass(slots=True)
class _Fresh:
    """A new row with the id under which it is kept."""

    id: Id
    row: Row
    outcome: str = ""
    hold: _Hold | None = None


def take(unit: Unit, link: Link, rows: Sequence[Row], via: str, *, takeover: bool = False) -> Taken:
    """Take rows of a link, one batch at a time a link."""
    pulse = store.get_pulse(unit, link.id, seen_by=TAKER, lock=True)
    told = Taken()
    fresh = _fresh(unit, link, rows, told)
    if told.repeated:
        store.set_pulse(unit, link.id, repeated=pulse.repeated + told.repeated)
    if fresh:
        actor = applications.actor_of(unit, link.application)
        _take_orders(unit, actor, link, [one for one in fresh if isinstance(one.row, ForeignOrder)], told, takeover)
        for one in fresh:
            if isinstance(one.row, Bad):
                one.hold = _Hold(Why.unreadable, one.row.field[:60], "", one.row.reason[:LONGEST])
        _take_acts(unit, actor, link, [one for one in fresh if isinstance(one.row, ForeignAct)], told)
        _keep(unit, link, fresh, via, told)
        _follow_up(unit, actor, link, {_number(one.row) for one in fresh if one.outcome == "taken"}, told)
        _tell(unit, link, told)
    return told


def _number(row: Row) -> str:
    return "" if isinstance(row, Bad) else row.number


def _fresh(unit: Unit, link: Link, rows: Sequence[Row], told: Taken) -> list[_Fresh]:
    """The rows that are not here yet; those that are told of as known."""
    named = [(_message(row), row) for row in rows]
    known = store.known_messages(unit, link.id, [message for message, _ in named])
    fresh: dict[str, _Fresh] = {}
    for message, row in named:
        if message in known or message in fresh:
            told.repeated += 1
            told.by_message.setdefault(message, ("repeated", ""))
        else:
            fresh[message] = _Fresh(ids.new("din"), row)
            told.by_message[message] = ("taken", "")
    told.new = len(fresh)
    return list(fresh.values())


def _message(row: Row) -> str:
    """What makes a message the same one. A row without a name of its own is known by its content."""
    return row.message or "row:" + seal.sm3(msgspec.json.encode(row)).hex()[:32]


def _what(row: Row) -> str:
    return "order" if isinstance(row, ForeignOrder) else "act" if isinstance(row, ForeignAct) else "bad"


# --- orders ------------------------------------------------------------------------------------------------


def _take_orders(unit: Unit, actor: Actor, link: Link, fresh: list[_Fresh], told: Taken, takeover: bool) -> None:
    known = store.find_docked(unit, link.id, [_number(one.row) for one in fresh], seen_by=TAKER)
    ready: dict[str, tuple[_Fresh, ForeignReport]] = {}
    house = _House(unit, link)
    for one in fresh:
        order = one.row
        assert isinstance(order, ForeignOrder)
        if order.due_at is not None and abs(order.due_at - order.at) > FAREST:
            one.hold = _Hold(Why.unreadable, "due_at", "", f"{order.due_at.isoformat()} is out of all reason")
            continue
        if order.number in known or order.number in ready:
            one.outcome = "known"
            if order.number in known:
                known[order.number] = clocks.moved(unit, known[order.number], order.due_at)
            continue
        report = house.report_of(unit, actor, order, takeover)
        if isinstance(report, _Hold):
            one.hold = report
        else:
            one.outcome = "taken"
            ready[order.number] = (one, report)
    if ready:
        _open(unit, actor, link, list(ready.values()), takeover, house)
        told.orders += len(ready)


class _House:
    """What is looked up once a batch: mappings, divisions, classes, units, the flow."""

    def __init__(self, unit: Unit, link: Link) -> None:
        self.link = link
        self.table = store.table_of(unit, link.id)
        self.known = frozenset(one.code for one in places_service.list_divisions(unit, TAKER, None))
        self.way = flow_service.current_flow(unit, TAKER, link.flow)
        self._classes: dict[tuple[str, str], Id | None] = {}
        self._units: dict[str, bool] = {}

    def report_of(self, unit: Unit, actor: Actor, order: ForeignOrder, takeover: bool) -> ForeignReport | _Hold:
        found = model.translate(order, self.table, self.link, self.known, takeover=takeover)
        if isinstance(found, list):
            first: Missing = found[0]
            every = "; ".join(f"{one.kind} {one.code}" for one in found)
            return _Hold(first.why, first.kind, first.code[:200], every[:LONGEST])
        if found.kind not in {kind.value for kind in Kind}:
            return _Hold(Why.unmapped, "kind", order.kind, f"kind {order.kind} -> {found.kind}")
        filed = self._class(unit, found)
        if isinstance(filed, _Hold):
            return filed
        lead = self._unit(unit, found.unit, order)
        if isinstance(lead, _Hold):
            return lead
        at_state = self._state(found, order, lead)
        if isinstance(at_state, _Hold):
            return at_state
        try:
            point = None if order.lon is None or order.lat is None else geo.point(order.lon, order.lat, order.datum)
        except HouseError as error:
            return _Hold(Why.unreadable, "lon", "", str(error)[:LONGEST])
        return self._made(unit, order, found, filed, lead, at_state, point)

    def _made(
        self,
        unit: Unit,
        order: ForeignOrder,
        found: Translated,
        filed: Id | None,
        lead: Id | None,
        state: tuple[str, str],
        point: geo.Point | None,
    ) -> ForeignReport:
        text = order.text.replace("\0", "").strip()[:LONGEST_TEXT]
        title = " ".join((order.title or text.split("。")[0]).replace("\0", "").split())[:200]
        where = places.attribute(unit, point) if point else None
        return ForeignReport(
            number=order.number,
            channel=model.CHANNEL[self.link.kind],
            kind=found.kind,
            title=title if order.title else title[:40],
            text=text,
            happened_at=min(order.started_at or order.at, unit.now),
            received_at=min(order.at, unit.now),
            division=found.division,
            unit_grid=where.unit_grid if where else "",
            address=" ".join(order.address.replace("\0", "").split())[:500],
            lon=point.lon if point else None,
            lat=point.lat if point else None,
            datum=point.source.value if point else "",
            matter=filed,
            anonymous=order.anonymous,
            confidential=order.confidential,
            want_reply=order.want_reply,
            reporter_name=order.reporter_name.replace("\0", "")[:80],
            reporter_phone=order.reporter_phone.replace("\0", "")[:40],
            flow=self.link.flow,
            life=state[0],
            at_state=state[1],
            lead_org=lead,
            urgent=order.urgent or any(word in text for word in settings.get(EventSettings).urgent_words),
            closed_at=order.history[-1].at if state[0] != "open" and order.history else None,
            facts=_facts(self.link, order),
        )

    def _class(self, unit: Unit, found: Translated) -> Id | _Hold | None:
        if found.matter is None:
            return None
        if found.matter not in self._classes:
            row = matter_service.find_class(unit, TAKER, *found.matter)
            self._classes[found.matter] = row.id if row else None
        filed = self._classes[found.matter]
        return filed or _Hold(Why.unmapped, "class", ":".join(found.matter), "this class is not in force")

    def _unit(self, unit: Unit, wanted: str, order: ForeignOrder) -> Id | _Hold | None:
        if not wanted:
            return None
        if wanted not in self._units:
            self._units[wanted] = Id(wanted) in org_service.get_orgs(unit, TAKER, [Id(wanted)])
        return Id(wanted) if self._units[wanted] else _Hold(Why.unmapped, "unit", order.unit, "this unit is not here")

    def _state(self, found: Translated, order: ForeignOrder, lead: Id | None) -> tuple[str, str] | _Hold:
        """Life and state in which an order that is taken over goes on."""
        if not found.state or found.state == self.way.start:
            return "open", ""
        state = self.way.find_state(found.state)
        if state is None:
            return _Hold(Why.unmapped, "state_in", order.state, f"the flow has no state {found.state}")
        if state.status.value != "open":
            return state.status.value, ""
        if state.holder_of is not HolderOf.centre and lead is None:
            return _Hold(Why.unmapped, "unit", order.unit, f"in {found.state} a unit has it, and none is named")
        return "open", state.id


def _facts(link: Link, order: ForeignOrder) -> dict[str, Any]:
    told: dict[str, Any] = {"link": link.name, "number": order.number}
    if order.history:
        told["history"] = [
            {"at": step.at.isoformat(), "what": step.what[:100], "by": step.by[:80], "text": step.text[:500]}
            for step in order.history[:200]
        ]
    if order.files:
        told["files"] = [{"name": one.name, "url": one.url} for one in order.files[:20]]
    return told


def _open(
    unit: Unit, actor: Actor, link: Link, ready: list[tuple[_Fresh, ForeignReport]], takeover: bool, house: _House
) -> None:
    """Open the events of orders, with the deadline that counts and no other."""
    orders = [one.row for one, _ in ready if isinstance(one.row, ForeignOrder)]
    begun = [min(order.started_at or order.at, order.at) for order in orders]
    ours = pinned.due_of(unit, [(link.limit, at) for at in begun])
    due = [
        model.deadline_of(link, order.due_at, own, order.claims_clock) for order, own in zip(orders, ours, strict=True)
    ]
    reports = [
        msgspec.structs.replace(report, target_at=one.counts) for (_, report), one in zip(ready, due, strict=True)
    ]
    made = take_reports(unit, actor, reports, link.source)
    zone = ZoneInfo(settings.get(EventSettings).time_zone)
    docked, starts = [], []
    for order, report, (report_id, event_id), deadline, at in zip(orders, reports, made, due, begun, strict=True):
        event = of_uuid("evt", UUID(event_id))
        docked.append(
            Docked(
                id=ids.new("dor"),
                link=link.id,
                number=order.number,
                event=event,
                first_event=event,
                report=of_uuid("rpt", UUID(report_id)),
                division=report.division,
                handed_at=order.at,
                day=order.at.astimezone(zone).date(),
                taken_at=unit.now,
                started_at=at,
                their_due_at=deadline.theirs,
                our_due_at=ours[len(docked)],
                clock=deadline.owner,
                both_claim=deadline.both_claim,
                seq=order.seq,
                told=1 if report.life == "open" else 2,
                their_state=order.state,
                standing=model.standing_of(report.life, report.at_state or house.way.start, house.table),
                taken_over=takeover,
            )
        )
        if report.life == "open":
            starts += _starts(link, house, report, event, deadline, at, unit.now)
    store.add_docked(unit, docked, link.source)
    start_many(unit, starts, link.source)
    report_of = {one.event: one.report for one in docked}
    for opened in event_service.find_events(unit, TAKER, list(report_of)):
        unit.tell(_opened(opened, report_of[opened.id]))


def _starts(
    link: Link,
    house: _House,
    report: ForeignReport,
    event: Id,
    deadline: model.Deadlines,
    begun: datetime,
    now: datetime,
) -> list[Start]:
    """The clocks of the state that an order begins in. One that is taken over keeps its handling clock alone, from its
    own beginning: nothing is started anew."""
    state = house.way.state(report.at_state or house.way.start)
    found = []
    if HANDLE in state.clocks:
        if deadline.owner == Owner.foreign and deadline.theirs is not None:
            found.append(pinned.starting(event, HANDLE, begun, deadline.theirs))
        else:
            found.append(Start(event, HANDLE, link.limit, begun))
    for name in state.clocks:
        stage = house.way.find_stage(name)
        if stage is not None and stage.limit not in ("", "condition") and not report.at_state:
            found.append(Start(event, name, stage.limit, now))
    return found


def _opened(event: Event, report: Id) -> EventOpened:
    return EventOpened(
        event_id=event.id,
        case_no=event.case_no,
        title=event.title,
        flow=event.flow,
        state=event.state,
        status=event.status,
        channel=event.channel,
        division=event.division,
        orgs=list(event.orgs),
        matter=event.matter,
        lon=event.lon,
        lat=event.lat,
        reported_at=event.reported_at,
        report_id=report,
    )


# --- acts --------------------------------------------------------------------------------------------------


def _take_acts(unit: Unit, actor: Actor, link: Link, fresh: list[_Fresh], told: Taken) -> None:
    """Acts in the order of each order's own sequence, so that a batch that is shuffled only in itself need not wait."""
    docked = store.find_docked(unit, link.id, {_number(one.row) for one in fresh}, seen_by=TAKER)
    for one in sorted(fresh, key=lambda item: (_number(item.row), getattr(item.row, "seq", 0))):
        row = one.row
        assert isinstance(row, ForeignAct)
        found = docked.get(row.number)
        result = _Hold(Why.no_order, "number", row.number) if found is None else _apply(unit, actor, link, found, row)
        if isinstance(result, _Hold):
            one.hold = result
        elif isinstance(result, Docked):
            one.outcome, docked[row.number] = "taken", result
            told.acts += 1
        else:
            one.outcome = "late"
            told.late += 1


def _apply(unit: Unit, actor: Actor, link: Link, docked: Docked, row: ForeignAct) -> Docked | _Hold | None:
    """Do an act of the other side. None: it comes after later ones and changes nothing any more."""
    place = model.place_of(row.seq, docked.seq, link.sequence)
    if place == "late":
        return None
    if place == "early":
        return _Hold(Why.early, "seq", str(row.seq), f"{docked.seq + 1}")
    table = store.table_of(unit, link.id)
    verb = table.get("act_in", {}).get(row.act)
    if verb is None:
        return _Hold(Why.unmapped, "act_in", row.act, f"act_in {row.act}")
    grade = table.get("grade", {}).get(row.satisfaction, "") if row.satisfaction else ""
    if row.satisfaction and not grade:
        return _Hold(Why.unmapped, "grade", row.satisfaction, f"grade {row.satisfaction}")
    try:
        with unit.conn.begin_nested(), unit_on(unit.conn, actor, unit.cause) as one:
            now = clocks.name(one, docked, row.due_at)
            if verb != model.IGNORED:
                held = _act(one, actor, now, row, verb, "" if grade == model.IGNORED else grade, table)
                if held is not None:
                    raise _Held(held)
            if now is not docked:
                clocks.hold(one, now)
    except _Held as stays:
        return stays.hold
    except HouseError as refused:
        return _Hold(Why.refused, "act_in", row.act, str(refused)[:LONGEST])
    event = event_service.get_event(unit, TAKER, docked.event)
    changed = replace(
        now,
        seq=max(now.seq, row.seq),
        their_state=row.state or now.their_state,
        standing=model.standing_of(event.status, event.state, table),
    )
    if changed == now:
        return now
    store.save_docked(unit, changed, now)
    return replace(changed, version=now.version + 1)


class _Held(Exception):
    """Takes back what an act had begun."""

    def __init__(self, hold: _Hold) -> None:
        super().__init__(hold.why)
        self.hold = hold


def _act(
    unit: Unit, actor: Actor, docked: Docked, row: ForeignAct, verb: str, grade: str, table: model.Table
) -> _Hold | None:
    """The verb of our flow that answers to an act of theirs."""
    event = event_service.get_event(unit, TAKER, docked.event)
    found = flow_service.get_flow(unit, TAKER, event.flow, event.flow_version).find_verb(verb)
    if found is None:
        return _Hold(Why.unmapped, "act_in", row.act, f"the flow has no verb {verb}")
    if found.to != SAME and len(store.docked_of(unit, [event.id], seen_by=TAKER)) > 1:
        return _Hold(Why.merged, "act_in", row.act, event.case_no)
    said = row.text.replace("\0", "").strip()[:LONGEST] or t("docking.said_nothing")
    takes_outcome = "outcome" in (*found.takes, *found.requires)
    outcome = table.get("outcome_in", {}).get(row.outcome, row.outcome)[:60] if takes_outcome else ""
    act(unit, actor, event.id, verb, ActArgs(reason=said, satisfaction=grade, outcome=outcome))
    return None


# --- what is kept ------------------------------------------------------------------------------------------


def _keep(unit: Unit, link: Link, fresh: list[_Fresh], via: str, told: Taken) -> None:
    """Every row as it came, and those that wait."""
    unit.new_subjects([one.id for one in fresh])
    rows, waiting = [], []
    for one in fresh:
        row = one.row
        kept = {
            "id": one.id,
            "link": link.id,
            "message": _message(row),
            "what": _what(row),
            "number": _number(row),
            "seq": getattr(row, "seq", 0),
            "at": getattr(row, "at", None),
        }
        outcome = one.outcome if one.hold is None else "waiting"
        body = unit.seal(one.id, msgspec.json.encode(row).decode())
        rows.append({**kept, "received_at": unit.now, "via": via, "outcome": outcome, "body": body})
        if one.hold is not None:
            waiting.append({**kept, **_held(one.hold), "since": unit.now})
            told.by_message[_message(row)] = ("waiting", one.hold.why.value)
        elif one.outcome == "late":
            told.by_message[_message(row)] = ("late", "")
    store.add_in(unit, rows, link.source)
    store.add_waiting(unit, waiting, link.source)
    told.waiting += len(waiting)
    unmapped = Counter(one.hold.why for one in fresh if one.hold is not None)
    if unmapped[Why.unmapped] or unmapped[Why.outside] or unmapped[Why.unreadable]:
        _sound_unmapped(unit, link)


def _held(hold: _Hold) -> dict[str, str]:
    return {"why": hold.why.value, "field": hold.field, "code": hold.code, "reason": hold.reason}


def _sound_unmapped(unit: Unit, link: Link) -> None:
    """One alarm, however many rows wait."""
    waits = store.count_waiting(unit, [link.id])
    n = sum(waits.get((link.id, why.value), 0) for why in (Why.unmapped, Why.outside, Why.unreadable))
    if n:
        alarms.sound(unit, link, "unmapped", n)
    else:
        alarms.quiet(unit, link, "unmapped")


def _tell(unit: Unit, link: Link, told: Taken) -> None:
    unit.tell(
        OrdersDocked(
            about=link.id,
            link=link.name,
            taken=told.orders,
            waiting=told.waiting,
            division=link.division,
            orgs=[link.org],
            at=unit.now,
        )
    )


# --- what waited -------------------------------------------------------------------------------------------


def _follow_up(unit: Unit, actor: Actor, link: Link, numbers: Iterable[str], told: Taken) -> None:
    """After an order or act was taken: what waited for it, in its order."""
    for waiting in store.list_waiting_of(unit, link.id, numbers, seen_by=TAKER):
        _again(unit, actor, link, waiting, told)


def rerun(unit: Unit, link: Link, after: Id | None, whys: Sequence[str]) -> tuple[Id | None, Taken]:
    """Try rows that wait once more, a batch. Returns the last one looked at while more may follow."""
    store.get_pulse(unit, link.id, seen_by=TAKER, lock=True)
    told = Taken()
    rows = store.list_ready(unit, link.id, whys, after, RERUN_BATCH, seen_by=TAKER)
    if rows:
        actor = applications.actor_of(unit, link.application)
        orders = [row for row in rows if row.what == "order"]
        _rerun_orders(unit, actor, link, orders, told)
        for row in rows:
            if row.what == "act":
                _again(unit, actor, link, store.get_waiting(unit, row.id, seen_by=TAKER), told)
        _sound_unmapped(unit, link)
        if told.orders or told.acts:
            _tell(unit, link, told)
    return (rows[-1].id if len(rows) == RERUN_BATCH else None), told


def _rerun_orders(unit: Unit, actor: Actor, link: Link, rows: list[Waiting], told: Taken) -> None:
    bodies = store.bodies_of(unit, [row.id for row in rows])
    fresh = []
    for row in rows:
        body = unit.unseal(row.id, bodies.get(row.id))
        if body is not None:
            fresh.append(_Fresh(row.id, msgspec.json.decode(body, type=ForeignOrder)))
    takeover = {one.id: one.code for one in rows if one.field == "state_in"}
    _take_orders(unit, actor, link, fresh, told, bool(takeover))
    by_id = {row.id: row for row in rows}
    for one in fresh:
        _settled(unit, by_id[one.id], one.hold)
    taken = {_number(one.row) for one in fresh if one.hold is None}
    _follow_up(unit, actor, link, taken, told)


def _again(unit: Unit, actor: Actor, link: Link, waiting: Waiting, told: Taken) -> None:
    """One act that waited, if it still does."""
    if waiting.state != "waiting":
        return
    body = unit.unseal(waiting.id, store.bodies_of(unit, [waiting.id]).get(waiting.id))
    if body is None:
        return
    row = msgspec.json.decode(body, type=ForeignAct)
    docked = store.find_docked(unit, link.id, [row.number], seen_by=TAKER).get(row.number)
    if docked is None:
        result: Docked | _Hold | None = _Hold(Why.no_order, "number", row.number)
    else:
        result = _apply(unit, actor, link, docked, row)
    _settled(unit, waiting, result if isinstance(result, _Hold) else None, "late" if result is None else "")
    if isinstance(result, Docked):
        told.acts += 1
        if waiting.why not in (Why.early, Why.no_order):
            _follow_up(unit, actor, link, [row.number], told)


def _settled(unit: Unit, waiting: Waiting, hold: _Hold | None, note: str = "") -> None:
    if hold is None:
        store.settle_waiting(
            unit, waiting, state="taken", settled_at=unit.now, tried=waiting.tried + 1, note=note or waiting.note
        )
    elif (waiting.why, waiting.code, waiting.reason) != (hold.why.value, hold.code, hold.reason):
        store.settle_waiting(unit, waiting, tried=waiting.tried + 1, **_held(hold))


def set_aside(unit: Unit, actor: Actor, link: Link, waiting: Waiting, note: str) -> None:
    """Somebody has decided that a row is not to be taken: it is kept with his reason, and what waited behind it goes
    on."""
    if not note.strip():
        raise Invalid(field="note", reason="say why it is set aside")
    store.get_pulse(unit, link.id, seen_by=TAKER, lock=True)
    store.settle_waiting(
        unit, waiting, state="set_aside", settled_at=unit.now, by_person=actor.person, note=note.strip()[:500]
    )
    docked = store.find_docked(unit, link.id, [waiting.number], seen_by=TAKER).get(waiting.number)
    if docked is not None and waiting.what == "act" and waiting.seq > docked.seq and waiting.why != Why.early:
        store.save_docked(unit, replace(docked, seq=waiting.seq), docked)
        _follow_up(unit, applications.actor_of(unit, link.application), link, [waiting.number], Taken())
    _sound_unmapped(unit, link)
