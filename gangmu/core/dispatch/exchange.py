"""The duty list as a workbook: out for the people who keep it in Excel, in again row by row. Bad rows are told with
row, field and reason; the good ones are kept. Taking the same file in twice changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import IO

from gangmu.base import places
from gangmu.base.access import Located, sees
from gangmu.base.org import org_names
from gangmu.base.org import service as org_service
from gangmu.base.org.model import Org
from gangmu.core.dispatch import model, service, store
from gangmu.core.dispatch.model import Duty
from gangmu.core.dispatch.service import MANAGE, DutyDraft
from gangmu.core.matter import service as matter_service
from gangmu.kit import sheets
from gangmu.kit.actor import Actor
from gangmu.kit.errors import HouseError, Invalid, Refused
from gangmu.kit.sheets import Line
from gangmu.kit.text import division_full, division_prefix, t
from gangmu.kit.unit import Unit

COLUMNS = (
    "tree",
    "code",
    "matter",
    "division",
    "division_name",
    "level",
    "lead",
    "assistants",
    "to_towns",
    "basis",
    "source",
    "verified",
    "note",
    "valid_from",
)
WIDTHS = (16, 12, 24, 16, 16, 12, 28, 36, 12, 36, 24, 10, 24, 14)
LANGUAGES = ("zh-CN", "en")
MOST_FINDINGS = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a row: its number in the sheet, the column, a word of ``dispatch.row.*``, the value."""

    row: int
    field: str
    reason: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a workbook (or would, in a preview): ``read = added + changed + already + quarantined``."""

    read: int
    added: int
    changed: int
    already: int
    findings: tuple[Finding, ...]
    preview: bool

    @property
    def quarantined(self) -> int:
        return self.read - self.added - self.changed - self.already


@dataclass(slots=True)
class _Known:
    """What rows are read against, fetched once for the whole file."""

    day: date
    trees: frozenset[str]
    classes: Mapping[tuple[str, str], str]
    divisions: frozenset[str]
    orgs: Mapping[str, list[Org]]
    open_rows: Mapping[tuple[str, str, str, str], Duty]
    seen: set[tuple[str, str, str, str]] = field(default_factory=set)


def heads(lang: str) -> list[str]:
    """The headings of the workbook."""
    return [t(f"dispatch.column.{name}", lang) for name in COLUMNS]


def export(unit: Unit, actor: Actor, lang: str) -> bytes:
    """The rows that hold or will, as a workbook that can be taken in again."""
    rows = store.list_open(unit, seen_by=actor)
    names = org_names(unit, store.names(rows))
    areas = places.division_names(unit, {row.division for row in rows})
    titles = {(one.tree, one.code): one for one in matter_service.list_classes(unit, actor)}
    unit.note("export duty list", "duty_row", rows=len(rows))

    def title(row: Duty) -> str:
        found = titles.get((row.tree, row.code))
        return "" if found is None else found.title_en if lang == "en" else found.title_zh

    def line(row: Duty) -> list[object]:
        return [
            row.tree,
            row.code,
            title(row),
            row.division,
            areas.get(row.division, ""),
            t(f"dispatch.level.{row.level}", lang),
            names.get(row.lead_org, ""),
            "; ".join(names.get(org, "") for org in row.assistants),
            t(f"dispatch.truth.{'yes' if row.to_towns else 'no'}", lang),
            row.basis,
            row.source,
            t(f"dispatch.truth.{'yes' if row.verified else 'no'}", lang),
            row.note,
            row.valid_from,
        ]

    return sheets.write(t("dispatch.sheet", lang), heads(lang), (line(row) for row in rows), WIDTHS)


def take_in(unit: Unit, actor: Actor, file: IO[bytes], preview: bool, source: str = "") -> Imported:
    """Take in a workbook: new rows are opened, differing ones get their next edition, equal ones stay."""
    lines = sheets.read(file, [*COLUMNS, *heads(LANGUAGES[0]), *heads(LANGUAGES[1])])
    known = _known(unit, actor)
    findings: list[Finding] = []
    fresh: list[Duty] = []
    changed: list[tuple[Duty, Duty]] = []
    already = 0
    for line in lines:
        row = _row(actor, line, known)
        if isinstance(row, Finding):
            findings.append(row)
            continue
        known.seen.add(row.key)
        was = known.open_rows.get(row.key)
        if was is None:
            fresh.append(row)
        elif _same(was, row):
            already += 1
        else:
            day = max(row.valid_from, was.valid_from)
            changed.append((was, replace(row, valid_from=day, replaces=was.id)))
    if not preview:
        for was, row in changed:
            store.end_duty(unit, was, row.valid_from)
        store.add_duties(unit, [*fresh, *[row for _, row in changed]], source[:200] or "workbook")
    counts = len(lines), len(fresh), len(changed), already
    return Imported(*counts, tuple(findings[:MOST_FINDINGS]), preview)


def _same(was: Duty, row: Duty) -> bool:
    own = ("lead_org", "assistants", "to_towns", "basis", "source", "verified", "note")
    return all(getattr(was, name) == getattr(row, name) for name in own)


def _known(unit: Unit, actor: Actor) -> _Known:
    orgs: dict[str, list[Org]] = {}
    for one in org_service.list_orgs(unit, actor):
        orgs.setdefault(one.name, []).append(one)
    return _Known(
        day=service.today(unit),
        trees=frozenset(tree.id for tree in matter_service.list_trees(unit, actor)),
        classes={(one.tree, one.code): one.title_zh for one in matter_service.list_classes(unit, actor)},
        divisions=frozenset(one.code for one in places.list_divisions(unit, actor)),
        orgs=orgs,
        open_rows={row.key: row for row in store.list_open(unit, seen_by=actor)},
    )


def _cell(line: Line, name: str) -> str:
    return line.get(name, *[t(f"dispatch.column.{name}", lang).lower() for lang in LANGUAGES]).strip()


def _row(actor: Actor, line: Line, known: _Known) -> Duty | Finding:
    """A row of the sheet as a row of the list, or what is wrong with it."""
    try:
        return _read(actor, line, known)
    except Invalid as wrong:
        return Finding(line.number, str(wrong.params["field"]), str(wrong.params["reason"]), _shown(line, wrong))
    except Refused:
        return Finding(line.number, "division", "not_yours", _cell(line, "division")[:200])
    except HouseError as wrong:
        return Finding(line.number, "", wrong.code, "")


def _shown(line: Line, wrong: Invalid) -> str:
    return _cell(line, str(wrong.params["field"]))[:200]


def _read(actor: Actor, line: Line, known: _Known) -> Duty:
    tree, code = _cell(line, "tree"), _cell(line, "code")
    if tree not in known.trees:
        raise Invalid(field="tree", reason="unknown_tree")
    if code and (tree, code) not in known.classes:
        raise Invalid(field="code", reason="unknown_class")
    given = _cell(line, "division")
    division = division_full(given) if given.isdigit() and len(given) in (4, 6, 9, 12) else ""
    if division not in known.divisions:
        raise Invalid(field="division", reason="unknown_division" if given else "missing")
    if not sees(actor, MANAGE, Located(division)):
        raise Refused(action=MANAGE)
    lead = _org(_cell(line, "lead"), division, known, "lead")
    helpers = [part.strip() for part in _cell(line, "assistants").replace("；", ";").replace("、", ";").split(";")]
    assistants = tuple(_org(part, division, known, "assistants").id for part in helpers if part)
    draft = DutyDraft(
        tree=tree,
        code=code,
        division=division,
        level=_level(_cell(line, "level")),
        lead_org=lead.id,
        assistants=assistants,
        to_towns=_truth(line, "to_towns"),
        source=_text(line, "source", 200),
        basis=_text(line, "basis", 1000),
        verified=_truth(line, "verified"),
        note=_text(line, "note", 1000),
    )
    row = service.row_of(draft, division, _day(line, known.day), None)
    try:
        model.check_duty(row, lead.level.value)
    except Invalid as wrong:
        raise Invalid(
            field=_COLUMN.get(str(wrong.params["field"]), wrong.params["field"]), reason="contradiction"
        ) from wrong
    if row.key in known.seen:
        raise Invalid(field="code", reason="twice")
    return row


_COLUMN = {"lead_org": "lead"}


def _org(name: str, division: str, known: _Known, column: str) -> Org:
    """The organisation of a name: of several the one that sits closest above the area."""
    found = [one for one in known.orgs.get(" ".join(name.split()), []) if one.active]
    if not found:
        raise Invalid(field=column, reason="unknown_org" if name else "missing")
    above = [one for one in found if division.startswith(division_prefix(one.division))]
    if len(found) > 1 and not above:
        raise Invalid(field=column, reason="org_not_clear")
    return max(above or found, key=lambda one: len(division_prefix(one.division)))


def _level(given: str) -> str:
    plain = given.lower()
    for level in model.LEVELS:
        if plain == level or any(given == t(f"dispatch.level.{level}", lang) for lang in LANGUAGES):
            return level
    raise Invalid(field="level", reason="unknown_level" if given else "missing")


def _truth(line: Line, name: str) -> bool:
    given = _cell(line, name).lower()
    for said, truth in (("yes", True), ("no", False)):
        if given in {said, said[0], *(t(f"dispatch.truth.{said}", lang).lower() for lang in LANGUAGES)}:
            return truth
    if given in ("", "0", "false", "1", "true"):
        return given in ("1", "true")
    raise Invalid(field=name, reason="neither_yes_nor_no")


def _text(line: Line, name: str, most: int) -> str:
    given = _cell(line, name)
    if len(given) > most:
        raise Invalid(field=name, reason="too_long")
    return given


def _day(line: Line, today: date) -> date:
    given = _cell(line, "valid_from")
    if not given:
        return today
    try:
        return date.fromisoformat(given[:10].replace("/", "-"))
    except ValueError:
        raise Invalid(field="valid_from", reason="no_date") from None
