"""Use cases of running clocks: what an event's stages do to them, and what they tell when they come near.

A clock pins what it began under: limit, calendar version, meaning of a day, warn marks. One timer a clock waits for
its next mark; a token makes the timers of an earlier schedule do nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from gangmu.base.calendar import Almanac
from gangmu.base.calendar import service as calendar_service
from gangmu.base.calendar.model import agrees
from gangmu.core.deadline import model, span_store, store
from gangmu.core.deadline.errors import ClockAtRest
from gangmu.core.deadline.limit import Limit, Meaning, parse, parse_parts
from gangmu.core.deadline.model import Clock, Rework
from gangmu.core.deadline.settings import DeadlineSettings
from gangmu.core.deadline.store import ClockRow
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.deadline import DeadlineNear, DeadlinePassed

MAKE_SAFE, REPAIR = "make_safe", "repair"
_SETTLE_BATCH = 500
_CLOCKS = System("deadline")


@dataclass(frozen=True, slots=True)
class Start:
    """A clock to be started in bulk; ``stopped_at`` when it has stopped already (records of the past)."""

    event_id: Id
    stage: str
    limit: str
    started_at: datetime
    part: str = ""
    org: Id | None = None
    stopped_at: datetime | None = None
    calendar: str = ""
    meaning: Meaning | None = None
    is_window: bool = False


# --- starting ----------------------------------------------------------------------------------------------


def start(
    unit: Unit,
    event_id: Id,
    stage: str,
    limit: str,
    calendar: str = "",
    *,
    part: str = "",
    started_at: datetime,
    org: Id | None = None,
    is_window: bool = False,
) -> list[ClockRow]:
    """Start the clock of a stage (two for a limit in two parts such as ``1u+5d``) under the rules of today. One that
    still runs for the same stage, part and organisation is stopped."""
    name = calendar or settings.get(DeadlineSettings).calendar
    almanac = calendar_service.almanac(unit, name, on=started_at.date())
    for row in store.running_of(unit, event_id, stage, seen_by=_CLOCKS):
        if row.org == org and (row.part == part or not part):
            stop_clock(unit, row, started_at, cancelled=False)
    asked = Start(event_id, stage, limit, started_at, part, org, is_window=is_window)
    rows = _rows_of(asked, almanac, unit.now)
    started = [_scheduled(unit, row, almanac, told=0) for row in rows]
    for row in started:
        store.add(unit, row)
    return started


def start_many(unit: Unit, starts: Iterable[Start], source: str) -> int:
    """Start clocks in bulk, for records that come in from a file. Marks that have passed already are not told; those
    to come get their timers. Returns how many clocks were made."""
    usual, almanacs, rows = settings.get(DeadlineSettings).calendar, dict[tuple[str, date], Almanac](), []
    for asked in starts:
        key = (asked.calendar or usual, asked.started_at.date())
        almanac = almanacs.get(key) or almanacs.setdefault(key, calendar_service.almanac(unit, key[0], on=key[1]))
        for row in _rows_of(asked, almanac, unit.now):
            if asked.stopped_at is not None:
                rows.append(_settled(row, asked.stopped_at, almanac))
            else:
                rows.append(_scheduled(unit, row, almanac, told=None))
    store.add_many(unit, rows, source)
    return len(rows)


def _rows_of(asked: Start, almanac: Almanac, now: datetime, rules: DeadlineSettings | None = None) -> list[ClockRow]:
    """The new rows of a start: one, or one a part."""
    limits, rules = parse_parts(asked.limit), rules or settings.get(DeadlineSettings)
    parts = [asked.part] if len(limits) == 1 else [MAKE_SAFE, REPAIR]
    return [_new_row(asked, limit, part, almanac, now, rules) for limit, part in zip(limits, parts, strict=True)]


def _new_row(
    asked: Start, limit: Limit, part: str, almanac: Almanac, now: datetime, rules: DeadlineSettings
) -> ClockRow:
    meaning = asked.meaning or rules.day_meaning
    clock = Clock(limit, asked.started_at.astimezone(UTC), meaning)
    row = ClockRow(
        id=ids.new("clk"),
        event_id=asked.event_id,
        stage=asked.stage,
        part=part,
        org=asked.org,
        kind=limit.kind.value,
        limit=str(limit),
        calendar=almanac.calendar.name,
        calendar_version=almanac.calendar.version,
        day_meaning=meaning.value,
        started_at=clock.started_at,
        due_at=None,
        warn_at=None,
        provisional=False,
        marks=tuple(rules.marks),
        pauses=(),
        extended=0,
        stopped_at=None,
        cancelled=False,
        overdue=False,
        paused_at=None,
        paused_until=None,
        paused_s=0,
        state="running",
        is_window=asked.is_window,
        bundled_into=None,
        fired=0,
        token=0,
        version=1,
    )
    return _counted(row, clock, almanac, now)


# --- stopping ----------------------------------------------------------------------------------------------


def stop(unit: Unit, event_id: Id, stage: str, at: datetime, cancelled: bool = False, *, org: Id | None = None) -> None:
    """Stop the clocks of a stage (of one organisation, if it is named); nothing happens when none runs. ``cancelled``
    ones count nowhere: the stage was not done but called off."""
    for row in store.running_of(unit, event_id, stage, seen_by=_CLOCKS):
        if org is None or row.org == org:
            stop_clock(unit, row, at, cancelled=cancelled)


def stop_all(unit: Unit, event_id: Id, at: datetime) -> None:
    """Stop whatever still runs for an event."""
    for row in store.running_of(unit, event_id, seen_by=_CLOCKS):
        stop_clock(unit, row, at, cancelled=False)


def stop_clock(unit: Unit, row: ClockRow, at: datetime, *, cancelled: bool) -> None:
    stopped = _settled(row, at, almanac_of(unit, row))
    store.save(unit, replace(stopped, cancelled=cancelled, token=row.token + 1), row)


def _settled(row: ClockRow, at: datetime, almanac: Almanac) -> ClockRow:
    """The row as it stands when it has stopped at a time."""
    stopped = model.stop(row.clock(), at.astimezone(UTC))
    changed = _counted(row, stopped, almanac, at)
    assert stopped.stopped_at is not None
    overdue = changed.due_at is not None and stopped.stopped_at > changed.due_at
    return replace(changed, stopped_at=stopped.stopped_at, state="stopped", overdue=overdue)


# --- suspending, extending, rework -------------------------------------------------------------------------


def pause(unit: Unit, event_id: Id, at: datetime, until: datetime | None = None) -> None:
    """Suspend the running clocks of an event until a time, or until they are resumed."""
    longest = timedelta(days=settings.get(DeadlineSettings).suspension_days_most)
    for row in store.running_of(unit, event_id, seen_by=_CLOCKS):
        if row.paused_at is None or (row.paused_until is not None and row.paused_until <= at):
            end = None if until is None else until.astimezone(UTC)
            change_clock(unit, row, model.pause(row.clock(), at.astimezone(UTC), end, longest))


def resume(unit: Unit, event_id: Id, at: datetime) -> None:
    """Let suspended clocks go on; nothing happens to those that run."""
    for row in store.running_of(unit, event_id, seen_by=_CLOCKS):
        change_clock(unit, row, model.resume(row.clock(), at.astimezone(UTC)))


def extend(unit: Unit, event_id: Id, stage: str) -> ClockRow:
    """Grant one more original limit on the current deadline of a stage. Of a limit in two parts it is the repair that
    is extended. ``ClockAtRest`` when none runs, ``ExtensionRefused`` when the rules forbid it."""
    rows = store.running_of(unit, event_id, stage, seen_by=_CLOCKS)
    if not rows:
        raise ClockAtRest(stage, "none")
    row = next((row for row in rows if row.part == REPAIR), rows[0])
    most = settings.get(DeadlineSettings).extensions_most
    return change_clock(unit, row, model.extend(row.clock(), almanac_of(unit, row), unit.now, most))


def rework(unit: Unit, event_id: Id, stage: str, policy: Rework | None = None) -> None:
    """After a failed check: let the clock of a stage run as the policy says. The clocks that the new round has
    started are taken for it; where none was started, the last one that stopped runs again from now on."""
    chosen = policy or settings.get(DeadlineSettings).rework
    rows = [row for row in store.of_event(unit, event_id, seen_by=_CLOCKS) if row.stage == stage]
    stopped = {(row.part, row.org): row for row in rows if row.stopped_at is not None and not row.cancelled}
    fresh = {(row.part, row.org): row for row in store.running_of(unit, event_id, stage, seen_by=_CLOCKS)}
    for key, last in stopped.items():
        again = fresh.get(key)
        begun = unit.now if again is None else again.started_at
        clock = model.rework(_whole(last, rows), begun, chosen)
        if again is not None:
            change_clock(unit, again, clock)
        else:
            almanac, named = almanac_of(unit, last), replace(last, id=ids.new("clk"), overdue=False, version=1)
            row = _counted(named, clock, almanac, unit.now)
            store.add(unit, _scheduled(unit, row, almanac, told=None))


def _whole(last: ClockRow, rows: Sequence[ClockRow]) -> Clock:
    """The last round's clock with the limit of the first, so that half a limit is not halved again."""
    first = next(row for row in rows if (row.part, row.org) == (last.part, last.org))
    clock = last.clock()
    return clock if first.limit == last.limit else replace(clock, limit=parse(first.limit))


# --- bundling ----------------------------------------------------------------------------------------------


def bundle(unit: Unit, event_id: Id, into: Id) -> None:
    """Bundled timing (捆绑计时): while an event is part of another, that one's clocks count for both. Its own stand
    aside and tell nothing."""
    for row in store.running_of(unit, event_id, seen_by=_CLOCKS):
        store.save(unit, replace(row, bundled_into=into, token=row.token + 1), row)


def unbundle(unit: Unit, event_id: Id, at: datetime) -> None:
    """Take an event's own clocks up again at ``at``, as if they had never stood aside: they ran all the time. Marks
    that passed meanwhile are told now."""
    for row in store.bundled_of(unit, event_id, seen_by=_CLOCKS):
        freed = replace(row, bundled_into=None, token=row.token + 1)
        store.save(unit, _scheduled(unit, freed, almanac_of(unit, row), told=row.fired), row)


def hold(unit: Unit, event_id: Id, *, is_new: bool = False) -> None:
    """The unit is about to act on an event: its clocks are read, and locked, with what else is on its way."""
    store.hold(unit, event_id, seen_by=_CLOCKS, is_new=is_new)


# --- reading -----------------------------------------------------------------------------------------------


def clocks_of(unit: Unit, event_ids: Iterable[Id]) -> dict[Id, list[ClockRow]]:
    """All clocks of these events, the stopped ones too, in the order of their start."""
    wanted = list(dict.fromkeys(event_ids))
    found: dict[Id, list[ClockRow]] = {event_id: [] for event_id in wanted}
    for row in store.of_events(unit, wanted, seen_by=unit.actor):
        found[row.event_id].append(row)
    return found


def list_touching(
    unit: Unit, actor: Actor, calendar: str, spans: Sequence[tuple[datetime, datetime]], most: int
) -> list[ClockRow]:
    """Running clocks of a calendar that run while one of these spans does, and those of unknown years."""
    return span_store.list_touching(unit, calendar, spans, most, seen_by=actor)


def most_pressing(unit: Unit, event_id: Id) -> ClockRow | None:
    """The running clock of an event that is due first; None when none runs or all are suspended without end. Windows
    press nobody."""
    running = [row for row in store.of_event(unit, event_id, seen_by=_CLOCKS) if row.is_running and not row.is_window]
    rows = [row for row in running if row.due_at is not None]
    return min(rows, key=lambda row: (row.due_at, row.id), default=None)


def overdue_stages(unit: Unit, event_id: Id) -> set[str]:
    """The stages that are late now or were when they stopped. That fact stays, whatever is exempted later."""
    return {
        row.stage
        for row in store.of_event(unit, event_id, seen_by=_CLOCKS)
        if not row.cancelled and (row.overdue or (row.is_running and row.due_at is not None and unit.now > row.due_at))
    }


# --- marks and timers --------------------------------------------------------------------------------------


def tick(unit: Unit, due: Sequence[tuple[Id, str]]) -> None:
    """Timers of clocks have come: tell every mark that has passed, and wait for the next. The timer of an earlier
    schedule, of a stopped clock or of one that stands aside does nothing."""
    asked = {(clock_id, token) for clock_id, token in due}
    for row in store.find_many(unit, {clock_id for clock_id, _ in asked}, seen_by=_CLOCKS):
        if row.is_running and (row.id, str(row.token)) in asked and row.due_at is not None:
            almanac = almanac_of(unit, row)
            passed = [share for moment, share in _moments(row, almanac) if moment <= unit.now]
            for share in passed[row.fired :]:
                _tell(unit, row, share)
            store.save(unit, _scheduled(unit, row, almanac, told=max(len(passed), row.fired)), row)


def settle(unit: Unit, name: str, after: Id | None = None) -> Id | None:
    """After a notice was published: count the provisional clocks of a calendar anew under its newest version, when
    that version only adds what was unknown to the one they began under. Returns the last clock looked at while more
    may follow."""
    newest = calendar_service.almanac(unit, name)
    rows = store.provisional_after(unit, name, after, _SETTLE_BATCH, seen_by=_CLOCKS)
    for row in rows:
        began_under = almanac_of(unit, row).calendar
        if row.calendar_version != newest.calendar.version and agrees(began_under, newest.calendar):
            pinned = replace(row, calendar_version=newest.calendar.version, token=row.token + 1)
            changed = _counted(pinned, row.clock(), newest, unit.now)
            store.save(unit, _scheduled(unit, changed, newest, told=None) if row.is_running else changed, row)
    return rows[-1].id if len(rows) == _SETTLE_BATCH else None


def change_clock(unit: Unit, row: ClockRow, clock: Clock) -> ClockRow:
    """Save what a rule made of a running clock, with a new schedule."""
    almanac = almanac_of(unit, row)
    counted = _counted(row, clock, almanac, unit.now)
    if counted == row:
        return row
    changed = _scheduled(unit, replace(counted, token=row.token + 1), almanac, told=None)
    store.save(unit, changed, row)
    return changed


def _counted(row: ClockRow, clock: Clock, almanac: Almanac, now: datetime) -> ClockRow:
    """The row of a clock: its deadline, last warn mark and suspensions worked out."""
    due = model.due(clock, almanac)
    early = [mark for mark in row.marks if mark < 1]
    warn = model.mark_times(clock, almanac, (max(early),))[0] if early else None
    paused = next((p for p in clock.pauses if p.last is None or p.last > now), None) if not clock.stopped_at else None
    return replace(
        row,
        limit=str(clock.limit),
        kind=clock.limit.kind.value,
        started_at=clock.started_at,
        due_at=None if due.at is None else due.at.astimezone(UTC),
        warn_at=None if warn is None else warn.astimezone(UTC),
        provisional=due.is_provisional,
        pauses=tuple((p.first.isoformat(), None if p.last is None else p.last.isoformat()) for p in clock.pauses),
        extended=clock.extensions,
        stopped_at=clock.stopped_at,
        paused_at=None if paused is None else paused.first,
        paused_until=None if paused is None else paused.last,
        paused_s=sum(int((p.last - p.first).total_seconds()) for p in clock.pauses if p.last is not None),
        state="stopped" if clock.stopped_at is not None else "paused" if paused is not None else "running",
    )


def _scheduled(unit: Unit, row: ClockRow, almanac: Almanac, told: int | None) -> ClockRow:
    """Set the timer of the next mark. ``told`` marks count as told (None: those that have passed)."""
    moments = _moments(row, almanac)
    fired = sum(1 for moment, _ in moments if moment <= unit.now) if told is None else told
    if fired < len(moments):
        unit.at(moments[fired][0], "deadline.tick", row.id, str(row.token))
    return replace(row, fired=fired)


def _moments(row: ClockRow, almanac: Almanac) -> list[tuple[datetime, float]]:
    """When each mark and the deadline itself come, in order; none of a window, or while nobody knows when it is due."""
    if row.due_at is None or row.is_window:
        return []
    times = model.mark_times(row.clock(), almanac, row.marks)
    marks = [(moment.astimezone(UTC), share) for moment, share in zip(times, row.marks, strict=True) if moment]
    return sorted([*marks, (row.due_at, 1.0)], key=lambda item: item[1])


def _tell(unit: Unit, row: ClockRow, share: float) -> None:
    assert row.due_at is not None
    fact = DeadlineNear if share < 1 else DeadlinePassed
    unit.tell(
        fact(
            clock_id=str(row.id),
            event_id=str(row.event_id),
            stage=row.stage,
            part=row.part,
            org=None if row.org is None else str(row.org),
            kind=row.kind,
            limit=row.limit,
            calendar=row.calendar,
            started_at=row.started_at,
            due_at=row.due_at,
            share=share,
            at=unit.now,
        )
    )


def almanac_of(unit: Unit, row: ClockRow) -> Almanac:
    """The calendar version that a clock began under."""
    return calendar_service.almanac(unit, row.calendar, row.calendar_version)
