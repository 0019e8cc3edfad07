"""The component register as a spreadsheet: out for surveyors, in again row by row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gangmu.base.registers import importing, service, store
from gangmu.base.registers.importing import BadCell, Foreseen, Reader
from gangmu.base.registers.model import Component, State
from gangmu.base.registers.store import Wanted
from gangmu.kit.actor import Actor
from gangmu.kit.page import MOST, Page
from gangmu.kit.sheet_kinds import BadRow, Column, Line, Outcome, SheetKind, sheet_kind
from gangmu.kit.text import division_full
from gangmu.kit.unit import Unit

_COLUMNS = tuple(name for name in importing.COLUMNS if name not in ("first_on", "changed_on"))


def rows(unit: Unit, actor: Actor, division: str = "") -> Iterator[Mapping[str, Any]]:
    """Every component that is not void, by code."""
    wanted = Wanted(division=division_full(division) if division else "")
    after: str | None = None
    while True:
        found = store.list_components(unit, wanted, Page(MOST, after), seen_by=actor)
        for one in found.items:
            yield row_of(one)
        after = found.next
        if after is None:
            return


def row_of(one: Component) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in importing.COLUMNS if name not in service.OWNERS}
    return {**told, **{name: getattr(one, f"{name}_name") for name in service.OWNERS}}


@dataclass(slots=True)
class TakeComponents:
    """Rows are read one by one and written together: new ones as a load, differing ones as editions."""

    unit: Unit
    actor: Actor
    reader: Reader
    only_look: bool
    wanted: dict[int, Foreseen] = field(default_factory=dict)

    def take(self, line: Line) -> Outcome:
        (outcome,) = self.take_many([line])
        if isinstance(outcome, BadRow):
            raise outcome
        return outcome

    def take_many(self, lines: Sequence[Line]) -> list[Outcome | BadRow]:
        """Rows are placed and looked up together."""
        read: dict[int, Component] = {}
        told: dict[int, Outcome | BadRow] = {}
        for line in lines:
            cells: dict[str, Any] = {name: line[name] for name in importing.COLUMNS}
            if cells["on_blind_path"]:
                cells["on_blind_path"] = "true" if line.is_true("on_blind_path") else "false"
            try:
                read[line.number] = self.reader.read(cells)
            except BadCell as bad:
                told[line.number] = BadRow(bad.field, bad.reason, value=bad.value)
        for number, found in importing.foresee(self.unit, self.actor, list(read.items())).items():
            if found.wrong is not None:
                told[number] = BadRow(found.wrong.field, found.wrong.reason, value=found.wrong.value)
                continue
            told[number] = found.outcome
            if found.outcome != "unchanged" and not self.only_look:
                self.wanted[number] = found
        return [told[line.number] for line in lines]

    def end(self) -> None:
        if self.only_look:
            return
        done = importing.write(self.unit, self.actor, self.wanted, self.reader.source)
        self.wanted = {}
        if done.findings:
            first = done.findings[0]
            raise BadRow(first.field, first.reason, value=first.value)


def start(unit: Unit, actor: Actor, preview: bool) -> TakeComponents:
    return TakeComponents(unit, actor, Reader.of(unit, actor, "CGCS2000", "sheet"), preview)


COMPONENTS = sheet_kind(
    SheetKind(
        id="components",
        can_read=store.READ,
        can_write=service.MANAGE,
        order=40,
        columns=(
            Column("code", form="code", also=("部件标识码", "标识码", "ObjID")),
            Column("kind", form="code", also=("小类代码",)),
            Column("name", most=200, also=("部件名称", "ObjName")),
            Column("division", form="code"),
            Column("state", choices=tuple(one.value for one in State), also=("ObjState",)),
            *(Column(name, most=120) for name in service.OWNERS),
            Column("first_on", form="date", also=("ORDate",)),
            Column("changed_on", form="date", also=("CHDate",)),
            Column("source", word="origin", most=200),
            Column("accuracy", choices=("A", "B", "C")),
            Column("lon", form="decimal"),
            Column("lat", form="decimal"),
            Column("road", most=200),
            Column("note", most=200),
            Column("material", most=200),
            Column("shape", most=200),
            Column("height_m", form="decimal"),
            Column("on_blind_path", form="truth"),
        ),
        rows=rows,
        start=start,
        key=("code",),
        batch=5000,
        bulk=True,
        asks=("division",),
    )
)
