"""A calendar tried before it is released, a notice pasted, and what runs under which edition of the catalogue."""

from uuid import uuid4

from tests.city import HERE
from tests.flow.ground import found, matter_of

NOTICE = "一、元旦：1月1日（周五）至3日（周日）放假，共3天。"


def key():
    return {"idempotency-key": uuid4().hex}


def post(browser, path, expect=200, **body):
    answer = browser.post(f"/api{path}", json=body, headers=key())
    assert answer.status_code == expect, f"{answer.status_code} {answer.text[:600]}"
    return answer.json()


def filed(city, code="0101"):
    """A case with running clocks."""
    chosen = matter_of(city.sign_in("clerk"), "urban_component", code)
    one = city.report("clerk", matter_id=chosen["id"])
    city.sign_in("clerk").do(one, "accept")
    city.sign_in("shift_leader").do(one, "register", condition_id=chosen["conditions"][-1]["id"])
    city.sign_in("dispatcher").do(one, "dispatch", lead_org=city.orgs["市政处"])
    return one


def test_a_pasted_notice_is_read_and_entered(city):
    steward = city.sign_in("data_steward")
    told = post(steward, "/calendars/notice", year=2027, text=NOTICE)
    assert told["off"] == [{"name": "元旦", "first": "2027-01-01", "last": "2027-01-03"}] and told["doubts"] == []
    wrong = post(steward, "/calendars/notice", year=2028, text=NOTICE)
    assert {one["code"] for one in wrong["doubts"]} == {"weekday"} and all(one["text"] for one in wrong["doubts"])
    assert city.sign_in("clerk").post("/api/calendars/notice", json={"year": 2027, "text": "x"}).status_code == 403


def test_deadlines_that_a_change_is_about_are_counted_and_running_clocks_keep_theirs(database, city):
    found(city)
    one = filed(city)
    steward = city.sign_in("data_steward")
    due = next(c for c in steward.get(f"/api/events/{one['id']}").json()["clocks"] if c["stage"] == "handle")["due_at"]
    version = steward.get("/api/calendars/cn/year/2026").json()["version"]
    nothing = post(steward, "/calendars/cn/try-out", version=version)
    assert (nothing["changed_days"], nothing["looked"]) == (0, 0)
    day = due[:10]
    off = {"date": day, "working": False, "name": "市里放假"}
    tried = post(steward, "/calendars/cn/try-out", version=version, days=[off])
    assert tried["changed_days"] in (0, 1) and tried["moves"] == 0
    if tried["changed_days"]:
        assert tried["looked"] >= 1
    stale = post(steward, "/calendars/cn/try-out", 409, version=version + 1, days=[off])
    assert stale["code"] == "stale_write"
    done = steward.put("/api/calendars/cn/days", json={"version": version, "days": [off]}, headers=key())
    assert done.status_code == 200
    again = next(c for c in steward.get(f"/api/events/{one['id']}").json()["clocks"] if c["stage"] == "handle")[
        "due_at"
    ]
    assert again == due


def test_provisional_deadlines_would_be_counted_anew(database, city):
    """The last days of the year: a working clock runs into a year whose notice is not known."""
    found(city)
    with database.unit() as unit:
        now = unit.now
    from datetime import datetime
    from zoneinfo import ZoneInfo

    year = 2026 if now.year <= 2026 else now.year
    end = datetime(year, 12, 31, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    if now < end:
        city.forward(seconds=(end - now).total_seconds())
    one = filed(city)
    steward = city.sign_in("data_steward", fresh=True)
    seen = steward.get("/api/calendars/cn/year/2027").json()
    rows = {row["name"]: row for row in steward.get("/api/calendars").json()["items"]}
    assert rows["cn"]["missing_year"] == 2027 and rows["plain"]["missing_year"] is None
    off = [{"name": "元旦", "first": "2027-01-01", "last": "2027-01-06"}]
    tried = post(
        steward, "/calendars/cn/try-out", version=seen["version"], notice={"year": 2027, "off": off, "work": []}
    )
    assert tried["moves"] >= 1 and tried["keeps"] == 0
    assert {row["event"]["id"] for row in tried["examples"]} == {one["id"]}
    assert all(row["would_be"] > row["due_at"] for row in tried["examples"])


def test_what_runs_under_an_older_edition_is_counted(database, city):
    found(city)
    first = filed(city)
    steward = city.sign_in("data_steward")
    chosen = matter_of(steward, "urban_component", "0101")
    condition = chosen["conditions"][-1]
    body = {"id": condition["id"], "version": condition["version"], "text_zh": condition["text_zh"], "limit": "9d"}
    assert steward.put("/api/matter/conditions", json=body, headers=key()).status_code == 200
    told = steward.get(f"/api/matter/classes/{chosen['id']}/running").json()
    same = [row for row in told["conditions"] if row["seq"] == condition["seq"]]
    assert [(row["limit"], row["n"]) for row in same] == [(condition["limit"], 1), ("9d", 0)]
    assert [row["n"] for row in told["classes"]] == [1] and first
    whole = steward.get(f"/api/matter/classes/{chosen['id']}", headers={"accept-language": "zh-CN"}).json()
    assert whole["source_text"] == "地级市标准（依 GB/T 30428.2）" and whole["next_local"] == ""
    parent = next(
        row
        for row in steward.get("/api/matter/classes", params={"tree": "urban_component"}).json()["items"]
        if row["code"] == "01"
    )
    assert steward.get(f"/api/matter/classes/{parent['id']}").json()["next_local"].startswith("01")
    assert HERE
