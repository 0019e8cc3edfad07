"""Work calendars as spreadsheets: days that differ from the week (holidays, swapped weekends), hours of seasons.

A file makes one version of each calendar that it changes. A year of which it names a week of days off or more is known
from then on: its notice has been published.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from gangmu.base.calendar import service
from gangmu.base.calendar.errors import CalendarUnreadable
from gangmu.base.calendar.model import Calendar, Day, Hours, with_days
from gangmu.base.calendar.reading import read_season, read_spans, write_season, write_spans
from gangmu.kit.actor import Actor
from gangmu.kit.sheet_kinds import BadRow, Column, Line, Outcome, SheetKind, sheet_kind
from gangmu.kit.unit import Unit

_PUBLISHED = 7  # so many days off make a notice of a year
_HYPHENS = str.maketrans("\u2014\u2013~\uff5e至\uff1a\uff0c\uff1b;、", "-----:,,,,")


def day_rows(unit: Unit, actor: Actor, calendar: str = "", year: str = "") -> Iterator[Mapping[str, Any]]:
    """The days that differ, of every calendar in its newest version."""
    for _, found in service.list_calendars(unit, actor):
        if calendar in ("", found.name):
            for row in found.days.values():
                if year in ("", str(row.date.year)):
                    yield {
                        "calendar": found.name,
                        "date": row.date,
                        "working": row.working,
                        "name": row.name,
                        "hours": write_spans(row.spans),
                        "source": row.source,
                        "verified": row.verified,
                    }


def hour_rows(unit: Unit, actor: Actor, calendar: str = "") -> Iterator[Mapping[str, Any]]:
    """The usual hours and those of seasons."""
    for _, found in service.list_calendars(unit, actor):
        if calendar in ("", found.name):
            yield {"calendar": found.name, "name": "", "season": "", "hours": write_spans(found.spans)}
            for part in found.hours:
                hours = write_spans(part.spans)
                yield {"calendar": found.name, "name": part.title, "season": write_season(part.season), "hours": hours}


@dataclass(slots=True)
class TakeCalendars:
    """Rows of a file over the newest versions; ``end`` publishes what has changed. A preview is taken back."""

    unit: Unit
    actor: Actor
    read: Callable[[Calendar, Line], Calendar]
    found: dict[str, Calendar] = field(default_factory=dict)
    new: dict[str, Calendar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.found = {one.name: one for _, one in service.list_calendars(self.unit, self.actor)}
        self.new = dict(self.found)

    def take(self, line: Line) -> Outcome:
        was = self.new.get(line["calendar"])
        if was is None:
            raise BadRow("calendar", "unknown_calendar", value=line["calendar"])
        try:
            now = self.read(was, line)
        except CalendarUnreadable as wrong:
            raise BadRow("hours" if "hours" in wrong.params["where"] else "season", "unreadable") from wrong
        self.new[was.name] = now
        if now == was:
            return "unchanged"
        if line.is_true("ended"):
            return "ended"
        return "added" if len(now.days) + len(now.hours) > len(was.days) + len(was.hours) else "changed"

    def end(self) -> None:
        for name, now in self.new.items():
            was = self.found[name]
            if now != was:
                service.put_calendar(self.unit, self.actor, was.version, replace(now, years=_known(was, now)))


def _known(was: Calendar, now: Calendar) -> frozenset[int] | None:
    if was.years is None:
        return None
    off = Counter(row.date.year for day, row in now.days.items() if not row.working and was.days.get(day) != row)
    return was.years | {year for year, days in off.items() if days >= _PUBLISHED}


def read_day(was: Calendar, line: Line) -> Calendar:
    """A calendar with a day of the file."""
    day = date.fromisoformat(line["date"])
    if line.is_true("ended"):
        return replace(was, days={key: row for key, row in was.days.items() if key != day})
    spans = read_spans(line["hours"].translate(_HYPHENS), "hours") if line["hours"] else ()
    row = Day(day, line.is_true("working"), line["name"], spans, line["source"], line["verified"] != "no")
    return replace(was, days=with_days(was.days, [row]))


def read_hours(was: Calendar, line: Line) -> Calendar:
    """A calendar with the usual hours, or those of a season, of the file."""
    spans = read_spans(line["hours"].translate(_HYPHENS), "hours")
    if not line["season"]:
        if line["name"] or line.is_true("ended"):
            raise BadRow("season", "missing")
        return replace(was, spans=spans)
    season = read_season(line["season"].replace("至", "..").replace("~", ".."), "season")
    new = Hours(line["name"], season, spans)
    at = next((at for at, part in enumerate(was.hours) if (part.title, part.season) == (new.title, season)), None)
    if line.is_true("ended"):
        return was if at is None else replace(was, hours=(*was.hours[:at], *was.hours[at + 1 :]))
    if at is None:
        return replace(was, hours=(*was.hours, new))
    return replace(was, hours=(*was.hours[:at], new, *was.hours[at + 1 :]))


_ENDED = Column("ended", form="truth", width=10)
_RIGHTS = {"can_read": "calendar.read", "can_write": "calendar.manage", "batch": 0}

sheet_kind(
    SheetKind(
        id="calendar_days",
        order=40,
        columns=(
            Column("calendar", must=True, form="code", most=40, fill=True, width=14),
            Column("date", must=True, form="date", width=14),
            Column("working", must=True, form="truth", fill=True, width=12),
            Column("name", most=60, fill=True),
            Column("hours", most=120, width=28),
            Column("source", most=200, fill=True, width=40),
            Column("verified", form="truth", width=10),
            _ENDED,
        ),
        key=("calendar", "date"),
        rows=day_rows,
        start=lambda unit, actor, _: TakeCalendars(unit, actor, read_day),
        asks=("calendar", "year"),
        **_RIGHTS,  # type: ignore[arg-type]
    )
)
sheet_kind(
    SheetKind(
        id="calendar_hours",
        order=41,
        columns=(
            Column("calendar", must=True, form="code", most=40, fill=True, width=14),
            Column("name", most=60),
            Column("season", most=40, width=18),
            Column("hours", must=True, most=120, width=28),
            _ENDED,
        ),
        key=("calendar", "name", "season"),
        rows=hour_rows,
        start=lambda unit, actor, _: TakeCalendars(unit, actor, read_hours),
        asks=("calendar",),
        **_RIGHTS,  # type: ignore[arg-type]
    )
)
