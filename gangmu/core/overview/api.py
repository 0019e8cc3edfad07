"""Routes of the desks' views and of what a desk remembers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

import orjson
from fastapi import Path

from gangmu.base import org, places
from gangmu.core import instruct, matter
from gangmu.core.event import Event, views
from gangmu.core.overview import model, service
from gangmu.core.overview.model import OPENED, DayCount, Place, Tally
from gangmu.core.overview.schema import (
    Bar,
    Counter,
    DepartmentOut,
    EventList,
    Happened,
    LeadOut,
    LoadOut,
    MemoryIn,
    MemoryOut,
    Opens,
    QueueOut,
    RepeatOut,
    ShareOut,
    ShiftOut,
    TrendDay,
)
from gangmu.core.overview.service import StateQueue
from gangmu.core.overview.settings import OverviewSettings
from gangmu.kit import settings
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.text import division_full, mask_personal, t
from gangmu.kit.web import Edge, Routes

routes = Routes("overview")
Key = Annotated[str, Path(max_length=60, pattern=r"^[a-z][a-z0-9_.-]*$")]
MOST_BYTES = 8000


@routes.get("/overview/shift", can="overview.shift", answers=ShiftOut)
def shift(at: Edge) -> ShiftOut:
    """值班视图 / Queues with count and oldest age, and the quality of intake."""
    rules = settings.get(OverviewSettings)
    counted = service.days(at.unit, at.actor, rules.quality_days)
    return ShiftOut(
        queues=[_queue(at, one) for one in service.queues(at.unit, at.actor)],
        total=_total(at, service.open_by(at.unit, at.actor, "state")),
        shares=_shares(counted, ("filed", "refused", "voided", "asked_again", "sent_back", "reworked")),
        share_days=rules.quality_days,
        instructions=_instructions(at),
        as_of=at.unit.now,
    )


@routes.get("/overview/department", can="overview.department", answers=DepartmentOut)
def department(at: Edge) -> DepartmentOut:
    """部门视图 / What the department has, on whom it lies, what came back."""
    rules = settings.get(OverviewSettings)
    waiting = service.queues(at.unit, at.actor)
    back = set(service.rework_states(one.flow for one in waiting))
    happened = service.days(at.unit, at.actor, rules.repeat_days, orgs=at.actor.orgs)
    loads = service.loads(at.unit, at.actor)
    posts = org.post_names(at.unit, [one.post for one in loads if one.post])
    return DepartmentOut(
        total=_total(at, service.open_by(at.unit, at.actor, "state")),
        queues=[_queue(at, one) for one in waiting],
        staff=[
            LoadOut(
                post=one.post,
                name=posts[one.post].person_name if one.post in posts else "",
                title=posts[one.post].title if one.post in posts else "",
                org_name=posts[one.post].org_name if one.post in posts else "",
                n=one.n,
                late=one.late,
                near=one.near,
                due_at=one.due_at,
            )
            for one in loads
        ],
        rework=[_queue(at, one) for one in waiting if (one.flow.id, one.state) in back],
        happened=[Happened(what=one.what, n=one.n) for one in sorted(happened, key=lambda one: -one.n)],
        days=rules.repeat_days,
        instructions=_instructions(at),
        as_of=at.unit.now,
    )


@routes.get("/overview/lead", can="overview.lead", answers=LeadOut)
def lead(at: Edge) -> LeadOut:
    """领导视图 / Late, repeated and supervised, by department and place."""
    rules = settings.get(OverviewSettings)
    digits = service.place_digits(at.actor)
    departments = model.tallied(service.open_by(at.unit, at.actor, "lead_org"))
    areas = model.tallied(service.open_by(at.unit, at.actor, "division", digits))
    orgs = org.org_names(at.unit, {Id(one.key) for one in departments})
    divisions = places.division_names(at.unit, {division_full(one.key) for one in areas})
    trend = service.days(at.unit, at.actor, rules.trend_days, by_day=True)
    lately = service.days(at.unit, at.actor, rules.quality_days)
    spots = service.repeats(at.unit, at.actor, "place")
    callers = service.repeats(at.unit, at.actor, "caller")
    return LeadOut(
        total=_total(at, service.open_by(at.unit, at.actor, "state")),
        departments=[_bar(one, orgs.get(Id(one.key), ""), {"org": one.key}) for one in departments],
        places=[
            _bar(one, divisions.get(division_full(one.key), ""), {"division": division_full(one.key)}) for one in areas
        ],
        trend=_trend(at, trend, rules.trend_days),
        shares=_shares(lately, ("filed", "voided", "sent_back", "reworked")),
        share_days=rules.quality_days,
        repeated_places=_repeats(at, spots),
        repeated_callers=_repeats(at, callers),
        repeat_days=rules.repeat_days,
        repeat_least=rules.repeat_least,
        repeats_as_of=max((one.made_at for one in (*spots, *callers)), default=None),
        instructions=_instructions(at),
        as_of=at.unit.now,
    )


@routes.get("/overview/staff/{post_id}/events", can="overview.department", answers=EventList, errors=[NotFound])
def staff_events(post_id: Id, at: Edge) -> EventList:
    """人员在办 / The open events in the hands of one of one's people, late first."""
    return _list(at, service.list_of_post(at.unit, at.actor, post_id))


@routes.get("/overview/repeats/{repeat_id}/events", can="overview.lead", answers=EventList, errors=[NotFound])
def repeat_events(repeat_id: Id, at: Edge) -> EventList:
    """重复事件 / The events behind something that repeats, the newest first."""
    return _list(at, service.list_of_repeat(at.unit, at.actor, repeat_id))


def _list(at: Edge, events: Sequence[Event]) -> EventList:
    return EventList(items=views.rows(at.unit, at.actor, events, at.lang), as_of=at.unit.now)


# --- how it is shown ----------------------------------------------------------------------------------------


def _queue(at: Edge, one: StateQueue) -> QueueOut:
    state, look = one.flow.state(one.state), one.look
    bar = _bar(one.tally, _words(state.title, at.lang), {"flow": one.flow.id, "state": one.state})
    return QueueOut(
        **bar.model_dump(),
        flow=one.flow.id,
        flow_title=_words(one.flow.title, at.lang),
        holder=state.holder,
        own=one.own,
        since=look.since if look else None,
        due_at=look.due_at if look else None,
        first=look.event if look else None,
    )


def _words(words: Mapping[str, str], lang: str) -> str:
    return words.get("en" if lang == "en" else "zh") or next(iter(words.values()), "")


def _bar(one: Tally, name: str, opens: Opens) -> Bar:
    return Bar(key=one.key, name=name, n=one.n, late=one.late, near=one.near, supervised=one.supervised, opens=opens)


def _total(at: Edge, rows: Iterable[Mapping[str, Any]]) -> Bar:
    return _bar(model.total(rows), t("overview.all", at.lang), {})


def _shares(counted: Sequence[DayCount], wanted: Sequence[str]) -> list[ShareOut]:
    return [ShareOut(id=one.id, part=one.part, whole=one.whole, rate=one.rate) for one in model.shares(counted, wanted)]


def _instructions(at: Edge) -> Counter | None:
    if not at.actor.may("instruction.read"):
        return None
    waiting, late, unread = instruct.count_open(at.unit, at.actor)
    return Counter(open=waiting, late=late, unread=unread)


def _trend(at: Edge, counted: Sequence[DayCount], many: int) -> list[TrendDay]:
    """Every day of the span, also one on which nothing happened."""
    sums = {(one.day, one.what): one.n for one in counted}
    today = service.day_of(at.unit)
    span = [today - timedelta(days=back) for back in reversed(range(many))]
    return [
        TrendDay(day=day, opened=sums.get((day, OPENED), 0), closed=sums.get((day, service.CLOSED), 0)) for day in span
    ]


def _repeats(at: Edge, rows: Sequence[Place]) -> list[RepeatOut]:
    classes = matter.get_classes(at.unit, at.actor, {row.matter for row in rows if row.matter})
    areas = places.division_names(at.unit, {row.division for row in rows})
    shown = []
    for row in rows:
        filed = classes.get(row.matter) if row.matter else None
        shown.append(
            RepeatOut(
                id=row.id,
                n=row.n,
                open=row.open,
                matter=row.matter,
                matter_title=(filed.title_en if at.lang == "en" else filed.title_zh) if filed else "",
                division=row.division,
                division_name=areas.get(row.division, ""),
                address=mask_personal(row.address),
                bbox=",".join(
                    f"{value:.6f}" for value in (row.west, row.south, row.east, row.north) if value is not None
                ),
                last_at=row.last_at,
            )
        )
    return shown


# --- what a desk remembers ----------------------------------------------------------------------------------


@routes.get("/desk/memory", can="signed_in", answers=MemoryOut)
def memory(at: Edge) -> MemoryOut:
    """桌面记忆 / What one's own desk remembers: ticked first steps, letter size."""
    return MemoryOut(items=service.memory(at.unit, at.actor))


@routes.put("/desk/memory/{key}", can="signed_in", status=204, errors=[Invalid])
def remember(key: Key, body: MemoryIn, at: Edge) -> None:
    """记住 / Keep something small for one's own desk, over what stood there."""
    try:
        size = len(orjson.dumps(body.value))
    except TypeError as error:
        raise Invalid(field="value", reason="a value that cannot be kept") from error
    if size > MOST_BYTES:
        raise Invalid(field="value", reason=f"more than {MOST_BYTES} bytes")
    service.remember(at.unit, at.actor, key, body.value)
