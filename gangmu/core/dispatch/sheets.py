"""The duty list as a spreadsheet: out for the people who keep it in Excel, in again row by row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from gangmu.base import places
from gangmu.base.access import Located, sees
from gangmu.base.org import org_names
from gangmu.base.org import service as org_service
from gangmu.base.org.model import Org
from gangmu.core.dispatch import model, service, store
from gangmu.core.dispatch.model import Duty
from gangmu.core.dispatch.service import MANAGE, DutyDraft
from gangmu.core.matter import service as matter_service
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid, Refused
from gangmu.kit.sheet_kinds import BadRow, Column, Line, Outcome, SheetKind, sheet_kind
from gangmu.kit.text import division_full, division_prefix
from gangmu.kit.unit import Unit

_COLUMN = {"lead_org": "lead"}


def rows(unit: Unit, actor: Actor, tree: str = "") -> Iterator[Mapping[str, Any]]:
    """The rows that hold or will."""
    found = [row for row in store.list_open(unit, seen_by=actor) if tree in ("", row.tree)]
    names = org_names(unit, store.names(found))
    areas = places.division_names(unit, {row.division for row in found})
    titles = {(one.tree, one.code): one.title_zh for one in matter_service.list_classes(unit, actor)}
    for row in found:
        yield {
            "tree": row.tree,
            "code": row.code,
            "matter": titles.get((row.tree, row.code), ""),
            "division": row.division,
            "division_name": areas.get(row.division, ""),
            "level": row.level,
            "lead": names.get(row.lead_org, ""),
            "assistants": [names.get(org, "") for org in row.assistants],
            "to_towns": row.to_towns,
            "basis": row.basis,
            "source": row.source,
            "verified": row.verified,
            "note": row.note,
            "valid_from": row.valid_from,
        }


@dataclass(slots=True)
class _Known:
    """What rows are read against, fetched once."""

    day: date
    trees: frozenset[str]
    classes: frozenset[tuple[str, str]]
    divisions: frozenset[str]
    orgs: Mapping[str, list[Org]]
    open_rows: Mapping[tuple[str, str, str, str], Duty]


def _known(unit: Unit, actor: Actor) -> _Known:
    orgs: dict[str, list[Org]] = {}
    for one in org_service.list_orgs(unit, actor):
        orgs.setdefault(one.name, []).append(one)
    return _Known(
        day=service.today(unit),
        trees=frozenset(tree.id for tree in matter_service.list_trees(unit, actor)),
        classes=frozenset((one.tree, one.code) for one in matter_service.list_classes(unit, actor)),
        divisions=frozenset(one.code for one in places.list_divisions(unit, actor)),
        orgs=orgs,
        open_rows={row.key: row for row in store.list_open(unit, seen_by=actor)},
    )


@dataclass(slots=True)
class TakeDuties:
    """New rows are opened, differing ones get their next edition, equal ones stay."""

    unit: Unit
    actor: Actor
    only_look: bool
    known: _Known
    fresh: list[Duty] = field(default_factory=list)
    changed: list[tuple[Duty, Duty]] = field(default_factory=list)

    def take(self, line: Line) -> Outcome:
        row = self._row(line)
        was = self.known.open_rows.get(row.key)
        if was is None:
            self.fresh.append(row)
            return "added"
        if _same(was, row):
            return "unchanged"
        day = max(row.valid_from, was.valid_from)
        self.changed.append((was, replace(row, valid_from=day, replaces=was.id)))
        return "changed"

    def end(self) -> None:
        if self.only_look:
            return
        for was, row in self.changed:
            store.end_duty(self.unit, was, row.valid_from)
        store.add_duties(self.unit, [*self.fresh, *[row for _, row in self.changed]], "spreadsheet")

    def _row(self, line: Line) -> Duty:
        tree, code, known = line["tree"], line["code"], self.known
        if tree not in known.trees:
            raise BadRow("tree", "unknown_tree", value=tree)
        if code and (tree, code) not in known.classes:
            if (tree, "0" + code) not in known.classes:
                raise BadRow("code", "unknown_class", value=code)
            code = "0" + code  # a code typed as a number has lost its zero
        given = line["division"]
        division = division_full(given) if given.isdigit() and len(given) in (4, 6, 9, 12) else ""
        if division not in known.divisions:
            raise BadRow("division", "unknown_division", value=given)
        if not sees(self.actor, MANAGE, Located(division)):
            raise BadRow("division", "not_yours", value=given)
        lead = self._org(line["lead"], division, "lead")
        helpers = tuple(self._org(name, division, "assistants").id for name in line.list("assistants"))
        draft = DutyDraft(
            tree=tree,
            code=code,
            division=division,
            level=line["level"],
            lead_org=lead.id,
            assistants=helpers,
            to_towns=line.is_true("to_towns"),
            source=line["source"],
            basis=line["basis"],
            verified=line.is_true("verified"),
            note=line["note"],
        )
        day = date.fromisoformat(line["valid_from"]) if line["valid_from"] else known.day
        row = service.row_of(draft, division, day, None)
        try:
            model.check_duty(row, lead.level.value)
        except Invalid as wrong:
            named = str(wrong.params["field"])
            raise BadRow(_COLUMN.get(named, named), "contradiction") from wrong
        except Refused as wrong:
            raise BadRow("lead", "contradiction") from wrong
        return row

    def _org(self, name: str, division: str, column: str) -> Org:
        """The organisation of a name: of several the one that sits closest above the area."""
        found = [one for one in self.known.orgs.get(" ".join(name.split()), []) if one.active]
        if not found:
            raise BadRow(column, "unknown_org", value=name)
        above = [one for one in found if division.startswith(division_prefix(one.division))]
        if len(found) > 1 and not above:
            raise BadRow(column, "org_not_clear", value=name)
        return max(above or found, key=lambda one: len(division_prefix(one.division)))


def _same(was: Duty, row: Duty) -> bool:
    own = ("lead_org", "assistants", "to_towns", "basis", "source", "verified", "note")
    return all(getattr(was, name) == getattr(row, name) for name in own)


sheet_kind(
    SheetKind(
        id="duties",
        can_read="duty.read",
        can_write=MANAGE,
        order=30,
        columns=(
            Column("tree", must=True, form="code", fill=True, width=16),
            Column("code", form="code", width=12),
            Column("matter", asked=False, width=24),
            Column("division", must=True, form="code", fill=True),
            Column("division_name", asked=False),
            Column("level", must=True, choices=model.LEVELS, fill=True, width=12),
            Column("lead", must=True, fill=True, width=28),
            Column("assistants", many=True, width=36),
            Column("to_towns", form="truth", width=12),
            Column("basis", width=36),
            Column("source", most=200, width=24),
            Column("verified", form="truth", width=10),
            Column("note", width=24),
            Column("valid_from", form="date", width=14),
        ),
        key=("tree", "code", "division", "level"),
        rows=rows,
        start=lambda unit, actor, only_look: TakeDuties(unit, actor, only_look, _known(unit, actor)),
        batch=2000,
        bulk=True,
        asks=("tree",),
    )
)
