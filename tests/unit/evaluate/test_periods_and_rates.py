"""Periods, sums and rates: parts add up whatever the split, and of nothing there is no rate."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.brain.evaluate import model, shipped
from gangmu.brain.evaluate.counting import EXCLUSIONS, WORDS
from gangmu.brain.evaluate.errors import BadPeriod
from gangmu.brain.evaluate.model import Cell, Figure, Rate, Span, Term, figure_of, parse_period, period_of

RATES = {rate.id: rate for rate in shipped.rates()}
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
CELLS = st.lists(
    st.builds(
        Cell,
        key=st.sampled_from(["a", "b", "c"]),
        word=st.sampled_from(["need_archive", "in_time_archive", "filed", "filed_void", "handled_due", "handled"]),
        n=st.integers(0, 50),
        role=st.sampled_from(["", "host", "assist"]),
        flow=st.sampled_from(["urban_case", "hotline_order"]),
        excluded=st.sampled_from(["", *EXCLUSIONS]),
    ),
    max_size=30,
)


@given(DAYS, st.sampled_from(list(Span)))
def test_a_period_is_named_and_read_back(day: date, span: Span) -> None:
    period = period_of(span, day)
    assert period.start <= day < period.end and parse_period(period.name) == period
    assert period.before().end == period.start and period.before(2) == period.before().before()


@given(DAYS)
def test_shorter_periods_fill_the_longer_ones(day: date) -> None:
    year = period_of(Span.year, day)
    for span in (Span.day, Span.month, Span.quarter):
        at, seen = year.start, 0
        while at < year.end:
            part = period_of(span, at)
            assert part.start == at and part.end <= year.end
            at, seen = part.end, seen + 1
        assert seen == {Span.day: (year.end - year.start).days, Span.month: 12, Span.quarter: 4}[span]
    assert (period_of(Span.week, day).end - period_of(Span.week, day).start) == timedelta(days=7)


@pytest.mark.parametrize(
    "name", ["", "2026-13", "2026-Q5", "2026-W54", "2026-02-30", "26", "2026-1", "1800", "x", "9999"]
)
def test_what_is_no_period_is_refused(name: str) -> None:
    with pytest.raises(BadPeriod):
        parse_period(name)


@given(CELLS, st.sampled_from(sorted(RATES)), st.integers(0, 30))
def test_parts_add_up_however_they_are_split(cells: list[Cell], name: str, at: int) -> None:
    rate = RATES[name]
    whole, one, two = (figure_of(rate, part) for part in (cells, cells[:at], cells[at:]))
    assert one + two == whole
    rows = model.table_of([rate], cells)
    assert model.total_of([rate], rows).figures[name] == whole
    if whole.value is not None and not whole.is_count:
        assert whole.value == whole.numerator / whole.denominator


@given(CELLS)
def test_a_parent_is_the_sum_of_what_lies_below(cells: list[Cell]) -> None:
    rate = RATES["closing_in_time"]
    rolled = list(model.rolled_up(cells, {"a": "b", "b": "top", "c": "top", "top": None}))
    lines = {row.key: row.figures[rate.id] for row in model.table_of([rate], rolled)}
    if cells:
        assert lines["top"] == figure_of(rate, cells)


def test_a_tree_that_bites_its_tail_ends() -> None:
    assert len(list(model.rolled_up([Cell("a", "filed", 1)], {"a": "b", "b": "a"}))) == 2


def test_no_data_is_none_and_says_why() -> None:
    rate = RATES["closing_in_time"]
    nothing = figure_of(rate, [])
    assert (nothing.value, nothing.why, nothing.base) == (None, "nothing_due", 0)
    exempt = figure_of(rate, [Cell("a", "need_archive", 2, excluded="exempt_overdue")])
    assert (exempt.value, exempt.why, exempt.excluded) == (None, "all_excluded", 2)
    zero = figure_of(rate, [Cell("a", "need_archive", 2)])
    assert (zero.value, zero.why) == (0.0, "")
    assert figure_of(RATES["reports"], []).value == 0.0


def test_host_and_assistants_are_apart() -> None:
    cells = [Cell("a", "handled_due", 3, role="host"), Cell("a", "handled_due", 4, role="assist")]
    cells += [Cell("a", "handled", 2, role="host"), Cell("a", "handled", 1, role="assist")]
    assert figure_of(RATES["handling"], cells) == Figure(2, 3)
    assert figure_of(RATES["assisting"], cells) == Figure(1, 4)


def test_what_is_taken_off() -> None:
    cells = [Cell("a", "filed", 10), Cell("a", "filed_void", 3)]
    assert figure_of(RATES["filing_right"], cells) == Figure(7, 10)


def test_all_that_is_shipped_holds_and_every_word_is_told() -> None:
    from gangmu.kit.text import t

    assert {name: model.problems_of(rate) for name, rate in RATES.items() if model.problems_of(rate)} == {}
    for lang in ("zh-CN", "en"):
        assert [word for word in WORDS if t(f"evaluate.word.{word}", lang).startswith("evaluate.")] == []
    unsure = {rate.id for rate in RATES.values() if rate.mark == "G"}
    assert unsure and all(not RATES[name].verified for name in unsure)
    verbs = {verb for words in shipped.words().values() for listed in words.verbs.values() for verb in listed}
    assert {"register", "classify", "grant_appeal"} <= verbs


def test_a_rate_that_cannot_be_counted_is_told() -> None:
    bad = Rate("Bad id", {"zh": "x"}, (Term("wishes", minus=True),), (Term("filed", minus=True),), scopes=("moon",))
    assert len(model.problems_of(bad)) >= 6
    assert shipped.rate_of(shipped.plain_rate(RATES["filing_right"])) == RATES["filing_right"]
