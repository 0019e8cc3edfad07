"""The rows that facts are counted from: what was told of events, acts, clocks, obligations, field tasks, calls and the
knowledge base.

Each knows its version: of two tellings the newer one stays, in whatever order they come.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    id: str
    version: int
    case_no: str
    title: str
    flow: str
    state: str
    status: str
    channel: str
    kind: str
    matter: str | None
    division: str
    unit_grid: str
    duty_grid: str
    lead_org: str | None
    orgs: tuple[str, ...]
    people: tuple[str, ...]
    suspended_until: datetime | None
    outcome: str
    satisfaction: str
    exemptions: tuple[str, ...]
    merged_into: str | None
    report_count: int
    reported_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ActRow:
    id: str
    event: str
    seq: int
    verb: str
    kind: str
    from_state: str
    to_state: str
    person: str | None
    post: str | None
    org: str | None
    actor_name: str
    role: str
    reason: str
    outcome: str
    satisfaction: str
    done_at: datetime
    recorded_at: datetime
    target_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockRow:
    id: str
    event: str
    version: int
    stage: str
    part: str
    org: str | None
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    cancelled: bool
    overdue: bool
    bundled: bool

    @property
    def counts(self) -> bool:
        """Called off, or standing aside for another matter's clock: it counts nowhere."""
        return not self.cancelled and not self.bundled


@dataclass(frozen=True, slots=True)
class DebtRow:
    """What an organisation owed to an event: ``role`` host or assist."""

    id: str
    event: str
    version: int
    org: str
    role: str
    state: str
    since: datetime
    until: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskRow:
    id: str
    event: str
    version: int
    kind: str
    state: str
    post: str | None
    opened_at: datetime
    due_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallRow:
    id: str
    version: int
    direction: str
    state: str
    division: str
    org: str | None
    post: str | None
    outcome: str
    outcome_group: str
    kind: str
    event: str | None
    began_at: datetime
    answered_at: datetime | None
    missed_at: datetime | None
    called_back_at: datetime | None
    closed_at: datetime | None
    is_new_matter: bool = False


@dataclass(frozen=True, slots=True)
class EditionRow:
    """An edition of a knowledge entry. ``valid_to``: the first day on which it no longer holds."""

    id: str
    entry: str
    no: int
    state: str
    owner: str
    division: str
    valid_to: date | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """Somebody said that an entry is wrong; ``org`` answers by ``due_at``."""

    id: str
    version: int
    entry: str
    org: str | None
    division: str
    state: str
    raised_at: datetime
    due_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """All that was told of one event."""

    event: EventRow
    acts: tuple[ActRow, ...] = ()
    clocks: tuple[ClockRow, ...] = ()
    debts: tuple[DebtRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that counts, once: ``word`` says what, ``key`` which of the several of its kind. It stands on ``at``.
    ``excluded`` facts leave the rates that leave them out, and stay visible with ``why`` and who approved it."""

    subject: str
    word: str
    key: str
    event: str | None
    at: datetime
    division: str
    n: int = 1
    stage: str = ""
    role: str = ""
    flow: str = ""
    channel: str = ""
    unit_grid: str = ""
    org: str | None = None
    post: str | None = None
    excluded: str = ""
    why: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    late_s: int | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
