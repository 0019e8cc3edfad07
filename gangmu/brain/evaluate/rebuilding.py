"""Evaluation made anew from the journal alone, and held against what the messages have made of it.

The journal keeps every row of core before and after each change. Its entries are gone through from the first: rows come
into being, change, and stand at the end as they stand in core; from them everything is counted. No message is asked.
Rows of a batch (an import, a docking cut-over) have one entry for all, with their number and a digest: those come from
who keeps them, and have to be as many. All of it goes by matter, sorted on disk: memory holds some hundred of them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from gangmu.brain.evaluate import journal_store, service, store, sum_store, taking
from gangmu.brain.evaluate.rows import (
    ActRow,
    CallRow,
    Case,
    ClockRow,
    CorrectionRow,
    DebtRow,
    EditionRow,
    EventRow,
    Fact,
    TaskRow,
)
from gangmu.brain.evaluate.sorting import Sorted
from gangmu.kit.actor import System
from gangmu.kit.text import t
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.event import EventsTold

REBUILDER = System("evaluate.rebuild")
ERASED = t("event.words_erased", "zh-CN")
MOST_TOLD = 50
BLOCK = 300
KINDS: tuple[type[Any], ...] = (
    EventRow, ActRow, ClockRow, DebtRow, TaskRow, CallRow, EditionRow, CorrectionRow,
)  # fmt: skip
SUBJECTS = ("evt", "kno", "tel")
Loaded = Callable[[Unit], Iterable[EventsTold]]


@dataclass(slots=True)
class Read:
    """What the journal says, by matter, and what it says of batches: how many rows of each table."""

    matters: Sorted
    entries: int = 0
    loads: Counter[str] = field(default_factory=Counter)
    from_loads: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Matter:
    """All rows of one event, call or knowledge entry, by kind and id."""

    subject: str
    rows: dict[type[Any], dict[str, Any]] = field(default_factory=lambda: {kind: {} for kind in KINDS})


@dataclass(slots=True)
class Difference:
    """A row that is otherwise: ``journal`` as the journal has it, ``kept`` as it is kept. None: not there."""

    kind: str
    id: str
    field: str
    journal: str | None
    kept: str | None


@dataclass(slots=True)
class Account:
    """What a rebuild came to. ``pending``: matters of which something was told and not heard yet; they are
    left out of the comparison."""

    rows: int = 0
    facts: int = 0
    events: int = 0
    journal_entries: int = 0
    from_loads: int = 0
    pending: int = 0
    differences: int = 0
    first: list[Difference] = field(default_factory=list)


# --- from the journal ---------------------------------------------------------------------------------------


@contextmanager
def _room() -> Iterator[Path]:
    """A place on disk to sort in."""
    with TemporaryDirectory(prefix="gangmu-rebuild-") as folder:
        yield Path(folder)


def read_journal(unit: Unit, loaded: Loaded, room: Path) -> Read:
    """Every row of the tables that count, as the journal leaves it, sorted by matter. Rows of batches as their keeper
    has them."""
    changes, found = Sorted(room), Read(Sorted(room))
    for body in journal_store.entries(unit):
        found.entries += 1
        for change in orjson.loads(body)["changes"]:
            table = change.get("table")
            if table not in _READERS:
                continue
            if change["do"] == "load":
                found.loads[table] += change["count"]
            else:
                changes.add(f"{table}/{change['key']}", orjson.dumps([change["do"], change.get("after")]))
    for name, group in groupby(changes, key=lambda line: line[0]):
        table = name.partition("/")[0]
        row, gone = _folded(orjson.loads(value) for _, value in group)
        if row is not None:
            found.matters.add(row[_SUBJECT.get(table, "id")], orjson.dumps([table, row]))
        elif gone:
            found.loads[table] -= 1
    if found.loads:
        for page in loaded(unit):
            for one in _of_page(page):
                found.matters.add(_subject(one), orjson.dumps([type(one).__name__, asdict(one)]))
    return found


def _folded(changes: Iterable[list[Any]]) -> tuple[dict[str, Any] | None, bool]:
    """A row as its changes leave it. None where it was not put in by itself, or is gone again; of a batch's row
    whether it is gone."""
    row: dict[str, Any] | None = None
    own = gone = False
    for do, after in changes:
        if do == "insert":
            row, own, gone = after, True, False
        elif do == "delete":
            row, gone = None, not own
        elif row is not None:
            _turn(row, after)
    return row, gone


def _turn(row: dict[str, Any], after: Mapping[str, Any]) -> None:
    """A change on a row; of two that were written in one moment the newer version says what holds."""
    if after.get("version", 0) >= row.get("version", 0):
        row.update(after)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _event(row: Mapping[str, Any]) -> EventRow:
    given = _plain(EventRow, row)
    return EventRow(**{**given, **{name: tuple(row[name] or ()) for name in ("orgs", "people", "exemptions")}})


def _act(row: Mapping[str, Any]) -> ActRow:
    said = row["args"] or {}
    more = {"outcome": said.get("outcome") or "", "satisfaction": said.get("satisfaction") or ""}
    target = said.get("target_at")
    return ActRow(
        **{**_plain(ActRow, {**row, **more}), "target_at": _time(target if isinstance(target, str) else None)}
    )


def _clock(row: Mapping[str, Any]) -> ClockRow:
    bundled = row.get("bundled_into") is not None
    return ClockRow(**_plain(ClockRow, {**row, "event": row["event_id"], "bundled": bundled}))


def _debt(row: Mapping[str, Any]) -> DebtRow:
    return DebtRow(**_plain(DebtRow, row))


def _task(row: Mapping[str, Any]) -> TaskRow:
    return TaskRow(**_plain(TaskRow, row))


def _call(row: Mapping[str, Any]) -> CallRow:
    return CallRow(**_plain(CallRow, {**row, "outcome": row["outcome_key"]}))


def _edition(row: Mapping[str, Any]) -> EditionRow:
    end = row["valid_to"]
    return EditionRow(**{**_plain(EditionRow, row), "valid_to": date.fromisoformat(end) if end else None})


def _correction(row: Mapping[str, Any]) -> CorrectionRow:
    return CorrectionRow(**{**_plain(CorrectionRow, row), "org": next(iter(row["orgs"] or ()), None)})


_READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "event": _event,
    "event_act": _act,
    "clock": _clock,
    "obligation": _debt,
    "field_task": _task,
    "hotline_call": _call,
    "knowledge_edition": _edition,
    "knowledge_correction": _correction,
}
_SUBJECT = {
    "event": "id",
    "event_act": "event",
    "clock": "event_id",
    "obligation": "event",
    "field_task": "event",
    "knowledge_edition": "entry",
    "knowledge_correction": "entry",
}
_TIMES = {kind: {item.name for item in fields(kind) if "datetime" in str(item.type)} for kind in KINDS}


def _plain(kind: type[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row that are kept, times as times."""
    times = _TIMES[kind]
    found = {}
    for item in fields(kind):
        value = row.get(item.name, 1 if item.name == "version" else None)
        found[item.name] = _time(value) if item.name in times and isinstance(value, str) else value
    return found


_BY_NAME = {kind.__name__: kind for kind in KINDS}
_TABLE_OF = {EventRow: "event", ActRow: "event_act", ClockRow: "clock"}


def _given(kind: type[Any], row: Mapping[str, Any]) -> Any:
    """A row of a batch, as it was put down to be sorted."""
    return kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in _plain(kind, row).items()})


def _of_page(page: EventsTold) -> Iterator[Any]:
    yield from (taking.event_of(one) for one in page.rows)
    yield from (taking.act_of(one) for one in page.acts)
    yield from taking.clocks_of(page.clocks)


def matters_of(found: Read) -> Iterator[Matter]:
    """The matters in order, each with its rows. What the journal tells of goes before what a batch's keeper has."""
    for subject, lines in groupby(found.matters, key=lambda line: line[0]):
        matter = Matter(subject)
        for _, value in lines:
            name, row = orjson.loads(value)
            if name in _READERS:
                one = _READERS[name](row)
                matter.rows[type(one)][one.id] = one
            else:
                one = _given(_BY_NAME[name], row)
                if one.id not in matter.rows[type(one)]:
                    matter.rows[type(one)][one.id] = one
                    found.from_loads[_TABLE_OF[type(one)]] += 1
        yield matter


def count_matters(unit: Unit, matters: Iterable[Matter], by_day: dict[date, Mapping[str, str]]) -> Iterator[Fact]:
    """The facts of matters."""
    for matter in matters:
        parts = [tuple(matter.rows[kind].values()) for kind in (ActRow, ClockRow, DebtRow, TaskRow)]
        for event in matter.rows[EventRow].values():
            yield from service.facts_of(unit, Case(event, *parts), by_day)
        for call in matter.rows[CallRow].values():
            yield from service.calls_facts(call)
        editions, corrections = (list(matter.rows[kind].values()) for kind in (EditionRow, CorrectionRow))
        yield from service.entry_facts(editions, corrections)


# --- against what is kept -------------------------------------------------------------------------------------


def check(loaded: Loaded) -> Account:
    """Hold what is kept against the journal, row by row, at one moment; what is still on its way is left out. Nothing
    is changed: the database would refuse it."""
    with journal_store.still(REBUILDER, "evaluate rebuild --check") as unit, _room() as room:
        found = read_journal(unit, loaded, room)
        looking = _Check(unit, Account(journal_entries=found.entries))
        for prefix, matters in _by_prefix(matters_of(found)):
            looking.matters(prefix, matters)
        account = looking.account
        account.from_loads = sum(found.from_loads.values())
        _count_loads(account, found)
        for day in sum_store.days(unit, seen_by=REBUILDER):
            _hold_sums(account, unit, day)
    return account


def _by_prefix(matters: Iterable[Matter]) -> Iterator[tuple[str, Iterable[Matter]]]:
    """Events, knowledge, calls, in this order: those of which the journal tells nothing too, since something may be
    kept of them."""
    left = list(SUBJECTS)
    for prefix, group in groupby(matters, key=lambda matter: matter.subject.partition("_")[0]):
        while left and left[0] < prefix:
            yield left.pop(0), ()
        if left and left[0] == prefix:
            left.pop(0)
        yield prefix, group
    yield from ((prefix, ()) for prefix in left)


class _Check:
    """Matters of the journal and what is kept of them, gone through together in the order of their ids."""

    def __init__(self, unit: Unit, account: Account) -> None:
        self.unit, self.account = unit, account
        self.waiting, self.spans = journal_store.on_its_way(unit)
        self.by_day: dict[date, Mapping[str, str]] = {}
        self.zone = service.zone()

    def _told(self, subject: str) -> bool:
        return subject not in self.waiting and not any(first <= subject <= last for first, last in self.spans)

    def matters(self, prefix: str, matters: Iterable[Matter]) -> None:
        each = iter(matters)
        last = ""
        while block := list(islice(each, BLOCK)):
            self._block(prefix, block, last, block[-1].subject)
            last = block[-1].subject
        self._block(prefix, [], last, "")

    def _block(self, prefix: str, block: list[Matter], after: str, until: str) -> None:
        """Matters ``after`` one and ``until`` another against what is kept between the two."""
        skipped = {matter.subject for matter in block if not self._told(matter.subject)}
        block = [matter for matter in block if matter.subject not in skipped]
        self.account.events += sum(len(matter.rows[EventRow]) for matter in block)
        for kind in KINDS:
            kept = store.rows_between(self.unit, kind, prefix, after, until, seen_by=REBUILDER)
            mine = {key: _comparable(row) for matter in block for key, row in matter.rows[kind].items()}
            theirs = {row.id: _comparable(row) for row in kept if self._told(_subject(row))}
            if kind is EventRow:  # the journal is never written anew: a title that was erased stands in it
                mine |= {
                    key: {**mine[key], "title": ERASED} for key in mine if theirs.get(key, {}).get("title") == ERASED
                }
            skipped |= {_subject(row) for row in kept if not self._told(_subject(row))}
            self.account.rows += _compare(self.account, kind.__name__, mine, theirs)
        facts = [store.fact_values(fact, self.zone) for fact in count_matters(self.unit, block, self.by_day)]
        mine = {fact["id"]: fact for fact in facts}
        known = store.facts_between(self.unit, prefix, after, until, seen_by=REBUILDER)
        theirs = {row["id"]: row for row in known if self._told(row["subject"])}
        many = _compare(self.account, "Fact", mine, theirs)
        self.account.facts += many
        self.account.rows += many
        self.account.pending += len(skipped)


def _count_loads(account: Account, found: Read) -> None:
    """As many rows of batches as the journal says have to be there still."""
    for table in sorted({*found.loads, *found.from_loads}):
        if found.loads[table] != found.from_loads[table]:
            _differs(account, Difference("Load", table, "count", str(found.loads[table]), str(found.from_loads[table])))


def _hold_sums(account: Account, unit: Unit, day: date) -> None:
    for row in sum_store.wrong(unit, day, MOST_TOLD, seen_by=REBUILDER):
        name = f"{day}/{row['division']}/{row['unit_grid']}/{row['word']}"
        _differs(account, Difference("Sum", name, "n", str(row["facts"]), str(row["sums"])))


def _subject(row: Any) -> str:
    if isinstance(row, EditionRow | CorrectionRow):
        return str(row.entry)
    return str(row.id if isinstance(row, EventRow | CallRow) else row.event)


def _comparable(row: Any) -> dict[str, Any]:
    """A row as it is compared. A clock's version also counts its timers, which nobody tells."""
    shown = replace(row, version=0) if isinstance(row, ClockRow) else row
    return {item.name: getattr(shown, item.name) for item in fields(shown)}


def _compare(account: Account, kind: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> int:
    for key in sorted({*mine, *theirs}):
        one, other = mine.get(key), theirs.get(key)
        if one != other:
            _differs(account, _named(kind, key, one, other))
    return len({*mine, *theirs})


def _differs(account: Account, one: Difference) -> None:
    account.differences += 1
    if len(account.first) < MOST_TOLD:
        account.first.append(one)


def _named(kind: str, key: str, one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> Difference:
    if one is None or other is None:
        return Difference(kind, key, "", None if one is None else "there", None if other is None else "there")
    name = next(name for name in one if one[name] != other.get(name))
    return Difference(kind, key, name, str(one[name])[:80], str(other.get(name))[:80])


def rebuild(loaded: Loaded) -> Account:
    """Throw away what is kept and put in its place what the journal says. What is still on its way comes on top."""
    with open_unit(REBUILDER, "evaluate rebuild") as unit, _room() as room:
        journal_store.alone(unit)
        found = read_journal(unit, loaded, room)
        erased = store.titled(unit, ERASED, seen_by=REBUILDER)
        store.empty(unit)
        account = Account(journal_entries=found.entries)
        by_day: dict[date, Mapping[str, str]] = {}
        each = matters_of(found)
        while block := list(islice(each, BLOCK)):
            for kind in KINDS:
                rows = [row for matter in block for row in matter.rows[kind].values()]
                store.load(unit, rows)
                account.rows += len(rows)
                account.events += len(rows) if kind is EventRow else 0
            facts = list(count_matters(unit, block, by_day))
            store.load_facts(unit, facts, service.zone())
            account.facts += len(facts)
        store.blank_titles(unit, erased, ERASED)
        sum_store.fill(unit)
        account.rows += account.facts
        account.from_loads = sum(found.from_loads.values())
        unit.note("rebuild evaluation", "evaluate", entries=found.entries, facts=account.facts)
        return account
