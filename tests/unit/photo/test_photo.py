"""What a photo tells, and what is left of it; what a file is by its first bytes."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from gangmu.kit import photo
from gangmu.kit.errors import HouseError
from gangmu.kit.photo import BadPhoto, TooManyPixels, WrongFile
from tests.flow.ground import picture

ZONE = ZoneInfo("Asia/Shanghai")
TAKEN = datetime(2026, 9, 18, 12, 30, 5, tzinfo=UTC)


def with_exif(base: dict[int, object], gps: dict[int, object] | None = None) -> bytes:
    exif = Image.Exif()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details.update(base)
    if gps:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("place", [(117.85, 36.79), (-70.65, -33.45)])
def test_time_and_place_come_out_and_do_not_stay(place):
    kept = photo.read_photo(picture(TAKEN, place), ZONE)
    assert kept.taken_at == TAKEN
    assert (kept.lon, kept.lat) == (pytest.approx(place[0], abs=1e-5), pytest.approx(place[1], abs=1e-5))
    assert dict(Image.open(io.BytesIO(kept.content)).getexif()) == {}
    assert b"Secret Phone" not in kept.content
    nothing_more = photo.read_photo(kept.content, ZONE)
    assert (nothing_more.taken_at, nothing_more.lon, nothing_more.lat) == (None, None, None)


def test_a_camera_without_offset_shows_the_city_s_time():
    kept = photo.read_photo(picture(TAKEN, offset=False), ZONE)
    assert kept.taken_at == TAKEN and kept.facts()["taken_at"] == "2026-09-18T20:30:05+08:00"


@pytest.mark.parametrize(
    ("stamp", "taken"),
    [
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("2026:13:40 25:61:61", None),
        ("nonsense", None),
        ("1970:01:01 00:00:00", None),
        ("2026-09-18T20:30:05", TAKEN),
    ],
)
def test_a_time_that_cannot_be_is_no_time(stamp, taken):
    content = with_exif({ExifTags.Base.DateTimeOriginal: stamp})
    assert photo.read_photo(content, ZONE).taken_at == taken


def test_the_receiver_s_time_stands_in():
    gps = {ExifTags.GPS.GPSDateStamp: "2026:09:18", ExifTags.GPS.GPSTimeStamp: (12.0, 30.0, 5.0)}
    assert photo.read_photo(with_exif({}, gps), ZONE).taken_at == TAKEN


@pytest.mark.parametrize("lat", [(91.0, 0.0, 0.0), (36.0, 99.0, 0.0), (0.0, 0.0, 0.0)])
def test_a_place_that_cannot_be_is_no_place(lat):
    gps = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: lat,
        ExifTags.GPS.GPSLongitudeRef: "E",
        ExifTags.GPS.GPSLongitude: (0.0, 0.0, 0.0) if lat == (0.0, 0.0, 0.0) else (117.0, 1.0, 1.0),
    }
    kept = photo.read_photo(with_exif({}, gps), ZONE)
    assert (kept.lon, kept.lat) == (None, None)


@pytest.mark.parametrize(
    ("form", "mode"),
    [("JPEG", mode) for mode in ("RGB", "L", "CMYK")]
    + [(form, mode) for form in ("PNG", "WEBP") for mode in ("RGB", "RGBA", "L", "P", "LA")],
)
def test_every_kind_of_picture_becomes_a_jpeg(form, mode):
    out = io.BytesIO()
    Image.new(mode, (300, 200)).save(out, form)
    kept = photo.read_photo(out.getvalue(), ZONE)
    back = Image.open(io.BytesIO(kept.content))
    assert (back.format, back.mode, back.size) == ("JPEG", "RGB", (300, 200))


def test_what_was_see_through_is_white():
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    back = Image.open(io.BytesIO(photo.read_photo(out.getvalue(), ZONE).content))
    assert min(back.getpixel((25, 25))) > 250


def test_large_ones_are_made_smaller_and_turned_upright():
    kept = photo.read_photo(picture(size=(5000, 3000), orientation=8), ZONE)
    assert (kept.width, kept.height) == (2458, 4096)
    small = Image.open(io.BytesIO(photo.thumb(kept.content)))
    assert max(small.size) == 320


@pytest.mark.parametrize(("form", "side"), [("PNG", 7100), ("WEBP", 7100)])
def test_too_many_pixels_are_refused_before_they_are_unpacked(form, side):
    out = io.BytesIO()
    Image.new("L", (side, side)).save(out, form)
    with pytest.raises(TooManyPixels):
        photo.read_photo(out.getvalue(), ZONE)


def test_a_jpeg_is_allowed_as_many_as_the_city_says():
    content = picture(size=(400, 300))
    with pytest.raises(TooManyPixels) as refused:
        photo.read_photo(content, ZONE, most_pixels=100_000)
    assert refused.value.status == 413
    assert photo.read_photo(content, ZONE, most_pixels=120_000).width == 400


def test_the_same_picture_saved_anew_is_known_again_and_others_are_not():
    first = photo.read_photo(picture(seed=5), ZONE)
    out = io.BytesIO()
    Image.open(io.BytesIO(first.content)).resize((320, 240)).save(out, "JPEG", quality=40)
    again = photo.read_photo(out.getvalue(), ZONE)
    assert photo.looks_alike(first.look, again.look)
    assert not photo.looks_alike(first.look, photo.read_photo(picture(seed=77), ZONE).look)
    even = photo.look_of(Image.new("L", (100, 100), 128))
    assert not photo.looks_alike(even, even)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_damaged_photo_is_refused_or_read_but_never_breaks(data):
    content = bytearray(picture(TAKEN, (117.0, 36.0), seed=3, size=(80, 60)))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(2, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(20, len(content)))
    try:
        kept = photo.read_photo(bytes(content[:cut]), ZONE)
    except (BadPhoto, WrongFile, TooManyPixels):
        return
    assert kept.content.startswith(b"\xff\xd8\xff")
    assert kept.taken_at is None or kept.taken_at.tzinfo is not None
    assert kept.taken_at is None or abs(kept.taken_at - TAKEN) < timedelta(days=400_000)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_have_a_kind_or_none(head):
    found = photo.kind_of(head)
    assert found == "" or found in photo.SUFFIXES or found in ("application/zip", "image/heif")


@pytest.mark.parametrize(
    ("said", "found", "ok"),
    [
        ("image/jpeg", "image/jpeg", True),
        ("image/jpg; charset=x", "image/jpeg", True),
        ("", "application/pdf", True),
        ("application/octet-stream", "video/mp4", True),
        ("image/png", "image/jpeg", False),
        ("image/heic", "image/heif", False),
        ("", "", False),
        ("application/zip", "application/zip", False),
    ],
)
def test_a_file_is_what_it_says(said, found, ok):
    if ok:
        photo.check_said(said, found)
        return
    with pytest.raises(HouseError) as refused:
        photo.check_said(said, found)
    assert (refused.value.code, refused.value.status) == ("file.wrong_kind", 415)


def test_two_frames_in_a_row_make_an_mp3():
    frame = b"\xff\xfb\x90\x00" + b"\x00" * 413
    assert photo.kind_of(frame * 3) == "audio/mpeg"
    assert photo.kind_of(frame[:300]) == ""
    assert photo.kind_of(b"\xff\xfe" + "text".encode("utf-16-le") * 300) == ""
