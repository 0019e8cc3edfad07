"""Routes of calls: what the telephone system tells, the seat, outcomes, missed calls, figures."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query

from gangmu.core.event import views as event_views
from gangmu.core.event.errors import NotMergeable
from gangmu.core.hotline import callers, endings, missing, outcomes, service, telephone, views
from gangmu.core.hotline.errors import (
    CallClosed,
    FactTooOdd,
    FollowedUp,
    MissedDone,
    NoRecording,
    NotAnswered,
    NothingToConfirm,
    OutcomeElsewhere,
    OutcomeNeeds,
    OwnClue,
    TooFewTries,
)
from gangmu.core.hotline.schema import (
    CallerHistory,
    CallFactIn,
    CallFactOut,
    CallIn,
    CallOut,
    Calls,
    CallWhole,
    CloseIn,
    ConfirmIn,
    Emergencies,
    EmergencyIn,
    EmergencyOut,
    Figures,
    GiveUpIn,
    HandedOver,
    MissedList,
    MissedOut,
    NumberShown,
    OrderIn,
    OrderOut,
    OutcomeChange,
    OutcomeRow,
    Outcomes,
    PurposeIn,
    RecordingOut,
    ResultIn,
    Seat,
    SeatIn,
    TransferIn,
    Tried,
    TryIn,
)
from gangmu.core.knowledge import note_gap
from gangmu.kit.errors import Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Paging, Routes
from gangmu.kit.zone import day_of

routes = Routes("hotline")
Word = Annotated[str, Query(max_length=60)]
AT_HAND = [CallClosed, Invalid, NotAnswered, NotFound, Refused, StaleWrite]


def _call(at: Edge, found: service.Call) -> CallOut:
    return views.one_call(at.unit, at.actor, found, at.lang)


@routes.post("/cti/calls", can="cti.write", answers=CallFactOut, errors=[FactTooOdd, Refused, StaleWrite])
def take_fact(body: CallFactIn, at: Edge) -> CallFactOut:
    """话务事件 / A fact of the telephone system; the same one again changes nothing, the order does not matter."""
    call, fresh = telephone.take_fact(at.unit, at.actor, body.fact())
    return CallFactOut(id=call.id, state=call.state, fresh=fresh)


# --- the seat ---------------------------------------------------------------------------------------------------


@routes.get("/calls/mine", can="call.take", answers=Seat)
def my_seat(at: Edge) -> Seat:
    """我的坐席 / One's seat and the calls that ring, talk or wait for their outcome."""
    found = service.mine(at.unit, at.actor)
    number = service.phone_of(at.unit, at.actor, found[0], "own call") if found else ""
    rows = views.rows(at.unit, at.actor, found, at.lang)
    return Seat(seat=service.seat_of(at.unit, at.actor), calls=rows, number=number, as_of=at.unit.now)


@routes.put("/calls/seat", can="call.take", status=204, errors=[Invalid])
def take_seat(body: SeatIn, at: Edge) -> None:
    """就座 / Sit down at a seat of the telephone system, or leave it."""
    service.take_seat(at.unit, at.actor, body.seat)


@routes.get("/calls/history", can="reporter.read", answers=CallerHistory)
def history_of_phone(at: Edge, phone: Annotated[str, Query(min_length=3, max_length=30)]) -> CallerHistory:
    """号码历史 / What is known of a number; journaled."""
    return _history(at, callers.history_of_phone(at.unit, at.actor, phone))


@routes.get("/calls/outcomes", can="hotline.read", answers=Outcomes)
def list_outcomes(at: Edge, history: Word = "") -> Outcomes:
    """来电处理方式 / The ways in which a call ends, with the words for the caller; or all editions of one."""
    rows = outcomes.list_outcomes(at.unit, at.actor, history)
    return Outcomes(items=[views.outcome(row, at.lang) for row in rows])


@routes.put("/calls/outcomes/{key}", can="hotline.manage", answers=OutcomeRow, errors=[Invalid, NotFound, StaleWrite])
def change_outcome(key: str, body: OutcomeChange, at: Edge) -> OutcomeRow:
    """修改处理用语 / The next edition of an outcome's words, from today on."""
    was = outcomes.outcome_named(at.unit, at.actor, key)
    wording = replace(was, **body.model_dump(exclude={"version"}))
    made = outcomes.change_outcome(at.unit, at.actor, key, wording, body.version)
    return views.outcome(made, at.lang)


@routes.get("/calls/figures", can="call.read", answers=Figures, errors=[Invalid])
def get_figures(
    at: Edge,
    first: date | None = None,
    last: date | None = None,
    division: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
) -> Figures:
    """话务统计 / Calls and matters by day; ratios with what they are of. A day without data says so."""
    today = day_of(at.unit.now)
    until = last or today
    since = first or until - timedelta(days=6)
    return views.figures(at.unit, at.actor, since, until, division, at.lang)


# --- missed calls -----------------------------------------------------------------------------------------------


@routes.get("/calls/missed", can="call.return", answers=MissedList, errors=[Invalid])
def list_missed(at: Edge, paging: Annotated[Paging, Depends()], state: Literal["open", "all"] = "open") -> MissedList:
    """漏接来电 / Numbers to call back, the longest waiting first; several calls of one number are one."""
    found = missing.list_missed(at.unit, at.actor, paging.page, state == "open")
    return MissedList(items=views.missed(at.unit, found.items), next=found.next, as_of=at.unit.now)


@routes.post("/calls/missed/{missed_id}/number", can="call.return", answers=NumberShown, errors=[NotFound, Refused])
def show_number(missed_id: Id, at: Edge) -> NumberShown:
    """查看号码 / The number to call back, in clear; journaled."""
    return NumberShown(number=missing.number_of(at.unit, at.actor, missed_id))


@routes.post(
    "/calls/missed/{missed_id}/tries", can="call.return", answers=Tried, errors=[MissedDone, NotFound, Refused]
)
def try_back(missed_id: Id, body: TryIn, at: Edge) -> Tried:
    """回拨 / A call-back was tried; when somebody picked up, the talk is a call to record."""
    done, talk = missing.try_back(at.unit, at.actor, missed_id, body.reached)
    return Tried(missed=views.missed(at.unit, [done])[0], call=_call(at, talk) if talk else None)


@routes.post(
    "/calls/missed/{missed_id}/close",
    can="call.return",
    answers=MissedOut,
    errors=[MissedDone, NotFound, OutcomeNeeds, Refused, TooFewTries],
)
def give_up(missed_id: Id, body: GiveUpIn, at: Edge) -> MissedOut:
    """回拨未通办结 / Nobody picked up, often enough: closed with the reason."""
    return views.missed(at.unit, [missing.give_up(at.unit, at.actor, missed_id, body.reason)])[0]


# --- hand-overs -------------------------------------------------------------------------------------------------


@routes.get("/calls/hand-overs", can="call.read", answers=Emergencies, errors=[Invalid])
def list_hand_overs(
    at: Edge, paging: Annotated[Paging, Depends()], state: Literal["open", "all"] = "open"
) -> Emergencies:
    """紧急转接 / Calls passed to an emergency line that nobody has followed up; or all."""
    found = endings.list_hand_overs(at.unit, at.actor, paging.page, state == "open")
    rows = views.hand_overs(at.unit, at.actor, found.items)
    return Emergencies(items=rows, next=found.next, as_of=at.unit.now)


@routes.post(
    "/calls/hand-overs/{hand_over_id}/done",
    can="call.take",
    answers=EmergencyOut,
    errors=[FollowedUp, NotFound, OutcomeNeeds, Refused],
)
def follow_up(hand_over_id: Id, body: ResultIn, at: Edge) -> EmergencyOut:
    """跟踪结果 / What became of a hand-over."""
    done = endings.follow_up(at.unit, at.actor, hand_over_id, body.result)
    return views.hand_overs(at.unit, at.actor, [done])[0]


# --- calls ------------------------------------------------------------------------------------------------------


@routes.get("/calls", can="call.read", answers=Calls, errors=[Invalid])
def list_calls(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    day: date | None = None,
    state: Word = "",
    outcome: Word = "",
    confirm: Literal["", "pending"] = "",
    mine: bool = False,
) -> Calls:
    """来电列表 / Calls, the newest first; numbers masked."""
    found = service.list_calls(
        at.unit, at.actor, paging.page, day=day, state=state, outcome=outcome, confirm=confirm, mine=mine
    )
    rows = views.rows(at.unit, at.actor, found.items, at.lang)
    return Calls(items=rows, next=found.next, as_of=at.unit.now)


@routes.post("/calls", can="call.take", answers=CallOut, status=201, errors=[Invalid, Refused])
def begin(body: CallIn, at: Edge) -> CallOut:
    """手工接听 / A call taken where no telephone system tells of it."""
    return _call(at, service.begin(at.unit, at.actor, body.number))


@routes.get("/calls/{tel_id}", can="call.read", answers=CallWhole, errors=[NotFound])
def get_call(tel_id: Id, at: Edge) -> CallWhole:
    """来电详情 / A call with its history."""
    found = service.get_call(at.unit, at.actor, tel_id)
    return CallWhole(
        call=_call(at, found),
        acts=views.acts(service.acts_of(at.unit, at.actor, tel_id)),
        hand_overs=views.hand_overs(at.unit, at.actor, endings.hand_overs_of(at.unit, at.actor, tel_id)),
    )


@routes.get("/calls/{tel_id}/history", can="reporter.read", answers=CallerHistory, errors=[NotFound, Refused])
def history_of_call(tel_id: Id, at: Edge) -> CallerHistory:
    """来电人历史 / What is known of the caller; journaled."""
    return _history(at, callers.history_of_call(at.unit, at.actor, tel_id))


def _history(at: Edge, found: callers.History) -> CallerHistory:
    return CallerHistory(
        name=found.name,
        confidential=found.confidential,
        calls=views.rows(at.unit, at.actor, found.calls, at.lang),
        reports=[event_views.reported(at.unit, at.actor, one) for one in found.reports],
    )


@routes.post(
    "/calls/{tel_id}/close",
    can="call.take",
    answers=CallOut,
    errors=[*AT_HAND, NotMergeable, OutcomeElsewhere, OutcomeNeeds],
)
def close(tel_id: Id, body: CloseIn, at: Edge) -> CallOut:
    """在线办结 / End a call on the line; the caller is always told why."""
    done = endings.close(at.unit, at.actor, tel_id, body.outcome, body.ending(), at.lang)
    if body.unanswered.strip():
        note_gap(at.unit, at.actor, body.unanswered)
    return _call(at, done)


@routes.post("/calls/{tel_id}/order", can="call.take", answers=OrderOut, status=201, errors=[*AT_HAND, NotMergeable])
def make_order(tel_id: Id, body: OrderIn, at: Edge) -> OrderOut:
    """转工单 / In scope: the call becomes a report, which opens an event or joins one."""
    call, taken, about = endings.make_order(
        at.unit,
        at.actor,
        tel_id,
        body.draft(),
        join=body.join_event_id,
        flow_id=body.flow,
        urgent=body.urgent,
        lang=at.lang,
    )
    return OrderOut(
        call=_call(at, call),
        report=event_views.reported(at.unit, at.actor, taken),
        event=event_views.rows(at.unit, at.actor, [about], at.lang)[0] if about else None,
    )


@routes.post("/calls/{tel_id}/hand-over", can="call.take", answers=HandedOver, errors=AT_HAND)
def hand_over(tel_id: Id, body: EmergencyIn, at: Edge) -> HandedOver:
    """紧急转接 / Pass the call to 110, 119, 120 or 122 at once; it stays followed up."""
    call, made = endings.hand_over(at.unit, at.actor, tel_id, body.line, body.note, body.kind.value, at.lang)
    return HandedOver(call=_call(at, call), hand_over=views.hand_overs(at.unit, at.actor, [made])[0])


@routes.post("/calls/{tel_id}/transfers", can="call.take", answers=CallOut, errors=[*AT_HAND, OutcomeNeeds])
def transfer(tel_id: Id, body: TransferIn, at: Edge) -> CallOut:
    """三方通话、转接 / A three-party call, or put through to a department or its expert seat."""
    return _call(at, service.transfer(at.unit, at.actor, tel_id, body.way, body.receiver, body.note))


@routes.post("/calls/{tel_id}/hang-up", can="call.take", answers=CallOut, errors=AT_HAND)
def hang_up(tel_id: Id, at: Edge) -> CallOut:
    """挂机 / The talk has ended, where no telephone system tells."""
    return _call(at, service.hang_up(at.unit, at.actor, tel_id))


@routes.post(
    "/calls/{tel_id}/confirm",
    can="call.confirm",
    answers=CallOut,
    errors=[NotFound, NothingToConfirm, OutcomeNeeds, OwnClue, Refused, StaleWrite],
)
def confirm(tel_id: Id, body: ConfirmIn, at: Edge) -> CallOut:
    """确认线索 / The shift leader agrees that a call is a clue for the police, or gives it back."""
    return _call(at, endings.confirm(at.unit, at.actor, tel_id, body.agree, body.reason))


@routes.post(
    "/calls/{tel_id}/recording", can="recording.read", answers=RecordingOut, errors=[NoRecording, NotFound, Refused]
)
def show_recording(tel_id: Id, body: PurposeIn, at: Edge) -> RecordingOut:
    """录音链接 / The link to the recording, for a purpose; journaled."""
    return RecordingOut(url=service.recording(at.unit, at.actor, tel_id, body.purpose))


@routes.post("/calls/{tel_id}/number", can="reporter.read", answers=NumberShown, errors=[NotFound, Refused])
def reveal_number(tel_id: Id, body: PurposeIn, at: Edge) -> NumberShown:
    """查看来电号码 / The caller's number in clear, for a purpose; journaled."""
    return NumberShown(number=service.reveal(at.unit, at.actor, tel_id, body.purpose))


@routes.get("/events/{event_id}/calls", can="call.read", answers=Calls, errors=[NotFound])
def list_of_event(event_id: Id, at: Edge) -> Calls:
    """事件来电 / The calls about an event."""
    found = callers.calls_of_event(at.unit, at.actor, event_id)
    return Calls(items=views.rows(at.unit, at.actor, found, at.lang), as_of=at.unit.now)
