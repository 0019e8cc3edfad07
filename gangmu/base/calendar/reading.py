"""Reading a calendar from plain data (a TOML or JSON file, a database row) and writing it back.

The shape, all of it optional but ``name``::

    name = "cn"                      zone = "Asia/Shanghai"          day_hours = 8
    title = "全国"                    region = "CN"                   source = "..."      verified = true
    week = ["mon", "tue", "wed", "thu", "fri"]                       # or {mon = true, sat = "08:00-12:00"}
    hours = "08:00-12:00,14:00-18:00"
    years = [2026]                                                   # published years; "all" = every year is sure
    holidays = ["2026-10-01..2026-10-07"]                            # or tables, see below
    workdays = ["2026-09-20"]
    seasons = {planting = ["03-01..04-30", "10-15..11-30"]}
    [[season_hours]]    title = "夏季"   season = "05-01..09-30"   hours = "08:00-12:00,15:00-18:30"
    [[day]]             date = 2026-02-16   working = true   hours = "08:00-12:00"   name = "半天"
    [[notice]]          year = 2026  cite = "..."  off = [{name, from, to}]  work = [dates]
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gangmu.base.calendar.errors import CalendarUnreadable
from gangmu.base.calendar.model import (
    DAY,
    DEFAULT_SPANS,
    DEFAULT_ZONE,
    FIVE_DAYS,
    WEEKDAYS,
    Calendar,
    Day,
    Hours,
    Season,
    Span,
    WeekDay,
)

_TIME = re.compile(r"^(\d{1,2}):(\d{2})$")
_MONTH_DAY = re.compile(r"^(\d{2})-(\d{2})$")
_RANGE = re.compile(r"\s*(?:\.\.|/|~|至|到)\s*")
_NAME = re.compile(r"^[a-z0-9][a-z0-9_.-]{0,39}$")
_KEYS = {
    *("name", "version", "title", "region", "zone", "timezone", "day_hours", "source", "verified", "week", "hours"),
    *("years", "holidays", "workdays", "seasons", "season_hours", "day", "days", "notice", "valid_from", "valid_to"),
}


def read(data: Mapping[str, Any], *, name: str = "") -> Calendar:
    """A calendar from plain data; ``CalendarUnreadable`` says where it is wrong. ``name`` is taken when the data
    has none."""
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise CalendarUnreadable(unknown[0], "is not a key of a calendar")
    days = {row.date: row for row in _days(data)}
    title = data.get("title", "")
    return Calendar(
        name=_name(data.get("name", name)),
        version=_whole(data.get("version", 1), "version"),
        title=title if isinstance(title, str) else str(title),
        region=str(data.get("region", "")),
        zone=_zone(data.get("zone", data.get("timezone", DEFAULT_ZONE))),
        week=_week(data.get("week")),
        spans=read_spans(data["hours"], "hours") if "hours" in data else DEFAULT_SPANS,
        hours=tuple(_season_hours(item) for item in _list(data.get("season_hours", []), "season_hours")),
        days=dict(sorted(days.items())),
        years=_years(data, days),
        seasons=_seasons(data.get("seasons", {})),
        day_minutes=_day_minutes(data.get("day_hours", 8)),
        source=str(data.get("source", "")),
        verified=bool(data.get("verified", False)),
        valid_from=_optional_day(data.get("valid_from"), "valid_from"),
        valid_to=_optional_day(data.get("valid_to"), "valid_to"),
    )


def write(calendar: Calendar) -> dict[str, Any]:
    """The plain data of a calendar; ``read(write(c)) == c``."""
    data: dict[str, Any] = {
        "name": calendar.name,
        "version": calendar.version,
        "title": calendar.title,
        "region": calendar.region,
        "zone": calendar.zone,
        "day_hours": calendar.day_minutes / 60,
        "source": calendar.source,
        "verified": calendar.verified,
        "week": {
            key: (write_spans(usual.spans) if usual.spans else True)
            for key, usual in zip(WEEKDAYS, calendar.week, strict=True)
            if usual.works
        },
        "hours": write_spans(calendar.spans),
        "years": "all" if calendar.years is None else sorted(calendar.years),
        "seasons": {key: [write_season(part) for part in parts] for key, parts in calendar.seasons.items()},
        "season_hours": [
            {"title": item.title, "season": write_season(item.season), "hours": write_spans(item.spans)}
            for item in calendar.hours
        ],
        "days": [write_day(row) for row in calendar.days.values()],
    }
    for key, day in (("valid_from", calendar.valid_from), ("valid_to", calendar.valid_to)):
        if day is not None:
            data[key] = day.isoformat()
    return data


def write_day(row: Day) -> dict[str, Any]:
    return {
        "date": row.date.isoformat(),
        "working": row.working,
        "name": row.name,
        "hours": write_spans(row.spans),
        "source": row.source,
        "verified": row.verified,
    }


def read_spans(value: Any, where: str) -> tuple[Span, ...]:
    """``"08:00-12:00,14:00-18:00"`` (or a list of such) as minutes; in order, without overlap, up to 24:00."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not parts:
        raise CalendarUnreadable(where, "hours are written 08:00-12:00,14:00-18:00")
    spans: list[Span] = []
    for part in parts:
        ends = part if isinstance(part, list | tuple) else str(part).split("-")
        if len(ends) != 2:
            raise CalendarUnreadable(where, f"{part!r} is not a span such as 08:00-12:00")
        first, last = (_minutes(str(end).strip(), where) for end in ends)
        if first >= last:
            raise CalendarUnreadable(where, f"{part!r} ends before it begins; split hours that run over midnight")
        if spans and first < spans[-1][1]:
            raise CalendarUnreadable(where, f"{part!r} overlaps the hours before it")
        spans.append((first, last))
    return tuple(spans)


def write_spans(spans: tuple[Span, ...]) -> str:
    return ",".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in spans)


def read_season(value: Any, where: str) -> Season:
    """``"05-01..09-30"`` as a season."""
    ends = _RANGE.split(str(value).strip())
    if len(ends) != 2 or not all(_MONTH_DAY.match(end) for end in ends):
        raise CalendarUnreadable(where, f"{value!r} is not a season such as 05-01..09-30")
    for end in ends:
        _day(f"2024-{end}", where)
    return Season(ends[0], ends[1])


def write_season(season: Season) -> str:
    return f"{season.first}..{season.last}"


def _minutes(text: str, where: str) -> int:
    match = _TIME.match(text)
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if match is None or int(match[2]) > 59 or minutes > DAY:
        raise CalendarUnreadable(where, f"{text!r} is not a time such as 08:00")
    return minutes


def _name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.match(value):
        raise CalendarUnreadable("name", "a name is small letters, digits, dot, dash or underscore, at most 40")
    return value


def _whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise CalendarUnreadable(where, f"{value!r} is not a whole number")
    return value


def _zone(value: Any) -> str:
    try:
        ZoneInfo(str(value))
    except (LookupError, ValueError, OSError):
        raise CalendarUnreadable("zone", f"{value!r} is not a time zone such as Asia/Shanghai") from None
    return str(value)


def _day_minutes(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 24:
        raise CalendarUnreadable("day_hours", f"{value!r} is not a number of hours")
    return round(value * 60)


def _week(value: Any) -> tuple[WeekDay, ...]:
    if value is None:
        return FIVE_DAYS
    if isinstance(value, Mapping):
        given = {str(key): item for key, item in value.items()}
    elif isinstance(value, list | tuple):
        given = {str(key): True for key in value}
    else:
        raise CalendarUnreadable("week", "list the days worked, such as mon, tue")
    wrong = [key for key in given if key not in WEEKDAYS]
    if wrong:
        raise CalendarUnreadable("week", f"{wrong[0]!r} is none of {', '.join(WEEKDAYS)}")
    return tuple(_week_day(given.get(key, False)) for key in WEEKDAYS)


def _week_day(value: Any) -> WeekDay:
    if isinstance(value, bool):
        return WeekDay(value)
    return WeekDay(True, read_spans(value, "week"))


def _season_hours(item: Any) -> Hours:
    if not isinstance(item, Mapping) or "season" not in item or "hours" not in item:
        raise CalendarUnreadable("season_hours", "each needs season and hours")
    where = "season_hours"
    return Hours(str(item.get("title", "")), read_season(item["season"], where), read_spans(item["hours"], where))


def _seasons(value: Any) -> dict[str, tuple[Season, ...]]:
    if not isinstance(value, Mapping):
        raise CalendarUnreadable("seasons", 'write planting = ["03-01..04-30"]')
    return {
        str(key): tuple(read_season(part, f"seasons.{key}") for part in _list(parts, f"seasons.{key}"))
        for key, parts in value.items()
    }


def _days(data: Mapping[str, Any]) -> Iterator[Day]:
    source, verified = str(data.get("source", "")), bool(data.get("verified", False))
    for notice in _list(data.get("notice", []), "notice"):
        cite = str(notice.get("cite", source))
        sure = bool(notice.get("verified", verified))
        yield from _off(notice.get("off", []), "notice.off", cite, sure)
        yield from _worked(notice.get("work", []), "notice.work", cite, sure)
    yield from _off(data.get("holidays", []), "holidays", source, verified)
    yield from _worked(data.get("workdays", []), "workdays", source, verified)
    for where in ("day", "days"):
        for item in _list(data.get(where, []), where):
            yield _one_day(item, where, source, verified)


def _off(items: Any, where: str, source: str, verified: bool) -> Iterator[Day]:
    if isinstance(items, Mapping):
        items = [{"date": key, "name": str(name)} for key, name in items.items()]
    for item in _list(items, where):
        name, first, last = _span_of_days(item, where)
        for number in range((last - first).days + 1):
            yield Day(first + timedelta(days=number), False, name, (), source, verified)


def _worked(items: Any, where: str, source: str, verified: bool) -> Iterator[Day]:
    for item in _list(items, where):
        name, first, last = _span_of_days(item, where)
        for number in range((last - first).days + 1):
            yield Day(first + timedelta(days=number), True, name, (), source, verified)


def _span_of_days(item: Any, where: str) -> tuple[str, date, date]:
    if isinstance(item, Mapping):
        first = _day(item.get("from", item.get("date")), where)
        last = _day(item.get("to", first), where)
        name = str(item.get("name", ""))
    else:
        ends = _RANGE.split(item.strip()) if isinstance(item, str) else [item]
        first, last, name = _day(ends[0], where), _day(ends[-1], where), ""
    if not 0 <= (last - first).days <= 366:
        raise CalendarUnreadable(where, f"{first} to {last} is not a span of days")
    return name, first, last


def _one_day(item: Any, where: str, source: str, verified: bool) -> Day:
    if not isinstance(item, Mapping) or "date" not in item or not isinstance(item.get("working"), bool):
        raise CalendarUnreadable(where, "each day needs date and working = true or false")
    hours = item.get("hours") or ""
    return Day(
        date=_day(item["date"], where),
        working=item["working"],
        name=str(item.get("name", "")),
        spans=read_spans(hours, where) if hours else (),
        source=str(item.get("source", source)),
        verified=bool(item.get("verified", verified)),
    )


def _day(value: Any, where: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise CalendarUnreadable(where, f"{value!r} is not a day such as 2026-10-01") from None


def _optional_day(value: Any, where: str) -> date | None:
    return None if value is None else _day(value, where)


def _years(data: Mapping[str, Any], days: Mapping[date, Day]) -> frozenset[int] | None:
    given = data.get("years")
    if given == "all":
        return None
    noticed = [_whole(item.get("year"), "notice.year") for item in _list(data.get("notice", []), "notice")]
    if given is not None:
        return frozenset(_whole(year, "years") for year in _list(given, "years")) | frozenset(noticed)
    if noticed:
        return frozenset(noticed)
    return frozenset(day.year for day in days) if days else None


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise CalendarUnreadable(where, "must be a list")
    return list(value)
