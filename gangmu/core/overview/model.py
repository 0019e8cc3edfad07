"""What the desks' views are made of: figures that open, shares that add up their parts. Pure rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gangmu.kit.ids import Id

OPENED = "@opened"
"""The word under which a day's new events are counted; verbs stand under their own id."""


@dataclass(frozen=True, slots=True)
class Filter:
    """The list that a number opens: what the list of events takes."""

    values: Mapping[str, str | bool] = field(default_factory=dict)

    def also(self, **more: str | bool) -> "Filter":
        return Filter({**self.values, **more})


@dataclass(frozen=True, slots=True)
class Tally:
    """Open events of one thing (a department, a place, a state): all, late, near, supervised."""

    key: str
    n: int
    late: int
    near: int
    supervised: int


def tallied(rows: Iterable[Mapping[str, Any]], key: str = "key") -> list[Tally]:
    """Sums of the counts by key, most late first, then most; what has no key is left out."""
    found: dict[str, list[int]] = {}
    for row in rows:
        if not row[key]:
            continue
        sums = found.setdefault(str(row[key]), [0, 0, 0, 0])
        sums[0] += row["n"]
        sums[1] += row["n"] if row["lateness"] == "late" else 0
        sums[2] += row["n"] if row["lateness"] == "near" else 0
        sums[3] += row["n"] if row["supervised"] else 0
    made = [Tally(each, *(int(value) for value in sums)) for each, sums in found.items()]
    return sorted((one for one in made if one.n > 0), key=lambda one: (-one.late, -one.n, one.key))


def total(rows: Iterable[Mapping[str, Any]]) -> Tally:
    """All of them as one."""
    whole = tallied([{**row, "key": "all"} for row in rows])
    return whole[0] if whole else Tally("all", 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class DayCount:
    """How often something happened on a day: ``what`` is a verb, or OPENED."""

    day: date
    what: str
    n: int


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, both told. Of nothing there is no share."""

    id: str
    part: int
    whole: int

    @property
    def rate(self) -> float | None:
        return round(self.part / self.whole, 4) if self.whole else None


SHARES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("filed", ("register", "classify"), (OPENED,)),
    ("refused", ("refuse", "decline"), (OPENED,)),
    ("voided", ("void",), ("register",)),
    ("asked_again", ("ask_again", "reclassify"), ("accept", "classify")),
    ("sent_back", ("send_back", "return", "request_return"), ("dispatch", "designate")),
    ("reworked", ("rework", "redo"), ("confirm",)),
)
"""Quality of intake and of the work after it: which acts are a part of which. Both are those of the same days, each
shown beside the share."""


def shares(counted: Sequence[DayCount], wanted: Iterable[str]) -> list[Share]:
    """The named shares over all of these days."""
    sums: dict[str, int] = {}
    for one in counted:
        sums[one.what] = sums.get(one.what, 0) + one.n
    asked = set(wanted)
    return [
        Share(name, sum(sums.get(what, 0) for what in parts), sum(sums.get(what, 0) for what in wholes))
        for name, parts, wholes in SHARES
        if name in asked
    ]


@dataclass(frozen=True, slots=True)
class Place:
    """The same class at the same place, or the same caller, again and again."""

    id: Id
    kind: str  # place | caller
    division: str
    orgs: tuple[Id, ...]
    matter: Id | None
    n: int
    open: int
    west: float | None
    south: float | None
    east: float | None
    north: float | None
    address: str
    last_at: datetime
    events: tuple[Id, ...]
    made_at: datetime
