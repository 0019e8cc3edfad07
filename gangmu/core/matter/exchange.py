"""Use cases of the workbook: the catalogue out, and in again with a preview."""

from dataclasses import dataclass, replace

from gangmu.core.matter import service, sheet, store
from gangmu.core.matter.model import Condition, Matter
from gangmu.core.matter.service import ClassDraft, ConditionDraft
from gangmu.core.matter.settings import MatterSettings
from gangmu.core.matter.sheet import BadRow, ClassRow, ConditionRow
from gangmu.kit import settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import HouseError
from gangmu.kit.unit import Unit

COUNTED = ("added", "changed", "ended", "unchanged")


@dataclass(frozen=True, slots=True)
class Change:
    """What a row would do or did: added, changed, ended, unchanged."""

    sheet: str
    row: int
    code: str
    title: str
    does: str


@dataclass(frozen=True, slots=True)
class Imported:
    """read = changes + bad rows. `preview` wrote nothing."""

    preview: bool
    read: int
    changes: tuple[Change, ...]
    bad: tuple[BadRow, ...]

    def count(self, does: str) -> int:
        return sum(c.does == does for c in self.changes)


def export_catalogue(unit: Unit, actor: Actor, tree: str = "") -> bytes:
    """The catalogue in force today as XLSX."""
    day = service.today(unit)
    matters = store.list_matters(unit, day, seen_by=actor, tree=tree, most=sheet.MOST_ROWS)
    conditions = store.list_conditions(unit, day, seen_by=actor, tree=tree)
    unit.note("export catalogue", tree or "all", classes=len(matters), conditions=len(conditions))
    return sheet.write(matters, conditions)


def import_catalogue(unit: Unit, actor: Actor, blob: bytes, preview: bool) -> Imported:
    """Take in a workbook: good rows become new editions, bad ones are listed with row, field and reason. A row that
    says what is already so changes nothing, so that the same workbook can be sent twice."""
    trees = {tree.id: tree for tree in store.list_trees(unit, seen_by=actor)}
    book = sheet.read(blob, trees, settings.get(MatterSettings).upload_mb * 1_000_000)
    work = _Import(unit, actor, preview)
    rows: list[ClassRow | ConditionRow] = [*sorted(book.classes, key=_parents_first), *book.conditions]
    for row in rows:
        work.take(row)
    bad = sorted([*book.bad, *work.bad], key=lambda b: (b.sheet, b.row))
    return Imported(preview, book.read, tuple(work.changes), tuple(bad))


def _parents_first(row: ClassRow) -> tuple[bool, int, int]:
    """New classes from the top down, ended ones last and from the bottom up."""
    length = len(row.draft.code)
    return row.ended, -length if row.ended else length, row.row


class _Import:
    """One import at work. A preview only says what each row would do."""

    def __init__(self, unit: Unit, actor: Actor, preview: bool) -> None:
        self.unit, self.actor, self.preview = unit, actor, preview
        self.changes: list[Change] = []
        self.bad: list[BadRow] = []
        self.coming: set[tuple[str, str]] = set()
        self.seen: set[tuple[str, str, str, int]] = set()

    def take(self, row: ClassRow | ConditionRow) -> None:
        name = "classes" if isinstance(row, ClassRow) else "conditions"
        seq = 0 if isinstance(row, ClassRow) else row.seq
        key = (name, row.draft.tree, row.draft.code, seq)
        if key in self.seen and (seq or isinstance(row, ClassRow)):
            self.bad.append(BadRow(name, row.row, "code", "twice", row.draft.code))
            return
        self.seen.add(key)
        try:
            does = self._class(row) if isinstance(row, ClassRow) else self._condition(row)
        except HouseError as error:
            field = str(error.params.get("field", "code"))
            self.bad.append(BadRow(name, row.row, field, "refused", str(error.params.get("reason", error.code))[:60]))
            return
        title = row.draft.title_zh if isinstance(row, ClassRow) else row.draft.text_zh
        self.changes.append(Change(name, row.row, row.draft.code, title, does))

    def _class(self, row: ClassRow) -> str:
        draft = row.draft
        was = store.find_open_matter(self.unit, draft.tree, draft.code, seen_by=self.actor)
        if was is None:
            if row.ended:
                return "unchanged"
            self.coming.add((draft.tree, draft.code))
            if not self.preview:
                service.add_class(self.unit, self.actor, draft)
            return "added"
        if row.ended:
            if not self.preview:
                service.end_class(self.unit, self.actor, was.id, was.version)
            return "ended"
        if _same_class(was, draft):
            return "unchanged"
        if not self.preview:
            service.change_class(self.unit, self.actor, was.id, draft, was.version)
        return "changed"

    def _condition(self, row: ConditionRow) -> str:
        draft, seq = row.draft, row.seq
        found = store.find_open_condition(self.unit, draft.tree, draft.code, seq, seen_by=self.actor) if seq else None
        if found is None:
            if row.ended:
                return "unchanged"
            if not self.preview:
                service.add_condition(self.unit, self.actor, draft)
            elif draft.code and (draft.tree, draft.code) not in self.coming:
                service.class_in_force(self.unit, self.actor, draft.tree, draft.code)
            return "added"
        if row.ended:
            if not self.preview:
                service.end_condition(self.unit, self.actor, found.id, found.version)
            return "ended"
        if _same_condition(found, draft):
            return "unchanged"
        if not self.preview:
            service.change_condition(self.unit, self.actor, found.id, draft, found.version)
        return "changed"


def _same_class(was: Matter, draft: ClassDraft) -> bool:
    said = (draft.title_zh, draft.title_en or draft.title_zh, draft.local, draft.national, draft.verified, draft.note)
    kept = (was.title_zh, was.title_en, was.local, was.national, was.verified, was.note)
    return said == kept and (draft.source or was.source, draft.region or was.region) == (was.source, was.region)


def _same_condition(was: Condition, draft: ConditionDraft) -> bool:
    closing = tuple((zh, en or zh) for zh, en in draft.closing)
    kept = tuple((c.text_zh, c.text_en) for c in was.closing)
    said = replace(draft, text_en=draft.text_en or draft.text_zh)
    fields = ("text_zh", "text_en", "limit", "units", "same_time", "verified", "note")
    same = all(getattr(said, name) == getattr(was, name) for name in fields) and closing == kept
    return same and (draft.source or was.source, draft.region or was.region) == (was.source, was.region)
