"""Reading an order of another system: its codes by the link's mappings, its place, its state in our flow."""

from typing import Any

from gangmu.base import places
from gangmu.base.org import service as org_service
from gangmu.base.places import service as places_service
from gangmu.core.docking import mapping_store, model
from gangmu.core.docking.model import Link, Missing, Translated, Why
from gangmu.core.docking.rows import LONGEST, TAKER, Hold
from gangmu.core.event.bulk import ForeignReport
from gangmu.core.event.settings import EventSettings
from gangmu.core.flow import service as flow_service
from gangmu.core.flow.model import HolderOf
from gangmu.core.matter import service as matter_service
from gangmu.core.report.model import LONGEST_TEXT, Kind
from gangmu.kit import geo, settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import HouseError
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.sdk.exchange import ForeignOrder


class House:
    """What is looked up once a batch: mappings, divisions, classes, units, the flow."""

    def __init__(self, unit: Unit, link: Link) -> None:
        self.link = link
        self.table = mapping_store.table_of(unit, link.id)
        self.known = frozenset(one.code for one in places_service.list_divisions(unit, TAKER, None))
        self.way = flow_service.current_flow(unit, TAKER, link.flow)
        self._classes: dict[tuple[str, str], Id | None] = {}
        self._units: dict[str, bool] = {}

    def report_of(self, unit: Unit, actor: Actor, order: ForeignOrder, takeover: bool) -> ForeignReport | Hold:
        found = model.translate(order, self.table, self.link, self.known, takeover=takeover)
        if isinstance(found, list):
            first: Missing = found[0]
            every = "; ".join(f"{one.kind} {one.code}" for one in found)
            return Hold(first.why, first.kind, first.code[:200], every[:LONGEST])
        if found.kind not in {kind.value for kind in Kind}:
            return Hold(Why.unmapped, "kind", order.kind, f"kind {order.kind} -> {found.kind}")
        filed = self._class(unit, found)
        if isinstance(filed, Hold):
            return filed
        lead = self._unit(unit, found.unit, order)
        if isinstance(lead, Hold):
            return lead
        at_state = self._state(found, order, lead)
        if isinstance(at_state, Hold):
            return at_state
        try:
            point = None if order.lon is None or order.lat is None else geo.point(order.lon, order.lat, order.datum)
        except HouseError as error:
            return Hold(Why.unreadable, "lon", "", str(error)[:LONGEST])
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

    def _class(self, unit: Unit, found: Translated) -> Id | Hold | None:
        if found.matter is None:
            return None
        if found.matter not in self._classes:
            row = matter_service.find_class(unit, TAKER, *found.matter)
            self._classes[found.matter] = row.id if row else None
        filed = self._classes[found.matter]
        return filed or Hold(Why.unmapped, "class", ":".join(found.matter), "this class is not in force")

    def _unit(self, unit: Unit, wanted: str, order: ForeignOrder) -> Id | Hold | None:
        if not wanted:
            return None
        if wanted not in self._units:
            self._units[wanted] = Id(wanted) in org_service.get_orgs(unit, TAKER, [Id(wanted)])
        return Id(wanted) if self._units[wanted] else Hold(Why.unmapped, "unit", order.unit, "this unit is not here")

    def _state(self, found: Translated, order: ForeignOrder, lead: Id | None) -> tuple[str, str] | Hold:
        """Life and state in which an order that is taken over goes on."""
        if not found.state or found.state == self.way.start:
            return "open", ""
        state = self.way.find_state(found.state)
        if state is None:
            return Hold(Why.unmapped, "state_in", order.state, f"the flow has no state {found.state}")
        if state.status.value != "open":
            return state.status.value, ""
        if state.holder_of is not HolderOf.centre and lead is None:
            return Hold(Why.unmapped, "unit", order.unit, f"in {found.state} a unit has it, and none is named")
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
