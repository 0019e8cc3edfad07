"""Evaluation made anew from the journal alone, and held against what the messages have made of it.

The journal keeps every row of core before and after each change. Its entries are gone through from the first: rows come
into being, change, and stand at the end as they stand in core; from them everything is counted. No message is asked.
Rows of a batch (an import, a docking cut-over) have one entry for all, with a digest: those come from who keeps them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

import orjson

from gangmu.brain.evaluate import journal_store, service, store, taking
from gangmu.brain.evaluate.rows import ActRow, CallRow, Case, ClockRow, DebtRow, EventRow, Fact, TaskRow
from gangmu.kit.actor import System
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.event import EventsTold

REBUILDER = System("evaluate.rebuild")
MOST_TOLD = 50
KINDS: tuple[type[Any], ...] = (EventRow, ActRow, ClockRow, DebtRow, TaskRow, CallRow)
Loaded = Callable[[Unit], Iterable[EventsTold]]


@dataclass(slots=True)
class Rebuilt:
    """The rows of each kind by id, and where they came from."""

    rows: dict[type[Any], dict[str, Any]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    entries: int = 0
    loads: int = 0
    from_loads: int = 0


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
    """What a rebuild came to."""

    rows: int = 0
    facts: int = 0
    events: int = 0
    journal_entries: int = 0
    from_loads: int = 0
    pending: int = 0
    differences: int = 0
    first: list[Difference] = field(default_factory=list)


# --- from the journal ---------------------------------------------------------------------------------------


def read_journal(bodies: Iterable[bytes]) -> tuple[dict[str, dict[str, dict[str, Any]]], int, int]:
    """Every row of the tables that count, as the journal leaves it; how many entries, and how many of them loads."""
    tables: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    entries = loads = 0
    for body in bodies:
        entries += 1
        for change in orjson.loads(body)["changes"]:
            table = change.get("table")
            if table not in _READERS:
                continue
            if change["do"] == "load":
                loads += 1
                continue
            rows, key = tables[table], change["key"]
            if change["do"] == "delete":
                rows.pop(key, None)
            elif change["do"] == "insert":
                rows[key] = change["after"]
            elif key in rows:
                _turn(rows[key], change["after"])
    return tables, entries, loads


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


_READERS: dict[str, tuple[type[Any], Callable[[Mapping[str, Any]], Any]]] = {
    "event": (EventRow, _event),
    "event_act": (ActRow, _act),
    "clock": (ClockRow, _clock),
    "obligation": (DebtRow, _debt),
    "field_task": (TaskRow, _task),
    "hotline_call": (CallRow, _call),
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


def rebuild_rows(unit: Unit, loaded: Loaded) -> Rebuilt:
    """All rows from the journal; those of batches from who keeps them."""
    tables, entries, loads = read_journal(journal_store.entries(unit))
    found = Rebuilt(entries=entries, loads=loads)
    for table, (kind, make) in _READERS.items():
        for key, row in tables.get(table, {}).items():
            found.rows[kind][key] = make(row)
    if loads:
        for page in loaded(unit):
            for row in _of_page(page):
                if row.id not in found.rows[type(row)]:
                    found.rows[type(row)][row.id] = row
                    found.from_loads += 1
    return found


def _of_page(page: EventsTold) -> Iterator[Any]:
    yield from (taking.event_of(one) for one in page.rows)
    yield from (taking.act_of(one) for one in page.acts)
    yield from taking.clocks_of(page.clocks)


def count_all(unit: Unit, found: Rebuilt) -> Iterator[Fact]:
    """The facts of everything."""
    parts: dict[type[Any], dict[str, list[Any]]] = {}
    for kind in (ActRow, ClockRow, DebtRow, TaskRow):
        grouped: dict[str, list[Any]] = defaultdict(list)
        for row in found.rows[kind].values():
            grouped[row.event].append(row)
        parts[kind] = grouped
    by_day: dict[date, Mapping[str, str]] = {}
    for event_id, event in found.rows[EventRow].items():
        case = Case(event, *(tuple(parts[kind].get(event_id, ())) for kind in (ActRow, ClockRow, DebtRow, TaskRow)))
        yield from service.facts_of(unit, case, by_day)
    for call in found.rows[CallRow].values():
        yield from service.calls_facts(call)


# --- against what is kept -------------------------------------------------------------------------------------


def check(loaded: Loaded) -> Account:
    """Hold what is kept against the journal, row by row, at one moment; what is still on its way is left out."""
    with journal_store.still(REBUILDER, "evaluate rebuild --check") as unit:
        found = rebuild_rows(unit, loaded)
        waiting, spans = journal_store.on_its_way(unit)
        account = Account(journal_entries=found.entries, from_loads=found.from_loads, pending=len(waiting))
        account.events = len(found.rows[EventRow])

        def told(subject: str) -> bool:
            return subject not in waiting and not any(first <= subject <= last for first, last in spans)

        for kind in KINDS:
            kept = store.all_rows(unit, kind, seen_by=REBUILDER)
            mine = {key: _comparable(row) for key, row in found.rows[kind].items() if told(_subject(row))}
            theirs = {key: _comparable(row) for key, row in kept.items() if told(_subject(row))}
            account.rows += _compare(account, kind.__name__, mine, theirs)
        zone = service.zone()
        facts = [store.fact_values(fact, zone) for fact in count_all(unit, found) if told(fact.subject)]
        mine = {fact["id"]: fact for fact in facts}
        theirs = {key: row for key, row in store.all_facts(unit, seen_by=REBUILDER).items() if told(row["subject"])}
        account.facts = _compare(account, "Fact", mine, theirs)
        account.rows += account.facts
    return account


def _subject(row: Any) -> str:
    return str(row.id if isinstance(row, EventRow | CallRow) else row.event)


def _comparable(row: Any) -> dict[str, Any]:
    """A row as it is compared. A clock's version also counts its timers, which nobody tells."""
    shown = replace(row, version=0) if isinstance(row, ClockRow) else row
    return {item.name: getattr(shown, item.name) for item in fields(shown)}


def _compare(account: Account, kind: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> int:
    for key in sorted({*mine, *theirs}):
        one, other = mine.get(key), theirs.get(key)
        if one == other:
            continue
        account.differences += 1
        if len(account.first) < MOST_TOLD:
            account.first.append(_told(kind, key, one, other))
    return len({*mine, *theirs})


def _told(kind: str, key: str, one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> Difference:
    if one is None or other is None:
        return Difference(kind, key, "", None if one is None else "there", None if other is None else "there")
    name = next(name for name in one if one[name] != other.get(name))
    return Difference(kind, key, name, str(one[name])[:80], str(other.get(name))[:80])


def rebuild(loaded: Loaded) -> Account:
    """Throw away what is kept and put in its place what the journal says. What is still on its way comes on top."""
    with open_unit(REBUILDER, "evaluate rebuild") as unit:
        journal_store.alone(unit)
        found = rebuild_rows(unit, loaded)
        facts = list(count_all(unit, found))
        store.empty(unit)
        for kind in KINDS:
            store.load(unit, list(found.rows[kind].values()))
        store.load_facts(unit, facts, service.zone())
        unit.note("rebuild evaluation", "evaluate", entries=found.entries, facts=len(facts))
        rows = sum(len(kept) for kept in found.rows.values()) + len(facts)
        return Account(
            rows=rows,
            facts=len(facts),
            events=len(found.rows[EventRow]),
            journal_entries=found.entries,
            from_loads=found.from_loads,
        )
