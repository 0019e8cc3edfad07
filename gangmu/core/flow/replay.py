"""What has happened, played again on a flow: would every act of the past have been possible under it, and if not,
which stopped it. Pure: histories come in, a verdict goes out; nothing is written and nobody is told.

What a history does not tell is taken in favour of the flow: the post that an open field task was given to, and what
the deadline was before an extension. An act that would be refused under the flow of its own time as well proves
nothing about the new one; it is told apart (``unclear``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gangmu.core.flow.errors import NotAllowed
from gangmu.core.flow.model import ActFact, Acting, EvidenceFact, Facts, Flow, HolderOf, Refusal, Step
from gangmu.core.flow.stepping import decide, text

Permits = Callable[[str | None, str], bool]
"""Whether a post may do something: ``permits(post, permission)``."""


@dataclass(frozen=True, slots=True)
class PastClock:
    """A clock that ran: late at its stop, or late once its deadline had passed."""

    stage: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    overdue: bool

    def is_late_at(self, at: datetime) -> bool:
        if self.started_at > at:
            return False
        if self.stopped_at is not None and self.stopped_at <= at:
            return self.overdue
        return self.due_at is not None and at > self.due_at


@dataclass(frozen=True, slots=True)
class PastAct:
    """One act as it was done, with the evidence that came with it."""

    verb: str
    at: datetime
    acting: Acting
    args: Mapping[str, object] = field(default_factory=dict)
    evidence: tuple[EvidenceFact, ...] = ()
    role: str = ""
    to_state: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """The history of an event, oldest act first."""

    id: str
    channel: str
    version: int
    state: str
    acts: tuple[PastAct, ...]
    clocks: tuple[PastClock, ...] = ()


@dataclass(frozen=True, slots=True)
class Played:
    """How far a history went: ``steps`` acts of the flow were possible, it stands in ``state``; ``refused`` says what
    stopped it at the verb ``verb``."""

    steps: int
    state: str
    verb: str = ""
    refused: Refusal | None = None
    at: int = -1


@dataclass(slots=True)
class Case:
    """What an event is while its history is played."""

    state: str
    lead_org: str | None = None
    orgs: tuple[str, ...] = ()
    holder_post: str | None = None
    handler: str | None = None
    tasks: tuple[str, ...] = ()
    acts: list[ActFact] = field(default_factory=list)
    evidence: list[EvidenceFact] = field(default_factory=list)


def play(flow: Flow, past: Past, own: Flow, permits: Permits | None = None) -> Played:
    """Play a history on a flow. ``own`` is the flow that it happened under: what is none of its verbs is the event's
    own (another report, a merger) and moves nothing. ``permits`` is asked where the flow wants another permission than
    its own did."""
    case, steps = Case(flow.start), 0
    for number, act in enumerate(past.acts):
        if own.find_verb(act.verb) is None:
            _own(case, act)
            continue
        overdue = frozenset(clock.stage for clock in past.clocks if clock.is_late_at(act.at))
        decided = _decide(flow, case, past.channel, act, overdue)
        if not isinstance(decided, Refusal) and permits is not None:
            decided = _permitted(flow, own, act, permits) or decided
        if isinstance(decided, Refusal):
            return Played(steps, case.state, act.verb, decided, number)
        _go_on(case, act, decided)
        steps += 1
    return Played(steps, case.state)


def _permitted(flow: Flow, own: Flow, act: PastAct, permits: Permits) -> Refusal | None:
    verb, was = flow.find_verb(act.verb), own.find_verb(act.verb)
    if verb is None or was is None or verb.can == was.can or act.acting.post is None:
        return None
    if permits(act.acting.post, verb.can):
        return None
    return Refusal("flow.refused.not_permitted", {"permission": verb.can})


def act(flow: Flow, case: Case, channel: str, done: PastAct, overdue: frozenset[str] = frozenset()) -> Step:
    """Play one act on a case; ``NotAllowed`` when the flow forbids it here. ``overdue`` are the stages that are late or
    were when they ended."""
    decided = _decide(flow, case, channel, done, overdue)
    if isinstance(decided, Refusal):
        raise NotAllowed(done.verb, decided.reason, decided.params)
    _go_on(case, done, decided)
    return decided


def note(case: Case, done: PastAct) -> None:
    """Play an act that is none of the flow's, such as a merger: it is remembered and moves nothing."""
    _own(case, done)


def _decide(flow: Flow, case: Case, channel: str, act: PastAct, overdue: frozenset[str]) -> Step | Refusal:
    facts = _facts(flow, case, channel, act, overdue)
    return decide(flow, facts, act.verb, {**act.args, "evidence": act.evidence})


def _go_on(case: Case, act: PastAct, step: Step) -> None:
    for effect in step.effects:
        _carry_out(case, effect, act)
    _remember(case, act, step.to_state)
    case.state = step.to_state


def _facts(flow: Flow, case: Case, channel: str, act: PastAct, overdue: frozenset[str]) -> Facts:
    state = flow.find_state(case.state)
    of_lead = state is not None and state.holder_of is HolderOf.lead_org
    return Facts(
        state=case.state,
        now=act.at,
        actor=act.acting,
        acts=tuple(case.acts),
        channel=channel,
        lead_org=case.lead_org,
        orgs=case.orgs,
        holder_org=case.lead_org if of_lead else None,
        holder_post=case.holder_post,
        assigned_handler=case.handler,
        overdue=overdue,
        open_tasks=case.tasks,
        evidence=tuple(case.evidence),
    )


def _own(case: Case, act: PastAct) -> None:
    """An act of the event itself; only handing the matter over changes who holds it."""
    post = text(act.args.get("handler_post"))
    if post:
        case.holder_post = post
    _remember(case, act, case.state)


def _remember(case: Case, act: PastAct, to_state: str) -> None:
    who = act.acting
    case.acts.append(ActFact(act.verb, act.at, who.person, who.post, who.org, act.role, act.args, case.state, to_state))
    case.evidence += act.evidence


def _carry_out(case: Case, effect: str, act: PastAct) -> None:
    """What later guards can see of an effect; the same as the stages that carry it out."""
    if effect == "set_lead_org":
        lead, helpers = text(act.args.get("lead_org")), _texts(act.args.get("assistants"))
        case.lead_org, case.orgs = lead or None, (lead, *(org for org in helpers if org != lead))
        case.handler = case.holder_post = None
    elif effect == "clear_lead_org":
        case.lead_org = case.handler = None
    elif effect == "add_assistants":
        case.orgs = tuple(dict.fromkeys([*case.orgs, *_texts(act.args.get("assistants"))]))
    elif effect == "set_handler":
        case.handler = case.holder_post = text(act.args.get("handler_post")) or None
    elif effect == "take_handler" and case.handler is None:
        case.handler = case.holder_post = act.acting.post
    elif effect == "clear_handler":
        case.handler = case.holder_post = None
    elif effect == "release_owner":
        case.holder_post = None
    elif effect in _TASKS:
        kind, opens = _TASKS[effect]
        case.tasks = (*case.tasks, kind) if opens else tuple(task for task in case.tasks if task != kind)
        case.holder_post = None


_TASKS = {
    "open_verify_task": ("verify", True),
    "close_verify_task": ("verify", False),
    "cancel_verify_task": ("verify", False),
    "open_check_task": ("check", True),
    "close_check_task": ("check", False),
    "cancel_check_task": ("check", False),
}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()
