"""What other systems do: codes that change overnight, lost answers, refused rows, two claims on one clock."""

from datetime import datetime, timedelta

import pytest

from gangmu.core.docking import jobs as docking_jobs
from gangmu.core.docking import service, taking, visits
from gangmu.core.docking.errors import LinkDown, LinkRefused
from gangmu.kit import clock
from gangmu.kit.unit import open_unit
from gangmu.sdk import rows
from gangmu.sdk.exchange import ForeignAct, ForeignOrder
from gangmu.sdk.testing.hotline import Faults
from tests.flow.docked import (
    STEWARD,
    account,
    answered,
    docked,
    events,
    get,
    post,
    push,
    signed_and_sent,
)


def stubbornly(work, most=80):
    """Again and again, as the workers do, until it is answered."""
    for _ in range(most):
        try:
            return work()
        except LinkDown:
            continue
    raise AssertionError("never answered")


def test_codes_that_change_overnight_wait_and_nothing_is_lost(city):
    with docked(city) as (town, link):
        town.issue(6, acts=False)
        visits.pull(link)
        town.codes = {code: f"new-{code}" for code in ("01-1101", "01-1102", "02-2101", "02-2204", "03-3001")}
        town.issue(60)
        told = visits.pull(link)
        assert told.waiting >= 50 and told.orders == 10  # one class of six kept its code
        page = get(city, "dispatcher", f"/links/{link}")
        assert page["health"] == "alarmed"
        assert [(one["kind"], one["count"]) for one in page["alarms"]] == [("unmapped", 50)]
        row = get(city, "dispatcher", f"/links/{link}/waiting")["items"][0]
        assert (row["why"], row["field"]) == ("unmapped", "class") and row["code"].startswith("new-")
        drawn = account(link)
        assert drawn["ours"]["received"] == 66 and drawn["equal"] is True  # waiting ones count as open

        # --- somebody completes the mapping: all come in, with what waited behind them
        for old, new in town.codes.items():
            body = {"kind": "class", "code": new, "value": "hotline:020101"}
            said = post(city, "data_steward", f"/links/{link}/mappings", {**body, "note": old}, method="PUT")
            assert said["done"] == "added"
        city.settle()
        assert get(city, "dispatcher", f"/links/{link}/waiting")["items"] == []
        page = get(city, "dispatcher", f"/links/{link}")
        assert (page["alarms"], page["health"]) == ([], "well")
        assert len(events(city)) == 66
        urged = sum(len(order.acts) == 0 and order.seq == 2 for order in town.orders.values())
        assert urged > 3


def test_an_answer_that_is_lost_is_asked_for_and_nothing_is_done_twice(city):
    faults = Faults(drop=0.4, busy=0.1)
    with docked(city, faults) as (town, link):
        town.issue(24, acts=False)
        stubbornly(lambda: visits.pull(link))
        for event in events(city):
            signed_and_sent(city, event)
        stubbornly(lambda: push(city, link))
        for _ in range(4):  # what was put off comes a little later
            city.forward(minutes=5)
            stubbornly(lambda: push(city, link))
        assert town.counts.executed == 24 and town.counts.doubled == 0
        assert town.counts.dropped > 0
        assert all(town.act_codes(number) == ["SIGN"] for number in town.orders)
        out = get(city, "dispatcher", f"/links/{link}/acts", limit=100)["items"]
        assert {one["state"] for one in out} == {"taken"} and len(out) == 24


def test_a_refused_row_is_seen_and_sent_again(city):
    with docked(city, Faults(refuse=1.0)) as (town, link):
        number = town.issue(1, acts=False)[0]
        visits.pull(link)
        event = signed_and_sent(city, events(city)[0])
        push(city, link)
        row = get(city, "dispatcher", f"/links/{link}/acts", state="refused")["items"][0]
        assert (row["receipt_code"], row["verb"]) == ("E422", "sign") and "附件" in row["receipt_text"]
        assert [one["kind"] for one in get(city, "dispatcher", f"/links/{link}")["alarms"]] == ["refused"]
        shown = city.sign_in("dispatcher").get(f"/api/events/{event['id']}/docking").json()
        assert [act["state"] for act in shown["acts"]] == ["refused"]
        post(city, "dispatcher", f"/acts/{row['id']}/resend")
        push(city, link)
        assert town.act_codes(number) == ["SIGN"]
        assert get(city, "dispatcher", f"/links/{link}")["alarms"] == []
        said = post(city, "dispatcher", f"/acts/{row['id']}/resend", expect=409)
        assert said["code"] == "docking.not_refused"


def test_the_source_decides_returns_and_extensions(city):
    with docked(city) as (town, link):
        town.issue(2, acts=False)
        visits.pull(link)
        first, second = events(city)
        dispatcher, lead = city.sign_in("dispatcher"), city.sign_in("dept_lead")
        dispatcher.do(first, "request_return", reason="属市直部门职责")
        assert dispatcher.do(first, "source_accepts_return", expect=403, reason="x")["code"] == "access.refused"
        push(city, link)
        visits.pull(link)
        assert dispatcher.sees(first)["state"] == "given_back"

        signed_and_sent(city, second)
        before = town.orders[second["foreign_no"]].due_at
        lead.do(second, "request_extension", reason="需协调产权单位")
        mine = dispatcher.do(second, "grant_extension", expect=409)
        assert mine["code"] == "docking.clock_is_theirs"
        push(city, link)
        visits.pull(link)
        after = town.orders[second["foreign_no"]].due_at
        assert after == before + timedelta(days=2)
        explained = dispatcher.get(f"/api/events/{second['id']}/deadline").json()["explanations"]
        due = [one["due_at"] for one in explained if one["stage"] == "handle" and one["state"] == "running"]
        assert len(due) == 1 and clock_of(due[0]) == after
        drawn = account(link)
        assert drawn["equal"] is True
        assert drawn["ours"] == {"received": 2, "open": 1, "answered": 0, "returned": 1}


def clock_of(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_an_order_that_is_sent_back_runs_until_the_new_deadline(city):
    with docked(city) as (town, link):
        town.redo_share = 1.0
        number = town.issue(1, acts=False)[0]
        visits.pull(link)
        event = answered(city, signed_and_sent(city, events(city)[0]))
        push(city, link)
        visits.pull(link)
        event = city.sign_in("dispatcher").sees(event)
        assert event["state"] == "redo"
        assert account(link)["equal"] is True
        answered(city, event)
        push(city, link)
        visits.pull(link)
        assert city.sign_in("dispatcher").sees(event)["state"] == "closed"
        assert town.act_codes(number) == ["SIGN", "REPLY", "REPLY"]
        assert account(link)["equal"] is True


def test_two_claims_on_one_clock(city):
    """The link's setting decides; the difference is kept, shown and found by the account."""
    with docked(city, clock="own", limit="5d") as (town, link):
        number = town.issue(1, acts=False)[0]
        visits.pull(link)
        event = events(city)[0]
        shown = city.sign_in("dispatcher").get(f"/api/events/{event['id']}/docking").json()["orders"][0]
        assert (shown["clock"], shown["both_claim"]) == ("own", True)
        assert clock_of(shown["their_due_at"]) == town.orders[number].due_at
        assert shown["our_due_at"] != shown["their_due_at"]
        signed_and_sent(city, event)
        push(city, link)
        assert clock_of(town.orders[number].acts[0]["due_at"]) == clock_of(shown["our_due_at"])
        drawn = account(link)
        assert [one["what"] for one in drawn["differing"]] == ["deadline"]


def test_a_link_that_falls_silent_is_missed(city):
    with docked(city) as (town, link):
        town.issue(1)
        visits.pull(link)
    with pytest.raises(LinkDown):
        visits.pull(link)
    page = get(city, "dispatcher", f"/links/{link}")
    assert (page["health"], page["fails"]) == ("trouble", 1)
    city.forward(minutes=31)
    docking_jobs.watch()
    page = get(city, "system_admin", f"/links/{link}")
    assert [one["kind"] for one in page["alarms"]] == ["silent"]


def test_wrong_credentials_are_said_at_once(city):
    with docked(city) as (town, link):
        town.token = "another"
        with pytest.raises(LinkRefused):
            visits.pull(link)
        assert [one["kind"] for one in get(city, "dispatcher", f"/links/{link}")["alarms"]] == ["denied"]


def test_messages_wait_for_the_one_before(city):
    """A supplement that comes before its order waits for it; one of yesterday's numbering changes nothing."""
    with docked(city) as (_, link):
        at = clock.now()
        with open_unit(STEWARD, "test") as unit:
            own = service.get_link(unit, STEWARD, link)
            urge = ForeignAct(message="A-3", number="A", act="URGE", at=at, seq=3, text="再催")
            note = ForeignAct(message="A-2", number="A", act="NOTE", at=at, seq=2, text="补充")
            told = taking.take(unit, own, [urge, note], "pull")
            assert told.by_message == {"A-3": ("waiting", "no_order"), "A-2": ("waiting", "no_order")}
            order = ForeignOrder(message="A-1", number="A", at=at, text="路灯不亮", seq=1, class_code="01-1101")
            told = taking.take(unit, own, [order], "pull")
            assert (told.orders, told.acts) == (1, 2)
            late = ForeignAct(message="A-2b", number="A", act="URGE", at=at, seq=2)
            assert taking.take(unit, own, [late], "pull").by_message["A-2b"] == ("late", "")
            assert taking.take(unit, own, [order, urge], "pull").repeated == 2
        event = events(city)[0]
        lines = city.sign_in("dispatcher").get(f"/api/events/{event['id']}/timeline").json()["items"]
        assert sorted(one["verb"] for one in lines) == ["note", "report", "urge"]


def test_a_row_is_set_aside_with_its_reason_and_the_next_go_on(city):
    with docked(city) as (town, link):
        number = town.issue(1, acts=False)[0]
        with town.lock:
            town._publish([town._act(number, "STRANGE", clock.now()), town._act(number, "URGE", clock.now(), "催")])
        visits.pull(link)
        rows = get(city, "dispatcher", f"/links/{link}/waiting")["items"]
        assert sorted((row["why"], row["code"]) for row in rows) == [("early", "3"), ("unmapped", "STRANGE")]
        strange = next(row for row in rows if row["why"] == "unmapped")
        post(city, "dispatcher", f"/waiting/{strange['id']}/set_aside", {"note": "来源系统误发，已电话核实"})
        assert get(city, "dispatcher", f"/links/{link}/waiting")["items"] == []
        again = post(city, "dispatcher", f"/waiting/{strange['id']}/set_aside", {"note": "x"}, expect=409)
        assert again["code"] == "docking.not_waiting"


def test_what_is_outside_or_unreadable_waits(city):
    with docked(city) as (_, link), open_unit(STEWARD, "test") as unit:
        own = service.get_link(unit, STEWARD, link)
        plain = {"number": "B", "at": "2026-09-18 09:00:00", "text": "事项", "class_code": "01-1101"}
        told = taking.take(
            unit,
            own,
            [
                rows.read({**plain, "message": "b1", "area": "990102"}),
                rows.read({**plain, "message": "b2", "number": "C", "at": "昨天"}),
                rows.read({**plain, "message": "b3", "number": "D", "lon": "400", "lat": "1"}),
                rows.read({**plain, "message": "b4", "number": "E", "area": "123456"}),
                rows.read({**plain, "message": "b5", "number": "F", "due_at": "2099-01-01 00:00:00"}),
            ],
            "pull",
        )
        whys = {message: why for message, (_, why) in told.by_message.items()}
        assert whys == {"b1": "outside", "b2": "unreadable", "b3": "unreadable", "b4": "unmapped", "b5": "unreadable"}


def test_another_county_sees_nothing_of_it(city):
    with docked(city) as (town, link):
        town.issue(3)
        visits.pull(link)
        there = "dispatcher@there"
        assert get(city, there, "/links")["items"] == []
        for path in ("", "/mappings", "/waiting", "/acts", "/orders", "/accounts"):
            get(city, there, f"/links/{link}{path}", expect=404)
        body = {"kind": "class", "code": "x", "value": "-"}
        post(city, there, f"/links/{link}/mappings", body, expect=404, method="PUT")
        post(city, there, f"/links/{link}/accounts", {"day": "2026-09-18"}, expect=404)
        event = events(city)[0]
        assert city.sign_in(there).get(f"/api/events/{event['id']}/docking").status_code == 404


def test_links_are_kept_by_the_system_administrator(city):
    with docked(city) as (_, link):
        page = get(city, "system_admin", f"/links/{link}")
        assert page["settings"]["token"] == "\u2022" * 6
        assert get(city, "dispatcher", f"/links/{link}")["settings"] == {}
        names = ("kind", "settings", "flow", "limit", "sequence", "every_s", "silence_minutes", "active", "version")
        body = {**{name: page[name] for name in names}, "clock": "own"}
        post(city, "dispatcher", f"/links/{link}", body, expect=403, method="PUT")
        changed = post(city, "system_admin", f"/links/{link}", body, method="PUT")
        assert changed["clock"] == "own"
        assert visits.look_up(link).given["token"] == "secret-of-the-city"
        stale = post(city, "system_admin", f"/links/{link}", body, expect=409, method="PUT")
        assert stale["code"] == "stale_write"
        wrong = {"kind": "class", "code": "x", "value": "hotline:999999"}
        said = post(city, "dispatcher", f"/links/{link}/mappings", wrong, expect=422, method="PUT")
        assert said["code"] == "docking.bad_mapping"
