"""What the stories of dispatch, check and loop stand on: divisions, duties, photos as phones make them."""

import io
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any
from uuid import uuid4

from PIL import ExifTags, Image

from gangmu.base import places
from gangmu.kit import clock
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, THERE, TOWN, Browser, City

PLACE = (117.85, 36.79)
CHINA = timezone(timedelta(hours=8))
DIVISIONS = [
    {"code": "990100", "name": "纲目市"},
    {"code": HERE, "name": "东区"},
    {"code": THERE, "name": "西区"},
    {"code": TOWN, "name": "东街道"},
]
_seeds = count(1)


def found(city: City) -> None:
    """Found the invented city's divisions."""
    with open_unit(System("test"), "found") as unit:
        report = places.found_city(unit, System("test"), "990100", DIVISIONS, source="test")
        assert report.accepted == len(DIVISIONS), report.findings


def key() -> dict[str, str]:
    return {"idempotency-key": uuid4().hex}


def rational(value: float) -> tuple[float, float, float]:
    degrees = int(value)
    minutes = int((value - degrees) * 60)
    return float(degrees), float(minutes), round(((value - degrees) * 60 - minutes) * 60, 4)


def picture(
    taken_at: datetime | None = None,
    place: tuple[float, float] | None = None,
    *,
    size: tuple[int, int] = (640, 480),
    form: str = "JPEG",
    seed: int | None = None,
    offset: bool = True,
    orientation: int = 1,
    maker: str = "Secret Phone",
) -> bytes:
    """A photo as a phone writes it, each different from all others unless ``seed`` is given."""
    number = next(_seeds) if seed is None else seed
    small = Image.effect_noise((16, 12), 90 + number % 7)
    mark = Image.new("L", (16, 12))
    mark.putdata([(number * 7919 * (i + 3)) % 256 for i in range(16 * 12)])
    photo = Image.blend(small, mark, 0.9 if seed is None else 1.0).resize(size, Image.Resampling.NEAREST).convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = maker
    exif[ExifTags.Base.Orientation] = orientation
    details = exif.get_ifd(ExifTags.IFD.Exif)
    if taken_at is not None:
        local = taken_at.astimezone(CHINA)
        details[ExifTags.Base.DateTimeOriginal] = local.strftime("%Y:%m:%d %H:%M:%S")
        if offset:
            details[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    if place is not None:
        satellites = exif.get_ifd(ExifTags.IFD.GPSInfo)
        satellites[ExifTags.GPS.GPSLongitudeRef] = "E" if place[0] >= 0 else "W"
        satellites[ExifTags.GPS.GPSLongitude] = rational(abs(place[0]))
        satellites[ExifTags.GPS.GPSLatitudeRef] = "N" if place[1] >= 0 else "S"
        satellites[ExifTags.GPS.GPSLatitude] = rational(abs(place[1]))
    out = io.BytesIO()
    photo.save(out, form, exif=exif, **({"quality": 90} if form != "PNG" else {}))
    return out.getvalue()


def now_photo(place: tuple[float, float] | None = PLACE, **shift: float) -> bytes:
    """A photo taken just now (one second ahead: EXIF knows no fractions), or shifted by so much."""
    return picture(clock.now() + timedelta(seconds=1) + timedelta(**shift), place)


def upload(
    browser: Browser, content: bytes, name: str = "现场.jpg", mime: str = "image/jpeg", expect: int = 201
) -> Any:
    answer = browser.post("/api/files", files={"file": (name, content, mime)}, headers=key())
    assert answer.status_code == expect, f"{answer.status_code} {answer.text}"
    return answer.json()


def shot(browser: Browser, kind: str, place: tuple[float, float] | None = PLACE, **shift: float) -> dict[str, str]:
    """A photo taken and uploaded, as evidence of a kind."""
    return {"file": upload(browser, now_photo(place, **shift))["id"], "kind": kind}


def matter_of(browser: Browser, tree: str, code: str) -> dict[str, Any]:
    """A class with its conditions."""
    listed = browser.get("/api/matter/classes", params={"tree": tree, "q": code}).json()["items"]
    row = next(item for item in listed if item["code"] == code)
    return dict(browser.get(f"/api/matter/classes/{row['id']}").json())


def duty(city: City, **given: Any) -> dict[str, Any]:
    """A row of the duty list, added by the data steward."""
    body = {
        "tree": "urban_component",
        "code": "01",
        "division": HERE,
        "level": "county",
        "lead_org": city.orgs["市政处"],
        "assistants": [],
        "basis": "东区部门三定规定",
        "verified": True,
        **given,
    }
    answer = city.sign_in("data_steward").post("/api/duties", json=body, headers=key())
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def long_ago() -> datetime:
    return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
