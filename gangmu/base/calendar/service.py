"""Use cases of calendars. Every edit makes the next version; clocks keep the version they began under."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

import orjson

from gangmu.base.calendar import store
from gangmu.base.calendar.errors import CalendarUnreadable, NoCalendar
from gangmu.base.calendar.model import Calendar, Day, Hours, Span, WeekDay, with_days, with_notice
from gangmu.base.calendar.reading import write
from gangmu.base.calendar.shipped import shipped, shipped_names
from gangmu.base.calendar.store import Stored
from gangmu.base.calendar.timeline import Almanac
from gangmu.kit import db, seal
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Conflict, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.calendar import CalendarChanged

_READER = System("calendar")
_almanacs: dict[Id, Almanac] = {}


def list_calendars(unit: Unit, actor: Actor) -> list[tuple[Stored, Calendar]]:
    """The newest version of every calendar."""
    return [(found, store.get(unit, found.id, seen_by=actor)) for found in store.list_newest(unit, seen_by=actor)]


def list_versions(unit: Unit, actor: Actor, name: str) -> list[Stored]:
    """The versions of a calendar, newest first; ``NoCalendar`` if there is none."""
    found = store.list_versions(unit, name, seen_by=actor)
    if not found:
        raise NoCalendar(name)
    return found


def get_calendar(unit: Unit, actor: Actor, name: str, version: int | None = None) -> Calendar:
    """A version of a calendar, the newest if none is named; ``NoCalendar`` otherwise."""
    return store.get(unit, _stored(unit, actor, name, version).id, seen_by=actor)


def almanac(unit: Unit, name: str, version: int | None = None, on: date | None = None) -> Almanac:
    """A calendar laid out for counting: this version, else the newest one that is valid on a day (the newest at
    all if none is). Laid out once a process, since versions never change."""
    if version is not None:
        kept = db.current().forever
        if ("almanac", name, version) not in kept:
            kept["almanac", name, version] = _laid_out(unit, _stored(unit, _READER, name, version))
        pinned: Almanac = kept["almanac", name, version]
        return pinned
    newest = unit.lately(store.calendar, ("newest", name), lambda: _stored(unit, _READER, name, None))
    found = _laid_out(unit, newest)
    if on is None or found.calendar.is_valid_on(on):
        return found
    for older in store.list_versions(unit, name, seen_by=_READER):
        candidate = _laid_out(unit, older)
        if candidate.calendar.is_valid_on(on):
            return candidate
    return found


def _laid_out(unit: Unit, stored: Stored) -> Almanac:
    found = _almanacs.get(stored.id)
    if found is None:
        if len(_almanacs) > 500:
            _almanacs.clear()
        found = _almanacs[stored.id] = Almanac(store.get(unit, stored.id, seen_by=_READER))
    return found


@lru_cache(maxsize=20)
def shipped_almanac(name: str) -> Almanac:
    """A calendar of the package laid out, for counting without a database."""
    return Almanac(shipped(name))


# --- edits -------------------------------------------------------------------------------------------------


def put_day(unit: Unit, actor: Actor, name: str, seen: int, row: Day) -> Calendar:
    """Make a day a holiday, a working day or one with hours of its own. ``seen`` is the version the editor saw."""
    return _edit(unit, actor, name, seen, lambda was: replace(was, days=with_days(was.days, [row])))


def drop_day(unit: Unit, actor: Actor, name: str, seen: int, day: date) -> Calendar:
    """Let a day follow the weekly pattern again."""
    return _edit(
        unit,
        actor,
        name,
        seen,
        lambda was: replace(was, days={key: row for key, row in was.days.items() if key != day}),
    )


def put_days(unit: Unit, actor: Actor, name: str, seen: int, rows: Mapping[date, Day | None]) -> Calendar:
    """Change several days at once, in one version; None lets a day follow the week again."""

    def changed(was: Calendar) -> Calendar:
        kept = {day: row for day, row in was.days.items() if day not in rows}
        return replace(was, days=with_days(kept, [row for row in rows.values() if row is not None]))

    return _edit(unit, actor, name, seen, changed)


def put_year(unit: Unit, actor: Actor, name: str, seen: int, year: int, rows: Iterable[Day]) -> Calendar:
    """Take over the published notice of a year: its days replace those there were, and the year is known."""
    given = list(rows)
    for row in given:
        if abs(row.date.year - year) > 1:
            raise CalendarUnreadable("days", f"{row.date} does not belong to the notice of {year}")

    return _edit(unit, actor, name, seen, lambda was: with_notice(was, year, given))


def put_hours(
    unit: Unit,
    actor: Actor,
    name: str,
    seen: int,
    *,
    spans: tuple[Span, ...],
    hours: tuple[Hours, ...],
    week: tuple[WeekDay, ...],
    day_minutes: int,
) -> Calendar:
    """Set the weekly pattern, the usual hours, those of seasons and the worth of a working day."""
    return _edit(
        unit,
        actor,
        name,
        seen,
        lambda was: replace(was, spans=spans, hours=hours, week=week, day_minutes=day_minutes),
    )


def put_calendar(unit: Unit, actor: Actor, seen: int, new: Calendar) -> Calendar:
    """Put a whole calendar as the next version of its name. ``seen`` 0 founds a new one (``Conflict`` if there)."""
    store.lock(unit)
    if seen == 0:
        if store.find_newest(unit, new.name, seen_by=_READER) is not None:
            raise Conflict(rule="calendar_name", name=new.name)
        return _publish(unit, None, replace(new, version=1))
    return _edit(unit, actor, new.name, seen, lambda _: new)


def _edit(unit: Unit, actor: Actor, name: str, seen: int, change: Callable[[Calendar], Calendar]) -> Calendar:
    store.lock(unit)
    was = get_calendar(unit, actor, name)
    if was.version != seen:
        raise StaleWrite(about=f"calendar {name}", version=was.version)
    changed = change(was)
    if changed == was:
        return was
    return _publish(unit, was, replace(changed, version=was.version + 1))


def _publish(unit: Unit, was: Calendar | None, new: Calendar) -> Calendar:
    calendar_id = store.add(unit, new, is_edited=True)
    unit.note("calendar changed", calendar_id, calendar=new.name, version=new.version, changed=_changed_days(was, new))
    _tell(unit, was, new)
    return new


def _changed_days(was: Calendar | None, new: Calendar) -> list[str]:
    """The days that differ between two versions, for the journal."""
    before = {} if was is None else was.days
    days = before.keys() | new.days.keys()
    return [day.isoformat() for day in sorted(days) if before.get(day) != new.days.get(day)][:400]


def _tell(unit: Unit, was: Calendar | None, new: Calendar) -> None:
    known = frozenset() if was is None or was.years is None else was.years
    added = sorted((new.years or frozenset()) - known)
    unit.tell(CalendarChanged(new.name, new.version, added))


# --- shipped rows ------------------------------------------------------------------------------------------


def load_shipped(unit: Unit) -> None:
    """Take over the calendars of the package. Idempotent."""
    for name in shipped_names():
        take_over(unit, shipped(name))


def take_over(unit: Unit, fresh: Calendar) -> None:
    """Take over a calendar of a release. One that was edited here keeps its edits and only gains the years that were
    unknown to it; the same release is taken over once."""
    store.lock(unit)
    digest = seal.sm3(orjson.dumps(write(fresh))).hex()
    if store.find_shipped(unit, fresh.name, digest, seen_by=_READER) is not None:
        return
    newest = store.find_newest(unit, fresh.name, seen_by=_READER)
    if newest is None:
        store.add(unit, replace(fresh, version=1), is_edited=False, shipped=digest)
        return
    was = store.get(unit, newest.id, seen_by=_READER)
    new = replace(_with_new_years(was, fresh) if newest.is_edited else fresh, version=was.version + 1)
    store.add(unit, new, is_edited=newest.is_edited, shipped=digest)
    _tell(unit, was, new)


def _with_new_years(was: Calendar, fresh: Calendar) -> Calendar:
    if was.years is None or fresh.years is None:
        return was
    added = fresh.years - was.years
    rows = [row for day, row in fresh.days.items() if day.year in added and day not in was.days]
    return replace(was, years=was.years | added, days=with_days(was.days, rows))


def _stored(unit: Unit, actor: Actor, name: str, version: int | None) -> Stored:
    if version is None:
        found = store.find_newest(unit, name, seen_by=actor)
    else:
        found = store.find_version(unit, name, version, seen_by=actor)
    if found is None:
        raise NoCalendar(name)
    return found
