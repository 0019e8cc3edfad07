"""Files handed in over the web: a preview writes nothing, the job takes them in, rights are asked."""

from uuid import uuid4

import pytest

from gangmu.base import places
from gangmu.base.places.errors import NoCity
from gangmu.kit import ids
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


def changed(steward, city, *edits, count: int = 12):
    """A file taken in, and the same once more with other rows: the second batch and its changed rows."""
    send(steward, rows(count), preview="false")
    city.settle()
    again = [a_row(n, 区划代码="990101", **dict(edits).get(n, {})) for n in range(1, count)]
    later = send(steward, csv_bytes([HEADER, *again]), preview="false").json()["batch"]
    city.settle()
    return later, steward.get(f"/api/imports/{later['id']}/changes?state=waiting").json()["items"]


def decide(browser, batch, items, accept, reason="", expect=200):
    answer = browser.post(
        f"/api/imports/{batch['id']}/changes/decide",
        json={"changes": [one["id"] for one in items], "accept": accept, "reason": reason},
        headers={"idempotency-key": uuid4().hex},
    )
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_a_changed_row_is_taken_over_as_a_correction_or_refused(steward, city):
    batch, items = changed(steward, city, (1, {"标题": "换了说法", "电话": "13811112222"}), (2, {"标题": "另一说法"}))
    assert [[each["field"] for each in one["differences"]] for one in items] == [["title", "reporter"], ["title"]]
    assert items[0]["differences"][0] == {
        "field": "title", "title": "Title", "was": "第1号井盖缺失", "now": "换了说法", "kept": False,
    }  # fmt: skip
    assert "13811112222" not in str(items)
    seen = steward.get(f"/api/events/{items[0]['event']}").json()
    done = decide(steward, batch, items[:1], True, "来源已核对")
    assert (done["accepted"], done["left"], done["items"][0]["state"]) == (1, 0, "accepted")
    now = steward.get(f"/api/events/{items[0]['event']}").json()
    assert (now["title"], now["version"]) == ("换了说法", seen["version"] + 1)
    acts = steward.get(f"/api/events/{items[0]['event']}/timeline").json()["items"]
    assert (acts[-1]["verb"], acts[-1]["verb_title"], acts[-1]["reason"]) == (
        "correct", "Corrected by the source", "来源已核对",
    )  # fmt: skip
    assert [one["title"] for one in steward.get("/api/search", params={"q": "换了说法"}).json()["items"]] == [
        "换了说法"
    ]
    assert decide(steward, batch, items[1:], False, "", 422)["code"] == "invalid"
    refused = decide(steward, batch, items[1:], False, "以现场为准")
    assert refused["refused"] == 1
    assert decide(steward, batch, items, True, "再来")["left"] == 2
    assert steward.get(f"/api/imports/{batch['id']}/changes?state=waiting").json()["items"] == []
    _, left = changed(steward, city, (1, {"标题": "换了说法", "电话": "13811112222"}), (2, {"标题": "另一说法"}))
    assert left == [], "what was taken over is known, what was refused is not asked again"


def test_what_somebody_here_has_changed_stays(steward, city):
    batch, items = changed(
        steward, city, (1, {"地址": "来源的新地址"}), (2, {"标题": "新标题", "地址": "来源的新地址"})
    )
    one = steward.get(f"/api/events/{items[0]['event']}").json()
    mended = city.sign_in("dispatcher").post(
        f"/api/events/{one['id']}/place", json={"address": "我们查到的地址", "reason": "现场核实"},
        headers={"idempotency-key": uuid4().hex},
    )  # fmt: skip
    assert mended.status_code == 200, mended.text
    waiting = steward.get(f"/api/imports/{batch['id']}/changes").json()["items"]
    assert [(each["field"], each["kept"]) for each in waiting[0]["differences"]] == [("address", True)]
    decide(steward, batch, waiting, True, "采纳")
    assert steward.get(f"/api/events/{one['id']}").json()["address"] == "我们查到的地址"
    reports = steward.get(f"/api/events/{one['id']}/reports").json()["items"]
    assert reports[0]["address"] == "来源的新地址"


def test_only_who_may_correct_decides(steward, city):
    batch, items = changed(steward, city, (1, {"标题": "换了说法"}))
    for who in ("dispatcher", "leader", "system_admin"):
        decide(city.sign_in(who), batch, items, True, "x", 403)
    stranger = [{"id": ids.new("imc")}]
    assert decide(steward, batch, stranger, True, "x", 404)["code"] == "intake.unknown_change"


def test_an_end_at_the_source_ends_what_nobody_here_has_touched(steward, city):
    ended = {"状态": "办结", "办结时间": "2026-09-28 10:00:00"}
    batch, items = changed(steward, city, (1, ended), (2, ended))
    fields = {each["field"] for each in items[0]["differences"]}
    assert {"life", "closed_at"} <= fields and not any(each["kept"] for each in items[0]["differences"])
    other = city.sign_in("dispatcher").post(
        f"/api/events/{items[1]['event']}/place", json={"address": "我们查到的地址", "reason": "现场核实"},
        headers={"idempotency-key": uuid4().hex},
    )  # fmt: skip
    assert other.status_code == 200, other.text
    decide(steward, batch, items, True, "来源已办结")
    first, second = (steward.get(f"/api/events/{one['event']}").json() for one in items)
    assert (first["status"], first["closed_at"][:13]) == ("closed", "2026-09-28T02")
    assert second["status"] == "open", "whose end is decided here is not ended from outside"
    _, left = changed(steward, city, (1, {**ended, "办结时间": "2026-09-29 10:00:00"}), (2, ended))
    assert [[each["field"] for each in one["differences"]] for one in left] == [["closed_at"]]
