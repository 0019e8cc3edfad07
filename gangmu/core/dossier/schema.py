"""The dossier over HTTP."""

from datetime import datetime

from pydantic import Field

from gangmu.core.deadline.schema import ClockExplained
from gangmu.core.docking.schema import DockedOut, OutOut
from gangmu.core.event.schema import ActOut, EventOut, EvidenceOut, ReportOut
from gangmu.kit.ids import Id
from gangmu.kit.web import Schema


class ObligationLine(Schema):
    """What an organisation owed to the event."""

    org_name: str
    role: str
    state: str
    since: datetime
    until: datetime | None
    done_at: datetime | None


class DisputeLine(Schema):
    """Who gave the event back and why, and how it ended."""

    org_name: str
    reason: str
    state: str
    raised_at: datetime
    decided_at: datetime | None
    lead_name: str
    decision: str
    source: str


class TaskLine(Schema):
    """Somebody was sent to look."""

    kind: str
    state: str
    who: str
    ask: str
    opened_at: datetime
    done_at: datetime | None
    result: str
    reason: str
    flags: list[str]


class AnswerLine(Schema):
    """What a reporter was told, and when."""

    report: Id
    text: str
    way: str
    state: str
    at: datetime
    sent_at: datetime | None
    seen_at: datetime | None
    tries: int


class InstructionLine(Schema):
    """What a leader wanted, and the receipt."""

    by_name: str
    text: str
    made_at: datetime
    due_at: datetime
    state: str
    read_at: datetime | None
    answered_at: datetime | None
    answer: str


class JournalLine(Schema):
    """A journal entry without its values: its number in the chain, when, who, why, what was touched."""

    id: Id
    seq: int | None
    recorded_at: datetime
    kind: str
    who: str
    cause: str
    did: list[str]


class DossierOut(Schema):
    """Everything of one event. ``journal_left_out`` is true when there are more entries than are listed."""

    event: EventOut
    reports: list[ReportOut]
    acts: list[ActOut]
    clocks: list[ClockExplained]
    obligations: list[ObligationLine]
    disputes: list[DisputeLine]
    tasks: list[TaskLine]
    evidence: list[EvidenceOut]
    instructions: list[InstructionLine]
    answers: list[AnswerLine]
    docked: list[DockedOut]
    receipts: list[OutOut]
    journal: list[JournalLine]
    journal_left_out: bool
    read_by: str
    as_of: datetime


class ClearIn(Schema):
    purpose: str = Field(min_length=2, max_length=200)


class ClearReport(Schema):
    id: Id
    title: str
    text: str
    address: str


class ClearOut(Schema):
    """The texts of an event as they were given."""

    title: str
    text: str
    address: str
    reports: list[ClearReport]
