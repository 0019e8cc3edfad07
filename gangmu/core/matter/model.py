"""The matter catalogue (事项目录): versioned code trees, their classes and filing conditions.

A limit hangs on the filing condition (立案条件), never on the class (domain facts 1.6): a class has one to five
conditions, each with its own limit, closing conditions (结案条件) and responsible units. A row is never overwritten:
a change ends the validity of one row and opens the next, so that a running event keeps what it began under.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from gangmu.core.matter.errors import CodeMalformed, LimitMalformed, NoNumberLeft
from gangmu.kit.ids import Id

Words: TypeAlias = Mapping[str, str]
TREES = ("urban_component", "urban_event", "hotline")
UNITS = ("um", "u", "ud", "m", "h", "d", "nd")
CLOCKS = {
    "um": "urgent",
    "u": "urgent",
    "ud": "urgent",
    "m": "working_hours",
    "h": "working_hours",
    "d": "working_days",
    "nd": "natural_days",
}
"""The four clocks: 紧急工作时 urgent, 工作时 working_hours, 工作日 working_days, 自然日 natural_days."""
PART_NAMES = {1: ("handle",), 2: ("make_safe", "repair")}
_PART = re.compile(r"^([0-9]{1,5}(?:\.[0-9]{1,3})?)(um|ud|nd|u|m|h|d)(?:@([a-z][a-z0-9_-]{0,30}|[0-9.,\-]{12,200}))?$")
_SEASON = re.compile(r"^([0-9]{2})-([0-9]{2})\.\.([0-9]{2})-([0-9]{2})$")
_CODE = re.compile(r"^[0-9]{2,16}$")


@dataclass(frozen=True, slots=True)
class Tree:
    """A code tree. `pairs` are the digits of each level; local extensions of the last level count backwards from
    `extension_first` to `extension_last`."""

    id: str
    title_zh: str
    title_en: str
    pairs: tuple[int, ...]
    extension_first: int
    extension_last: int
    flow: str
    source: str
    region: str
    edition: str
    valid_from: date
    valid_to: date | None
    verified: bool
    version: int = 1

    def level_of(self, code: str) -> int:
        """1 for the top. CodeMalformed when the digits fit no level."""
        total = 0
        for level, digits in enumerate(self.pairs, start=1):
            total += digits
            if len(code) == total and _CODE.match(code):
                return level
        raise CodeMalformed(tree=self.id, given=code[:20])

    def parent_of(self, code: str) -> str:
        level = self.level_of(code)
        return code[: len(code) - self.pairs[level - 1]] if level > 1 else ""

    def next_extension(self, parent: str, used: Collection[str]) -> str:
        """The next number for a local class under `parent`: backwards, never one that was ever used."""
        level = self.level_of(parent) + 1 if parent else 1
        if level > len(self.pairs):
            raise CodeMalformed(tree=self.id, given=parent)
        digits = self.pairs[level - 1]
        for number in range(self.extension_first, self.extension_last - 1, -1):
            code = f"{parent}{number:0{digits}d}"
            if code not in used:
                return code
        raise NoNumberLeft(tree=self.id, parent=parent)

    def is_extension(self, code: str) -> bool:
        level = self.level_of(code)
        return self.extension_last <= int(code[-self.pairs[level - 1] :]) <= self.extension_first


@dataclass(frozen=True, slots=True)
class Matter:
    """One class of a tree in one edition. `national` is the nearest national class of a local extension, for docking
    upwards; `verified` False is shown as such."""

    id: Id
    tree: str
    code: str
    parent: str
    level: int
    title_zh: str
    title_en: str
    local: bool
    national: str
    source: str
    region: str
    verified: bool
    note: str
    valid_from: date
    valid_to: date | None
    version: int = 1

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a limit: amount and unit as written, the stage it measures, the season it counts in."""

    name: str
    amount: str
    unit: str
    season: str = ""

    @property
    def clock(self) -> str:
        return CLOCKS[self.unit]

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}" + (f"@{self.season}" if self.season else "")


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing condition, chosen when the case is closed."""

    id: Id
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A filing condition of a class (of a whole tree when `code` is empty). `limit` as people write it: 2u, 4h,
    1u+5d (make safe + repair), 15d@03-01..04-30 (in this season). `units` are kinds of responsible units in the
    city's words; `same_time` asks that the check comes at the same time of day (同时段核查)."""

    id: Id
    tree: str
    code: str
    seq: int
    text_zh: str
    text_en: str
    limit: str
    closing: tuple[Closing, ...]
    units: tuple[str, ...]
    same_time: bool
    source: str
    region: str
    verified: bool
    note: str
    valid_from: date
    valid_to: date | None
    version: int = 1

    @property
    def parts(self) -> tuple[Part, ...]:
        return read_limit(self.limit)

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def read_limit(text: str) -> tuple[Part, ...]:
    """The parts of a limit. LimitMalformed when it cannot be read, is zero or longer than ten years."""
    written = [piece.strip() for piece in text.replace(" ", "").split("+")]
    names = PART_NAMES.get(len(written))
    if names is None:
        raise LimitMalformed(given=text[:60])
    parts = []
    for name, piece in zip(names, written, strict=True):
        found = _PART.match(piece)
        if found is None or not 0 < float(found[1]) <= _most(found[2]):
            raise LimitMalformed(given=text[:60])
        season = found[3] or ""
        if season and not season[0].isalpha() and not all(_is_season(part) for part in season.split(",")):
            raise LimitMalformed(given=text[:60])
        parts.append(Part(name, found[1], found[2], season))
    return tuple(parts)


def _most(unit: str) -> float:
    return {"um": 100_000, "m": 100_000, "u": 20_000, "h": 20_000}.get(unit, 3_650)


def _is_season(text: str) -> bool:
    """MM-DD..MM-DD, days of a leap year."""
    found = _SEASON.match(text)
    if found is None:
        return False
    try:
        date(2024, int(found[1]), int(found[2]))
        date(2024, int(found[3]), int(found[4]))
    except ValueError:
        return False
    return True


def own_or_inherited(rows: Iterable[Condition], code: str, tree: Tree) -> list[Condition]:
    """The conditions that a class is filed under: its own, else those of the nearest class above, else the tree's."""
    by_code: dict[str, list[Condition]] = {}
    for row in rows:
        by_code.setdefault(row.code, []).append(row)
    here = code
    while True:
        if here in by_code:
            return sorted(by_code[here], key=lambda c: c.seq)
        if not here:
            return []
        here = tree.parent_of(here)


def docking_code(rows: Mapping[str, Matter], tree: Tree, code: str) -> str:
    """The national code to report a class under: its own, or the mapped one of a local extension, or the nearest
    national class above; "" when nothing above is national."""
    here = code
    while here:
        row = rows.get(here)
        if row is not None and not row.local:
            return here
        if row is not None and row.national in rows and not rows[row.national].local:
            return row.national
        here = tree.parent_of(here)
    return ""


def check_tree(rows: Sequence[Matter], tree: Tree) -> list[str]:
    """What is wrong with a tree as a whole: codes without parent, local numbers outside the extension range,
    mappings to nothing. Each a `place: reason key` line."""
    known = {row.code: row for row in rows}
    wrong = []
    for row in rows:
        parent = tree.parent_of(row.code)
        if parent and parent not in known:
            wrong.append(f"{row.code}: no_parent")
        if row.local and row.level == len(tree.pairs) and not tree.is_extension(row.code):
            wrong.append(f"{row.code}: not_an_extension_number")
        if row.national and (row.national not in known or known[row.national].local):
            wrong.append(f"{row.code}: no_such_national_class")
    return wrong
