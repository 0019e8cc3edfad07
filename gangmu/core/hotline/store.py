"""The only SQL of the hotline: calls, callers, seats, missed calls, hand-overs, outcomes, figures."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base import access
from gangmu.base.access.scoping import within
from gangmu.core.hotline.model import Call, CallAct, HandOver, Missed, Outcome
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    id_col,
    json_col,
    maker,
    metadata,
    ref_col,
    refs_col,
    sealed_col,
    secret_col,
    text_col,
    texts_col,
    version_col,
    when,
)
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

READ = "call.read"

caller = sa.Table(
    "hotline_caller",
    metadata,
    id_col("id", "clr"),
    sealed_col("phone"),
    sa.Column("phone_hash", sa.LargeBinary, nullable=False, unique=True, info={"personal": True, "derived": True}),
    when("made_at", nullable=False),
)

seat = sa.Table(
    "hotline_seat",
    metadata,
    sa.Column("seat", sa.Text, primary_key=True),
    ref_col("post", "pst", nullable=False, index=True),
    when("since", nullable=False),
)

call = sa.Table(
    "hotline_call",
    metadata,
    id_col("id", "tel"),
    sa.Column("source", sa.Text, nullable=False),
    text_col("call_no"),
    text_col("queue"),
    text_col("seat"),
    sa.Column("direction", sa.Text, nullable=False),
    ref_col("caller", "clr", "hotline_caller.id"),
    sa.Column("division", sa.Text, nullable=False),
    ref_col("post", "pst"),
    ref_col("person", "prs"),
    ref_col("org", "org"),
    sa.Column("state", sa.Text, nullable=False),
    text_col("kind"),
    text_col("text"),
    text_col("tree"),
    text_col("code"),
    ref_col("outcome", "hoc"),
    text_col("outcome_key"),
    text_col("outcome_group"),
    text_col("way"),
    text_col("answer"),
    text_col("reason"),
    text_col("confirm"),
    refs_col("entries", "kno"),
    ref_col("report", "rpt"),
    ref_col("event", "evt"),
    ref_col("missed", "mis"),
    sa.Column("is_new_matter", sa.Boolean, nullable=False, server_default=sa.false()),
    when("began_at", nullable=False),
    when("rang_at"),
    when("answered_at"),
    when("ended_at"),
    when("missed_at"),
    when("called_back_at"),
    when("closed_at"),
    sa.Column("has_recording", sa.Boolean, nullable=False, server_default=sa.false()),
    version_col(),
    sa.Index("uq_hotline_call_no", "source", "call_no", unique=True, postgresql_where=sa.text("call_no <> ''")),
    sa.Index("ix_hotline_call_newest", sa.text("began_at DESC"), sa.text("id DESC")),
    sa.Index("ix_hotline_call_caller", "caller", "began_at", postgresql_where=sa.text("caller IS NOT NULL")),
    sa.Index("ix_hotline_call_open", "post", "began_at", postgresql_where=sa.text("closed_at IS NULL")),
    sa.Index("ix_hotline_call_clue", "began_at", postgresql_where=sa.text("confirm = 'pending'")),
    sa.Index("ix_hotline_call_event", "event", postgresql_where=sa.text("event IS NOT NULL")),
    sa.Index("ix_hotline_call_missed", "missed", postgresql_where=sa.text("missed IS NOT NULL")),
)

recording = sa.Table(
    "hotline_recording",
    metadata,
    id_col("call", "tel"),
    secret_col("url", nullable=False),
    when("at", nullable=False),
)

act = sa.Table(
    "hotline_call_act",
    metadata,
    id_col("id", "tac"),
    ref_col("call", "tel", nullable=False, index=True),
    sa.Column("what", sa.Text, nullable=False),
    when("at", nullable=False),
    when("recorded_at", nullable=False),
    ref_col("person", "prs"),
    text_col("by_name"),
    json_col("told", nullable=False),
    info={"append_only": True},
)

missed = sa.Table(
    "hotline_missed",
    metadata,
    id_col("id", "mis"),
    ref_col("caller", "clr", "hotline_caller.id", nullable=False, index=True),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    when("first_at", nullable=False),
    when("last_at", nullable=False),
    when("due_at"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    when("tried_at"),
    when("done_at"),
    ref_col("done_by", "prs"),
    text_col("reason"),
    version_col(),
    sa.Index("uq_hotline_missed_open", "caller", unique=True, postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_hotline_missed_due", "first_at", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_hotline_missed_newest", sa.text("last_at DESC"), sa.text("id DESC")),
)

hand_over = sa.Table(
    "hotline_hand_over",
    metadata,
    id_col("id", "hov"),
    ref_col("call", "tel", nullable=False, index=True),
    sa.Column("line", sa.Text, nullable=False),
    text_col("receiver"),
    sa.Column("division", sa.Text, nullable=False),
    when("handed_at", nullable=False),
    ref_col("handed_by", "prs"),
    when("due_at"),
    sa.Column("state", sa.Text, nullable=False),
    text_col("result"),
    when("done_at"),
    ref_col("done_by", "prs"),
    version_col(),
    sa.Index("ix_hotline_hand_over_open", "handed_at", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_hotline_hand_over_newest", sa.text("handed_at DESC"), sa.text("id DESC")),
)

outcome = sa.Table(
    "hotline_outcome",
    metadata,
    id_col("id", "hoc"),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("group", sa.Text, nullable=False),
    text_col("hot_key"),
    text_col("title_zh"),
    text_col("title_en"),
    text_col("answer_zh"),
    text_col("answer_en"),
    text_col("authority_zh"),
    text_col("authority_en"),
    texts_col("needs"),
    text_col("source"),
    text_col("region"),
    sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    version_col(),
    sa.Index("uq_hotline_outcome_open", "key", unique=True, postgresql_where=sa.text("valid_to IS NULL")),
)

count = sa.Table(
    "hotline_count",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("division", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("detail", sa.Text, primary_key=True, server_default=""),
    sa.Column("n", sa.BigInteger, nullable=False),
)

_missed, _hand_over = maker(Missed), maker(HandOver)


def _call(row: Any) -> Call:
    return Call(**{name: getattr(row, name) for name in Call.__dataclass_fields__})


def _outcome(row: Any) -> Outcome:
    values = {name: getattr(row, name) for name in Outcome.__dataclass_fields__}
    return Outcome(**{**values, "needs": tuple(row.needs)})


# --- callers and seats ------------------------------------------------------------------------------------------


def find_caller(unit: Unit, phone_hash: bytes) -> Id | None:
    found: Id | None = unit.value(sa.select(caller.c.id).where(caller.c.phone_hash == phone_hash))
    return found


def add_caller(unit: Unit, caller_id: Id, phone: bytes | None, phone_hash: bytes) -> None:
    unit.insert(caller, {"id": caller_id, "phone": phone, "phone_hash": phone_hash, "made_at": unit.now})


def phone_of(unit: Unit, caller_id: Id) -> str:
    """The number in clear: the caller of this function journals the read."""
    sealed = unit.value(sa.select(caller.c.phone).where(caller.c.id == caller_id))
    return unit.unseal(caller_id, sealed) or ""


def phones_of(unit: Unit, callers: Iterable[Id]) -> dict[Id, str]:
    """Numbers in clear, to be masked for lists."""
    rows = unit.rows(sa.select(caller.c.id, caller.c.phone).where(caller.c.id.in_(list(callers))))
    return {row.id: unit.unseal(row.id, row.phone) or "" for row in rows}


def take_seat(unit: Unit, seat_no: str, post: Id) -> None:
    """Sit down at a seat; whoever had it has it no more, and one sits at one seat only."""
    unit.run(sa.delete(seat).where(seat.c.post == post, seat.c.seat != seat_no))
    row = {"seat": seat_no, "post": post, "since": unit.now}
    adding = pg_insert(seat).values(row)
    unit.run(adding.on_conflict_do_update(index_elements=["seat"], set_={"post": post, "since": unit.now}))
    unit.note("take seat", post, seat=seat_no)


def leave_seat(unit: Unit, post: Id) -> None:
    if unit.run(sa.delete(seat).where(seat.c.post == post)):
        unit.note("leave seat", post)


def post_at(unit: Unit, seat_no: str) -> Id | None:
    found: Id | None = unit.value(sa.select(seat.c.post).where(seat.c.seat == seat_no))
    return found


def seat_of(unit: Unit, post: Id) -> str:
    return str(unit.value(sa.select(seat.c.seat).where(seat.c.post == post)) or "")


# --- calls ------------------------------------------------------------------------------------------------------


def hold_call(unit: Unit, source: str, call_no: str) -> None:
    """One fact of a call at a time, also before its row is there."""
    unit.run(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 7))"), {"what": f"call/{source}/{call_no}"})


def hold_caller(unit: Unit, caller_id: Id) -> None:
    """One change of a number's missed calls at a time."""
    unit.run(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 8))"), {"what": f"caller/{caller_id}"})


def find_numbered(unit: Unit, source: str, call_no: str, *, seen_by: Actor) -> Call | None:
    """A call by the telephone system's number: only that system asks, for its own calls."""
    query = sa.select(call).where(call.c.source == source, call.c.call_no == call_no, call.c.call_no != "")
    row = unit.one(query.with_for_update())
    return None if row is None else _call(row)


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    return access.scope(actor, READ, call.c.division)


def get_call(unit: Unit, call_id: Id, *, seen_by: Actor, lock: bool = False) -> Call:
    query = sa.select(call).where(call.c.id == call_id, _seen(seen_by))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(call_id))
    return _call(row)


def list_of_post(unit: Unit, post: Id, since: datetime, *, seen_by: Actor) -> list[Call]:
    """Calls of an operator's post that have no outcome yet, the newest first."""
    query = sa.select(call).where(call.c.post == post, call.c.closed_at.is_(None), call.c.began_at >= since)
    query = query.where(call.c.state.in_(("ringing", "answered")), _seen(seen_by))
    return [_call(row) for row in unit.rows(query.order_by(call.c.began_at.desc()).limit(20))]


def list_calls(
    unit: Unit,
    at: Page,
    *,
    seen_by: Actor,
    since: datetime | None = None,
    until: datetime | None = None,
    state: str = "",
    outcome_key: str = "",
    confirm: str = "",
    post: Id | None = None,
) -> Paged[Call]:
    """Calls, the newest first."""
    query = sa.select(call).where(_seen(seen_by))
    if since is not None:
        query = query.where(call.c.began_at >= since)
    if until is not None:
        query = query.where(call.c.began_at < until)
    if state:
        query = query.where(call.c.state == state)
    if outcome_key:
        query = query.where(call.c.outcome_key == outcome_key)
    if confirm:
        query = query.where(sa.literal_column("hotline_call.confirm = 'pending'"))
    if post is not None:
        query = query.where(call.c.post == post)
    order = [page.Key(call.c.began_at, descending=True), page.Key(call.c.id, descending=True)]
    return page.of(unit, query, at, order, _call)


def list_of_caller(unit: Unit, caller_id: Id, most: int, *, seen_by: Actor) -> list[Call]:
    """What a number has called about, the newest first."""
    query = sa.select(call).where(call.c.caller == caller_id, _seen(seen_by))
    return [_call(row) for row in unit.rows(query.order_by(call.c.began_at.desc()).limit(most))]


def list_of_missed(unit: Unit, missed_id: Id, *, seen_by: Actor) -> list[Call]:
    """The missed calls of one number that wait for one call-back."""
    query = sa.select(call).where(call.c.missed == missed_id).order_by(call.c.began_at)
    return [_call(row) for row in unit.rows(query.limit(200).with_for_update())]


def list_of_event(unit: Unit, event: Id, *, seen_by: Actor) -> list[Call]:
    """The calls that led to an event. The caller of this function has asked whether the event may be seen."""
    query = sa.select(call).where(call.c.event == event, _seen(seen_by)).order_by(call.c.began_at)
    return [_call(row) for row in unit.rows(query.limit(200))]


def add_call(unit: Unit, new: Call) -> None:
    unit.insert(call, _call_values(new))


def save_call(unit: Unit, now: Call, was: Call) -> None:
    values = _call_values(now)
    values.pop("version")
    unit.update(call, was.id, values, was=_call_values(was))


def _call_values(one: Call) -> dict[str, Any]:
    return {**db.values_of(one, call), "entries": list(one.entries)}


def keep_recording(unit: Unit, call_id: Id, url: str) -> None:
    """The link as the telephone system gave it; the journal knows only that there is one."""
    adding = pg_insert(recording).values(call=call_id, url=url, at=unit.now)
    unit.run(adding.on_conflict_do_update(index_elements=["call"], set_={"url": url, "at": unit.now}))
    unit.note("keep recording link", call_id)


def recording_of(unit: Unit, call_id: Id) -> str:
    return str(unit.value(sa.select(recording.c.url).where(recording.c.call == call_id)) or "")


def add_act(unit: Unit, new: CallAct) -> None:
    unit.insert(act, {**db.values_of(new, act), "told": dict(new.told)})


def acts_of(unit: Unit, call_id: Id, *, seen_by: Actor) -> list[CallAct]:
    """The history of a call that may be seen, oldest first."""
    rows = unit.rows(sa.select(act).where(act.c.call == call_id).order_by(act.c.at, act.c.id))
    return [CallAct(**{name: getattr(row, name) for name in CallAct.__dataclass_fields__}) for row in rows]


# --- missed calls -----------------------------------------------------------------------------------------------


def find_open_missed(unit: Unit, caller_id: Id, *, seen_by: Actor) -> Missed | None:
    """The open missed call of a number, wherever it is."""
    row = unit.one(sa.select(missed).where(missed.c.caller == caller_id, missed.c.state == "open").with_for_update())
    return None if row is None else _missed(row)


def get_missed(unit: Unit, missed_id: Id, *, seen_by: Actor, lock: bool = False) -> Missed:
    query = sa.select(missed).where(missed.c.id == missed_id, access.scope(seen_by, READ, missed.c.division))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(missed_id))
    return _missed(row)


def list_missed(unit: Unit, at: Page, open_only: bool, *, seen_by: Actor) -> Paged[Missed]:
    """Numbers to call back, the longest waiting first; or all, the newest first."""
    query = sa.select(missed).where(access.scope(seen_by, READ, missed.c.division))
    if open_only:
        waiting = query.where(sa.literal_column("hotline_missed.state = 'open'"))
        return page.of(unit, waiting, at, [missed.c.first_at, missed.c.id], _missed)
    order = [page.Key(missed.c.last_at, descending=True), page.Key(missed.c.id, descending=True)]
    return page.of(unit, query, at, order, _missed)


def add_missed(unit: Unit, new: Missed) -> None:
    unit.insert(missed, db.values_of(new, missed))


def save_missed(unit: Unit, now: Missed, was: Missed) -> None:
    values = db.values_of(now, missed)
    values.pop("version")
    unit.update(missed, was.id, values, was=was)


# --- hand-overs -------------------------------------------------------------------------------------------------


def get_hand_over(unit: Unit, hand_over_id: Id, *, seen_by: Actor, lock: bool = False) -> HandOver:
    query = sa.select(hand_over).where(
        hand_over.c.id == hand_over_id, access.scope(seen_by, READ, hand_over.c.division)
    )
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(hand_over_id))
    return _hand_over(row)


def list_hand_overs(unit: Unit, at: Page, open_only: bool, *, seen_by: Actor) -> Paged[HandOver]:
    """Hand-overs that nobody has followed up, the oldest first; or all, the newest first."""
    query = sa.select(hand_over).where(access.scope(seen_by, READ, hand_over.c.division))
    if open_only:
        waiting = query.where(sa.literal_column("hotline_hand_over.state = 'open'"))
        return page.of(unit, waiting, at, [hand_over.c.handed_at, hand_over.c.id], _hand_over)
    order = [page.Key(hand_over.c.handed_at, descending=True), page.Key(hand_over.c.id, descending=True)]
    return page.of(unit, query, at, order, _hand_over)


def list_hand_overs_of(unit: Unit, call_id: Id, *, seen_by: Actor) -> list[HandOver]:
    """The hand-overs of a call that may be seen."""
    query = sa.select(hand_over).where(hand_over.c.call == call_id).order_by(hand_over.c.handed_at)
    return [_hand_over(row) for row in unit.rows(query)]


def add_hand_over(unit: Unit, new: HandOver) -> None:
    unit.insert(hand_over, db.values_of(new, hand_over))


def save_hand_over(unit: Unit, now: HandOver, was: HandOver) -> None:
    names = ("state", "result", "done_at", "done_by")
    unit.update(hand_over, was.id, {name: getattr(now, name) for name in names}, was=was)


# --- outcomes ---------------------------------------------------------------------------------------------------


def list_outcomes(unit: Unit, *, seen_by: Actor, history: str = "") -> list[Outcome]:
    """The outcomes without an end, in the order of the screen; or all editions of one, oldest first."""
    query = sa.select(outcome)
    query = query.where(outcome.c.key == history) if history else query.where(outcome.c.valid_to.is_(None))
    return [_outcome(row) for row in unit.rows(query.order_by(outcome.c.place, outcome.c.valid_from, outcome.c.id))]


def find_outcome(unit: Unit, key: str, *, seen_by: Actor) -> Outcome | None:
    """The outcome in force under a key."""
    row = unit.one(sa.select(outcome).where(outcome.c.key == key, outcome.c.valid_to.is_(None)))
    return None if row is None else _outcome(row)


def get_outcomes(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> dict[Id, Outcome]:
    """Outcome rows by id, in force or not: those that calls have pinned."""
    rows = unit.rows(sa.select(outcome).where(outcome.c.id.in_(list(wanted))))
    return {row.id: _outcome(row) for row in rows}


def add_outcome(unit: Unit, new: Outcome) -> None:
    unit.insert(outcome, {**db.values_of(new, outcome), "needs": list(new.needs)})


def end_outcome(unit: Unit, was: Outcome, day: date) -> None:
    unit.update(outcome, was.id, {"valid_to": day}, was={**db.values_of(was, outcome), "needs": list(was.needs)})


# --- figures ----------------------------------------------------------------------------------------------------


def add_counts(unit: Unit, day: date, division: str, delta: Mapping[tuple[str, str], int]) -> None:
    """Add to the figures of a day (a read model: not journaled; in one order, so that no two calls wait crosswise)."""
    for (what, detail), n in sorted(delta.items()):
        row = {"day": day, "division": division, "what": what, "detail": detail, "n": n}
        adding = pg_insert(count).values(row)
        keys = ["day", "division", "what", "detail"]
        unit.run(adding.on_conflict_do_update(index_elements=keys, set_={"n": count.c.n + n}))


def counts_between(
    unit: Unit, first: date, last: date, *, seen_by: Actor, division: str = ""
) -> dict[date, dict[tuple[str, str], int]]:
    """The figures of each day that has any, over the divisions that one may see."""
    summed = sa.func.sum(count.c.n).label("n")
    query = sa.select(count.c.day, count.c.what, count.c.detail, summed).where(
        count.c.day >= first, count.c.day <= last, access.scope(seen_by, READ, count.c.division)
    )
    if division:
        query = query.where(within(count.c.division, division))
    days: dict[date, dict[tuple[str, str], int]] = {}
    for row in unit.rows(query.group_by(count.c.day, count.c.what, count.c.detail)):
        days.setdefault(row.day, {})[row.what, row.detail] = int(row.n)
    return days
