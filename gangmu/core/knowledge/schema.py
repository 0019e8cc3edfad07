"""The knowledge base over HTTP."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from gangmu.core.knowledge.model import LONGEST_ANSWER, LONGEST_QUESTION, Content
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema

CODE = r"^(\d{4}|\d{6}|\d{9}|\d{12})$"


class KnowledgeContent(Schema):
    """What an entry says. ``answer`` is told to callers, ``note`` stays inside."""

    question: str = Field(min_length=1, max_length=LONGEST_QUESTION)
    answer: str = Field(min_length=1, max_length=LONGEST_ANSWER)
    note: str = Field("", max_length=4000)
    words: list[str] = Field([], max_length=30, description="other words that callers use for it")
    tree: str = Field("", max_length=60)
    code: str = Field("", max_length=16, pattern=r"^\d*$")
    owner: Id
    division: str = Field(pattern=CODE)
    source: str = Field("", max_length=300)
    basis: str = Field("", max_length=1000)
    verified: bool = False
    valid_from: date | None = None
    valid_to: date | None = Field(None, description="the first day on which it no longer holds")

    def content(self) -> Content:
        names = Content.__dataclass_fields__
        return Content(**{name: getattr(self, name) for name in names if name != "words"}, words=tuple(self.words))


class KnowledgeIn(KnowledgeContent):
    """A new entry."""

    publish: bool = Field(False, description="at once in force instead of a draft")


class KnowledgeChange(KnowledgeContent):
    """The next edition of an entry."""

    why: str = Field("", max_length=500)
    version: int = Field(ge=1)


class KnowledgeStep(Schema):
    """Put in force, or withdraw."""

    version: int = Field(ge=1)
    why: str = Field("", max_length=500)


class KnowledgeOut(Schema):
    """An entry. ``standing`` is how it stands today: draft, coming, in_force, expired, ended."""

    id: Id
    state: str
    standing: str
    edition: int
    question: str
    answer: str
    note: str
    words: list[str]
    tree: str
    code: str
    matter_title: str
    owner: Id
    owner_name: str
    division: str
    division_name: str
    source: str
    basis: str
    verified: bool
    valid_from: date
    valid_to: date | None
    expiring: bool
    changed_at: datetime
    uses: int
    last_used_at: datetime | None
    may_change: bool
    version: int


class KnowledgeList(Listed):
    items: list[KnowledgeOut]
    as_of: datetime


class FoundOut(Schema):
    """An entry that fits what was typed; ``fits`` False: it speaks of another area."""

    entry: KnowledgeOut
    score: float
    fits: bool


class FoundList(Schema):
    items: list[FoundOut]
    as_of: datetime


class EditionOut(Schema):
    """What an entry said from a moment on."""

    no: int
    state: str
    question: str
    answer: str
    note: str
    source: str
    basis: str
    verified: bool
    owner_name: str
    valid_from: date
    valid_to: date | None
    why: str
    at: datetime
    by_name: str


class KnowledgeEditions(Listed):
    items: list[EditionOut]


class CorrectionIn(Schema):
    text: str = Field(min_length=1, max_length=2000)


class CorrectionAnswer(Schema):
    """The owner's answer; with ``content`` a new edition of ``version`` of the entry."""

    reason: str = Field(min_length=1, max_length=2000)
    content: KnowledgeContent | None = None
    version: int = Field(0, ge=0)


class CorrectionOut(Schema):
    id: Id
    entry: Id
    question: str
    edition: int
    text: str
    owner_name: str
    raised_by_name: str
    raised_at: datetime
    due_at: datetime | None
    late: bool
    state: str
    reason: str
    answered_at: datetime | None
    new_edition: int | None
    may_answer: bool


class Corrections(Listed):
    items: list[CorrectionOut]
    as_of: datetime


class GapIn(Schema):
    """A search that nothing answered."""

    words: str = Field(min_length=1, max_length=200)


class GapClose(Schema):
    entry: Id | None = None
    reason: str = Field("", max_length=500)


class GapOut(Schema):
    id: Id
    words: str
    division_name: str
    times: int
    first_at: datetime
    last_at: datetime
    state: str


class Gaps(Listed):
    items: list[GapOut]


class SynonymsIn(Schema):
    words: list[str] = Field(min_length=2, max_length=20)
    source: str = Field("", max_length=200)


class SynonymsOut(Schema):
    id: Id
    words: list[str]
    source: str


class SynonymsList(Listed):
    items: list[SynonymsOut]


class NumberIn(Schema):
    """The next edition of a number of the service, from today on."""

    value: str = Field(min_length=1, max_length=40)
    source: str = Field("", max_length=300)
    region: str = Field("", max_length=100)
    verified: bool = False


class NumberOut(Schema):
    key: str
    title: str
    kind: Literal["limit", "count"]
    value: str
    source: str
    region: str
    verified: bool
    valid_from: date
    valid_to: date | None


class Numbers(Listed):
    items: list[NumberOut]
