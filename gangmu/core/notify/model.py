"""Answers to reporters: by which way each is told, and how far it has come."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gangmu.core.notify.errors import AlreadyTold
from gangmu.kit.ids import Id


class Way(StrEnum):
    """How an answer reaches its reporter."""

    phone = "phone"  # 电话回复, by a person
    page = "page"  # 网页或小程序查询
    platform = "platform"  # 回传来源平台
    inside = "inside"  # 系统内可见: our own people
    kept = "kept"  # 无联系方式，留存备查


class State(StrEnum):
    pending = "pending"
    sent = "sent"
    seen = "seen"
    kept = "kept"  # nobody to tell it to


_WAYS = {
    "hotline12345": Way.phone,
    "citizen": Way.page,
    "upper": Way.platform,
    "patrol": Way.inside,
    "grid": Way.inside,
    "transfer": Way.inside,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reporter is told about one event: ``text`` and ``outcome`` as answered at ``at``; ``tries`` counts the
    calls that did not reach him, ``note`` is what the last caller wrote."""

    id: Id
    report: Id
    event: Id
    division: str
    orgs: tuple[Id, ...]
    text: str
    outcome: str
    channel: str
    way: str
    state: str
    at: datetime
    sent_at: datetime | None
    sent_by: Id | None
    seen_at: datetime | None
    tries: int
    note: str
    version: int = 1


def way_of(channel: str, reachable: bool) -> Way:
    """By the channel it came in; a phone call only where there is a number. Who left none asks himself."""
    way = _WAYS.get(channel, Way.kept)
    if way is Way.phone and not reachable:
        return Way.kept
    return way


def first_state(way: Way) -> State:
    """What our own people see in the history is told by that; what nobody can be told is kept."""
    return {Way.inside: State.sent, Way.kept: State.kept, Way.page: State.sent}.get(way, State.pending)


def told(answer: Answer, now: datetime, by: Id | None, *, reached: bool, note: str) -> Answer:
    """After a call: told, or one more try. ``AlreadyTold`` when it was."""
    if answer.state != State.pending:
        raise AlreadyTold(about=str(answer.id), state=answer.state)
    if not reached:
        return replace(answer, tries=answer.tries + 1, note=note)
    return replace(answer, state=State.sent.value, sent_at=now, sent_by=by, note=note)
