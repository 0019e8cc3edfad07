"""The demo city founded on a real database: everybody is there, everything has something in it, and it lives on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
import uvicorn

from gangmu import boot, demo
from gangmu.base.org import service as org_service
from gangmu.base.places import store as place_store
from gangmu.core.docking import service as docking
from gangmu.core.docking import visits
from gangmu.demo import foreign, ground, hurry, people, roster, truth
from gangmu.demo.client import Client, Refused
from gangmu.demo.life import Life, Pace
from gangmu.demo.line import Line
from gangmu.demo.roster import PASSWORD
from gangmu.demo.shape import figures
from gangmu.faces.cli._given import listen
from gangmu.kit import clock, jobs, journal, seal
from gangmu.kit.tables import clock_row
from gangmu.kit.unit import read_clock, transaction
from tests.conftest import Db, make_database, using
from tests.flow.test_dispatch_pages import run_blocks

pytestmark = pytest.mark.slow
LAND = ground.lay(1)
STAFF = roster.make(LAND, 1)
LOGIN = {seat.role: seat.login for seat in STAFF.logins}


@dataclass
class Demo:
    """A founded demo city, served at an address."""

    db: Db
    address: str

    def client(self, role: str) -> Client:
        return Client(self.address, LOGIN[role], PASSWORD)

    def org(self, key: str):
        """The id of an organisation by its key in the data."""
        name = next(office.name for office in STAFF.offices if office.key == key)
        with self.db.unit() as unit:
            return next(one.id for one in org_service.list_orgs(unit, unit.actor) if one.name == name)

    def life(self, **how) -> Life:
        with self.db.unit() as unit:
            known = people.find_people(unit, STAFF)
        return Life(self.address, LAND, STAFF, open_account=lambda seat: people.open_accounts([seat], known), **how)


@contextmanager
def served() -> Iterator[str]:
    """The application on a free port of this machine."""
    at = listen("127.0.0.1", 0)
    web = uvicorn.Server(uvicorn.Config(boot.make_app(), log_level="warning", access_log=False))
    thread = threading.Thread(target=web.run, kwargs={"sockets": [at]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{at.getsockname()[1]}"
    finally:
        web.should_exit = True
        thread.join(15)
        at.close()


@pytest.fixture(scope="module")
def city(server, template, tmp_path_factory) -> Iterator[Demo]:
    """One demo city for all tests here, with half of its matters."""
    make_database(server, "demo_city", template)
    with using(server, "demo_city", tmp_path_factory.mktemp("demo")) as db:
        refused = demo.found(events=52)  # the hour of the day may end a story early, not the script
        assert refused <= 3, "the script asks for what the flows refuse"
        jobs.settle()
        with served() as address:
            yield Demo(db, address)


@pytest.mark.timeout(900)
def test_every_role_signs_in_with_the_printed_account(city):
    printed = "\n".join(demo.accounts("en"))
    with city.db.unit() as unit:
        roles = {role.id for role in boot.access.list_roles(unit) if role.kind != "application"}
    assert set(LOGIN) == roles
    for role, login in LOGIN.items():
        assert f" {login} " in printed and PASSWORD in printed
        with city.client(role) as client:
            session = client.sign_in()
            assert not session["must_change_password"] and not session["virtual_clock"]
            assert [post["roles"] for post in session["posts"]] == [[role]]


LISTS = (
    ("clerk", "/events?view=todo"),
    ("clerk", "/alarms"),
    ("shift_leader", "/events?view=todo"),
    ("dispatcher", "/events?view=todo"),
    ("dispatcher", "/disputes"),
    ("dispatcher", "/inbox"),
    ("hotline_operator", "/events?view=todo"),
    ("call_back", "/events?status=closed"),
    ("supervisor", "/events?supervised=true"),
    ("leader", "/events"),
    ("evaluator", "/events?status=closed"),
    ("dept_lead", "/events?status=open&status=closed"),
    ("patrol", "/tasks"),
    ("town_officer", "/duties"),
    ("data_steward", "/matter/classes"),
    ("data_steward", "/duties"),
    ("data_steward", "/calendars"),
    ("data_steward", "/flows"),
    ("data_steward", "/layers"),
    ("system_admin", "/orgs"),
    ("system_admin", "/people"),
    ("system_admin", "/accounts"),
    ("security_admin", "/roles"),
    ("audit_admin", "/journal"),
)


@pytest.mark.parametrize(("role", "path"), LISTS)
def test_no_screen_is_empty(city, role, path):
    with city.client(role) as client:
        told = client.get(path)
    rows = told.get("items") or told.get("views") or told.get("layers")
    assert rows, told


def test_history_is_real_history(city):
    with city.client("leader") as client:
        closed = client.get("/events", status="closed", limit=100)["items"]
        assert len(closed) >= 8
        for row in closed[:6]:
            acts = client.get(f"/events/{row['id']}/timeline")["items"]
            times = [act["recorded_at"] for act in acts]
            assert times == sorted(times) and len(set(times)) == len(times) and acts[0]["verb"] == "report"
        long = max(closed, key=lambda row: row["version"])
        assert client.get(f"/events/{long['id']}/deadline")["explanations"]
        opened = client.get("/events", limit=100)["items"]
        assert len({(row["flow"], row["state"]) for row in opened}) >= 12
        assert {"late", ""} <= {row["lateness"] for row in opened}


def test_duplicates_wait_to_be_found(city):
    with city.client("clerk") as client:
        merged = client.get("/events", status="merged")["items"]
        joined = [row for row in client.get("/events", limit=100)["items"] if row["report_count"] > 1]
        assert merged or joined
        found = 0
        for row in client.get("/events", limit=100)["items"]:
            like = client.get("/events/duplicates", lon=row["lon"], lat=row["lat"], text=row["title"], but=row["id"])
            found += any(item["likeness"]["score"] > 0.5 for item in like["items"])
        assert found


def test_the_city_runs_in_real_time_and_its_journal_holds(city):
    assert not clock.is_virtual()
    folder = city.db.folder / "journal"
    while journal.seal_tail(folder):
        pass
    verdict = journal.verify(folder, seal.keys().verifier)
    assert verdict.ok and verdict.sealed > 500
    with city.db.unit() as unit:
        assert jobs.dead(unit) == []


def test_what_is_true_stands_beside_the_city(city):
    told = list(truth.rows(city.db.folder / "demo" / truth.NAME))
    with city.client("leader") as client:
        known = client.get("/events", limit=200)["items"]
    assert len(told) >= 52 and len({row.report for row in told}) == len(told)
    assert {row.address for row in told} & {row["address"] for row in known}
    assert any(row.duplicate_of for row in told) and any(row.hotspot for row in told)


def test_places_say_what_is_real_and_what_is_invented(city):
    with city.db.unit() as unit:
        editions = place_store.list_editions(unit, seen_by=unit.actor)
    sources = {one.level: one.source for one in editions}
    assert sources["community"] == sources["town"] == people.SOURCE
    assert sources["county"] == (LAND.source or people.SOURCE)


def test_it_is_founded_once(city):
    with city.client("leader") as client:
        before = client.get("/inbox")["views"]
        demo.found(events=52)
        assert client.get("/inbox")["views"] == before


# --- life -------------------------------------------------------------------------------------------------


def test_people_report_over_http(city):
    life = city.life(seed=5)
    try:
        told = [life.report_once() for _ in range(6)]
    finally:
        life.stop()
    assert life.reported == 6
    for answer in told:
        assert answer["report"]["address"] and answer["report"]["division"].startswith(LAND.code)
        assert answer["event"] or answer["report"]["channel"] in ("ai", "sensor")


def test_people_work_on_what_waits_but_not_on_what_somebody_has_in_hand(city):
    with city.client("leader") as leader, city.client("clerk") as clerk:
        mine = next(row for row in clerk.get("/events", view="todo", limit=50)["items"] if row["state"] == "reported")
        clerk.post(f"/events/{mine['id']}/acts/note", {"reason": "先由我看一下"})
        before = {row["id"]: row["version"] for row in leader.get("/events", limit=200)["items"]}
        life = city.life(seed=6, pace=Pace(speed=1000))
        for _ in range(80):
            try:
                life.act_once()
            except Refused as refused:
                assert refused.status in (403, 409, 422), refused
            if life.acted >= 6:
                break
        life.stop()
        assert life.acted >= 3
        after = {row["id"]: row["version"] for row in leader.get("/events", limit=200)["items"]}
        touched = {event for event, version in before.items() if after.get(event) != version}
        assert len(touched) >= 2 and mine["id"] not in touched


def test_life_goes_on_by_itself_and_ends_when_told(city):
    life = city.life(seed=7, pace=Pace(speed=200))
    life.start()
    waited = threading.Event()
    for _ in range(300):
        if life.reported + life.acted >= 2:
            break
        waited.wait(0.2)
    started = clock.monotonic()
    life.stop()
    assert clock.monotonic() - started < 30 and life.reported + life.acted >= 2
    with city.client("system_admin") as client:
        names = {row["username"] for row in client.get("/accounts")["items"]}
    assert set(LOGIN.values()) < names


def test_calls_run_by_themselves(city):
    """Rung, answered, closed on the line or made an order; or missed."""
    life, waiting = city.life(seed=11), []
    token = foreign.telephone(city.org("hotline"), LAND.code)
    line = Line(
        city.address, token, life._seats("hotline_operator"), life._client, lambda s, call: waiting.append(call),
        life._order, clock.now, figures(), 11,
    )  # fmt: skip
    try:
        for _ in range(14):
            line.ring()
            while waiting:
                waiting.pop()()
    finally:
        life.stop()
    assert line.rung == 14 <= line.closed + line.ordered + line.missed
    assert line.closed >= 3 and line.ordered >= 2
    with city.client("hotline_operator") as client:
        calls = client.get("/calls", limit=50)["items"]
    assert {"answered", "in_scope"} <= {call["outcome"] for call in calls}
    assert all(call["entries"] for call in calls if call["outcome"] == "answered")
    assert not [call for call in calls if call["state"] in ("ringing", "talking")]


def test_the_upper_platform_hands_orders_over_and_goes_on_after_a_stop(city, tmp_path):
    life = city.life(seed=12)
    upper = foreign.Upper(tmp_path, 12, life._upper_order, clock.now)
    foreign.link(upper.address, LAND.code, city.org("command"))
    upper.start()
    try:
        for _ in range(6):
            upper.issue()
        with city.db.unit() as unit:
            link = docking.find_link(unit, people.FOUNDER, foreign.LINK)
        visits.pull(link.id)
        visits.pull(link.id)
        jobs.settle()
    finally:
        upper.stop()
        life.stop()
    with city.client("dispatcher") as client:
        here = client.get("/events", flow="docked_order", limit=50)["items"]
        assert len(here) == 6 and all(row["matter"] for row in here)
        assert client.get("/docking/links")["items"][0]["waiting"] in ({}, {"waiting": 0})
    again = foreign.Upper(tmp_path, 12, life._upper_order, clock.now)
    try:
        assert again.city.orders.keys() == upper.city.orders.keys() and len(again.city.feed) >= 6
        assert again.city.issue(1, clock.now())[0] not in upper.city.orders
        foreign.link(again.address, LAND.code, city.org("command"))
    finally:
        again._server.server_close()


def test_a_leader_writes_about_the_matter_of_which_all_speak(city):
    life = city.life(seed=13)
    with city.client("leader") as client:
        about = [row["id"] for row in client.get("/events", flow="hotline_order", limit=100)["items"]][:3]
        before = {row["id"] for row in client.get("/instructions", limit=50)["items"]}
        try:
            life._instruct(about)
        finally:
            life.stop()
        fresh = [row for row in client.get("/instructions", limit=50)["items"] if row["id"] not in before]
    assert len(fresh) == 1 and {event["id"] for event in fresh[0]["events"]} == set(about)


def test_the_citys_time_runs_faster_and_never_back(city):
    before = clock.now()
    try:
        hurry.begin(60)
        first = clock.now()
        assert first >= before and clock.is_virtual()
        hurry.beat(60)
        hurry.stop()
        stood = clock.now()
        assert stood >= first and clock.now() == stood
        hurry.begin(1)
        assert clock.now() >= stood
    finally:
        with transaction() as conn:
            conn.execute(sa.delete(clock_row))
            read_clock(conn, force=True)
    hurry.begin(1)
    assert not clock.is_virtual()


def test_a_client_is_refused_like_anybody(city):
    with city.client("system_admin") as client, pytest.raises(Refused) as refused:
        client.get("/events")
    assert refused.value.status == 403
    with Client(city.address, "nobody", PASSWORD) as client, pytest.raises(Refused) as unknown:
        client.sign_in()
    assert unknown.value.status in (401, 403)


def test_the_page_of_the_demo_is_true(city):
    with city.client("clerk") as client:
        run_blocks("demo.md", {"folder": city.db.folder, "clerk": client})
