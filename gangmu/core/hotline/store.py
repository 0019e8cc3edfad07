"""SQL of the hotline: calls and their history, callers, seats, recordings."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base import access
from gangmu.core.hotline.model import Call, CallAct
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    id_col,
    json_col,
    metadata,
    ref_col,
    refs_col,
    sealed_col,
    secret_col,
    text_col,
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


def _call(row: Any) -> Call:
    return Call(**{name: getattr(row, name) for name in Call.__dataclass_fields__})


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


OWED = "hotline.calls"


def add_call(unit: Unit, new: Call) -> None:
    unit.insert(call, _call_values(new))
    unit.owe(OWED, new.id, new)


def save_call(unit: Unit, now: Call, was: Call) -> None:
    values = _call_values(now)
    values.pop("version")
    unit.update(call, was.id, values, was=_call_values(was))
    unit.owe(OWED, was.id, replace(now, version=was.version + 1))


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
