"""From messages to rows: what core tells, as evaluation keeps it."""

from collections.abc import Iterable

from gangmu.brain.evaluate.rows import ActRow, CallRow, ClockRow, CorrectionRow, DebtRow, EditionRow, EventRow, TaskRow
from gangmu.messages.deadline import ClockFact
from gangmu.messages.dispatch import ObligationMoved
from gangmu.messages.event import ActFact, EventFact
from gangmu.messages.hotline import CallTold
from gangmu.messages.knowledge import CorrectionTold, EntryTold
from gangmu.messages.verify import TaskMoved


def event_of(told: EventFact) -> EventRow:
    return EventRow(
        id=told.id,
        version=told.version,
        case_no=told.case_no,
        title=told.title,
        flow=told.flow,
        state=told.state,
        status=told.status,
        channel=told.channel,
        kind=told.kind,
        matter=told.matter,
        division=told.division,
        unit_grid=told.unit_grid,
        duty_grid=told.duty_grid,
        lead_org=told.lead_org,
        orgs=tuple(told.orgs),
        people=tuple(told.people),
        suspended_until=told.suspended_until,
        outcome=told.outcome,
        satisfaction=told.satisfaction,
        exemptions=tuple(told.exemptions),
        merged_into=told.merged_into,
        report_count=told.report_count,
        reported_at=told.reported_at,
        closed_at=told.closed_at,
    )


def act_of(told: ActFact) -> ActRow:
    return ActRow(
        id=told.id,
        event=told.event_id,
        seq=told.seq,
        verb=told.verb,
        kind=told.kind,
        from_state=told.from_state,
        to_state=told.to_state,
        person=told.person,
        post=told.post,
        org=told.org,
        actor_name=told.actor_name,
        role=told.role,
        reason=told.reason,
        outcome=told.outcome,
        satisfaction=told.satisfaction,
        done_at=told.done_at,
        recorded_at=told.recorded_at,
        target_at=told.target_at,
    )


def clocks_of(told: Iterable[ClockFact]) -> list[ClockRow]:
    return [
        ClockRow(
            id=one.id,
            event=one.event_id,
            version=one.version,
            stage=one.stage,
            part=one.part,
            org=one.org,
            started_at=one.started_at,
            due_at=one.due_at,
            stopped_at=one.stopped_at,
            cancelled=one.cancelled,
            overdue=one.overdue,
            bundled=one.bundled_into is not None,
        )
        for one in told
    ]


def debt_of(told: ObligationMoved) -> DebtRow:
    return DebtRow(
        id=told.obligation_id,
        event=told.event_id,
        version=told.version,
        org=told.org,
        role=told.role,
        state=told.state,
        since=told.since,
        until=told.until,
        done_at=told.done_at,
    )


def task_of(told: TaskMoved) -> TaskRow:
    return TaskRow(
        id=told.about,
        event=told.event_id,
        version=told.version,
        kind=told.kind,
        state=told.state,
        post=told.post,
        opened_at=told.opened_at,
        due_at=told.due_at,
        done_at=told.done_at,
    )


def call_of(told: CallTold) -> CallRow:
    return CallRow(
        id=told.call_id,
        version=told.version,
        direction=told.direction,
        state=told.state,
        division=told.division,
        org=told.org,
        post=told.post,
        outcome=told.outcome,
        outcome_group=told.group,
        kind=told.kind,
        event=told.event,
        began_at=told.began_at,
        answered_at=told.answered_at,
        missed_at=told.missed_at,
        called_back_at=told.called_back_at,
        closed_at=told.closed_at,
        is_new_matter=told.is_new_matter,
    )


def edition_of(told: EntryTold) -> EditionRow:
    return EditionRow(
        id=told.edition_id,
        entry=told.entry_id,
        no=told.no,
        state=told.state,
        owner=told.owner,
        division=told.division,
        valid_to=told.valid_to,
        at=told.at,
    )


def correction_of(told: CorrectionTold) -> CorrectionRow:
    return CorrectionRow(
        id=told.correction_id,
        version=told.version,
        entry=told.entry_id,
        org=told.org,
        division=told.division,
        state=told.state,
        raised_at=told.raised_at,
        due_at=told.due_at,
        answered_at=told.answered_at,
    )
