"""Mappings of links as a spreadsheet: a whole code list at once, brought in again and again."""

from collections.abc import Iterable, Mapping
from typing import Any

from gangmu.base import access
from gangmu.core.docking import mapping_store, model, service
from gangmu.core.docking.errors import BadMapping
from gangmu.core.docking.model import Link
from gangmu.kit.actor import Actor
from gangmu.kit.errors import NotFound
from gangmu.kit.page import MOST, Page
from gangmu.kit.sheet_kinds import BadRow, Column, Line, Outcome, SheetKind, sheet_kind
from gangmu.kit.unit import Unit

ENDED = "ended"


def rows(unit: Unit, actor: Actor, **asked: Any) -> Iterable[Mapping[str, Any]]:
    """The mappings in force of every link that the actor sees."""
    after = None
    while True:
        found = service.list_links(unit, actor, Page(MOST, after))
        for view in found.items:
            for row in mapping_store.list_mappings(unit, view.link.id, seen_by=actor):
                yield {"link": view.link.name, "kind": row.kind, "code": row.code, "value": row.value, "note": row.note}
        after = found.next
        if after is None:
            return


class Mapper:
    """Takes rows in: one mapping each; ``-`` for known and nothing, ``ended`` to end one."""

    def __init__(self, unit: Unit, actor: Actor, preview: bool) -> None:
        self._unit, self._actor = unit, actor
        self._links: dict[str, Link] = {}

    def take(self, line: Line) -> Outcome:
        link = self._link(line["link"])
        if line["value"] == ENDED:
            try:
                service.end_mapping(self._unit, self._actor, link.id, line["kind"], line["code"])
            except NotFound:
                return "unchanged"
            return "ended"
        try:
            return service.put_mapping(  # type: ignore[return-value]
                self._unit, self._actor, link.id, line["kind"], line["code"], line["value"], line["note"]
            )
        except BadMapping as wrong:
            raise BadRow("value", "unknown_value", **wrong.params) from wrong

    def _link(self, name: str) -> Link:
        if name not in self._links:
            try:
                link = service.find_link(self._unit, self._actor, name)
            except NotFound as missing:
                raise BadRow("link", "unknown_link", name=name) from missing
            access.require(self._actor, service.MAP, link.division)
            self._links[name] = link
        return self._links[name]

    def end(self) -> None:
        """Everything was written row by row."""


sheet_kind(
    SheetKind(
        id="mappings",
        can_read="docking.read",
        can_write="docking.map",
        order=80,
        columns=(
            Column("link", must=True, fill=True),
            Column("kind", must=True, choices=model.MAPPED),
            Column("code", must=True, form="code"),
            Column("value", must=True, form="code", width=28),
            Column("note", most=500),
        ),
        rows=rows,
        start=Mapper,
        key=("link", "kind", "code"),
    )
)
