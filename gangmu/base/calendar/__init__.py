"""Work calendars (工作日历): holidays, swapped working weekends, seasonal hours, time zones.

Comes in: the yearly notices (data rows), the edits of an administrator, calendar files.
Goes out: a ``Calendar`` version that never changes, an ``Almanac`` to count time on, ``CalendarChanged``.
"""

from gangmu.base.calendar.errors import CalendarUnreadable, NoCalendar
from gangmu.base.calendar.model import Calendar, Day, Season, Why
from gangmu.base.calendar.reading import read, read_season, write
from gangmu.base.calendar.shipped import load_file, shipped
from gangmu.base.calendar.timeline import Almanac

__all__ = [
    "Almanac",
    "Calendar",
    "CalendarUnreadable",
    "Day",
    "NoCalendar",
    "Season",
    "Why",
    "load_file",
    "read",
    "read_season",
    "shipped",
    "write",
]
