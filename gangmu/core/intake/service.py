"""Use cases of imports: begin a batch, take a chunk of rows, end it, look at the quarantine, try rows again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from gangmu.base import access
from gangmu.core.event.bulk import ForeignReport, take_reports
from gangmu.core.intake import founding, store
from gangmu.core.intake.mapping import Mapper
from gangmu.core.intake.model import Bad, Batch, Change, Counts, Incoming, RowError, Waiting
from gangmu.core.intake.profile import Profile
from gangmu.core.intake.readers import Raw
from gangmu.core.intake.resolving import Resolver, Spot
from gangmu.core.intake.settings import IntakeSettings
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

RUN = "import.run"
Take = Callable[[Unit, Actor, Sequence[ForeignReport], str], list[tuple[str, str]]]
"""What makes events of reports: (report, event) uuids as text, in the order given."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A row with what the mapper made of it."""

    raw: Raw
    found: Incoming | list[RowError]


def begin_batch(
    unit: Unit,
    actor: Actor,
    profile: Profile,
    *,
    profile_text: str,
    file_name: str,
    digest: str,
    most: int | None = None,
    file: Id | None = None,
    notes: Mapping[str, Any] | None = None,
) -> tuple[Batch, bool]:
    """The batch of a file: the one that this very file began and did not end (True), or a new one."""
    access.require(actor, RUN, "")
    founding.ensure_city(unit, actor, profile)
    store.lock_source(unit, profile.name)
    stopped = store.find_running(unit, profile.name, digest, most, seen_by=actor)
    if stopped is not None and file is None:
        return stopped, stopped.read > 0
    new = Batch(
        id=ids.new("imb"),
        source=profile.name,
        profile=profile_text,
        file_name=file_name[:200],
        digest=digest,
        file=file,
        most=most,
        state="running",
        why="",
        notes=dict(notes or {}),
        flags={},
        read=0,
        accepted=0,
        quarantined=0,
        already=0,
        changed=0,
        started_by=actor.person,
        started_at=unit.now,
        ended_at=None,
    )
    store.add_batch(unit, new)
    return new, False


def start_waiting(unit: Unit, actor: Actor, batch_id: Id, notes: Mapping[str, Any]) -> Batch:
    """The batch of an upload, now that its file is being read."""
    was = store.get_batch(unit, batch_id, seen_by=actor)
    if not was.notes:
        store.save_batch(unit, was, notes=dict(notes))
    return store.get_batch(unit, batch_id, seen_by=actor)


def take_chunk(
    unit: Unit,
    actor: Actor,
    batch: Batch,
    mapper: Mapper,
    resolver: Resolver,
    rows: Sequence[Mapped],
    take: Take = take_reports,
) -> Counts:
    """Take rows of a file in: what is new becomes reports and events (by ``take``), what is known is counted, what is
    wrong waits in quarantine. One transaction; of rows with the same key the first given is taken."""
    store.lock_source(unit, batch.source)
    counts, fresh, changes = _sorted_out(unit, mapper, batch, rows)
    wrong = [(row, _digest(row.raw)) for row in rows if not isinstance(row.found, Incoming)]
    corrected = store.corrected(unit, batch.source, [digest for _, digest in wrong])
    bad = [_bad(unit, batch, mapper, row, digest) for row, digest in wrong if digest not in corrected]
    counts.already += len(wrong) - len(bad)
    _take(unit, actor, batch, resolver, fresh, counts, take)
    counts.changed = store.add_changes(unit, batch.source, batch.id, changes)
    store.add_bad(unit, batch.source, batch.id, bad)
    counts.quarantined = len(bad)
    unit.note(
        "import", batch.id, read=counts.read, accepted=counts.accepted, quarantined=len(bad), already=counts.already
    )
    store.progress(unit, batch.id, counts)
    return counts


def _sorted_out(
    unit: Unit, mapper: Mapper, batch: Batch, rows: Sequence[Mapped]
) -> tuple[Counts, list[Incoming], list[Change]]:
    """Which rows are new; which known ones have other content now."""
    good = [(row.raw, row.found) for row in rows if isinstance(row.found, Incoming)]
    seen = store.digests_of(unit, batch.source, [found.key for _, found in good])
    fresh, changes, already = [], [], 0
    for raw, found in good:
        held = seen.get(found.key)
        if held is None:
            seen[found.key] = found.digest
            fresh.append(found)
            continue
        already += 1
        if held != found.digest:
            sealed = _sealed(unit, batch, raw)
            changes.append(Change(found.key, found.digest, found.at, mapper.shown_cells(raw), sealed))
    return Counts(read=len(rows), already=already, accepted=len(fresh)), fresh, changes


def _take(
    unit: Unit,
    actor: Actor,
    batch: Batch,
    resolver: Resolver,
    fresh: Sequence[Incoming],
    counts: Counts,
    take: Take = take_reports,
) -> None:
    if not fresh:
        return
    spots = resolver.spots(unit, actor, fresh)
    numbers = _numbers(batch, resolver.profile, fresh)
    reports = [
        foreign_of(unit, actor, resolver, row, spot, number)
        for row, spot, number in zip(fresh, spots, numbers, strict=True)
    ]
    made = take(unit, actor, reports, batch.source)
    store.add_rows(unit, batch, fresh, made)
    for row, spot in zip(fresh, spots, strict=True):
        for flag in (*row.flags, *spot.flags):
            counts.flags[flag] = counts.flags.get(flag, 0) + 1


def _numbers(batch: Batch, profile: Profile, rows: Sequence[Incoming]) -> list[str]:
    """The foreign numbers, unique for the source. Where numbers are not the identity the same one may name two rows
    (two releases of a set): the later gets a mark of its key, so that both are found by it."""
    if len(profile.identity) == 1 and profile.identity == profile.rules["number"].columns:
        return [row.number for row in rows]
    return [f"{row.number}~{row.key[1:9]}" if row.number else "" for row in rows]


def foreign_of(unit: Unit, actor: Actor, resolver: Resolver, row: Incoming, spot: Spot, number: str) -> ForeignReport:
    facts: dict[str, Any] = {}
    if row.department:
        facts["department"] = row.department
    if row.transfers is not None:
        facts["transfers"] = row.transfers
    if row.replied_at is not None:
        facts["replied_at"] = row.replied_at.isoformat()
    if row.reply and row.life == "open":
        facts["answer"] = row.reply
    if row.flags or spot.flags:
        facts["flags"] = [*row.flags, *spot.flags]
    return ForeignReport(
        number=number,
        channel=row.channel,
        kind=row.kind,
        title=row.title,
        text=row.text,
        happened_at=row.happened_at,
        received_at=row.received_at,
        division=spot.division,
        flow=resolver.profile.flow,
        life=row.life,
        unit_grid=spot.unit_grid,
        address=row.address,
        lon=spot.lon,
        lat=spot.lat,
        datum=str(row.datum) if spot.lon is not None else "",
        matter=resolver.matter(unit, actor, row),
        lead_org=resolver.department(unit, actor, row.department),
        target_at=row.target_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
        reply=row.reply,
        satisfaction=row.satisfaction,
        urgent=row.urgent,
        anonymous=row.anonymous,
        confidential=row.confidential,
        want_reply=row.want_reply,
        reporter_name=row.reporter_name,
        reporter_phone=row.reporter_phone,
        facts=facts,
    )


def _bad(unit: Unit, batch: Batch, mapper: Mapper, row: Mapped, digest: bytes) -> Bad:
    assert not isinstance(row.found, Incoming)
    cells = mapper.shown_cells(row.raw)
    return Bad(row.raw.at, digest, plain_errors(row.found), cells, _sealed(unit, batch, row.raw))


def plain_errors(errors: Sequence[RowError]) -> list[dict[str, str]]:
    """Errors as they are stored and travel."""
    return [{"field": error.field, "reason": error.reason, "value": error.value} for error in errors]


def _digest(raw: Raw) -> bytes:
    """What a bad row is known by: its cells, or what could be read of it."""
    fault = (raw.fault.reason, raw.fault.shown) if raw.fault and not raw.cells else ()
    body = repr((fault, [str(cell) for cell in raw.cells]))
    return blake2b(body.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _sealed(unit: Unit, batch: Batch, raw: Raw) -> bytes | None:
    """The cells of a row sealed under the batch's key, for another try. Very large rows and rows without cells are
    not kept."""
    if not raw.cells:
        return None
    cells = [cell if cell is None or isinstance(cell, str | int | float | bool) else _text(cell) for cell in raw.cells]
    body = orjson.dumps([_safe(cell) for cell in cells]).decode()
    if len(body) > settings.get(IntakeSettings).keep_raw_kb << 10:
        return None
    return unit.seal(batch.id, body)


def _text(cell: Any) -> str:
    return str(cell.isoformat(" ")) if hasattr(cell, "isoformat") and hasattr(cell, "year") else str(cell)


def _safe(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell.encode("utf-8", "replace").decode()
    return str(cell) if isinstance(cell, int) and abs(cell) >= 1 << 53 else cell


def end_batch(unit: Unit, actor: Actor, batch_id: Id, *, state: str = "done", why: str = "") -> Batch:
    """The file is read to its end, or broke in the middle."""
    was = store.get_batch(unit, batch_id, seen_by=actor)
    store.save_batch(unit, was, state=state, why=why[:500], ended_at=unit.now)
    return store.get_batch(unit, batch_id, seen_by=actor)


# --- looking ---------------------------------------------------------------------------------------------


def get_batch(unit: Unit, actor: Actor, batch_id: Id) -> Batch:
    access.require(actor, RUN, "")
    return store.get_batch(unit, batch_id, seen_by=actor)


def list_batches(unit: Unit, actor: Actor, wanted: Page) -> Paged[Batch]:
    access.require(actor, RUN, "")
    return store.list_batches(unit, wanted, seen_by=actor)


def list_quarantine(unit: Unit, actor: Actor, wanted: Page, batch: Id | None = None) -> Paged[Waiting]:
    """Rows that wait, with field, reason and their cells as they may be shown."""
    access.require(actor, RUN, "")
    if batch is not None:
        store.get_batch(unit, batch, seen_by=actor)
    return store.list_waiting(unit, wanted, seen_by=actor, batch=batch)


def events_of(unit: Unit, actor: Actor, source: str, keys: Sequence[str]) -> dict[str, Id]:
    """The events that rows of a source have become, by the key of the row."""
    access.require(actor, RUN, "")
    return store.events_of(unit, source, keys, seen_by=actor)


def reasons_of(unit: Unit, actor: Actor, batch: Id) -> dict[str, int]:
    return store.reasons_of(unit, batch, seen_by=actor)


# --- trying again ----------------------------------------------------------------------------------------


def reopen_rows(
    unit: Unit, actor: Actor, batch: Batch, at: int | None, fixes: Mapping[str, str], wanted: Page
) -> tuple[list[tuple[Waiting, Raw]], str | None]:
    """Rows of a batch out of quarantine as they came, with corrected cells. Rows that were not kept stay."""
    access.require(actor, RUN, "")
    if at is None:
        found = store.list_waiting(unit, wanted, seen_by=actor, batch=batch.id)
        waiting, following = found.items, found.next
    else:
        one = store.get_waiting(unit, batch.id, at, seen_by=actor)
        waiting, following = ([one] if one else []), None
    columns = [str(name) for name in batch.notes.get("columns", [])]
    rows = []
    for row in waiting:
        text = unit.unseal(batch.id, row.raw)
        if text is None:
            continue
        cells = list(orjson.loads(text))
        for name, value in fixes.items():
            if name in columns:
                cells[columns.index(name)] = value
        rows.append((row, Raw(row.at, cells)))
    unit.saw_personal(batch.id, ["quarantine.raw"], "retry")
    return rows, following


def retry_chunk(
    unit: Unit,
    actor: Actor,
    batch: Batch,
    mapper: Mapper,
    resolver: Resolver,
    rows: Sequence[tuple[Waiting, Mapped]],
) -> Counts:
    """Take rows out of quarantine that are good now; the others stay with their errors as they are now. The batch's
    balance moves from quarantined to accepted or already."""
    store.lock_source(unit, batch.source)
    good = [(waiting, row) for waiting, row in rows if isinstance(row.found, Incoming)]
    counts, fresh, changes = _sorted_out(unit, mapper, batch, [row for _, row in good])
    _take(unit, actor, batch, resolver, fresh, counts)
    counts.changed = store.add_changes(unit, batch.source, batch.id, changes)
    store.mark_taken(unit, [waiting.id for waiting, _ in good])
    for waiting, row in rows:
        if not isinstance(row.found, Incoming):
            store.still_bad(unit, waiting.id, plain_errors(row.found))
    unit.note("import retry", batch.id, accepted=counts.accepted, already=counts.already)
    moved = Counts(0, counts.accepted, -len(good), counts.already, counts.changed, counts.flags)
    store.progress(unit, batch.id, moved)
    return Counts(len(rows), counts.accepted, len(rows) - len(good), counts.already, counts.changed, counts.flags)
