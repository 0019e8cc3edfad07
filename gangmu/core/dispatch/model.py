"""Whose duty it is (职责清单、派单目录): the rules of choosing, of the level guard, and of obligations and disputes.

A row of the duty list says for a class of matter, in an area, at a level of government, who leads and who assists, by
which basis (三定、权责清单、乡镇履职清单). The most specific row wins: deepest class, deepest division, newest.
What is the duty of a department of county or city is not pushed down to a town or street (国办函〔2025〕66号; domain
facts 3.4, 10.9).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from gangmu.core.dispatch.errors import PushedDown
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.text import division_prefix

ALGORITHM = "duty-list/1"
LOW = frozenset({"town", "community"})
HIGH = frozenset({"city", "county"})
LEVELS = ("city", "county", "town", "community")


@dataclass(frozen=True, slots=True)
class Duty:
    """A row of the duty list. ``tree`` and ``code`` name the class (an empty code: the whole tree), ``division`` the
    area (12 digits), ``level`` whose duty it is by law. ``to_towns`` says that this one may lawfully be given to a town
    (委托、下放), on its own basis. Days are the city's; ``valid_to`` is the first day on which it no longer holds."""

    id: Id
    tree: str
    code: str
    division: str
    level: str
    lead_org: Id
    assistants: tuple[Id, ...]
    to_towns: bool
    source: str
    basis: str
    verified: bool
    note: str
    valid_from: date
    valid_to: date | None
    replaces: Id | None
    version: int = 1

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Of one key only one row holds on a day."""
        return self.tree, self.code, self.division, self.level


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is suggested: a locale key ``dispatch.reason.<key>`` and what fills its words."""

    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Returns:
    """How an organisation dealt with such matters before: ``given`` times it got one, ``returned`` times it gave it
    back and the centre agreed; ``here`` when it gave this very event back."""

    given: int = 0
    returned: int = 0
    here: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposal of whom to dispatch to; a person decides. ``duty`` is the row that it rests on."""

    lead_org: Id
    assistants: tuple[Id, ...]
    confidence: float
    reasons: tuple[Reason, ...]
    duty: Duty
    algorithm: str = ALGORITHM


def _depth(row: Duty) -> tuple[int, int]:
    return len(row.code), len(division_prefix(row.division))


def matching(rows: Iterable[Duty], tree: str, code: str, division: str, day: date) -> list[Duty]:
    """The rows that speak of a class in a division on a day, the most specific first."""
    found = [
        row
        for row in rows
        if row.tree == tree
        and code.startswith(row.code)
        and division.startswith(division_prefix(row.division))
        and row.holds_on(day)
    ]
    return sorted(found, key=lambda row: (*_depth(row), row.valid_from, row.id), reverse=True)


def governing(ranked: Sequence[Duty]) -> list[Duty]:
    """The rows of the deepest class and, within it, the deepest division: they say whose duty it is. They are several
    where levels share the work."""
    return [row for row in ranked if _depth(row) == _depth(ranked[0])] if ranked else []


def check_level(ranked: Sequence[Duty], org: Id, org_level: str) -> None:
    """The level guard: ``PushedDown`` when the duty is one of county or city and the organisation is a town's or a
    community's. A row of the town's own level for this organisation, or one that allows it, lets it pass; where
    no row speaks, nobody knows better than the dispatcher."""
    rows = governing(ranked)
    if org_level not in LOW or not rows:
        return
    if any(row.to_towns or (row.level in LOW and row.lead_org == org) for row in rows):
        return
    if all(row.level in LOW for row in rows):
        return
    owner = next(row for row in rows if row.level in HIGH)
    raise PushedDown(org=str(org), lead=str(owner.lead_org), duty_row=str(owner.id), basis=owner.basis)


def check_duty(row: Duty, lead_level: str) -> None:
    """Refuse a row that contradicts itself: an unknown level, a span that ends before it begins, a department's duty
    whose lead is a town without any basis for it."""
    if row.level not in LEVELS:
        raise Invalid(field="level", reason="one of " + ", ".join(LEVELS))
    if row.valid_to is not None and row.valid_to <= row.valid_from:
        raise Invalid(field="valid_to", reason="ends before it begins")
    if row.lead_org in row.assistants:
        raise Invalid(field="assistants", reason="the lead does not assist itself")
    if row.to_towns and not row.basis.strip():
        raise Invalid(field="basis", reason="giving a duty to towns needs its basis")
    if row.level in HIGH and lead_level in LOW and not row.to_towns:
        raise Invalid(field="lead_org", reason="a duty of county or city is not led by a town")


def overlaps(one: Duty, other: Duty) -> bool:
    """Whether two rows of one key hold on a same day."""
    one_ends, other_ends = one.valid_to or date.max, other.valid_to or date.max
    return one.key == other.key and one.valid_from < other_ends and other.valid_from < one_ends


def suggest(
    ranked: Sequence[Duty],
    code: str,
    division: str,
    past: Mapping[Id, Returns],
    levels: Mapping[Id, str],
    closed: Collection[Id] = (),
) -> list[Suggestion]:
    """Rank the leads that the rows name, likeliest first, each once, with its reasons. ``levels`` are those of the
    organisations; whom the level guard forbids is not suggested."""
    found: dict[Id, Suggestion] = {}
    rows = governing(ranked)
    for row in ranked:
        if row.lead_org in found or row.lead_org in closed or not _may(ranked, row.lead_org, levels):
            continue
        record = past.get(row.lead_org, Returns())
        confidence = _confidence(row, row in rows, len(rows), code, division, record)
        reasons = tuple(_reasons(row, code, division, record))
        assistants = tuple(org for org in row.assistants if org not in closed)
        found[row.lead_org] = Suggestion(row.lead_org, assistants, confidence, reasons, row)
    return sorted(found.values(), key=lambda one: (-one.confidence, -len(one.duty.code), one.lead_org))


def _may(ranked: Sequence[Duty], org: Id, levels: Mapping[Id, str]) -> bool:
    try:
        check_level(ranked, org, levels.get(org, ""))
    except PushedDown:
        return False
    return True


def _confidence(row: Duty, governs: bool, governing_rows: int, code: str, division: str, past: Returns) -> float:
    """0 to 1: how closely the row fits, less for what is unverified, shared or was given back before. A lead that gave
    back this very event comes last."""
    value = 0.95 if row.code == code else 0.85 if row.code else 0.5
    value *= 1.0 if len(division_prefix(row.division)) >= 6 or len(division_prefix(division)) < 6 else 0.95
    value *= 1.0 if governs else 0.6
    value *= 1.0 if row.verified else 0.85
    value *= 1.0 if governing_rows <= 1 or not governs else 0.9
    value *= 1 - 0.5 * (past.returned / (past.given + 2))
    return round(value * (0.2 if past.here else 1.0), 3)


def _reasons(row: Duty, code: str, division: str, past: Returns) -> Iterable[Reason]:
    yield Reason("class" if row.code == code else "class_above" if row.code else "tree", {"code": row.code})
    yield Reason("area", {"division": row.division})
    if row.basis:
        yield Reason("basis", {"basis": row.basis})
    if not row.verified:
        yield Reason("unverified")
    if row.to_towns:
        yield Reason("to_towns")
    if past.here:
        yield Reason("returned_here")
    if past.returned:
        yield Reason("returned", {"returned": past.returned, "given": past.given})


# --- obligations --------------------------------------------------------------------------------------------


class ObligationRole(StrEnum):
    """主办 leads and answers for it, 协办 assists."""

    host = "host"
    assist = "assist"


class ObligationState(StrEnum):
    open = "open"
    done = "done"
    returned = "returned"  # 退回
    recalled = "recalled"  # 撤回派遣
    released = "released"  # 改派后不再承担
    ended = "ended"  # 事件了结时仍未完成


@dataclass(frozen=True, slots=True)
class Obligation:
    """What an organisation owes to an event from ``since`` until it is done, given back or taken away (``until``).
    ``act`` is the dispatch that laid it on it, ``duty_row`` the row by which it did."""

    id: Id
    event: Id
    org: Id
    role: str
    state: str
    since: datetime
    until: datetime | None
    done_at: datetime | None
    act: Id
    duty_row: Id | None
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.state == ObligationState.open


# --- disputes -----------------------------------------------------------------------------------------------


class DisputeState(StrEnum):
    open = "open"
    coordinated = "coordinated"  # 提请协调
    designated = "designated"  # 指定承办，不得再退
    settled = "settled"  # 未经指定了结


@dataclass(frozen=True, slots=True)
class Dispute:
    """Who gave an event back and why, the how many-eth time (``times`` of the event, ``times_of_org`` of this
    organisation), and how it ended: ``outcome`` is the verb, ``lead_org`` who got it, ``decision`` the reason and basis
    given. A designation is ``binding``: nobody may give it back again."""

    id: Id
    event: Id
    org: Id | None
    division: str
    orgs: tuple[Id, ...]
    matter: Id | None
    act: Id
    verb: str
    reason: str
    person: Id | None
    times: int
    times_of_org: int
    duty_row: Id | None
    state: str
    raised_at: datetime
    coordinated_at: datetime | None
    decided_at: datetime | None
    decided_by: Id | None
    outcome: str
    lead_org: Id | None
    decision: str
    binding: bool
    version: int = 1
    source: str = ""  # the legal source that a designation names

    @property
    def is_open(self) -> bool:
        return self.decided_at is None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A row of the duty list put forward from a decision. ``replaces`` is the row that said otherwise, ``duty_row`` the
    one it became; ``state`` open, taken or dropped."""

    id: Id
    dispute: Id
    event: Id
    tree: str
    code: str
    division: str
    level: str
    lead_org: Id
    assistants: tuple[Id, ...]
    basis: str
    source: str
    note: str
    state: str
    replaces: Id | None
    duty_row: Id | None
    proposed_by: Id | None
    proposed_at: datetime
    decided_by: Id | None
    decided_at: datetime | None
    why: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How often the dispatcher took the suggestion, counted over ``decided`` dispatches of which ``suggested`` had one.
    A rate of nothing is None, not 0."""

    decided: int
    suggested: int
    first: int
    among: int

    @property
    def rate(self) -> float | None:
        return round(self.first / self.suggested, 4) if self.suggested else None
