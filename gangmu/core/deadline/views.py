"""Clocks and counts as they are shown, in words."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from gangmu.base.calendar import Almanac
from gangmu.base.calendar import service as calendar_service
from gangmu.base.calendar.timeline import instant
from gangmu.core.deadline import model, service, words
from gangmu.core.deadline.limit import Kind, parse_parts
from gangmu.core.deadline.model import Clock, Marks, Pause
from gangmu.core.deadline.schema import (
    ClockExplained,
    ClockOut,
    ComputeIn,
    ComputeOut,
    ExplainedOut,
    MarkOut,
    PartOut,
    StepOut,
    SuspendedOut,
    SuspendIn,
)
from gangmu.core.deadline.service import MAKE_SAFE, REPAIR
from gangmu.core.deadline.settings import DeadlineSettings
from gangmu.core.deadline.steps import Reason, Step
from gangmu.core.deadline.steps import explain as explain_clock
from gangmu.core.deadline.store import ClockRow
from gangmu.kit import settings
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.text import t
from gangmu.kit.unit import Unit

LONGEST_TOLD = timedelta(days=800)
_COUNTING = (Reason.running, Reason.natural, Reason.working, Reason.swapped)


def views(unit: Unit, event_id: Id, lang: str, titles: Mapping[str, str]) -> list[ClockOut]:
    """The clocks of an event as they stand now. ``titles`` names the stages."""
    return [_shown(row, almanac, unit.now, lang, titles) for row, almanac in _laid_out(unit, event_id)]


def explain(unit: Unit, event_id: Id, lang: str, titles: Mapping[str, str] | None = None) -> ExplainedOut:
    """Every clock of an event, counted step by step under the rules that it began under."""
    told = [_explained(row, almanac, unit.now, lang, titles or {}) for row, almanac in _laid_out(unit, event_id)]
    return ExplainedOut(explanations=told, as_of=unit.now)


def _laid_out(unit: Unit, event_id: Id) -> list[tuple[ClockRow, Almanac]]:
    """The clocks of an event, each with the calendar version that it began under."""
    found: dict[tuple[str, int], Almanac] = {}
    rows = service.clocks_of(unit, [event_id])[event_id]
    for row in rows:
        key = (row.calendar, row.calendar_version)
        if key not in found:
            found[key] = service.almanac_of(unit, row)
    return [(row, found[row.calendar, row.calendar_version]) for row in rows]


def _shown(row: ClockRow, almanac: Almanac, now: datetime, lang: str, titles: Mapping[str, str]) -> ClockOut:
    clock = row.clock()
    reading = model.read(clock, almanac, now)
    title = titles.get(row.stage, row.stage)
    return ClockOut(
        id=row.id,
        stage=row.stage,
        part=row.part,
        title=f"{title} · {t(f'deadline.part.{row.part}', lang)}" if row.part in (MAKE_SAFE, REPAIR) else title,
        org=row.org,
        kind=Kind(row.kind),
        limit=row.limit,
        limit_text=words.limit(clock.limit, clock.meaning, lang),
        calendar=row.calendar,
        calendar_version=row.calendar_version,
        started_at=row.started_at,
        due_at=row.due_at,
        warn_at=row.warn_at,
        stopped_at=row.stopped_at,
        paused=reading.is_paused,
        paused_until=row.paused_until if reading.is_paused else None,
        state="stopped" if row.stopped_at is not None else "paused" if reading.is_paused else "running",
        overdue=reading.is_overdue and not row.cancelled and not row.is_window,
        is_window=row.is_window,
        cancelled=row.cancelled,
        provisional=row.provisional,
        extended=row.extended,
        bundled_into=row.bundled_into,
        elapsed_s=reading.elapsed_s,
        remaining_s=reading.remaining_s,
        share=reading.share,
        times_over=reading.times_over,
    )


def _explained(row: ClockRow, almanac: Almanac, now: datetime, lang: str, titles: Mapping[str, str]) -> ClockExplained:
    clock, shown = row.clock(), _shown(row, almanac, now, lang, titles)
    told = _steps(clock, almanac, now, lang)
    return ClockExplained(
        **shown.model_dump(),
        clock=row.id,
        summary=_summary(clock, almanac, lang),
        day_meaning=clock.meaning,
        zone=almanac.calendar.zone,
        steps=told or [],
        steps_left_out=told is None,
    )


# --- counts that anyone may ask for --------------------------------------------------------------------------


def compute(unit: Unit, asked: ComputeIn, lang: str) -> ComputeOut:
    """Work out a deadline on a calendar of this city."""
    name = asked.calendar or settings.get(DeadlineSettings).calendar
    on = _parsed(asked.start, "start").date()
    return compute_on(calendar_service.almanac(unit, name, asked.calendar_version, on), asked, lang)


def compute_on(almanac: Almanac, asked: ComputeIn, lang: str) -> ComputeOut:
    """Work out a deadline on a calendar at hand. ``Invalid`` names the field that cannot be read."""
    rules = settings.get(DeadlineSettings)
    meaning = asked.day_meaning or rules.day_meaning
    start = _moment(asked.start, "start", almanac)
    pauses = tuple(
        Pause(
            _moment(span.first, "suspend", almanac),
            None if span.last is None else _moment(span.last, "suspend", almanac),
        )
        for span in asked.suspend
    )
    if any(pause.last is not None and pause.last <= pause.first for pause in pauses):
        raise Invalid(field="suspend", reason=t("deadline.suspension_backwards", lang))
    limits = parse_parts(asked.limit)
    names = [""] if len(limits) == 1 else [MAKE_SAFE, REPAIR]
    clocks = [Clock(limit, start, meaning, pauses, asked.extensions) for limit in limits]
    told = [_part(clock, name, almanac, tuple(rules.marks), lang) for clock, name in zip(clocks, names, strict=True)]
    later = max(range(len(told)), key=lambda n: (told[n].due_at is None, told[n].due_at or start))
    return ComputeOut(
        **{**told[later].model_dump(by_alias=False), "part": "", "limit": asked.limit.strip()},
        start=almanac.local_time(instant(start)),
        calendar=almanac.calendar.name,
        calendar_version=almanac.calendar.version,
        zone=almanac.calendar.zone,
        day_meaning=meaning,
        suspend=[SuspendedOut(first=pause.first, last=pause.last) for pause in pauses],
        extensions=asked.extensions,
        summary=" · ".join(_summary(clock, almanac, lang) for clock in clocks),
        parts=told if len(told) > 1 else [],
    )


def _part(clock: Clock, name: str, almanac: Almanac, marks: Marks, lang: str) -> PartOut:
    due = model.due(clock, almanac)
    told = _steps(clock, almanac, clock.started_at, lang)
    times = model.mark_times(clock, almanac, marks)
    return PartOut(
        part=name,
        limit=str(clock.limit),
        limit_text=words.limit(clock.limit, clock.meaning, lang),
        kind=clock.limit.kind,
        due_at=due.at,
        provisional=due.is_provisional,
        unknown_years=list(due.unknown_years),
        marks=[MarkOut(share=share, at=at) for share, at in zip(marks, times, strict=True)],
        steps=told or [],
        steps_left_out=told is None,
    )


def _summary(clock: Clock, almanac: Almanac, lang: str) -> str:
    """What was asked and what came out, in a line."""
    due = model.due(clock, almanac)
    start = words.moment(almanac.local_time(instant(clock.started_at)), lang)
    said = [t("deadline.say.head", lang, start=start, limit=words.limit(clock.limit, clock.meaning, lang))]
    if clock.extensions:
        said.append(t("deadline.say.extended", lang, times=clock.extensions))
    if due.at is None:
        said.append(t("deadline.say.held", lang))
    else:
        said.append(t("deadline.say.due", lang, due=words.moment(due.at, lang)))
    if due.is_provisional:
        years = t("deadline.amount.names", lang).join(str(year) for year in due.unknown_years)
        said.append(t("deadline.say.provisional", lang, years=years))
    return t("deadline.say.joint", lang).join(said)


def _steps(clock: Clock, almanac: Almanac, now: datetime, lang: str) -> list[StepOut] | None:
    """The steps in words; None when they would fill a book."""
    due = model.due(clock, almanac).at
    if (due or now) - clock.started_at > LONGEST_TOLD:
        return None
    return [_step(step, lang) for step in explain_clock(clock, almanac, now)]


def _step(step: Step, lang: str) -> StepOut:
    kind = "count" if step.why in _COUNTING else "mark" if step.why is Reason.extended else "skip"
    return StepOut(
        kind=kind,
        why=step.why,
        first=step.first,
        last=step.last,
        counted=words.counted(step, lang) if kind == "count" else "",
        counted_s=step.counted if step.unit == "s" else None,
        counted_days=round(step.counted) if step.unit == "d" else None,
        text=words.reason(step, lang),
        provisional=step.is_provisional,
    )


def _pause(span: SuspendIn, almanac: Almanac) -> Pause:
    last = None if span.last is None else _moment(span.last, "suspend", almanac)
    return Pause(_moment(span.first, "suspend", almanac), last)


def _moment(text: str, field: str, almanac: Almanac) -> datetime:
    moment = _parsed(text, field)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=almanac.zone)


def _parsed(text: str, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(field=field, reason=f"{text!r} is not a time such as 2026-09-18T17:00") from None
    if not 1971 <= moment.year <= 2150:
        raise Invalid(field=field, reason=f"{text!r} is out of the years 1971 to 2150")
    return moment
