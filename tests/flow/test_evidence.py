"""Files of evidence over HTTP: what is taken and refused, what a photo keeps, who gets it back."""

import io
import resource
import zipfile
from datetime import timedelta

import pytest
from PIL import Image

from gangmu.kit import clock, files, settings, sheets
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.flow.ground import CHINA, PLACE, key, picture, upload

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 40
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + b"\x00" * 64
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\x00" * 64


def docx():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<document/>")
    return out.getvalue()


def test_a_photo_is_read_then_kept_without_what_it_tells(city):
    patrol = city.sign_in("patrol")
    taken = clock.now().replace(microsecond=0) - timedelta(minutes=3)
    sent = picture(taken, PLACE, orientation=6)
    kept = upload(patrol, sent, name="../../我家 门口.jpeg")
    assert (kept["mime"], kept["name"]) == ("image/jpeg", "我家 门口.jpg")
    assert kept["taken_at"] == taken.astimezone(CHINA).isoformat()
    assert abs(kept["lon"] - PLACE[0]) < 1e-5 and abs(kept["lat"] - PLACE[1]) < 1e-5
    assert (kept["width"], kept["height"]) == (480, 640)
    answer = patrol.get(f"/api/files/{kept['id']}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    shown = answer.headers["content-disposition"]
    assert shown.startswith("inline; ") and "filename*=UTF-8''%E6%88%91" in shown and "/" not in shown.split("''")[0]
    back = Image.open(io.BytesIO(answer.content))
    assert dict(back.getexif()) == {} and b"Secret Phone" not in answer.content and b"Exif" not in answer.content
    assert answer.headers["etag"] and len(answer.content) == kept["size"]
    again = patrol.get(f"/api/files/{kept['id']}", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304 and not again.content
    small = patrol.get(f"/api/files/{kept['id']}", params={"thumb": True})
    assert max(Image.open(io.BytesIO(small.content)).size) == 320


@pytest.mark.parametrize(
    ("content", "name", "mime", "found"),
    [
        (picture(form="PNG"), "a.png", "image/png", "image/jpeg"),
        (picture(form="WEBP"), "a.webp", "image/webp", "image/jpeg"),
        (PDF, "a.pdf", "application/pdf", "application/pdf"),
        (WAV, "a.wav", "audio/x-wav", "audio/wav"),
        (MP3, "a.mp3", "audio/mpeg", "audio/mpeg"),
        (MP4, "a.mp4", "video/mp4", "video/mp4"),
        (docx(), "a.docx", "application/octet-stream", None),
        (sheets.write("x", ["a"], [[1]]), "a", sheets.MIME, sheets.MIME),
    ],
    ids=["png", "webp", "pdf", "wav", "mp3", "mp4", "docx", "xlsx"],
)
def test_what_is_taken(city, content, name, mime, found):
    patrol = city.sign_in("patrol")
    kept = upload(patrol, content, name, mime)
    assert kept["mime"] == (found or kept["mime"])
    answer = patrol.get(f"/api/files/{kept['id']}")
    assert answer.status_code == 200
    inline = kept["mime"].split("/")[0] in ("image", "audio", "video")
    assert answer.headers["content-disposition"].startswith("inline" if inline else "attachment")
    if not kept["mime"].startswith("image/"):
        assert answer.content == content
        assert patrol.get(f"/api/files/{kept['id']}", params={"thumb": True}).status_code == 404


@pytest.mark.parametrize(
    ("content", "mime", "status", "code"),
    [
        (b"", "image/jpeg", 422, "invalid"),
        (b"<svg onload=alert(1)>", "image/svg+xml", 415, "file.wrong_kind"),
        (b"<html><script>alert(1)</script>", "image/jpeg", 415, "file.wrong_kind"),
        (b"MZ" + b"\x00" * 500, "application/octet-stream", 415, "file.wrong_kind"),
        (PDF, "image/jpeg", 415, "file.wrong_kind"),
        (picture(), "application/pdf", 415, "file.wrong_kind"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/heic", 415, "file.wrong_kind"),
        (b"PK\x03\x04" + b"\x00" * 100, "application/zip", 415, "file.wrong_kind"),
        (picture()[:-2000], "image/jpeg", 422, "file.bad_photo"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "image/png", 415, "file.wrong_kind"),
    ],
    ids=["empty", "svg", "html", "exe", "pdf as photo", "photo as pdf", "heic", "zip", "cut", "no png"],
)
def test_what_is_refused_and_leaves_nothing(city, content, mime, status, code):
    answer = city.sign_in("patrol").post("/api/files", files={"file": ("a.jpg", content, mime)}, headers=key())
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert not [path for path in files._root().rglob("*") if path.is_file()]


def test_a_picture_that_unpacks_to_too_much_is_refused_unopened(city):
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    refused = upload(city.sign_in("patrol"), out.getvalue(), "bomb.png", "image/png", expect=413)
    assert refused["code"] == "file.too_many_pixels"


def test_a_large_photo_is_taken_up_to_the_city_s_limit(city):
    patrol = city.sign_in("patrol")
    content = picture(size=(1200, 900))
    padded = content[:-2] + b"\xff\xfe\xff\xff" + b"\x00" * 65_533
    large = padded + b"\x00" * (50_000_000 - len(padded) - 2) + b"\xff\xd9"
    assert len(large) == 50_000_000
    kept = upload(patrol, content[:-2] + b"\xff\xd9" + b"\x00" * (50_000_000 - len(content)), "big.jpg")
    assert kept["size"] < 2_000_000
    over = upload(patrol, large + b"\x00", "over.jpg", expect=413)
    assert (over["code"], over["params"]["most"]) == ("too_large", 50_000_000)
    with open_unit(System("test"), "limit") as unit:
        settings.put(unit, "files.most_mb", 1)
    assert upload(patrol, large[:1_000_001], expect=413)["params"]["most"] == 1_000_000


def test_a_full_disk_is_said_and_nothing_half_stays(city):
    patrol = city.sign_in("patrol")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        answer = patrol.post(
            "/api/files", files={"file": ("a.wav", WAV + b"\x00" * 60_000, "audio/wav")}, headers=key()
        )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (answer.status_code, answer.json()["code"]) == (507, "no_room")
    assert not [path for path in files._root().rglob("*") if path.is_file()]
    assert upload(patrol, WAV + b"\x00" * 60_000, "a.wav", "audio/wav")["size"] == len(WAV) + 60_000


def test_a_file_is_seen_with_what_it_proves_and_not_else(city):
    patrol = city.sign_in("patrol")
    photo = upload(patrol, picture())["id"]
    assert city.sign_in("patrol2").get(f"/api/files/{photo}").status_code == 404
    event = city.report("patrol", attachments=[photo])
    assert city.sign_in("clerk").get(f"/api/files/{photo}").status_code == 200
    assert city.sign_in("clerk@there").get(f"/api/files/{photo}").status_code == 404
    assert city.sign_in("dept_lead").get(f"/api/files/{photo}").status_code == 404
    city.sign_in("clerk").do(event, "accept")
    assert city.sign_in("system_admin").get(f"/api/files/{photo}").status_code in (403, 404)
    assert patrol.get("/api/files/fil_" + "0" * 26).status_code == 404
