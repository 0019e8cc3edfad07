"""Which rows of a list may go in (清洗): divisions and responsibility grids, with a finding for every row left out."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from gangmu.base.places.codes import (
    LEVELS,
    WIDTHS,
    Level,
    ancestors_of,
    full_code,
    is_duty_code,
    is_inside,
    level_named,
    level_of,
    parent_of,
    short_code,
)
from gangmu.base.places.errors import BadDivisionCode
from gangmu.base.places.model import Finding


@dataclass(frozen=True, slots=True)
class ListedDivision:
    """A row of a division list that kept all rules."""

    row: int
    code: str
    level: Level
    name: str
    parent: str
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None


@dataclass(slots=True)
class Sieve:
    """Rows that passed and findings about those that did not."""

    good: list[ListedDivision] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    repeated: int = 0


def sift_divisions(rows: Iterable[Mapping[str, str]], city: str, known: Collection[str] = ()) -> Sieve:
    """The rows of a division list that may go in, parents before children, and a finding for every other.

    Row keys: code, name, and if the list has them level, parent_code, valid_from, valid_to, successor. `city` is the
    division founded; `known` are 12-digit codes that the node has already. Rows above the city are left aside."""
    sieve = Sieve()
    seen: dict[str, ListedDivision] = {}
    for number, row in enumerate(rows, start=1):
        try:
            listed = _listed(number, row)
        except _Wrong as wrong:
            sieve.findings.append(Finding(number, wrong.field, wrong.reason, wrong.value))
            continue
        twin = seen.get(listed.code)
        if not is_inside(listed.code, city):
            sieve.findings.append(Finding(number, "code", "not_in_city", row.get("code", "")))
        elif twin is None:
            seen[listed.code] = listed
        elif twin.name == listed.name:
            sieve.repeated += 1
        else:
            sieve.findings.append(Finding(number, "code", "code_twice", row.get("code", "")))
    root, there = full_code(city), set(known)
    for listed in sorted(seen.values(), key=lambda one: (LEVELS.index(one.level), one.code)):
        if listed.code != root and listed.parent not in there and listed.parent != root:
            sieve.findings.append(Finding(listed.row, "parent_code", "no_parent", listed.parent))
        else:
            there.add(listed.code)
            sieve.good.append(listed)
    sieve.findings.sort(key=lambda finding: finding.row)
    return sieve


class _Wrong(Exception):
    def __init__(self, field: str, reason: str, value: str) -> None:
        super().__init__(reason)
        self.field, self.reason, self.value = field, reason, value


def _listed(number: int, row: Mapping[str, str]) -> ListedDivision:
    given = (row.get("code") or "").strip()
    if not given:
        raise _Wrong("code", "missing", "")
    try:
        code = full_code(given)
    except BadDivisionCode:
        raise _Wrong("code", "bad_code", given) from None
    name = " ".join((row.get("name") or "").split())
    if not name:
        raise _Wrong("name", "missing", "")
    if len(name) > 120:
        raise _Wrong("name", "too_long", name)
    level = level_of(code)
    word = (row.get("level") or "").strip()
    said = level_named(word)
    # A division without any below it is often listed again one level down, under its own code: 441900 beside 4419.
    is_again = len(given) in (6, 9) and said is not None and WIDTHS[said] == len(given)
    if word and said is not level and not is_again:
        raise _Wrong("level", "bad_level", word)
    above = (row.get("parent_code") or "").strip()
    try:
        if above and full_code(above) != code and short_code(above) not in _prefixes(code):
            raise _Wrong("parent_code", "bad_parent", above)
    except BadDivisionCode:
        raise _Wrong("parent_code", "bad_code", above) from None
    since, until = _day(row, "valid_from"), _day(row, "valid_to")
    if since and until and until <= since:
        raise _Wrong("valid_to", "ends_before_it_begins", str(until))
    heir = (row.get("successor") or "").strip()
    try:
        successor = full_code(heir) if heir else None
    except BadDivisionCode:
        raise _Wrong("successor", "bad_code", heir) from None
    return ListedDivision(number, code, level, name, parent_of(code), since, until, successor)


def _prefixes(code: str) -> set[str]:
    return {short_code(above) for level, above in ancestors_of(code).items() if level is not level_of(code)}


def _day(row: Mapping[str, str], name: str) -> date | None:
    text = (row.get(name) or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-")[:10])
    except ValueError:
        raise _Wrong(name, "bad_date", text) from None


def sift_duty_grids(
    rows: Iterable[Mapping[str, object]],
    units: Collection[str],
    taken: Mapping[str, str],
    touch: Callable[[list[str]], bool],
) -> tuple[list[tuple[int, str, str, list[str]]], list[Finding]]:
    """Responsibility grids (row, code, name, unit codes) that may go in, and a finding for every other.

    `units` are the valid unit grids; `taken` says for (kind letter + unit code) which grid holds the unit already;
    `touch` tells whether units form one piece. All units must lie in the grid's town."""
    good: list[tuple[int, str, str, list[str]]] = []
    findings: list[Finding] = []
    held = dict(taken)
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        code = str(row.get("code") or "").strip().upper()
        members = row.get("units")
        listed = members if isinstance(members, (list, tuple)) else str(members or "").replace(";", " ").split()
        cells = sorted({str(unit).strip() for unit in listed})
        wrong = _duty_wrong(number, code, cells, units, held, seen)
        if wrong is None and not touch(cells):
            wrong = Finding(number, "units", "not_adjacent", code)
        if wrong is not None:
            findings.append(wrong)
            continue
        seen.add(code)
        held.update({code[9] + cell: code for cell in cells})
        good.append((number, code, " ".join(str(row.get("name") or "").split())[:120], cells))
    return good, findings


def _duty_wrong(
    number: int, code: str, cells: list[str], units: Collection[str], held: Mapping[str, str], seen: Collection[str]
) -> Finding | None:
    if not is_duty_code(code):
        return Finding(number, "code", "bad_duty_code" if code else "missing", code)
    if code in seen:
        return Finding(number, "code", "code_twice", code)
    if not cells:
        return Finding(number, "units", "missing", "")
    for cell in cells:
        if cell not in units:
            return Finding(number, "units", "unknown_unit", cell)
        if not cell.startswith(code[:9]):
            return Finding(number, "units", "other_town", cell)
        if held.get(code[9] + cell, code) != code:
            return Finding(number, "units", "unit_taken", cell)
    return None
