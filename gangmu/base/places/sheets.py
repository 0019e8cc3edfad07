"""Standard addresses and landmarks as a spreadsheet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gangmu.base.places import address_store, division_sheets, service
from gangmu.base.places.founding import MANAGE
from gangmu.base.places.model import Finding
from gangmu.kit.actor import Actor
from gangmu.kit.page import MOST, Page
from gangmu.kit.sheet_kinds import BadRow, Column, Line, Outcome, SheetKind, sheet_kind
from gangmu.kit.unit import Unit


def rows(unit: Unit, actor: Actor) -> Iterator[Mapping[str, Any]]:
    """Every valid address, by pinyin."""
    after: str | None = None
    while True:
        found = address_store.list_all(unit, Page(MOST, after), seen_by=actor)
        for one in found.items:
            yield {
                "address": one.full,
                "division": one.division,
                "road": one.road or one.compound,
                "house_no": one.house_no,
                "poi": one.name,
                "kind": one.kind,
                "lon": one.lon,
                "lat": one.lat,
                "aliases": list(one.aliases),
            }
        after = found.next
        if after is None:
            return


@dataclass(slots=True)
class TakeAddresses:
    """Addresses that are not there are added; those that are stay as they are."""

    unit: Unit
    actor: Actor
    reader: service.AddressReader
    fresh: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, line: Line) -> Outcome:
        told = {name: line[name] for name in ("address", "division", "road", "house_no", "poi", "kind", "lon", "lat")}
        found = self.reader.read(line.number, told)
        if isinstance(found, Finding):
            raise BadRow(found.field, f"places.reason.{found.reason}", value=found.value)
        if found["full"] in self.fresh or address_store.addresses_known(self.unit, [found["full"]], seen_by=self.actor):
            return "unchanged"
        self.fresh[found["full"]] = {**found, "aliases": list(line.list("aliases"))[:20]}
        return "added"

    def end(self) -> None:
        address_store.add_addresses(self.unit, list(self.fresh.values()), "sheet")
        self.fresh = {}


def start(unit: Unit, actor: Actor, preview: bool) -> TakeAddresses:
    return TakeAddresses(unit, actor, service.AddressReader.of(unit, actor, "CGCS2000"))


ADDRESSES = sheet_kind(
    SheetKind(
        id="addresses",
        can_read="place.read",
        can_write=MANAGE,
        order=50,
        columns=(
            Column("address", most=300, width=40),
            Column("division", form="code"),
            Column("road", most=120),
            Column("house_no", most=40),
            Column("poi", most=120),
            Column("kind", most=40),
            Column("lon", form="decimal"),
            Column("lat", form="decimal"),
            Column("aliases", many=True),
        ),
        rows=rows,
        start=start,
        bulk=True,
    )
)

__all__ = ["ADDRESSES", "division_sheets"]
