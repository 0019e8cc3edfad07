"""The how-to page of the hotline: every block on it runs. The spreadsheet of knowledge, and the stand-in telephone."""

import io
import json
from random import Random
from uuid import uuid4

from gangmu.core.knowledge import sheets
from gangmu.faces.cli import _cti
from gangmu.faces.cli.simulate import cli
from gangmu.kit import clock
from gangmu.kit.sheet_kinds import Line
from gangmu.kit.unit import open_unit
from tests.city import HERE
from tests.flow.ground import found
from tests.flow.test_dispatch_pages import Keyed, run_blocks, signed_in
from tests.flow.test_hotline import Telephone
from tests.web.browser import served


def test_the_page_of_the_hotline_runs(city):
    found(city)
    phone = Keyed(city.app, "zh-CN")
    phone.headers["authorization"] = f"Bearer {Telephone(city).token}"
    people = {"lead": "dept_lead", "operator": "hotline_operator", "leader": "shift_leader", "caller_back": "call_back"}
    names = {name: signed_in(city, who) for name, who in people.items()}
    names |= {"phone": phone, "orgs": city.orgs, "HERE": HERE, "now": lambda: clock.now().isoformat()}
    names["operator"].put = _keyed_put(names["operator"])
    run_blocks("hotline.md", names)


def _keyed_put(browser):
    plain = type(browser).put

    def put(*args, **kw):
        return plain(browser, *args, **{"headers": {"idempotency-key": uuid4().hex}, **kw})

    return put


def test_the_stand_in_tells_whole_calls_in_any_order():
    chance = Random(3)
    told = _cti.one_call(chance, 1, ["801"], 0.0, clock.real_now())
    assert [one.body["event"] for one in told] == ["ring", "answer", "hang_up"]
    assert [one.body["event"] for one in _cti.one_call(chance, 2, ["801"], 1.0, clock.real_now())] == ["ring", "missed"]
    twice = _cti.disturbed(chance, told, 1.0, 0.0)
    assert [one.body["event"] for one in twice] == ["ring", "ring", "answer", "answer", "hang_up", "hang_up"]


def test_the_stand_in_plays_calls_at_a_running_house(city, capsys):
    found(city)
    token = Telephone(city).token
    with served(work=False) as address:
        options = ["--token", token, "--address", address, "--seats", "801,802", "--calls", "12", "--every", "0"]
        cli(
            ["cti", *options, "--repeat", "0.5", "--shuffle", "0.5", "--missed", "0.3", "--json"], standalone_mode=False
        )
    done = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert done["calls"] == 12 and done["told"] > done["fresh"]
    total = city.sign_in("shift_leader").get("/api/calls/figures").json()["total"]
    assert total["calls"] == 12 and total["answered"] + total["missed"] == 12 and total["missed"] > 0
    waiting = city.sign_in("call_back").get("/api/calls/missed").json()["items"]
    assert all(one["number"].startswith("190****") for one in waiting)


def test_the_knowledge_base_goes_out_and_in_as_a_spreadsheet(city):
    found(city)
    lead = city.actor("dept_lead")
    row = {
        "question": "怎么交水费",
        "answer": "线上缴纳。",
        "owner": "市政处",
        "division": "990101",
        "state": "in_force",
    }
    with open_unit(lead, "take in") as unit:
        look = sheets._start(unit, lead, True)
        assert look.take(Line(2, row)) == "added"
        taker = sheets._start(unit, lead, False)
        assert taker.take(Line(2, row)) == "added"
    with open_unit(lead, "take in again") as unit:
        taker = sheets._start(unit, lead, False)
        assert taker.take(Line(2, row)) == "unchanged"
        assert taker.take(Line(3, {**row, "answer": "窗口或线上缴纳。"})) == "changed"
        out = list(sheets.rows(unit, lead))
    assert [(one["question"], one["answer"], one["owner"]) for one in out] == [
        ("怎么交水费", "窗口或线上缴纳。", "市政处")
    ]
    template = city.sign_in("dept_lead").get("/api/sheets/knowledge/template.xlsx")
    assert template.status_code == 200 and io.BytesIO(template.content).read(2) == b"PK"
    assert city.sign_in("hotline_operator").get("/api/sheets/knowledge/template.xlsx").status_code in (403, 404)
