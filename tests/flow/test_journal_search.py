"""The journal searched by who, table, act, thing and time; and how it stands."""

from datetime import datetime, timedelta

import pytest

from gangmu.kit import journal, journal_search
from gangmu.kit.actor import System
from gangmu.kit.errors import Invalid
from gangmu.kit.journal_search import Asked
from gangmu.kit.page import Page
from gangmu.kit.unit import open_unit


def asked(city, **query):
    answer = city.sign_in("audit_admin").get("/api/journal", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_by_who_table_act_thing_and_time(city):
    event = city.report()
    city.sign_in("clerk").do(event, "accept")
    clerk = city.sign_in("clerk").me
    by_name = asked(city, who="甲clerk", limit=200)["items"]
    assert by_name and {entry["actor"]["name"] for entry in by_name} == {"甲clerk"}
    assert asked(city, who=clerk["person"], limit=200)["items"] == by_name
    assert asked(city, who="甲")["items"] and asked(city, who="甲clerkx")["items"] == []
    events = asked(city, table="event", about=event["id"])["items"]
    assert events and all(any(one.get("table") == "event" for one in entry["changes"]) for entry in events)
    inserted = asked(city, table="event", did="insert")["items"]
    assert len(inserted) == 1 and inserted[0]["about"]
    assert asked(city, table="account", did="insert", about=event["id"])["items"] == []
    newest = asked(city, limit=1)["items"][0]
    moment = datetime.fromisoformat(newest["recorded_at"])
    assert newest["id"] in {
        one["id"] for one in asked(city, first=(moment - timedelta(seconds=1)).isoformat())["items"]
    }
    assert asked(city, first=(moment + timedelta(seconds=2)).isoformat())["items"] == []
    assert newest["id"] not in {
        one["id"] for one in asked(city, last=(moment - timedelta(seconds=1)).isoformat())["items"]
    }


def test_pages_lose_and_double_nothing(city):
    city.report()
    whole = [one["id"] for one in asked(city, limit=200)["items"]]
    seen, after = [], None
    while True:
        page = asked(city, limit=7, **({"after": after} if after else {}))
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
        if not after:
            break
    assert [one for one in seen if one in whole] == whole and len(seen) == len(set(seen))


def test_a_search_goes_through_a_stretch_at_a_time(city):
    for n in range(6):
        city.report(text=f"第{n}处")
    with open_unit(System("test"), "look") as unit:
        looked, after = [], None
        while True:
            found = journal_search.search(unit, Asked(table="event", did="insert"), Page(10, after), stretch=3)
            looked += found.items
            if found.next is None:
                break
            assert found.back_to is not None
            after = found.next
        whole = journal_search.search(unit, Asked(table="event", did="insert"), Page(10)).items
        assert [one.id for one in looked] == [one.id for one in whole] and len(whole) == 6
        with pytest.raises(Invalid):
            journal_search.search(unit, Asked(), Page(10, "rubbish"))


def test_what_cannot_be_asked(city):
    audit = city.sign_in("audit_admin")
    for query in ({"table": "event;drop"}, {"first": "2026-01-01T00:00:00"}, {"after": "x"}, {"who": "x" * 100}):
        assert audit.get("/api/journal", params=query).status_code == 422, query
    assert asked(city, who='"; drop table', did="insert", table="x")["items"] == []
    for who in ("clerk", "system_admin", "security_admin", "leader"):
        assert city.sign_in(who).get("/api/journal/state").status_code == 403
        assert city.sign_in(who).post("/api/journal/verify").status_code == 403


def test_how_it_stands(city, database):
    folder, audit = database.folder / "journal", city.sign_in("audit_admin")
    city.report()
    before = audit.get("/api/journal/state").json()
    assert before["sealed"] == 0 and before["unsealed"] > 0 and before["verified_at"] is None
    journal_search.use(folder)
    while journal.seal_tail(folder):
        pass
    state = audit.get("/api/journal/state").json()
    assert state["heads_agree"] is True and state["sealed"] > 0 and len(state["head"]) == 64 and state["sealed_at"]
    assert audit.post("/api/journal/verify").status_code == 202
    city.settle()
    told = audit.get("/api/journal/state").json()
    assert told["verified_ok"] is True and told["verified_sealed"] >= state["sealed"] and told["verified_at"]
    (folder / "heads").write_bytes(b"")
    assert audit.get("/api/journal/state").json()["heads_agree"] is False
    audit.post("/api/journal/verify")
    city.settle()
    told = audit.get("/api/journal/state").json()
    assert told["verified_ok"] is False and "heads" in told["verified_broken"]["why"]
