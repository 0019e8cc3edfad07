"""Duties, suggestions, obligations and disputes over HTTP."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from gangmu.core.dispatch.service import DutyDraft
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema

LevelWord = Literal["city", "county", "town", "community"]
CODE = r"^(\d{4}|\d{6}|\d{9}|\d{12})$"


class NamedUnit(Schema):
    """An organisation with its name."""

    id: Id
    name: str


class SuggestionOut(Schema):
    """A proposal of whom to dispatch to, with why; a person decides."""

    lead_org: Id
    name: str
    assistants: list[NamedUnit]
    confidence: float = Field(ge=0, le=1)
    reasons: list[str]
    duty_row: Id
    verified: bool
    algorithm: str
    on_duty: list[str] = Field([], description="who is on duty there now, by the rota")


class Suggestions(Listed):
    items: list[SuggestionOut]


class AcceptanceOut(Schema):
    """How often what was suggested was taken: of ``decided`` dispatches ``suggested`` had a suggestion, ``first`` took
    the first, ``among`` one of those shown. ``rate`` is first / suggested, null when nothing was suggested."""

    decided: int
    suggested: int
    first: int
    among: int
    rate: float | None
    since: datetime
    as_of: datetime
    algorithm: str


class DutyBase(Schema):
    lead_org: Id
    assistants: list[Id] = Field([], max_length=20)
    to_towns: bool = Field(False, description="this duty may lawfully be given to a town; needs its basis")
    basis: str = Field("", max_length=1000)
    source: str = Field("", max_length=200)
    verified: bool = False
    note: str = Field("", max_length=1000)
    valid_from: date | None = Field(None, description="the first day; today when not given")


class DutyIn(DutyBase):
    """A new row of the duty list. An empty ``code`` speaks of the whole tree."""

    tree: str = Field(min_length=1, max_length=60)
    code: str = Field("", max_length=16, pattern=r"^\d*$")
    division: str = Field(pattern=CODE)
    level: LevelWord
    valid_to: date | None = None

    def draft(self) -> DutyDraft:
        return DutyDraft(**{**self.model_dump(), "assistants": tuple(self.assistants)})


class DutyChange(DutyBase):
    """The next edition of a row; class, area and level stay."""

    version: int = Field(ge=1)

    def draft(self) -> DutyDraft:
        given = self.model_dump(exclude={"version"})
        return DutyDraft(tree="", code="", division="", level="", **{**given, "assistants": tuple(self.assistants)})


class DutyEnd(Schema):
    version: int = Field(ge=1)
    valid_to: date | None = Field(None, description="the first day on which it holds no more; today when not given")


class DutyOut(Schema):
    """A row of the duty list with its names."""

    id: Id
    tree: str
    code: str
    matter_title: str
    division: str
    division_name: str
    level: LevelWord
    lead_org: Id
    lead_name: str
    assistants: list[NamedUnit]
    to_towns: bool
    basis: str
    source: str
    verified: bool
    note: str
    valid_from: date
    valid_to: date | None
    replaces: Id | None
    version: int


class Duties(Listed):
    items: list[DutyOut]


class ObligationOut(Schema):
    """What an organisation owes to the event; the clock is that of the assistance, or of the handling for the lead."""

    id: Id
    org: Id
    org_name: str
    role: Literal["host", "assist"]
    state: str
    since: datetime
    until: datetime | None
    done_at: datetime | None
    due_at: datetime | None
    late: bool
    duty_row: Id | None


class Obligations(Listed):
    items: list[ObligationOut]
    as_of: datetime


class DisputeOut(Schema):
    """Who gave an event back and why, and how it ended. ``escalate``: so often that the next level should decide."""

    id: Id
    event_id: Id
    case_no: str
    title: str
    org: Id | None
    org_name: str
    division: str
    division_name: str
    verb: str
    reason: str
    times: int
    times_of_org: int
    duty_row: Id | None
    state: Literal["open", "coordinated", "designated", "settled"]
    raised_at: datetime
    coordinated_at: datetime | None
    decided_at: datetime | None
    outcome: str
    lead_org: Id | None
    lead_org_name: str
    decision: str
    source: str
    binding: bool
    escalate: bool


class Disputes(Listed):
    items: list[DisputeOut]
