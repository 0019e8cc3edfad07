"""Outbox, jobs, timers: each thing once, again after a failure or a death; a dead letter tells nothing of it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from gangmu.kit import clock, ids, jobs, live
from gangmu.kit.actor import System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.message import message
from gangmu.kit.tables import job, outbox, setting_row
from gangmu.kit.unit import forget_clock, open_unit
from tests.city import City

SECRET = "王小二 13612345678"


@message(version=1)
class BellRung:
    """Of this test alone."""

    about: str
    event_id: str = ""


@pytest.fixture
def heard(db: Any) -> Iterator[dict[str, Any]]:
    """A subscriber and a timer that do as they are told."""
    told: dict[str, Any] = {"runs": [], "fails": 0, "hold": None}

    def hear(unit: Any, fact: BellRung) -> None:
        told["runs"].append(fact.about)
        unit.run(
            sa.insert(setting_row).values(name=f"bell.{fact.about}.{ids.new('tst')}", value=1, changed_at=unit.now)
        )
        if told["hold"] is not None:
            told["hold"].wait(5)
        if told["fails"]:
            told["fails"] -= 1
            raise told.get("with", RuntimeError)(SECRET) if "with" not in told else told["with"]

    def ring(unit: Any, about: str, token: str, payload: dict[str, Any]) -> None:
        told["runs"].append((about, token, payload))

    jobs.on(BellRung, name="test.hear")(hear)
    jobs.timer(name="test.ring")(ring)
    yield told
    del jobs._subscribers["test.hear"], jobs._timers["test.ring"], jobs._by_message["BellRung"]


def ring(about: str = "a") -> None:
    with open_unit(System("test"), "ring") as unit:
        unit.tell(BellRung(about=about))


def rows(name: str = "test.hear") -> list[Any]:
    with open_unit(System("test"), "look") as unit:
        return list(unit.rows(sa.select(job).where(job.c.name == name).order_by(job.c.id)))


def marks() -> int:
    with open_unit(System("test"), "look") as unit:
        return int(unit.value(sa.select(sa.func.count()).where(setting_row.c.name.like("bell.%"))))


def due_now() -> None:
    with open_unit(System("test"), "hurry") as unit:
        unit.run(sa.update(job).where(job.c.state == "ready").values(run_at=unit.now - timedelta(seconds=1)))


def test_a_message_that_is_relayed_twice_is_one_job(heard, db):
    ring()
    with open_unit(System("test"), "look") as unit:
        told = unit.one(sa.select(outbox).where(outbox.c.name == "BellRung"))
    assert jobs.relay() >= 1
    with open_unit(System("test"), "again") as unit:
        unit.run(sa.insert(outbox).values(**dict(told._mapping)))
    assert jobs.relay() == 1
    jobs.settle()
    assert heard["runs"] == ["a"] and len(rows()) == 1 and marks() == 1


def test_nobody_works_for_a_subscription_that_nobody_has(heard):
    wants = []
    jobs.on(BellRung, name="test.idle", wanted=lambda conn: bool(wants))(lambda unit, fact: None)
    try:
        ring("a")
        jobs.settle()
        assert rows("test.idle") == [] and len(rows()) == 1
        wants.append("somebody")
        ring("b")
        jobs.settle()
        assert len(rows("test.idle")) == 1 and len(rows()) == 2
    finally:
        del jobs._subscribers["test.idle"]


def test_what_is_rolled_back_was_never_told(heard):
    with pytest.raises(ZeroDivisionError), open_unit(System("test"), "ring") as unit:
        unit.tell(BellRung(about="never"))
        unit.flush()
        raise ZeroDivisionError
    jobs.settle()
    assert heard["runs"] == [] and rows() == []


def test_many_relays_at_once_take_each_message_once(heard):
    for n in range(30):
        ring(str(n))
    threads = [threading.Thread(target=lambda: [jobs.relay(most=5) for _ in range(12)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs.settle()
    assert sorted(heard["runs"], key=int) == [str(n) for n in range(30)] and len(rows()) == 30


def test_a_failing_job_leaves_nothing_and_waits_longer_each_time(heard):
    heard["fails"] = 3
    ring()
    jobs.settle()
    waits = []
    for attempt in (1, 2, 3):
        [row] = rows()
        assert (row.state, row.attempts, row.error) == ("ready", attempt, "RuntimeError") and marks() == 0
        waits.append((row.run_at - clock.now()).total_seconds())
        due_now()
        jobs.settle()
    [row] = rows()
    assert row.state == "done" and row.attempts == 4 and marks() == 1
    assert waits[0] < waits[1] < waits[2] and waits[2] > 4


@pytest.mark.parametrize(
    ("error", "kept"), [(ValueError(SECRET), "ValueError"), (Invalid(field="name", reason=SECRET), "Invalid: invalid")]
)
def test_a_dead_letter_tells_class_and_code_only_and_can_be_run_again(heard, city, error, kept):
    heard |= {"fails": jobs.MAX_ATTEMPTS, "with": error}
    ring("letter")
    jobs.settle()
    for _ in range(jobs.MAX_ATTEMPTS):
        due_now()
        jobs.settle()
    [row] = rows()
    assert row.state == "dead" and row.attempts == jobs.MAX_ATTEMPTS and row.error == kept
    admin = city.sign_in("system_admin")
    shown = admin.get("/api/dead-letters")
    assert [item["id"] for item in shown.json()["items"]] == [row.id] and "王小二" not in shown.text
    assert "letter" not in shown.json()["items"][0]["error"]
    assert city.sign_in("clerk").get("/api/dead-letters").status_code == 403
    again = admin.post(f"/api/dead-letters/{row.id}/rerun", headers={"idempotency-key": "again-please"})
    assert again.status_code == 204
    jobs.settle()
    [row] = rows()
    assert row.state == "done" and marks() == 1
    assert admin.post(f"/api/dead-letters/{row.id}/rerun").status_code == 404
    assert admin.get("/api/dead-letters").json()["items"] == []


def test_a_job_whose_subscriber_is_gone_is_put_off_not_lost(heard):
    ring()
    jobs.relay()
    gone = jobs._subscribers.pop("test.hear")
    assert jobs.run_some()
    [row] = rows()
    assert row.state == "ready" and row.attempts == 1 and row.error == "NotFound: not_found"
    jobs._subscribers["test.hear"] = gone
    due_now()
    jobs.settle()
    assert heard["runs"] == ["a"]


def test_two_workers_never_run_one_job_twice(heard):
    for n in range(12):
        ring(str(n))
    jobs.relay()
    heard["fails"] = 4
    threads = [threading.Thread(target=lambda: [jobs.run_some() for _ in range(12)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    due_now()
    jobs.settle()
    assert marks() == 12 and [row.state for row in rows()] == ["done"] * 12
    assert sum(row.attempts for row in rows()) == len(heard["runs"]) == 16


def test_a_failing_job_is_not_taken_by_another_worker_before_it_is_put_off(heard):
    heard |= {"fails": 1, "hold": threading.Event()}
    ring()
    jobs.relay()
    first = threading.Thread(target=jobs.run_some)
    first.start()
    while not heard["runs"]:
        threading.Event().wait(0.01)
    assert jobs.run_some() == 0
    heard["hold"].set()
    first.join()
    assert jobs.run_some() == 0 and heard["runs"] == ["a"]


def test_a_worker_that_is_killed_in_the_middle_gives_the_job_back(heard, db):
    ring("killed")
    jobs.relay()
    script = (
        "import os, signal, sys, sqlalchemy as sa\n"
        "from gangmu.kit import db, jobs\nfrom gangmu.kit.message import message\n"
        "from gangmu.kit.tables import setting_row\n"
        "@message(version=1)\nclass BellRung:\n    about: str\n    event_id: str = ''\n"
        "@jobs.on(BellRung, name='test.hear')\n"
        "def hear(unit, fact):\n"
        "    unit.run(sa.insert(setting_row).values(name='bell.half', value=1, changed_at=unit.now))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "db.use(db.Database(sys.argv[1]))\njobs.run_some()\n"
    )
    done = subprocess.run([sys.executable, "-c", script, db.uri], capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    for _ in range(100):
        jobs.settle()
        if heard["runs"]:
            break
        threading.Event().wait(0.05)
    [row] = rows()
    assert heard["runs"] == ["killed"] and row.state == "done" and row.attempts == 1 and marks() == 1


def test_a_timer_runs_at_its_time_of_the_city_and_not_before(heard, city: City):
    with open_unit(System("test"), "set") as unit:
        unit.at(unit.now + timedelta(hours=3), "test.ring", "evt", "t1", why="because")
    city.settle()
    assert heard["runs"] == []
    city.forward(hours=2, minutes=59)
    city.settle()
    assert heard["runs"] == []
    city.forward(minutes=2)
    city.settle()
    city.settle()
    assert heard["runs"] == [("evt", "t1", {"why": "because"})]


@pytest.fixture
def bells(db: Any) -> Iterator[list[list[str]]]:
    """Timers that run together; the one about ``broken`` cannot."""
    runs: list[list[str]] = []

    def ring_all(unit: Any, due: Any) -> None:
        runs.append([each.about for each in due])
        for each in due:
            unit.run(sa.insert(setting_row).values(name=f"bell.{each.about}", value=1, changed_at=unit.now))
        if "broken" in runs[-1]:
            raise RuntimeError(SECRET)

    jobs.timers("test.bells", most=4)(ring_all)
    yield runs
    del jobs._timers["test.bells"], jobs._together["test.bells"]


def set_bells(*abouts: str) -> None:
    with open_unit(System("test"), "set") as unit:
        for n, about in enumerate(abouts):
            unit.at(unit.now - timedelta(seconds=60 - n), "test.bells", about, "t")


def test_timers_that_come_at_once_run_together_in_their_order(bells):
    set_bells(*"abcdef")
    jobs.settle()
    assert bells == [["a", "b", "c", "d"], ["e", "f"]] and marks() == 6
    assert [(row.state, row.attempts) for row in rows("test.bells")] == [("done", 1)] * 6


def test_a_broken_one_among_them_stops_no_other(bells):
    set_bells("a", "broken", "c")
    jobs.settle()
    assert bells == [["a", "broken", "c"], ["a"], ["broken"], ["c"]] and marks() == 2
    states = {row.about: (row.state, row.attempts, row.error) for row in rows("test.bells")}
    assert states == {"a": ("done", 1, ""), "broken": ("ready", 1, "RuntimeError"), "c": ("done", 1, "")}


def test_many_workers_ring_each_of_them_once(bells):
    set_bells(*map(str, range(60)))
    threads = [threading.Thread(target=lambda: [jobs.run_some() for _ in range(20)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(about for run in bells for about in run) == sorted(map(str, range(60))) and marks() == 60


def test_a_flood_of_messages_does_not_make_a_timer_wait(heard):
    for n in range(5):
        ring(str(n))
    jobs.relay()
    with open_unit(System("test"), "set") as unit:
        unit.at(unit.now, "test.ring", "evt", "t1")
    due = clock.now() + timedelta(seconds=1)
    with open_unit(System("test"), "look") as unit:
        assert unit.value(sa.select(sa.func.count()).select_from(jobs.due(due).subquery())) == 6
    assert jobs.run_some() == 1 and heard["runs"] == [("evt", "t1", {})]
    assert jobs.run_some(told_first=True) == 1 and heard["runs"][1:] == ["0"]


def test_a_stale_timer_of_a_suspension_does_nothing(city: City):
    event = city.report()
    with open_unit(System("test"), "set") as unit:
        unit.at(unit.now - timedelta(seconds=1), "event.resume", event["id"], "act_of_another_time")
    before = city.sign_in("clerk").sees(event)
    city.settle()
    after = city.sign_in("clerk").sees(event)
    assert (after["state"], after["version"]) == (before["state"], before["version"])
    [row] = rows("event.resume")
    assert row.state == "done"


def test_a_job_of_a_thing_that_is_gone_ends_as_a_dead_letter_without_stopping_others(heard):
    heard |= {"fails": 99, "with": NotFound(what="evt")}
    ring("bad")
    jobs.settle()
    heard["fails"] = 0
    ring("good")
    jobs.settle()
    assert heard["runs"].count("good") == 1


def test_ticks_are_numbered_without_gaps_by_many_relays(heard, db):
    live.ticks_of("BellRung", "bell")
    try:
        for n in range(20):
            ring(str(n))
        threads = [threading.Thread(target=lambda: [jobs.relay(most=3) for _ in range(10)]) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        jobs.settle()
        with open_unit(System("test"), "look") as unit:
            seen = [tick.seq for tick in live.after(unit.conn, 0)]
    finally:
        del live._topics["BellRung"]
    assert len(seen) == 20 and seen == list(range(seen[0], seen[0] + 20))


def test_old_answers_and_done_jobs_are_forgotten_after_thirty_days(city: City, heard):
    from gangmu.kit.tables import idempotency

    city.report()
    city.settle()
    with open_unit(System("test"), "age") as unit:
        unit.run(sa.update(idempotency).values(kept_at=clock.real_now() - timedelta(days=31)))
        unit.run(sa.update(job).where(job.c.state == "done").values(made_at=clock.real_now() - timedelta(days=31)))
    assert jobs.clean() >= 1
    with open_unit(System("test"), "look") as unit:
        assert unit.value(sa.select(sa.func.count()).select_from(idempotency)) == 0
    forget_clock()
