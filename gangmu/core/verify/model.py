"""Field tasks (核实 verify, 核查 check): who goes, when, and what proof counts (GB/T 30428.8; domain facts 1.5).

Judge and doer differ: whoever ordered or did the work on an event is not sent to look at it. Recurring things such as
night markets are checked at the same time of day (同时段核查).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from gangmu.core.flow.model import ActFact, Duty, Flow, Verb
from gangmu.kit.ids import Id
from gangmu.kit.text import division_prefix

DAY = 24 * 60
SPOILED = ("reused", "old", "future")
"""What makes a photo no proof of a check: seen before, taken too long ago, taken in the future."""


class TaskKind(StrEnum):
    verify = "verify"  # 核实, before filing
    check = "check"  # 核查, after handling


class TaskState(StrEnum):
    open = "open"
    done = "done"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody is sent to look. ``post`` None: whoever may and is there takes it. ``window_first`` and ``window_last``
    are minutes of the city's day between which it must be done, ``not_before`` when that is first possible. ``result``
    is the outcome or verb it ended with, ``flags`` what was doubtful about its proof."""

    id: Id
    event: Id
    kind: str
    state: str
    division: str
    orgs: tuple[Id, ...]
    people: tuple[Id, ...]
    post: Id | None
    person: Id | None
    ask: str
    asked_by: Id | None
    opening_act: Id
    opened_at: datetime
    not_before: datetime | None
    window_first: int | None
    window_last: int | None
    due_at: datetime | None
    closing_act: Id | None
    done_at: datetime | None
    verb: str
    result: str
    reason: str
    flags: tuple[str, ...]
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.state == TaskState.open

    @property
    def window(self) -> "Window | None":
        if self.window_first is None or self.window_last is None:
            return None
        return Window(self.window_first, self.window_last)


# --- when ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Window:
    """A part of every day, from ``first`` to ``last`` minute (both within); it may reach over midnight."""

    first: int
    last: int

    def holds(self, at: datetime) -> bool:
        """Whether a local time lies in it."""
        minute = at.hour * 60 + at.minute
        if self.first <= self.last:
            return self.first <= minute <= self.last
        return minute >= self.first or minute <= self.last

    def opens_after(self, at: datetime) -> datetime:
        """The local time itself when it lies within, else the next beginning."""
        if self.holds(at):
            return at
        start = at.replace(hour=self.first // 60, minute=self.first % 60, second=0, microsecond=0)
        return start if start > at else start + timedelta(days=1)

    def words(self) -> tuple[str, str]:
        """Both ends as people write them: 20:30, 22:30."""
        first, last = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (self.first, self.last))
        return first, last


def window_around(happened_at: datetime, minutes: int, zone: tzinfo) -> Window:
    """The time of day at which something happened, give or take ``minutes``. A whole day when that is half a day."""
    local = happened_at.astimezone(zone)
    if minutes * 2 >= DAY:
        return Window(0, DAY - 1)
    middle = local.hour * 60 + local.minute
    return Window((middle - minutes) % DAY, (middle + minutes) % DAY)


# --- who ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could go: his post and its division, whether a grid of the event is bound to him, how many tasks he
    has, how far the middle of his grid is (None: not known)."""

    post: Id
    person: Id
    division: str
    bound: bool = False
    open_tasks: int = 0
    metres: float | None = None


def doers(way: Flow, acts: Iterable[ActFact]) -> frozenset[str]:
    """The people who ordered or did the work, in any round and any post."""
    duty = {verb.id for verb in way.verbs if verb.duty in (Duty.order, Duty.do)}
    return frozenset(act.person for act in acts if act.verb in duty and act.person is not None)


def reaches(candidate: Candidate, division: str) -> bool:
    return division.startswith(division_prefix(candidate.division))


def rank(candidates: Iterable[Candidate], division: str, busy_at: int, but: Collection[str]) -> list[Candidate]:
    """Who goes first: free before busy, then whose grid it is, then the closest division, the fewest tasks, the nearest
    grid. People of ``but`` and posts elsewhere do not go at all."""

    def order(one: Candidate) -> tuple[bool, bool, int, int, float, str]:
        depth = len(division_prefix(one.division))
        far = one.metres if one.metres is not None else float("inf")
        return one.open_tasks >= busy_at, not one.bound, -depth, one.open_tasks, far, one.post

    return sorted((one for one in candidates if one.person not in but and reaches(one, division)), key=order)


# --- what it can end with -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Result:
    """One end of a task: its id (the outcome's, or the verb's where that has none), the verb of the flow that it does,
    and what that verb needs."""

    id: str
    verb: Verb
    outcome: str
    title: dict[str, str]


def sending_verbs(way: Flow, kind: str) -> list[Verb]:
    return [verb for verb in way.verbs if f"open_{kind}_task" in verb.effects]


def ending_verbs(way: Flow, kind: str) -> list[Verb]:
    return [verb for verb in way.verbs if f"close_{kind}_task" in verb.effects]


def results_of(way: Flow, kind: str) -> list[Result]:
    """All that a task of this kind can end with, as the flow says."""
    found = []
    for verb in ending_verbs(way, kind):
        if verb.outcomes:
            found += [Result(each.id, verb, each.id, dict(each.title)) for each in verb.outcomes]
        else:
            found.append(Result(verb.id, verb, "", dict(verb.title)))
    return found


def roles_for(way: Flow, kind: str) -> tuple[str, ...]:
    """The roles that do such tasks."""
    return tuple(dict.fromkeys(role for verb in ending_verbs(way, kind) for role in verb.roles))


# --- proof --------------------------------------------------------------------------------------------------


def spoiled(flags: Sequence[str]) -> bool:
    return any(flag in SPOILED for flag in flags)


def is_proven(pieces: Sequence[Sequence[str]]) -> bool:
    """Whether at least one of the photos (each by its flags) can be believed to be of this check."""
    return any(not spoiled(flags) for flags in pieces)


def flags_together(pieces: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted({flag for flags in pieces for flag in flags}))
