"""Deciding a step of a flow: from the facts of an event to an allowed step or a refusal with a stable reason key.

Guards are named predicates (``core.flow.predicates`` fills ``PREDICATES``). Pure, as the rules they belong to.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from gangmu.core.flow.errors import NotAllowed
from gangmu.core.flow.model import (
    CHOICE,
    ORIGIN,
    SAME,
    EvidenceFact,
    Facts,
    Flow,
    Offer,
    Param,
    Refusal,
    State,
    StateKind,
    Step,
    Verb,
    VerbKind,
)
from gangmu.core.flow.tables import REQUIREMENTS, SATISFACTION


def text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


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
