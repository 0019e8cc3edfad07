"""Use cases of the wall screen: bring its figures up to date from events as they stand, and tell what a figure is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gangmu.core import deadline, matter, report
from gangmu.core.board import model, store
from gangmu.core.board.model import Count, Signs, Standing, Verdict, Ways
from gangmu.core.board.settings import BoardSettings
from gangmu.core.board.shipped import ways
from gangmu.core.dispatch import service as dispatch_service
from gangmu.core.event import Event, Status, reading
from gangmu.core.event.service import find_events
from gangmu.core.event.settings import EventSettings
from gangmu.core.flow import service as flow_service
from gangmu.core.instruct import service as instruct_service
from gangmu.kit import clock, settings
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.board import BoardMoved

KEEPER = System("board.keep")
AT_ONCE = 500


def zone() -> ZoneInfo:
    """The time of the city."""
    return ZoneInfo(settings.get(EventSettings).time_zone)


def day_of(at: datetime) -> date:
    """The day of the city."""
    return at.astimezone(zone()).date()


# --- what messages tell -------------------------------------------------------------------------------------


def mark(unit: Unit, events: Iterable[Id]) -> None:
    """Look at these anew soon."""
    store.mark(unit, events, clock.real_now())


def hear(unit: Unit, event: Id, division: str, channel: str, at: datetime) -> None:
    """A source has spoken."""
    store.add_move(unit, event, day_of(at), division, "heard", channel, at)


def alarm(unit: Unit, division: str, channel: str, at: datetime) -> None:
    """A machine has spoken, and there is no event yet: counted apart, because no event lies behind it."""
    store.add_alarm(unit, day_of(at), division, channel, at)


def move(unit: Unit, event: Id, division: str, was: str, now: str, at: datetime) -> None:
    """An event went from one stage of the way into another; the same stage is no move. Nowhere (empty): it is new."""
    if was == now:
        return
    if was:
        store.add_move(unit, event, day_of(at), division, "out", was, at)
    if now:
        store.add_move(unit, event, day_of(at), division, "in", now, at)


def act(unit: Unit, event: Id, from_state: str, to_state: str, division: str, at: datetime) -> None:
    """An act moved an event from one state of its flow into another."""
    found = find_events(unit, KEEPER, [event])
    if not found or from_state == to_state:
        return
    one = found[0]
    way = flow_service.get_flow(unit, KEEPER, one.flow, one.flow_version)

    def stage(state: str) -> str:
        known = way.find_state(state)
        return ways().stage(one.flow, state, known.status.value if known else Status.open.value)

    move(unit, event, division, stage(from_state), stage(to_state), at)


def merge(unit: Unit, event: Id, at: datetime) -> None:
    """An event went into another: it leaves its stage and counts as merged."""
    for one in find_events(unit, KEEPER, [event]):
        move(unit, event, one.division, ways().stage(one.flow, one.state, Status.open.value), "merged", at)


def part(unit: Unit, event: Id, at: datetime) -> None:
    """Reports were taken out of an event into this one: one that had been merged stands again by itself."""
    balance = store.merged_balance(unit, event)
    found = find_events(unit, KEEPER, [event])
    if found and (balance is None or balance > 0):
        one = found[0]
        move(unit, event, one.division, "merged", ways().stage(one.flow, one.state, Status.open.value), at)


def load(unit: Unit, first: Id, last: Id) -> int:
    """A batch that came in at once: what was reported today counts as heard and reported; all are looked at."""
    today, seen = day_of(unit.now), 0
    found = find_events(unit, KEEPER, [first])
    while found:
        for one in found:
            if day_of(one.reported_at) == today:
                hear(unit, one.id, one.division, one.channel, one.reported_at)
                move(unit, one.id, one.division, "", "reported", one.reported_at)
        mark(unit, [one.id for one in found if one.is_open])
        seen += len(found)
        found = reading.walk(unit, KEEPER, found[-1].id, AT_ONCE, last=last)
    return seen


# --- keeping the figures ------------------------------------------------------------------------------------


def is_waiting(unit: Unit) -> bool:
    """Whether anything was counted or marked since the figures were brought up to date."""
    return store.is_waiting(unit)


def keep(unit: Unit) -> int:
    """Bring the figures up to date with what was marked; tell the screens if anything is another than before."""
    if not store.alone(unit):
        return 0
    moved = store.fold(unit)
    wanted = store.take_marked(unit, AT_ONCE)
    moved += look_at(unit, wanted)
    if moved:
        unit.tell(BoardMoved(about="board", division="", orgs=[], at=unit.now))
    return moved


def look_at(unit: Unit, wanted: Iterable[Id]) -> int:
    """Look at events as they stand and count the differences to what was counted. Returns how many differed."""
    those = sorted(wanted)
    if not those:
        return 0
    seen = _Seen.of(unit, those)
    was = store.standings(unit, those, seen_by=KEEPER)
    now = {one.id: seen.standing(one) for one in seen.events.values() if one.is_open}
    changed = [one for one in those if was.get(one) != now.get(one)]
    judged_was = store.verdicts(unit, those, seen_by=KEEPER)
    judged_now = {one.clock: one for one in seen.verdicts(judged_was)}
    turned = [one for one in {**judged_was, **judged_now} if judged_was.get(one) != judged_now.get(one)]
    sums = [
        *(model.differences(_counts(was.get(one)), _counts(now.get(one))) for one in changed),
        *(model.differences(_judged(judged_was.get(one)), _judged(judged_now.get(one))) for one in turned),
    ]
    store.add_counts(unit, model.summed(sums))
    store.add_squares(
        unit, [*((was[one], -1) for one in changed if one in was), *((now[one], 1) for one in changed if one in now)]
    )
    store.put_standings(unit, [one for one in changed if one not in now], [now[one] for one in changed if one in now])
    gone = [one for one in turned if one not in judged_now]
    store.put_verdicts(unit, gone, [judged_now[one] for one in turned if one in judged_now])
    return len(changed) + len(turned)


def _counts(one: Standing | None) -> Mapping[Count, int]:
    return model.counts_of(one) if one is not None else {}


def _judged(one: Verdict | None) -> Mapping[Count, int]:
    return {model.count_of(one): 1} if one is not None else {}


@dataclass(frozen=True, slots=True)
class _Seen:
    """Events with everything that the board makes of them, fetched together."""

    ways: Ways
    rules: BoardSettings
    now: datetime
    events: Mapping[Id, Event]
    classes: Mapping[Id, Any]
    clocks: Mapping[Id, Sequence[Any]]
    disputes: Mapping[Id, tuple[bool, int]]
    instructed: set[Id]

    @classmethod
    def of(cls, unit: Unit, wanted: Sequence[Id]) -> "_Seen":
        events = {one.id: one for one in find_events(unit, KEEPER, wanted)}
        return cls(
            ways=ways(),
            rules=settings.get(BoardSettings),
            now=unit.now,
            events=events,
            classes=matter.get_classes(unit, KEEPER, {one.matter for one in events.values() if one.matter}),
            clocks=deadline.clocks_of(unit, wanted),
            disputes=dispatch_service.standing_disputes(unit, KEEPER, wanted),
            instructed=instruct_service.events_waiting(unit, KEEPER, wanted),
        )

    def standing(self, one: Event) -> Standing:
        filed = self.classes.get(one.matter) if one.matter else None
        disputed, returns = self.disputes.get(one.id, (False, 0))
        signs = Signs(
            late=one.lateness == "late",
            near=one.lateness == "near",
            danger=one.urgent or (filed is not None and self.ways.is_danger(filed.tree, filed.code)),
            supervised=one.supervised,
            disputed=disputed,
            returns=returns,
            instructed=one.id in self.instructed,
            callers=one.caller_count,
        )
        reasons = model.reasons_of(signs, self.rules.returned, self.rules.crowd)
        x, y = model.square(one.lon, one.lat)
        return Standing(
            event=one.id,
            stage=self.ways.stage(one.flow, one.state, one.status),
            division=one.division,
            lateness=one.lateness,
            lon=one.lon,
            lat=one.lat,
            x=x,
            y=y,
            reasons=reasons,
            score=model.score_of(reasons, self.ways.weights),
            due_at=one.due_at,
            reported_at=one.reported_at,
        )

    def verdicts(self, kept: Mapping[Id, Verdict]) -> Iterable[Verdict]:
        for one in self.events.values():
            for clock_row in self.clocks.get(one.id, ()):
                org = kept[clock_row.id].org if clock_row.id in kept else one.lead_org
                if org is None or one.exemptions or not self.ways.is_judged(one.flow, clock_row.stage):
                    continue
                off = clock_row.cancelled or clock_row.bundled_into is not None
                found = model.verdict_at(clock_row.due_at, clock_row.stopped_at, clock_row.overdue, off, self.now)
                if found is not None:
                    on_time, at = found
                    yield Verdict(clock_row.id, one.id, org, one.division, day_of(at), on_time, at)


def rebuild(unit: Unit) -> tuple[int, int]:
    """Make what stands now (stock, squares, standings) again from the events. For an upgrade or a doubt: days and
    verdicts stay as they were counted. Returns how many events stand, and how many counts differed before."""
    before, _ = store.recount(unit, seen_by=KEEPER)
    store.empty(unit)
    after: Id | None = None
    seen = 0
    while found := reading.walk(unit, KEEPER, after, 2000, open_only=True):
        look_at(unit, [one.id for one in found])
        seen, after = seen + len(found), found[-1].id
    now, _ = store.recount(unit, seen_by=KEEPER)
    unit.tell(BoardMoved(about="board", division="", orgs=[], at=unit.now))
    return seen, sum(before.get(key, 0) != now.get(key, 0) for key in {*before, *now} if key[0] is None)


def forget(unit: Unit) -> int:
    return store.forget(unit, day_of(unit.now), settings.get(BoardSettings).keep_days)


def answer_of(unit: Unit, report_id: Id) -> tuple[str, datetime]:
    """By which channel a report came, and when."""
    one = report.get_report(unit, KEEPER, report_id)
    return one.channel, one.received_at


def mark_instructed(unit: Unit, instruction: Id) -> None:
    """An instruction moved: the events that it is about."""
    mark(unit, instruct_service.events_of(unit, [instruction]).get(instruction, []))


def since_days(unit: Unit, days: int) -> date:
    """The first of the last so many days, today included."""
    return day_of(unit.now) - timedelta(days=days - 1)


def behind(unit: Unit, events: Sequence[Id]) -> list[Event]:
    """The events of a figure, in the order given. Who may see the figure's rows was asked where they were listed."""
    found = {one.id: one for one in find_events(unit, KEEPER, events)}
    return [found[one] for one in dict.fromkeys(events) if one in found]
