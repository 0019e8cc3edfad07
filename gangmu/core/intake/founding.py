"""A city founded by a profile: each foreign set is a city of its own, in a data folder of its own."""

from gangmu.base import org, places
from gangmu.base.calendar import service as calendar
from gangmu.base.calendar.model import Calendar
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.base.places.errors import NoCity as NotFounded
from gangmu.core.intake.errors import NoCity, OtherCity
from gangmu.core.intake.profile import Profile
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
    if profile.calendar is not None:
        _found_calendar(unit, actor, profile.calendar)
    settings.put(unit, "time.zone", profile.zone.key)
    return True


def _found_calendar(unit: Unit, actor: Actor, new: Calendar) -> None:
    """The calendar that the city starts with; what it does not know of holidays is for its administrators to add."""
    known = {stored.name for stored, _ in calendar.list_calendars(unit, actor)}
    if new.name not in known:
        calendar.put_calendar(unit, actor, 0, new)
    settings.put(unit, "event.calendar", new.name)
