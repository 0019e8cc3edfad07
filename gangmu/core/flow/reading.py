"""Reads a flow from data (TOML or JSON) and names every mistake with its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from gangmu.core.flow.errors import FlowInvalid
from gangmu.core.flow.model import (
    CHOICE,
    OPEN,
    ORIGIN,
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
from gangmu.core.flow.tables import REQUIREMENTS
from gangmu.kit.text import t

E = TypeVar("E", bound=StrEnum)
MAX_ITEMS = 400
LANGUAGES = ("zh", "en")

_FLOW = {"id", "title", "start", "roles", "stage", "state", "verb", "source", "note", "version"}
_STAGE = {"id", "title", "limit", "source", "verified", "window"}
_STATE = {"id", "title", "kind", "status", "holder", "holder_of", "clocks", "pauses"}
_VERB = {
    "id", "title", "kind", "from", "except", "to", "can", "roles", "duty", "requires", "takes", "guards", "effects",
    "choices", "outcomes",
}  # fmt: skip
_OUTCOME = {"id", "title", "answer"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a definition cannot be read: the place, and a locale key ``flow.problem.<code>`` with what fills it."""

    place: str
    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    def said(self, lang: str) -> str:
        return t(f"flow.problem.{self.code}", lang, **self.params)

    def __str__(self) -> str:
        return f"{self.place}: {self.said('en')}"


class _Reader:
    """Collects problems while reading, so that an author sees all of them at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, place: str, code: str, **params: str | int) -> None:
        self.problems.append(Problem(place, code, params))

    def table(self, value: object, place: str, known: set[str]) -> Mapping[str, object]:
        if not isinstance(value, Mapping):
            self.wrong(place, "not_table")
            return {}
        for key in value:
            if key not in known:
                self.wrong(place, "unknown_field", field=str(key))
        return value

    def tables(self, value: object, place: str) -> list[object]:
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            self.wrong(place, "not_list", most=MAX_ITEMS)
            return []
        return value

    def word(self, value: object, place: str, *, empty: bool = False) -> str:
        if not isinstance(value, str) or (not value and not empty) or len(value) > 200:
            self.wrong(place, "not_text")
            return ""
        return value

    def name(self, value: object, place: str) -> str:
        word = self.word(value, place)
        if word and not (word.isascii() and word.replace("_", "a").isalnum() and word[0].isalpha()):
            self.wrong(place, "bad_name", given=word)
        return word

    def words(self, value: object, place: str) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.wrong(place, "not_texts")
            return ()
        for twice in sorted({v for v in value if value.count(v) > 1}):
            self.wrong(place, "twice", given=twice)
        return tuple(value)

    def title(self, value: object, place: str, *, required: bool = True) -> Words:
        if value is None and not required:
            return {}
        if isinstance(value, str) and value:
            return {"zh": value, "en": value}
        if not isinstance(value, Mapping) or not all(isinstance(value.get(n), str) and value[n] for n in LANGUAGES):
            self.wrong(place, "not_title")
            return {}
        return {n: str(value[n]) for n in LANGUAGES}

    def flag(self, value: object, place: str) -> bool:
        if value is None:
            return False
        if not isinstance(value, bool):
            self.wrong(place, "not_flag")
            return False
        return value

    def choice(self, kind: type[E], value: object, place: str, default: E) -> E:
        if value is None:
            return default
        try:
            return kind(str(value))
        except ValueError:
            self.wrong(place, "not_among", given=str(value), known=", ".join(k.value for k in kind))
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
            read.wrong(f"{what}[{twice}]", "defined_twice", given=twice)
    if read.problems:
        raise FlowInvalid([str(one) for one in read.problems], read.problems)
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
        window=read.flag(row.get("window"), f"{place}.window"),
    )


def _state(read: _Reader, raw: object, n: int) -> State:
    place = _place("state", raw, n)
    row = read.table(raw, place, _STATE)
    kind = read.choice(StateKind, row.get("kind"), f"{place}.kind", StateKind.open)
    status = read.choice(Status, row.get("status"), f"{place}.status", Status.open)
    if kind is StateKind.final and status is Status.open:
        read.wrong(f"{place}.status", "final_open")
    if kind is StateKind.open and status is not Status.open:
        read.wrong(f"{place}.status", "open_closed")
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
        read.wrong(f"{place}.to", "not_among", given=to, known=f"{ORIGIN}, {SAME}, {CHOICE}")
    choices = read.words(row.get("choices"), f"{place}.choices")
    if (to == CHOICE) != bool(choices):
        read.wrong(f"{place}.choices", "choices_alone", choice=CHOICE)
    requires = read.words(row.get("requires"), f"{place}.requires")
    takes = read.words(row.get("takes"), f"{place}.takes")
    for need in (*requires, *takes):
        if need not in REQUIREMENTS and not need.startswith("evidence:"):
            read.wrong(f"{place}.requires", "unknown_need", given=need)
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
        read.wrong(f"{place}.from", "no_source")
    if left_out and OPEN not in named:
        read.wrong(f"{place}.except", "except_alone", open=OPEN)
    resolved = [s for name in named for s in (open_states if name == OPEN else (name,))]
    return tuple(s for s in dict.fromkeys(resolved) if s not in left_out), OPEN in named


def _guard(read: _Reader, raw: object, place: str) -> Guard:
    if not isinstance(raw, Mapping):
        read.wrong(place, "not_guard")
        return Guard("")
    params: dict[str, Param] = {}
    for key, value in raw.items():
        if key in ("name", "when_to"):
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | list):
            read.wrong(f"{place}.{key}", "not_param")
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
