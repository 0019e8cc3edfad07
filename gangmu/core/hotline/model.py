"""A call (来电) of the 12345 hotline and what becomes of it: the rules of its states, outcomes and counts.

Most calls are enquiries, answered from the knowledge base and closed on the line: a call needs no event. What is told
by the telephone system may come late, twice and out of order: the state is read off the times that are known, never
off the order in which they came. Class first (诉求分类处理; domain facts 3.4): every outcome has its
words for the caller, and nobody is turned away without a reason.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from gangmu.core.hotline.errors import (
    CallClosed,
    NotAnswered,
    OutcomeElsewhere,
    OutcomeNeeds,
    TooFewTries,
)
from gangmu.kit.ids import Id

SHORTEST_REASON = 2


class Direction(StrEnum):
    incoming = "in"
    outgoing = "out"


class State(StrEnum):
    ringing = "ringing"  # 振铃
    answered = "answered"  # 通话、待办结
    missed = "missed"  # 漏接
    called_back = "called_back"  # 已回拨
    closed = "closed"  # 已办结


class Fact(StrEnum):
    """What the telephone system tells."""

    ring = "ring"
    answer = "answer"
    hang_up = "hang_up"
    missed = "missed"


class Group(StrEnum):
    """What kind of outcome it is: how it is counted and what it must carry."""

    order = "order"  # 属受理范围，转工单
    answered = "answered"  # 直接答复
    emergency = "emergency"  # 转紧急热线
    lawful_way = "lawful_way"  # 告知法定途径
    explain = "explain"  # 解释说明
    clue = "clue"  # 移交公安线索
    concluded = "concluded"  # 已依法终结
    repeated = "repeated"  # 重复来电
    empty = "empty"  # 无效来电


class Confirm(StrEnum):
    """Whether a shift leader has to agree, and has."""

    none = ""
    pending = "pending"
    agreed = "agreed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A way in which a call ends, as a versioned row: ``needs`` of entry_or_answer, reason, event, order, confirm;
    ``answer_zh`` and ``answer_en`` are told to the caller, with blanks such as {authority}."""

    id: Id
    key: str
    group: str
    hot_key: str
    title_zh: str
    title_en: str
    answer_zh: str
    answer_en: str
    authority_zh: str
    authority_en: str
    needs: tuple[str, ...]
    source: str
    region: str
    verified: bool
    place: int
    valid_from: date
    valid_to: date | None
    version: int = 1

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Call:
    """A call. ``caller`` is the number behind it, sealed in a row of its own; ``group`` the missed call that it is
    part of. Times are those of the telephone system, or of the operator's keys."""

    id: Id
    source: str
    call_no: str
    queue: str
    seat: str
    direction: str
    caller: Id | None
    division: str
    post: Id | None
    person: Id | None
    org: Id | None
    state: str
    kind: str = ""
    text: str = ""
    tree: str = ""
    code: str = ""
    outcome: Id | None = None
    outcome_key: str = ""
    outcome_group: str = ""
    way: str = ""
    answer: str = ""
    reason: str = ""
    confirm: str = ""
    entries: tuple[Id, ...] = ()
    report: Id | None = None
    event: Id | None = None
    missed: Id | None = None
    is_new_matter: bool = False
    began_at: datetime | None = None
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    missed_at: datetime | None = None
    called_back_at: datetime | None = None
    closed_at: datetime | None = None
    has_recording: bool = False
    version: int = 1

    @property
    def talked_s(self) -> float | None:
        if self.answered_at is None or self.ended_at is None:
            return None
        return max(0.0, (self.ended_at - self.answered_at).total_seconds())

    @property
    def waited_s(self) -> float | None:
        if self.answered_at is None or self.rang_at is None:
            return None
        return max(0.0, (self.answered_at - self.rang_at).total_seconds())

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


def state_of(call: Call) -> State:
    """The state, from the times that are known. An answer is worth more than a hang-up or a miss told before it."""
    if call.closed_at is not None:
        return State.closed
    if call.answered_at is not None:
        return State.answered
    if call.called_back_at is not None:
        return State.called_back
    if call.missed_at is not None or call.ended_at is not None:
        return State.missed
    return State.ringing


_FIELD = {
    Fact.ring: "rang_at",
    Fact.answer: "answered_at",
    Fact.hang_up: "ended_at",
    Fact.missed: "missed_at",
}


def told(call: Call, fact: Fact, at: datetime, seat: str = "", queue: str = "") -> Call:
    """The call after a fact of the telephone system. A fact told again changes nothing; the first time told stays."""
    name = _FIELD[fact]
    if getattr(call, name) is not None:
        return call
    at_seat = seat if fact is Fact.answer and seat else call.seat or seat
    given: dict[str, Any] = {name: at, "seat": at_seat, "queue": call.queue or queue}
    changed = replace(call, **given)
    began = min(
        (one for one in (changed.rang_at, changed.answered_at, changed.ended_at, changed.missed_at) if one), default=at
    )
    changed = replace(changed, began_at=began)
    return replace(changed, state=state_of(changed).value)


# --- how a call ends --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ending:
    """What the operator gives with an outcome."""

    kind: str
    text: str = ""
    answer: str = ""
    reason: str = ""
    authority: str = ""
    entries: tuple[Id, ...] = ()
    event: Id | None = None
    way: str = ""
    tree: str = ""
    code: str = ""


ELSEWHERE = frozenset({Group.order, Group.emergency})
WAYS = frozenset({"knowledge", "own_words", "expert_seat", "three_party", "department"})


def check_ending(call: Call, outcome: Outcome, given: Ending) -> None:
    """Refuse an outcome that is not yet, no longer, or not fully given."""
    if not call.is_open:
        raise CallClosed()
    if call.answered_at is None:
        raise NotAnswered()
    if outcome.group in ELSEWHERE:
        raise OutcomeElsewhere(outcome=outcome.key)
    for need in outcome.needs:
        if not _is_met(need, given):
            raise OutcomeNeeds(what=need, outcome=outcome.key)


def _is_met(need: str, given: Ending) -> bool:
    if need == "entry_or_answer":
        return bool(given.entries) or len(given.answer.strip()) >= SHORTEST_REASON
    if need == "reason":
        return len(given.reason.strip()) >= SHORTEST_REASON
    if need == "event":
        return given.event is not None
    return True


def fill(template: str, blanks: Mapping[str, str]) -> str:
    """The template's words with its blanks filled; one that nobody fills is left out with what surrounds it."""
    said = template
    for name, value in blanks.items():
        said = said.replace("{" + name + "}", value.strip())
    return " ".join(said.split())


def ended(call: Call, outcome: Outcome, given: Ending, words: str, now: datetime) -> Call:
    """The call with its outcome. What needs a shift leader's agreement waits for it; the line is free meanwhile."""
    pending = "confirm" in outcome.needs
    changed = replace(
        call,
        kind=given.kind,
        text=given.text.strip() or call.text,
        tree=given.tree or call.tree,
        code=given.code or call.code,
        outcome=outcome.id,
        outcome_key=outcome.key,
        outcome_group=outcome.group,
        way=given.way or ("knowledge" if given.entries else "own_words" if outcome.group == Group.answered else ""),
        answer=words,
        reason=given.reason.strip(),
        confirm=(Confirm.pending if pending else Confirm.none).value,
        entries=given.entries or call.entries,
        event=given.event or call.event,
        closed_at=now,
    )
    return replace(changed, state=state_of(changed).value)


def reopened(call: Call) -> Call:
    """The shift leader does not agree: the call has no outcome again."""
    opened = replace(
        call, outcome=None, outcome_key="", outcome_group="", answer="", reason="", confirm="", closed_at=None
    )
    return replace(opened, state=state_of(opened).value)


# --- missed calls -----------------------------------------------------------------------------------------------


class MissedState(StrEnum):
    open = "open"
    reached = "reached"  # 已回拨接通
    came_again = "came_again"  # 对方再次来电已接
    given_up = "given_up"  # 多次未通，说明理由
    void = "void"  # 后来知道已接听


@dataclass(frozen=True, slots=True)
class Missed:
    """A number that must be called back: all its missed calls until somebody has spoken with it."""

    id: Id
    caller: Id
    division: str
    times: int
    first_at: datetime
    last_at: datetime
    due_at: datetime | None
    state: str
    tries: int
    tried_at: datetime | None
    done_at: datetime | None
    done_by: Id | None
    reason: str
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.state == MissedState.open


def check_giving_up(missed: Missed, least: int, reason: str) -> None:
    """A missed call is given up after enough tries, with a reason."""
    if missed.tries < least:
        raise TooFewTries(tries=missed.tries, least=least)
    if len(reason.strip()) < SHORTEST_REASON:
        raise OutcomeNeeds(what="reason", outcome="given_up")


@dataclass(frozen=True, slots=True)
class HandOver:
    """A call passed to an emergency line at once: when, by whom, to whom, and whether somebody asked what became of
    it."""

    id: Id
    call: Id
    line: str
    receiver: str
    division: str
    handed_at: datetime
    handed_by: Id | None
    due_at: datetime | None
    state: str
    result: str
    done_at: datetime | None
    done_by: Id | None
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class CallAct:
    """One line of a call's history."""

    id: Id
    call: Id
    what: str
    at: datetime
    recorded_at: datetime
    person: Id | None
    by_name: str
    told: Mapping[str, str] = field(default_factory=dict)


# --- counting ---------------------------------------------------------------------------------------------------

Tally = Counter[tuple[str, str]]


def counted(call: Call, within_s: int) -> Tally:
    """What a call adds to the figures of its day: calls, and matters beside them. The direct answer rate is ``direct``
    of ``valid``: calls answered, closed and not empty."""
    tally: Tally = Counter()
    tally["calls", call.direction] += 1
    if call.direction == Direction.outgoing:
        return tally
    if call.answered_at is not None:
        tally["answered", ""] += 1
        waited = call.waited_s
        if waited is not None:
            tally["waited", ""] += 1
            tally["wait_s", ""] += round(waited)
            tally["in_time", ""] += int(waited <= within_s)
        if call.talked_s is not None:
            tally["talked", ""] += 1
            tally["talk_s", ""] += round(call.talked_s)
    elif state_of(call) in (State.missed, State.called_back):
        tally["missed", ""] += 1
        tally["called_back", ""] += int(call.called_back_at is not None)
    if call.closed_at is not None and call.outcome_group:
        tally["outcome", call.outcome_key] += 1
        tally["kind", call.kind] += 1
        if call.outcome_group != Group.empty:
            tally["valid", ""] += 1
            tally["direct", ""] += int(call.outcome_group == Group.answered)
        tally["matters", ""] += int(call.is_new_matter)
        tally["orders", ""] += int(call.event is not None)
    return +tally


def delta(before: Tally, after: Tally) -> dict[tuple[str, str], int]:
    """What a change of a call adds to the figures, and takes from them."""
    return {key: after[key] - before[key] for key in {*before, *after} if after[key] != before[key]}


@dataclass(frozen=True, slots=True)
class Rate:
    """A ratio with what it is made of. Of nothing it is None, never 0."""

    n: int
    of: int

    @property
    def value(self) -> float | None:
        return round(self.n / self.of, 4) if self.of else None


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
