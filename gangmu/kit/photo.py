"""Photos and other files of evidence: what they are by their content, when and where a photo was taken, and the form
in which it is kept.

A photo is read before anything is believed of it: its size in pixels is checked before it is unpacked, time and place
are taken out of its EXIF, then it is written anew as JPEG without any of it, so that what the public is shown tells
neither the phone nor the home of whoever took it.
"""

import io
import math
import re
import threading
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from fractions import Fraction
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from gangmu.kit import geo
from gangmu.kit.errors import HouseError, Invalid

PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
    WORD: ".docx",
    EXCEL: ".xlsx",
}
"""The kinds of files that are taken, by what is inside them, with the ending that each is served under."""

MOST_SIDE = 4096
MOST_PIXELS = 200_000_000
MOST_PIXELS_UNSCALED = 50_000_000
HEAD = 4096
_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "video/quicktime": "video/mp4",
    "video/x-m4v": "video/mp4",
}
_UNSAID = frozenset({"", "application/octet-stream", "application/zip", "binary/octet-stream"})
_HEIF = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
_MP4 = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"3gp4", b"3gp5"}
)
_KBIT = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBIT_LOW = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_OFFSET = re.compile(r"^([+-])(\d{2}):?(\d{2})$")
_WHEN = re.compile(r"^(\d{4})[:-](\d{2})[:-](\d{2})[ T](\d{2}):(\d{2}):(\d{2})")
_DECODING = threading.BoundedSemaphore(2)
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class WrongFile(HouseError):
    """The content is none of the kinds that are taken, or another one than was said: ``found`` and ``said`` name
    them (``found`` is empty when nobody knows what it is)."""

    code, status = "file.wrong_kind", 415


class BadPhoto(HouseError):
    """A picture that cannot be read to its end."""

    code, status = "file.bad_photo", 422


class TooManyPixels(HouseError):
    """A picture that would unpack to more pixels than the house unpacks."""

    code, status = "file.too_many_pixels", 413


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo in the form that is kept: JPEG bytes without EXIF, upright, at most ``MOST_SIDE`` pixels a side. Time
    (aware) and place (CGCS2000 degrees) are what the picture itself said, None where it said nothing. ``look`` is a
    64-bit fingerprint of the view (hex) by which the same picture is known again after it was saved anew."""

    content: bytes
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    look: str

    def facts(self) -> dict[str, Any]:
        """What is kept beside the file."""
        told = {
            "width": self.width,
            "height": self.height,
            "taken_at": self.taken_at.isoformat() if self.taken_at else None,
            "lon": self.lon,
            "lat": self.lat,
            "look": self.look,
        }
        return {name: value for name, value in told.items() if value is not None}


# --- what a file is -----------------------------------------------------------------------------------------


def kind_of(head: bytes) -> str:
    """The MIME type that the first bytes (``HEAD`` of them) speak of, "application/zip" for a zip whose inside must be
    looked at, "image/heif" for what cannot be read here, "" for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(64, int.from_bytes(head[:4])), 4))}
        return "image/heif" if head[8:12] in _HEIF else "video/mp4" if brands & _MP4 else ""
    if head.startswith(b"PK\x03\x04"):
        return "application/zip"
    return "audio/mpeg" if _is_mp3(head) else ""


def _is_mp3(head: bytes) -> bool:
    """An ID3 tag, or two MPEG audio layer III frames in a row."""
    if head.startswith(b"ID3") and len(head) > 10 and head[3] < 0xFF:
        return True
    size = _mp3_frame(head, 0)
    return size > 0 and _mp3_frame(head, size) > 0


def _mp3_frame(data: bytes, at: int) -> int:
    """The length of the layer III frame that begins there; 0 when none does."""
    if len(data) < at + 4 or data[at] != 0xFF or data[at + 1] & 0xE6 != 0xE2:
        return 0
    version, rate, frequency = data[at + 1] >> 3 & 3, data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or rate in (0, 15) or frequency == 3:
        return 0
    low = version != 3
    kbit = (_KBIT_LOW if low else _KBIT)[rate - 1]
    hertz = (44100, 48000, 32000)[frequency] // {3: 1, 2: 2, 0: 4}[version]
    return (72 if low else 144) * kbit * 1000 // hertz + (data[at + 2] >> 1 & 1)


def office_kind(file: Any) -> str:
    """Which office document a zip is, by the parts that it lists; "" for any other zip. Nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as packed:
            names = set(packed.namelist()[:5000])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ""
    if "[Content_Types].xml" not in names:
        return ""
    return WORD if "word/document.xml" in names else EXCEL if "xl/workbook.xml" in names else ""


def check_said(said: str, found: str) -> None:
    """``WrongFile`` when a file is of no kind that is taken, or says that it is of another one than it is."""
    plain = said.partition(";")[0].strip().lower()
    if found not in SUFFIXES:
        raise WrongFile(found=found, said=plain[:100])
    if plain not in _UNSAID and _ALIASES.get(plain, plain) != found:
        raise WrongFile(found=found, said=plain[:100])


# --- photos -------------------------------------------------------------------------------------------------


def read_photo(content: bytes, zone: tzinfo, *, most_pixels: int = MOST_PIXELS, most_side: int = MOST_SIDE) -> Photo:
    """A photo as it is kept, with what it tells of itself. ``zone`` is the city's, for a camera that writes no offset.
    ``TooManyPixels`` before anything is unpacked, ``BadPhoto`` when it cannot be read, ``WrongFile`` if it is none."""
    with _DECODING, _opened(content) as picture:
        _check_pixels(picture, most_pixels)
        taken_at, place = _told(picture, zone)
        upright = _unpacked(picture, most_side)
        out = io.BytesIO()
        upright.save(out, "JPEG", quality=88, optimize=True)
        lon, lat = place if place is not None else (None, None)
        return Photo(out.getvalue(), upright.width, upright.height, taken_at, lon, lat, look_of(upright))


def thumb(content: bytes, side: int = 320) -> bytes:
    """A small JPEG of a kept photo, at most ``side`` pixels a side."""
    with _DECODING, _opened(content) as picture:
        _check_pixels(picture, MOST_PIXELS)
        out = io.BytesIO()
        _unpacked(picture, side).save(out, "JPEG", quality=80)
        return out.getvalue()


def look_of(picture: Image.Image) -> str:
    """The fingerprint of a view: whether each of 8 by 8 squares is brighter than its right neighbour."""
    small = picture.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (small[row * 9 + column] > small[row * 9 + column + 1])
    return f"{bits:016x}"


def looks_alike(one: str, other: str, most: int = 2) -> bool:
    """Whether two views are the same but for ``most`` of 64 squares. Even areas without any edge tell nothing."""
    if len(one) != 16 or len(other) != 16:
        return False
    a, b = int(one, 16), int(other, 16)
    return min(a.bit_count(), b.bit_count()) >= 8 and (a ^ b).bit_count() <= most


def _opened(content: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
    except UnidentifiedImageError as error:
        raise WrongFile(found="", said="") from error
    except Image.DecompressionBombError as error:
        raise TooManyPixels(most=MOST_PIXELS // 1_000_000) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise BadPhoto() from error


def _check_pixels(picture: Image.Image, most: int) -> None:
    """A plain JPEG is scaled while it is decoded; the others, and a JPEG that comes in passes, unpack whole and may
    hold less."""
    scaled = picture.format in ("JPEG", "MPO") and not picture.info.get("progressive")
    allowed = most if scaled else min(most, MOST_PIXELS_UNSCALED)
    if picture.width * picture.height > allowed:
        raise TooManyPixels(most=allowed // 1_000_000)


def _unpacked(picture: Image.Image, most_side: int) -> Image.Image:
    """The first frame, upright, in sRGB, no larger than asked."""
    try:
        picture.draft("RGB", (most_side, most_side))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((most_side, most_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        return _on_white(_in_srgb(upright))
    except (OSError, SyntaxError, ValueError, IndexError, Image.DecompressionBombError) as error:
        raise BadPhoto() from error


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "L"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return picture if turned is None else turned


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        flat = Image.new("RGB", layered.size, "white")
        flat.paste(layered, mask=layered.getchannel("A"))
        return flat
    plain = picture.convert("RGB")
    plain.info.clear()
    return plain


# --- what a photo tells -------------------------------------------------------------------------------------


def _told(picture: Image.Image, zone: tzinfo) -> tuple[datetime | None, tuple[float, float] | None]:
    """Time and place out of EXIF, None where there is none or it cannot be."""
    try:
        exif = picture.getexif()
        details = {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
        satellites = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, OverflowError, MemoryError):
        return None, None
    place = _place(satellites)
    return _time(details, zone) or _satellite_time(satellites), place


def _time(details: dict[int, Any], zone: tzinfo) -> datetime | None:
    base = ExifTags.Base
    for stamp, offset in (
        (base.DateTimeOriginal, base.OffsetTimeOriginal),
        (base.DateTimeDigitized, base.OffsetTimeDigitized),
        (base.DateTime, base.OffsetTime),
    ):
        found = _WHEN.match(_text(details.get(stamp)))
        if found is None:
            continue
        try:
            local = datetime(*(int(part) for part in found.groups()), tzinfo=_zone(details.get(offset)) or zone)  # type: ignore[arg-type,misc]
            return local.astimezone(local.tzinfo) if local.year >= 1990 else None
        except (ValueError, OverflowError):
            continue
    return None


def _zone(value: Any) -> tzinfo | None:
    found = _OFFSET.match(_text(value))
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        return None
    away = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-away if found[1] == "-" else away)


def _satellite_time(satellites: dict[int, Any]) -> datetime | None:
    """The receiver's time (UTC), for cameras whose own clock was never set."""
    day = re.match(r"^(\d{4}):(\d{2}):(\d{2})$", _text(satellites.get(ExifTags.GPS.GPSDateStamp)))
    parts = _numbers(satellites.get(ExifTags.GPS.GPSTimeStamp))
    if day is None or len(parts) != 3:
        return None
    try:
        hour, minute, second = (int(part) for part in parts)
        return datetime.combine(date(*(int(part) for part in day.groups())), time(hour, minute, second), UTC)
    except (ValueError, OverflowError):
        return None


def _place(satellites: dict[int, Any]) -> tuple[float, float] | None:
    tag = ExifTags.GPS
    lat, lon = _degrees(satellites.get(tag.GPSLatitude)), _degrees(satellites.get(tag.GPSLongitude))
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None
    lat = -lat if _text(satellites.get(tag.GPSLatitudeRef)).upper().startswith("S") else lat
    lon = -lon if _text(satellites.get(tag.GPSLongitudeRef)).upper().startswith("W") else lon
    try:
        point = geo.point(lon, lat, geo.Crs.WGS84)
    except Invalid:
        return None
    return round(point.lon, 7), round(point.lat, 7)


def _degrees(value: Any) -> float | None:
    parts = _numbers(value)
    if len(parts) != 3 or any(part < 0 for part in parts) or parts[1] >= 60.5 or parts[2] >= 60.5:
        return None
    return parts[0] + parts[1] / 60 + parts[2] / 3600


def _numbers(value: Any) -> list[float]:
    if not isinstance(value, tuple | list):
        return []
    found = []
    for part in value[:3]:
        try:
            number = float(part if not isinstance(part, tuple) else Fraction(*part))
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            return []
        if not math.isfinite(number):
            return []
        found.append(number)
    return found


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.strip("\x00 \t\r\n") if isinstance(value, str) else ""
