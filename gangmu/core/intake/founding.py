"""A city founded by a profile: each foreign set is a city of its own, in a data folder of its own."""

from gangmu.base import org, places
from gangmu.base.calendar import service as calendar
from gangmu.base.calendar.model import Calendar, WeekDay
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.base.places.errors import NoCity as NotFounded
from gangmu.core.intake.errors import NoCity, OtherCity
from gangmu.core.intake.profile import Profile, WorkWeek
from gangmu.kit import settings
from gangmu.kit.actor import Actor
from gangmu.kit.text import division_full
from gangmu.kit.unit import Unit


def ensure_city(unit: Unit, actor: Actor, profile: Profile) -> bool:
    """Make sure that the node is the city of the profile; found it where there is none yet (True). ``NoCity`` when
    the profile brings none, ``OtherCity`` when the node is another."""
    try:
        held = places.city(unit, actor)
    except NotFounded:
        held = None
    if held is not None:
        if profile.city is not None and held.code != division_full(profile.city.code):
            raise OtherCity(profile=profile.name, holds=f"{held.name} ({held.code})", wants=profile.city.name)
        return False
    if profile.city is None:
        raise NoCity(profile=profile.name)
    rows = [{"code": code, "name": name} for code, name in profile.city.divisions.items()]
    places.found_city(unit, actor, profile.city.code, rows, name=profile.city.name, source=f"import {profile.name}")
    code = division_full(profile.city.code)
    org.add_org(unit, actor, profile.city.name, OrgKind.government, OrgLevel.city, code)
    if profile.week is not None:
        _found_calendar(unit, actor, profile, profile.week)
    for name in ("event.time_zone", "places.time_zone"):
        settings.put(unit, name, profile.zone.key)
    return True


def _found_calendar(unit: Unit, actor: Actor, profile: Profile, week: WorkWeek) -> None:
    """The work week that the city starts with; its holidays are for its administrators to add."""
    known = {stored.name for stored, _ in calendar.list_calendars(unit, actor)}
    if week.name not in known:
        spans = tuple((_minutes(first), _minutes(last)) for first, last in week.hours)
        days = tuple(WeekDay(works=number in week.days) for number in range(1, 8))
        worth = sum(last - first for first, last in spans)
        new = Calendar(week.name, 1, profile.title, profile.city.name if profile.city else "", profile.zone.key, days,
                       spans, day_minutes=worth, source=profile.source)  # fmt: skip
        calendar.put_calendar(unit, actor, 0, new)
    settings.put(unit, "event.calendar", week.name)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
