"""The only SQL of clocks. Clocks are reached by their event, which the asker must be able to see; the rules of the
clocks read them as the system."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gangmu.core.deadline.limit import Meaning, parse
from gangmu.core.deadline.model import Clock, Pause
from gangmu.kit import db
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, metadata, ref_col, text_col, version_col, when
from gangmu.kit.ids import Id
from gangmu.kit.unit import Soon, Unit

RUNNING = sa.text("stopped_at IS NULL AND bundled_into IS NULL")

clock = sa.Table(
    "clock",
    metadata,
    id_col("id", "clk"),
    ref_col("event_id", "evt", nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    text_col("part"),
    ref_col("org", "org"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("limit", sa.Text, nullable=False),
    sa.Column("calendar", sa.Text, nullable=False),
    sa.Column("calendar_version", sa.Integer, nullable=False),
    sa.Column("day_meaning", sa.Text, nullable=False),
    when("started_at", nullable=False),
    when("due_at"),
    when("warn_at"),
    sa.Column("provisional", sa.Boolean, nullable=False),
    json_col("marks", nullable=False),
    json_col("pauses", nullable=False),
    sa.Column("extended", sa.Integer, nullable=False),
    when("stopped_at"),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    sa.Column("overdue", sa.Boolean, nullable=False),
    when("paused_at"),
    when("paused_until"),
    sa.Column("paused_s", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("is_window", sa.Boolean, nullable=False, server_default=sa.false()),
    ref_col("bundled_into", "evt"),
    sa.Column("fired", sa.Integer, nullable=False),
    sa.Column("token", sa.Integer, nullable=False),
    version_col(),
    sa.Index("ix_clock_event", "event_id", "id"),
    sa.Index("ix_clock_running", "event_id", "stage", postgresql_where=RUNNING),
    sa.Index("ix_clock_provisional", "calendar", "id", postgresql_where=sa.text("provisional AND stopped_at IS NULL")),
)


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One limit of an event, as stored. ``state`` is running, paused or stopped; ``warn_at`` the last warn mark before
    the deadline; ``due_at`` None while a suspension without end holds it; ``overdue`` the fact at its stop. A window
    (``is_window``) is a time within which one may do something: nobody is late when it ends, and nobody is told."""

    id: Id
    event_id: Id
    stage: str
    part: str
    org: Id | None
    kind: str
    limit: str
    calendar: str
    calendar_version: int
    day_meaning: str
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    provisional: bool
    marks: tuple[float, ...]
    pauses: tuple[tuple[str, str | None], ...]
    extended: int
    stopped_at: datetime | None
    cancelled: bool
    overdue: bool
    paused_at: datetime | None
    paused_until: datetime | None
    paused_s: int
    state: str
    is_window: bool
    bundled_into: Id | None
    fired: int
    token: int
    version: int

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None and self.bundled_into is None

    def clock(self) -> Clock:
        """The clock itself, for counting."""
        return Clock(
            parse(self.limit),
            self.started_at,
            Meaning(self.day_meaning),
            tuple(Pause(_time(first), None if last is None else _time(last)) for first, last in self.pauses),
            self.extended,
            self.stopped_at,
        )


OWED = "deadline.clocks"
_SILENT = {"fired": 0, "token": 0, "warn_at": None, "version": 0}
"""What of a clock is nobody's business but its own: its timer."""


def add(unit: Unit, new: ClockRow) -> None:
    unit.insert_later(clock, _values(new))
    unit.owe(OWED, new.id, new)
    _keep(unit, new)


def add_many(unit: Unit, new: Sequence[ClockRow], source: str) -> None:
    unit.insert_many(clock, [_values(row) for row in new], source=source)


def save(unit: Unit, changed: ClockRow, was: ClockRow) -> None:
    """Write what differs; ``StaleWrite`` if the row has moved on."""
    if replace(changed, version=was.version) == was:
        return
    values = _values(changed)
    values.pop("version")
    unit.update_later(clock, was.id, values, was=_values(was))
    now = replace(changed, version=was.version + 1)
    if replace(changed, **_SILENT) != replace(was, **_SILENT):
        unit.owe(OWED, now.id, now)
    _keep(unit, now)


def find_many(unit: Unit, clock_ids: Iterable[Id], *, seen_by: Actor) -> list[ClockRow]:
    """These clocks, locked for change: in the order in which everybody locks them, so that nobody waits in a ring."""
    query = _read(seen_by).where(clock.c.id.in_(list(clock_ids))).order_by(clock.c.id)
    return [make_clock(row) for row in unit.rows(query.with_for_update())]


@dataclass(slots=True)
class _Held:
    """The clocks of one event in the hands of one unit: read once, kept up with what the unit writes."""

    reading: Soon | None
    by_id: dict[Id, ClockRow]
    locked: bool

    def rows(self) -> list[ClockRow]:
        if self.reading is not None:
            rows, self.reading = self.reading.rows(), None
            self.by_id = {row.id: row for row in map(make_clock, rows)} | self.by_id
        return sorted(self.by_id.values(), key=lambda row: row.id)


def hold(unit: Unit, event_id: Id, *, seen_by: Actor, lock: bool = True, is_new: bool = False) -> None:
    """Read the clocks of an event with whatever else is on its way, locked for change: the unit will ask for them
    several times. Nothing is sent yet. A new event has none."""
    held: _Held | None = unit.memo.get(("clocks", event_id))
    if is_new:
        unit.memo["clocks", event_id] = _Held(None, {}, True)
    elif held is None or (lock and not held.locked):
        given = sa.bindparam("event", type_=clock.c.event_id.type)

        def make() -> sa.Select[Any]:
            query = _read(seen_by).where(clock.c.event_id == given).order_by(clock.c.id)
            return query.with_for_update() if lock else query

        asked = unit.soon(("clocks", lock, seen_by.may("event.read")), make, event=event_id)
        unit.memo["clocks", event_id] = _Held(asked, {}, lock)


def of_event(unit: Unit, event_id: Id, *, seen_by: Actor) -> list[ClockRow]:
    """All clocks of one event; asked several times in an act, read once."""
    hold(unit, event_id, seen_by=seen_by, lock=False)
    held: _Held = unit.memo["clocks", event_id]
    return held.rows()


def _keep(unit: Unit, row: ClockRow) -> None:
    held: _Held | None = unit.memo.get(("clocks", row.event_id))
    if held is not None:
        held.rows()
        held.by_id[row.id] = row


def of_events(unit: Unit, event_ids: Iterable[Id], *, seen_by: Actor) -> list[ClockRow]:
    """All clocks of these events, in the order in which they were started."""
    query = _read(seen_by).where(clock.c.event_id.in_(list(event_ids))).order_by(clock.c.event_id, clock.c.id)
    return [make_clock(row) for row in unit.rows(query)]


def running_of(unit: Unit, event_id: Id, stage: str = "", *, seen_by: Actor) -> list[ClockRow]:
    """The clocks of an event that run or are paused, locked for change."""
    hold(unit, event_id, seen_by=seen_by)
    held: _Held = unit.memo["clocks", event_id]
    return [row for row in held.rows() if row.is_running and (not stage or row.stage == stage)]


def bundled_of(unit: Unit, event_id: Id, *, seen_by: Actor) -> list[ClockRow]:
    """The clocks of an event that stand aside while it is part of another."""
    query = _read(seen_by).where(clock.c.event_id == event_id, clock.c.bundled_into.is_not(None))
    return [make_clock(row) for row in unit.rows(query.order_by(clock.c.id).with_for_update())]


def provisional_after(unit: Unit, calendar: str, after: Id | None, most: int, *, seen_by: Actor) -> list[ClockRow]:
    """Clocks that still touch an unpublished year of a calendar, by id."""
    query = _read(seen_by).where(clock.c.calendar == calendar, clock.c.provisional, clock.c.stopped_at.is_(None))
    if after is not None:
        query = query.where(clock.c.id > after)
    return [make_clock(row) for row in unit.rows(query.order_by(clock.c.id).limit(most).with_for_update())]


def _read(seen_by: Actor) -> sa.Select[Any]:
    return sa.select(clock).where(sa.true() if seen_by.may("event.read") else sa.false())


def make_clock(row: Any) -> ClockRow:
    made = _row(row)
    return replace(made, marks=tuple(made.marks), pauses=tuple((first, last) for first, last in made.pauses))


_row = db.maker(ClockRow)
_NAMES = tuple(item.name for item in fields(ClockRow))


def _values(row: ClockRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _NAMES}
    return {**values, "marks": list(row.marks), "pauses": [list(pause) for pause in row.pauses]}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


assert {item.name for item in fields(ClockRow)} == set(clock.c.keys())
