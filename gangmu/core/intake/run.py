"""The way of a whole file: read and map ahead in a thread, take chunk after chunk, each in a unit of its own.

The edges (command line, job, benchmark) call this with a way to open units. Whatever stops it (a crash, a full disk,
a broken file), the chunks taken so far stay, and the same file given again goes on behind them.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from psycopg.errors import DataError, IntegrityError
from sqlalchemy.exc import DBAPIError

from gangmu.core.intake import profile as profiles
from gangmu.core.intake import service
from gangmu.core.intake.errors import FileDamaged, FileTooLarge, WrongColumns
from gangmu.core.intake.mapping import Mapper
from gangmu.core.intake.model import Batch, Counts, Incoming, Known, RowError, header_score, is_of_profile, positions
from gangmu.core.intake.profile import Profile
from gangmu.core.intake.readers import Raw, Table, open_table
from gangmu.core.intake.resolving import Resolver, known_codes
from gangmu.core.intake.service import Mapped
from gangmu.core.intake.settings import IntakeSettings
from gangmu.kit import fence, seal, settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Conflict
from gangmu.kit.ids import Id
from gangmu.kit.page import Page
from gangmu.kit.unit import Unit

OpenUnit = Callable[[], AbstractContextManager[Unit]]
Told = Callable[[Batch, float], None]
_AHEAD = 2
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file and what it is read by. ``text`` is the profile as written, kept with the batch; ``most`` stops after
    so many rows; ``file`` is the kept upload, ``batch`` its batch that waits."""

    path: Path
    profile: Profile
    text: str
    most: int | None = None
    file: Id | None = None
    batch: Id | None = None


def open_source(source: Source) -> Table:
    """The file as a table of its profile. ``WrongColumns`` when it is one of something else."""
    profile = source.profile
    limits = settings.get(IntakeSettings).limits()
    try:
        table = open_table(source.path, header_score(profile), limits, encoding=profile.encoding)
    except WrongColumns as wrong:
        raise WrongColumns(**{**wrong.params, "profile": profile.name, "missing": _wanted(profile)}) from None
    if not is_of_profile(profile, table.columns):
        table.close()
        missing = ", ".join(sorted(profile.columns - positions(profile, table.columns).keys()))[:200]
        found = ", ".join(table.columns)[:200]
        raise WrongColumns(path=source.path.name, profile=profile.name, missing=missing, found=found)
    return table


def _wanted(profile: Profile) -> str:
    return ", ".join("/".join(group) for group in profile.needed())[:200]


def guess_profile(path: Path) -> Profile | None:
    """The shipped profile that a file is most likely a table of: the one most of whose columns it has."""
    best: tuple[float, Profile] | None = None
    for name in profiles.shipped():
        plan = profiles.load(name)
        try:
            found = _columns(path, plan)
        except WrongColumns:
            continue
        if is_of_profile(plan, found):
            share = len(positions(plan, found)) / len(plan.columns)
            if best is None or share > best[0]:
                best = share, plan
    return None if best is None else best[1]


def _columns(path: Path, plan: Profile) -> tuple[str, ...]:
    with open_table(path, header_score(plan), settings.get(IntakeSettings).limits(), encoding=plan.encoding) as table:
        return table.columns


def run_file(open_unit: OpenUnit, actor: Actor, source: Source, told: Told = lambda batch, share: None) -> Batch:
    """Take a whole file in. The batch at the end: ``done``, or ``broken`` with the reason when the file broke."""
    rules = settings.get(IntakeSettings)
    with open_source(source) as table:
        with open_unit() as unit:
            batch = _batch(unit, actor, source, table)
            known = known_codes(unit, actor, source.profile)
            now = unit.now
        mapper = Mapper(source.profile, table.columns, rules.rules(), known)
        resolver = Resolver(source.profile)
        rows = islice(table.rows, batch.read, source.most)
        told(batch, table.share())
        why = ""
        try:
            for chunk in _ahead(mapper, rows, now, rules.batch_rows):
                _take(open_unit, actor, batch, mapper, resolver, chunk)
                with open_unit() as unit:
                    batch = service.get_batch(unit, actor, batch.id)
                told(batch, table.share())
        except (FileDamaged, FileTooLarge) as broken:
            why = str(broken.params.get("reason", broken.code))
    with open_unit() as unit:
        return service.end_batch(unit, actor, batch.id, state="broken" if why else "done", why=why)


def _batch(unit: Unit, actor: Actor, source: Source, table: Table) -> Batch:
    notes = {"columns": list(table.columns), "format": table.form, **table.notes}
    if source.batch is not None:
        return service.start_waiting(unit, actor, source.batch, notes)
    batch, _ = service.begin_batch(
        unit,
        actor,
        source.profile,
        profile_text=source.text,
        file_name=source.path.name,
        digest=digest_of(source.path, source.text),
        most=source.most,
        notes=notes,
    )
    return batch


def digest_of(path: Path, text: str) -> str:
    """What a file with its profile is known by."""
    digest = seal.Sm3()
    digest.add(text.encode())
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.add(block)
    return digest.hex()


def _ahead(mapper: Mapper, rows: Iterator[Raw], now: datetime, size: int) -> Iterator[list[Mapped]]:
    """Chunks of mapped rows, made a few ahead in a thread while the database works on the one before. What the reader
    raises comes out here, behind the rows that it had given."""
    made: queue.Queue[list[Mapped] | Exception | None] = queue.Queue(_AHEAD)
    stop = threading.Event()

    def put(item: list[Mapped] | Exception | None) -> None:
        while not stop.is_set():
            try:
                made.put(item, timeout=0.2)
                return
            except queue.Full:
                continue

    chunk: list[Mapped] = []

    def read() -> None:
        nonlocal chunk
        for raw in rows:
            chunk.append(Mapped(raw, mapper.map(raw, now)))
            if len(chunk) >= size:
                put(chunk)
                chunk = []
                if stop.is_set():
                    return

    def work() -> None:
        outcome = fence.run("import reader", read)
        put(chunk)
        put(outcome.error)

    thread = threading.Thread(target=work, name="import-reader", daemon=True)
    thread.start()
    try:
        while (item := made.get()) is not None:
            if isinstance(item, Exception):
                raise item
            if item:
                yield item
    finally:
        stop.set()
        thread.join()


def _take(
    open_unit: OpenUnit,
    actor: Actor,
    batch: Batch,
    mapper: Mapper,
    resolver: Resolver,
    rows: Sequence[Mapped],
) -> None:
    """One chunk, one transaction. A row that the database refuses is found by halving and put into quarantine, so
    that it costs nobody else."""
    try:
        with open_unit() as unit:
            service.take_chunk(unit, actor, batch, mapper, resolver, rows)
    except (DBAPIError, DataError, IntegrityError, Conflict, UnicodeError) as refused:
        if isinstance(refused, DBAPIError) and not isinstance(refused.orig, DataError | IntegrityError):
            raise
        resolver.forget()
        if len(rows) == 1:
            only = rows[0]
            if not isinstance(only.found, Incoming):
                raise
            error = RowError(only.raw.at, "", "refused", type(refused).__name__)
            _take(open_unit, actor, batch, mapper, resolver, [Mapped(only.raw, [error])])
            return
        middle = len(rows) // 2
        _take(open_unit, actor, batch, mapper, resolver, rows[:middle])
        _take(open_unit, actor, batch, mapper, resolver, rows[middle:])


def retry_batch(
    open_unit: OpenUnit,
    actor: Actor,
    batch_id: Id,
    profile: Profile,
    *,
    at: int | None = None,
    fixes: Mapping[str, str] | None = None,
) -> Counts:
    """Try the quarantined rows of a batch again: with the profile as it is now, or with corrected cells."""
    total = Counts()
    resolver = Resolver(profile)
    after: str | None = None
    while True:
        with open_unit() as unit:
            batch = service.get_batch(unit, actor, batch_id)
            columns = [str(name) for name in batch.notes.get("columns", [])]
            known = known_codes(unit, actor, profile)
            mapper = Mapper(profile, columns, settings.get(IntakeSettings).rules(), known)
            waiting, after = service.reopen_rows(unit, actor, batch, at, fixes or {}, Page(200, after))
            rows = [(row, Mapped(raw, mapper.map(raw, unit.now))) for row, raw in waiting]
            if rows:
                counts = service.retry_chunk(unit, actor, batch, mapper, resolver, rows)
                total.read += counts.read
                total.accepted += counts.accepted
                total.quarantined += counts.quarantined
                total.already += counts.already
        if after is None:
            return total


def preview(source: Source, unit: Unit, actor: Actor, most: int = 20) -> tuple[Table, Mapper, list[Mapped]]:
    """The first rows of a file as they would be taken. Writes nothing."""
    with open_source(source) as table:
        known = known_codes(unit, actor, source.profile) if source.profile.city is None else Known()
        mapper = Mapper(source.profile, table.columns, settings.get(IntakeSettings).rules(), known)
        rows = [Mapped(raw, mapper.map(raw, unit.now)) for raw in islice(table.rows, most)]
        return table, mapper, rows
