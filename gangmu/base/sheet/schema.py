"""What travels of spreadsheets."""

from datetime import datetime
from typing import Any

from pydantic import Field

from gangmu.base.sheet import books
from gangmu.base.sheet.model import Import, RowError
from gangmu.base.sheet.run import Seen
from gangmu.kit.ids import Id
from gangmu.kit.sheet_kinds import SheetKind, find_kind, reason_text
from gangmu.kit.text import words
from gangmu.kit.web import Listed, Schema


class SheetColumn(Schema):
    """A column: its heading in the asker's language, whether it must be filled, what may be chosen."""

    id: str
    title: str
    must: bool
    form: str
    choices: list[str]
    about: str


class SheetKindOut(Schema):
    """A kind of spreadsheet and what the asker may do with it."""

    id: str
    title: str
    may_read: bool
    may_write: bool
    asks: list[str]
    columns: list[SheetColumn]

    @classmethod
    def of(cls, kind: SheetKind, may_read: bool, may_write: bool, lang: str) -> "SheetKindOut":
        columns = [
            SheetColumn(
                id=column.id,
                title=kind.head(column, lang),
                must=column.must,
                form="choice" if column.choices else column.form,
                choices=[kind.choice(column, choice, lang) for choice in column.choices],
                about=kind.about(column, lang),
            )
            for column in kind.columns
            if column.asked
        ]
        title = kind.title(lang)
        return cls(
            id=kind.id, title=title, may_read=may_read, may_write=may_write, asks=list(kind.asks), columns=columns
        )


class SheetKinds(Schema):
    items: list[SheetKindOut]


class SheetImportOut(Schema):
    """A spreadsheet that was handed in: ``taken`` of ``total`` rows are gone through."""

    id: Id
    kind: str
    kind_title: str
    file_name: str
    state: str
    why: str = Field(description="why it broke off, in words; empty otherwise")
    total: int
    taken: int
    added: int
    changed: int
    unchanged: int
    ended: int
    bad: int
    notes: dict[str, Any]
    handout: bool = Field(description="whether something waits to be fetched once")
    made_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, one: Import, lang: str) -> "SheetImportOut":
        kind = find_kind(one.kind)
        fields = {name: getattr(one, name) for name in cls.model_fields if name not in ("kind_title", "why")}
        why = words(lang).get(one.why, one.why)
        return cls(**fields, kind_title=kind.title(lang) if kind else one.kind, why=why)


class SheetImports(Listed):
    items: list[SheetImportOut]


class SheetFault(Schema):
    """What is wrong in a row: the column (empty: the whole row) with its heading, the reason's code and words."""

    field: str
    title: str
    reason: str
    message: str


class SheetRowErrorOut(Schema):
    """A bad row by its number in the file."""

    row: int
    errors: list[SheetFault]

    @classmethod
    def of(cls, kind_name: str, bad: RowError, lang: str) -> "SheetRowErrorOut":
        kind = find_kind(kind_name)
        told = []
        for error in bad.errors:
            column = kind.by_id.get(error["field"]) if kind else None
            title = kind.head(column, lang) if kind and column else ""
            message = books.said(kind, error, lang) if kind else reason_text(None, error["reason"], lang, {})
            told.append(SheetFault(field=error["field"], title=title, reason=error["reason"], message=message))
        return cls(row=bad.row, errors=told)


class SheetRowErrors(Listed):
    items: list[SheetRowErrorOut]


class SheetShownRow(Schema):
    """A row of a preview: what it would do, and its first cells."""

    row: int
    outcome: str
    cells: dict[str, str]


class SheetPreview(Schema):
    """What a file would do: counts, bad rows, and the first of the good ones."""

    sheet_import: SheetImportOut
    errors: list[SheetRowErrorOut]
    rows: list[SheetShownRow]

    @classmethod
    def of(cls, one: Import, seen: Seen, lang: str, most: int = 200) -> "SheetPreview":
        errors = [SheetRowErrorOut.of(one.kind, bad, lang) for bad in seen.errors[:most]]
        rows = [SheetShownRow(row=row.row, outcome=row.outcome, cells=dict(row.cells)) for row in seen.shown]
        return cls(sheet_import=SheetImportOut.of(one, lang), errors=errors, rows=rows)
