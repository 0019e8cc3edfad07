"""The catalogue as spreadsheets: classes and filing conditions, out and in again row by row.

A row that says what is already so changes nothing; one with a yes under ``ended`` closes what it names. A condition
without a number is a new one, unless the class has one of the same words. A preview does the same and is taken back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gangmu.core.matter import service, store
from gangmu.core.matter.errors import CodeMalformed, LimitMalformed
from gangmu.core.matter.model import Condition, Matter, Tree, read_limit
from gangmu.core.matter.service import ClassDraft, ConditionDraft
from gangmu.kit.actor import Actor
from gangmu.kit.errors import NotFound
from gangmu.kit.sheet_kinds import BadRow, Column, Line, Outcome, SheetKind, sheet_kind
from gangmu.kit.unit import Unit

MOST = 100_000


def class_rows(unit: Unit, actor: Actor, tree: str = "") -> Iterator[Mapping[str, Any]]:
    """The classes in force."""
    day = service.today(unit)
    for row in store.list_matters(unit, day, seen_by=actor, tree=tree, most=MOST):
        yield {
            "tree": row.tree,
            "code": row.code,
            "title_zh": row.title_zh,
            "title_en": row.title_en,
            "local": row.local,
            "national": row.national,
            "source": row.source,
            "region": row.region,
            "verified": row.verified,
            "note": row.note,
        }


def condition_rows(unit: Unit, actor: Actor, tree: str = "") -> Iterator[Mapping[str, Any]]:
    """The filing conditions in force."""
    day = service.today(unit)
    for row in store.list_conditions(unit, day, seen_by=actor, tree=tree):
        closing = (c.text_zh if c.text_en == c.text_zh else f"{c.text_zh} / {c.text_en}" for c in row.closing)
        yield {
            "tree": row.tree,
            "code": row.code,
            "seq": row.seq,
            "text_zh": row.text_zh,
            "text_en": row.text_en,
            "limit": row.limit,
            "closing": "\n".join(closing),
            "units": list(row.units),
            "same_time": row.same_time,
            "source": row.source,
            "region": row.region,
            "verified": row.verified,
            "note": row.note,
        }


@dataclass(slots=True)
class TakeClasses:
    """Classes row by row, those above before those below."""

    unit: Unit
    actor: Actor
    trees: Mapping[str, Tree]

    def take(self, line: Line) -> Outcome:
        tree, code = _tree_and_code(line, self.trees)
        draft = ClassDraft(
            tree=tree,
            code=code,
            title_zh=line["title_zh"],
            title_en=line["title_en"],
            local=line.is_true("local"),
            national=line["national"],
            source=line["source"],
            region=line["region"],
            verified=line.is_true("verified"),
            note=line["note"],
        )
        was = store.find_open_matter(self.unit, tree, code, seen_by=self.actor)
        if was is None:
            if line.is_true("ended"):
                return "unchanged"
            service.add_class(self.unit, self.actor, draft)
            return "added"
        if line.is_true("ended"):
            service.end_class(self.unit, self.actor, was.id, was.version)
            return "ended"
        if same_class(was, draft):
            return "unchanged"
        service.change_class(self.unit, self.actor, was.id, draft, was.version)
        return "changed"

    def end(self) -> None:
        """Nothing is left to do."""


@dataclass(slots=True)
class TakeConditions:
    """Filing conditions row by row."""

    unit: Unit
    actor: Actor
    trees: Mapping[str, Tree]

    def take(self, line: Line) -> Outcome:
        tree, code = _tree_and_code(line, self.trees, empty=True)
        try:
            read_limit(line["limit"])
        except LimitMalformed:
            raise BadRow("limit", "malformed_limit", value=line["limit"][:60]) from None
        closing = [text.partition(" / ") for text in line["closing"].splitlines() if text.strip()]
        draft = ConditionDraft(
            tree=tree,
            code=code,
            text_zh=line["text_zh"],
            text_en=line["text_en"],
            limit=line["limit"].replace(" ", ""),
            closing=tuple((zh.strip(), en.strip()) for zh, _, en in closing),
            units=line.list("units"),
            same_time=line.is_true("same_time"),
            source=line["source"],
            region=line["region"],
            verified=line.is_true("verified"),
            note=line["note"],
        )
        was = self._open(tree, code, int(line["seq"] or 0), draft.text_zh)
        if was is None:
            return self._add(line, draft)
        if line.is_true("ended"):
            service.end_condition(self.unit, self.actor, was.id, was.version)
            return "ended"
        if same_condition(was, draft):
            return "unchanged"
        service.change_condition(self.unit, self.actor, was.id, draft, was.version)
        return "changed"

    def _open(self, tree: str, code: str, seq: int, text: str) -> Condition | None:
        if seq:
            return store.find_open_condition(self.unit, tree, code, seq, seen_by=self.actor)
        day = service.today(self.unit)
        found = store.list_conditions(self.unit, day, seen_by=self.actor, tree=tree, codes=[code])
        return next((one for one in found if one.text_zh == text), None)

    def _add(self, line: Line, draft: ConditionDraft) -> Outcome:
        if line.is_true("ended"):
            return "unchanged"
        if draft.code:
            try:
                service.class_in_force(self.unit, self.actor, draft.tree, draft.code)
            except NotFound:
                raise BadRow("code", "unknown_class", value=draft.code) from None
        service.add_condition(self.unit, self.actor, draft)
        return "added"

    def end(self) -> None:
        """Nothing is left to do."""


def _tree_and_code(line: Line, trees: Mapping[str, Tree], *, empty: bool = False) -> tuple[str, str]:
    """The tree and the code. A code typed as a number has lost its leading zero; it is given back."""
    name, code = line["tree"], line["code"]
    tree = trees.get(name)
    if tree is None:
        raise BadRow("tree", "unknown_tree", value=name)
    if not code:
        if empty:
            return name, code
        raise BadRow("code", "missing")
    for way in (code, "0" + code):
        try:
            tree.level_of(way)
        except CodeMalformed:
            continue
        return name, way
    raise BadRow("code", "malformed_code", value=code)


def same_class(was: Matter, draft: ClassDraft) -> bool:
    said = (draft.title_zh, draft.title_en or draft.title_zh, draft.local, draft.national, draft.verified, draft.note)
    kept = (was.title_zh, was.title_en, was.local, was.national, was.verified, was.note)
    return said == kept and (draft.source or was.source, draft.region or was.region) == (was.source, was.region)


def same_condition(was: Condition, draft: ConditionDraft) -> bool:
    closing = tuple((zh, en or zh) for zh, en in draft.closing)
    kept = tuple((c.text_zh, c.text_en) for c in was.closing)
    said = replace(draft, text_en=draft.text_en or draft.text_zh)
    fields = ("text_zh", "text_en", "limit", "units", "same_time", "verified", "note")
    same = all(getattr(said, name) == getattr(was, name) for name in fields) and closing == kept
    return same and (draft.source or was.source, draft.region or was.region) == (was.source, was.region)


def _trees(unit: Unit, actor: Actor) -> dict[str, Tree]:
    return {tree.id: tree for tree in store.list_trees(unit, seen_by=actor)}


_PLACE = (
    Column("tree", must=True, form="code", fill=True, width=16),
    Column("code", form="code", width=12),
)
_TRUST = (
    Column("source", most=500, width=30),
    Column("region", most=500, width=12),
    Column("verified", form="truth", width=10),
    Column("note", most=500, width=24),
    Column("ended", form="truth", width=10),
)
_ONE = {"can_read": "matter.read", "can_write": "matter.manage", "asks": ("tree",)}

sheet_kind(
    SheetKind(
        id="classes",
        order=31,
        columns=(
            *_PLACE,
            Column("title_zh", must=True, most=100, width=24),
            Column("title_en", most=200, width=28),
            Column("local", form="truth", width=10),
            Column("national", form="code", most=16, width=14),
            *_TRUST,
        ),
        key=("tree", "code"),
        rows=class_rows,
        start=lambda unit, actor, _: TakeClasses(unit, actor, _trees(unit, actor)),
        batch=500,
        **_ONE,  # type: ignore[arg-type]
    )
)
sheet_kind(
    SheetKind(
        id="conditions",
        order=32,
        columns=(
            *_PLACE,
            Column("seq", form="whole", most=4, width=8),
            Column("text_zh", must=True, most=500, width=40),
            Column("text_en", most=500, width=36),
            Column("limit", must=True, most=60, width=12),
            Column("closing", most=4000, width=46),
            Column("units", many=True, width=20),
            Column("same_time", form="truth", width=12),
            *_TRUST,
        ),
        rows=condition_rows,
        start=lambda unit, actor, _: TakeConditions(unit, actor, _trees(unit, actor)),
        batch=500,
        **_ONE,  # type: ignore[arg-type]
    )
)
