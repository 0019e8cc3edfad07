"""A flow (流程): the way of a matter through the city as data, a versioned state machine.

States say who holds a matter, which stage clocks run there and whether they pause; verbs say who may move it, from
where to where, what must be given and which guards stand in between. Everything here is pure: the facts of an
event come in, an allowed step or a refusal with a stable reason key goes out. Standard: GB/T 30428.8, domain facts
1.5 to 1.7, 3.2 to 3.4.

How the clocks follow: a state lists the stage clocks that run in it. Entering a state starts those that did not run
before and ends those that do not run any more, so no verb can forget one. A side state with `"@origin"` in its
clocks keeps those of the state it was entered from; a state with `pauses` stands all running clocks still.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from gangmu.core.flow.errors import NotAllowed

ORIGIN = "@origin"  # to: back to the state that the side state was entered from
SAME = "@same"  # to: stays where it is
CHOICE = "@choice"  # to: the actor chooses among `choices` (args["to_state"])
OPEN = "@open"  # from: every state in which the matter is open

Param: TypeAlias = str | int | tuple[str, ...]
Words: TypeAlias = Mapping[str, str]


class StateKind(StrEnum):
    open = "open"  # on the main way
    side = "side"  # off it for a while, comes back
    final = "final"


class Status(StrEnum):
    """What an event is counted as while it is in a state."""

    open = "open"
    closed = "closed"
    void = "void"


class VerbKind(StrEnum):
    step = "step"  # forward
    back = "back"  # go-back 回退
    jump = "jump"  # 跳转
    recall = "recall"  # 撤回
    aside = "aside"  # changes something, not the main way: assistants, supervision, requests
    note = "note"  # only remembered


class Duty(StrEnum):
    """On which side of the two-axis model (监督与指挥双轴) an act stands."""

    none = ""
    order = "order"  # commands the work
    do = "do"  # does the work
    judge = "judge"  # says whether it is done


class HolderOf(StrEnum):
    centre = "centre"  # whoever holds the role in the event's division
    lead_org = "lead_org"  # whoever holds the role in the lead department
    assignee = "assignee"  # the post to which the department assigned it, or the worker of the open task


REQUIREMENTS: Mapping[str, str] = {
    # what a verb can ask for: the argument it is read from
    "reason": "reason",
    "filing_condition": "condition_id",
    "closing_condition": "closing_condition_id",
    "lead_org": "lead_org",
    "assistants": "assistants",
    "handler": "handler_post",
    "answer": "answer",
    "until": "until",
    "satisfaction": "satisfaction",
    "outcome": "outcome",
    "target": "to_state",
    "evidence": "evidence",
}
"""Also `evidence:<kind>`, for example `evidence:after`; kinds are free words: near far reference before after check."""

SATISFACTION = ("very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied")
"""The five grades 非常满意 满意 基本满意 不满意 非常不满意 (domain facts 3.5)."""

EFFECTS: dict[str, str] = {
    "assign_case_number": "gives the case its number; does nothing when it has one",
    "set_condition": "freezes the filing condition args.condition_id and its limits for this event",
    "set_closing_condition": "records args.closing_condition_id",
    "set_lead_org": "makes args.lead_org the lead and args.assistants the assistants, opens their obligations",
    "lead_town": "makes the town of the event's place (or args.lead_org) its holder; nobody owes anything yet",
    "keep_town": "the town of the event's place goes on seeing it",
    "clear_lead_org": "ends the obligation of the lead that gave it back; it stays in the history",
    "add_assistants": "adds args.assistants with their own obligations",
    "host_done": "the lead's obligation is done: the department has confirmed",
    "assist_done": "the obligation of the acting organisation as an assistant is done",
    "set_handler": "args.handler_post handles it inside the department",
    "take_handler": "the acting post handles it inside the department, when nobody was assigned",
    "clear_handler": "nobody is assigned inside the department any more",
    "open_verify_task": "a field task `verify` for another person than the doer",
    "close_verify_task": "the verify task is done with args.outcome and args.evidence",
    "cancel_verify_task": "the verify task is called back",
    "open_check_task": "a field task `check` for another person than the doer",
    "close_check_task": "the check task is done with args.outcome and args.evidence",
    "cancel_check_task": "the check task is called back",
    "open_dispute": "a dispute record: who gave it back and why",
    "bind_designation": "settles open disputes in favour of args.lead_org, binding",
    "settle_dispute": "settles open disputes without a designation",
    "extend_deadline": "adds one original limit to the current handle deadline",
    "set_suspended": "suspended until args.until (or the `until` of the request), with a timer that resumes it",
    "clear_suspended": "the suspension ends",
    "rework_clock": "the new handle clock follows the rework policy of the city",
    "mark_supervised": "the event is under supervision",
    "record_instruction": "a leader's instruction for the timeline and the holder's inbox",
    "record_answer": "keeps args.answer as the answer to the reporters",
    "answer_reporters": "every reporter of the event is answered, with args.answer or the reason",
    "record_outcome": "keeps args.outcome",
    "record_satisfaction": "keeps args.satisfaction and args.outcome of the visit",
    "exempt_overdue": "adds an exemption from the statistics; the overdue fact stays",
    "exempt_scope": "takes the event out of the evaluated scope; it stays visible with reason and approver",
    "release_owner": "the case goes back to the clerks' pool",
}
"""Named effects that a step can have. A stage that carries one out subscribes by this name."""


def text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage whose time is measured. `limit` in the notation 2u 4h 1ud 3d; "condition" = from the filing
    condition; "" = measured without a limit. A running event keeps it with its flow version."""

    id: str
    title: Words
    limit: str = ""
    source: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class State:
    id: str
    title: Words
    kind: StateKind
    status: Status
    holder: str = ""  # role id; "" only in final states
    holder_of: HolderOf = HolderOf.centre
    clocks: tuple[str, ...] = ()  # stage ids that run here; "@origin" keeps those of the origin
    pauses: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    name: str
    params: Mapping[str, Param] = field(default_factory=dict)
    when_to: tuple[str, ...] = ()  # asked only when the step leads there


@dataclass(frozen=True, slots=True)
class Outcome:
    id: str
    title: Words
    answer: Words = field(default_factory=dict)  # a template for the answer to the reporter


@dataclass(frozen=True, slots=True)
class Verb:
    id: str
    title: Words
    kind: VerbKind
    sources: tuple[str, ...]  # "from" in the data, wildcards already resolved
    to: str
    can: str
    roles: tuple[str, ...] = ()
    duty: Duty = Duty.none
    requires: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()  # may be given, not required
    guards: tuple[Guard, ...] = ()
    effects: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    anywhere: bool = False  # was written as from = ["@open"]


@dataclass(frozen=True)
class Flow:
    id: str
    title: Words
    start: str
    roles: tuple[str, ...]
    stages: tuple[Stage, ...]
    states: tuple[State, ...]
    verbs: tuple[Verb, ...]
    version: int = 0
    source: str = ""
    note: Words = field(default_factory=dict)

    @cached_property
    def _states(self) -> dict[str, State]:
        return {s.id: s for s in self.states}

    @cached_property
    def _verbs(self) -> dict[str, Verb]:
        return {v.id: v for v in self.verbs}

    @cached_property
    def _stages(self) -> dict[str, Stage]:
        return {s.id: s for s in self.stages}

    def state(self, state_id: str) -> State:
        return self._states[state_id]

    def find_state(self, state_id: str) -> State | None:
        return self._states.get(state_id)

    def find_verb(self, verb_id: str) -> Verb | None:
        return self._verbs.get(verb_id)

    def verbs_named(self, names: Sequence[str]) -> tuple[str, ...]:
        """Verb ids of a guard's list, with "@order", "@do", "@judge" resolved to the verbs of that duty."""
        ids: list[str] = []
        for name in names:
            ids += [v.id for v in self.verbs if v.duty and f"@{v.duty.value}" == name] if name[:1] == "@" else [name]
        return tuple(dict.fromkeys(ids))

    def find_stage(self, stage_id: str) -> Stage | None:
        return self._stages.get(stage_id)


@dataclass(frozen=True, slots=True)
class Acting:
    """Who would act. `org_chain` holds the own organisation and those above it (a team acts for its department);
    empty = only `org`. `roles` may stay empty: the right is asked by permission, roles only narrow the holder."""

    person: str | None = None
    post: str | None = None
    org: str | None = None
    org_chain: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    def acts_for(self, org: str) -> bool:
        return org == self.org or org in self.org_chain


@dataclass(frozen=True, slots=True)
class ActFact:
    """One act of the history, oldest first in `Facts.acts`."""

    verb: str
    at: datetime
    person: str | None = None
    post: str | None = None
    org: str | None = None
    role: str = ""
    args: Mapping[str, object] = field(default_factory=dict)
    from_state: str = ""
    to_state: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceFact:
    """One photo or file. `taken_at` from the picture itself, `received_at` from us; `reused` = the same content was
    seen before, on this or another event."""

    kind: str
    received_at: datetime
    taken_at: datetime | None = None
    reused: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a flow may know of an event. Counts (extensions, returns, suspensions) are read from `acts`, never
    kept twice. `overdue` names the stages whose current or last clock ran over."""

    state: str
    now: datetime
    actor: Acting = field(default_factory=Acting)
    acts: tuple[ActFact, ...] = ()
    channel: str = ""
    lead_org: str | None = None
    orgs: tuple[str, ...] = ()
    holder_org: str | None = None
    holder_post: str | None = None
    assigned_handler: str | None = None  # the post inside the department
    overdue: frozenset[str] = frozenset()
    open_tasks: tuple[str, ...] = ()  # kinds: verify, check
    evidence: Sequence[EvidenceFact] = ()

    def last(self, *verbs: str) -> ActFact | None:
        return next((a for a in reversed(self.acts) if a.verb in verbs), None)

    def last_index(self, *verbs: str) -> int:
        return next((i for i in range(len(self.acts) - 1, -1, -1) if self.acts[i].verb in verbs), -1)

    def count(self, verb: str) -> int:
        return sum(a.verb == verb for a in self.acts)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. `reason` is a locale key `flow.refused.<name>`; the params fill its words."""

    reason: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """A verb that the state knows, for a screen: what it asks for and, if it cannot be done now, why."""

    verb: Verb
    requires: tuple[str, ...]
    refused_because: Refusal | None = None

    @property
    def allowed(self) -> bool:
        return self.refused_because is None


@dataclass(frozen=True, slots=True)
class Step:
    """What the act does. `stops` holds every stage clock that ends, `cancels` those of them that end undone (a
    return, a recall, a jump): they are not counted as late or in time. `clock` is "pause", "resume" or ""."""

    verb: str
    kind: VerbKind
    from_state: str
    to_state: str
    status: Status
    holder: str
    holder_of: HolderOf
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    clock: str = ""
    effects: tuple[str, ...] = ()


def origin(flow: Flow, facts: Facts) -> str | None:
    """The state that a side state was entered from; side states may be nested."""
    if flow.state(facts.state).kind is not StateKind.side:
        return facts.state
    for act in reversed(facts.acts):
        before = flow.find_state(act.from_state)
        if before is not None and before.kind is not StateKind.side and act.to_state != act.from_state:
            return before.id
    return None


def running_clocks(flow: Flow, facts: Facts) -> tuple[str, ...]:
    """The stage clocks that run (or stand paused) in the present state."""
    return _clocks(flow, flow.state(facts.state), origin(flow, facts))


def _clocks(flow: Flow, state: State, came_from: str | None) -> tuple[str, ...]:
    kept = flow.state(came_from).clocks if came_from and ORIGIN in state.clocks else ()
    own = tuple(c for c in state.clocks if c != ORIGIN)
    return tuple(dict.fromkeys((*(c for c in kept if c != ORIGIN), *own)))


def target(flow: Flow, facts: Facts, verb: Verb, args: Mapping[str, object]) -> str | Refusal:
    """Where the verb leads with these facts and arguments."""
    if verb.to == SAME:
        return facts.state
    if verb.to == ORIGIN:
        return origin(flow, facts) or Refusal("flow.refused.no_origin")
    if verb.to == CHOICE:
        chosen = text(args.get("to_state"))
        if chosen not in verb.choices or chosen == facts.state:
            return Refusal("flow.refused.target_not_offered", {"state": chosen})
        return chosen
    return verb.to


def available(
    flow: Flow, facts: Facts, permissions: Collection[str] | None = None, *, everything: bool = False
) -> list[Offer]:
    """The verbs of the present state. Those without permission are left out unless `everything`; those stopped by
    a guard are shown with the reason. `permissions=None` asks no right."""
    offers = []
    for verb in flow.verbs:
        if facts.state not in verb.sources:
            continue
        permitted = permissions is None or verb.can in permissions
        if not permitted and not everything:
            continue
        refused = _not_permitted(verb) if not permitted else _guarded(flow, facts, verb, {}, known_args=False)
        offers.append(Offer(verb, open_requirements(facts, verb), refused))
    return offers


def step(
    flow: Flow,
    facts: Facts,
    verb_id: str,
    args: Mapping[str, object],
    permissions: Collection[str] | None = None,
) -> Step:
    """Decide one act. `args` are named as in REQUIREMENTS; `evidence` is a sequence of EvidenceFact, `until` an aware
    datetime. Raises NotAllowed with the reason key."""
    decided = decide(flow, facts, verb_id, args, permissions)
    if isinstance(decided, Refusal):
        raise NotAllowed(verb_id, decided.reason, decided.params)
    return decided


def decide(
    flow: Flow,
    facts: Facts,
    verb_id: str,
    args: Mapping[str, object],
    permissions: Collection[str] | None = None,
) -> Step | Refusal:
    """As `step`, but returns the refusal."""
    verb = flow.find_verb(verb_id)
    if verb is None:
        return Refusal("flow.refused.unknown_verb", {"verb": verb_id})
    if facts.state not in verb.sources:
        return Refusal("flow.refused.not_from_here", {"verb": verb_id, "state": facts.state})
    if permissions is not None and verb.can not in permissions:
        return _not_permitted(verb)
    refused = _guarded(flow, facts, verb, args, known_args=True) or _missing(facts, verb, args)
    if refused is not None:
        return refused
    to = target(flow, facts, verb, args)
    return to if isinstance(to, Refusal) else _build(flow, facts, verb, to)


def _build(flow: Flow, facts: Facts, verb: Verb, to: str) -> Step:
    before, after = flow.state(facts.state), flow.state(to)
    came_from = origin(flow, facts)
    running = _clocks(flow, before, came_from)
    will_run = _clocks(flow, after, came_from)
    stops = tuple(c for c in running if c not in will_run)
    undone = verb.kind in (VerbKind.back, VerbKind.recall, VerbKind.jump)
    clock = "" if before.pauses == after.pauses else ("pause" if after.pauses else "resume")
    return Step(
        verb=verb.id,
        kind=verb.kind,
        from_state=before.id,
        to_state=to,
        status=after.status,
        holder=after.holder,
        holder_of=after.holder_of,
        starts=tuple(c for c in will_run if c not in running),
        stops=stops,
        cancels=stops if undone else (),
        clock=clock,
        effects=verb.effects,
    )


def _not_permitted(verb: Verb) -> Refusal:
    return Refusal("flow.refused.not_permitted", {"permission": verb.can})


def _guarded(flow: Flow, facts: Facts, verb: Verb, args: Mapping[str, object], *, known_args: bool) -> Refusal | None:
    to = target(flow, facts, verb, args)
    for guard in verb.guards:
        if guard.when_to and (isinstance(to, Refusal) or to not in guard.when_to):
            continue
        known = PREDICATES.get(guard.name)
        if known is None:
            return Refusal("flow.refused.unknown_guard", {"guard": guard.name})
        if known.reads_args and not known_args:
            continue
        refused = known.ask(Asked(flow, facts, verb, args, guard.params))
        if refused is not None:
            return refused
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a predicate is asked about."""

    flow: Flow
    facts: Facts
    verb: Verb
    args: Mapping[str, object]
    params: Mapping[str, Param]

    def one(self, name: str, default: str = "") -> str:
        value = self.params.get(name, default)
        return value if isinstance(value, str) else default

    def many(self, name: str) -> tuple[str, ...]:
        value = self.params.get(name, ())
        return value if isinstance(value, tuple) else (str(value),)

    def verbs(self, name: str) -> tuple[str, ...]:
        """Verb ids; "@order", "@do" and "@judge" stand for all verbs of that duty."""
        return self.flow.verbs_named(self.many(name))

    def number(self, name: str, default: int = 0) -> int:
        value = self.params.get(name, default)
        return value if isinstance(value, int) else default


Ask: TypeAlias = Callable[[Asked], "bool | Refusal"]
"""A predicate function: True lets pass, False refuses with the predicate's own reason, a Refusal says more."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A named guard. `params` says what each parameter means, so that the model check can look it up: verb, verbs,
    state, states, stage, channels, words, word, number; with a trailing `?` it may be left out."""

    name: str
    function: Ask
    params: Mapping[str, str]
    reads_args: bool = False

    @property
    def reason(self) -> str:
        return f"flow.refused.{self.name}"

    def ask(self, asked: Asked) -> Refusal | None:
        answer = self.function(asked)
        if isinstance(answer, Refusal):
            return answer
        return None if answer else Refusal(self.reason)


PREDICATES: dict[str, Predicate] = {}


def open_requirements(facts: Facts, verb: Verb) -> tuple[str, ...]:
    """What still has to be given: evidence that the event already has in this round is not asked twice."""
    return tuple(r for r in verb.requires if not (r.startswith("evidence") and _has_evidence(facts, r, {})))


def _missing(facts: Facts, verb: Verb, args: Mapping[str, object]) -> Refusal | None:
    for need in verb.requires:
        if not _given(facts, verb, need, args):
            return Refusal(f"flow.refused.needs_{need.partition(':')[0]}", {"need": need})
    given_outcome = text(args.get("outcome"))
    if verb.outcomes and given_outcome and given_outcome not in {o.id for o in verb.outcomes}:
        return Refusal("flow.refused.outcome_not_offered", {"outcome": given_outcome})
    satisfaction = text(args.get("satisfaction"))
    if satisfaction and satisfaction not in SATISFACTION:
        return Refusal("flow.refused.needs_satisfaction", {"need": "satisfaction"})
    return None


def _given(facts: Facts, verb: Verb, need: str, args: Mapping[str, object]) -> bool:
    if need.startswith("evidence"):
        return _has_evidence(facts, need, args)
    value = args.get(REQUIREMENTS.get(need, need))
    if need == "until":
        return isinstance(value, datetime) and value.tzinfo is not None
    if need == "assistants":
        return isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0
    return bool(text(value))


def _has_evidence(facts: Facts, need: str, args: Mapping[str, object]) -> bool:
    kind = need.partition(":")[2]
    rounds = facts.last("dispatch", "designate", "rework", "redo")
    given = [e for e in given_evidence(args) if not kind or e.kind == kind]
    if given:
        return True
    if kind in ("", "after", "check"):  # proof of the present round must be of this round
        since = rounds.at if rounds else None
        return any(kind in ("", e.kind) and (since is None or e.received_at >= since) for e in facts.evidence)
    return any(e.kind == kind for e in facts.evidence)


def given_evidence(args: Mapping[str, object]) -> tuple[EvidenceFact, ...]:
    value = args.get("evidence")
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(e for e in value if isinstance(e, EvidenceFact))
