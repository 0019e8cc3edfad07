"""Routes of calendars."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query

from gangmu.base.calendar import notice, service
from gangmu.base.calendar.errors import CalendarUnreadable, NoCalendar
from gangmu.base.calendar.model import Hours, WeekDay
from gangmu.base.calendar.reading import read, read_season, read_spans, write
from gangmu.base.calendar.schema import (
    CalendarIn,
    CalendarRow,
    Calendars,
    DayIn,
    DaysIn,
    HolidayNoticeIn,
    HolidayNoticeOut,
    HoursIn,
    VersionRow,
    Versions,
    YearIn,
    YearOut,
)
from gangmu.kit.errors import Conflict, StaleWrite
from gangmu.kit.web import Edge, Routes

routes = Routes("calendar")
Named = Annotated[str, Path(max_length=40)]
Year = Annotated[int, Path(ge=1970, le=2199)]
Version = Annotated[int | None, Query(ge=1, le=1_000_000)]


@routes.get("/calendars", can="calendar.read", answers=Calendars)
def list_calendars(at: Edge) -> Calendars:
    """工作日历列表 / The calendars, each in its newest version."""
    found = service.list_calendars(at.unit, at.actor)
    return Calendars(items=[CalendarRow.of(calendar, stored, at.unit.now.date()) for stored, calendar in found])


@routes.post("/calendars/notice", can="calendar.manage", answers=HolidayNoticeOut)
def read_notice(body: HolidayNoticeIn, at: Edge) -> HolidayNoticeOut:
    """识别放假通知 / Read the pasted words of a yearly notice: days off, swapped working days, and what is doubtful.
    Nothing is kept."""
    return HolidayNoticeOut.of(notice.read(body.text, body.year), at.lang)


@routes.post("/calendars", can="calendar.manage", answers=CalendarRow, status=201, errors=[NoCalendar, Conflict])
def found_calendar(body: CalendarIn, at: Edge) -> CalendarRow:
    """新建日历 / Found a calendar as a copy of another one."""
    base = service.get_calendar(at.unit, at.actor, body.based_on)
    zone = read({"name": body.name, "zone": body.zone or base.zone}).zone
    new = replace(base, name=body.name, title=body.title or base.title, region=body.region or base.region, zone=zone)
    return CalendarRow.of(service.put_calendar(at.unit, at.actor, 0, new))


@routes.get("/calendars/{name}/versions", can="calendar.read", answers=Versions, errors=[NoCalendar])
def list_versions(name: Named, at: Edge) -> Versions:
    """日历版本 / The versions of a calendar, newest first."""
    found = service.list_versions(at.unit, at.actor, name)
    return Versions(items=[VersionRow.model_validate(stored) for stored in found])


@routes.get("/calendars/{name}/year/{year}", can="calendar.read", answers=YearOut, errors=[NoCalendar])
def year_view(name: Named, year: Year, at: Edge, version: Version = None) -> YearOut:
    """年历 / Every day of a year with its hours and why."""
    return YearOut.of(service.get_calendar(at.unit, at.actor, name, version), year)


@routes.put(
    "/calendars/{name}/days",
    can="calendar.manage",
    answers=CalendarRow,
    errors=[NoCalendar, StaleWrite, CalendarUnreadable],
)
def put_days(name: Named, body: DaysIn, at: Edge) -> CalendarRow:
    """修改多日 / Change several days at once. Makes one version."""
    rows = {one.date: one.row() for one in body.days}
    return CalendarRow.of(service.put_days(at.unit, at.actor, name, body.version, rows))


@routes.put(
    "/calendars/{name}/days/{day}",
    can="calendar.manage",
    answers=CalendarRow,
    errors=[NoCalendar, StaleWrite, CalendarUnreadable],
)
def put_day(name: Named, day: date, body: DayIn, at: Edge) -> CalendarRow:
    """修改某日 / Make a day a holiday, a working day, or one with hours of its own. Makes the next version."""
    return CalendarRow.of(service.put_day(at.unit, at.actor, name, body.version, body.row(day)))


@routes.delete(
    "/calendars/{name}/days/{day}", can="calendar.manage", answers=CalendarRow, errors=[NoCalendar, StaleWrite]
)
def drop_day(name: Named, day: date, at: Edge, version: Annotated[int, Query(ge=1, le=1_000_000)]) -> CalendarRow:
    """恢复某日 / Let a day follow the weekly pattern again. Makes the next version."""
    return CalendarRow.of(service.drop_day(at.unit, at.actor, name, version, day))


@routes.put(
    "/calendars/{name}/years/{year}",
    can="calendar.manage",
    answers=CalendarRow,
    errors=[NoCalendar, StaleWrite, CalendarUnreadable],
)
def put_year(name: Named, year: Year, body: YearIn, at: Edge) -> CalendarRow:
    """录入年度放假通知 / Enter the published notice of a year. Makes the next version."""
    return CalendarRow.of(service.put_year(at.unit, at.actor, name, body.version, year, body.rows()))


@routes.put(
    "/calendars/{name}/hours",
    can="calendar.manage",
    answers=CalendarRow,
    errors=[NoCalendar, StaleWrite, CalendarUnreadable],
)
def put_hours(name: Named, body: HoursIn, at: Edge) -> CalendarRow:
    """修改作息时间 / Set the week, the usual hours and those of seasons. Makes the next version."""
    changed = service.put_hours(
        at.unit,
        at.actor,
        name,
        body.version,
        spans=read_spans(body.hours, "hours"),
        hours=tuple(
            Hours(part.title, read_season(part.season, "season_hours"), read_spans(part.hours, "season_hours"))
            for part in body.season_hours
        ),
        week=tuple(WeekDay(works) for works in body.week),
        day_minutes=round(body.day_hours * 60),
    )
    return CalendarRow.of(changed)


@routes.get("/calendars/{name}", can="calendar.read", answers=dict[str, Any], errors=[NoCalendar])
def whole_calendar(name: Named, at: Edge, version: Version = None) -> dict[str, Any]:
    """日历文件 / The whole calendar in the shape of a calendar file."""
    return write(service.get_calendar(at.unit, at.actor, name, version))
