"""Why a target of a source differs from what its rule comes to: the likeliest cause, told from the times alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=1)
EXAMPLES = 5
DAYS_TRIED = 5
_FEW = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
Count = Callable[[int], datetime | None]
"""The deadline with so many days more (or less) than the rule; None where there is none."""


def cause_of(
    opened: datetime, target: datetime, computed: datetime, with_days: Count, unbroken: datetime | None = None
) -> str:
    """What speaks for itself first: no time given at all, a target before its start, whole days more or less, an hour
    of a clock change, minutes between two machines, a holiday that one of them did not keep (``unbroken`` is the
    deadline without any); what is left was set by hand or for a reason the file is silent about."""
    if target < opened - TOLERANCE:
        return "before_start"
    if abs(target - opened) <= TOLERANCE:
        return "no_time"
    late = target - computed
    if abs(late) <= _FEW:
        return "minutes_later" if late > timedelta(0) else "minutes_earlier"
    if abs(abs(late) - _HOUR) <= TOLERANCE:
        return "one_hour"
    if unbroken is not None and abs(target - unbroken) <= TOLERANCE:
        return "holiday"
    for days in range(1, DAYS_TRIED + 1):
        for sign in (1, -1):
            other = with_days(sign * days)
            if other is not None and abs(target - other) <= TOLERANCE:
                return "days_more" if sign > 0 else "days_less"
    return "other"


@dataclass(frozen=True, slots=True)
class Example:
    """A row that differs, as the file tells it: where it stands, and the times in the file's zone."""

    at: int
    opened: datetime
    target: datetime
    computed: datetime


@dataclass(slots=True)
class Compared:
    """What came of one rule. ``share`` is None where no row has a target."""

    id: str
    title: str
    limit: str
    n: int = 0
    equal: int = 0
    causes: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        return self.equal / self.n if self.n else None

    def differs(self, cause: str, example: Example) -> None:
        self.causes[cause] = self.causes.get(cause, 0) + 1
        shown = self.examples.setdefault(cause, [])
        if len(shown) < EXAMPLES:
            shown.append(example)
