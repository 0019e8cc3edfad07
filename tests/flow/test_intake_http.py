"""Files handed in over the web: a preview writes nothing, the job takes them in, rights are asked."""

from uuid import uuid4

import pytest

from gangmu.base import places
from gangmu.base.places.errors import NoCity
from gangmu.kit.actor import System
from tests.unit.intake.conftest import HEADER, a_row, csv_bytes


@pytest.fixture
def steward(city, database):
    with database.unit(System("test")) as unit:
        try:
            places.city(unit, unit.actor)
        except NoCity:
            rows = [{"code": "990101", "name": "东区"}, {"code": "990102", "name": "西区"}]
            places.found_city(unit, unit.actor, "9901", rows, name="试验市", source="test")
    return city.sign_in("data_steward")


def rows(count: int = 12) -> bytes:
    good = [a_row(n, 区划代码="990101") for n in range(1, count)]
    return csv_bytes([HEADER, *good, a_row(99, 区划代码="990101", 渠道="?")])


def send(browser, body: bytes, name: str = "orders.csv", **form):
    return browser.post(
        "/api/imports",
        files={"file": (name, body, "text/csv")},
        data={"profile": "standard", **form},
        headers={"idempotency-key": uuid4().hex},
    )


def test_a_preview_shows_rows_and_writes_nothing(steward):
    answer = send(steward, rows(), preview="true")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["format"] == "csv" and told["batch"] is None and len(told["rows"]) == 12
    assert told["rows"][0]["report"]["title"] == "第1号井盖缺失"
    assert told["rows"][-1]["errors"][0] == {"field": "channel", "reason": "unknown_code", "value": "?",
                                             "message": told["rows"][-1]["errors"][0]["message"]}  # fmt: skip
    assert "王某某" not in answer.text and "13900000000" not in answer.text
    assert steward.get("/api/imports").json()["items"] == []


def test_an_upload_is_read_by_a_job(steward, city):
    answer = send(steward, rows(), preview="false")
    assert answer.status_code == 200, answer.text
    batch = answer.json()["batch"]
    assert batch["state"] == "running"
    city.settle()
    done = steward.get(f"/api/imports/{batch['id']}").json()
    assert (done["state"], done["read"], done["accepted"], done["quarantined"]) == ("done", 12, 11, 1)
    waiting = steward.get(f"/api/imports/{batch['id']}/quarantine").json()["items"]
    assert [(row["row"], row["errors"][0]["reason"], row["kept"]) for row in waiting] == [(13, "unknown_code", True)]
    assert waiting[0]["cells"]["电话"] == "***"
    send(steward, rows(), preview="false")
    city.settle()
    newest = steward.get("/api/imports").json()["items"][0]
    assert (newest["accepted"], newest["already"]) == (0, 11)


def test_who_may_not_import_sees_none_of_it(steward, city):
    for who in ("clerk", "handler", "system_admin"):
        browser = city.sign_in(who)
        assert send(browser, rows()).status_code == 403
        assert browser.get("/api/imports").status_code == 403


@pytest.mark.parametrize(
    ("body", "name", "form", "status", "code"),
    [
        (b"", "a.csv", {}, 422, "intake.file_empty"),
        (b"a,b\n1,2\n", "a.csv", {}, 422, "intake.wrong_columns"),
        (b"%PDF-1.7", "a.csv", {}, 422, "intake.file_kind"),
        (b"plain", "a.xlsx", {}, 422, "intake.file_misnamed"),
        (b"PK\x03\x04 nothing", "a.xlsx", {}, 422, "intake.file_damaged"),
        (b"PAR1 nothing", "a.parquet", {}, 422, "intake.file_damaged"),
        (rows(), "../../../etc/cron.d/x.csv", {}, 200, None),
        (rows(), "a.csv", {"profile": "nope"}, 404, "intake.unknown_profile"),
        (rows(), "a.csv", {"profile": "/etc/hostname"}, 404, "intake.unknown_profile"),
        (rows(), "a.csv", {"profile": "boston"}, 422, "intake.wrong_columns"),
    ],
)
def test_files_that_are_refused_say_why(steward, body, name, form, status, code):
    answer = send(steward, body, name, preview="true", **form)
    assert answer.status_code == status, answer.text
    if code:
        assert answer.json()["code"] == code


def test_an_upload_too_large_is_refused(steward, monkeypatch):
    monkeypatch.setenv("GANGMU_INTAKE__UPLOAD_MB", "1")
    assert send(steward, b"x" * 1_100_000).status_code == 413


def test_waiting_rows_are_tried_again_and_changed_rows_listed(steward, city):
    batch = send(steward, rows(), preview="false").json()["batch"]
    city.settle()
    again = steward.post(f"/api/imports/{batch['id']}/retry", headers={"idempotency-key": uuid4().hex})
    assert again.status_code == 200 and again.json()["quarantined"] == 1
    other = [a_row(n, 区划代码="990101") for n in range(1, 12)]
    other[0] = a_row(1, 区划代码="990101", 标题="换了说法")
    later = send(steward, csv_bytes([HEADER, *other]), preview="false").json()["batch"]
    city.settle()
    found = steward.get(f"/api/imports/{later['id']}/changes").json()["items"]
    assert [(one["row"], one["cells"]["标题"]) for one in found] == [(2, "换了说法")]
    assert city.sign_in("clerk").get(f"/api/imports/{later['id']}/changes").status_code == 403
