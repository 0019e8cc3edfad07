"""Rules of docking: translating, sequences, accounts, deadlines taken as they are."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gangmu.core.deadline.limit import Meaning, parse
from gangmu.core.deadline.model import Clock
from gangmu.core.deadline.pinned import limit_between
from gangmu.core.docking import model
from gangmu.core.docking.model import Line, Link, Missing, Why
from gangmu.kit import ids
from gangmu.sdk import rows
from gangmu.sdk.exchange import Bad, ForeignAct, ForeignOrder

AT = datetime(2026, 9, 18, 1, tzinfo=UTC)
HERE = "990101000000"


def a_link(**given):
    values = {
        "id": ids.new("lnk"), "name": "x", "kind": "hotline", "connector": "rest_orders", "division": HERE,
        "org": ids.new("org"), "application": ids.new("app"), "flow": "docked_order", "clock": "foreign", "limit": "5d",
        "sequence": "dense", "every_s": 10, "silence_minutes": 30, "active": True, "made_at": AT,
    }  # fmt: skip
    return Link(**{**values, **given})


def an_order(**given):
    return ForeignOrder(**{"message": "m", "number": "n", "at": AT, "text": "t", **given})


def translated(order, table, **given):
    return model.translate(order, table, a_link(**given), frozenset({HERE, "990102000000"}), takeover=False)


def test_a_code_that_is_not_mapped_is_never_guessed():
    found = translated(an_order(kind="TS", class_code="X", unit="U", area="9"), {"kind": {"TS": "complaint"}})
    assert found == [Missing("class", "X"), Missing("unit", "U"), Missing("area", "9")]


def test_known_and_nothing_of_ours_is_an_answer():
    found = translated(an_order(class_code="X"), {"class": {"X": "-"}})
    assert (found.matter, found.kind, found.division) == (None, "report", HERE)


def test_a_national_division_stands_for_itself_inside_the_link_alone():
    assert translated(an_order(area="990101"), {}).division == HERE
    assert translated(an_order(area="990102"), {}) == [Missing("area", "990102", Why.outside)]
    assert translated(an_order(area="东区"), {"area": {"东区": HERE}}).division == HERE


def test_a_gap_is_waited_for_only_where_messages_are_counted_one_by_one():
    assert [model.place_of(seq, 2, "dense") for seq in (0, 1, 2, 3, 4)] == ["now", "late", "late", "now", "early"]
    assert [model.place_of(seq, 2, "rising") for seq in (2, 3, 9)] == ["late", "now", "now"]
    assert model.place_of(1, 9, "none") == "now"


@given(st.permutations(range(1, 8)))
def test_any_order_of_arrival_ends_in_the_order_of_numbers(arriving):
    taken, held, last = [], set(), 0
    for seq in arriving:
        held.add(seq)
        while ready := [one for one in sorted(held) if model.place_of(one, last, "dense") == "now"]:
            last = ready[0]
            held.remove(last)
            taken.append(last)
    assert taken == sorted(arriving) and not held


def test_the_link_decides_whose_deadline_counts():
    theirs, ours = AT + timedelta(days=1), AT + timedelta(days=2)
    assert model.deadline_of(a_link(), theirs, ours, True).counts == theirs
    own = model.deadline_of(a_link(clock="own"), theirs, ours, True)
    assert (own.counts, own.owner, own.both_claim) == (ours, "own", True)
    assert model.deadline_of(a_link(), None, ours, False).owner == "own"


@given(st.integers(60, 3650 * 86_400), st.integers(0, 999_999))
def test_a_deadline_of_theirs_is_met(seconds, micros):
    due = AT + timedelta(seconds=seconds, microseconds=micros)
    limit = parse(limit_between(AT, due))
    total = limit.total(Meaning.hours, None)
    assert abs(total - (due - AT) // timedelta(microseconds=1)) < 100
    assert Clock(limit, AT).limit == limit


def test_an_account_adds_up_and_names_what_differs():
    ours = [
        Line("a", "open", AT),
        Line("b", "answered", AT, "sent:confirm"),
        Line("c", "open", AT),
        Line("e", "open", AT),
    ]
    later = AT + timedelta(hours=1)
    theirs = [Line("a", "open", AT), Line("b", "open", AT), Line("d", "returned", None), Line("e", "open", later)]
    assert model.counted(ours) == {"received": 4, "open": 3, "answered": 1, "returned": 0}
    found = model.differences(ours, theirs, clocks=True)
    assert [(one.number, one.what) for one in found] == [
        ("b", "standing"), ("c", "only_here"), ("d", "only_there"), ("e", "deadline"),
    ]  # fmt: skip
    assert found[0].note == "sent:confirm"


def test_a_pause_grows_and_ends():
    assert [model.pause_after(n, 600).total_seconds() for n in (1, 2, 3, 20)] == [1, 2, 4, 600]


# --- plain rows --------------------------------------------------------------------------------------------


def test_rows_are_read_under_their_own_names_and_times():
    row = {"orderNo": " 7 ", "caller": {"tel": "139"}, "at": "2026/09/18 09:00:00", "text": "x", "urgent": "是"}
    read = rows.read(row, {"number": "orderNo", "reporter_phone": "caller.tel"})
    assert isinstance(read, ForeignOrder)
    assert (read.number, read.reporter_phone, read.urgent, read.message) == ("7", "139", True, "order:7")
    assert read.at.utcoffset() == timedelta(hours=8)
    act = rows.read({"message": "1", "number": "7", "act": "URGE", "at": "2026-09-18T01:00:00Z", "seq": 2.0})
    assert isinstance(act, ForeignAct) and (act.seq, act.at.utcoffset()) == (2, timedelta())


WORDS = st.sampled_from(["number", "at", "text", "act", "history", "files", "lon", "x"])
PLAIN = st.none() | st.booleans() | st.text(max_size=8) | st.floats()
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5))


@given(JSON)
def test_whatever_comes_is_an_order_an_act_or_told_as_bad(row):
    assert isinstance(rows.read(row), ForeignOrder | ForeignAct | Bad)
