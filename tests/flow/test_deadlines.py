"""Clocks of events: started, stopped, suspended, extended, redone, bundled; marks told once; versions pinned."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from gangmu.base.calendar import Almanac, Day, shipped
from gangmu.base.calendar import service as calendars
from gangmu.core import deadline
from gangmu.core.deadline import service, views
from gangmu.core.deadline.errors import BadSuspension, ClockAtRest, ExtensionRefused, LimitUnreadable
from gangmu.core.deadline.model import Rework
from gangmu.kit import clock as city_clock
from gangmu.kit import ids, jobs, settings
from gangmu.kit.actor import System
from gangmu.kit.tables import clock_row, job, outbox
from gangmu.kit.unit import forget_clock

ZONE = Almanac(shipped("cn")).zone
STAGE = "handle"
WHO = System("test")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


@pytest.fixture
def house(db):
    return House(db)


class House:
    """The database with a clock that stands where it is put."""

    def __init__(self, db):
        self.db = db
        self.event = ids.new("evt")
        self.goes_to("09-21T08:00")

    def goes_to(self, text: str) -> None:
        with self.db.unit() as unit:
            unit.run(sa.delete(clock_row))
            row = {"one": True, "real": city_clock.real_now(), "shown": at(text), "speed": 0.0}
            unit.run(sa.insert(clock_row), row)
        forget_clock()

    def starts(self, limit: str, start: str = "09-21T08:00", **kw) -> list[service.ClockRow]:
        with self.db.unit() as unit:
            return deadline.start(unit, self.event, STAGE, limit, started_at=at(start), **kw)

    def does(self, act, *args, **kw):
        with self.db.unit() as unit:
            return act(unit, self.event, *args, **kw)

    def clocks(self) -> list[service.ClockRow]:
        with self.db.unit() as unit:
            return deadline.clocks_of(unit, [self.event])[self.event]

    def clock(self) -> service.ClockRow:
        (found,) = self.clocks()
        return found

    def runs_timers(self) -> list[tuple[str, float]]:
        """Run what is due and give what was told since: (message, share)."""
        while jobs.run_some():
            continue
        with self.db.unit() as unit:
            told = [
                (row.name, row.body["share"])
                for row in unit.rows(sa.select(outbox).order_by(outbox.c.id))
                if row.name.startswith("Deadline")
            ]
            unit.run(sa.delete(outbox))
        return told


def test_a_clock_is_started_and_stopped(house: House):
    house.starts("8h")
    assert house.clock().due_at == at("09-21T18:00") and house.clock().state == "running"
    assert house.clock().warn_at == at("09-21T16:24")
    house.does(deadline.stop, STAGE, at("09-21T17:00"))
    stopped = house.clock()
    assert stopped.state == "stopped" and not stopped.overdue
    assert house.does(deadline.overdue_stages) == set()
    assert house.does(deadline.most_pressing) is None


def test_marks_and_deadline_are_told_once_at_their_time(house: House):
    house.starts("8h")
    assert house.runs_timers() == []
    house.goes_to("09-21T12:00")
    assert house.runs_timers() == [("DeadlineNear", 0.5)]
    assert house.runs_timers() == []
    house.goes_to("09-22T08:00")
    assert house.runs_timers() == [("DeadlineNear", 0.8), ("DeadlinePassed", 1.0)]
    assert house.does(deadline.overdue_stages) == {STAGE}


def test_a_mark_above_one_tells_how_often_it_is_late(house: House):
    with house.db.unit() as unit:
        settings.put(unit, "deadline.marks", [0.5, 2.0])
    house.starts("2u")
    house.goes_to("09-21T11:59")
    assert house.runs_timers() == [("DeadlineNear", 0.5), ("DeadlinePassed", 1.0)]
    house.goes_to("09-21T12:00")
    assert house.runs_timers() == [("DeadlinePassed", 2.0)]


def test_the_timer_of_an_earlier_schedule_does_nothing(house: House):
    house.starts("8h")
    house.does(deadline.extend, STAGE)
    assert house.clock().due_at == at("09-22T18:00")
    house.goes_to("09-21T17:00")
    assert house.runs_timers() == [], "half of eight hours is no mark of sixteen"
    house.goes_to("09-21T18:00")
    assert house.runs_timers() == [("DeadlineNear", 0.5)]


def test_a_stopped_clock_tells_nothing(house: House):
    house.starts("8h")
    house.does(deadline.stop, STAGE, at("09-21T09:00"))
    house.goes_to("09-25T08:00")
    assert house.runs_timers() == []


def test_a_late_start_tells_what_has_passed(house: House):
    """Reported from the street, sent when the phone had a network again."""
    house.starts("2u", "09-20T08:00")
    assert house.runs_timers() == [("DeadlineNear", 0.5), ("DeadlineNear", 0.8), ("DeadlinePassed", 1.0)]


def test_suspension_pauses_and_goes_on(house: House):
    house.starts("8h")
    house.does(deadline.pause, at("09-21T10:00"))
    held = house.clock()
    assert (held.state, held.due_at, held.paused_at) == ("paused", None, at("09-21T10:00"))
    assert house.does(deadline.most_pressing) is None
    house.goes_to("09-24T10:00")
    assert house.runs_timers() == []
    house.does(deadline.resume, at("09-24T10:00"))
    assert house.clock().due_at == at("09-24T18:00") and house.clock().state == "running"
    assert house.clock().paused_s == 3 * 86_400


def test_a_suspension_with_an_end_has_a_deadline_and_ends_by_itself(house: House):
    house.starts("8h")
    house.does(deadline.pause, at("09-21T10:00"), at("09-23T10:00"))
    assert house.clock().due_at == at("09-23T18:00")
    house.goes_to("09-23T12:00")
    assert house.runs_timers() == [("DeadlineNear", 0.5)]
    house.does(deadline.resume, at("09-23T12:00"))
    assert house.clock().due_at == at("09-23T18:00") and house.clock().state == "running"


def test_a_suspension_may_be_too_long(house: House):
    house.starts("8h")
    with pytest.raises(BadSuspension):
        house.does(deadline.pause, at("09-21T10:00"), at("09-21T10:00") + timedelta(days=400))
    assert house.clock().state == "running"


def test_extensions_are_counted_and_limited(house: House):
    house.starts("8h")
    house.does(deadline.extend, STAGE)
    house.does(deadline.extend, STAGE)
    with pytest.raises(ExtensionRefused):
        house.does(deadline.extend, STAGE)
    assert house.clock().extended == 2
    with pytest.raises(ClockAtRest):
        house.does(deadline.extend, "check")


def test_a_late_clock_is_not_extended(house: House):
    house.starts("8h")
    house.goes_to("09-22T09:00")
    with pytest.raises(ExtensionRefused):
        house.does(deadline.extend, STAGE)


def test_two_parts_run_side_by_side(house: House):
    house.starts("1u+5d")
    parts = {row.part: row for row in house.clocks()}
    assert parts["make_safe"].due_at == at("09-21T09:00")
    assert parts["repair"].due_at == at("09-28T18:00"), "the Mid-Autumn days are left out"
    assert house.does(deadline.most_pressing).part == "make_safe"
    house.does(deadline.extend, STAGE)
    assert [row.extended for row in house.clocks()] == [0, 1]
    house.does(deadline.stop, STAGE, at("09-21T08:30"))
    assert all(row.state == "stopped" for row in house.clocks())


def test_rework_by_policy_whether_the_flow_has_started_the_clock_afresh_or_not(house: House):
    expected = [
        (Rework.go_on, "09-23T15:00", "8h"),
        (Rework.new, "09-23T18:00", "8h"),
        (Rework.half, "09-23T12:00", "4h"),
    ]
    for policy, due, limit in expected:
        for started_afresh in (True, False):
            house.event = ids.new("evt")
            house.starts("8h")
            house.does(deadline.stop, STAGE, at("09-21T11:00"))
            house.goes_to("09-23T08:00")
            if started_afresh:
                house.starts("8h", "09-23T08:00")
            house.does(deadline.rework, STAGE, policy)
            first, again = house.clocks()
            assert first.state == "stopped"
            assert (again.due_at, again.limit, again.state) == (at(due), limit, "running"), (policy, started_afresh)


def test_half_of_the_limit_is_not_halved_again(house: House):
    house.starts("8h")
    for start in ("09-23T08:00", "09-24T08:00"):
        house.does(deadline.stop, STAGE, at("09-21T11:00"))
        house.goes_to(start)
        house.starts("8h", start)
        house.does(deadline.rework, STAGE, Rework.half)
    assert [row.limit for row in house.clocks()] == ["8h", "4h", "4h"]


def test_an_overdue_stage_stays_one_after_its_stop_unless_called_off(house: House):
    house.starts("2u")
    house.does(deadline.stop, STAGE, at("09-21T11:00"))
    assert house.clock().overdue and house.does(deadline.overdue_stages) == {STAGE}
    with house.db.unit() as unit:
        deadline.start(unit, house.event, "verify", "1u", started_at=at("09-21T08:00"))
        deadline.stop(unit, house.event, "verify", at("09-21T11:00"), cancelled=True)
    assert house.does(deadline.overdue_stages) == {STAGE}


def test_a_second_start_of_a_stage_ends_the_first(house: House):
    house.starts("8h")
    house.starts("4h", "09-21T10:00")
    first, second = house.clocks()
    assert first.stopped_at == at("09-21T10:00") and second.due_at == at("09-21T16:00")


def test_organisations_have_clocks_of_their_own(house: House):
    lead, assist = ids.new("org"), ids.new("org")
    house.starts("8h", org=lead)
    house.starts("4h", org=assist)
    assert [(row.org, row.state) for row in house.clocks()] == [(lead, "running"), (assist, "running")]


def test_bundled_clocks_stand_aside_and_come_back(house: House):
    main = ids.new("evt")
    house.starts("8h")
    house.does(deadline.bundle, main)
    assert house.clock().bundled_into == main and house.does(deadline.most_pressing) is None
    house.goes_to("09-21T17:00")
    assert house.runs_timers() == []
    house.does(deadline.unbundle, at("09-21T17:00"))
    assert house.clock().bundled_into is None and house.clock().due_at == at("09-21T18:00")
    assert house.runs_timers() == [("DeadlineNear", 0.5), ("DeadlineNear", 0.8)]
    house.goes_to("09-21T18:00")
    assert house.runs_timers() == [("DeadlinePassed", 1.0)]


def test_a_running_clock_keeps_the_calendar_it_began_under(house: House):
    house.starts("5d")
    before = house.clock().due_at
    with house.db.unit() as unit:
        calendars.put_day(unit, WHO, "cn", 1, Day(date(2026, 9, 22), False, "停工"))
    house.does(deadline.extend, STAGE)
    kept = house.clock()
    assert kept.calendar_version == 1
    house.event = ids.new("evt")
    house.starts("5d")
    assert house.clock().calendar_version == 2 and house.clock().due_at > before


def test_a_running_clock_keeps_the_meaning_and_marks_it_began_under(house: House):
    house.starts("1d", "09-21T10:00")
    with house.db.unit() as unit:
        settings.put(unit, "deadline.day_meaning", "day_end")
        settings.put(unit, "deadline.marks", [0.9])
    house.does(deadline.pause, at("09-21T11:00"), at("09-21T12:00"))
    assert house.clock().due_at == at("09-22T11:00") and house.clock().marks == (0.5, 0.8)
    house.event = ids.new("evt")
    house.starts("1d", "09-21T10:00")
    assert house.clock().due_at == at("09-22T18:00")


def test_a_provisional_deadline_settles_when_the_year_is_published(house: House):
    house.starts("5d", "12-30T08:00")
    assert house.clock().provisional and house.clock().due_at == datetime(2027, 1, 5, 18, tzinfo=ZONE)
    off = [Day(date(2027, 1, day), False, "元旦", (), "通知") for day in (1, 2, 3)]
    with house.db.unit() as unit:
        calendars.put_year(unit, WHO, "cn", 1, 2027, [*off, Day(date(2027, 1, 4), False, "元旦", (), "通知")])
    jobs.relay()
    house.runs_timers()
    settled = house.clock()
    assert not settled.provisional and settled.calendar_version == 2
    assert settled.due_at == datetime(2027, 1, 7, 18, tzinfo=ZONE)


def test_a_version_that_changes_what_was_known_settles_nothing(house: House):
    house.starts("5d", "12-30T08:00")
    with house.db.unit() as unit:
        calendars.put_day(unit, WHO, "cn", 1, Day(date(2026, 12, 31), False, "停工"))
        calendars.put_year(unit, WHO, "cn", 2, 2027, [Day(date(2027, 1, 1), False, "元旦", (), "通知")])
    jobs.relay()
    house.runs_timers()
    assert house.clock().provisional and house.clock().calendar_version == 1


def test_many_clocks_come_in_at_once(house: House):
    past, running = ids.new("evt"), ids.new("evt")
    starts = [
        service.Start(past, STAGE, "2u", at("03-02T08:00"), stopped_at=at("03-02T12:00")),
        service.Start(running, STAGE, "1u+5d", at("09-21T07:30")),
        *[service.Start(ids.new("evt"), STAGE, "3d", at("05-06T10:00")) for _ in range(300)],
    ]
    with house.db.unit() as unit:
        assert service.start_many(unit, starts, "a test file") == 303
    with house.db.unit() as unit:
        found = deadline.clocks_of(unit, [past, running])
        waiting = unit.value(sa.select(sa.func.count()).select_from(job).where(job.c.name == "deadline.tick"))
    assert found[past][0].overdue and found[past][0].state == "stopped"
    assert [row.part for row in found[running]] == ["make_safe", "repair"]
    assert waiting == 2, "what has passed long ago waits for nothing"
    assert house.runs_timers() == []


def test_the_explanation_tells_the_count_in_words(house: House):
    house.starts("8h", "09-18T17:00")
    house.does(deadline.pause, at("09-18T17:30"), at("09-20T10:00"))
    with house.db.unit() as unit:
        told = views.explain(unit, house.event, "zh-CN", {STAGE: "处置"})
        shown = views.views(unit, house.event, "en", {STAGE: "Handle"})
    (one,) = told.explanations
    assert one.title == "处置" and one.due_at == at("09-21T09:30")
    assert [step.text for step in one.steps][:2] == ["计 30 分钟：工作日", "不计：挂账"]
    assert one.model_dump(mode="json")["steps"][0]["from"].startswith("2026-09-18T17:00")
    assert shown[0].title == "Handle" and shown[0].elapsed_s == 6.5 * 3600


def test_a_wrong_limit_starts_nothing(house: House):
    with pytest.raises(LimitUnreadable):
        house.starts("soon")
    assert house.clocks() == []


def test_times_are_kept_in_utc_and_to_the_second(house: House):
    start = datetime(2026, 9, 18, 9, 0, 30, tzinfo=UTC)
    with house.db.unit() as unit:
        deadline.start(unit, house.event, STAGE, "4h", started_at=start)
    assert house.clock().due_at == datetime(2026, 9, 20, 3, 0, 30, tzinfo=UTC)
