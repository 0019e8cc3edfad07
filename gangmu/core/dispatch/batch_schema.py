"""Batches of dispatches, histories of returns and proposals for the duty list over HTTP."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from gangmu.core.dispatch.batch import Wish
from gangmu.core.dispatch.schema import CODE, LevelWord, NamedUnit, SuggestionOut
from gangmu.kit.ids import Id
from gangmu.kit.web import Listed, Schema


class BatchWish(Schema):
    """One event of a batch; ``version`` is the one that was seen, another one is refused."""

    event_id: Id
    version: int = Field(ge=1)
    lead_org: Id
    assistants: list[Id] = Field([], max_length=20)
    reason: str = Field("", max_length=2000)


class BatchIn(Schema):
    items: list[BatchWish] = Field(min_length=1, max_length=200)

    def wishes(self) -> list[Wish]:
        return [
            Wish(one.event_id, one.version, one.lead_org, tuple(one.assistants), one.reason.strip())
            for one in self.items
        ]


class BatchRefusal(Schema):
    """Why an event of the batch was left as it was: the code and words that the single act would have answered."""

    code: str
    text: str
    params: dict[str, Any]


class BatchLine(Schema):
    event_id: Id
    case_no: str
    title: str
    done: bool
    state: str
    state_title: str
    version: int | None
    lead_org: Id
    lead_name: str
    refused: BatchRefusal | None


class DispatchedOut(Schema):
    """What became of each, in the order asked for."""

    items: list[BatchLine]
    done: int
    refused: int
    as_of: datetime


class BatchOffer(Schema):
    """An event with what is suggested for it; ``ready`` false: it cannot be dispatched by you as it stands."""

    event_id: Id
    case_no: str
    title: str
    version: int
    state_title: str
    division_name: str
    address: str
    ready: bool
    suggestions: list[SuggestionOut]


class BatchOffers(Listed):
    items: list[BatchOffer]
    as_of: datetime


class ReturnWord(Schema):
    """One return of the past: when, of which event, with which words, and how it ended."""

    event_id: Id
    case_no: str
    reason: str
    raised_at: datetime
    outcome: str
    lead_org_name: str


class ReturnsOf(Schema):
    """How an organisation dealt with matters of this class: got, gave back, and its last words."""

    org: Id
    name: str
    given: int
    returned: int
    here: bool
    words: list[ReturnWord]


class ReturnHistory(Schema):
    """Who got matters of this class in the last ``days`` and gave them back."""

    tree: str
    code: str
    matter_title: str
    days: int
    items: list[ReturnsOf]
    as_of: datetime


class DesignateIn(Schema):
    """A designation from the dispute desk: who, why, and by which legal source (条款). ``propose`` puts it forward as
    a row of the duty list."""

    lead_org: Id
    assistants: list[Id] = Field([], max_length=20)
    reason: str = Field(min_length=1, max_length=2000)
    source: str = Field("", max_length=500)
    version: int = Field(ge=1, description="the event's version that one saw")
    propose: bool = False


class ProposalIn(Schema):
    """Put a row of the duty list forward from a decision."""

    whole_county: bool = Field(True, description="for the whole county; else for the division of the event")
    note: str = Field("", max_length=1000)


class DutyProposalOut(Schema):
    """A row of the duty list put forward from a decision; who keeps the list takes it over or drops it."""

    id: Id
    dispute: Id
    event_id: Id
    case_no: str
    tree: str
    code: str
    matter_title: str
    division: str = Field(pattern=CODE)
    division_name: str
    level: LevelWord
    lead_org: Id
    lead_name: str
    assistants: list[NamedUnit]
    basis: str
    source: str
    note: str
    state: Literal["open", "taken", "dropped"]
    replaces: Id | None
    replaces_lead_name: str
    duty_row: Id | None
    proposed_at: datetime
    decided_at: datetime | None
    why: str
    version: int


class Proposals(Listed):
    items: list[DutyProposalOut]


class ProposalEnd(Schema):
    """Take a proposal over into the duty list, or drop it with a reason."""

    take: bool
    why: str = Field("", max_length=500)
    version: int = Field(ge=1)
