"""Rules of docking: translating codes, keeping messages of an order in their order, clocks, accounts. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from gangmu.kit.ids import Id
from gangmu.kit.text import division_full, division_prefix
from gangmu.sdk.exchange import ForeignOrder

IGNORED = "-"
"""The value of a mapping that says: known, and nothing of ours answers to it."""

INBOUND = ("class", "unit", "area", "kind", "state_in", "act_in", "grade", "outcome_in")
OUTBOUND = ("act_out", "state_out", "outcome_out", "standing")
MAPPED = (*INBOUND, *OUTBOUND)
STANDINGS = ("open", "answered", "returned")

Table = Mapping[str, Mapping[str, str]]
"""A link's mappings: kind -> code looked up -> value."""


class LinkKind(StrEnum):
    """What stands at the other end."""

    hotline = "hotline"  # 12345热线
    urban = "urban"  # 城市管理
    grid = "grid"  # 综治网格
    upper = "upper"  # type: ignore[assignment]  # 上级平台


CHANNEL = {"hotline": "hotline12345", "urban": "transfer", "grid": "grid", "upper": "upper"}


class Owner(StrEnum):
    """Whose deadline counts."""

    foreign = "foreign"
    own = "own"


class Counting(StrEnum):
    """How the other side counts the messages of an order."""

    dense = "dense"  # 1, 2, 3: a gap means that something is still to come
    rising = "rising"  # larger is later
    none = "none"  # not at all


class Why(StrEnum):
    """Why a row waits."""

    unmapped = "unmapped"
    unreadable = "unreadable"
    early = "early"  # an earlier message of the order is missing
    no_order = "no_order"  # the order itself has not come
    refused = "refused"  # the flow does not allow it now
    outside = "outside"  # a division that is not the link's
    merged = "merged"  # would move an event that holds other orders too


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another system. ``limit`` is the handling limit where the clock is ours, or theirs names none."""

    id: Id
    name: str
    kind: str
    connector: str
    division: str
    org: Id
    application: Id
    flow: str
    clock: str
    limit: str
    sequence: str
    every_s: int
    silence_minutes: int
    active: bool
    made_at: datetime
    version: int = 1

    @property
    def source(self) -> str:
        """The name under which its numbers are unique among reports."""
        return f"dock:{self.id}"


@dataclass(frozen=True, slots=True)
class Docked:
    """A foreign number and its event. ``event`` follows mergers; ``told`` is the last act of its history that was
    looked at for travelling back; ``seq`` the last message of the other side that counted."""

    id: Id
    link: Id
    number: str
    event: Id
    first_event: Id
    report: Id
    division: str
    handed_at: datetime
    day: date
    taken_at: datetime
    started_at: datetime
    their_due_at: datetime | None
    our_due_at: datetime | None
    clock: str
    both_claim: bool
    seq: int
    told: int
    their_state: str
    standing: str
    taken_over: bool
    version: int = 1


@dataclass(frozen=True, slots=True)
class Missing:
    """A code that nobody has mapped."""

    kind: str
    code: str
    why: Why = Why.unmapped


@dataclass(frozen=True, slots=True)
class Translated:
    """An order in our words: ``matter`` as (tree, code), the receiving unit, where it is, where it stands."""

    kind: str
    division: str
    matter: tuple[str, str] | None = None
    unit: str = ""
    state: str = ""


def translate(
    order: ForeignOrder, table: Table, link: Link, known: frozenset[str], *, takeover: bool
) -> Translated | list[Missing]:
    """The order in our words, or every code that is missing. A code that is not mapped is never guessed; only a
    division of the national code list that this city knows stands for itself."""
    missing: list[Missing] = []

    def look(kind: str, code: str) -> str:
        if not code:
            return ""
        found = table.get(kind, {}).get(code)
        if found is None:
            missing.append(Missing(kind, code))
            return ""
        return "" if found == IGNORED else found

    kind = look("kind", order.kind) or "report"
    matter, unit = look("class", order.class_code), look("unit", order.unit)
    state = look("state_in", order.state) if takeover else ""
    division = _division(order.area, table, link, known, missing)
    if missing:
        return missing
    tree, _, code = matter.partition(":")
    return Translated(kind, division, (tree, code) if code else None, unit, state)


def _division(area: str, table: Table, link: Link, known: frozenset[str], missing: list[Missing]) -> str:
    if not area:
        return link.division
    mapped = table.get("area", {}).get(area)
    if mapped is None:
        full = division_full(area) if area.isdigit() and len(area) in (4, 6, 9, 12) else ""
        if full not in known and full != link.division:
            missing.append(Missing("area", area))
            return ""
        mapped = full
    found = link.division if mapped == IGNORED else mapped
    if not found.startswith(division_prefix(link.division)):
        missing.append(Missing("area", area, Why.outside))
    return found


def place_of(seq: int, last: int, mode: str) -> Literal["now", "early", "late"]:
    """Whether a message of an order may be taken now, waits for an earlier one, or comes after later ones."""
    if not seq or mode == Counting.none:
        return "now"
    if seq <= last:
        return "late"
    if mode == Counting.dense and seq != last + 1:
        return "early"
    return "now"


def standing_of(status: str, state: str, table: Table) -> str:
    """How an order stands in the account: by the state of its event, else by how that is counted."""
    found = table.get("standing", {}).get(state)
    if found in STANDINGS:
        return found
    return {"closed": "answered", "void": "returned"}.get(status, "open")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Both deadlines of an order and whose counts. ``both_claim``: the other side says that its own counts, the link
    says ours."""

    counts: datetime | None
    theirs: datetime | None
    owner: str
    both_claim: bool


def deadline_of(link: Link, theirs: datetime | None, ours: datetime | None, claims: bool) -> Deadlines:
    """The link decides whose clock counts; without a deadline of theirs ours does, and both are kept."""
    owner = Owner.foreign if link.clock == Owner.foreign and theirs is not None else Owner.own
    counts = theirs if owner is Owner.foreign else ours
    return Deadlines(counts, theirs, owner.value, claims and link.clock == Owner.own)


def pause_after(fails: int, longest_s: int) -> timedelta:
    """How long to leave a link alone after so many failures in a row."""
    return timedelta(seconds=min(2 ** min(max(fails, 1) - 1, 20), longest_s))


# --- the account -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One order in an account; ``note`` says what is known about why it may differ (answer on its way, row waits)."""

    number: str
    standing: str
    due_at: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """An order that the two accounts do not tell alike: only_here, only_there, standing, deadline."""

    number: str
    what: str
    ours: str
    theirs: str
    note: str = ""


def counted(lines: Iterable[Line]) -> dict[str, int]:
    """received = open + answered + returned."""
    told = dict.fromkeys(("received", *STANDINGS), 0)
    for line in lines:
        told["received"] += 1
        told[line.standing] += 1
    return told


def differences(ours: Sequence[Line], theirs: Sequence[Line], *, clocks: bool) -> list[Difference]:
    """What differs, order by order. ``clocks``: deadlines are compared too (when one of the two owns the clock)."""
    here, there = {one.number: one for one in ours}, {one.number: one for one in theirs}
    found = []
    for number in sorted(here.keys() | there.keys()):
        mine, other = here.get(number), there.get(number)
        if mine is None:
            assert other is not None
            found.append(Difference(number, "only_there", "", other.standing))
        elif other is None:
            found.append(Difference(number, "only_here", mine.standing, "", mine.note))
        elif mine.standing != other.standing:
            found.append(Difference(number, "standing", mine.standing, other.standing, mine.note))
        elif clocks and mine.due_at and other.due_at and abs(mine.due_at - other.due_at) >= timedelta(seconds=1):
            said = mine.due_at.isoformat(timespec="seconds"), other.due_at.isoformat(timespec="seconds")
            found.append(Difference(number, "deadline", *said, mine.note))
    return found
