"""What travels about drafts of flows, their differences and the words of the editor."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field

from gangmu.core.flow.difference import Difference
from gangmu.core.flow.draft_store import Draft
from gangmu.core.flow.schema import CheckOut
from gangmu.kit.ids import Id
from gangmu.kit.text import t
from gangmu.kit.web import Listed, Schema

Seen = Annotated[int, Field(ge=1, le=2_000_000_000, description="The version of the draft that was seen.")]
FlowName = Annotated[str, Field(max_length=60, pattern=r"^[a-zA-Z][a-zA-Z0-9_]*$")]
Why = Annotated[str, Field(max_length=500)]
LONGEST = 300


class FlowDraftRow(BaseModel):
    """A draft in a list. ``mine`` says that the asker wrote in it, so that another must publish it."""

    id: Id
    flow: str
    base: int | None
    title: str
    note: str
    remark: str
    state: str
    made_by_name: str
    made_at: datetime
    changed_by_name: str
    changed_at: datetime
    proposed_by_name: str
    proposed_at: datetime | None
    published: int | None
    tried: dict[str, Any] | None
    mine: bool
    version: int

    @classmethod
    def of(cls, draft: Draft, person: Id | None) -> "FlowDraftRow":
        names = [name for name in cls.model_fields if name not in ("mine", "tried")]
        tried = None if draft.tried is None else dict(draft.tried)
        mine = person is not None and person in draft.editors
        return cls(**{name: getattr(draft, name) for name in names}, tried=tried, mine=mine)


class FlowDrafts(Listed):
    items: list[FlowDraftRow]


class DifferenceOut(BaseModel):
    """One difference between two definitions, in words; ``at`` is the place as findings name it."""

    do: str
    part: str
    id: str
    field: str
    at: str
    text: str
    before: str
    after: str

    @classmethod
    def of(cls, one: Difference, names: Mapping[str, str], lang: str) -> "DifferenceOut":
        before, after = (shown(value, names) for value in (one.before, one.after))
        known = f"flow.field.{one.field.partition('.')[0]}"
        said = {
            "part": t(f"flow.part.{one.part}", lang),
            "name": names.get(f"{one.part}.{one.id}") or one.id,
            "field": t(known, lang) if one.field else "",
            "which": one.field.partition(".")[2],
            "before": before or t("flow.difference.nothing", lang),
            "after": after or t("flow.difference.nothing", lang),
        }
        key = "flow.difference." + ("field" if one.do == "changed" else one.do)
        if one.part == "flow":
            key = "flow.difference.whole"
        text = " ".join(t(key, lang, **said).split())
        whole = one.do in ("added", "removed")
        return cls(
            do=one.do,
            part=one.part,
            id=one.id,
            field=one.field,
            at=one.at,
            text=text,
            before="" if whole else before,
            after="" if whole else after,
        )


class Differences(BaseModel):
    items: list[DifferenceOut]
    next: str | None = None


class FlowDraftOut(FlowDraftRow):
    """A draft whole: its definition, the model check, and what differs from the version it began from. ``current`` is
    the version in force; when it is not ``base``, somebody published meanwhile."""

    definition: dict[str, Any]
    check: CheckOut
    differences: list[DifferenceOut]
    current: int | None
    second_person: bool


class FlowDraftNew(Schema):
    """A new draft of a flow: from a version (the current one unless said), or from a definition or TOML text."""

    flow: FlowName
    base: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    title: Annotated[str, Field(max_length=100)] = ""
    definition: dict[str, Any] | None = None
    toml: Annotated[str | None, Field(max_length=400_000)] = None


class FlowDraftIn(Schema):
    """What was written. ``base`` takes another version as the one to be compared with."""

    version: Seen
    definition: dict[str, Any]
    title: Annotated[str, Field(max_length=100)] = ""
    note: Why = ""
    base: Annotated[int | None, Field(ge=1, le=1_000_000)] = None


class FlowDraftSaid(Schema):
    """A step of a draft with its reason."""

    version: Seen
    reason: Why = ""


class RestoreIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class ParamOut(BaseModel):
    """A parameter of a guard: what it means (verb, verbs, state, states, stage, channels, words, word, number)."""

    name: str
    title: str
    meaning: str
    needed: bool


class PredicateOut(BaseModel):
    name: str
    title: str
    refusal: str
    params: list[ParamOut]


class WordOut(BaseModel):
    id: str
    title: str


class Vocabulary(BaseModel):
    """Everything that a definition may name, in words."""

    predicates: list[PredicateOut]
    effects: list[WordOut]
    requirements: list[WordOut]
    permissions: list[WordOut]
    roles: list[WordOut]
    channels: list[str]
    satisfaction: list[str]


def shown(value: Any, names: Mapping[str, str]) -> str:
    """A value of a definition for reading; states and stages by their names."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, Mapping):
        if set(value) <= {"zh", "en"}:
            return " / ".join(str(value[name]) for name in ("zh", "en") if value.get(name))
        kept = {key: item for key, item in value.items() if key not in ("name", "id")}
        return ", ".join(f"{key} {shown(item, names)}" for key, item in kept.items())[:LONGEST] or str(
            value.get("name", value.get("id", ""))
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(shown(item, names) for item in value)[:LONGEST]
    if isinstance(value, bool):
        return orjson.dumps(value).decode()
    return names.get(f"state.{value}") or names.get(f"stage.{value}") or str(value)[:LONGEST]


def names_of(lang: str, *definitions: Mapping[str, Any]) -> dict[str, str]:
    """``part.id`` to the title in a language, over several definitions."""
    word = "zh" if lang.startswith("zh") else "en"
    found: dict[str, str] = {}
    for definition in definitions:
        for part in ("stage", "state", "verb"):
            rows = definition.get(part)
            for row in rows if isinstance(rows, list) else ():
                title = row.get("title") if isinstance(row, Mapping) else None
                if isinstance(title, Mapping) and title.get(word):
                    found[f"{part}.{row.get('id')}"] = str(title[word])
                elif isinstance(title, str):
                    found[f"{part}.{row.get('id')}"] = title
    return found
