"""The model check of a flow: what must hold before it may be published.

An error keeps it from being published, a warning is shown. The check is over the graph, so it is a promise about
every possible case: each state is reached, none is a trap, nobody who orders or does the work can close it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gangmu.core.flow.model import CHOICE, ORIGIN, SAME, Duty, Flow, Guard, StateKind, Status, Verb, VerbKind
from gangmu.core.flow.stepping import PREDICATES, Predicate
from gangmu.core.flow.tables import EFFECTS

CHANNELS = ("hotline12345", "patrol", "grid", "citizen", "transfer", "upper", "sensor", "ai", "bulk")
CONDITION_VERBS = ("filing_condition", "closing_condition")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `code` is a locale key `flow.finding.<code>`, `at` the place, for example `verb[close]`."""

    severity: Literal["error", "warning"]
    code: str
    at: str
    params: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        said = ", ".join(f"{k}={v}" for k, v in self.params.items())
        return f"{self.at}: {self.code}" + (f" ({said})" if said else "")


def check(
    flow: Flow,
    roles: Collection[str] | None = None,
    permissions: Collection[str] | None = None,
    predicates: Mapping[str, Predicate] = PREDICATES,
    effects: Collection[str] = EFFECTS,
) -> list[Finding]:
    """All findings, errors first. `roles` and `permissions` are those the house knows; None = do not ask."""
    found = [
        *_names(flow, roles, permissions, effects),
        *_guards(flow, predicates),
    ]
    if not any(f.severity == "error" for f in found):
        found += [*_ways(flow), *_clocks(flow), *_judges(flow), *_shapes(flow)]
    return sorted(found, key=lambda f: (f.severity != "error", f.at, f.code))


def edges(flow: Flow) -> dict[str, set[str]]:
    """Where each state can lead, over all verbs and whatever the guards say."""
    graph: dict[str, set[str]] = {s.id: set() for s in flow.states}
    for verb in flow.verbs:
        for source in verb.sources:
            graph[source] |= targets(flow, verb, source)
    return graph


def targets(flow: Flow, verb: Verb, source: str) -> set[str]:
    """Where a verb can lead from one state."""
    if verb.to == SAME:
        return {source}
    if verb.to == CHOICE:
        return set(verb.choices) - {source}
    if verb.to == ORIGIN:
        return origins(flow, source)
    return {verb.to}


def origins(flow: Flow, state_id: str) -> set[str]:
    """The states off which a side state can have been entered, through other side states too."""
    seen, todo, out = {state_id}, [state_id], set()
    while todo:
        here = todo.pop()
        for verb in flow.verbs:
            if verb.to != here and here not in verb.choices:
                continue
            for source in verb.sources:
                if flow.state(source).kind is not StateKind.side:
                    out.add(source)
                elif source not in seen:
                    seen.add(source)
                    todo.append(source)
    return out


def reachable(graph: Mapping[str, Collection[str]], starts: Iterable[str]) -> set[str]:
    seen = set(starts)
    todo = list(seen)
    while todo:
        for after in graph.get(todo.pop(), ()):
            if after not in seen:
                seen.add(after)
                todo.append(after)
    return seen


def _names(
    flow: Flow, roles: Collection[str] | None, permissions: Collection[str] | None, effects: Collection[str]
) -> Iterable[Finding]:
    states = {s.id for s in flow.states}
    stages = {s.id for s in flow.stages}
    if flow.start not in states:
        yield Finding("error", "no_start", "start", {"state": flow.start})
    elif flow.state(flow.start).kind is not StateKind.open:
        yield Finding("error", "start_not_open", "start", {"state": flow.start})
    for role in flow.roles:
        if roles is not None and role not in roles:
            yield Finding("error", "unknown_role", "roles", {"role": role})
    for state in flow.states:
        at = f"state[{state.id}]"
        if state.holder and state.holder not in flow.roles:
            yield Finding("error", "unknown_role", at, {"role": state.holder})
        if not state.holder and state.kind is not StateKind.final:
            yield Finding("error", "no_holder", at)
        for stage in state.clocks:
            if stage != ORIGIN and stage not in stages:
                yield Finding("error", "unknown_stage", at, {"stage": stage})
            if stage == ORIGIN and state.kind is not StateKind.side:
                yield Finding("error", "origin_outside_side", at)
    for verb in flow.verbs:
        at = f"verb[{verb.id}]"
        named = [*verb.sources, *verb.choices, *([] if verb.to.startswith("@") else [verb.to])]
        for state_id in dict.fromkeys(named):
            if state_id not in states:
                yield Finding("error", "unknown_state", at, {"state": state_id})
        for role in verb.roles:
            if role not in flow.roles:
                yield Finding("error", "unknown_role", at, {"role": role})
        if not verb.roles:
            yield Finding("error", "nobody", at)
        if permissions is not None and verb.can not in permissions:
            yield Finding("error", "unknown_permission", at, {"permission": verb.can})
        for effect in verb.effects:
            if effect not in effects:
                yield Finding("error", "unknown_effect", at, {"effect": effect})
        if verb.to == ORIGIN:
            for source in verb.sources:
                if source in states and flow.state(source).kind is not StateKind.side:
                    yield Finding("error", "origin_outside_side", at, {"state": source})


def _guards(flow: Flow, predicates: Mapping[str, Predicate]) -> Iterable[Finding]:
    for verb in flow.verbs:
        for guard in verb.guards:
            at = f"verb[{verb.id}].{guard.name}"
            known = predicates.get(guard.name)
            if known is None:
                yield Finding("error", "unknown_predicate", at, {"predicate": guard.name})
                continue
            for name in guard.params:
                if name not in known.params:
                    yield Finding("error", "unknown_parameter", at, {"parameter": name})
            for name, meaning in known.params.items():
                if name not in guard.params:
                    if not meaning.endswith("?"):
                        yield Finding("error", "missing_parameter", at, {"parameter": name})
                    continue
                yield from _parameter(flow, guard, at, name, meaning.rstrip("?"))
            for state in guard.when_to:
                if flow.find_state(state) is None:
                    yield Finding("error", "unknown_state", at, {"state": state})


def _parameter(flow: Flow, guard: Guard, at: str, name: str, meaning: str) -> Iterable[Finding]:
    value = guard.params[name]
    values = value if isinstance(value, tuple) else (value,)
    plural = meaning in ("verbs", "states", "words", "channels")
    if meaning == "number":
        if not isinstance(value, int):
            yield Finding("error", "wrong_parameter", at, {"parameter": name})
        return
    if isinstance(value, tuple) != plural or any(not isinstance(v, str) for v in values):
        yield Finding("error", "wrong_parameter", at, {"parameter": name})
        return
    for word in map(str, values):
        if meaning in ("verb", "verbs") and word not in ("@order", "@do", "@judge") and flow.find_verb(word) is None:
            yield Finding("error", "unknown_verb", at, {"verb": word})
        elif meaning in ("state", "states") and flow.find_state(word) is None:
            yield Finding("error", "unknown_state", at, {"state": word})
        elif meaning == "stage" and flow.find_stage(word) is None:
            yield Finding("error", "unknown_stage", at, {"stage": word})
        elif meaning == "channels" and word not in CHANNELS:
            yield Finding("error", "unknown_channel", at, {"channel": word})


def _ways(flow: Flow) -> Iterable[Finding]:
    graph = edges(flow)
    reached = reachable(graph, [flow.start])
    back: dict[str, set[str]] = {s.id: set() for s in flow.states}
    for source, afters in graph.items():
        for after in afters:
            back[after].add(source)
    finals = [s.id for s in flow.states if s.kind is StateKind.final]
    if not finals:
        yield Finding("error", "no_final", "state")
    ends = reachable(back, finals)
    regular: dict[str, set[str]] = {s.id: set() for s in flow.states}
    for verb in flow.verbs:
        if not verb.anywhere:
            for source in verb.sources:
                for after in targets(flow, verb, source):
                    regular[after].add(source)
    ends_regularly = reachable(regular, finals)
    for state in flow.states:
        at = f"state[{state.id}]"
        if state.id not in reached:
            yield Finding("error", "unreachable", at)
        if state.id not in ends:
            yield Finding("error", "dead_end", at)
        elif state.id not in ends_regularly:
            yield Finding("error", "only_forced_out", at)


def _clocks(flow: Flow) -> Iterable[Finding]:
    used: set[str] = set()
    for state in flow.states:
        used |= set(state.clocks)
        if state.kind is StateKind.final and state.clocks:
            yield Finding("error", "clock_never_stops", f"state[{state.id}]", {"stage": state.clocks[0]})
        if state.pauses and not any(flow.state(after).pauses is False for after in edges(flow)[state.id]):
            yield Finding("error", "never_resumes", f"state[{state.id}]")
        if state.pauses and state.kind is not StateKind.side:
            yield Finding("error", "pause_outside_side", f"state[{state.id}]")
    for stage in flow.stages:
        if stage.id not in used:
            yield Finding("warning", "stage_unused", f"stage[{stage.id}]")


def _judges(flow: Flow) -> Iterable[Finding]:
    """Judge and doer differ: every verb that says the work is done, and every way into a closed state, asks
    not_doer about all the ordering and doing that can come before it."""
    graph = edges(flow)
    work = [v for v in flow.verbs if v.duty in (Duty.order, Duty.do)]
    for verb in flow.verbs:
        ends = any(
            flow.state(source).status is Status.open and flow.state(after).kind is StateKind.final
            for source in verb.sources
            for after in targets(flow, verb, source)
        )
        if verb.duty is not Duty.judge and not ends:
            continue
        asked = {name for g in verb.guards if g.name == "not_doer" and not g.when_to for name in _of(flow, g)}
        if any(g.name == "of_source" for g in verb.guards) and not any(set(w.roles) & set(verb.roles) for w in work):
            continue  # the source's application alone, which neither orders nor does anything
        for done in work:
            if done.id == verb.id:
                yield Finding("error", "doer_closes", f"verb[{verb.id}]", {"verb": done.id})
            elif done.id not in asked and _can_precede(flow, graph, done, verb):
                yield Finding("error", "judge_may_be_doer", f"verb[{verb.id}]", {"verb": done.id})
    for verb in flow.verbs:
        for source in verb.sources:
            for after in targets(flow, verb, source):
                before, then = flow.state(source).status, flow.state(after).status
                if before is not Status.open and then is Status.open:
                    yield Finding("error", "reopens", f"verb[{verb.id}]", {"state": source})
                if flow.state(after).kind is StateKind.final and verb.to == CHOICE:
                    yield Finding("error", "jump_closes", f"verb[{verb.id}]", {"state": after})


def _of(flow: Flow, guard: Guard) -> tuple[str, ...]:
    value = guard.params.get("of", ())
    return flow.verbs_named(value if isinstance(value, tuple) else (str(value),))


def _can_precede(flow: Flow, graph: Mapping[str, Collection[str]], first: Verb, then: Verb) -> bool:
    starts = {after for source in first.sources for after in targets(flow, first, source)}
    return bool(reachable(graph, starts) & set(then.sources))


def _shapes(flow: Flow) -> Iterable[Finding]:
    """A way back needs its reason; a case is filed and closed on a condition."""
    closings = [v for v in flow.verbs if v.duty is Duty.judge and v.kind is VerbKind.step and _closes(flow, v)]
    if not any("filing_condition" in v.requires for v in flow.verbs):
        yield Finding("error", "no_filing_condition", "verb")
    for verb in closings:
        if "closing_condition" not in verb.requires:
            yield Finding("error", "no_closing_condition", f"verb[{verb.id}]")
    for verb in flow.verbs:
        explained = "reason" in verb.requires or "outcome" in verb.requires
        goes_back = verb.kind in (VerbKind.back, VerbKind.recall, VerbKind.jump)
        if goes_back and not explained and not _decides_on_request(flow, verb):
            yield Finding("error", "no_reason", f"verb[{verb.id}]")
        if _voids(flow, verb) and not explained:
            yield Finding("error", "no_reason", f"verb[{verb.id}]")


def _decides_on_request(flow: Flow, verb: Verb) -> bool:
    """Agreeing to a request from a side state: the request carries the reason."""
    return all(flow.state(s).kind is StateKind.side for s in verb.sources)


def _closes(flow: Flow, verb: Verb) -> bool:
    return not verb.to.startswith("@") and flow.state(verb.to).status is Status.closed


def _voids(flow: Flow, verb: Verb) -> bool:
    return not verb.to.startswith("@") and flow.state(verb.to).status is Status.void
