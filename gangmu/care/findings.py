"""What doctor may find, and the rules by which it judges: plain functions of what was read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class Grade(StrEnum):
    fault = "fault"  # act now
    warning = "warning"  # act soon
    note = "note"  # good to know


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know: which check, how grave, and the values of its sentence (``care.doctor.<what>``)."""

    what: str
    grade: Grade
    values: dict[str, Any] = field(default_factory=dict)


def fault(what: str, **values: Any) -> Finding:
    return Finding(what, Grade.fault, values)


def warning(what: str, **values: Any) -> Finding:
    return Finding(what, Grade.warning, values)


def note(what: str, **values: Any) -> Finding:
    return Finding(what, Grade.note, values)


def of_calendar(name: str, years: Iterable[int] | None, today: date) -> list[Finding]:
    """This year's holidays must be in it; next year's are published in autumn, and are missed from December on."""
    if years is None:
        return []
    known = set(years)
    if today.year not in known:
        return [fault("calendar_now", calendar=name, year=today.year)]
    if today.year + 1 not in known:
        found = warning if today.month == 12 else note
        return [found("calendar_next", calendar=name, year=today.year + 1)]
    return []


def of_safety(shown: dict[str, str]) -> list[Finding]:
    """The settings of a server without which an acknowledged act may be lost."""
    wrong = [name for name in ("fsync", "full_page_writes") if shown.get(name) == "off"]
    if shown.get("synchronous_commit") == "off":
        wrong.append("synchronous_commit")
    return [fault("unsafe", setting=name) for name in wrong]


def of_version(found: int, oldest: int) -> list[Finding]:
    return [fault("server_old", found=found, wanted=oldest)] if found < oldest else []


def of_connections(most: int, used: int, wanted: int) -> list[Finding]:
    if most < wanted:
        return [warning("connections_few", most=most, wanted=wanted)]
    if used > 0.8 * most:
        return [warning("connections_used", most=most, used=used)]
    return []


def of_clocks(skew_s: float, bound_s: float) -> list[Finding]:
    return [fault("clock_skew", seconds=round(abs(skew_s), 1))] if abs(skew_s) > bound_s else []
