"""Records of a city played through a flow at their own times: clocks judge, duplicates merge, hand-overs are acts."""

import json
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gangmu.base import places
from gangmu.base.calendar import service as calendar_service
from gangmu.brain.evaluate import rebuilding
from gangmu.brain.evaluate.verdicts import verdicts_of
from gangmu.core import deadline
from gangmu.core.deadline import past as past_clocks
from gangmu.core.deadline import service as clocks
from gangmu.core.deadline import views
from gangmu.core.deadline.limit import Meaning
from gangmu.core.deadline.service import Start
from gangmu.core.deadline.settings import DeadlineSettings
from gangmu.core.event import service as events
from gangmu.core.event import telling
from gangmu.core.intake import profile as profiles
from gangmu.core.replay import judging, service
from gangmu.core.replay.errors import NotItsOwn
from gangmu.core.replay.judging import Report
from gangmu.core.replay.service import Run
from gangmu.faces.cli import run
from gangmu.kit import clock, ids, jobs
from gangmu.kit.actor import System
from gangmu.kit.unit import Unit
from tests.conftest import shared

ACTOR = System("replay")
PLAN = """
name = "parks"
source = "test"
owner = "Parks department"
zone = "America/New_York"
identity = ["no"]
skew_s = 120
[city]
code = "9914"
name = "Parkville"
[calendar]
name = "parks"
hours = "08:30-17:00"
day_hours = 8.5
holidays = ["2016-05-30"]
[matter]
tree = "parks"
from = ["what"]
[[deadline]]
id = "bins"
when = { what = ["bin"] }
limit = "1d"
day_meaning = "same_time"
start = "1m:middle"
runs = true
[verdict]
from = "kept"
met = ["yes"]
missed = ["no"]
[duplicates]
from = "state"
pattern = "Dup$"
same = ["street"]
[departments]
GR = "Green spaces"
[fields]
number = "no"
title = "what"
text = "what"
address = "street"
happened_at = "opened"
target_at = "promised"
closed_at = "closed"
outcome = "state"
department = "office"
transfers = "handed"
[fields.life]
from = "state"
codes = { "done" = "closed", "done Dup" = "closed", "open" = "open", "open Dup" = "open", "mistake" = "void" }
"""
ROWS = """\
no,what,street,opened,promised,closed,state,kept,office,handed
1,bin,Oak 1,2016-05-25 11:07:00,2016-05-26 11:07:31,2016-05-26 11:07:20,done,yes,GR,0
2,bin,Oak 2,2016-05-27 20:00:00,2016-06-01 08:30:00,2016-06-01 09:00:00,done,no,GR,0
3,bin,Oak 3,2016-05-27 10:00:00,2016-05-30 10:00:00,2016-05-30 12:00:00,done,no,GR,0
4,tree,Elm 1,2016-05-25 11:00:00,2016-05-28 11:00:00,2016-05-28 11:00:00,done,yes,,2
5,tree,Elm 2,2016-05-25 12:00:00,2016-05-28 12:00:00,,open,no,GR,1
6,tree,Elm 2,2016-05-26 12:00:00,,2016-05-26 13:00:00,done Dup,,GR,0
7,tree,Elm 3,2016-05-26 12:00:00,,,open Dup,,,0
8,tree,Elm 4,2016-05-26 12:00:00,,2016-05-26 12:30:00,mistake,,GR,0
9,tree,Elm 5,2016-05-26 12:00:00,,2016-05-25 12:00:00,done,,GR,0
10,bin,Oak 9,2016-06-20 09:00:00,2016-06-21 09:00:30,,open,yes,GR,0
"""
UNTIL = datetime(2016, 6, 20, 13, tzinfo=UTC)  # the last moment that the rows know of


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    plan, table = tmp_path / "parks.toml", tmp_path / "rows.csv"
    plan.write_text(PLAN, "utf-8")
    table.write_text(ROWS, "utf-8")
    return table, plan


def opener(db):
    def open_unit() -> AbstractContextManager[Unit]:
        return db.unit(ACTOR, "replay")

    return open_unit


def played(db, table: Path, plan: Path, most: int | None = None) -> Run:
    profile = profiles.load(str(plan))
    reading = service.read(table, profile, most)
    text = plan.read_text("utf-8")
    return service.play(opener(db), ACTOR, table, profile, text, reading, lambda n, total: None)


def replay(db, table: Path, plan: Path, most: int | None = None) -> tuple[Run, Report]:
    done = played(db, table, plan, most)
    jobs.settle()  # evaluation hears what was played, as in any city
    return done, judging.judge(opener(db), ACTOR, profiles.load(str(plan)), done.reading, evaluated)


def evaluated(unit: Unit, asked, until: datetime):
    return verdicts_of(unit, ACTOR, asked, until)


def found(unit: Unit, number: str):
    (row,) = unit.rows(sa.text("SELECT id FROM event WHERE foreign_no = :number"), {"number": number})
    return events.get_event(unit, ACTOR, ids.of_uuid("evt", row.id))


def test_clocks_judge_at_their_own_times_and_each_difference_has_its_cause(db, files):
    done, report = replay(db, *files)
    assert done.counts == {"read": 10, "accepted": 9, "quarantined": 1, "already": 0}
    assert done.refused == [] and done.reading.until == UNTIL
    bins, trees = report.titles["bin"], report.titles["tree"]
    assert (bins.n, bins.equal, bins.causes) == (4, 3, {"holiday": 1})
    assert (trees.n, trees.equal, trees.causes) == (2, 2, {})
    (one,) = report.differences[:1]
    assert (one.number, one.file, one.ours) == ("3", "missed", "met"), "the file knows nothing of that holiday"


def test_a_played_event_is_one_like_any_other(db, files):
    replay(db, *files)
    with db.unit(ACTOR) as unit:
        assert unit.now - UNTIL < timedelta(minutes=10), "the city stands at the end of its records"
        one = found(unit, "4")
        assert (one.flow, one.state, one.status, one.outcome) == ("docked_order", "closed", "closed", "done")
        acts = events.list_acts(unit, ACTOR, one.id)
        way = ["report", "sign", "dispatch", *["give_back", "dispatch"] * 2, "start", "reply", "confirm"]
        assert [act.verb for act in acts] == [*way, "source_closes"]
        assert [act.done_at for act in acts] == sorted(act.done_at for act in acts)
        assert acts[0].done_at == datetime(2016, 5, 25, 15, tzinfo=UTC)
        assert acts[3].done_at == acts[0].done_at + timedelta(days=1), "spread evenly over the three days"
        assert {act.actor_name for act in acts} == {"Parks department"}
        told = views.explain(unit, one.id, "en").explanations
        assert {clock.stage for clock in told} == {"sign", "dispatch", "handle"}
        handle = next(clock for clock in told if clock.stage == "handle")
        assert (handle.limit, handle.overdue, handle.state) == ("3ud", False, "stopped")
        owed = unit.rows(
            sa.text("SELECT state FROM obligation WHERE event = :event ORDER BY since"), {"event": one.id.uuid}
        )
        assert [row.state for row in owed] == ["returned", "returned", "done"]
        assert found(unit, "8").state == "withdrawn"
        late = found(unit, "5")
        assert (late.status, late.lateness, late.state) == ("open", "late", "handling")
        assert len(events.list_reports(unit, ACTOR, late.id)) == 2


def test_a_duplicate_is_merged_into_the_earliest_case_still_open_there(db, files):
    done, report = replay(db, *files)
    assert report.duplicates is not None and done.merged == 1
    assert (report.duplicates.dups, report.duplicates.merged, report.duplicates.unmatched) == (2, 1, [("7", 8)])
    with db.unit(ACTOR) as unit:
        merged, main = found(unit, "6"), found(unit, "5")
        assert (merged.status, merged.merged_into, main.report_count) == ("merged", main.id, 2)
        assert [act.verb for act in events.list_acts(unit, ACTOR, merged.id)] == ["report", "merge"]
        assert events.list_acts(unit, ACTOR, main.id)[3].verb == "take_in"
        bundled = deadline.clocks_of(unit, [merged.id])[merged.id]
        assert {row.bundled_into for row in bundled} == {main.id}
        lent = events.list_acts(unit, ACTOR, merged.id)[-1].args["reports"]
        (again,) = events.unmerge(unit, ACTOR, main.id, lent, "not the same tree after all")
        assert (again.id, again.status, again.state) == (merged.id, "open", "arrived")


def test_hand_overs_are_acts_and_days_come_out(db, files):
    _, report = replay(db, *files)
    hands = report.hand_overs
    assert hands is not None
    assert (hands.cases, hands.file, hands.acts, hands.equal) == (9, 3, 3, 9)


def test_twice_is_once(db, files):
    first, report = replay(db, *files)
    again, same = replay(db, *files)
    assert (again.counts["already"], again.counts["accepted"], again.transitions) == (9, 0, 0)
    assert again.counts["quarantined"] == 1 and first.counts["accepted"] == 9
    assert {name: (one.n, one.equal, one.causes) for name, one in same.titles.items()} == {
        name: (one.n, one.equal, one.causes) for name, one in report.titles.items()
    }
    assert same.duplicates == report.duplicates and same.hand_overs == report.hand_overs
    with db.unit(ACTOR) as unit:
        assert unit.value(sa.text("SELECT count(*) FROM event")) == 9


def test_a_part_first_and_the_rest_later(db, files):
    replay(db, *files, most=4)
    rest, report = replay(db, *files)
    assert rest.counts == {"read": 10, "accepted": 5, "quarantined": 1, "already": 4}
    assert report.duplicates is not None and report.duplicates.merged == 1


def test_the_past_tells_nobody_and_what_is_to_come_waits_for_its_hour(db, files):
    done = played(db, *files)
    with db.unit(ACTOR) as unit:
        told = {row.name for row in unit.rows(sa.text("SELECT DISTINCT name FROM outbox"))}
        assert told == {"EventsLoaded", "CalendarChanged"}
        due = unit.rows(sa.text("SELECT name, run_at FROM job WHERE name = 'deadline.tick' AND state = 'ready'"))
        assert len(due) == 1 and due[0].run_at > done.reading.until
    jobs.settle()
    with db.unit(ACTOR) as unit:
        assert unit.value(sa.text("SELECT count(*) FROM job WHERE name = 'deadline.tick' AND state = 'ready'")) == 1
        assert found(unit, "10").lateness == ""


def test_evaluation_judges_what_was_played(db, files):
    _, report = replay(db, *files)
    with db.unit(ACTOR) as unit:
        facts = {
            row.word: row.n for row in unit.rows(sa.text("SELECT word, count(*) AS n FROM evaluate_fact GROUP BY 1"))
        }
    assert sum(one.n for one in report.titles.values()) == facts["need_archive"] == 6
    assert (facts["handled_in_time"], facts["handled"]) == (3, 4), "1, 3 and 4 in time, 2 late; 5 and 10 are open"
    assert report.clock_apart == []


def test_a_verdict_is_evaluations_own_and_not_the_clocks(db, files):
    """The clocks stay as they are; whose facts say otherwise, or who has none, is told otherwise."""
    done, _ = replay(db, *files)
    with db.unit(ACTOR) as unit:
        late, voided = found(unit, "1").id, found(unit, "4").id
        unit.run(
            sa.text("UPDATE evaluate_fact SET word = 'overdue', key = 'x' WHERE subject = :late AND word = 'archived'"),
            {"late": late},
        )
        unit.run(sa.text("DELETE FROM evaluate_fact WHERE subject = :voided"), {"voided": voided})
    report = judging.judge(opener(db), ACTOR, profiles.load(str(files[1])), done.reading, evaluated)
    told = {one.number: (one.ours, one.cause) for one in report.differences if one.cause != "hand_overs"}
    assert told["1"][0] == "missed" and told["4"] == ("", "left_out")
    assert report.clock_apart == ["1"]


def test_what_is_heard_is_what_the_journal_comes_to(db, files):
    replay(db, *files)
    account = rebuilding.check(telling.told_pages)
    untold = [one for one in account.first if (one.kind, one.id) == ("Load", "obligation")]  # a replay tells nobody
    assert account.differences == len(account.first) == len(untold) and account.pending == 0
    assert account.facts > 0


def test_a_clock_of_the_past_is_the_clock_that_would_have_run(db):
    began = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)
    with db.unit(ACTOR) as unit:
        almanac = calendar_service.almanac(unit, "cn")
        for meaning in Meaning:
            for limit, hours in (("4h", 2), ("4h", 30), ("2d", 40), ("3nd", 90)):
                asked = Start(ids.new("evt"), "handle", limit, began, calendar="cn", meaning=meaning)
                (row,) = past_clocks.begin(asked, almanac, DeadlineSettings())
                at = began + timedelta(hours=hours)
                past = past_clocks.end(row, at, almanac)
                assert past == clocks._settled(row, at, almanac), (limit, meaning)


def test_a_city_of_the_present_is_left_alone(db, files):
    with db.unit(ACTOR) as unit:
        places.found_city(unit, ACTOR, "9914", [], name="Parkville", source="test")
    with pytest.raises(NotItsOwn):
        replay(db, *files)
    assert not clock.is_virtual()


def test_the_command_ends_with_one_object(files, tmp_path, capsys):
    table, plan = files
    tmp_path.chmod(0o755)
    told = ["replay", str(table), "--profile", str(plan), "--data", str(tmp_path / "city"), "--json"]
    assert run(told) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["accepted"], last["transitions"]) == (9, 53)
    assert {one["title"]: (one["n"], one["equal"]) for one in last["titles"]} == {"bin": (4, 3), "tree": (2, 2)}
    assert last["duplicates"] == {"dups": 2, "merged": 1, "unmatched": [{"number": "7", "row": 8}]}
    assert last["transfers"] == {"n": 9, "equal": 9, "file": 3, "acts": 3}
    assert last["differences"][0]["cause"] == "holiday"
    assert last["clock_apart"] == []


# --- real cities, by their first rows ----------------------------------------------------------------------------


def real(capsys, folder: str, file: str, profile: str, limit: int) -> dict:
    path = shared(folder, file)
    assert run(["replay", str(path), "--profile", profile, "--limit", str(limit), "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_boston(capsys):
    told = real(capsys, "311_boston", "cases_2013_2020.parquet", "boston", 600)
    assert told["accepted"] == 600 and told["refused"] == []
    for one in told["titles"]:
        assert one["share"] > 0.99
    assert told["clock_apart"] == []


def test_chicago(capsys):
    told = real(capsys, "311_chicago", "sanitation_2000_2013.parquet", "chicago", 1500)
    dups = told["duplicates"]
    assert dups["dups"] == dups["merged"] + len(dups["unmatched"]) and told["refused"] == []


def test_fuzhou(capsys):
    told = real(capsys, "complaints_fuzhou12345", "cases.parquet", "fuzhou12345", 200)
    assert told["transfers"]["equal"] == told["transfers"]["n"] == 200
    assert told["days_to_reply"]["equal"] == told["days_to_reply"]["n"] > 100
