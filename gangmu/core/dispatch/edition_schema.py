"""What travels about editions of the duty list and what organisations owe."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from gangmu.core.dispatch.edition_store import Edition
from gangmu.core.dispatch.schema import CODE, DutyBase, DutyOut, LevelWord, NamedUnit
from gangmu.core.dispatch.service import DutyDraft
from gangmu.core.dispatch.trial_store import DutyTrial
from gangmu.core.event.past import Shown
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal
from gangmu.kit.web import Listed, Schema

Seen = Annotated[int, Field(ge=1, le=2_000_000_000, description="The version of the edition that was seen.")]
Title = Annotated[str, Field(min_length=1, max_length=100)]
Why = Annotated[str, Field(max_length=500)]
Do = Literal["add", "change", "end"]


class EditionRow(BaseModel):
    """An edition in a list. ``reverts`` is the one that it takes back, ``reverted_by`` the one that took it back."""

    id: Id
    title: str
    state: str
    valid_from: date
    reason: str
    made_by_name: str
    made_at: datetime
    released_by_name: str
    released_at: datetime | None
    reverts: Id | None
    reverted_by: Id | None
    tried: dict[str, Any] | None
    version: int

    @classmethod
    def of(cls, edition: Edition) -> "EditionRow":
        values = {name: getattr(edition, name) for name in cls.model_fields if name != "tried"}
        return cls(**values, tried=None if edition.tried is None else dict(edition.tried))


class Editions(Listed):
    items: list[EditionRow]


class DutyChangeOut(BaseModel):
    """A row that begins, changes or ends. ``differs`` names the fields that are otherwise; ``why`` says what keeps
    it from being released, ``guard`` that it would push a department's duty down to a town."""

    id: Id
    do: Do
    row: Id | None
    before: DutyOut | None
    after: DutyOut | None
    differs: list[str]
    why: str
    guard: str


class EditionOut(EditionRow):
    changes: list[DutyChangeOut]
    releasable: bool


class EditionNew(Schema):
    """A new edition, which holds from a day on."""

    title: Title
    valid_from: date
    reason: Why = ""


class EditionIn(EditionNew):
    version: Seen


class ChangedDuty(DutyBase):
    """How a row shall be. Class, area and level are needed for one that begins; else they stay."""

    tree: Annotated[str, Field(max_length=60)] = ""
    code: Annotated[str, Field(max_length=16, pattern=r"^\d*$")] = ""
    division: Annotated[str, Field(pattern=r"^$|" + CODE)] = ""
    level: LevelWord = "county"

    def draft(self) -> DutyDraft:
        return DutyDraft(**{**self.model_dump(), "assistants": tuple(self.assistants)})


class DutyChangeIn(Schema):
    """A change put into an edition; one for the same class, area and level is replaced."""

    version: Seen
    do: Do
    row: Id | None = None
    duty: ChangedDuty | None = None


class EditionSaid(Schema):
    version: Seen
    reason: Why = ""


class BackIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class TryIn(Schema):
    days: Annotated[int, Field(ge=1, le=3660)] = 30


class PastExample(BaseModel):
    id: Id
    case_no: str
    title: str

    @classmethod
    def of(cls, one: Shown) -> "PastExample":
        return cls(id=one.id, case_no=one.case_no, title=mask_personal(one.title))


class ShiftOut(BaseModel):
    """Events that would go from one organisation to another, by the row that decides it."""

    before: NamedUnit | None
    after: NamedUnit | None
    duty: DutyOut | None
    n: int
    examples: list[PastExample]


class TriedOut(BaseModel):
    """``events = same + changed + helpers + unclassed``."""

    since: datetime
    until: datetime
    day: date
    events: int
    same: int
    changed: int
    helpers: int
    unclassed: int
    shifts: list[ShiftOut]


class DutyTrialOut(BaseModel):
    """A try-out: ``state`` is waiting, running (``done`` of ``total`` in ``phase``), done (``found``) or failed
    (``why``). It counts as the edition stood at ``edition_version``."""

    id: Id
    edition: Id
    edition_version: int
    days: int
    state: Literal["waiting", "running", "done", "failed"]
    phase: Literal["", "reading", "asking", "examples"]
    done: int
    total: int
    asked_by_name: str
    asked_at: datetime
    ended_at: datetime | None
    why: str
    found: TriedOut | None

    @classmethod
    def of(cls, trial: DutyTrial, found: TriedOut | None) -> "DutyTrialOut":
        return cls(**{name: getattr(trial, name) for name in cls.model_fields if name != "found"}, found=found)


class OwedOut(BaseModel):
    """What an organisation owes to an event."""

    id: Id
    event_id: Id
    case_no: str
    title: str
    division_name: str
    matter_title: str
    role: Literal["host", "assist"]
    state: str
    since: datetime
    until: datetime | None
    done_at: datetime | None
    event_status: str
    due_at: datetime | None
    lateness: str


class Owed(Listed):
    items: list[OwedOut]
    org: NamedUnit | None
    as_of: datetime
