"""What came of a replay, read back from the city as it now stands, and held against what the file itself says.

Whether a case was in time is evaluation's to say (``Evaluated``): its facts are read by whoever calls, and held here
against the file; the clock is asked for the cause of a difference, and must say the same as evaluation.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from gangmu.base.calendar import service as calendar_service
from gangmu.core import deadline
from gangmu.core.deadline import past as clocks
from gangmu.core.event import past
from gangmu.core.event import service as events
from gangmu.core.event.effects import HANDLE
from gangmu.core.event.settings import EventSettings
from gangmu.core.intake import service as intake
from gangmu.core.intake.profile import Profile
from gangmu.core.replay.comparing import Rulebook
from gangmu.core.replay.model import EXAMPLES, TOLERANCE
from gangmu.core.replay.service import OpenUnit, Reading, Row
from gangmu.kit import settings
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

_PAGE = 500


class Verdict(Protocol):
    """What evaluation has counted of a case: its deadline, whether it had passed unmet, what takes it out."""

    @property
    def due_at(self) -> datetime | None: ...
    @property
    def is_late(self) -> bool: ...
    @property
    def excluded(self) -> str: ...


Evaluated = Callable[[Unit, Sequence[Id], datetime], Mapping[Id, Verdict]]
"""The verdicts of cases as of a time; none for a case that has nothing due."""


@dataclass(frozen=True, slots=True)
class Differs:
    """A case of which clock and file say different things: its number, the row, both, and why."""

    number: str
    at: int
    file: str
    ours: str
    cause: str


@dataclass(slots=True)
class Title:
    """How the clocks of one kind of case agree with the file."""

    title: str
    n: int = 0
    equal: int = 0
    causes: dict[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        return self.equal / self.n if self.n else None


@dataclass(slots=True)
class Duplicates:
    """Rows that the source calls duplicates: merged, or left with the reason."""

    dups: int = 0
    merged: int = 0
    unmatched: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class HandOvers:
    """Hand-overs as acts against the counts of the file, and the time to the answer."""

    cases: int = 0
    file: int = 0
    acts: int = 0
    equal: int = 0
    replied: int = 0
    days_equal: int = 0
    working_s: float = 0.0
    natural_days: int = 0


@dataclass(slots=True)
class Report:
    """All that a replay can say; what the file does not know of stays None. ``clock_apart`` are cases of which the
    clock and evaluation say different things: there must be none."""

    titles: dict[str, Title] = field(default_factory=dict)
    clock_apart: list[str] = field(default_factory=list)
    differences: list[Differs] = field(default_factory=list)
    duplicates: Duplicates | None = None
    hand_overs: HandOvers | None = None


def judge(open_unit: OpenUnit, actor: Actor, profile: Profile, reading: Reading, evaluated: Evaluated) -> Report:
    """Read every case back, a page at a time."""
    report, rules = Report(), Rulebook(profile)
    if profile.duplicates is not None:
        report.duplicates = Duplicates()
    if "transfers" in profile.rules:
        report.hand_overs = HandOvers()
    for start in range(0, len(reading.rows), _PAGE):
        part = reading.rows[start : start + _PAGE]
        with open_unit() as unit:
            known = intake.events_of(unit, actor, profile.name, [row.found.key for row in part])
            there = [(row, known[row.found.key]) for row in part if row.found.key in known]
            _judge_in_time(unit, report, rules, reading, there, evaluated)
            if report.duplicates is not None:
                _judge_duplicates(unit, actor, report.duplicates, there)
            if report.hand_overs is not None:
                _judge_hand_overs(unit, actor, report, report.hand_overs, profile, there)
    return report


# --- in time ---------------------------------------------------------------------------------------------------


def _judge_in_time(
    unit: Unit,
    report: Report,
    rules: Rulebook,
    reading: Reading,
    there: Sequence[tuple[Row, Id]],
    evaluated: Evaluated,
) -> None:
    wanted = [(row, event) for row, event in there if row.verdict and row.found.target_at is not None]
    if not wanted:
        return
    asked = [event for _, event in wanted]
    said, held = evaluated(unit, asked, reading.until), deadline.clocks_of(unit, asked)
    for row, event in wanted:
        title = report.titles.setdefault(row.group, Title(row.group))
        title.n += 1
        verdict = said.get(event)
        ours = "" if verdict is None or verdict.excluded else "missed" if verdict.is_late else "met"
        clock = next((one for one in reversed(held[event]) if one.stage == HANDLE and not one.cancelled), None)
        if ours and (clock is None or clocks.is_met(clock, reading.until) is not (ours == "met")):
            report.clock_apart.append(row.found.number)
        if ours == row.verdict:
            title.equal += 1
            continue
        cause = _cause(row, clock, reading, rules) if ours else "left_out" if clock is not None else "no_clock"
        title.causes[cause] = title.causes.get(cause, 0) + 1
        report.differences.append(Differs(row.found.number, row.found.at, row.verdict, ours, cause))


def _cause(row: Row, clock: clocks.ClockRow | None, reading: Reading, rules: Rulebook) -> str:
    """Why: no clock ran, the case is still open, it ended in the minute of its deadline, or else why the deadline is
    another than the file's."""
    found = row.found
    if clock is None or clock.due_at is None or found.target_at is None:
        return "no_clock"
    if found.life == "open":
        return "open_at_end"
    if found.closed_at is not None and abs(found.closed_at - clock.due_at) <= TOLERANCE:
        return "same_minute"
    return rules.cause(reading.promises.get(found.number), found.happened_at, found.target_at, clock.due_at)


# --- duplicates ------------------------------------------------------------------------------------------------


def _judge_duplicates(unit: Unit, actor: Actor, into: Duplicates, there: Sequence[tuple[Row, Id]]) -> None:
    dups = [(row, event) for row, event in there if row.is_duplicate]
    held = {one.id: one for one in events.find_events(unit, actor, [event for _, event in dups])} if dups else {}
    for row, event in dups:
        into.dups += 1
        if held[event].merged_into is not None:
            into.merged += 1
        else:
            into.unmatched.append((row.found.number, row.found.at))


# --- hand-overs ------------------------------------------------------------------------------------------------


def _judge_hand_overs(
    unit: Unit, actor: Actor, report: Report, into: HandOvers, profile: Profile, there: Sequence[tuple[Row, Id]]
) -> None:
    wanted = [(row, event) for row, event in there if row.found.transfers is not None]
    acts = past.acts_of(unit, actor, [event for _, event in wanted])
    almanac = calendar_service.almanac(unit, settings.get(EventSettings).calendar or "cn")
    for row, event in wanted:
        given = sum(verb == "give_back" for verb, _ in acts[event])
        into.cases += 1
        into.file += row.found.transfers or 0
        into.acts += given
        into.equal += given == row.found.transfers
        if given != row.found.transfers:
            told = Differs(row.found.number, row.found.at, str(row.found.transfers), str(given), "hand_overs")
            report.differences.append(told)
        replied = next((at for verb, at in acts[event] if verb == "reply"), None)
        if replied is None or row.found.replied_at is None:
            continue
        came = acts[event][0][1]
        days = _days(came, replied, profile)
        into.replied += 1
        into.natural_days += days
        into.days_equal += days == _days(row.found.happened_at, row.found.replied_at, profile)
        first, last = (int(at.timestamp() * 1e6) for at in (came, replied))
        scale = almanac.scale("working", (), first, last)
        into.working_s += (scale.count(last) - scale.count(first)) / 1e6


def _days(first: datetime, last: datetime, profile: Profile) -> int:
    """Days of the calendar between two times, where the source is."""
    return (last.astimezone(profile.zone).date() - first.astimezone(profile.zone).date()) // timedelta(days=1)


def examples(report: Report) -> Iterator[tuple[str, list[Differs]]]:
    """A few cases of each cause."""
    by_cause: dict[str, list[Differs]] = {}
    for one in report.differences:
        by_cause.setdefault(one.cause, []).append(one)
    for cause, found in sorted(by_cause.items(), key=lambda item: (-len(item[1]), item[0])):
        yield cause, found[:EXAMPLES]
