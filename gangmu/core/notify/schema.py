"""Answers over HTTP."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema


class AnswerOut(Schema):
    """What a reporter is told. His name and number are asked for with a purpose at his report."""

    id: Id
    report_id: Id
    event_id: Id
    case_no: str
    title: str
    text: str
    outcome: str
    channel: str
    way: Literal["phone", "page", "platform", "inside", "kept"]
    state: Literal["pending", "sent", "seen", "kept"]
    at: datetime
    sent_at: datetime | None
    seen_at: datetime | None
    tries: int
    note: str
    division: str
    version: int


class Answers(Listed):
    items: list[AnswerOut]


class SentIn(Schema):
    """What came of telling it: ``reached`` false counts a try and leaves it waiting."""

    reached: bool = True
    note: str = Field("", max_length=500)
