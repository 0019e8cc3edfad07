"""The city's time zone (时区): whose midnight ends a day, in every stage alike."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from gangmu.kit import settings
from gangmu.kit.settings import Section

FORMERLY = ("event.time_zone", "places.time_zone", "evaluate.time_zone", "matter.zone")


class TimeSettings(Section, name="time", formerly={"zone": FORMERLY}):
    """The city's time."""

    zone: str = Field("Asia/Shanghai", description="The city's time zone as an IANA name: whose midnight ends a day.")


def zone() -> ZoneInfo:
    """The zone of the city's days."""
    return ZoneInfo(settings.get(TimeSettings).zone)


def day_of(at: datetime) -> date:
    """The city's day that a moment lies in."""
    return at.astimezone(zone()).date()
