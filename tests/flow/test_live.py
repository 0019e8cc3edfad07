"""Live streams over a real line: each screen hears what its rights reach, goes on where it was, and ends with them."""

import http.client
import resource
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from gangmu import boot
from gangmu.faces.cli._given import listen
from tests.city import THERE
from tests.flow.running import House
from tests.flow.test_up import until


@contextmanager
def line(city):
    """The application of this process on a port of its own; opens streams on it, as whoever is named."""
    at = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(boot.make_app(), log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [at]}, daemon=True)
    thread.start()
    opened = []

    def stream(who, path="/api/live", **headers):
        asking = http.client.HTTPConnection("127.0.0.1", at.getsockname()[1], timeout=120)
        cookie = "; ".join(f"{one.name}={one.value}" for one in city.sign_in(who).cookies.jar)
        asking.request("GET", path, headers={"cookie": cookie, **headers})
        answer = asking.getresponse()
        opened.append(asking)
        return answer

    try:
        yield stream
    finally:
        for one in opened:
            one.close()
        server.should_exit = True
        thread.join(15)
        at.close()
        for bell in [one for one in threading.enumerate() if one.name == "bell"]:
            bell.join(5)


def part(stream):
    """The next part: its lines by their names, a comment under none; nothing at the end."""
    found = {}
    while text := stream.readline().decode().rstrip("\r\n"):
        name, _, value = text.partition(":")
        found[name] = value.strip()
    return found


def ticks(stream, about):
    """What is heard, up to the first tick about this event."""
    found = []
    while said := part(stream):
        found.append(said)
        if said.get("event") == "tick" and about["id"] in said["data"]:
            return found
    raise AssertionError(f"ended after {found}")


def test_each_screen_hears_what_its_rights_reach_and_the_same_in_the_same_words(city):
    with line(city) as stream:
        here, again, there = stream("clerk"), stream("clerk"), stream("clerk@there")
        for one in (here, again, there):
            assert part(one)["event"] == "ready"
        first = city.report("clerk")
        city.settle()
        heard = ticks(here, first)
        assert heard == ticks(again, first)
        elsewhere = city.report("clerk@there", division=THERE)
        city.settle()
        said = ticks(there, elsewhere)
        assert not any(first["id"] in one.get("data", "") for one in said)


def test_a_screen_that_was_away_goes_on_where_it_was(city):
    with line(city) as stream:
        one = stream("clerk")
        assert part(one)["event"] == "ready"
        city.report("clerk")
        city.settle()
        stood = part(one)["id"]
        missed = city.report("clerk")
        city.settle()
        heard = ticks(stream("clerk", **{"Last-Event-ID": stood}), missed)
        assert heard[0]["event"] == "ready" and all(int(one["id"]) > int(stood) for one in heard[1:])
        ahead = stream("clerk", **{"Last-Event-ID": "999999999"})
        assert part(ahead)["event"] == "reload"


def test_a_stream_ends_with_the_session_and_beats_while_nothing_moves(city, monkeypatch):
    monkeypatch.setenv("GANGMU_WEB__HEARTBEAT_S", "1")
    monkeypatch.setenv("GANGMU_WEB__RIGHTS_EVERY_S", "1")
    with line(city) as stream:
        one = stream("clerk")
        assert part(one)["event"] == "ready"
        assert list(part(one)) == [""]
        assert city.sign_in("clerk").delete("/api/session").status_code in (200, 204)
        city.browsers.pop("clerk")
        while part(one):
            pass
        assert one.read() == b""


@pytest.mark.slow
def test_a_house_takes_all_files_that_it_may_and_says_when_they_are_few(tmp_path):
    house = House(tmp_path / "city", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (300, 1500))).start()
    try:
        limits = Path(f"/proc/{house.processes()['web']}/limits").read_text()
        line = next(one for one in limits.splitlines() if one.startswith("Max open files"))
        assert line.split()[3] == "1500"
        assert until(lambda: "Only 1500 files" in house.log.read_text()), house.log.read_text()
    finally:
        house.process.terminate()
        house.process.wait(60)
