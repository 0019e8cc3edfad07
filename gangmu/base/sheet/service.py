"""Use cases of spreadsheets."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import IO

from gangmu.base import access
from gangmu.base.sheet import books, run, store
from gangmu.base.sheet.errors import ExportOnly, ImportOver, NothingToHandOut, UnknownKind
from gangmu.base.sheet.model import Import, RowError, State
from gangmu.base.sheet.run import Seen, Stopped
from gangmu.base.sheet.settings import SheetSettings
from gangmu.kit import clock, files, ids, seal, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import HouseError, Invalid, Refused
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.sheet_guard import BadSheet, SheetTooLarge
from gangmu.kit.sheet_kinds import SheetKind, find_kind, kinds
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.sheet import SheetImportAsked

_CHUNK = 1 << 20
READER = System("sheet")


def list_kinds(actor: Actor) -> list[tuple[SheetKind, bool, bool]]:
    """The kinds that one may read or write, and which of both."""
    found = [(kind, actor.may(kind.can_read), kind.start is not None and actor.may(kind.can_write)) for kind in kinds()]
    return [one for one in found if one[1] or one[2]]


def get_kind(actor: Actor, name: str, *, write: bool = False) -> SheetKind:
    """A kind that one may read, or take in. A kind out of one's reach is not found."""
    kind = find_kind(name)
    if kind is None or not (actor.may(kind.can_read) or actor.may(kind.can_write)):
        raise UnknownKind(kind=name)
    if not write and not actor.may(kind.can_read):
        raise Refused(action=kind.can_read)
    if write and not actor.may(kind.can_write):
        raise Refused(action=kind.can_write)
    if write and kind.start is None:
        raise ExportOnly(kind=name)
    return kind


# --- out -------------------------------------------------------------------------------------------------


def write_template(actor: Actor, kind_name: str, lang: str) -> IO[bytes]:
    """An empty workbook of a kind, for who may read or write it."""
    kind = find_kind(kind_name)
    if kind is None or not (actor.may(kind.can_read) or actor.may(kind.can_write)):
        raise UnknownKind(kind=kind_name)
    out = _book()
    books.template(out, kind, lang)
    return _from_start(out)


def write_export(unit: Unit, actor: Actor, kind_name: str, lang: str, asked: Mapping[str, str]) -> IO[bytes]:
    """The rows that the asker sees, as a workbook; journaled with their number."""
    kind = get_kind(actor, kind_name)
    narrowed = {name: value[:200] for name, value in asked.items() if name in kind.asks and value}
    out = _book()
    count = books.export(out, kind, lang, kind.rows(unit, actor, **narrowed))
    unit.note("export spreadsheet", kind.id, rows=count, asked=narrowed)
    return _from_start(out)


def _book() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=8 << 20)


def _from_start(out: IO[bytes]) -> IO[bytes]:
    out.seek(0)
    return out


# --- in --------------------------------------------------------------------------------------------------


def preview(unit: Unit, actor: Actor, kind_name: str, file: IO[bytes], name: str) -> tuple[Import, Seen]:
    """What every row of a file would do. Nothing of it stays but the file and the list of its bad rows, so that the
    import can be begun with one more word."""
    kind = get_kind(actor, kind_name, write=True)
    new = _handed_in(unit, actor, kind, file, name, State.previewed)
    file.seek(0)
    table = run.source_of(file, kind)
    seen = run.preview(unit, actor, table)
    counts = seen.counts
    notes = {"form": table.form, "sheet": table.sheet, "unread": table.unread, **table.notes}
    notes["columns"] = list(table.places)
    told = replace(
        new,
        total=counts.taken,
        added=counts.added,
        changed=counts.changed,
        unchanged=counts.unchanged,
        ended=counts.ended,
        bad=counts.bad,
        notes=notes,
    )
    store.add_import(unit, told)
    store.add_errors(unit, told.id, [error for error in seen.errors if error.row])
    return told, seen


def start_previewed(unit: Unit, actor: Actor, import_id: Id) -> Import:
    """Take in what was previewed."""
    was = store.get_import(unit, import_id, seen_by=actor, hold=True)
    if was.state != State.previewed:
        raise ImportOver(state=was.state)
    get_kind(actor, was.kind, write=True)
    if running := store.find_running(unit, was.kind, was.digest, seen_by=actor):
        return running
    store.forget_rows(unit, import_id)
    zero = dict.fromkeys(("taken", "added", "changed", "unchanged", "ended", "bad"), 0)
    store.save_import(unit, was, state=State.running.value, **zero)
    unit.tell(SheetImportAsked(import_id))
    return store.get_import(unit, import_id, seen_by=actor)


def begin(unit: Unit, actor: Actor, kind_name: str, file: IO[bytes], name: str) -> Import:
    """Take a file in at once. The same file that is being taken in already is not begun twice."""
    kind = get_kind(actor, kind_name, write=True)
    if running := store.find_running(unit, kind.id, digest_of(file), seen_by=actor):
        return running
    file.seek(0)
    total = run.source_of(file, kind).total
    new = _handed_in(unit, actor, kind, file, name, State.running)
    store.add_import(unit, replace(new, total=total))
    unit.tell(SheetImportAsked(new.id))
    return store.get_import(unit, new.id, seen_by=actor)


def digest_of(file: IO[bytes]) -> str:
    digest = seal.Sm3()
    file.seek(0)
    while piece := file.read(_CHUNK):
        digest.add(piece)
    return digest.hex()


def _handed_in(unit: Unit, actor: Actor, kind: SheetKind, file: IO[bytes], name: str, state: State) -> Import:
    if actor.post is None:
        raise Invalid(field="post", reason="imports are made by somebody in a post")
    file.seek(0)
    pieces: Iterator[bytes] = iter(lambda: file.read(_CHUNK), b"")
    most = settings.get(SheetSettings).upload_mb * 1_000_000
    ref = files.put(unit, pieces, name or "upload", "application/octet-stream", most=most, purpose="sheet")
    return Import(
        id=ids.new("shi"),
        kind=kind.id,
        file=ref.id,
        file_name=ref.name,
        digest=ref.digest,
        state=state.value,
        why="",
        person=actor.person,
        post=actor.post,
        total=0,
        taken=0,
        added=0,
        changed=0,
        unchanged=0,
        ended=0,
        bad=0,
        notes={},
        handout=False,
        made_at=unit.now,
        ended_at=None,
    )


def cancel(unit: Unit, actor: Actor, import_id: Id) -> Import:
    """Stop an import behind the batch that is at work; what was taken in stays."""
    was = store.get_import(unit, import_id, seen_by=actor, hold=True)
    if was.state not in (State.running, State.previewed):
        raise ImportOver(state=was.state)
    store.save_import(unit, was, state=State.cancelled.value, ended_at=unit.now)
    if was.file is not None:
        store.forget_file(unit, was.file)
    return store.get_import(unit, import_id, seen_by=actor)


def carry_on(import_id: Id) -> None:
    """Take in what was asked, as the person who asked, in that post: what the post may not, the import may not."""
    with open_unit(READER, "sheet import") as unit:
        was = store.get_import(unit, import_id, seen_by=unit.actor)
        if was.state != State.running or was.file is None or was.post is None:
            return
        try:
            actor = access.actor_of_post(unit, was.post)
            kind = get_kind(actor, was.kind, write=True)
            path = files.path_of(files.get(unit, was.file).digest)
        except HouseError as refused:
            _break_off(unit, was, refused.code)
            return

    def opening() -> AbstractContextManager[Unit]:
        return open_unit(actor, f"sheet import {import_id}")

    try:
        with path.open("rb") as file:
            run.take_in(opening, was, kind, file)
    except Stopped as stopped:
        if stopped.why:
            _broken(import_id, stopped.why)
    except (BadSheet, SheetTooLarge) as refused:
        _broken(import_id, refused.code)


def _broken(import_id: Id, why: str) -> None:
    with open_unit(READER, "sheet import") as unit:
        was = store.get_import(unit, import_id, seen_by=unit.actor, hold=True)
        if was.state == State.running:
            _break_off(unit, was, why)


def _break_off(unit: Unit, was: Import, why: str) -> None:
    store.save_import(unit, was, state=State.broken.value, why=why, ended_at=unit.now)
    if was.file is not None:
        store.forget_file(unit, was.file)


# --- looking ---------------------------------------------------------------------------------------------


def get_import(unit: Unit, actor: Actor, import_id: Id) -> Import:
    return store.get_import(unit, import_id, seen_by=actor)


def list_imports(unit: Unit, actor: Actor, wanted: Page, kind: str = "") -> Paged[Import]:
    """One's own imports, newest first."""
    return store.list_imports(unit, wanted, seen_by=actor, kind=kind)


def list_errors(unit: Unit, actor: Actor, import_id: Id, wanted: Page) -> Paged[RowError]:
    return store.list_errors(unit, import_id, wanted, seen_by=actor)


def write_errors(unit: Unit, actor: Actor, import_id: Id, lang: str) -> IO[bytes]:
    """The bad rows of an import as a workbook, with a column that says what is wrong."""
    was = store.get_import(unit, import_id, seen_by=actor)
    kind = find_kind(was.kind)
    if kind is None:
        raise UnknownKind(kind=was.kind)

    def rows() -> Iterator[RowError]:
        wanted = Page(200)
        while True:
            found = store.list_errors(unit, import_id, wanted, seen_by=actor, cells=True)
            yield from found.items
            if found.next is None:
                return
            wanted = Page(200, found.next)

    out = _book()
    count = books.errors(out, kind, lang, rows())
    unit.note("export bad rows", import_id, rows=count)
    return _from_start(out)


def write_handout(unit: Unit, actor: Actor, import_id: Id, lang: str) -> IO[bytes]:
    """What an import made that only its importer gets, once."""
    was = store.get_import(unit, import_id, seen_by=actor)
    kind = find_kind(was.kind)
    rows = store.take_handout(unit, import_id, seen_by=actor)
    if kind is None or not rows:
        raise NothingToHandOut(what=str(import_id))
    out = _book()
    books.handout(out, kind, lang, rows)
    unit.note("hand out", import_id, rows=len(rows))
    return _from_start(out)


def sweep() -> None:
    """Forget previews that nobody went on with after a day, and after some weeks the rows of imports."""
    now = clock.now()
    keep = timedelta(days=settings.get(SheetSettings).keep_days)
    with open_unit(READER, "sheet sweep") as unit:
        stale = store.list_stale(unit, now - timedelta(days=1), now - keep, seen_by=unit.actor)
        for one in stale:
            store.drop_rows(unit, one.id)
            if one.state == State.previewed:
                store.save_import(unit, one, state=State.cancelled.value, ended_at=now)
                if one.file is not None:
                    store.forget_file(unit, one.file)
