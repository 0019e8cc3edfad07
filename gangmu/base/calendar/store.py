"""The only SQL of calendars. A version is written once, whole, and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from gangmu.base.calendar.model import Calendar
from gangmu.base.calendar.reading import read, write
from gangmu.kit import ids
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, metadata, ref_col, text_col, when
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

calendar = sa.Table(
    "calendar",
    metadata,
    id_col("id", "cal"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    text_col("title"),
    text_col("region"),
    sa.Column("zone", sa.Text, nullable=False),
    json_col("week", nullable=False),
    sa.Column("hours", sa.Text, nullable=False),
    json_col("years", nullable=False),
    json_col("seasons", nullable=False),
    sa.Column("day_minutes", sa.Integer, nullable=False),
    text_col("source"),
    sa.Column("verified", sa.Boolean, nullable=False),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_to", sa.Date),
    sa.Column("is_edited", sa.Boolean, nullable=False),
    text_col("shipped"),
    when("made_at", nullable=False),
    sa.UniqueConstraint("name", "version"),
)

calendar_day = sa.Table(
    "calendar_day",
    metadata,
    id_col("id", "cad"),
    ref_col("calendar", "cal", "calendar.id", nullable=False),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("working", sa.Boolean, nullable=False),
    text_col("name"),
    text_col("hours"),
    text_col("source"),
    sa.Column("verified", sa.Boolean, nullable=False),
    sa.UniqueConstraint("calendar", "date"),
)

calendar_hours = sa.Table(
    "calendar_hours",
    metadata,
    id_col("id", "cah"),
    ref_col("calendar", "cal", "calendar.id", nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    text_col("title"),
    sa.Column("season", sa.Text, nullable=False),
    sa.Column("hours", sa.Text, nullable=False),
    sa.UniqueConstraint("calendar", "seq"),
)

_EDITS = sa.text("SELECT pg_advisory_xact_lock(7401021)")


@dataclass(frozen=True, slots=True)
class Stored:
    """A version as it is stored: where it came from and when, beside the calendar itself."""

    id: Id
    name: str
    version: int
    made_at: datetime
    is_edited: bool
    shipped: str


def lock(unit: Unit) -> None:
    """One writer of calendars at a time, until the unit ends."""
    unit.run(_EDITS)


def find_newest(unit: Unit, name: str, *, seen_by: Actor) -> Stored | None:
    """The newest version of a calendar."""
    return _stored(
        unit.one(_heads(seen_by).where(calendar.c.name == name).order_by(calendar.c.version.desc()).limit(1))
    )


def find_version(unit: Unit, name: str, version: int, *, seen_by: Actor) -> Stored | None:
    return _stored(unit.one(_heads(seen_by).where(calendar.c.name == name, calendar.c.version == version)))


def find_shipped(unit: Unit, name: str, digest: str, *, seen_by: Actor) -> Stored | None:
    """The version that took over a shipped file with this digest."""
    return _stored(unit.one(_heads(seen_by).where(calendar.c.name == name, calendar.c.shipped == digest).limit(1)))


def list_newest(unit: Unit, *, seen_by: Actor) -> list[Stored]:
    """The newest version of every calendar, by name. There are few."""
    query = _heads(seen_by).ext(distinct_on(calendar.c.name)).order_by(calendar.c.name, calendar.c.version.desc())
    return [found for row in unit.rows(query) if (found := _stored(row)) is not None]


def list_versions(unit: Unit, name: str, *, seen_by: Actor, most: int = 200) -> list[Stored]:
    """The versions of a calendar, newest first."""
    query = _heads(seen_by).where(calendar.c.name == name).order_by(calendar.c.version.desc()).limit(most)
    return [found for row in unit.rows(query) if (found := _stored(row)) is not None]


def get(unit: Unit, calendar_id: Id, *, seen_by: Actor) -> Calendar:
    """The calendar of a stored version, whole."""
    row = unit.one(sa.select(calendar).where(calendar.c.id == calendar_id, _visible(seen_by)))
    assert row is not None, "asked with the id of a stored version"
    data: dict[str, Any] = {
        "name": row.name,
        "version": row.version,
        "title": row.title,
        "region": row.region,
        "zone": row.zone,
        "week": row.week,
        "hours": row.hours,
        "years": row.years,
        "seasons": row.seasons,
        "day_hours": row.day_minutes / 60,
        "source": row.source,
        "verified": row.verified,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "days": [dict(day._mapping) for day in unit.rows(_days_of(calendar_id))],
        "season_hours": [dict(part._mapping) for part in unit.rows(_hours_of(calendar_id))],
    }
    return read(data)


def add(unit: Unit, new: Calendar, *, is_edited: bool, shipped: str = "") -> Id:
    """Write a version."""
    plain = write(new)
    calendar_id = ids.new("cal")
    unit.insert(
        calendar,
        {
            "id": calendar_id,
            **{key: plain[key] for key in ("name", "version", "title", "region", "zone", "week", "hours", "years")},
            **{key: plain[key] for key in ("seasons", "source", "verified")},
            "day_minutes": new.day_minutes,
            "valid_from": new.valid_from,
            "valid_to": new.valid_to,
            "is_edited": is_edited,
            "shipped": shipped,
            "made_at": unit.now,
        },
    )
    hours: Sequence[dict[str, Any]] = plain["season_hours"]
    days = [
        {"id": ids.new("cad"), "calendar": calendar_id, **written, "date": row.date}
        for written, row in zip(plain["days"], new.days.values(), strict=True)
    ]
    source = f"calendar {new.name} version {new.version}"
    unit.insert_many(calendar_day, days, source=source)
    unit.insert_many(
        calendar_hours,
        [{"id": ids.new("cah"), "calendar": calendar_id, "seq": seq, **part} for seq, part in enumerate(hours)],
        source=source,
    )
    return calendar_id


def _heads(seen_by: Actor) -> sa.Select[Any]:
    return sa.select(*(calendar.c[name] for name in Stored.__dataclass_fields__)).where(_visible(seen_by))


def _visible(seen_by: Actor) -> sa.ColumnElement[bool]:
    """Calendars carry nothing personal and belong to no division: whoever may read one may read all."""
    return sa.true() if seen_by.may("calendar.read") else sa.false()


def _stored(row: Any) -> Stored | None:
    return None if row is None else Stored(**row._mapping)


def _days_of(calendar_id: Id) -> sa.Select[Any]:
    shown = [calendar_day.c[name] for name in ("date", "working", "name", "hours", "source", "verified")]
    return sa.select(*shown).where(calendar_day.c.calendar == calendar_id).order_by(calendar_day.c.date)


def _hours_of(calendar_id: Id) -> sa.Select[Any]:
    shown = [calendar_hours.c[name] for name in ("title", "season", "hours")]
    return sa.select(*shown).where(calendar_hours.c.calendar == calendar_id).order_by(calendar_hours.c.seq)
