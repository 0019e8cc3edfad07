"""Bad input over HTTP, item by item: huge, wrong, hostile, out of time and out of place."""

import io
import struct
import zipfile
import zlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from PIL import Image

from gangmu.core.event.store import event as events
from gangmu.core.report.store import report as reports
from gangmu.kit import clock
from gangmu.kit.ids import new
from gangmu.kit.tables import file_row
from tests.city import HERE, TOWN, City

HOSTILE = "'); DROP TABLE event; -- <script>alert(1)</script> {{7*7}} ${jndi:x} %s \\ \" 井盖"
REPORT = {"channel": "patrol", "text": "路口井盖缺失", "division": HERE}


def refused(answer: Any, *codes: int) -> dict[str, Any]:
    assert answer.status_code in codes, f"{answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"] == "application/problem+json"
    return dict(answer.json())


def send(city: City, who: str = "clerk", **given: Any) -> Any:
    return city.sign_in(who).post("/api/reports", json={**REPORT, **given}, headers={"idempotency-key": uuid4().hex})


def count(db: Any, table: sa.Table) -> int:
    with db.unit() as unit:
        return int(unit.value(sa.select(sa.func.count()).select_from(table)))


def test_hostile_text_is_stored_as_text_and_found_again(city: City, db: Any) -> None:
    made = send(
        city, title=HOSTILE, text=HOSTILE, address=HOSTILE, reporter={"name": HOSTILE[:80], "phone": "13612345678"}
    )
    assert made.status_code == 201 and made.headers["content-type"] == "application/json"
    event, clerk = made.json()["event"], city.sign_in("clerk")
    seen = clerk.sees(event)
    assert (seen["title"], seen["text"], seen["address"]) == (HOSTILE, HOSTILE, HOSTILE)
    clerk.do(event, "note", reason=HOSTILE)
    assert clerk.get(f"/api/events/{event['id']}/timeline").json()["items"][-1]["reason"] == HOSTILE
    for q in (HOSTILE, "'; DROP TABLE event", "<script>", "%", "_", "\\", "井盖 DROP"):
        found = clerk.get("/api/search", params={"q": q})
        assert found.status_code == 200, q
    assert [item["id"] for item in clerk.get("/api/search", params={"q": "井盖 drop"}).json()["items"]] == [event["id"]]
    assert clerk.put(f"/api/drafts/{'x' * 30}", json={"body": {HOSTILE: HOSTILE}}).status_code == 204
    view = clerk.post("/api/inbox/views", json={"name": HOSTILE[:60], "filter": {"q": HOSTILE}})
    assert view.status_code == 201 and clerk.get("/api/inbox").status_code == 200
    assert count(db, events) == 1


@pytest.mark.parametrize("field", ["org", "person", "username"])
def test_hostile_names_of_the_administration(city: City, field: str) -> None:
    admin = city.sign_in("system_admin")
    if field == "org":
        body = {"name": "<b>'处", "kind": "department", "level": "county", "division": HERE}
        assert admin.post("/api/orgs", json=body).json()["name"] == "<b>'处"
    elif field == "person":
        assert admin.post("/api/people", json={"name": "O'Brien <i>"}).json()["name"] == "O'Brien <i>"
    else:
        person = admin.post("/api/people", json={"name": "新人"}).json()["id"]
        body = {"person": person, "username": "x'; --", "password": "Correct-Horse-9"}
        refused(admin.post("/api/accounts", json=body), 403, 422)


def test_texts_have_an_end(city: City, db: Any) -> None:
    assert send(city, text="井" * 20_000).status_code == 201
    refused(send(city, text="井" * 20_001), 422)
    refused(send(city, title="井" * 201), 422)
    refused(send(city, text="井" * 1_000_000), 413)
    event = city.report()
    city.sign_in("clerk").do(event, "note", 422, reason="x" * 2001)
    assert count(db, reports) == 2


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "   ", "\n\t", "​"])
def test_texts_that_are_none(city: City, db: Any, text: str) -> None:
    refused(send(city, text=text), 422)
    assert count(db, reports) == 0 == count(db, events)


def test_half_a_character_is_refused_and_nothing_kept(city: City, db: Any) -> None:
    body = b'{"channel": "patrol", "text": "\\ud800 \\ud83d", "division": "990101"}'
    answer = city.sign_in("clerk").post("/api/reports", content=body, headers={"content-type": "application/json"})
    refused(answer, 400, 422)
    assert count(db, reports) == 0


def test_times_that_cannot_be(city: City) -> None:
    now = clock.now()
    for wrong in (
        (now + timedelta(hours=1)).isoformat(),
        "2026-01-01T08:00:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1850-01-01T00:00:00Z",
        "yesterday",
        1e300,
    ):
        refused(send(city, happened_at=wrong), 422)
    assert send(city, happened_at=(now - timedelta(days=300)).isoformat()).status_code == 201
    event = city.report()
    for wrong in (
        (now + timedelta(hours=1)).isoformat(),
        (now - timedelta(days=4000)).isoformat(),
        "0001-01-01T00:00:00Z",
    ):
        city.sign_in("clerk").do(event, "accept", 422, done_at=wrong)
    assert city.sign_in("clerk").sees(event)["state"] == event["state"]


@pytest.mark.parametrize(("lon", "lat"), [(0, 0), (-179.9, -89.9), (139.7, 35.7), (180, 90)])
def test_a_point_outside_the_city_is_kept_and_falls_back_to_the_division(city: City, lon: float, lat: float) -> None:
    made = send(city, lon=lon, lat=lat)
    assert made.status_code == 201, made.text
    assert made.json()["report"]["division"] == HERE.ljust(12, "0") and made.json()["report"]["unit_grid"] == ""


@pytest.mark.parametrize(
    "given",
    [
        {"lon": 181, "lat": 0},
        {"lon": 118},
        {"lon": 118, "lat": 36, "crs": "WGS9"},
        {"lon": "east", "lat": 36},
        {"division": "36; DROP"},
        {"division": "9" * 13},
        {"matter_id": "mat_nonsense"},
        {"channel": "telepathy"},
        {"kind": "rant"},
        {"attachments": ["../../etc/passwd"]},
        {"unknown": 1},
        {"reporter": {"phone": "call me"}},
    ],
)
def test_what_a_report_cannot_say(city: City, db: Any, given: dict[str, Any]) -> None:
    refused(send(city, **given), 422)
    assert count(db, reports) == 0


def test_ids_that_are_unknown_or_of_another_kind(city: City, db: Any) -> None:
    event, clerk = city.report(), city.sign_in("clerk")
    for wrong in (
        str(new("evt")),
        str(new("org")),
        event["id"][:-1],
        event["id"].upper(),
        "evt_" + "z" * 26,
        "%00",
        "0",
    ):
        for tail in ("", "/timeline", "/reports", "/deadline", "/access"):
            refused(clerk.get(f"/api/events/{wrong}{tail}"), 404, 422)
        refused(clerk.post(f"/api/events/{wrong}/acts/accept", json={}), 404, 422)
    refused(send(city, join_event_id=str(new("evt"))), 404)
    refused(send(city, attachments=[str(new("fil"))]), 404)
    refused(send(city, flow="no_such_flow"), 404, 422)
    refused(clerk.post(f"/api/events/{event['id']}/acts/fly", json={}), 409)
    refused(clerk.post(f"/api/events/{event['id']}/merge", json={"into": str(new("evt")), "reason": "x"}), 404)
    refused(
        clerk.post(f"/api/events/{event['id']}/unmerge", json={"report_ids": [str(new("rpt"))], "reason": "x"}), 409
    )
    assert count(db, events) == 1 == count(db, reports)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded"]
)
def test_a_body_of_the_wrong_kind(city: City, db: Any, kind: str) -> None:
    body = b'{"channel": "patrol", "text": "x", "division": "990101"}'
    answer = city.sign_in("clerk").post("/api/reports", content=body, headers={"content-type": kind})
    refused(answer, 400, 415, 422)
    assert count(db, reports) == 0


def test_json_that_is_deep_or_cut(city: City) -> None:
    clerk = city.sign_in("clerk")
    for body in (b"[" * 100_000, b'{"a":' * 50_000, b"{", b"", b"\xff\xfe", b"null", b"[]", b'"x"', b"9" * 100_000):
        answer = clerk.post("/api/reports", content=body, headers={"content-type": "application/json"})
        refused(answer, 400, 422)


# --- files -----------------------------------------------------------------------------------------------


def put(city: City, content: bytes, name: str = "a.jpg", kind: str = "image/jpeg") -> Any:
    return city.sign_in("clerk").post("/api/files", files={"file": (name, content, kind)})


def a_photo(width: int = 640, height: int = 480) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def test_a_photo_of_fifty_megabytes_is_taken_and_one_byte_more_is_not(city: City, db: Any) -> None:
    photo = a_photo()
    padded = photo + b"\0" * (50_000_000 - len(photo))
    kept = put(city, padded)
    assert kept.status_code == 201 and kept.json()["size"] < 1_000_000
    assert refused(put(city, padded + b"\0"), 413)["code"] == "too_large"
    assert refused(put(city, b"\xff" * 71_000_000), 413)["code"] == "too_large"
    assert count(db, file_row) == 1


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"<html><script>alert(1)</script>", "a.jpg", "image/jpeg"),
        (b"MZ\x90\0" + b"\0" * 100, "a.pdf", "application/pdf"),
        (b"#!/bin/sh\nrm -rf /\n", "a.jpg", "image/jpeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", "image/svg+xml"),
        (b"", "a.jpg", "image/jpeg"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, "a.jpg", "image/jpeg"),
        (b"%PDF-1.4\n", "a.jpg", "image/jpeg"),
    ],
)
def test_a_file_is_what_it_is_not_what_it_says(city: City, db: Any, content: bytes, name: str, kind: str) -> None:
    refused(put(city, content, name, kind), 413, 415, 422)
    assert count(db, file_row) == 0


def a_bomb_of_pixels() -> bytes:
    """A small PNG that says it is 60,000 pixels square."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000))
        + chunk(b"IEND", b"")
    )


def test_a_picture_that_would_unpack_without_end(city: City) -> None:
    refused(put(city, a_bomb_of_pixels(), "a.png", "image/png"), 413, 415, 422)


def a_zip_bomb() -> bytes:
    """An XLSX of some hundred kilobytes that unpacks to 300 megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("xl/workbook.xml", "<workbook/>")
        with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(300):
                sheet.write(b"0" * 1_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("data_steward", "/api/sheets/classes/preview"),
        ("data_steward", "/api/sheets/duties/preview"),
        ("dispatcher", "/api/sheets/duties/preview"),
    ],
)
def test_a_zip_bomb_is_refused_by_every_route_that_takes_tables(city: City, who: str, path: str) -> None:
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    for content in (a_zip_bomb(), b"PK\x03\x04" + b"\0" * 500, b"not a table", b"a,b\n1,2\n"):
        answer = city.sign_in(who).post(path, files={"file": ("t.xlsx", content, sheet)})
        refused(answer, 403, 413, 415, 422)


def test_a_name_of_a_file_is_only_a_name(city: City) -> None:
    kept = put(city, a_photo(), '../../etc/pa"ss\r\nSet-Cookie: x=1.jpg')
    assert kept.status_code == 201, kept.text
    got = city.sign_in("clerk").get(f"/api/files/{kept.json()['id']}")
    assert got.status_code == 200 and "set-cookie" not in got.headers
    assert "/" not in kept.json()["name"] and got.headers["x-content-type-options"] == "nosniff"


def test_a_reporter_of_another_town_stays_out_of_sight(city: City) -> None:
    send(city, division=TOWN, reporter={"name": "王", "phone": "13612345678"})
    there = city.sign_in("clerk@there")
    assert there.get("/api/search", params={"q": "13612345678"}).json()["items"] == []
