"""What counts of a matter, and when: the closed vocabulary of countable facts. Pure rules.

Every fact stands on one moment of its own, so that a month is the sum of its days and a city the sum of its grids. What
is due stands on its deadline, or on the day on which it was done if that was earlier: what is done late stays in the
period in which it was due. Domain facts 1.8 and 10.2.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta, tzinfo
from itertools import groupby, zip_longest
from typing import Any

from gangmu.brain.evaluate.rows import (
    ActRow,
    CallRow,
    Case,
    ClockRow,
    CorrectionRow,
    EditionRow,
    EventRow,
    Fact,
    TaskRow,
)

More = dict[str, Any]
HOST, ASSIST = "host", "assist"
HANDLE = "handle"
PATROLS = ("patrol", "grid")
PUBLIC = ("hotline12345", "citizen")
CONTENT = ("very_satisfied", "satisfied", "fairly_satisfied")
SUSPENDED, OVERDUE_EXEMPT, OUT_OF_SCOPE = "suspended", "exempt_overdue", "exempt_scope"
EXCLUSIONS = (SUSPENDED, OVERDUE_EXEMPT, OUT_OF_SCOPE)

WORDS = (
    "report", "first_report", "repeat_report", "valid_report", "accepted", "filed", "public_filed", "filed_void",
    "grid_filed", "missed", "void", "merged", "dispatched", "dispatch_rework", "self_handled", "verify_sent",
    "verify_sent_in_time", "check_sent", "check_sent_in_time", "need_archive", "archived", "in_time_archive",
    "late_archive", "overdue", "archive", "closed_once", "handled_due", "handled", "handled_in_time",
    "overdue_unhandled", "rework", "returned", "extended", "suspended", "supervised", "exempted", "verify_due",
    "verify_done", "verify_in_time", "check_due", "check_done", "check_in_time", "stage_due", "stage_done",
    "stage_in_time", "contact_due", "contacted_in_time", "replied", "visited", "solved", "unsolved", "satisfied",
    "unsatisfied", "call_in", "call_answered", "call_answered_in_time", "call_missed", "call_back", "call_closed",
    "call_direct", "call_repeat", "knowledge_due", "knowledge_done", "knowledge_in_time",
)  # fmt: skip
"""The closed vocabulary. A rate names words; a new word is a line here and the lines that count it."""

APART = (HANDLE, ASSIST, "verify", "check", "appeal")
"""Stages that are counted under words of their own."""


@dataclass(frozen=True, slots=True)
class Words:
    """Which verbs of a flow mean what, which stages make a matter due and closed in time."""

    verbs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    due: tuple[str, ...] = (HANDLE,)
    in_time: tuple[str, ...] = (HANDLE,)

    def means(self, act: ActRow, word: str) -> bool:
        return act.verb in self.verbs.get(word, ())


@dataclass(frozen=True, slots=True)
class Rules:
    """What a city has set: the words of each flow, which time of an act counts, and limits without a clock. ``direct``
    and ``idle`` are groups of a call's outcome: answered on the line, and what is no call for a rate."""

    words: Mapping[str, Words]
    direct: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    counts: str = "recorded"
    contact: timedelta = timedelta(hours=24)
    answer: timedelta = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class _Round:
    """One round of a piece of work: its clocks (two for a limit in two parts) as one."""

    key: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    late: bool

    @property
    def at(self) -> datetime | None:
        if self.stopped_at is not None and (self.due_at is None or self.stopped_at < self.due_at):
            return self.stopped_at
        return self.due_at

    @property
    def late_s(self) -> int | None:
        if not self.late or self.due_at is None or self.stopped_at is None:
            return None
        return max(int((self.stopped_at - self.due_at).total_seconds()), 0)


def _rounds(clocks: Sequence[ClockRow]) -> list[_Round]:
    """Clocks that began together are one round, in order."""
    found = []
    for _, group in groupby(sorted(clocks, key=lambda row: (row.started_at, row.id)), key=lambda row: row.started_at):
        rows = list(group)
        dues = [row.due_at for row in rows if row.due_at is not None]
        stops = [row.stopped_at for row in rows if row.stopped_at is not None]
        found.append(
            _Round(
                key=rows[0].id,
                started_at=rows[0].started_at,
                due_at=max(dues) if len(dues) == len(rows) else None,
                stopped_at=max(stops) if len(stops) == len(rows) else None,
                late=any(row.overdue for row in rows),
            )
        )
    return found


def count_case(case: Case, rules: Rules, walkers: Mapping[str, str] | None = None) -> list[Fact]:
    """All facts of one event. ``walkers``: the patrol post of each responsibility grid on the day of the report."""
    return list(_Counting(case, rules, walkers or {}).facts())


class _Counting:
    """One event while it is counted."""

    def __init__(self, case: Case, rules: Rules, walkers: Mapping[str, str]) -> None:
        self.case, self.rules, self.walkers = case, rules, walkers
        self.event: EventRow = case.event
        self.words = rules.words.get(case.event.flow, Words())
        self.acts = sorted(case.acts, key=lambda act: act.seq)
        self.hosts = sorted((one for one in case.debts if one.role == HOST), key=lambda one: (one.since, one.id))
        self.first = self.acts[0] if self.acts and self.acts[0].verb == "report" else None

    def facts(self) -> Iterator[Fact]:
        if self.event.status == "merged":
            yield self._merged()
            return
        out = OUT_OF_SCOPE if "scope" in self.event.exemptions else ""
        for fact in self._all():
            yield self._taken_out(fact, out) if out and fact.word != "report" else fact

    def _all(self) -> Iterator[Fact]:
        yield from self._intake()
        yield from self._acts()
        yield from self._archive()
        yield from self._work()
        yield from self._stages()
        for task in self.case.tasks:
            yield from self._task(task)
        yield from self._service()

    # --- small parts ------------------------------------------------------------------------------------

    def _fact(self, word: str, at: datetime, key: str = "", **more: Any) -> Fact:
        event = self.event
        made = Fact(event.id, word, key, event.id, at, event.division)
        usual: More = {"flow": event.flow, "channel": event.channel, "unit_grid": event.unit_grid}
        return replace(made, **{**usual, **more})

    def _when(self, act: ActRow) -> datetime:
        return act.done_at if self.rules.counts == "done" else act.recorded_at

    def _done(self, word: str) -> list[ActRow]:
        return [act for act in self.acts if self.words.means(act, word)]

    def _host_at(self, at: datetime, *, before: bool = False) -> str | None:
        """Who had the matter at a time (right before it)."""
        held = [one for one in self.hosts if one.since < at or (one.since == at and not before)]
        return held[-1].org if held else self.event.lead_org

    def _taken_out(self, fact: Fact, excluded: str) -> Fact:
        """The fact as one that rates leave out, with who approved it and why."""
        if fact.excluded:
            return fact
        act = next(iter(reversed(self._done(excluded))), None)
        said: More = {"why": act.reason, "approved_by": act.actor_name, "approved_at": self._when(act)} if act else {}
        return replace(fact, excluded=excluded, **said)

    def _merged(self) -> Fact:
        act = next((act for act in reversed(self.acts) if act.verb == "merge"), None)
        at = self._when(act) if act else self.event.reported_at
        said: More = {"why": act.reason, "approved_by": act.actor_name, "approved_at": at} if act else {}
        return self._fact("merged", at, excluded="merged", **said)

    # --- intake -----------------------------------------------------------------------------------------

    def _intake(self) -> Iterator[Fact]:
        event, first = self.event, self.first
        who: More = {"post": first.post, "org": first.org} if first else {}
        yield self._fact("report", event.reported_at, **who)
        yield self._fact("first_report", event.reported_at, **who)
        if (more := event.report_count - 1) > 0:  # others' reports of it: not the work of who reported first
            yield self._fact("report", event.reported_at, "joined", n=more)
            yield self._fact("repeat_report", event.reported_at, n=more)
        filed = self._done("filed")
        own = self._done("self_handled") if event.status == "closed" else []
        if filed or own:
            yield self._fact("valid_report", event.reported_at, **who)
        if not filed:
            return
        at, voided = self._when(filed[-1]), event.status == "void"
        filer: More = {"post": filed[-1].post, "org": filed[-1].org}
        yield self._fact("filed", at, **filer)
        if voided:
            yield self._fact("filed_void", at, **filer)
        if event.channel in PUBLIC:
            yield self._fact("public_filed", at, **filer)
        walker = self.walkers.get(event.duty_grid) if event.duty_grid else None
        if walker is not None and not voided:
            yield self._fact("grid_filed", at, post=walker)
            if event.channel not in PATROLS:
                yield self._fact("missed", at, post=walker)

    # --- acts -------------------------------------------------------------------------------------------

    def _acts(self) -> Iterator[Fact]:
        sender: ActRow | None = None
        for act in self.acts:
            at, who = self._when(act), More(post=act.post, org=act.org)
            means = self.words.means
            if means(act, "dispatched"):
                sender = act
                yield self._fact("dispatched", at, act.id, **who)
            if means(act, "rework"):
                yield self._fact("rework", at, act.id, org=self._host_at(at, before=True), role=HOST, why=act.reason)
                if sender is not None:
                    whose: More = {"post": sender.post, "org": sender.org}
                    yield self._fact("dispatch_rework", self._when(sender), act.id, why=act.reason, **whose)
                    sender = None  # a dispatch that was sent back twice is still one dispatch
            for word in ("returned", "extended", "suspended", "supervised"):
                if means(act, word):
                    said: More = {"why": act.reason, "approved_by": act.actor_name, "approved_at": at}
                    yield self._fact(word, at, act.id, org=self._host_at(at, before=True), role=HOST, **said)
            for word in ("exempt_overdue", "exempt_scope"):
                if means(act, word):
                    told: More = {"why": act.reason, "approved_by": act.actor_name, "approved_at": at, "stage": word}
                    yield self._fact("exempted", at, act.id, org=self.event.lead_org, role=HOST, **told)
            for word in ("verify_sent", "check_sent"):
                if means(act, word):
                    yield self._fact(word, at, act.id, **who)
                    stopped = self._stopped_by(act)
                    if stopped is not None and not stopped.overdue:
                        yield self._fact(f"{word}_in_time", at, act.id, **who)
        for word in ("accepted", "self_handled", "void"):
            done = self._done(word)
            if done and (word != "void" or self.event.status == "void"):
                yield self._fact(word, self._when(done[-1]), post=done[-1].post, org=done[-1].org, why=done[-1].reason)

    def _stopped_by(self, act: ActRow) -> ClockRow | None:
        """The clock of the stage that an act ended."""
        ended = [row for row in self.case.clocks if row.counts and row.stopped_at in (act.recorded_at, act.done_at)]
        return next((row for row in ended if row.stage not in APART), None)

    def _ended_by(self, row: ClockRow) -> ActRow | None:
        """The act that ended a clock, as far as one did."""
        if row.stopped_at is None:
            return None
        found = [act for act in self.acts if row.stopped_at in (act.recorded_at, act.done_at)]
        return next((act for act in found if act.from_state != act.to_state), found[0] if found else None)

    # --- due and closed -----------------------------------------------------------------------------------

    def _archive(self) -> Iterator[Fact]:
        """A matter counts once: on its deadline, or on the day it was closed if that was earlier."""
        event = self.event
        closed = event.closed_at if event.status == "closed" else None
        who: More = {"org": event.lead_org, "role": HOST}
        if closed is not None:
            yield self._fact("archive", closed, done_at=closed, **who)
            if (self._done("visited") or self._done("replied")) and not self._done("rework"):
                yield self._fact("closed_once", closed, done_at=closed, **who)
        due, late, known = self._due()
        if event.status == "void" or not known:
            return
        at = closed if closed is not None and (due is None or closed < due) else due
        if at is None:
            at = self._suspended_at()
        told: More = {"due_at": due, "done_at": closed, **who}
        late_s = self._late_s(due, closed) if late else None
        need = [self._fact("need_archive", at, late_s=late_s, **told)]
        if closed is not None:
            need.append(self._fact("archived", at, late_s=late_s, **told))
            need.append(self._fact("late_archive" if late else "in_time_archive", at, late_s=late_s, **told))
        if late and due is not None:
            need.append(self._fact("overdue", due, late_s=late_s, **told))
        yield from (self._judged(fact) for fact in need)

    def _due(self) -> tuple[datetime | None, bool, bool]:
        """The deadline of the matter, whether it is late (or will be, if nothing stops the clock), and whether there is
        a deadline at all."""
        rounds = _rounds([row for row in self.case.clocks if row.counts and row.stage in self.words.due])
        if rounds:
            judged = _rounds([row for row in self.case.clocks if row.counts and row.stage in self.words.in_time])
            running = any(one.stopped_at is None for one in rounds)
            return rounds[-1].due_at, running or any(one.late for one in judged), True
        target, closed = self.acts[0].target_at if self.acts else None, self.event.closed_at
        return target, target is not None and (closed is None or closed > target), target is not None

    def _late_s(self, due: datetime | None, closed: datetime | None) -> int | None:
        stages = self.words.in_time
        late = [one.late_s for one in _rounds([r for r in self.case.clocks if r.counts and r.stage in stages])]
        known = [value for value in late if value is not None]
        if known:
            return max(known)
        ended = due is not None and closed is not None and closed > due and not late
        return int((closed - due).total_seconds()) if ended else None  # type: ignore[operator]

    def _suspended_at(self) -> datetime:
        done = self._done("suspended")
        return self._when(done[-1]) if done else self.event.reported_at

    def _judged(self, fact: Fact) -> Fact:
        """A fact of being in time, taken out where the matter is suspended, or its lateness exempt."""
        if "overdue" in self.event.exemptions:
            return self._taken_out(fact, OVERDUE_EXEMPT)
        if self.event.suspended_until is not None and self.event.status == "open" and fact.done_at is None:
            return self._taken_out(fact, SUSPENDED)
        return fact

    # --- the departments' work ----------------------------------------------------------------------------

    def _work(self) -> Iterator[Fact]:
        hosted = [row for row in self.case.clocks if row.counts and row.stage == HANDLE]
        for one in _rounds(hosted):
            yield from self._handled(one, self._host_at(one.started_at), HOST)
        helped = [row for row in self.case.clocks if row.counts and row.stage == ASSIST]
        for org in dict.fromkeys(row.org for row in helped):
            for one in _rounds([row for row in helped if row.org == org]):
                yield from self._handled(one, org, ASSIST)

    def _handled(self, one: _Round, org: str | None, role: str) -> Iterator[Fact]:
        told: More = {"org": org, "role": role, "due_at": one.due_at, "done_at": one.stopped_at, "stage": HANDLE}
        told["post"] = self._worker(one) if role == HOST else None
        at = one.at or self._suspended_at()
        found = [self._fact("handled_due", at, one.key, late_s=one.late_s, **told)]
        if one.stopped_at is not None:
            found.append(self._fact("handled", at, one.key, late_s=one.late_s, **told))
            if not one.late:
                found.append(self._fact("handled_in_time", at, one.key, **told))
        elif one.due_at is not None:
            found.append(self._fact("overdue_unhandled", one.due_at, one.key, **told))
        yield from (self._judged(fact) for fact in found)

    def _worker(self, one: _Round) -> str | None:
        """Whose post did the work of a round: who handed it in last, else who began it."""
        end = one.stopped_at
        own = [a for a in self.acts if self._when(a) >= one.started_at and (end is None or self._when(a) <= end)]
        for word in ("worked", "began"):
            found = [act for act in own if self.words.means(act, word)]
            if found:
                return found[-1].post
        return None

    # --- the centre's stages ------------------------------------------------------------------------------

    def _stages(self) -> Iterator[Fact]:
        for row in self.case.clocks:
            if not row.counts or row.stage in APART:
                continue
            one = _rounds([row])[0]
            if one.at is None:
                continue
            act = self._ended_by(row)
            who: More = {"post": act.post, "org": act.org} if act else {"org": row.org}
            told: More = {
                "stage": row.stage,
                "due_at": row.due_at,
                "done_at": row.stopped_at,
                "late_s": one.late_s,
                **who,
            }
            yield self._fact("stage_due", one.at, row.id, **told)
            if row.stopped_at is not None:
                yield self._fact("stage_done", one.at, row.id, **told)
                if not row.overdue:
                    yield self._fact("stage_in_time", one.at, row.id, **told)

    def _task(self, task: TaskRow) -> Iterator[Fact]:
        """Verification and check in the field. One called back was not owed any more."""
        if task.kind not in ("verify", "check") or task.state not in ("open", "done"):
            return
        done = task.done_at if task.state == "done" else None
        if done is None and task.due_at is None:
            return
        late = done is not None and task.due_at is not None and done > task.due_at
        at = done if done is not None and not late else task.due_at
        assert at is not None
        late_s = int((done - task.due_at).total_seconds()) if late and done and task.due_at else None
        told: More = {"post": task.post, "due_at": task.due_at, "done_at": done, "late_s": late_s, "stage": task.kind}
        yield self._fact(f"{task.kind}_due", at, task.id, **told)
        if done is not None:
            yield self._fact(f"{task.kind}_done", at, task.id, **told)
            if not late:
                yield self._fact(f"{task.kind}_in_time", at, task.id, **told)

    # --- the hotline's service ----------------------------------------------------------------------------

    def _service(self) -> Iterator[Fact]:
        who: More = {"org": self.event.lead_org, "role": HOST}
        if self.words.verbs.get("contacted"):
            yield from self._contact()
        replies = self._done("replied")
        visits = [act for act in self._done("visited") if act.outcome in ("solved", "unsolved")]
        for act, following in zip_longest(replies, replies[1:]):
            at = self._when(act)
            whose: More = {"org": self._host_at(at, before=True), "role": HOST}
            yield self._fact("replied", at, act.id, **whose)
            mine = [one for one in visits if one.seq > act.seq and (following is None or one.seq < following.seq)]
            if mine:  # each reply is visited once: one that is redone is another
                yield self._fact("visited", self._when(mine[0]), act.id, post=mine[0].post, **whose)
        if not visits:
            return
        last = visits[-1]
        at, post = self._when(last), More(post=last.post)
        if not self.words.verbs.get("replied"):
            yield self._fact("visited", at, **who, **post)
        yield self._fact(last.outcome, at, **who, **post)
        if last.satisfaction:
            word = "satisfied" if last.satisfaction in CONTENT else "unsatisfied"
            yield self._fact(word, at, **who, **post)

    def _contact(self) -> Iterator[Fact]:
        """The department has to speak with who called, from the last dispatch on."""
        sent = self._done("dispatched")
        if not sent:
            return
        begun = self._when(sent[-1])
        due = begun + self.rules.contact
        spoke = next((self._when(act) for act in self._done("contacted") if self._when(act) >= begun), None)
        at = spoke if spoke is not None and spoke <= due else due
        told: More = {"org": self._host_at(begun), "role": HOST, "due_at": due, "done_at": spoke}
        yield self._fact("contact_due", at, **told)
        if spoke is not None and spoke <= due:
            yield self._fact("contacted_in_time", at, **told)


def count_call(call: CallRow, rules: Rules) -> list[Fact]:
    """The facts of a call that came in. Calls that we make are none."""
    if call.direction != "in":
        return []
    made = Fact(call.id, "", "", call.event, call.began_at, call.division, org=call.org, post=call.post)
    found = [replace(made, word="call_in")]
    if call.answered_at is not None:
        found.append(replace(made, word="call_answered", done_at=call.answered_at))
        if call.answered_at - call.began_at <= rules.answer:
            found.append(replace(made, word="call_answered_in_time", done_at=call.answered_at))
    elif call.missed_at is not None:
        found.append(replace(made, word="call_missed"))
        if call.called_back_at is not None:
            found.append(replace(made, word="call_back", done_at=call.called_back_at))
    if call.closed_at is not None and call.answered_at is not None and call.outcome_group not in rules.idle:
        found.append(replace(made, word="call_closed", done_at=call.closed_at))
        if call.outcome_group in rules.direct:
            found.append(replace(made, word="call_direct", done_at=call.closed_at))
        elif call.event is not None and not call.is_new_matter:
            found.append(replace(made, word="call_repeat", done_at=call.closed_at))
    return found


def count_entry(editions: Sequence[EditionRow], corrections: Sequence[CorrectionRow], zone: tzinfo) -> list[Fact]:
    """The facts of a knowledge entry: it has to be renewed (or ended) before it runs out, and each correction of it has
    to be answered within its limit."""
    found: list[Fact] = []
    for one in corrections:
        if one.due_at is not None:
            found += _kept_up(one.entry, one.id, one.org, one.division, one.due_at, one.answered_at)
    rest = sorted(editions, key=lambda row: row.no)
    while rest:
        first, *rest = rest
        if first.state != "in_force" or first.valid_to is None:
            continue
        while rest and rest[0].state == first.state and rest[0].valid_to == first.valid_to:
            first, *rest = rest  # a change that leaves the end where it was renews nothing
        end = datetime.combine(first.valid_to, time(), zone)  # type: ignore[arg-type]
        found += _kept_up(first.entry, first.id, first.owner, first.division, end, rest[0].at if rest else None)
    return found


def _kept_up(
    entry: str, key: str, org: str | None, division: str, due: datetime, done: datetime | None
) -> Iterator[Fact]:
    late_s = int((done - due).total_seconds()) if done is not None and done > due else None
    at = done if done is not None and late_s is None else due
    made = Fact(entry, "", key, None, at, division, org=org, role=HOST, late_s=late_s, due_at=due, done_at=done)
    yield replace(made, word="knowledge_due")
    if done is not None:
        yield replace(made, word="knowledge_done")
        if late_s is None:
            yield replace(made, word="knowledge_in_time")
