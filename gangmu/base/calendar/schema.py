"""What travels of calendars."""

from datetime import date, datetime, timedelta
from typing import Annotated, TypeAlias

from pydantic import Field

from gangmu.base.calendar.errors import CalendarUnreadable
from gangmu.base.calendar.model import Calendar, Day, Why, missing_year, year_of_days
from gangmu.base.calendar.notice import Notice
from gangmu.base.calendar.reading import read_spans, write_season, write_spans
from gangmu.base.calendar.store import Stored
from gangmu.kit.text import t
from gangmu.kit.web import Listed, Schema

When: TypeAlias = date  # a field is named date
Name = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
Spans = Annotated[str, Field(max_length=100, examples=["08:00-12:00,14:00-18:00"])]
Line = Annotated[str, Field(max_length=200)]
Seen = Annotated[int, Field(ge=0, le=1_000_000, description="The version that the editor saw.")]


class SeasonHours(Schema):
    """Working hours of a part of the year, such as 05-01..09-30."""

    title: Line = ""
    season: Annotated[str, Field(max_length=20, examples=["05-01..09-30"])]
    hours: Spans


class CalendarRow(Schema):
    """A calendar in a list: its newest version."""

    name: str
    version: int
    title: str
    region: str
    zone: str
    hours: str
    day_hours: float
    years: list[int] | None = Field(description="The published years; null when every year is sure.")
    source: str
    verified: bool
    valid_from: date | None
    valid_to: date | None
    is_edited: bool
    made_at: datetime | None
    missing_year: int | None = Field(None, description="A year that is near and whose notice is not entered.")

    @classmethod
    def of(cls, found: Calendar, stored: Stored | None = None, today: date | None = None) -> "CalendarRow":
        return cls(
            name=found.name,
            version=found.version,
            title=found.title,
            region=found.region,
            zone=found.zone,
            hours=write_spans(found.spans),
            day_hours=found.day_minutes / 60,
            years=None if found.years is None else sorted(found.years),
            source=found.source,
            verified=found.verified,
            valid_from=found.valid_from,
            valid_to=found.valid_to,
            is_edited=stored is None or stored.is_edited,
            made_at=None if stored is None else stored.made_at,
            missing_year=None if today is None else missing_year(found, today),
        )


class Calendars(Listed):
    items: list[CalendarRow]


class VersionRow(Schema):
    version: int
    made_at: datetime
    is_edited: bool


class Versions(Listed):
    items: list[VersionRow]


class DayOut(Schema):
    """A day of the year view. ``is_row`` says that the day is entered, not only following the week."""

    date: date
    why: Why
    working: bool
    hours: str
    name: str
    source: str
    is_row: bool


class YearOut(Schema):
    """A year of a calendar. ``known`` is false while its notice is not published: deadlines are then provisional."""

    name: str
    version: int
    year: int
    known: bool
    hours: str
    week: list[bool]
    season_hours: list[SeasonHours]
    seasons: dict[str, list[str]]
    days: list[DayOut]

    @classmethod
    def of(cls, found: Calendar, year: int) -> "YearOut":
        days = []
        for day, why, spans, name in year_of_days(found, year):
            row = found.days.get(day)
            days.append(
                DayOut(
                    date=day,
                    why=why,
                    working=bool(spans),
                    hours=write_spans(spans),
                    name=name,
                    source=row.source if row else "",
                    is_row=row is not None,
                )
            )
        return cls(
            name=found.name,
            version=found.version,
            year=year,
            known=found.knows(year),
            hours=write_spans(found.spans),
            week=[usual.works for usual in found.week],
            season_hours=[
                SeasonHours(title=part.title, season=write_season(part.season), hours=write_spans(part.spans))
                for part in found.hours
            ],
            seasons={key: [write_season(part) for part in parts] for key, parts in found.seasons.items()},
            days=days,
        )


class DayIn(Schema):
    """A day as it shall be."""

    version: Seen
    working: bool
    name: Line = ""
    hours: Annotated[str, Field(max_length=100)] = ""
    source: Line = ""

    def row(self, day: date) -> Day:
        spans = read_spans(self.hours, "hours") if self.hours and self.working else ()
        return Day(day, self.working, self.name, spans, self.source, bool(self.source))


class DayWanted(Schema):
    """A day as it shall be; ``follow`` lets it follow the week again."""

    date: When
    working: bool = False
    name: Line = ""
    hours: Annotated[str, Field(max_length=100)] = ""
    source: Line = ""
    follow: bool = False

    def row(self) -> Day | None:
        if self.follow:
            return None
        return DayIn(version=0, working=self.working, name=self.name, hours=self.hours, source=self.source).row(
            self.date
        )


class DaysIn(Schema):
    """Several days as they shall be, in one version."""

    version: Seen
    days: Annotated[list[DayWanted], Field(min_length=1, max_length=400)]


class OffDays(Schema):
    """Days off in a row, both ends included."""

    name: Line = ""
    first: date
    last: date

    def rows(self, source: str) -> list[Day]:
        length = (self.last - self.first).days
        if not 0 <= length <= 60:
            raise CalendarUnreadable("off", f"{self.first} to {self.last} is not a span of days off")
        return [Day(self.first + timedelta(days=n), False, self.name, (), source, True) for n in range(length + 1)]


class YearIn(Schema):
    """The published notice of a year: days off, weekends worked instead."""

    version: Seen
    source: Annotated[str, Field(min_length=1, max_length=200)]
    off: Annotated[list[OffDays], Field(max_length=60)]
    work: Annotated[list[date], Field(max_length=60, default_factory=list)]

    def rows(self) -> list[Day]:
        off = [day for span in self.off for day in span.rows(self.source)]
        return off + [Day(day, True, "", (), self.source, True) for day in self.work]


class HolidayNoticeIn(Schema):
    """The words of a notice, pasted."""

    year: Annotated[int, Field(ge=1990, le=2199)]
    text: Annotated[str, Field(min_length=1, max_length=20_000)]


class DoubtOut(Schema):
    """What a person should look at before it becomes a calendar."""

    code: str
    text: str
    about: str


class HolidayNoticeOut(Schema):
    """What was read: in the shape that ``PUT /calendars/{name}/years/{year}`` takes, with what is doubtful."""

    year: int
    off: list[OffDays]
    work: list[date]
    doubts: list[DoubtOut]

    @classmethod
    def of(cls, found: Notice, lang: str) -> "HolidayNoticeOut":
        return cls(
            year=found.year,
            off=[OffDays(name=one.name, first=one.first, last=one.last) for one in found.off],
            work=found.work,
            doubts=[
                DoubtOut(code=one.code, text=t(f"calendar.notice.{one.code}", lang), about=one.text)
                for one in found.doubts
            ],
        )


class HoursIn(Schema):
    """Weekly pattern, usual hours, hours of seasons, and what a working day is worth."""

    version: Seen
    hours: Spans
    week: Annotated[list[bool], Field(min_length=7, max_length=7, description="Monday first.")]
    season_hours: Annotated[list[SeasonHours], Field(max_length=12, default_factory=list)]
    day_hours: Annotated[float, Field(gt=0, le=24)] = 8


class CalendarIn(Schema):
    """A new calendar, as a copy of another one under its own name."""

    name: Name
    based_on: Name
    title: Line = ""
    region: Line = ""
    zone: Annotated[str, Field(max_length=60, examples=["Asia/Shanghai"])] = ""
