"""The workbooks that are given out: templates, exports, bad rows to be mended, what is handed out once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

from gangmu.base.sheet.model import RowError
from gangmu.kit.sheet_kinds import Column, SheetKind, reason_text
from gangmu.kit.sheet_writing import Heading, Sheet, write_book
from gangmu.kit.text import t


def template(out: IO[bytes], kind: SheetKind, lang: str) -> None:
    """An empty workbook: the headings in the asker's language, and a sheet that explains each column."""
    widths = {"column": 24, "must": 10, "form": 30, "choices": 50, "about": 60}
    notes = [Heading(t(f"sheet.notes.{name}", lang), width) for name, width in widths.items()]
    rows = [_explained(kind, column, lang) for column in kind.columns if column.asked]
    first = Sheet(kind.title(lang), headings(kind, lang, marked=True), ())
    write_book(out, [first, Sheet(t("sheet.notes.title", lang), notes, rows, wraps=True)])


def _explained(kind: SheetKind, column: Column, lang: str) -> list[str]:
    form = t(f"sheet.form.{'choice' if column.choices else column.form}", lang)
    if column.many:
        form += " " + t("sheet.form.many", lang)
    chosen = "; ".join(kind.choice(column, choice, lang) for choice in column.choices)
    must = t(f"sheet.truth.{'yes' if column.must else 'no'}", lang)
    return [kind.head(column, lang), must, form, chosen, kind.about(column, lang)]


def headings(kind: SheetKind, lang: str, *, marked: bool = False, all_of: bool = False) -> list[Heading]:
    """The headings of a kind; those that must be filled carry a star in templates."""
    made = []
    for column in kind.columns:
        if column.asked or all_of:
            text = kind.head(column, lang) + (" *" if marked and column.must else "")
            choices = _listed(kind, column, lang)
            made.append(Heading(text, column.width, column.must, choices=choices))
    return made


def _listed(kind: SheetKind, column: Column, lang: str) -> tuple[str, ...]:
    if column.many:
        return ()
    if column.form == "truth":
        return t("sheet.truth.yes", lang), t("sheet.truth.no", lang)
    return tuple(kind.choice(column, choice, lang) for choice in column.choices)


def export(out: IO[bytes], kind: SheetKind, lang: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """The rows of a kind as a workbook that can be taken in again; how many there are."""
    shown = [_shower(kind, column, lang) for column in kind.columns]
    lines = ([show(row.get(column.id)) for column, show in zip(kind.columns, shown, strict=True)] for row in rows)
    return write_book(out, [Sheet(kind.title(lang), headings(kind, lang, all_of=True), lines)])


def _shower(kind: SheetKind, column: Column, lang: str) -> Any:
    yes, no = t("sheet.truth.yes", lang), t("sheet.truth.no", lang)
    truths: dict[object, str] = {True: yes, "yes": yes, False: no, "no": no}
    joint = t("sheet.many.joint", lang)

    def show(value: Any) -> Any:
        if value is None or value == "":
            return ""
        if column.form == "truth":
            return truths.get(value, value)
        if column.choices:
            parts = str(value).split(";") if isinstance(value, str) else list(value)
            return joint.join(kind.choice(column, str(part), lang) for part in parts)
        if isinstance(value, list | tuple | set | frozenset):
            return joint.join(str(part) for part in value)
        return joint.join(value.split(";")) if column.many and isinstance(value, str) else value

    return show


def errors(out: IO[bytes], kind: SheetKind, lang: str, rows: Iterable[RowError]) -> int:
    """The bad rows with what is wrong in each, to be mended here and sent again."""
    why = Heading(t("sheet.errors.reason", lang), 60, reason=True)
    number = Heading(t("sheet.errors.row", lang), 10, reason=True)
    asked = [column for column in kind.columns if column.asked]

    def lines() -> Iterator[list[object]]:
        for row in rows:
            reasons = "; ".join(said(kind, error, lang) for error in row.errors)
            yield [*(row.cells.get(column.id, "") for column in asked), row.row, reasons]

    heads = [*headings(kind, lang, marked=True), number, why]
    return write_book(out, [Sheet(t("sheet.errors.title", lang), heads, lines())])


def said(kind: SheetKind, error: Mapping[str, Any], lang: str) -> str:
    """An error of a row in words: the column's heading, then the reason."""
    params = {**error.get("params", {}), "field": error["field"]}
    if column := kind.by_id.get(error["field"]):
        params["field"] = kind.head(column, lang)
        if "choices" in params:
            params["choices"] = ", ".join(kind.choice(column, choice, lang) for choice in column.choices[:12])
    reason = reason_text(kind, str(error["reason"]), lang, params)
    return t("sheet.errors.joint", lang, column=params["field"], reason=reason) if column else reason


def handout(out: IO[bytes], kind: SheetKind, lang: str, rows: Iterable[Mapping[str, str]]) -> int:
    """What the importer gets once."""
    heads = [Heading(t(f"sheet.{kind.id}.handout.{name}", lang), 28) for name in kind.handout]
    lines = ([row.get(name, "") for name in kind.handout] for row in rows)
    return write_book(out, [Sheet(kind.title(lang), heads, lines)])
