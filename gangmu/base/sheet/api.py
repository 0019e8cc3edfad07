"""Routes of spreadsheets, the same for every kind. The kind's own rights are asked in the use cases."""

from collections.abc import Iterator
from typing import IO, Annotated
from urllib.parse import quote

from fastapi import Depends, File, Path, Query, UploadFile
from starlette.responses import Response, StreamingResponse

from gangmu.base.sheet import service
from gangmu.base.sheet.errors import ExportOnly, ImportOver, NothingToHandOut, UnknownImport, UnknownKind
from gangmu.base.sheet.schema import (
    SheetImportOut,
    SheetImports,
    SheetKindOut,
    SheetKinds,
    SheetPreview,
    SheetRowErrorOut,
    SheetRowErrors,
)
from gangmu.base.sheet.settings import SheetSettings
from gangmu.kit import settings
from gangmu.kit.errors import Invalid, Refused, TooLarge
from gangmu.kit.ids import Id
from gangmu.kit.sheet_guard import BadSheet, SheetTooLarge
from gangmu.kit.sheet_writing import MIME
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("sheet")
USE = "sheet.use"
Kind = Annotated[str, Path(max_length=40, pattern=r"^[a-z_]+$")]
Upload = Annotated[UploadFile, File(description="XLSX, XLS or CSV")]
FILE_REFUSALS = [BadSheet, SheetTooLarge, TooLarge, UnknownKind, ExportOnly, Refused, Invalid]


@routes.get("/sheets", can=USE, answers=SheetKinds)
def list_kinds(at: Edge) -> SheetKinds:
    """表格种类 / The kinds of spreadsheets that one may read or write."""
    return SheetKinds(items=[SheetKindOut.of(*found, at.lang) for found in service.list_kinds(at.actor)])


@routes.get("/sheets/imports", can=USE, answers=SheetImports)
def list_imports(
    at: Edge, paging: Annotated[Paging, Depends()], kind: Annotated[str, Query(max_length=40)] = ""
) -> SheetImports:
    """我的导入 / One's own imports, newest first."""
    found = service.list_imports(at.unit, at.actor, paging.page, kind)
    return SheetImports(items=[SheetImportOut.of(one, at.lang) for one in found.items], next=found.next)


@routes.get("/sheets/imports/{import_id}", can=USE, answers=SheetImportOut, errors=[UnknownImport])
def get_import(import_id: Id, at: Edge) -> SheetImportOut:
    """一次导入 / An import with its progress."""
    return SheetImportOut.of(service.get_import(at.unit, at.actor, import_id), at.lang)


@routes.get("/sheets/imports/{import_id}/errors", can=USE, answers=SheetRowErrors, errors=[UnknownImport])
def list_errors(import_id: Id, at: Edge, paging: Annotated[Paging, Depends()]) -> SheetRowErrors:
    """错误行 / The bad rows of a preview or import, with column and reason."""
    was = service.get_import(at.unit, at.actor, import_id)
    found = service.list_errors(at.unit, at.actor, import_id, paging.page)
    return SheetRowErrors(items=[SheetRowErrorOut.of(was.kind, bad, at.lang) for bad in found.items], next=found.next)


@routes.get("/sheets/imports/{import_id}/errors.xlsx", can=USE, errors=[UnknownImport, UnknownKind])
def export_errors(import_id: Id, at: Edge) -> StreamingResponse:
    """错误行工作簿 / The bad rows as a workbook with a reason each, to be mended and sent again."""
    return _answer(service.write_errors(at.unit, at.actor, import_id, at.lang), "errors")


@routes.post("/sheets/imports/{import_id}/handout", can=USE, errors=[UnknownImport, NothingToHandOut])
def hand_out(import_id: Id, at: Edge) -> Response:
    """一次性领取 / What an import made for its importer alone (first passwords), given once; again only to the same
    request, by its key."""
    with service.write_handout(at.unit, at.actor, import_id, at.lang) as book:
        return Response(book.read(), media_type=MIME, headers=_named("handout"))


@routes.post(
    "/sheets/imports/{import_id}/start", can=USE, answers=SheetImportOut, errors=[UnknownImport, ImportOver, Refused]
)
def start_import(import_id: Id, at: Edge) -> SheetImportOut:
    """开始导入 / Take in what was previewed."""
    return SheetImportOut.of(service.start_previewed(at.unit, at.actor, import_id), at.lang)


@routes.post("/sheets/imports/{import_id}/cancel", can=USE, answers=SheetImportOut, errors=[UnknownImport, ImportOver])
def cancel_import(import_id: Id, at: Edge) -> SheetImportOut:
    """取消导入 / Stop an import; the rows taken in so far stay."""
    return SheetImportOut.of(service.cancel(at.unit, at.actor, import_id), at.lang)


@routes.get("/sheets/{kind}/template.xlsx", can=USE, errors=[UnknownKind])
def template(kind: Kind, at: Edge) -> StreamingResponse:
    """模板 / An empty workbook with the headings in the asker's language, and what each column means."""
    return _answer(service.write_template(at.actor, kind, at.lang), f"{kind}-template")


@routes.get("/sheets/{kind}/export.xlsx", can=USE, errors=[UnknownKind, Refused])
def export(kind: Kind, at: Edge) -> StreamingResponse:
    """导出 / The rows that the asker sees, as a workbook that can be taken in again. Query values that the kind knows
    narrow it."""
    return _answer(service.write_export(at.unit, at.actor, kind, at.lang, dict(at.request.query_params)), kind)


@routes.post("/sheets/{kind}/preview", can=USE, answers=SheetPreview, errors=FILE_REFUSALS)
def preview(kind: Kind, file: Upload, at: Edge) -> SheetPreview:
    """预览 / What every row of a file would do, and what is wrong in the bad ones. Changes nothing; ``start`` takes it
    in."""
    found, seen = service.preview(at.unit, at.actor, kind, _within(file), file.filename or "")
    return SheetPreview.of(found, seen, at.lang)


@routes.post("/sheets/{kind}/imports", can=USE, answers=SheetImportOut, status=202, errors=FILE_REFUSALS)
def begin_import(kind: Kind, file: Upload, at: Edge) -> SheetImportOut:
    """导入 / Take a file in, without a preview. It is read by a job; the import tells its progress."""
    return SheetImportOut.of(service.begin(at.unit, at.actor, kind, _within(file), file.filename or ""), at.lang)


def _within(sent: UploadFile) -> IO[bytes]:
    """The upload, unless it is larger than is taken."""
    most = settings.get(SheetSettings).upload_mb * 1_000_000
    if sent.file.seek(0, 2) > most:
        raise TooLarge(most=most)
    sent.file.seek(0)
    return sent.file


def _answer(book: IO[bytes], name: str) -> StreamingResponse:
    def parts() -> Iterator[bytes]:
        with book:
            while piece := book.read(1 << 16):
                yield piece

    return StreamingResponse(parts(), media_type=MIME, headers=_named(name))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.xlsx"}
