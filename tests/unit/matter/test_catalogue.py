"""The shipped catalogue and the rules of codes, limits and inheritance (domain facts 1.2 to 1.4, 1.6)."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.core.matter import shipped
from gangmu.core.matter.errors import CodeMalformed, LimitMalformed, NoNumberLeft
from gangmu.core.matter.model import CLOCKS, check_tree, docking_code, own_or_inherited, read_limit

TREES = {tree.id: tree for tree in shipped.trees()}
MATTERS = {name: shipped.matters(tree) for name, tree in TREES.items()}
CONDITIONS = {name: shipped.conditions(tree) for name, tree in TREES.items()}


def limits(tree: str, code: str) -> list[str]:
    return [c.limit for c in own_or_inherited(CONDITIONS[tree], code, TREES[tree])]


@pytest.mark.parametrize("name", list(TREES))
def test_the_shipped_trees_are_sound(name):
    assert check_tree(MATTERS[name], TREES[name]) == []
    assert max(Counter(row.code for row in MATTERS[name]).values()) == 1
    for row in MATTERS[name]:
        assert row.level == TREES[name].level_of(row.code) and row.parent == TREES[name].parent_of(row.code)
        assert row.title_zh and row.title_en and row.source


def test_the_component_list_has_five_classes_and_the_event_list_six():
    tops = {name: [r.code for r in rows if r.level == 1] for name, rows in MATTERS.items()}
    assert tops["urban_component"] == ["01", "02", "03", "04", "05"]
    assert tops["urban_event"] == ["01", "02", "03", "04", "05", "06"]
    national = [r for r in MATTERS["urban_component"] if r.level == 2 and not r.local]
    assert Counter(r.parent for r in national) == {"01": 57, "02": 30, "03": 11, "04": 11, "05": 9}


def test_what_was_completed_from_general_knowledge_is_unverified():
    rows = {r.code: r for r in MATTERS["urban_component"]}
    assert not rows["0105"].verified and rows["0101"].verified and not rows["0501"].verified
    assert not any(r.verified for r in MATTERS["hotline"])
    for name in TREES:
        assert not TREES[name].verified


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("0101", ["2ud", "15d"]),
        ("0103", ["1d", "3d"]),
        ("0108", ["4h", "5d"]),
        ("0112", ["2h"]),
        ("0122", ["1u", "3d"]),
        ("0203", ["1d", "5d"]),
        ("0307", ["1d", "2d", "3d"]),
        ("0405", ["2u"]),
        ("0493", ["2h", "1d"]),
        ("0501", ["1u+5d"]),
        ("0503", ["1u", "4h"]),
        ("0506", ["2u"]),
        ("0698", ["2h", "1d", "5d"]),
        ("0109", ["3d"]),  # no limit in the source: the tree's own, unverified
    ],
)
def test_limits_of_the_event_classes(code, expected):
    assert limits("urban_event", code) == expected


def test_the_manhole_ladder_hangs_on_every_cover():
    covers = [r.code for r in MATTERS["urban_component"] if "井盖" in r.title_zh]
    assert len(covers) >= 20
    for code in covers:
        assert limits("urban_component", code) == ["2u", "4h", "2d", "5d"]


def test_lamps_and_street_trees():
    assert limits("urban_component", "0137") == ["1d", "2d"]
    (tree,) = own_or_inherited(CONDITIONS["urban_component"], "0402", TREES["urban_component"])
    (part,) = tree.parts
    assert (part.amount, part.unit, part.clock) == ("15", "d", "working_days") and part.season


def test_an_emergency_has_two_parts():
    parts = read_limit("1u+5d")
    assert [(p.name, str(p), p.clock) for p in parts] == [
        ("make_safe", "1u", "urgent"),
        ("repair", "5d", "working_days"),
    ]


def test_every_class_can_be_filed_and_every_condition_can_be_closed():
    for name, rows in MATTERS.items():
        for row in rows:
            found = own_or_inherited(CONDITIONS[name], row.code, TREES[name])
            assert found, row.code
            assert all(c.parts and c.closing and c.text_zh and c.text_en for c in found)


def test_the_limits_are_read_the_same_way_by_the_clocks():
    limit = pytest.importorskip("gangmu.core.deadline.limit")
    for rows in CONDITIONS.values():
        for row in rows:
            for part in row.parts:
                assert str(limit.parse(str(part))) == str(part)


@given(st.integers(1, 300), st.sampled_from(sorted(CLOCKS)))
def test_a_limit_reads_back_as_written(amount, unit):
    (part,) = read_limit(f" {amount} {unit} ")
    assert str(part) == f"{amount}{unit}" and part.clock == CLOCKS[unit]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "d",
        "0d",
        "-1d",
        "2x",
        "1u+2d+3d",
        "99999d",
        "2u@",
        "15d@13-01..04-30",
        "15d@02-30..03-01",
        "1u+",
        "２d",
    ],
)
def test_a_limit_that_is_none_is_refused(text):
    with pytest.raises(LimitMalformed):
        read_limit(text)


def test_local_numbers_count_backwards_and_are_never_given_twice():
    tree = TREES["urban_event"]
    used = {r.code for r in MATTERS["urban_event"]}
    assert tree.next_extension("02", used) == "0299"
    assert tree.next_extension("01", used) == "0198"  # 0199 is a shipped local class
    assert tree.next_extension("02", used | {"0299", "0298"}) == "0297"
    three = replace(tree, pairs=(2, 3), extension_first=999, extension_last=80)
    assert three.next_extension("01", set()) == "01999"
    assert three.next_extension("01", {f"01{n:03d}" for n in range(81, 1000)}) == "01080"
    with pytest.raises(NoNumberLeft):
        three.next_extension("01", {f"01{n:03d}" for n in range(80, 1000)})


@pytest.mark.parametrize("code", ["", "1", "011", "01a1", "01011", "010101", "\uff10\uff11"])
def test_a_code_that_fits_no_level_is_refused(code):
    with pytest.raises(CodeMalformed):
        TREES["urban_event"].level_of(code)


def test_a_local_class_is_reported_under_its_national_one():
    tree = TREES["urban_event"]
    rows = {r.code: r for r in MATTERS["urban_event"]}
    assert docking_code(rows, tree, "0112") == "0112"
    assert docking_code(rows, tree, "0192") == "0110"  # mapped: overflowing bin -> exposed rubbish
    assert docking_code(rows, tree, "0196") == "01"  # nothing mapped: the class above
    assert docking_code({}, tree, "0196") == ""


def test_a_condition_belongs_to_the_nearest_class_above():
    base = CONDITIONS["hotline"][0]
    own = replace(base, code="0101", seq=1, limit="7d")
    found = own_or_inherited([*CONDITIONS["hotline"], own], "010102", TREES["hotline"])
    assert [c.limit for c in found] == ["7d"]
    assert limits("hotline", "010102")[0] == "5d"


def test_validity_includes_its_first_day_and_not_its_last():
    row = replace(MATTERS["hotline"][0], valid_from=date(2026, 1, 1), valid_to=date(2026, 7, 1))
    assert [row.valid_on(date(2026, m, d)) for m, d in ((1, 1), (6, 30), (7, 1))] == [True, True, False]
    assert not row.valid_on(date(2025, 12, 31))
