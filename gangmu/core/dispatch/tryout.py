"""An edition of the duty list tried on the events of the past: which of them would have gone elsewhere. Pure.

Events are not asked one by one. What a suggestion rests on is the class, the rows that speak of it where the event
stands, and how the organisations dealt with the class before; events that agree in these are one question. The answer
is that of ``model.suggest`` itself, so it equals the one that each event would get.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gangmu.core.dispatch import model
from gangmu.core.dispatch.model import Duty, Returns, Suggestion
from gangmu.kit.ids import Id
from gangmu.kit.text import division_full, division_prefix

LENGTHS = (2, 4, 6, 9, 12)
KEPT = 20
ClassKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """So many events of a class in a division."""

    tree: str
    code: str
    division: str
    n: int


@dataclass(slots=True)
class Shift:
    """Events that would go from one organisation to another (None: nobody is named), and the row that decides it."""

    before: Id | None
    after: Id | None
    row: Duty | None
    n: int = 0
    where: list[Asked] = field(default_factory=list)

    def add(self, asked: Asked) -> None:
        self.n += asked.n
        self.where.append(asked)
        if len(self.where) > 4 * KEPT:
            self.settle()

    def settle(self) -> None:
        """Keep the places with the most events."""
        self.where = sorted(self.where, key=lambda one: (-one.n, one.division, one.code))[:KEPT]


@dataclass(slots=True)
class Trial:
    """``events = same + changed + helpers + unclassed``: the same lead and assistants, another lead, only other
    assistants, and those whose class is not known, which nothing can be said of."""

    events: int = 0
    same: int = 0
    changed: int = 0
    helpers: int = 0
    unclassed: int = 0
    shifts: dict[tuple[Id | None, Id | None, Id | None], Shift] = field(default_factory=dict)

    def sorted_shifts(self) -> list[Shift]:
        for shift in self.shifts.values():
            shift.settle()
        return sorted(self.shifts.values(), key=lambda one: (-one.n, str(one.before), str(one.after)))


@dataclass(slots=True)
class Lists:
    """The rows of a duty list laid out for asking: by tree and code, then by division."""

    day: date
    past: Mapping[ClassKey, Mapping[Id, Returns]]
    levels: Mapping[Id, str]
    closed: Collection[Id]
    _rows: dict[ClassKey, list[Duty]] = field(default_factory=dict)
    _speaking: dict[ClassKey, dict[str, list[Duty]]] = field(default_factory=dict)
    _known: dict[tuple[str, str, tuple[str, ...], bool], Suggestion | None] = field(default_factory=dict)
    _areas: dict[str, tuple[list[str], bool]] = field(default_factory=dict)

    def put(self, rows: Iterable[Duty]) -> "Lists":
        for row in rows:
            self._rows.setdefault((row.tree, row.code), []).append(row)
        return self

    def first(self, tree: str, code: str, division: str) -> Suggestion | None:
        """The likeliest suggestion for a class in a division; None when nobody is named."""
        speaking = self._of_class(tree, code)
        if division not in self._areas:
            self._areas[division] = _above(division), len(division_prefix(division)) < 6
        areas, is_wide = self._areas[division]
        above = tuple([area for area in areas if area in speaking])
        key = (tree, code, above, is_wide)
        if key not in self._known:
            rows = [row for area in above for row in speaking[area]]
            ranked = model.matching(rows, tree, code, division, self.day)
            past = self.past.get((tree, code), {})
            found = model.suggest(ranked, code, division, past, self.levels, self.closed)
            self._known[key] = found[0] if found else None
        return self._known[key]

    def _of_class(self, tree: str, code: str) -> dict[str, list[Duty]]:
        if (tree, code) not in self._speaking:
            areas: dict[str, list[Duty]] = {}
            for length in range(len(code) + 1):
                for row in self._rows.get((tree, code[:length]), ()):
                    areas.setdefault(division_full(row.division), []).append(row)
            self._speaking[tree, code] = areas
        return self._speaking[tree, code]


def _above(division: str) -> list[str]:
    """The divisions that a division lies in, itself included, each once."""
    return list(dict.fromkeys(division_full(division[:length]) for length in LENGTHS))


def try_out(before: Lists, after: Lists, asked: Iterable[Asked], found: Trial | None = None) -> Trial:
    """Compare two lists over the events of the past, going on with what was found so far."""
    found = Trial() if found is None else found
    for one in asked:
        found.events += one.n
        was, now = before.first(one.tree, one.code, one.division), after.first(one.tree, one.code, one.division)
        old, new = (was.lead_org if was else None), (now.lead_org if now else None)
        if old == new:
            if set(was.assistants if was else ()) == set(now.assistants if now else ()):
                found.same += one.n
            else:
                found.helpers += one.n
            continue
        found.changed += one.n
        row = now.duty if now else was.duty if was else None
        key = (old, new, row.id if row else None)
        found.shifts.setdefault(key, Shift(old, new, row)).add(one)
    return found


def applied(rows: Sequence[Duty], ended: Collection[Id], added: Sequence[Duty]) -> list[Duty]:
    """The list as it will be: without the rows that end, with those that begin."""
    return [*(row for row in rows if row.id not in ended), *added]
