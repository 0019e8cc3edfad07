"""A flow (流程): the way of a matter through the city as data, a versioned state machine.

States say who holds a matter, which stage clocks run there and whether they pause; verbs say who may move it, from
where to where, what must be given and which guards stand in between. Everything here is pure: the facts of an
event come in, an allowed step or a refusal with a stable reason key goes out. Standard: GB/T 30428.8, domain facts
1.5 to 1.7, 3.2 to 3.4.

How the clocks follow: a state lists the stage clocks that run in it. Entering a state starts those that did not run
before and ends those that do not run any more, so no verb can forget one. A side state with `"@origin"` in its
clocks keeps those of the state it was entered from; a state with `pauses` stands all running clocks still.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

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


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage whose time is measured. `limit` in the notation 2u 4h 1ud 3d; "condition" = from the filing
    condition; "" = measured without a limit. A running event keeps it with its flow version. A `window` is the time
    within which something may be asked for: it presses nobody, and nobody is late when it ends."""

    id: str
    title: Words
    limit: str = ""
    source: str = ""
    verified: bool = False
    window: bool = False


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
