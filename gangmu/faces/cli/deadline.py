"""Work out a deadline, or explain how those of an event are counted."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gangmu.base.calendar import Almanac, load_file
from gangmu.base.calendar.service import almanac as stored_almanac
from gangmu.base.calendar.service import shipped_almanac
from gangmu.core.deadline import words
from gangmu.core.deadline.limit import Meaning
from gangmu.core.deadline.schema import ClockExplained, ComputeIn, ComputeOut, PartOut, StepOut, SuspendIn
from gangmu.core.deadline.steps import Reason, Step
from gangmu.core.deadline.views import compute_on
from gangmu.faces.cli._compare import compare
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._words import spoken
from gangmu.kit.actor import System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.text import t

cli = typer.Typer(add_completion=False, help=__doc__)
cli.command()(compare)
Lang = Annotated[str, typer.Option(help="zh-CN or en.", show_default="the terminal's")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@cli.command()
def compute(
    start: Annotated[str, typer.Option(help="When it starts: 2026-09-18T17:00, in the calendar's zone unless given.")],
    limit: Annotated[str, typer.Option(help="2u 4h 1ud 3d 15nd, 1u+5d in two parts, 15d@planting in a season.")],
    calendar: Annotated[str, typer.Option(help="A calendar's name, or a TOML or JSON file.")] = "cn",
    suspend: Annotated[list[str] | None, typer.Option(help="FROM/TO, may be repeated.")] = None,
    extend: Annotated[int, typer.Option(min=0, max=10, help="How many extensions were granted.")] = 0,
    day_meaning: Annotated[Meaning, typer.Option(help="What a working day is.")] = Meaning.hours,
    data: Annotated[Path | None, typer.Option("--data", help="A city's folder, for its own calendars.")] = None,
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """When a limit runs out, step by step."""
    spans = [_span(text) for text in suspend or []]
    if len(limit) > 200 or not limit.strip():
        raise Invalid(field="limit", reason="write a limit such as 4h")
    asked = ComputeIn.model_construct(
        start=start,
        limit=limit,
        calendar="",
        calendar_version=None,
        day_meaning=day_meaning,
        suspend=spans,
        extensions=extend,
    )
    found = compute_on(_almanac(calendar, data), asked, _lang(lang))
    print(found.model_dump_json() if as_json else _said(found, _lang(lang)))


@cli.command()
def explain(
    event: Annotated[str, typer.Argument(help="An event's id or case number.")],
    data: Data = USUAL,
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """How every deadline of an event is counted, under the rules that it began under."""
    from gangmu import boot
    from gangmu.core.deadline import views
    from gangmu.core.event import service as events
    from gangmu.kit.ids import Id

    with boot.node(data) as node, node.unit(System("deadline explain")) as unit:
        actor = unit.actor
        if event.startswith("evt_"):
            found = events.get_event(unit, actor, Id(event))
        else:
            numbered = [one for one in events.search(unit, actor, event) if event in (one.case_no, one.foreign_no)]
            if not numbered:
                raise NotFound(what=event)
            found = numbered[0]
        told = views.explain(unit, found.id, _lang(lang))
    if as_json:
        print(json.dumps({"event": found.id, "case_no": found.case_no, **told.model_dump(mode="json")}))
    elif not told.explanations:
        print(t("deadline.say.no_clocks", _lang(lang)))
    else:
        print("\n\n".join(_clock(one, _lang(lang)) for one in told.explanations))


def _span(text: str) -> SuspendIn:
    first, slash, last = text.partition("/")
    if not slash or not first:
        raise Invalid(field="suspend", reason=f"{text!r} is not FROM/TO")
    return SuspendIn.model_construct(first=first, last=last or None)


def _almanac(name: str, data: Path | None) -> Almanac:
    """A calendar file, one of the package, or with ``--data`` one of the city."""
    if name.endswith((".toml", ".json")) or "/" in name or Path(name).is_file():
        return Almanac(load_file(Path(name)))
    if data is None:
        return shipped_almanac(name)
    from gangmu import boot

    with boot.node(data) as node, node.unit(System("deadline compute")) as unit:
        return stored_almanac(unit, name)


def _said(found: ComputeOut, lang: str) -> str:
    lines = [
        found.summary,
        t("deadline.say.calendar", lang, calendar=found.calendar, version=found.calendar_version, zone=found.zone),
    ]
    for part in found.parts or [found]:
        if part.part:
            due = words.moment(part.due_at, lang) if part.due_at else t("deadline.say.held", lang)
            lines.append(f"{t(f'deadline.part.{part.part}', lang)} {part.limit}: {due}")
        lines += [f"  {line}" for line in _steps(part.steps, lang)]
        lines += [f"  {line}" for line in _marks(part, lang)]
    return "\n".join(lines)


def _clock(one: ClockExplained, lang: str) -> str:
    lines = [f"{one.title}: {one.summary}"]
    said = {"elapsed": words.amount(one.elapsed_s, lang), "remaining": words.amount(one.remaining_s, lang)}
    if one.overdue:
        over = words.amount(max(-one.remaining_s, 0), lang)
        lines.append("  " + t("deadline.say.late", lang, **said, over=over, times=f"{one.times_over:.2g}"))
    else:
        lines.append("  " + t("deadline.say.elapsed", lang, **said))
    return "\n".join([*lines, *(f"  {line}" for line in _steps(one.steps, lang))])


def _steps(steps: list[StepOut], lang: str) -> list[str]:
    spans = [words.span(_step(step), lang) for step in steps]
    wide = max((len(span) for span in spans), default=0)
    return [f"{span:<{wide}}  {step.text}" for span, step in zip(spans, steps, strict=True)]


def _marks(part: PartOut, lang: str) -> list[str]:
    return [
        t("deadline.say.mark", lang, share=f"{mark.share * 100:g}", moment=words.moment(mark.at, lang))
        for mark in part.marks
        if mark.at is not None
    ]


def _step(step: StepOut) -> Step:
    return Step(step.first, step.last, 0, "s", Reason(step.why))


def _lang(given: str) -> str:
    return spoken() if not given else "zh-CN" if given.lower().startswith("zh") else "en"
