"""The script of the past days: in order, never ahead, at working hours, standing in every state of both flows."""

from datetime import UTC, datetime, timedelta

import pytest

from gangmu.core.flow import reading
from gangmu.core.flow.service import shipped_data
from gangmu.demo import script, speech, terrain
from gangmu.demo.script import ZONE, Script, ways
from gangmu.demo.speech import Talk

FLOWS = {name: reading.parse(shipped_data(name)) for name in ("urban_case", "hotline_order")}
NOON = datetime(2026, 9, 16, 4, 30, tzinfo=UTC)
NIGHT = datetime(2026, 9, 19, 17, 0, tzinfo=UTC)
LIMITS = {(row["tree"], row["code"]): (120.0, 7200.0) for row in speech.book()["matter"]}


def stories(now=NOON, count=120, seed=1, same_time=frozenset()):
    talk = Talk(terrain.make(1).addresses, seed)
    working = lambda local: local.weekday() < 5  # noqa: E731
    return Script(talk, FLOWS, LIMITS, same_time, working, now, seed).make(count)


@pytest.mark.parametrize("now", [NOON, NIGHT], ids=["noon", "night"])
def test_nothing_happens_before_its_time_or_after_now(now):
    for story in stories(now):
        times = [story.reported_at, *(deed.at for deed in story.deeds)]
        assert times == sorted(times) and times[-1] <= now
        assert now - times[0] < timedelta(days=40)


def test_the_same_seed_makes_the_same_script():
    assert stories() == stories()
    assert stories(seed=2) != stories()


def test_matters_stand_in_every_open_state():
    by_id = {way.id: way for way in ways()}
    standing = set()
    for story in stories():
        if story.is_open and story.way in by_id:
            way = by_id[story.way]
            standing.add((way.flow, script.states_along(way, FLOWS[way.flow])[len(story.deeds)]))
    reached = {
        (way.flow, state)
        for way in ways()
        for state in script.states_along(way, FLOWS[way.flow])
        if FLOWS[way.flow].state(state).status == "open"
    }
    assert standing == reached
    every = {(name, state.id) for name, flow in FLOWS.items() for state in flow.states if state.status == "open"}
    assert every - reached <= {("urban_case", "to_check")}


@pytest.mark.parametrize("way", ways(), ids=lambda way: way.id)
def test_every_way_is_one_of_its_flow(way):
    along = script.states_along(way, FLOWS[way.flow])
    for step, state in zip(way.steps, along, strict=False):
        verb = FLOWS[way.flow].find_verb(step.verb)
        assert verb is not None and state in verb.sources, f"{way.id}: {step.verb} in {state}"
        assert not verb.outcomes or step.verb == "transfer" or step.given.get("outcome", "confirmed")
        if "outcome" in verb.requires:
            assert step.given["outcome"] in {item.id for item in verb.outcomes}
    assert FLOWS[way.flow].state(along[-1]).status != "open"


def test_departments_decide_in_office_hours():
    for story in stories():
        if not story.is_open:
            for deed in story.deeds:
                local = deed.at.astimezone(ZONE)
                if deed.who == "lead" and deed.at < NOON - timedelta(days=1):
                    assert 8 <= local.hour < 18 and local.weekday() < 5, (story.way, deed)


def test_some_are_reported_twice_and_some_are_only_alarms():
    told = stories()
    twins = [story for story in told if story.twin is not None]
    assert {story.fate for story in twins} >= {"join", "merge", ""}
    for story in twins:
        first = told[story.twin]
        assert (first.incident.tree, first.incident.code) == (story.incident.tree, story.incident.code)
        assert first.reported_at <= story.reported_at
    assert {story.fate for story in told if story.way == "alarm"} == {"alarm", "dismissed"}


def test_what_is_checked_at_its_time_of_day_is_not_checked_at_any_time():
    same_time = frozenset({("urban_event", "0405"), ("urban_event", "0401")})
    for story in stories(same_time=same_time):
        if any(deed.verb in ("check_pass", "check_fail") for deed in story.deeds):
            assert (story.incident.tree, story.incident.code) not in same_time


def test_nights_are_quieter_than_mornings():
    assert script.busy(3) < 0.15 < 0.8 < script.busy(9) <= 1
    assert script.minutes("2h") == 120 and script.minutes("1d") == 1440 and script.minutes("7") == 7


def test_who_handles_it_himself_has_seen_it_himself():
    by_id = {way.id: way for way in ways()}
    for seed in range(1, 6):
        for story in stories(seed=seed):
            way = by_id.get(story.way)
            if way is not None and way.channels:
                assert story.incident.channel in way.channels, story


def test_field_tasks_wait_where_the_accounts_of_the_demo_walk():
    home = terrain.make(1).divisions[3]["code"]
    talk = Talk(terrain.make(1).addresses, 1)
    made = Script(talk, FLOWS, LIMITS, frozenset(), lambda local: True, NOON, 1, home).make(120)
    by_id = {way.id: way for way in ways()}
    waiting = [
        story
        for story in made
        if story.is_open
        and story.way in by_id
        and script.states_along(by_id[story.way], FLOWS[by_id[story.way].flow])[len(story.deeds)]
        in ("verifying", "checking")
    ]
    assert len(waiting) >= 2 and {story.incident.division for story in waiting} == {home}


@pytest.mark.parametrize("hours", [0, 9, 19, 33, 51, 75, 99, 123, 147])
def test_departments_rest_at_night_whenever_the_demo_begins(hours):
    """What they did fell into their hours, whatever the hour and weekday of the present."""
    now = NIGHT + timedelta(hours=hours)
    for story in stories(now, count=60):
        for before, deed in zip((None, *story.deeds), story.deeds, strict=False):
            local = deed.at.astimezone(ZONE)
            assert deed.who != "lead" or (8 <= local.hour < 18 and local.weekday() < 5), (story.way, deed, before)
            assert deed.at <= now
