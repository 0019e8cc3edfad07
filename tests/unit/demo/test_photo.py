"""Drawn pictures pass as photos: read like a phone's, each another view."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from gangmu.demo import photo
from gangmu.kit.photo import looks_alike, read_photo

AT = datetime(2026, 9, 16, 12, 30, 5, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_picture_tells_its_time_and_place():
    kept = read_photo(photo.shot("a", AT, clean=False, lon=113.2577, lat=33.1213), ZoneInfo("Asia/Shanghai"))
    assert kept.taken_at is not None and kept.taken_at.astimezone(UTC) == AT.astimezone(UTC)
    assert kept.lon is not None and abs(kept.lon - 113.2577) < 1e-5 and abs(kept.lat - 33.1213) < 1e-5


def test_the_same_asked_gives_the_same_bytes():
    assert photo.shot("a", AT, clean=True) == photo.shot("a", AT, clean=True)


def test_no_two_views_are_taken_for_one():
    kept = [
        read_photo(photo.shot(f"place {number}", AT + timedelta(minutes=number), clean=number % 2 == 0), UTC).look
        for number in range(60)
    ]
    assert not [pair for pair in pairwise(sorted(kept)) if looks_alike(*pair)]
    alike = sum(looks_alike(one, other) for n, one in enumerate(kept) for other in kept[:n])
    assert alike <= 2


def test_pictures_are_small():
    assert len(photo.shot("b", AT, clean=False, caption="990102001001")) < 20_000
