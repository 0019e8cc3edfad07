"""Pictures from the street (现场照片), drawn: sky, houses, pavement and what is wrong there. No two are the same bytes.

``shot`` gives JPEG bytes; with ``lon``/``lat`` the camera's place and time stand in the EXIF, as a phone writes them.
"""

from datetime import datetime
from io import BytesIO
from random import Random

from PIL import ExifTags, Image, ImageDraw, ImageFont

SIZE = (320, 240)
_SKIES = ((196, 214, 232), (214, 222, 228), (184, 205, 229), (58, 66, 92))
_WALLS = ((188, 170, 150), (164, 172, 180), (204, 192, 172), (150, 140, 132))
_TROUBLE = (96, 82, 66)
_FONT = ImageFont.load_default(14)


def shot(
    seed: str, at: datetime, *, clean: bool, caption: str = "", lon: float | None = None, lat: float | None = None
) -> bytes:
    """A picture of a place. ``seed`` names the place (its houses stay the same before and after), ``clean`` leaves the
    trouble out, ``caption`` (plain letters) stands in the watermark with the time."""
    place = Random(f"place {seed}")
    grain = Random(f"{seed} {at.isoformat()} {clean} {caption}")
    picture = Image.new("RGB", SIZE, place.choice(_SKIES[:3]))
    draw = ImageDraw.Draw(picture)
    _street(draw, place)
    if not clean:
        _trouble(draw, grain)
    for _ in range(120):
        spot = (grain.randrange(SIZE[0]), grain.randrange(140, SIZE[1]))
        draw.point(spot, fill=(grain.randrange(90, 160),) * 3)
    draw.rectangle((0, SIZE[1] - 22, SIZE[0], SIZE[1]), fill=(20, 24, 30))
    draw.text((6, SIZE[1] - 20), f"{at:%Y-%m-%d %H:%M:%S} {caption}"[:44], fill=(240, 240, 240), font=_FONT)
    out = BytesIO()
    picture.save(out, "JPEG", quality=62, exif=_exif(at, lon, lat))
    return out.getvalue()


def _street(draw: ImageDraw.ImageDraw, place: Random) -> None:
    width, height = SIZE
    left = 0
    while left < width:
        wide, high = place.randrange(44, 84), place.randrange(48, 110)
        draw.rectangle((left, 140 - high, left + wide, 140), fill=place.choice(_WALLS))
        for row in range(140 - high + 8, 126, 18):
            for column in range(left + 7, left + wide - 10, 16):
                draw.rectangle((column, row, column + 8, row + 9), fill=(92, 108, 124))
        left += wide + 3
    draw.rectangle((0, 140, width, 168), fill=(172, 168, 160))
    draw.rectangle((0, 168, width, height), fill=(84, 86, 90))
    for column in range(10, width, 56):
        draw.rectangle((column, 190, column + 30, 194), fill=(232, 232, 226))
    for column in range(30, width, 110):
        draw.rectangle((column, 92, column + 4, 142), fill=(96, 72, 52))
        draw.ellipse((column - 16, 62, column + 20, 100), fill=(88, 128, 78))


def _trouble(draw: ImageDraw.ImageDraw, grain: Random) -> None:
    middle, low = grain.randrange(90, 230), grain.randrange(150, 200)
    for _ in range(16):
        x, y = middle + grain.randrange(-36, 36), low + grain.randrange(-12, 12)
        size = grain.randrange(5, 15)
        shade = grain.randrange(-20, 40)
        draw.ellipse(
            (x, y, x + size, y + size * 2 // 3), fill=tuple(max(0, min(255, part + shade)) for part in _TROUBLE)
        )
    draw.rectangle((middle - 48, low - 26, middle + 48, low + 26), outline=(214, 60, 48), width=2)


def _exif(at: datetime, lon: float | None, lat: float | None) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Gangmu demo"
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = f"{at:%Y:%m:%d %H:%M:%S}"
    offset = at.strftime("%z") or "+0000"
    inner[ExifTags.Base.OffsetTimeOriginal] = f"{offset[:3]}:{offset[3:5]}"
    if lon is not None and lat is not None:
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLatitudeRef] = "N" if lat >= 0 else "S"
        place[ExifTags.GPS.GPSLatitude] = _degrees(abs(lat))
        place[ExifTags.GPS.GPSLongitudeRef] = "E" if lon >= 0 else "W"
        place[ExifTags.GPS.GPSLongitude] = _degrees(abs(lon))
    return exif


def _degrees(value: float) -> tuple[float, float, float]:
    whole = int(value)
    minutes = (value - whole) * 60
    return float(whole), float(int(minutes)), round((minutes - int(minutes)) * 60, 4)
