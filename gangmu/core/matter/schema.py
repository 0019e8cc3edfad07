"""What travels over HTTP about the catalogue."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from gangmu.core.matter.model import Condition, Matter, Tree
from gangmu.core.matter.service import ClassDraft, ConditionDraft
from gangmu.core.matter.shipped import source_said
from gangmu.kit.ids import Id
from gangmu.kit.text import t
from gangmu.kit.web import Schema

NO_NUL = r"^[^\x00]*$"
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=NO_NUL)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=NO_NUL)]
Code = Annotated[str, StringConstraints(max_length=16, pattern=r"^[0-9]*$")]
TreeName = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 1, 1))]
Version = Annotated[int, Field(ge=1, le=2_000_000_000)]


def _said(zh: str, en: str, lang: str) -> str:
    return (zh if lang.startswith("zh") else en) or zh


class TreeOut(BaseModel):
    id: str
    title: str
    levels: int
    flow: str
    source: str
    region: str
    edition: str
    valid_from: date
    valid_to: date | None
    verified: bool

    @classmethod
    def of(cls, tree: Tree, lang: str) -> "TreeOut":
        return cls(
            id=tree.id,
            title=_said(tree.title_zh, tree.title_en, lang),
            levels=len(tree.pairs),
            flow=tree.flow,
            source=source_said(tree.source, lang),
            region=source_said(tree.region, lang),
            edition=tree.edition,
            valid_from=tree.valid_from,
            valid_to=tree.valid_to,
            verified=tree.verified,
        )


class Trees(BaseModel):
    items: list[TreeOut]
    next: str | None = None


class ClassOut(BaseModel):
    """One class in one edition. `verified` false is shown as unverified."""

    id: Id
    tree: str
    code: str
    parent: str
    level: int
    title: str
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
    version: int
    source_text: str

    @classmethod
    def of(cls, row: Matter, lang: str) -> "ClassOut":
        return cls(
            title=_said(row.title_zh, row.title_en, lang),
            source_text=source_said(row.source, lang),
            **{n: getattr(row, n) for n in row.__slots__},
        )


class Classes(BaseModel):
    items: list[ClassOut]
    next: str | None = None


class PartOut(BaseModel):
    """One part of a limit. `clock` is urgent, working_hours, working_days or natural_days."""

    name: str
    title: str
    amount: str
    unit: str
    season: str
    clock: str
    text: str


class ClosingOut(BaseModel):
    id: Id
    text: str
    text_zh: str
    text_en: str


class ConditionOut(BaseModel):
    """One filing condition in one edition."""

    id: Id
    tree: str
    code: str
    seq: int
    text: str
    text_zh: str
    text_en: str
    limit: str
    parts: list[PartOut]
    closing: list[ClosingOut]
    units: list[str]
    same_time: bool
    inherited: bool
    source: str
    region: str
    verified: bool
    note: str
    valid_from: date
    valid_to: date | None
    version: int
    source_text: str

    @classmethod
    def of(cls, row: Condition, lang: str, own_code: str | None = None) -> "ConditionOut":
        parts = [
            PartOut(
                name=part.name,
                title=t(f"matter.part.{part.name}", lang),
                amount=part.amount,
                unit=part.unit,
                season=part.season,
                clock=part.clock,
                text=t(f"matter.unit.{part.unit}", lang, n=part.amount),
            )
            for part in row.parts
        ]
        closing = [
            ClosingOut(id=c.id, text=_said(c.text_zh, c.text_en, lang), text_zh=c.text_zh, text_en=c.text_en)
            for c in row.closing
        ]
        plain = {n: getattr(row, n) for n in row.__slots__ if n not in ("closing", "units")}
        return cls(
            text=_said(row.text_zh, row.text_en, lang),
            parts=parts,
            closing=closing,
            units=list(row.units),
            inherited=own_code is not None and row.code != own_code,
            source_text=source_said(row.source, lang),
            **plain,
        )


class ClassWhole(ClassOut):
    """A class with what it can be filed under, its editions, the national code to report it under, and the number that
    the next local class below it gets."""

    conditions: list[ConditionOut]
    history: list[ClassOut]
    national_code: str
    next_local: str


class ClassIn(Schema):
    """A new class. An empty code asks for the next local number under `parent`, counted backwards."""

    tree: TreeName
    code: Code = ""
    parent: Code = ""
    title_zh: Annotated[Short, Field(min_length=1)]
    title_en: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_NUL)] = ""
    local: bool = True
    national: Code = ""
    source: Long = ""
    region: Long = ""
    verified: bool = False
    note: Long = ""
    valid_from: Day | None = None

    def draft(self) -> ClassDraft:
        return ClassDraft(**self.model_dump(exclude={"valid_from"}))


class ClassChange(Schema):
    """The next edition of a class, from `valid_from` (today); `ended` closes it instead."""

    id: Id
    version: Version
    title_zh: Annotated[Short, Field(min_length=1)]
    title_en: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_NUL)] = ""
    local: bool = True
    national: Code = ""
    source: Long = ""
    region: Long = ""
    verified: bool = False
    note: Long = ""
    valid_from: Day | None = None
    ended: bool = False

    def draft(self) -> ClassDraft:
        return ClassDraft(tree="", code="", **self.model_dump(exclude={"id", "version", "valid_from", "ended"}))


class ClosingIn(Schema):
    zh: Annotated[Long, Field(min_length=1)]
    en: Long = ""


class _ConditionBody(Schema):
    text_zh: Annotated[Long, Field(min_length=1)]
    text_en: Long = ""
    limit: Annotated[str, Field(min_length=2, max_length=80)]
    closing: Annotated[list[ClosingIn], Field(max_length=20, default_factory=list)]
    units: Annotated[list[Short], Field(max_length=20, default_factory=list)]
    same_time: bool = False
    source: Long = ""
    region: Long = ""
    verified: bool = False
    note: Long = ""
    valid_from: Day | None = None

    def made(self, tree: str, code: str) -> ConditionDraft:
        return ConditionDraft(
            tree=tree,
            code=code,
            text_zh=self.text_zh,
            text_en=self.text_en,
            limit=self.limit,
            closing=tuple((c.zh, c.en) for c in self.closing),
            units=tuple(self.units),
            same_time=self.same_time,
            source=self.source,
            region=self.region,
            verified=self.verified,
            note=self.note,
        )


class ConditionIn(_ConditionBody):
    """A new filing condition of a class, or of a whole tree when `code` is empty."""

    tree: TreeName
    code: Code = ""


class ConditionChange(_ConditionBody):
    """The next edition of a filing condition; `ended` closes it instead."""

    id: Id
    version: Version
    ended: bool = False
