"""Files of evidence (证据): taken in by what they are, photos written anew without what they tell of people; given out
to who may see what they prove."""

import threading
from typing import Annotated
from urllib.parse import quote

from fastapi import File, Query, Response, UploadFile

from gangmu.base.registers import service as registers_service
from gangmu.core.event import service as event_service
from gangmu.core.event.uploads import keep_file
from gangmu.kit import files, photo
from gangmu.kit.errors import Busy, Invalid, NoRoom, NotFound, TooLarge
from gangmu.kit.files import FileRef
from gangmu.kit.ids import Id
from gangmu.kit.photo import BadPhoto, TooManyPixels, WrongFile
from gangmu.kit.web import Edge, Routes, Schema

routes = Routes("evidence")
_SHOWN = frozenset({"image/jpeg", "audio/mpeg", "audio/wav", "video/mp4"})
_THUMBS: dict[str, bytes] = {}
_THUMBS_MOST = 500
_lock = threading.Lock()


class FileOut(Schema):
    """A file as it was kept: its digest (SM3), what it is, and for a photo when and where it was taken."""

    id: Id
    name: str
    mime: str
    size: int
    sha: str
    taken_at: str | None = None
    lon: float | None = None
    lat: float | None = None
    width: int | None = None
    height: int | None = None


@routes.post(
    "/files",
    can="file.write",
    answers=FileOut,
    status=201,
    errors=[BadPhoto, Busy, Invalid, NoRoom, TooLarge, TooManyPixels, WrongFile],
)
def put_file(file: Annotated[UploadFile, File()], at: Edge) -> FileOut:
    """上传附件 / Take in a photo (JPEG, PNG, WebP), PDF, MP3, WAV, MP4, DOCX or XLSX."""
    ref = keep_file(at.unit, file.file, file.filename or "", file.content_type or "")
    told = {name: ref.facts[name] for name in ("taken_at", "lon", "lat", "width", "height") if name in ref.facts}
    return FileOut(id=ref.id, name=ref.name, mime=ref.mime, size=ref.size, sha=ref.digest, **told)


@routes.get("/files/{file_id}", can="file.read", errors=[NotFound])
def get_file(file_id: Id, at: Edge, thumb: Annotated[bool, Query()] = False) -> Response:
    """取附件 / A file that one put, or whose event or component one may see; ``thumb`` a small picture of it."""
    ref = files.get(at.unit, file_id)
    seen = event_service.may_see_file(at.unit, at.actor, ref)
    if not seen and not registers_service.may_see_photo(at.unit, at.actor, ref.id):
        raise NotFound(what=str(file_id))
    if thumb and ref.mime not in photo.PHOTOS:
        raise NotFound(what=f"{file_id} thumb")
    tag = f'"{ref.digest}{"-t" if thumb else ""}"'
    headers = _headers(ref, tag)
    if at.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    content = _thumb_of(ref) if thumb else files.read(ref)
    return Response(content, media_type="image/jpeg" if thumb else ref.mime, headers=headers)


def _headers(ref: FileRef, tag: str) -> dict[str, str]:
    """Shown where a browser cannot be made to run it, else downloaded; never guessed at; asked for again each time, so
    that a right that was taken away is."""
    how = "inline" if ref.mime in _SHOWN else "attachment"
    plain = "".join(ch if ch.isascii() and ch not in '"\\%' else "_" for ch in ref.name)
    return {
        "Content-Disposition": f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(ref.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-cache",
        "ETag": tag,
    }


def _thumb_of(ref: FileRef) -> bytes:
    """The small picture, kept in memory under the digest of the photo."""
    with _lock:
        held = _THUMBS.get(ref.digest)
    if held is not None:
        return held
    made = photo.thumb(files.read(ref))
    with _lock:
        while len(_THUMBS) >= _THUMBS_MOST:
            _THUMBS.pop(next(iter(_THUMBS)))
        _THUMBS[ref.digest] = made
    return made
