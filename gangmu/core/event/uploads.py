"""Files taken in, whoever brings them: by what they are, photos written anew without what they tell of people."""

from collections.abc import Iterable
from typing import IO, Any

from pydantic import Field

from gangmu.kit import files, photo, settings
from gangmu.kit.errors import Invalid, TooLarge
from gangmu.kit.files import FileRef
from gangmu.kit.settings import Section
from gangmu.kit.unit import Unit
from gangmu.kit.zone import zone as city_zone

_CHUNK = 1 << 20


class FilesSettings(Section, name="files"):
    """What files are taken in."""

    most_mb: int = Field(50, ge=1, le=64, description="The largest file that is taken in, in megabytes (10^6 bytes).")
    most_megapixels: int = Field(
        200, ge=1, le=200, description="The largest photo that is unpacked, in millions of pixels."
    )
    photo_side: int = Field(4096, ge=640, le=8192, description="Photos are kept with at most so many pixels a side.")


def keep_file(unit: Unit, body: IO[bytes], name: str, said: str, **more: Any) -> FileRef:
    """Keep what was brought: a photo written anew, anything else as it is. ``said`` is the type that it was said to
    be; ``more`` is kept beside it."""
    rules = settings.get(FilesSettings)
    most = rules.most_mb * 1_000_000
    body.seek(0, 2)
    size = body.tell()
    if size > most:
        raise TooLarge(most=most)
    if size == 0:
        raise Invalid(field="file", reason="the file is empty")
    body.seek(0)
    found = photo.kind_of(body.read(photo.HEAD))
    body.seek(0)
    if found == "application/zip":
        found = photo.office_kind(body)
        body.seek(0)
    photo.check_said(said, found)
    named = named_by(name, found)
    came = {"received_at": unit.now.isoformat(), **more}
    if found not in photo.PHOTOS:
        pieces: Iterable[bytes] = iter(lambda: body.read(_CHUNK), b"")
        return files.put(unit, pieces, named, found, most=most, **came)
    zone = city_zone()
    pixels = rules.most_megapixels * 1_000_000
    taken = photo.read_photo(body.read(), zone, most_pixels=pixels, most_side=rules.photo_side)
    jpeg = named_by(named, "image/jpeg")
    return files.put(unit, taken.content, jpeg, "image/jpeg", most=most, **taken.facts(), **came)


def named_by(name: str, mime: str) -> str:
    """The last part of the name, without what cannot be in one, ending as the content demands."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(ch for ch in last if ch.isprintable() and ch not in '"<>|:*?').strip(" .")[:120]
    suffix = photo.SUFFIXES[mime]
    stem = plain.rsplit(".", 1)[0] if "." in plain else plain
    return f"{stem or 'file'}{suffix}"
