"""The other ways in and out: the system that calls us, the workbook that is carried, and the day of cut-over."""

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from starlette.testclient import TestClient

from gangmu.base.access import applications
from gangmu.core.docking import jobs as docking_jobs
from gangmu.core.docking import service, visits
from gangmu.kit import clock, sheets
from gangmu.kit.unit import open_unit
from gangmu.sdk import signing
from gangmu.sdk.testing.hotline import CHINA
from tests.city import City
from tests.flow.docked import STEWARD, answered, docked, events, get, linked, post, push, put, signed_and_sent
from tests.flow.ground import found, key

AT = "2026-09-18T09:00:00+08:00"
SECRET = "shared secret of both sides"


def called(city: City, link: Any) -> TestClient:
    """The docked system with its token."""
    with open_unit(STEWARD, "test") as unit:
        own = service.get_link(unit, STEWARD, link)
        _, token = applications.renew_token(unit, STEWARD, own.application)
    browser = TestClient(city.app, base_url="http://testserver", raise_server_exceptions=False)
    browser.headers["authorization"] = f"Bearer {token}"
    return browser


def row(n: int, **more: Any) -> dict[str, Any]:
    return {"message": f"m{n}", "number": f"HB{n}", "at": AT, "text": "路面积水", "class_code": "01-1101", **more}


@pytest.fixture
def callback(city):
    found(city)
    link = linked(city, "", connector="callback_orders", settings={}, name="环保热线")
    return link, called(city, link)


def test_the_other_system_posts_and_is_answered_row_by_row(city, callback):
    link, system = callback
    body = {"rows": [row(1), row(2, class_code="??"), row(1), {"message": "m3", "number": "HB3", "text": "x"}]}
    told = system.post(f"/api/docking/links/{link}/inbox", json=body, headers=key())
    assert told.status_code == 200, told.text
    said = {one["message"]: (one["verdict"], one["why"]) for one in told.json()["receipts"]}
    assert said == {"m1": ("taken", ""), "m2": ("waiting", "unmapped"), "m3": ("waiting", "unreadable")}
    assert (told.json()["new"], told.json()["repeated"]) == (3, 1)
    again = system.post(f"/api/docking/links/{link}/inbox", json=body, headers=key()).json()
    assert (again["new"], again["orders"], again["repeated"]) == (0, 0, 4)
    assert [event["foreign_no"] for event in events(city)] == ["HB1"]


def test_an_application_delivers_to_its_own_link_alone(city, callback):
    link, system = callback
    other = linked(city, "", connector="callback_orders", settings={}, name="另一热线")
    assert system.post(f"/api/docking/links/{other}/inbox", json={"rows": []}, headers=key()).status_code == 404
    assert system.get("/api/docking/links").status_code == 403
    system.headers["authorization"] = "Bearer gma_wrong"
    assert system.post(f"/api/docking/links/{link}/inbox", json={"rows": []}, headers=key()).status_code in (401, 403)
    assert (
        city.sign_in("dispatcher")
        .post(f"/api/docking/links/{link}/inbox", json={"rows": []}, headers=key())
        .status_code
        == 403
    )


def test_a_signed_link_refuses_what_is_unsigned_old_or_seen(city):
    found(city)
    link = linked(city, "", connector="callback_orders", settings={"secret": SECRET}, name="国密热线")
    system = called(city, link)
    body = json.dumps({"rows": [row(1)]}).encode()

    def send(stamp: int, nonce: str, secret: str = SECRET, content: bytes = body) -> Any:
        head = {**signing.head(secret, str(stamp), nonce, body), "content-type": "application/json", **key()}
        return system.post(f"/api/docking/links/{link}/inbox", content=content, headers=head)

    now = int(clock.real_now().timestamp())
    assert system.post(f"/api/docking/links/{link}/inbox", json={"rows": [row(1)]}, headers=key()).status_code == 401
    assert send(now, "nonce-0001", "wrong").json()["code"] == "docking.bad_signature"
    assert send(now - 3600, "nonce-0002").status_code == 401
    assert send(now, "nonce-0003", content=body.replace(b"HB1", b"HB2")).status_code == 401
    assert send(now, "nonce-0004").status_code == 200
    assert send(now, "nonce-0004").status_code == 401  # the same call, replayed
    assert len(events(city)) == 1


def test_sm3_signatures_are_the_standard_ones():
    """HMAC-SM3 (GB/T 15852.2): a published vector."""
    key_bytes = bytes(range(1, 33))
    message = ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2).encode()
    wanted = "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"
    assert signing.hmac_sm3(key_bytes, message).hex() == wanted


# --- workbooks ---------------------------------------------------------------------------------------------


def workbook(heads: list[str], *lines: list[Any]) -> bytes:
    book = Workbook()
    book.active.append(heads)
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(city: City, path: str, content: bytes, expect: int = 200, **form: str) -> Any:
    files = {"file": ("工单.xlsx", content, sheets.MIME)}
    answer = city.sign_in("data_steward").post(f"/api/docking{path}", files=files, data=form, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


HEADS = [
    "工单编号",
    "交办时间",
    "开始计时",
    "办理时限",
    "诉求类型",
    "诉求分类",
    "状态",
    "承办单位",
    "诉求内容",
    "办理过程",
]


def sheet_link(city: City) -> Any:
    found(city)
    return linked(city, "", connector="sheet_orders", settings={}, name="县级热线", sequence="none")


def test_a_workbook_goes_there_and_back(city):
    link = sheet_link(city)
    now = clock.now().astimezone(CHINA).replace(microsecond=0, tzinfo=None)
    due = now + timedelta(days=4, hours=1)
    content = workbook(
        HEADS,
        [" W1 ", now, now, due, "TS", "01-1101", "", "", "路灯不亮 ", ""],
        ["W2", f"{now:%Y/%m/%d %H:%M}", "", "", "TS", "zz", "", "", "垃圾满溢", ""],
    )
    told = upload(city, f"/links/{link}/workbook", content)
    assert (told["orders"], told["waiting"]) == (1, 1)
    assert upload(city, f"/links/{link}/workbook", content)["repeated"] == 2
    event = answered(city, signed_and_sent(city, events(city)[0]))
    city.settle()
    docking_jobs.gather()
    browser = city.sign_in("data_steward")
    out = browser.get(f"/api/docking/links/{link}/acts.xlsx")
    assert out.status_code == 200, out.text
    lines = sheets.read(io.BytesIO(out.content), ["回执编号"])
    assert [line.values["动作"] for line in lines] == ["SIGN", "REPLY"]
    receipts = workbook(
        ["回执编号", "回执", "回执说明"],
        [lines[0].values["回执编号"], "成功", ""],
        [lines[1].values["回执编号"], "拒收", "缺照片"],
    )
    assert upload(city, f"/links/{link}/receipts", receipts) == {"settled": 2}
    shown = city.sign_in("dispatcher").get(f"/api/events/{event['id']}/docking").json()["acts"]
    assert [(act["code"], act["state"], act["receipt_text"]) for act in shown] == [
        ("SIGN", "taken", ""),
        ("REPLY", "refused", "缺照片"),
    ]


def test_cut_over_takes_history_clock_and_deadline(city):
    """Open orders of the old system go on here as they stood: no clock begins anew, and twice is once."""
    link = sheet_link(city)
    put("state_in", link, **{"10": "arrived", "30": "handling", "50": "closed"})
    put("unit", link, SZ=city.orgs["市政处"])
    now = clock.now().astimezone(CHINA).replace(microsecond=0, tzinfo=None)
    began, due = now - timedelta(days=3), now + timedelta(days=1, minutes=7)
    history = f"{began:%Y-%m-%d %H:%M} | 受理 | 甲 | 市民来电\n{began:%Y-%m-%d} 12:00 | 派单 | 乙 | 市政处"
    content = workbook(
        HEADS,
        ["K1", began, began, due, "TS", "01-1101", "30", "SZ", "井盖松动", history],
        ["K2", began, began, due, "TS", "01-1101", "10", "", "路灯不亮", ""],
        ["K3", began, began, due, "TS", "01-1101", "30", "", "没有单位的在办件", ""],
        ["K4", began, began, due, "TS", "01-1101", "50", "", "已办结", history],
    )
    told = upload(city, f"/links/{link}/workbook", content, takeover="true")
    assert (told["orders"], told["waiting"]) == (3, 1)
    assert upload(city, f"/links/{link}/workbook", content, takeover="true")["new"] == 0
    row = get(city, "dispatcher", f"/links/{link}/waiting")["items"][0]
    assert (row["number"], row["field"]) == ("K3", "unit")

    event = next(one for one in events(city) if one["foreign_no"] == "K1")
    dispatcher, handler = city.sign_in("dispatcher"), city.sign_in("handler")
    assert event["state"] == "handling"
    page = dispatcher.get(f"/api/events/{event['id']}/deadline").json()["explanations"]
    assert [one["stage"] for one in page] == ["handle"]
    wanted = due.replace(tzinfo=CHINA)
    assert datetime.fromisoformat(page[0]["due_at"].replace("Z", "+00:00")) == wanted
    assert datetime.fromisoformat(page[0]["started_at"].replace("Z", "+00:00")) == began.replace(tzinfo=CHINA)
    assert abs(page[0]["elapsed_s"] - 3 * 86_400) < 600
    handler.do(event, "reply", answer="已更换井盖", outcome="solved")
    done = city.sign_in("dept_lead").do(event, "confirm")
    assert done["state"] == "answered"
    closed = events(city, status="closed")
    assert [one["foreign_no"] for one in closed] == ["K4"]
    post(city, "dispatcher", f"/links/{link}/waiting/rerun")


def test_merged_orders_are_all_told(city):
    """Two foreign orders that are one matter: what is done travels for both; what would end it for one waits."""
    with docked(city) as (town, link):
        town.issue(2, acts=False)
        visits.pull(link)
        first, second = events(city)
        body = {"into": first["id"], "reason": "同一处井盖"}
        answer = city.sign_in("shift_leader").post(f"/api/events/{second['id']}/merge", json=body, headers=key())
        if answer.status_code != 200:
            answer = city.sign_in("clerk").post(f"/api/events/{second['id']}/merge", json=body, headers=key())
        assert answer.status_code == 200, answer.text
        city.settle()
        answered(city, signed_and_sent(city, first))
        push(city, link)
        push(city, link)
        assert {tuple(town.act_codes(number)) for number in town.orders} == {("SIGN", "REPLY")}
        visits.pull(link)
        waits = get(city, "dispatcher", f"/links/{link}/waiting")["items"]
        assert {one["why"] for one in waits} == {"merged"}
