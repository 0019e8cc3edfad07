"""From when a clock counts (起算): at once, or from a moment that the rule makes of the start.

``1h:next``    from the next full hour on (a start on the full hour counts from there); ``15m:next``, ``1d:next``
``1m:middle``  starts are known to the minute: one that names a full minute is taken in its middle
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from gangmu.core.deadline.errors import LimitUnreadable

_WRITTEN = re.compile(r"(\d{1,2})([mhd]):(next|middle)")
_SIZES = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_DAY = timedelta(days=1)


class Takes(StrEnum):
    """What is made of a start."""

    next = "next"  # the next full one
    middle = "middle"  # the middle of the one that is named


@dataclass(frozen=True, slots=True)
class Rounding:
    """Steps of the local day, from midnight on."""

    step: timedelta
    takes: Takes

    def apply(self, start: datetime, zone: ZoneInfo) -> datetime:
        """The moment from which a clock counts that starts here."""
        there = start.astimezone(zone).replace(tzinfo=None)
        over = (there - there.replace(hour=0, minute=0, second=0, microsecond=0)) % self.step
        if self.takes is Takes.middle:
            return start if over else start + self.step / 2
        return start + (self.step - over) if over else start


def parse_rounding(text: str) -> Rounding:
    """A rounding from its text; ``LimitUnreadable`` when it is none, or its steps do not fill a day."""
    match = _WRITTEN.fullmatch(text)
    step = int(match[1]) * _SIZES[match[2]] if match else timedelta()
    if match is None or not step or _DAY % step:
        raise LimitUnreadable(text)
    return Rounding(step, Takes(match[3]))
