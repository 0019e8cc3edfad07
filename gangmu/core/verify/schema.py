"""Field tasks over HTTP."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema


class ResultOut(Schema):
    """What a task can end with; ``requires`` is what must be given with it."""

    id: str
    title: str
    verb: str
    requires: list[str]


class DayWindow(Schema):
    """Between which hours of the city's day it must be done."""

    first: str
    last: str


class FlagOut(Schema):
    """What is doubtful about the proof."""

    key: str
    text: str


class TaskOut(Schema):
    """A field task with what one needs to go there. ``assignee`` null: free to take."""

    id: Id
    kind: Literal["verify", "check"]
    state: Literal["open", "done", "cancelled"]
    event_id: Id
    case_no: str
    title: str
    matter_title: str
    address: str
    lon: float | None
    lat: float | None
    division: str
    division_name: str
    urgent: bool
    ask: str
    assignee: Id | None
    assignee_name: str | None
    opened_at: datetime
    not_before: datetime | None
    window: DayWindow | None
    due_at: datetime | None
    done_at: datetime | None
    verb: str
    result: str
    result_title: str
    reason: str
    flags: list[FlagOut]
    outcomes: list[ResultOut]
    evidence_kind: str
    version: int


class Tasks(Listed):
    items: list[TaskOut]
    as_of: datetime


class TaskProof(Schema):
    """An uploaded photo; without a kind it is one of the check, or a near one of a verification."""

    file: Id
    kind: str = Field("", pattern="^(near|far|reference|before|after|check)?$")


class TaskDone(Schema):
    """What was found: ``result`` is one of the task's outcomes."""

    result: str = Field(min_length=1, max_length=60)
    evidence: list[TaskProof] = Field([], max_length=20)
    reason: str = Field("", max_length=2000)
    done_at: datetime | None = None
    version: int | None = Field(None, ge=1, description="the version that one saw; another one is refused")

    def given(self) -> list[tuple[Id, str]]:
        if self.done_at is not None and self.done_at.tzinfo is None:
            raise Invalid(field="done_at", reason="needs an offset")
        return [(proof.file, proof.kind) for proof in self.evidence]


class TaskReassign(Schema):
    """Another person: the post named, or the next who may."""

    post: Id | None = None
    reason: str = Field(min_length=1, max_length=2000)
