"""The rules of rotas: shifts over midnight, fair turns, rest, what is lacking."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangmu.base.roster import model
from gangmu.base.roster.errors import NotOpen, NotYours
from gangmu.base.roster.model import Busy, Leave, Member, Pattern, Shift, Slot, Swap
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 10, 1, tzinfo=UTC)


def a_pattern(**given):
    slots = (Slot("白班", "08:00", "20:00"), Slot("夜班", "20:00", "08:00"))
    values = {"slots": slots, "crew": (), "rest_hours": 11, **given}
    return Pattern(Id("spt_1"), Id("org_1"), "990101000000", "轮班", "seat", "", **values)


def days(count):
    return [(date(2026, 10, 1) + timedelta(days=n), True) for n in range(count)]


def crew(count):
    return [Member(Id(f"pst_{n}"), Id(f"prs_{n}")) for n in range(count)]


def test_a_night_ends_the_next_morning_and_24_is_midnight():
    starts, ends = model.span_of(Slot("夜班", "20:00", "08:00"), date(2026, 10, 31), ZONE)
    assert (starts.isoformat(), ends.isoformat()) == ("2026-10-31T20:00:00+08:00", "2026-11-01T08:00:00+08:00")
    _, midnight = model.span_of(Slot("晚班", "16:00", "24:00"), date(2026, 10, 31), ZONE)
    assert midnight.isoformat() == "2026-11-01T00:00:00+08:00"
    whole, after = model.span_of(Slot("全天", "08:00", "08:00"), date(2026, 10, 1), ZONE)
    assert after - whole == timedelta(hours=24)


@given(st.integers(1, 6), st.integers(1, 3), st.integers(0, 30), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_nobody_is_twice_or_unrested_and_turns_are_fair(people, need, rest, count):
    pattern = a_pattern(
        rest_hours=rest, slots=(Slot("白班", "08:00", "20:00", need=need), Slot("夜班", "20:00", "08:00"))
    )
    wanted = model.occurrences(pattern, days(count), ZONE)
    made = model.lay_out(pattern, wanted, crew(people), [], [], {})
    by_person: dict[str, list] = {}
    for shift, member in made:
        by_person.setdefault(member.person, []).append(shift)
    for mine in by_person.values():
        mine.sort(key=lambda one: one.starts_at)
        for first, second in pairwise(mine):
            assert second.starts_at - first.ends_at >= timedelta(hours=rest)
    for shift in wanted:
        there = [member.post for each, member in made if each is shift]
        assert len(there) == len(set(there)) <= shift.need


def test_laying_out_again_fills_only_what_is_missing():
    pattern = a_pattern()
    wanted = model.occurrences(pattern, days(3), ZONE)
    made = model.lay_out(pattern, wanted, crew(3), [], [], {})
    standing = [
        Shift(
            Id(f"shf_{n}"),
            pattern.id,
            each.slot,
            "seat",
            pattern.org,
            "",
            who.post,
            each.starts_at,
            each.ends_at,
            "pattern",
        )
        for n, (each, who) in enumerate(made)
    ]
    busy = [Busy(who.person, each.starts_at, each.ends_at) for each, who in made]
    assert model.lay_out(pattern, wanted, crew(3), standing, busy, {}) == []
    again = model.lay_out(pattern, wanted, crew(3), standing[1:], busy[1:], {})
    assert [(each.slot, each.starts_at) for each, _ in again] == [(made[0][0].slot, made[0][0].starts_at)]


def test_who_is_away_gets_no_shift():
    pattern = a_pattern()
    wanted = model.occurrences(pattern, days(2), ZONE)
    away = {Id("prs_0"): [(wanted[0].starts_at, wanted[-1].ends_at)]}
    made = model.lay_out(pattern, wanted, crew(2), [], [], away)
    assert {member.person for _, member in made} == {"prs_1"}


@pytest.mark.parametrize(
    "given",
    [
        {"slots": ()},
        {"slots": (Slot("", "08:00", "20:00"),)},
        {"slots": (Slot("a", "8h", "20:00"),)},
        {"slots": (Slot("a", "08:00", "25:00"),)},
        {"slots": (Slot("a", "08:00", "20:00", need=0),)},
        {"crew": (Id("pst_1"), Id("pst_1"))},
    ],
)
def test_a_pattern_that_cannot_be(given):
    with pytest.raises(Invalid):
        model.check_pattern(a_pattern(**given))


def test_doubles_are_found_across_organisations():
    first = Shift(Id("shf_1"), None, "", "seat", Id("org_1"), "", Id("pst_1"), NOW, NOW + timedelta(hours=8), "hand")
    second = Shift(
        Id("shf_2"),
        None,
        "",
        "lead",
        Id("org_2"),
        "",
        Id("pst_2"),
        NOW + timedelta(hours=7),
        NOW + timedelta(hours=9),
        "hand",
    )
    people = {first.id: Id("prs_1"), second.id: Id("prs_1")}
    found = model.findings([], {}, [second, first], people, {}, {Id("pst_2")})
    assert [(one.what, one.shifts) for one in found] == [("double", ("shf_1", "shf_2")), ("left", ("shf_2",))]


def a_leave(**given):
    values = {"state": "asked", "starts_at": NOW, "ends_at": NOW + timedelta(days=2), **given}
    return Leave(
        Id("lev_1"),
        Id("prs_1"),
        Id("pst_1"),
        Id("org_1"),
        "",
        values["starts_at"],
        values["ends_at"],
        "annual",
        None,
        values["state"],
        None,
        NOW,
    )


def test_leave_ends_early_only_while_it_lasts():
    granted = model.decide_leave(a_leave(), Id("prs_2"), NOW, True, "")
    assert model.end_leave(granted, NOW + timedelta(days=1)).ends_at == NOW + timedelta(days=1)
    assert model.end_leave(granted, NOW - timedelta(days=1)).state == "withdrawn"
    with pytest.raises(NotOpen):
        model.end_leave(granted, NOW + timedelta(days=3))
    with pytest.raises(NotYours):
        model.decide_leave(a_leave(), Id("prs_1"), NOW, True, "")


def test_a_swap_goes_its_way():
    swap = Swap(
        Id("swp_1"),
        Id("org_1"),
        "",
        Id("shf_1"),
        None,
        Id("pst_1"),
        Id("pst_2"),
        Id("prs_1"),
        Id("prs_2"),
        "",
        "asked",
        NOW,
    )
    with pytest.raises(NotYours):
        model.agree(swap, Id("prs_1"), NOW, True, "")
    agreed = model.agree(swap, Id("prs_2"), NOW, True, "")
    for who in ("prs_1", "prs_2"):
        with pytest.raises(NotYours):
            model.decide_swap(agreed, Id(who), NOW, True, "")
    done = model.decide_swap(agreed, Id("prs_3"), NOW, True, "")
    assert done.state == "done"
    with pytest.raises(NotOpen):
        model.withdraw_swap(done, Id("prs_1"))
    assert model.withdraw_swap(agreed, Id("prs_1")).state == "withdrawn"
    assert model.agree(swap, Id("prs_2"), NOW, False, "没空").state == "refused"
