"""A table of figures as a workbook: values, their parts, and how each of them is counted."""

from collections.abc import Iterator
from typing import IO

from gangmu.brain.evaluate.figures import Line, Table
from gangmu.brain.evaluate.model import Figure, Rate, Term
from gangmu.brain.evaluate.schema import words
from gangmu.kit.sheet_writing import Heading, Sheet, write_book
from gangmu.kit.text import t


def write(out: IO[bytes], one: Table, lang: str) -> int:
    """Three sheets: the values, their numerators and denominators, the rules. Of whom there is nothing to say, one row
    below the total says how many they are."""
    name = t(f"evaluate.scope.{one.wanted.scope}", lang)
    heads = [Heading(name, 28), *(Heading(words(rate.title, lang), 16) for rate in one.rates)]
    if one.score is not None:
        heads += [Heading(words(one.score.title, lang), 16), Heading(t("evaluate.sheet.grade", lang), 10)]
    shown_lines = [line for line in one.lines if not line.idle]
    lines = [*shown_lines, one.total]
    rows = [_values(one, line, lang) for line in lines]
    if idle := len(one.lines) - len(shown_lines):
        rows.append([t(f"evaluate.idle.{one.wanted.scope}", lang, n=idle)])
    values = Sheet(f"{one.wanted.period.name} {name}", heads, rows)
    parts = [name, *(t(f"evaluate.sheet.{each}", lang) for each in ("rate", "numerator", "denominator", "excluded"))]
    wide = [Heading(text, 28 if at < 2 else 14) for at, text in enumerate(parts)]
    detail = Sheet(t("evaluate.sheet.parts", lang), wide, _parts(one, lines, lang))
    told = [t(f"evaluate.sheet.{each}", lang) for each in ("rate", "numerator", "denominator", "source", "verified")]
    about = Sheet(t("evaluate.sheet.rules", lang), [Heading(text, 30) for text in told], _rules(one, lang), wraps=True)
    return write_book(out, [values, detail, about])


def _name(line: Line, lang: str) -> str:
    return "　" * line.depth + (line.name or line.key or t("evaluate.sheet.total", lang))


def shown(rate: Rate, figure: Figure, lang: str) -> object:
    """A value as people read it; where there is none, why."""
    value = figure.value
    if value is None:
        return t(f"evaluate.why.{figure.why}", lang)
    return int(value) if figure.is_count else f"{value * 100:.2f}%" if rate.unit == "%" else round(value, 4)


def _values(one: Table, line: Line, lang: str) -> list[object]:
    row = [_name(line, lang), *(shown(rate, line.figures[rate.id], lang) for rate in one.rates)]
    if one.score is not None and line.scored is not None:
        scored = line.scored
        row += [t(f"evaluate.why.{scored.why}", lang) if scored.value is None else round(scored.value, 2), scored.grade]
    return row


def _parts(one: Table, lines: list[Line], lang: str) -> Iterator[list[object]]:
    for line in lines:
        for rate in one.rates:
            figure = line.figures[rate.id]
            below = "" if figure.is_count else figure.denominator
            yield [_name(line, lang), words(rate.title, lang), figure.numerator, below, figure.excluded]


def _rules(one: Table, lang: str) -> Iterator[list[object]]:
    for rate in one.rates:
        sure = t(f"evaluate.sheet.{'yes' if rate.verified else 'no'}", lang)
        yield [words(rate.title, lang), _terms(rate.numerator, lang), _terms(rate.denominator, lang), rate.source, sure]
    stamp = one.as_of.isoformat(timespec="seconds")
    edition = one.publication.edition if one.publication else t("evaluate.sheet.live", lang)
    yield [t("evaluate.sheet.as_of", lang), stamp, "", t("evaluate.sheet.edition", lang), edition]


def _terms(terms: tuple[Term, ...], lang: str) -> str:
    found = []
    for at, one in enumerate(terms):
        sign = "－" if one.minus else "＋" if at else ""
        stage = f"（{one.stage}）" if one.stage else ""
        found.append(f"{sign}{t(f'evaluate.word.{one.word}', lang)}{stage}")
    return "".join(found)
