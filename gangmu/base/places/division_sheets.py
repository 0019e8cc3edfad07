"""Divisions and unit grids as spreadsheets (区划、单元网格): a list out and in again, with what is wrong row by row.

Outlines stay where they belong: those of divisions come as boundary files, a unit grid's stands in its row as WKT, in
CGCS2000 degrees. A coded grid never changes its outline; it is voided, and its successors are added.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from gangmu.base.places import founding, grids, service, store
from gangmu.base.places.codes import full_code, level_of, parent_of, short_code
from gangmu.base.places.errors import BadDivisionCode, BadValidity
from gangmu.base.places.files import Feature
from gangmu.base.places.founding import MANAGE
from gangmu.base.places.model import Division, Finding, GridState
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.page import MOST, Page
from gangmu.kit.sheet_kinds import BadRow, Column, Line, Outcome, SheetKind, sheet_kind
from gangmu.kit.unit import Unit

LONGEST_WKT = 32_000  # a cell of a workbook holds 32,767 characters


def division_rows(unit: Unit, actor: Actor, division: str = "") -> Iterator[Mapping[str, Any]]:
    """The divisions of today, those above before those below."""
    inside = short_code(full_code(division)) if division else ""
    for one in sorted(service.list_divisions(unit, actor), key=lambda each: (each.parent, each.code)):
        if one.code.startswith(inside):
            yield {
                "code": one.code,
                "name": one.name,
                "level": one.level,
                "parent": one.parent,
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
                "successor": one.successor,
            }


@dataclass(slots=True)
class TakeDivisions:
    """Divisions that are not there are added below what is, other names begin on their day, those with an end end."""

    unit: Unit
    actor: Actor
    known: dict[str, Division]

    def take(self, line: Line) -> Outcome:
        try:
            code = full_code(line["code"])
            heir = full_code(line["successor"]) if line["successor"] else None
        except BadDivisionCode as wrong:
            column = (
                "successor" if line["successor"] and wrong.params.get("given") == line["successor"][:40] else "code"
            )
            raise BadRow(column, "places.reason.bad_code", value=line[column]) from wrong
        begin, end = _day(line["valid_from"]), _day(line["valid_to"])
        was = self.known.get(code)
        name = " ".join(line["name"].split())
        try:
            if was is None:
                if end is not None:
                    raise BadRow("valid_to", "not_there", value=line["code"])
                self._under_something(code, line)
                self.known[code] = founding.add_division(self.unit, self.actor, code, name, begin)
                return "added"
            return self._change(was, name, begin, end, heir)
        except BadValidity as wrong:
            raise BadRow("valid_to" if end else "valid_from", "too_early", value=line["valid_from"]) from wrong
        except Invalid as wrong:
            reason = str(wrong.params.get("reason", ""))
            at = str(wrong.params.get("field", "code"))
            raise BadRow(at if at in line else "code", f"places.reason.{reason}", value=line["code"]) from wrong

    def _under_something(self, code: str, line: Line) -> None:
        above = parent_of(code)
        if above and above not in self.known:
            raise BadRow("code", "nothing_above", value=above)
        level_of(code)

    def _change(self, was: Division, name: str, begin: date | None, end: date | None, heir: str | None) -> Outcome:
        if end is not None and end != was.valid_to:
            founding.end_division(self.unit, self.actor, was.code, end, heir)
            self.known.pop(was.code, None)
            return "ended"
        if name == was.name:
            return "unchanged"
        since = begin if begin is not None and begin != was.valid_from else None
        self.known[was.code] = founding.rename_division(self.unit, self.actor, was.code, name, since)
        return "changed"

    def end(self) -> None:
        """Nothing is left to do."""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _start_divisions(unit: Unit, actor: Actor, preview: bool) -> TakeDivisions:
    founding.require(actor, founding.city(unit, actor).code)
    return TakeDivisions(unit, actor, dict(store.known_now(unit, seen_by=actor)))


# --- unit grids ---------------------------------------------------------------------------------------------


def grid_rows(unit: Unit, actor: Actor, division: str = "") -> Iterator[Mapping[str, Any]]:
    """The unit grids by code, voided ones too, with their outlines."""
    within = full_code(division) if division else founding.city(unit, actor).code
    outlines = store.unit_outlines(unit, seen_by=actor)
    after: str | None = None
    while True:
        found = store.list_unit_grids(unit, within, Page(MOST, after), seen_by=actor)
        for one in found.items:
            outline = outlines.get(one.code)
            text = shapely.to_wkt(outline, rounding_precision=7, trim=True) if outline is not None else ""
            yield {
                "code": one.code,
                "community": one.division,
                "state": one.state,
                "reason": one.reason,
                "area_m2": round(one.area_m2),
                "lon": one.lon,
                "lat": one.lat,
                "outline": text if len(text) <= LONGEST_WKT else "",
            }
        after = found.next
        if after is None:
            return


@dataclass(slots=True)
class TakeGrids:
    """Grids with an outline that are not there are added, each fitted between the others; those marked void are voided;
    a grid that is there keeps its outline."""

    unit: Unit
    actor: Actor
    only_look: bool
    states: dict[str, str]
    standing: Mapping[str, BaseGeometry]

    def take(self, line: Line) -> Outcome:
        (outcome,) = self.take_many([line])
        if isinstance(outcome, BadRow):
            raise outcome
        return outcome

    def take_many(self, lines: Sequence[Line]) -> list[Outcome | BadRow]:
        """Rows are fitted together: of two that overlap the later is told."""
        told: dict[int, Outcome | BadRow] = {}
        fresh: list[Feature] = []
        for line in lines:
            try:
                found = self._read(line)
            except BadRow as bad:
                told[line.number] = bad
                continue
            if isinstance(found, Feature):
                fresh.append(found)
            else:
                told[line.number] = found
        if fresh:
            report = grids.import_unit_grids(self.unit, self.actor, fresh, source="sheet")
            wrong = {one.row: one for one in report.findings if not one.is_note}
            for feature in fresh:
                bad = wrong.get(feature.row)
                told[feature.row] = _bad(bad) if bad is not None else "added"
        return [told[line.number] for line in lines]

    def _read(self, line: Line) -> Outcome | Feature:
        code = line["code"]
        held = self.states.get(code) if code else None
        if line["state"] == GridState.void.value:
            return self._void(code, held, line)
        if held == GridState.void.value:
            raise BadRow("code", "places.reason.code_void", value=code)
        if held is not None:
            if line["outline"] and not self._same(code, _outline(line)):
                raise BadRow("outline", "keeps_outline", value=code)
            return "unchanged"
        if not line["outline"]:
            raise BadRow("outline", "missing")
        fields = {"code": code} if code else {"community": line["community"]}
        return Feature(line.number, fields, _outline(line))

    def _void(self, code: str, held: str | None, line: Line) -> Outcome:
        if held is None:
            raise BadRow("code", "not_there", value=code)
        if held == GridState.void.value:
            return "unchanged"
        if not line["reason"]:
            raise BadRow("reason", "missing")
        grids.void_unit_grid(self.unit, self.actor, code, line["reason"])
        self.states[code] = GridState.void.value
        return "ended"

    def _same(self, code: str, outline: BaseGeometry) -> bool:
        held = self.standing.get(code)
        if held is None:
            return False
        return bool(shapely.normalize(held).equals_exact(shapely.normalize(outline), 1e-6))

    def end(self) -> None:
        """Nothing is left to do."""


def _outline(line: Line) -> BaseGeometry:
    try:
        found = shapely.from_wkt(line["outline"])
    except (ShapelyError, ValueError) as wrong:
        raise BadRow("outline", "not_an_outline", value=line["outline"][:40]) from wrong
    if found.is_empty or found.geom_type != "Polygon":
        raise BadRow("outline", "not_an_outline", value=found.geom_type)
    west, south, east, north = found.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadRow("outline", "not_an_outline", value=line["outline"][:40])
    return found


def _bad(found: Finding) -> BadRow:
    column = found.field if found.field in ("code", "community") else "outline"
    return BadRow(column, f"places.reason.{found.reason}", value=found.value)


def _start_grids(unit: Unit, actor: Actor, preview: bool) -> TakeGrids:
    founding.require(actor, founding.city(unit, actor).code)
    states = dict(store.unit_codes(unit, seen_by=actor))
    return TakeGrids(unit, actor, preview, states, store.unit_outlines(unit, seen_by=actor))


sheet_kind(
    SheetKind(
        id="divisions",
        can_read="place.read",
        can_write=MANAGE,
        order=48,
        columns=(
            Column("code", must=True, form="code", most=12, also=("代码", "区划代码")),
            Column("name", must=True, most=120, also=("名称",), width=28),
            Column("level", asked=False),
            Column("parent", form="code", asked=False),
            Column("valid_from", form="date"),
            Column("valid_to", form="date"),
            Column("successor", form="code", most=12),
        ),
        rows=division_rows,
        start=_start_divisions,
        key=("code",),
        batch=0,
        asks=("division",),
    )
)
sheet_kind(
    SheetKind(
        id="unit_grids",
        can_read="place.read",
        can_write=MANAGE,
        order=49,
        columns=(
            Column("code", form="code", most=15, width=20),
            Column("community", form="code", most=12),
            Column("state", choices=tuple(one.value for one in GridState)),
            Column("reason", most=500),
            Column("area_m2", form="decimal", asked=False),
            Column("lon", form="decimal", asked=False),
            Column("lat", form="decimal", asked=False),
            Column("outline", most=LONGEST_WKT, width=40),
        ),
        rows=grid_rows,
        start=_start_grids,
        batch=0,
        bulk=True,
        asks=("division",),
    )
)
