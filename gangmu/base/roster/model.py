"""Shifts (班次), patterns (排班规则), leave (请假) and swaps (换班): who is on duty when, and what a rota lacks.

A pattern says which shifts a kind of duty has on which days, how many each needs, and who takes turns. Laid out over
days it proposes shifts; people edit them afterwards. Times are the city's, and shifts may run over midnight.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from gangmu.base.roster.errors import NotOpen, NotYours
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id

LONGEST_SHIFT = timedelta(hours=48)


class DutyKind(StrEnum):
    """What somebody on a shift is there for."""

    lead = "lead"  # 带班领导
    shift_leader = "shift_leader"  # 值班长
    seat = "seat"  # 坐席
    dispatch = "dispatch"  # 派遣
    patrol = "patrol"  # 巡查
    duty = "duty"  # 部门值班员


class Days(StrEnum):
    """On which days of the calendar a shift is held."""

    every = "every"
    working = "working"  # 工作日, swapped weekends with it
    off = "off"  # 周末和节假日


class Made(StrEnum):
    """Where a shift came from."""

    pattern = "pattern"
    hand = "hand"
    swap = "swap"
    sheet = "sheet"


@dataclass(frozen=True, slots=True)
class Slot:
    """One shift of a pattern: ``ends`` at or before ``starts`` is on the next day; ``need`` people are wanted."""

    title: str
    starts: str
    ends: str
    days: str = Days.every
    need: int = 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a kind of duty is held in an organisation. ``crew`` are the posts that take turns, ``rest_hours`` the least
    time between two shifts of one person."""

    id: Id
    org: Id
    division: str
    title: str
    kind: str
    calendar: str
    slots: tuple[Slot, ...]
    crew: tuple[Id, ...]
    rest_hours: int
    active: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody's post on duty from a time to a time."""

    id: Id
    pattern: Id | None
    slot: str
    kind: str
    org: Id
    division: str
    post: Id
    starts_at: datetime
    ends_at: datetime
    made: str
    note: str = ""
    version: int = 1

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A shift of a pattern on a day, before anybody is put on it."""

    slot: str
    need: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who takes turns: his post, and the person, who may hold several."""

    post: Id
    person: Id


@dataclass(frozen=True, slots=True)
class Busy:
    """A person is taken for a while: on another shift."""

    person: Id
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a rota: nobody or too few (``gap``), one person twice (``double``), on leave (``away``), or a
    post that has ended (``left``)."""

    what: str
    kind: str
    slot: str
    starts_at: datetime
    ends_at: datetime
    missing: int = 0
    shifts: tuple[Id, ...] = ()
    person: Id | None = None


class LeaveState(StrEnum):
    asked = "asked"
    granted = "granted"
    refused = "refused"
    withdrawn = "withdrawn"


class LeaveKind(StrEnum):
    annual = "annual"  # 年休
    sick = "sick"  # 病假
    personal = "personal"  # 事假
    official = "official"  # 公出、学习
    other = "other"


@dataclass(frozen=True, slots=True)
class Leave:
    """A person is away. The reason is his own affair: sealed, and read by himself and who decides."""

    id: Id
    person: Id
    post: Id
    org: Id
    division: str
    starts_at: datetime
    ends_at: datetime
    kind: str
    reason: bytes | None
    state: str
    asked_by: Id | None
    asked_at: datetime
    decided_by: Id | None = None
    decided_at: datetime | None = None
    note: str = ""
    version: int = 1


class SwapState(StrEnum):
    asked = "asked"  # waits for the other
    agreed = "agreed"  # waits for the leader
    done = "done"
    refused = "refused"
    withdrawn = "withdrawn"


@dataclass(frozen=True, slots=True)
class Swap:
    """One asks another to take his shift, perhaps for one of the other's. Both agree, then the leader."""

    id: Id
    org: Id
    division: str
    shift: Id
    other: Id | None
    from_post: Id
    to_post: Id
    from_person: Id
    to_person: Id
    reason: str
    state: str
    asked_at: datetime
    agreed_at: datetime | None = None
    decided_by: Id | None = None
    decided_at: datetime | None = None
    note: str = ""
    version: int = 1


# --- patterns --------------------------------------------------------------------------------------------


def clock_of(text: str) -> time:
    """``HH:MM``; ``24:00`` is midnight."""
    hours, _, minutes = text.partition(":")
    if not (hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise Invalid(field="starts", reason="a time is written HH:MM")
    number = int(hours) * 60 + int(minutes)
    if number > 24 * 60 or int(minutes) > 59:
        raise Invalid(field="starts", reason="a time is written HH:MM")
    return time(number // 60 % 24, number % 60)


def check_pattern(pattern: Pattern) -> None:
    """A pattern has shifts with names of their own, and a crew in which nobody stands twice."""
    if not pattern.title.strip():
        raise Invalid(field="title", reason="a pattern has a name")
    if not pattern.slots:
        raise Invalid(field="slots", reason="a pattern has at least one shift")
    titles = [slot.title.strip() for slot in pattern.slots]
    if len(set(titles)) != len(titles) or not all(titles):
        raise Invalid(field="slots", reason="every shift has a name of its own")
    for slot in pattern.slots:
        clock_of(slot.starts), clock_of(slot.ends)
        if slot.need < 1:
            raise Invalid(field="slots", reason="a shift needs at least one person")
    if len(set(pattern.crew)) != len(pattern.crew):
        raise Invalid(field="crew", reason="somebody stands in the crew twice")


def span_of(slot: Slot, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When the shift of a day begins and ends."""
    starts = datetime.combine(day, clock_of(slot.starts), zone)
    over = clock_of(slot.ends) <= clock_of(slot.starts)
    return starts, datetime.combine(day + timedelta(days=int(over)), clock_of(slot.ends), zone)


def occurrences(pattern: Pattern, days: Iterable[tuple[date, bool]], zone: ZoneInfo) -> list[Occurrence]:
    """The shifts of a pattern over days (each with whether it is worked), in order of time."""
    found = [
        Occurrence(slot.title, slot.need, *span_of(slot, day, zone))
        for day, working in days
        for slot in pattern.slots
        if slot.days == Days.every or working == (slot.days == Days.working)
    ]
    return sorted(found, key=lambda one: (one.starts_at, one.ends_at))


def lay_out(
    pattern: Pattern,
    wanted: Sequence[Occurrence],
    crew: Sequence[Member],
    standing: Sequence[Shift],
    busy: Iterable[Busy],
    away: Mapping[Id, Sequence[tuple[datetime, datetime]]],
) -> list[tuple[Occurrence, Member]]:
    """Who takes which shift: of those who are there, rested and free, the one whose last shift is longest ago; among
    equals the order of the crew. What stands already is kept, and only what is missing is filled, so that laying out
    again changes nothing."""
    rest = timedelta(hours=pattern.rest_hours)
    spans: dict[Id, list[tuple[datetime, datetime]]] = {}
    for one in busy:
        spans.setdefault(one.person, []).append((one.starts_at, one.ends_at))
    made: list[tuple[Occurrence, Member]] = []
    for shift in wanted:
        there = [one for one in standing if one.slot == shift.slot and one.starts_at == shift.starts_at]
        posts = {one.post for one in there}
        for _ in range(max(0, shift.need - len(there))):
            free = [
                (_last(spans.get(one.person, ()), shift.starts_at), at, one)
                for at, one in enumerate(crew)
                if one.post not in posts
                and not _meets(spans.get(one.person, ()), shift.starts_at - rest, shift.ends_at + rest)
                and not _meets(away.get(one.person, ()), shift.starts_at, shift.ends_at)
            ]
            if not free:
                break
            chosen = min(free, key=lambda item: item[:2])[2]
            posts.add(chosen.post)
            spans.setdefault(chosen.person, []).append((shift.starts_at, shift.ends_at))
            made.append((shift, chosen))
    return made


def _last(spans: Iterable[tuple[datetime, datetime]], before: datetime) -> float:
    return max((ends.timestamp() for _, ends in spans if ends <= before), default=float("-inf"))


def _meets(spans: Iterable[tuple[datetime, datetime]], starts: datetime, ends: datetime) -> bool:
    return any(first < ends and starts < last for first, last in spans)


def month_of(text: str) -> list[date]:
    """The days of ``YYYY-MM``."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Invalid(field="month", reason="a month is written YYYY-MM") from error
    days = [first]
    while (after := days[-1] + timedelta(days=1)).month == first.month:
        days.append(after)
    return days


# --- shifts ----------------------------------------------------------------------------------------------


def check_shift(shift: Shift) -> None:
    if not shift.starts_at < shift.ends_at <= shift.starts_at + LONGEST_SHIFT:
        raise Invalid(field="ends_at", reason="after the start, and within 48 hours of it")


def findings(
    patterns: Sequence[Pattern],
    wanted: Mapping[Id, Sequence[Occurrence]],
    shifts: Sequence[Shift],
    person_of: Mapping[Id, Id],
    away: Mapping[Id, Sequence[tuple[datetime, datetime]]],
    gone: Collection[Id],
) -> list[Finding]:
    """What a rota lacks: shifts of the patterns (``wanted`` by pattern) with too few, people who are there twice, on
    leave, or whose post has ended. ``person_of`` says who really comes on each shift, stand-ins considered."""
    found: list[Finding] = []
    by_duty: dict[tuple[Id, str], list[Shift]] = {}
    for one in shifts:
        by_duty.setdefault((one.org, one.kind), []).append(one)
    for pattern in patterns:
        for each in wanted.get(pattern.id, ()):
            there = sum(
                one.starts_at <= each.starts_at and each.ends_at <= one.ends_at
                for one in by_duty.get((pattern.org, pattern.kind), ())
            )
            if there < each.need:
                found.append(Finding("gap", pattern.kind, each.slot, each.starts_at, each.ends_at, each.need - there))
    found += _doubles(shifts, person_of)
    for one in shifts:
        holder = person_of.get(one.id)
        absent = holder is not None and _meets(away.get(holder, ()), one.starts_at, one.ends_at)
        what = "left" if one.post in gone else "away" if absent else ""
        if what:
            found.append(Finding(what, one.kind, one.slot, one.starts_at, one.ends_at, 1, (one.id,), holder))
    return sorted(found, key=lambda one: (one.starts_at, one.what))


def _doubles(shifts: Sequence[Shift], person_of: Mapping[Id, Id]) -> list[Finding]:
    """Shifts of one person that overlap."""
    found: list[Finding] = []
    last: dict[Id, Shift] = {}
    for one in sorted(shifts, key=lambda each: (each.starts_at, each.id)):
        person = person_of.get(one.id)
        if person is None:
            continue
        before = last.get(person)
        if before is not None and one.starts_at < before.ends_at:
            ends = min(before.ends_at, one.ends_at)
            found.append(Finding("double", one.kind, one.slot, one.starts_at, ends, 0, (before.id, one.id), person))
        if before is None or one.ends_at > before.ends_at:
            last[person] = one
    return found


# --- leave and swaps -------------------------------------------------------------------------------------


def check_leave(starts_at: datetime, ends_at: datetime, longest: timedelta) -> None:
    if not starts_at < ends_at <= starts_at + longest:
        raise Invalid(field="ends_at", reason=f"after the start, and within {longest.days} days of it")


def decide_leave(leave: Leave, by: Id | None, now: datetime, granted: bool, note: str) -> Leave:
    """Grant or refuse. Nobody decides about his own leave."""
    if leave.state != LeaveState.asked:
        raise NotOpen(about=str(leave.id), state=leave.state)
    if by is None or by == leave.person:
        raise NotYours(about=str(leave.id))
    state = LeaveState.granted if granted else LeaveState.refused
    return replace(leave, state=state.value, decided_by=by, decided_at=now, note=note)


def end_leave(leave: Leave, now: datetime) -> Leave:
    """Back early, or not going: before it began it is withdrawn, after that it ends now."""
    if leave.state not in (LeaveState.asked, LeaveState.granted) or leave.ends_at <= now:
        raise NotOpen(about=str(leave.id), state=leave.state)
    if leave.starts_at >= now or leave.state == LeaveState.asked:
        return replace(leave, state=LeaveState.withdrawn.value)
    return replace(leave, ends_at=now)


def agree(swap: Swap, by: Id | None, now: datetime, agrees: bool, note: str) -> Swap:
    """The other one says yes or no."""
    if swap.state != SwapState.asked:
        raise NotOpen(about=str(swap.id), state=swap.state)
    if by is None or by != swap.to_person:
        raise NotYours(about=str(swap.id))
    if not agrees:
        return replace(swap, state=SwapState.refused.value, agreed_at=now, note=note)
    return replace(swap, state=SwapState.agreed.value, agreed_at=now)


def decide_swap(swap: Swap, by: Id | None, now: datetime, approved: bool, note: str) -> Swap:
    """The leader says yes or no. Neither of the two decides."""
    if swap.state != SwapState.agreed:
        raise NotOpen(about=str(swap.id), state=swap.state)
    if by is None or by in (swap.from_person, swap.to_person):
        raise NotYours(about=str(swap.id))
    state = SwapState.done if approved else SwapState.refused
    return replace(swap, state=state.value, decided_by=by, decided_at=now, note=note)


def withdraw_swap(swap: Swap, by: Id | None) -> Swap:
    if swap.state not in (SwapState.asked, SwapState.agreed):
        raise NotOpen(about=str(swap.id), state=swap.state)
    if by is None or by != swap.from_person:
        raise NotYours(about=str(swap.id))
    return replace(swap, state=SwapState.withdrawn.value)
