"""Routes of imports: hand in a file, see what became of it, look at the rows that wait."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, File, Form, Query, UploadFile

from gangmu.base import places
from gangmu.core import matter
from gangmu.core.event.correcting import CORRECT
from gangmu.core.intake import changes, run, service
from gangmu.core.intake import profile as profiles
from gangmu.core.intake.changes import Looked
from gangmu.core.intake.errors import (
    BadProfile,
    FileDamaged,
    FileEmpty,
    FileKind,
    FileMisnamed,
    FileNotWorkbook,
    FileOldXls,
    FileTooLarge,
    FileTooWide,
    NoCity,
    OtherCity,
    UnknownBatch,
    UnknownChange,
    UnknownProfile,
    UploadTooLarge,
    WrongColumns,
)
from gangmu.core.intake.schema import (
    Batches,
    BatchOut,
    ChangedRowOut,
    ChangedRows,
    DecidedOut,
    DecideIn,
    ImportOut,
    PreviewRow,
    ProfileOut,
    Profiles,
    WaitingList,
    WaitingOut,
)
from gangmu.core.intake.settings import IntakeSettings
from gangmu.kit import files, settings
from gangmu.kit.errors import Invalid, Refused
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.kit.web import Edge, Paging, Routes
from gangmu.messages.intake import ImportAsked

routes = Routes("intake")
REFUSALS = [
    BadProfile, FileDamaged, FileEmpty, FileKind, FileMisnamed, FileNotWorkbook, FileOldXls, FileTooLarge, FileTooWide,
    NoCity, OtherCity, UnknownProfile, UploadTooLarge, WrongColumns,
]  # fmt: skip
_CHUNK = 1 << 20


@routes.get("/imports/profiles", can=service.RUN, answers=Profiles)
def list_profiles(at: Edge) -> Profiles:
    """导入方案 / The shipped profiles."""
    return Profiles(items=[ProfileOut.of(profiles.load(name)) for name in profiles.shipped()])


@routes.post("/imports", can=service.RUN, answers=ImportOut, errors=REFUSALS)
def add_import(
    at: Edge,
    file: Annotated[UploadFile, File()],
    profile: Annotated[str, Form(max_length=40)] = "standard",
    preview: Annotated[bool, Form()] = True,
) -> ImportOut:
    """导入文件 / Hand in a CSV, XLSX or Parquet file. ``preview`` shows the first rows as they would be taken and
    writes nothing; without it the file is read by a job, and its batch tells the progress."""
    plan = profiles.load(profile, files=False)
    with _kept(file) as path:
        source = run.Source(path, plan, profiles.text_of(plan.name))
        table, mapper, rows = run.preview(source, at.unit, at.actor)
        batch = None if preview else _begin(at.unit, at, source)
    return ImportOut(
        profile=plan.name,
        format=table.form,
        columns=list(table.columns),
        unread=list(mapper.unread),
        missing=list(mapper.missing),
        rows=[PreviewRow.of(row, at.lang) for row in rows] if preview else [],
        batch=batch,
    )


def _begin(unit: Unit, at: Edge, source: run.Source) -> BatchOut:
    digest = run.digest_of(source.path, source.text)
    with source.path.open("rb") as stream:
        most = settings.get(IntakeSettings).upload_mb << 20
        pieces = iter(lambda: stream.read(_CHUNK), b"")
        ref = files.put(unit, pieces, source.path.name, "application/octet-stream", most=most, purpose="import")
    batch, _ = service.begin_batch(
        unit, at.actor, source.profile, profile_text=source.text, file_name=source.path.name, digest=digest, file=ref.id
    )
    unit.tell(ImportAsked(batch.id))
    return BatchOut.of(batch)


@contextmanager
def _kept(sent: UploadFile) -> Iterator[Path]:
    """The upload as a file under its own (plain) name, for as long as it is looked at."""
    most = settings.get(IntakeSettings).upload_mb
    last = (sent.filename or "upload").replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(ch for ch in last if ch.isprintable() and ch not in '"<>|:*?').strip(" .")[-100:] or "upload"
    with tempfile.TemporaryDirectory(prefix="gangmu-import-") as folder:
        path = Path(folder) / name
        size = 0
        with path.open("wb") as out:
            while piece := sent.file.read(_CHUNK):
                size += len(piece)
                if size > most << 20:
                    raise UploadTooLarge(limit=most)
                out.write(piece)
        yield path


@routes.get("/imports", can=service.RUN, answers=Batches)
def list_imports(at: Edge, paging: Annotated[Paging, Depends()]) -> Batches:
    """导入批次 / Batches, newest first."""
    found = service.list_batches(at.unit, at.actor, paging.page)
    return Batches(items=[BatchOut.of(one) for one in found.items], next=found.next)


@routes.get("/imports/{batch_id}", can=service.RUN, answers=BatchOut, errors=[UnknownBatch])
def get_import(batch_id: Id, at: Edge) -> BatchOut:
    """一个批次 / One batch, with its progress."""
    return BatchOut.of(service.get_batch(at.unit, at.actor, batch_id))


@routes.get("/imports/{batch_id}/quarantine", can=service.RUN, answers=WaitingList, errors=[UnknownBatch])
def list_quarantine(batch_id: Id, at: Edge, paging: Annotated[Paging, Depends()]) -> WaitingList:
    """隔离的行 / Rows that could not be taken: row, field, reason."""
    found = service.list_quarantine(at.unit, at.actor, paging.page, batch_id)
    return WaitingList(items=[WaitingOut.of(one, at.lang) for one in found.items], next=found.next)


@routes.post("/imports/{batch_id}/retry", can=service.RUN, answers=BatchOut, errors=[UnknownBatch])
def retry_import(batch_id: Id, at: Edge) -> BatchOut:
    """重新处理隔离行 / Try the rows in quarantine again, with codes, organisations and places as they are now."""
    batch = service.get_batch(at.unit, at.actor, batch_id)
    plan = profiles.parse(batch.profile, batch.source)
    run.retry_batch(lambda: nullcontext(at.unit), at.actor, batch_id, plan)
    return BatchOut.of(service.get_batch(at.unit, at.actor, batch_id))


@routes.get("/imports/{batch_id}/changes", can=service.RUN, answers=ChangedRows, errors=[UnknownBatch])
def list_changed_rows(
    batch_id: Id,
    at: Edge,
    paging: Annotated[Paging, Depends()],
    state: Annotated[Literal["", "waiting", "accepted", "refused", "past"], Query()] = "",
) -> ChangedRows:
    """来源有变的行 / Rows that say something else than when they came in first, with what would become different. What
    was taken in stays as it is until somebody decides."""
    found = changes.list_changed(at.unit, at.actor, batch_id, paging.page, state)
    return ChangedRows(items=_shown(at, found.items), next=found.next)


@routes.post(
    "/imports/{batch_id}/changes/decide",
    can=CORRECT,
    answers=DecidedOut,
    errors=[Invalid, Refused, UnknownBatch, UnknownChange],
)
def decide_changed_rows(batch_id: Id, body: DecideIn, at: Edge) -> DecidedOut:
    """采纳或不采纳来源的更正 / Take changed rows over as corrections, or refuse them, one or a page of them."""
    done = changes.decide_changes(at.unit, at.actor, batch_id, body.changes, accept=body.accept, reason=body.reason)
    left = sum(one.trouble is not None for one in done)
    taken, refused = (len(done) - left, 0) if body.accept else (0, len(done) - left)
    return DecidedOut(items=_shown(at, done), accepted=taken, refused=refused, left=left)


def _shown(at: Edge, looked: Sequence[Looked]) -> list[ChangedRowOut]:
    """Changed rows with names for the places and classes that they speak of."""
    values = [value for one in looked for each in one.differences for value in (each.was, each.now)]
    divisions = {value["division"] for value in values if isinstance(value, dict)}
    classes = {value for value in values if isinstance(value, Id) and value.startswith("mat_")}
    names: dict[Any, str] = dict(places.division_names(at.unit, divisions)) if divisions else {}
    for row in matter.get_classes(at.unit, at.actor, classes).values() if classes else ():
        names[row.id] = row.title_en if at.lang == "en" else row.title_zh
    return [ChangedRowOut.of(one, at.lang, names) for one in looked]
