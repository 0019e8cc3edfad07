"""The way of a spreadsheet: read row by row, batch after batch, each in a unit of its own.

A preview runs the same way and takes all of it back. Good rows are kept, bad ones listed; a row that the database
refuses is found by halving. Whatever stops an import (a crash, a cut line), the batches taken stay, and it goes on
behind them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from typing import IO, Any

from sqlalchemy.exc import DBAPIError

from gangmu.base.sheet import store
from gangmu.base.sheet.model import Counts, Import, RowError, State
from gangmu.base.sheet.settings import SheetSettings
from gangmu.kit import settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Busy, HouseError
from gangmu.kit.ids import Id
from gangmu.kit.savepoint import savepoint
from gangmu.kit.sheet_kinds import BadRow, Line, SheetKind, Taker
from gangmu.kit.sheet_reading import Left, Raw, Table, open_table
from gangmu.kit.unit import Unit

OpenUnit = Callable[[], AbstractContextManager[Unit]]
Row = tuple[Raw, Line | Left]
Key = tuple[str, ...]
Point = Callable[[], AbstractContextManager[None]]
_WHOLE = 1 << 60
_SHOWN = 100


@dataclass(slots=True)
class Shown:
    """A row of a preview: what it would do."""

    row: int
    outcome: str
    cells: Mapping[str, str]


@dataclass(slots=True)
class Seen:
    """What came of some rows."""

    counts: Counts = field(default_factory=Counts)
    errors: list[RowError] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    handout: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    keys: dict[Key, int] = field(default_factory=dict)


class Stopped(Exception):
    """The import is not running any more, or cannot be taken in by this actor: ``why`` says so, empty if cancelled."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why)
        self.why = why


def source_of(file: IO[bytes], kind: SheetKind) -> Table:
    """The table in a file, within the limits of the house."""
    return open_table(file, kind, settings.get(SheetSettings).limits())


# --- preview ---------------------------------------------------------------------------------------------


def preview(unit: Unit, actor: Actor, table: Table) -> Seen:
    """What every row would do. Nothing stays of it."""
    kind, seen = table.kind, Seen()
    most = settings.get(SheetSettings).bad_rows
    rows = table.rows()
    with savepoint(unit, keep=False):
        taker = _start(kind, unit, actor, True)
        while batch := list(islice(rows, 2000)):
            part = Seen()
            try:
                with savepoint(unit):
                    _each(table, taker, batch, part, _nothing, seen.keys)
            except DBAPIError as refused:
                if refused.connection_invalidated:
                    raise
                part = Seen()
                taker = _start(kind, unit, actor, True)
                _each(table, taker, batch, part, lambda: savepoint(unit), seen.keys)
            _merge(seen, part, most)
        try:
            taker.end()
        except HouseError as wrong:
            seen.errors.insert(0, RowError(0, (_told(kind, wrong),)))
    return seen


def _merge(seen: Seen, part: Seen, most: int) -> None:
    for name in Counts.__dataclass_fields__:
        setattr(seen.counts, name, getattr(seen.counts, name) + getattr(part.counts, name))
    seen.keys |= part.keys
    seen.errors += part.errors[: max(0, most - len(seen.errors))]
    seen.shown += part.shown[: max(0, _SHOWN - len(seen.shown))]


# --- import ----------------------------------------------------------------------------------------------


def take_in(open_unit: OpenUnit, was: Import, kind: SheetKind, file: IO[bytes]) -> None:
    """Take a file in from where it stopped. ``Stopped`` when it was cancelled meanwhile."""
    table = source_of(file, kind)
    rows = table.rows()
    keys = _passed_over(open_unit, was, kind, rows) if was.taken else {}
    size = kind.batch or _WHOLE
    while batch := list(islice(rows, size)):
        _batch(open_unit, was.id, table, batch, keys)
    with open_unit() as unit:
        now = _running(unit, was.id)
        kept = {**now.notes, **table.notes}
        store.save_import(unit, now, state=State.done.value, ended_at=unit.now, total=now.taken, notes=kept)
        if now.file is not None:
            store.forget_file(unit, now.file)


def _passed_over(open_unit: OpenUnit, was: Import, kind: SheetKind, rows: Iterator[Row]) -> dict[Key, int]:
    """Go behind the rows taken before a crash: the keys of those that were good."""
    with open_unit() as unit:
        bad = store.bad_rows(unit, was.id)
    keys: dict[Key, int] = {}
    for _, line in islice(rows, was.taken):
        if isinstance(line, Line) and line.number not in bad:
            keys.setdefault(_key(kind, line), line.number)
    return keys


def _key(kind: SheetKind, line: Line) -> Key:
    return tuple(line[name] for name in kind.key)


def _running(unit: Unit, import_id: Id) -> Import:
    found = store.get_import(unit, import_id, seen_by=unit.actor, hold=True)
    if found.state != State.running:
        raise Stopped
    return found


def _batch(open_unit: OpenUnit, import_id: Id, table: Table, rows: Sequence[Row], keys: dict[Key, int]) -> None:
    """Rows of one unit. What the database refuses is found by halving, so that it costs nobody else."""
    try:
        with open_unit() as unit:
            fresh = _take(unit, import_id, table, rows, keys)
        keys |= fresh
    except (DBAPIError, HouseError) as refused:
        if isinstance(refused, Busy) or (isinstance(refused, DBAPIError) and not _is_of_values(refused)):
            raise
        if len(rows) > 1:
            middle = len(rows) // 2
            _batch(open_unit, import_id, table, rows[:middle], keys)
            _batch(open_unit, import_id, table, rows[middle:], keys)
            return
        raw = rows[0][0]
        wrong = _told(table.kind, refused) if isinstance(refused, HouseError) else _error("", "refused_by_database")
        bad = RowError(raw.number, (wrong,), _texts(table, raw))
        with open_unit() as unit:
            _running(unit, import_id)
            _keep(unit, import_id, table.kind, Seen(Counts(taken=1, bad=1), [bad]))


def _is_of_values(error: DBAPIError) -> bool:
    return type(error).__name__ in ("DataError", "IntegrityError") and not error.connection_invalidated


def _take(unit: Unit, import_id: Id, table: Table, rows: Sequence[Row], keys: Mapping[Key, int]) -> dict[Key, int]:
    kind = table.kind
    _running(unit, import_id)
    store.one_at_a_time(unit, kind.id)
    try:
        taker, seen = _start(kind, unit, unit.actor, False), Seen()
    except HouseError as refused:
        raise Stopped(refused.code) from refused
    point: Point = _nothing if kind.bulk else lambda: savepoint(unit)
    _each(table, taker, rows, seen, point, keys)
    taker.end()
    given = getattr(taker, "handout", ())
    seen.handout = list(enumerate(given, start=rows[0][0].number))
    _keep(unit, import_id, kind, seen)
    return seen.keys


def _keep(unit: Unit, import_id: Id, kind: SheetKind, seen: Seen) -> None:
    """Count and list what came of a batch, in its unit."""
    room = settings.get(SheetSettings).bad_rows - (store.count_errors(unit, import_id) if seen.errors else 0)
    store.add_errors(unit, import_id, seen.errors[: max(0, room)])
    store.add_handout(unit, import_id, seen.handout)
    store.progress(unit, import_id, seen.counts)
    counts = {name: getattr(seen.counts, name) for name in Counts.__dataclass_fields__}
    unit.note("sheet rows taken in", import_id, kind=kind.id, **counts)


# --- rows ------------------------------------------------------------------------------------------------


def _start(kind: SheetKind, unit: Unit, actor: Actor, only_look: bool) -> Taker:
    assert kind.start is not None
    return kind.start(unit, actor, only_look)


def _each(
    table: Table,
    taker: Taker,
    rows: Sequence[Row],
    seen: Seen,
    point: Point,
    keys: Mapping[Key, int],
) -> None:
    """Take rows one by one, or as many at once as the kind can. A row that says again what an earlier good one has said
    is bad."""
    kind = table.kind
    at_once = getattr(taker, "take_many", None)
    told = _many(kind, at_once, rows, keys) if at_once else {}
    for raw, line in rows:
        seen.counts.taken += 1
        if isinstance(line, Line):
            key = _key(kind, line) if kind.key else ()
            try:
                if key and (first := keys.get(key) or seen.keys.get(key)):
                    raise BadRow(kind.key[-1], "twice", first=first)
                if at_once:
                    outcome = told[line.number]
                    if isinstance(outcome, HouseError):
                        raise outcome
                else:
                    with point():
                        outcome = taker.take(line)
            except HouseError as wrong:
                errors: tuple[dict[str, Any], ...] = (_told(kind, wrong),)
            else:
                seen.counts.add(outcome)
                if key:
                    seen.keys[key] = line.number
                if len(seen.shown) < _SHOWN:
                    seen.shown.append(Shown(line.number, outcome, _first_cells(kind, line)))
                continue
        else:
            errors = tuple(_error(fault.field, fault.reason, fault.params) for fault in line.faults)
        seen.counts.bad += 1
        seen.errors.append(RowError(raw.number, errors, _texts(table, raw)))


def _many(
    kind: SheetKind, take_many: Callable[[list[Line]], list[Any]], rows: Sequence[Row], keys: Mapping[Key, int]
) -> dict[int, Any]:
    """What becomes of the good rows of a batch, by number. Of rows with one key the first is asked, the next only if it
    was bad."""
    told: dict[int, Any] = {}
    good = set(keys) if kind.key else set()
    waiting = [line for _, line in rows if isinstance(line, Line)]
    while waiting:
        asked: dict[Any, Line] = {}
        later = []
        for line in waiting:
            key = _key(kind, line) if kind.key else (line.number,)
            if key in asked:
                later.append(line)
            elif key not in good:
                asked[key] = line
        for (key, line), outcome in zip(asked.items(), take_many(list(asked.values())), strict=True):
            told[line.number] = outcome
            if not isinstance(outcome, HouseError):
                good.add(key)
        waiting = [line for line in later if not kind.key or _key(kind, line) not in good]
    return told


def _first_cells(kind: SheetKind, line: Line) -> dict[str, str]:
    shown = [column for column in kind.columns if line.has(column.id) and not column.personal][:4]
    return {column.id: line[column.id][:60] for column in shown}


def _error(field_name: str, reason: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"field": field_name, "reason": reason, "params": dict(params or {})}


def _told(kind: SheetKind, wrong: HouseError) -> dict[str, Any]:
    """A refusal as an error of its row: the column if it names one, the reason or the error's own code."""
    params = {name: value for name, value in wrong.params.items() if isinstance(value, str | int | float | bool)}
    name = str(params.pop("field", ""))
    reason = str(params.pop("reason", "")) or wrong.code
    return _error(name if name in kind.by_id else "", reason, params)


def _texts(table: Table, raw: Raw) -> dict[str, str]:
    """The cells of a bad row as the error workbook shows them."""
    return {name: _text(raw.cells[at]) for name, at in table.places.items() if raw.cells[at] != ""}


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return str(cell).encode("utf-8", "replace").decode().replace("\x00", "")[:2000]


@contextmanager
def _nothing() -> Iterator[None]:
    yield
