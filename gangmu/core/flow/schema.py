"""What travels over HTTP about flows."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from gangmu.core.flow.check import Finding
from gangmu.core.flow.model import Flow, State, Verb, Words
from gangmu.kit.text import t
from gangmu.kit.web import Schema


def said(words: Words, lang: str) -> str:
    return words.get("zh" if lang.startswith("zh") else "en", "")


class FlowRow(BaseModel):
    """One version. `status` is published or offered (shipped, the city keeps its own until it publishes it)."""

    id: str
    version: int
    title: str
    origin: str
    status: str
    current: bool
    published_at: datetime | None
    note: str
    made_by_name: str = ""
    proposed_by_name: str = ""
    restores: int | None = None


class Flows(BaseModel):
    items: list[FlowRow]
    next: str | None = None


class StageOut(BaseModel):
    id: str
    title: str
    limit: str
    source: str
    verified: bool
    window: bool


class StateOut(BaseModel):
    id: str
    title: str
    kind: str
    status: str
    holder: str
    holder_of: str
    clocks: list[str]
    pauses: bool

    @classmethod
    def of(cls, state: State, lang: str) -> "StateOut":
        return cls(
            id=state.id,
            title=said(state.title, lang),
            kind=state.kind.value,
            status=state.status.value,
            holder=state.holder,
            holder_of=state.holder_of.value,
            clocks=list(state.clocks),
            pauses=state.pauses,
        )


class OutcomeOut(BaseModel):
    id: str
    title: str
    answer: str


class GuardOut(BaseModel):
    name: str
    text: str
    params: dict[str, Any]
    when_to: list[str]


class VerbOut(BaseModel):
    """One verb; `from` is spelt `sources` with the wildcards resolved."""

    id: str
    title: str
    kind: str
    sources: list[str]
    to: str
    choices: list[str]
    can: str
    roles: list[str]
    duty: str
    requires: list[str]
    takes: list[str]
    guards: list[GuardOut]
    effects: list[str]
    outcomes: list[OutcomeOut]

    @classmethod
    def of(cls, verb: Verb, lang: str) -> "VerbOut":
        return cls(
            id=verb.id,
            title=said(verb.title, lang),
            kind=verb.kind.value,
            sources=list(verb.sources),
            to=verb.to,
            choices=list(verb.choices),
            can=verb.can,
            roles=list(verb.roles),
            duty=verb.duty.value,
            requires=list(verb.requires),
            takes=list(verb.takes),
            guards=[
                GuardOut(
                    name=g.name,
                    text=t(f"flow.refused.{g.name}", lang, **g.params),
                    params=dict(g.params),
                    when_to=list(g.when_to),
                )
                for g in verb.guards
            ],
            effects=list(verb.effects),
            outcomes=[
                OutcomeOut(id=o.id, title=said(o.title, lang), answer=said(o.answer, lang)) for o in verb.outcomes
            ],
        )


class FlowOut(BaseModel):
    """A version whole: `definition` is the data that it was published from, `diagram` an SVG document."""

    id: str
    version: int
    title: str
    start: str
    source: str
    roles: list[str]
    stages: list[StageOut]
    states: list[StateOut]
    verbs: list[VerbOut]
    definition: dict[str, Any]
    diagram: str

    @classmethod
    def of(cls, flow: Flow, definition: dict[str, Any], diagram: str, lang: str) -> "FlowOut":
        return cls(
            id=flow.id,
            version=flow.version,
            title=said(flow.title, lang),
            start=flow.start,
            source=flow.source,
            roles=list(flow.roles),
            stages=[
                StageOut(
                    id=s.id,
                    title=said(s.title, lang),
                    limit=s.limit,
                    source=s.source,
                    verified=s.verified,
                    window=s.window,
                )
                for s in flow.stages
            ],
            states=[StateOut.of(s, lang) for s in flow.states],
            verbs=[VerbOut.of(v, lang) for v in flow.verbs],
            definition=definition,
            diagram=diagram,
        )


class DefinitionIn(Schema):
    """A flow as data (`definition`) or as TOML text; one of the two."""

    definition: dict[str, Any] | None = None
    toml: Annotated[str | None, Field(max_length=400_000)] = None
    note: Annotated[str, Field(max_length=500)] = ""
    base: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    chosen: Annotated[str, Field(max_length=200)] = ""


class ProblemOut(BaseModel):
    """Why a definition cannot be read, at which place."""

    at: str
    code: str
    text: str


class FindingOut(BaseModel):
    severity: str
    code: str
    at: str
    text: str

    @classmethod
    def of(cls, finding: Finding, lang: str) -> "FindingOut":
        return cls(
            severity=finding.severity,
            code=finding.code,
            at=finding.at,
            text=t(f"flow.finding.{finding.code}", lang, **finding.params),
        )


class CheckOut(BaseModel):
    """What the model check found; publishable when there is no error. `problems`: why it could not be read at all."""

    publishable: bool
    findings: list[FindingOut]
    problems: list[str] = []
    places: list[ProblemOut] = []
    diagram: str = ""


class PermissionOut(BaseModel):
    id: str
    title: str


class Permissions(BaseModel):
    items: list[PermissionOut]
    next: str | None = None
