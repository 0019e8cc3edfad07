"""Reads a flow from data (TOML or JSON) and names every mistake with its place."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from gangmu.core.flow.errors import FlowInvalid
from gangmu.core.flow.model import (
    CHOICE,
    OPEN,
    ORIGIN,
    REQUIREMENTS,
    SAME,
    Duty,
    Flow,
    Guard,
    HolderOf,
    Outcome,
    Param,
    Stage,
    State,
    StateKind,
    Status,
    Verb,
    VerbKind,
    Words,
)

E = TypeVar("E", bound=StrEnum)
MAX_ITEMS = 400
LANGUAGES = ("zh", "en")

_FLOW = {"id", "title", "start", "roles", "stage", "state", "verb", "source", "note", "version"}
_STAGE = {"id", "title", "limit", "source", "verified"}
_STATE = {"id", "title", "kind", "status", "holder", "holder_of", "clocks", "pauses"}
_VERB = {
    "id", "title", "kind", "from", "except", "to", "can", "roles", "duty", "requires", "takes", "guards", "effects",
    "choices", "outcomes",
}  # fmt: skip
_OUTCOME = {"id", "title", "answer"}


class _Reader:
    """Collects problems while reading, so that an author sees all of them at once."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def wrong(self, place: str, what: str) -> None:
        self.problems.append(f"{place}: {what}")

    def table(self, value: object, place: str, known: set[str]) -> Mapping[str, object]:
        if not isinstance(value, Mapping):
            self.wrong(place, "must be a table")
            return {}
        for key in value:
            if key not in known:
                self.wrong(place, f"unknown field {key!r}")
        return value

    def tables(self, value: object, place: str) -> list[object]:
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            self.wrong(place, f"must be a list of at most {MAX_ITEMS}")
            return []
        return value

    def word(self, value: object, place: str, *, empty: bool = False) -> str:
        if not isinstance(value, str) or (not value and not empty) or len(value) > 200:
            self.wrong(place, "must be a text")
            return ""
        return value

    def name(self, value: object, place: str) -> str:
        word = self.word(value, place)
        if word and not (word.isascii() and word.replace("_", "a").isalnum() and word[0].isalpha()):
            self.wrong(place, f"{word!r} must be letters, digits and underscores")
        return word

    def words(self, value: object, place: str) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.wrong(place, "must be a list of texts")
            return ()
        for twice in sorted({v for v in value if value.count(v) > 1}):
            self.wrong(place, f"{twice!r} is there twice")
        return tuple(value)

    def title(self, value: object, place: str, *, required: bool = True) -> Words:
        if value is None and not required:
            return {}
        if isinstance(value, str) and value:
            return {"zh": value, "en": value}
        if not isinstance(value, Mapping) or not all(isinstance(value.get(n), str) and value[n] for n in LANGUAGES):
            self.wrong(place, "must be {zh=..., en=...}")
            return {}
        return {n: str(value[n]) for n in LANGUAGES}

    def flag(self, value: object, place: str) -> bool:
        if value is None:
            return False
        if not isinstance(value, bool):
            self.wrong(place, "must be true or false")
            return False
        return value

    def choice(self, kind: type[E], value: object, place: str, default: E) -> E:
        if value is None:
            return default
        try:
            return kind(str(value))
        except ValueError:
            self.wrong(place, f"{value!r} is none of {', '.join(repr(k.value) for k in kind)}")
            return default


def parse(definition: Mapping[str, object], version: int = 0) -> Flow:
    """A flow from its definition. Raises FlowInvalid with every problem found; whether the flow makes sense is
    asked by `check`."""
    read = _Reader()
    top = read.table(definition, "flow", _FLOW)
    states = [_state(read, raw, n) for n, raw in enumerate(read.tables(top.get("state"), "state"))]
    open_states = tuple(s.id for s in states if s.kind is not StateKind.final and s.status is Status.open)
    flow = Flow(
        id=read.name(top.get("id"), "id"),
        title=read.title(top.get("title"), "title"),
        start=read.name(top.get("start"), "start"),
        roles=read.words(top.get("roles"), "roles"),
        stages=tuple(_stage(read, raw, n) for n, raw in enumerate(read.tables(top.get("stage"), "stage"))),
        states=tuple(states),
        verbs=tuple(_verb(read, raw, n, open_states) for n, raw in enumerate(read.tables(top.get("verb"), "verb"))),
        version=version,
        source=read.word(top.get("source", ""), "source", empty=True),
        note=read.title(top.get("note"), "note", required=False),
    )
    for what, ids in (
        ("stage", [s.id for s in flow.stages]),
        ("state", [s.id for s in flow.states]),
        ("verb", [v.id for v in flow.verbs]),
    ):
        for twice in sorted({i for i in ids if ids.count(i) > 1}):
            read.wrong(what, f"{twice!r} is defined twice")
    if read.problems:
        raise FlowInvalid(read.problems)
    return flow


def _place(what: str, raw: object, n: int) -> str:
    named = raw.get("id") if isinstance(raw, Mapping) else None
    return f"{what}[{named if isinstance(named, str) else n}]"


def _stage(read: _Reader, raw: object, n: int) -> Stage:
    place = _place("stage", raw, n)
    row = read.table(raw, place, _STAGE)
    return Stage(
        id=read.name(row.get("id"), f"{place}.id"),
        title=read.title(row.get("title"), f"{place}.title"),
        limit=read.word(row.get("limit", ""), f"{place}.limit", empty=True),
        source=read.word(row.get("source", ""), f"{place}.source", empty=True),
        verified=read.flag(row.get("verified"), f"{place}.verified"),
    )


def _state(read: _Reader, raw: object, n: int) -> State:
    place = _place("state", raw, n)
    row = read.table(raw, place, _STATE)
    kind = read.choice(StateKind, row.get("kind"), f"{place}.kind", StateKind.open)
    status = read.choice(Status, row.get("status"), f"{place}.status", Status.open)
    if kind is StateKind.final and status is Status.open:
        read.wrong(f"{place}.status", "a final state is 'closed' or 'void'")
    if kind is StateKind.open and status is not Status.open:
        read.wrong(f"{place}.status", "a state on the main way is 'open'")
    return State(
        id=read.name(row.get("id"), f"{place}.id"),
        title=read.title(row.get("title"), f"{place}.title"),
        kind=kind,
        status=status,
        holder=read.word(row.get("holder", ""), f"{place}.holder", empty=True),
        holder_of=read.choice(HolderOf, row.get("holder_of"), f"{place}.holder_of", HolderOf.centre),
        clocks=read.words(row.get("clocks"), f"{place}.clocks"),
        pauses=read.flag(row.get("pauses"), f"{place}.pauses"),
    )


def _verb(read: _Reader, raw: object, n: int, open_states: tuple[str, ...]) -> Verb:
    place = _place("verb", raw, n)
    row = read.table(raw, place, _VERB)
    sources, anywhere = _sources(read, row, place, open_states)
    to = read.word(row.get("to"), f"{place}.to")
    if to.startswith("@") and to not in (ORIGIN, SAME, CHOICE):
        read.wrong(f"{place}.to", f"{to!r} is none of {ORIGIN}, {SAME}, {CHOICE} and no state")
    choices = read.words(row.get("choices"), f"{place}.choices")
    if (to == CHOICE) != bool(choices):
        read.wrong(f"{place}.choices", f"belongs to to = {CHOICE!r} and to nothing else")
    requires = read.words(row.get("requires"), f"{place}.requires")
    takes = read.words(row.get("takes"), f"{place}.takes")
    for need in (*requires, *takes):
        if need not in REQUIREMENTS and not need.startswith("evidence:"):
            read.wrong(f"{place}.requires", f"unknown requirement {need!r}")
    if to == CHOICE and "target" not in requires:
        requires = (*requires, "target")
    guards = read.tables(row.get("guards"), f"{place}.guards")
    outcomes = read.tables(row.get("outcomes"), f"{place}.outcomes")
    return Verb(
        id=read.name(row.get("id"), f"{place}.id"),
        title=read.title(row.get("title"), f"{place}.title"),
        kind=read.choice(VerbKind, row.get("kind"), f"{place}.kind", VerbKind.step),
        sources=sources,
        to=to,
        can=read.word(row.get("can"), f"{place}.can"),
        roles=read.words(row.get("roles"), f"{place}.roles"),
        duty=read.choice(Duty, row.get("duty"), f"{place}.duty", Duty.none),
        requires=requires,
        takes=takes,
        guards=tuple(_guard(read, raw_guard, f"{place}.guards[{i}]") for i, raw_guard in enumerate(guards)),
        effects=read.words(row.get("effects"), f"{place}.effects"),
        choices=choices,
        outcomes=tuple(_outcome(read, raw_outcome, f"{place}.outcomes[{i}]") for i, raw_outcome in enumerate(outcomes)),
        anywhere=anywhere,
    )


def _sources(
    read: _Reader, row: Mapping[str, object], place: str, open_states: tuple[str, ...]
) -> tuple[tuple[str, ...], bool]:
    named = read.words(row.get("from"), f"{place}.from")
    left_out = read.words(row.get("except"), f"{place}.except")
    if not named:
        read.wrong(f"{place}.from", "names no state")
    if left_out and OPEN not in named:
        read.wrong(f"{place}.except", f"belongs to from = [{OPEN!r}]")
    resolved = [s for name in named for s in (open_states if name == OPEN else (name,))]
    return tuple(s for s in dict.fromkeys(resolved) if s not in left_out), OPEN in named


def _guard(read: _Reader, raw: object, place: str) -> Guard:
    if not isinstance(raw, Mapping):
        read.wrong(place, "must be {name=..., ...}")
        return Guard("")
    params: dict[str, Param] = {}
    for key, value in raw.items():
        if key in ("name", "when_to"):
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | list):
            read.wrong(f"{place}.{key}", "must be a text, a whole number or a list of texts")
        elif isinstance(value, list):
            params[key] = read.words(value, f"{place}.{key}")
        else:
            params[key] = value
    return Guard(
        read.name(raw.get("name"), f"{place}.name"), params, read.words(raw.get("when_to"), f"{place}.when_to")
    )


def _outcome(read: _Reader, raw: object, place: str) -> Outcome:
    row = read.table(raw, place, _OUTCOME)
    return Outcome(
        id=read.name(row.get("id"), f"{place}.id"),
        title=read.title(row.get("title"), f"{place}.title"),
        answer=read.title(row.get("answer"), f"{place}.answer", required=False),
    )
