"""Instructions over HTTP."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema


class InstructionIn(Schema):
    """What shall be done about these events, by which organisation (in it by which post), until when."""

    text: str = Field(min_length=1, max_length=2000)
    events: list[Id] = Field(min_length=1, max_length=50)
    to_org: Id
    to_post: Id | None = None
    due_at: datetime | None = Field(None, description="some days from now when not given (setting instruct.due_days)")


class InstructedEvent(Schema):
    """An event of an instruction; ``open_to_me`` when its page may be opened."""

    id: Id
    case_no: str
    title: str
    open_to_me: bool


class InstructionOut(Schema):
    id: Id
    text: str
    by_name: str
    mine: bool
    to_org: Id
    to_org_name: str
    to_post: Id | None
    to_post_name: str
    events: list[InstructedEvent]
    made_at: datetime
    due_at: datetime
    late: bool
    state: Literal["open", "answered", "withdrawn"]
    read_at: datetime | None
    read_by: str
    answered_at: datetime | None
    answered_by: str
    answer: str
    chased: int
    chased_at: datetime | None
    may_answer: bool
    version: int


class Instructions(Listed):
    items: list[InstructionOut]
    as_of: datetime


class AnswerIn(Schema):
    text: str = Field(min_length=1, max_length=4000)
