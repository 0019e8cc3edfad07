"""Evaluation: show figures, make them anew from the journal, prove that they are what the journal says."""

from dataclasses import asdict
from typing import Annotated

import orjson
import typer

from gangmu import boot
from gangmu.brain.evaluate import figures, rebuilding, service
from gangmu.brain.evaluate.figures import Table, Wanted
from gangmu.brain.evaluate.model import Span, parse_period, period_of
from gangmu.brain.evaluate.schema import TableOut, words
from gangmu.core.event import telling
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._words import spoken
from gangmu.kit import jobs
from gangmu.kit.actor import System
from gangmu.kit.text import t

cli = typer.Typer(add_completion=False, help="Evaluation.")
SHOWER = System("evaluate.show")
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@cli.callback()
def _group() -> None:
    """Evaluation: show figures, make them anew from the journal, prove that they are what the journal says."""


@cli.command()
def show(
    data: Data = USUAL,
    period: Annotated[
        str, typer.Option(help="2026-11-30, 2026-W48, 2026-11, 2026-Q4 or 2026; this month if none.")
    ] = "",
    scope: Annotated[str, typer.Option(help="area, department or post.")] = "department",
    level: Annotated[str, typer.Option(help="Of areas: city, county, town, community or grid.")] = "town",
    division: Annotated[str, typer.Option(help="Only within this division, 12 digits.")] = "",
    rates: Annotated[str, typer.Option(help="Which rates, comma between; all of the scope if none.")] = "",
    score: Annotated[str, typer.Option(help="A score, such as department or patrol.")] = "",
    as_json: Json = False,
) -> None:
    """The figures of a period as they stand now."""
    chosen = tuple(part.strip() for part in rates.split(",") if part.strip())
    with boot.node(data) as node, node.unit(SHOWER, "evaluate show") as unit:
        given = parse_period(period) if period else period_of(Span.month, service.day_of(unit.now))
        asked = {"scope": scope, "level": level, "division": division, "rates": chosen, "score": score}
        found = figures.table(unit, SHOWER, Wanted(given, live=True, **asked))  # type: ignore[arg-type]
        is_open = service.day_of(unit.now) < given.end
    lang = spoken()
    if as_json:
        print(TableOut.of(found, is_open, None, lang).model_dump_json())
    else:
        _print(found, lang)


def _print(found: Table, lang: str) -> None:
    for line in [*found.lines, found.total]:
        print("  " * line.depth + (line.name or line.key or t("evaluate.sheet.total", lang)))
        for rate in found.rates:
            one = line.figures[rate.id]
            value = t(f"evaluate.why.{one.why}", lang) if one.value is None else f"{one.value:.4g}"
            parts = (
                f"{one.numerator}" if one.is_count else f"{one.numerator}/{one.denominator}, {one.excluded} left out"
            )
            print("  " * line.depth + f"  {words(rate.title, lang)}: {value} ({parts})")
        if line.scored is not None:
            said = t(f"evaluate.why.{line.scored.why}", lang) if line.scored.value is None else line.scored.value
            print("  " * line.depth + f"  {said} {line.scored.grade}".rstrip())


@cli.command()
def rebuild(
    data: Data = USUAL,
    check: Annotated[bool, typer.Option("--check", help="Compare only; change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Make all figures anew from the journal; with --check compare row by row and change nothing: exit code 1 when
    anything differs. What was told and not heard yet is left out and counted as pending."""
    with boot.node(data):
        if check:
            account = rebuilding.check(telling.told_pages)
        else:
            jobs.settle()
            account = rebuilding.rebuild(telling.told_pages)
    if as_json:
        print(orjson.dumps({**asdict(account), "checked": check}).decode())
    else:
        print(f"{account.rows} rows ({account.facts} facts of {account.events} events)", end="")
        print(f" from {account.journal_entries} journal entries; {account.differences} differences")
        if account.pending:
            print(f"  {account.pending} events and calls left out: something of them waits to be heard")
        for one in account.first:
            print(f"  {one.kind} {one.id} {one.field}: journal {one.journal}, kept {one.kept}")
    if account.differences:
        raise typer.Exit(1)
