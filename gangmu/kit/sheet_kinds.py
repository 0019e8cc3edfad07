"""Kinds of spreadsheets (表格种类): what a stage lets people keep in Excel or WPS, out and in again.

A stage registers a kind in its ``sheets.py``: columns, who may read and write, how rows come out, how a row is taken
in. Templates, exports, previews, imports with their row errors are then the same for all (``base.sheet``). Words are
locale keys: ``sheet.KIND.title``, ``sheet.KIND.COLUMN`` (a column ``title`` needs ``word=``); where there is something
to say, ``sheet.KIND.about.COLUMN`` and for a choice ``sheet.KIND.choice.COLUMN.CHOICE``. Headings of either language
are understood, plain column ids too.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, Protocol

from gangmu.kit.actor import Actor
from gangmu.kit.errors import HouseError
from gangmu.kit.text import LANGUAGES, t, words
from gangmu.kit.unit import Unit

Form = Literal["text", "code", "whole", "decimal", "truth", "date", "moment", "time"]
Outcome = Literal["added", "changed", "unchanged", "ended"]
OUTCOMES: tuple[Outcome, ...] = ("added", "changed", "unchanged", "ended")


class BadRow(HouseError):
    """A row that is left out: the column, and why. ``reason`` is a word of ``sheet.KIND.row.*`` or ``sheet.row.*``, or
    a whole locale key; ``params`` fill its blanks."""

    code, status = "sheet.bad_row", 422

    def __init__(self, field: str, reason: str, **params: Any) -> None:
        super().__init__(field=field, reason=reason, **params)


@dataclass(frozen=True, slots=True)
class Column:
    """A column. A row comes to the kind as texts by column id, already brought into the column's form: ``date``
    2026-01-05, ``moment`` 2026-01-05 08:30, ``time`` 08:30, ``truth`` yes or no, a choice as its id, numbers plain.

    ``many``: several values, which arrive joined by ``;``. ``fill``: of merged cells every row has the value. ``word``:
    the last part of its locale key where the id is taken. ``also``: further headings that mean it. ``asked`` False: in
    exports for the reader, not taken in. ``personal``: masked in previews."""

    id: str
    must: bool = False
    choices: tuple[str, ...] = ()
    form: Form = "text"
    many: bool = False
    fill: bool = False
    most: int = 1000
    width: int = 18
    word: str = ""
    also: tuple[str, ...] = ()
    asked: bool = True
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Line(Mapping[str, str]):
    """A row of a file: its number there (from 1), and its values by column id; a column that is not in the file is
    empty. ``has`` tells whether the file has the column at all."""

    number: int
    values_by: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values_by.get(name, "")

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        """What a column says, or the default where it says nothing."""
        return self.values_by.get(name, "") or default

    def has(self, name: str) -> bool:
        return name in self.values_by

    def list(self, name: str) -> tuple[str, ...]:
        """The values of a column of many."""
        return tuple(part for part in self[name].split(";") if part)

    def is_true(self, name: str) -> bool:
        return self[name] == "yes"

    def __iter__(self) -> Any:
        return iter(self.values_by)

    def __len__(self) -> int:
        return len(self.values_by)


class Taker(Protocol):
    """What takes rows in: one for each batch of rows (a unit), one for the whole file in a preview. Both return or
    raise for one row alone; ``end`` writes what was gathered. Where rows are dear one by one, ``take_many`` takes the
    lines of a batch and returns an outcome or error for each. A list ``handout`` of rows by name is given to the
    importer once (first passwords)."""

    def take(self, line: Line) -> Outcome: ...
    def end(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SheetKind:
    """A kind of spreadsheet. ``key``: columns that no two rows of a file share. ``batch``: rows a unit, 0 for the whole
    file in one. ``bulk``: ``take`` writes nothing, ``end`` does, so that rows need no savepoint each. ``asks``: what an
    export may be narrowed by. ``handout``: columns of what is handed out once."""

    id: str
    can_read: str
    can_write: str
    columns: tuple[Column, ...]
    rows: Callable[..., Iterable[Mapping[str, Any]]]
    start: Callable[[Unit, Actor, bool], Taker] | None = None
    order: int = 100
    key: tuple[str, ...] = ()
    batch: int = 1000
    bulk: bool = False
    asks: tuple[str, ...] = ()
    handout: tuple[str, ...] = ()
    by_id: Mapping[str, Column] = field(init=False, default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {column.id: column for column in self.columns})

    def title(self, lang: str) -> str:
        return t(f"sheet.{self.id}.title", lang)

    def head(self, column: Column, lang: str) -> str:
        """The heading of a column."""
        return t(f"sheet.{self.id}.{column.word or column.id}", lang)

    def about(self, column: Column, lang: str) -> str:
        """What is to be said of a column; empty where nothing is."""
        return words(lang).get(f"sheet.{self.id}.about.{column.word or column.id}", "")

    def choice(self, column: Column, choice: str, lang: str) -> str:
        """A choice as people say it."""
        return words(lang).get(f"sheet.{self.id}.choice.{column.word or column.id}.{choice}", choice)


_kinds: dict[str, SheetKind] = {}


def sheet_kind(kind: SheetKind) -> SheetKind:
    """Register a kind; the last one of an id counts."""
    _kinds[kind.id] = kind
    _understood.cache_clear()
    _choices.cache_clear()
    return kind


def find_kind(name: str) -> SheetKind | None:
    return _kinds.get(name)


def kinds() -> list[SheetKind]:
    """All kinds, in the order of their screens."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.id))


def reason_text(kind: SheetKind | None, reason: str, lang: str, params: Mapping[str, Any]) -> str:
    """Why a row is left out, in words."""
    said = words(lang)
    own = f"sheet.{kind.id}.row.{reason}" if kind else ""
    key = next((key for key in (own, f"sheet.row.{reason}", reason) if key in said), "")
    return t(key, lang, **params) if key else reason


_ASIDE = re.compile(r"[（(][^（()）]{0,12}[)）]")  # (required), （必填）


def plain_head(text: object) -> str:
    """A heading in the form in which headings are compared."""
    folded = unicodedata.normalize("NFKC", str(text)).lower()
    return "".join(ch for ch in _ASIDE.sub("", folded) or folded if ch.isalnum() or ch == "_")


@lru_cache(maxsize=200)
def _understood(name: str) -> Mapping[str, str]:
    kind = _kinds[name]
    found: dict[str, str] = {}
    for column in kind.columns:
        for head in (column.id, *(kind.head(column, lang) for lang in LANGUAGES), *column.also):
            found.setdefault(plain_head(head), column.id)
    return found


def understood(kind: SheetKind) -> Mapping[str, str]:
    """Column ids by the headings that are understood."""
    return _understood(kind.id)


@lru_cache(maxsize=1000)
def _choices(name: str, column: str) -> Mapping[str, str]:
    kind = _kinds[name]
    asked = kind.by_id[column]
    found: dict[str, str] = {}
    for choice in asked.choices:
        for said in (choice, *(kind.choice(asked, choice, lang) for lang in LANGUAGES)):
            found.setdefault(plain_head(said) or said, choice)
    return found


def choices_of(kind: SheetKind, column: Column) -> Mapping[str, str]:
    """Choice ids by what people write for them."""
    return _choices(kind.id, column.id)
