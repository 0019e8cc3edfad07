"""Acts of the other side on orders that are here, in the order of each order's own sequence."""

from dataclasses import replace

from gangmu.core.docking import clocks, mapping_store, model, order_store
from gangmu.core.docking.model import Docked, Link, Why
from gangmu.core.docking.rows import LONGEST, TAKER, Fresh, Hold, Taken, number_of
from gangmu.core.event import ActArgs, act
from gangmu.core.event import service as event_service
from gangmu.core.flow import service as flow_service
from gangmu.core.flow.model import SAME
from gangmu.kit.actor import Actor
from gangmu.kit.errors import HouseError
from gangmu.kit.text import t
from gangmu.kit.unit import Unit, unit_on
from gangmu.sdk.exchange import ForeignAct


def take_acts(unit: Unit, actor: Actor, link: Link, fresh: list[Fresh], told: Taken) -> None:
    """Acts in the order of each order's own sequence, so that a batch that is shuffled only in itself need not wait."""
    docked = order_store.find_docked(unit, link.id, {number_of(one.row) for one in fresh}, seen_by=TAKER)
    for one in sorted(fresh, key=lambda item: (number_of(item.row), getattr(item.row, "seq", 0))):
        row = one.row
        assert isinstance(row, ForeignAct)
        found = docked.get(row.number)
        result = Hold(Why.no_order, "number", row.number) if found is None else apply(unit, actor, link, found, row)
        if isinstance(result, Hold):
            one.hold = result
        elif isinstance(result, Docked):
            one.outcome, docked[row.number] = "taken", result
            told.acts += 1
        else:
            one.outcome = "late"
            told.late += 1


def apply(unit: Unit, actor: Actor, link: Link, docked: Docked, row: ForeignAct) -> Docked | Hold | None:
    """Do an act of the other side. None: it comes after later ones and changes nothing any more."""
    place = model.place_of(row.seq, docked.seq, link.sequence)
    if place == "late":
        return None
    if place == "early":
        return Hold(Why.early, "seq", str(row.seq), f"{docked.seq + 1}")
    table = mapping_store.table_of(unit, link.id)
    verb = table.get("act_in", {}).get(row.act)
    if verb is None:
        return Hold(Why.unmapped, "act_in", row.act, f"act_in {row.act}")
    grade = table.get("grade", {}).get(row.satisfaction, "") if row.satisfaction else ""
    if row.satisfaction and not grade:
        return Hold(Why.unmapped, "grade", row.satisfaction, f"grade {row.satisfaction}")
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
        return Hold(Why.refused, "act_in", row.act, str(refused)[:LONGEST])
    event = event_service.get_event(unit, TAKER, docked.event)
    changed = replace(
        now,
        seq=max(now.seq, row.seq),
        their_state=row.state or now.their_state,
        standing=model.standing_of(event.status, event.state, table),
    )
    if changed == now:
        return now
    order_store.save_docked(unit, changed, now)
    return replace(changed, version=now.version + 1)


class _Held(Exception):
    """Takes back what an act had begun."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold.why)
        self.hold = hold


def _act(
    unit: Unit, actor: Actor, docked: Docked, row: ForeignAct, verb: str, grade: str, table: model.Table
) -> Hold | None:
    """The verb of our flow that answers to an act of theirs."""
    event = event_service.get_event(unit, TAKER, docked.event)
    found = flow_service.get_flow(unit, TAKER, event.flow, event.flow_version).find_verb(verb)
    if found is None:
        return Hold(Why.unmapped, "act_in", row.act, f"the flow has no verb {verb}")
    if found.to != SAME and len(order_store.docked_of(unit, [event.id], seen_by=TAKER)) > 1:
        return Hold(Why.merged, "act_in", row.act, event.case_no)
    said = row.text.replace("\0", "").strip()[:LONGEST] or t("docking.said_nothing")
    takes_outcome = "outcome" in (*found.takes, *found.requires)
    outcome = table.get("outcome_in", {}).get(row.outcome, row.outcome)[:60] if takes_outcome else ""
    act(unit, actor, event.id, verb, ActArgs(reason=said, satisfaction=grade, outcome=outcome))
    return None
