"""Ids: sortable, prefixed, carrying the node; nothing else is one."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.kit import ids
from gangmu.kit.errors import BadId


def test_ids_grow_within_a_process_and_over_threads_are_unique():
    made: list[list[ids.Id]] = []
    threads = [threading.Thread(target=lambda: made.append([ids.new("evt") for _ in range(3000)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one == sorted(one) for one in made)
    assert len({item for one in made for item in one}) == 12_000


def test_text_and_uuid_are_two_forms_of_one_thing():
    made = ids.new("rpt")
    assert ids.of_uuid("rpt", made.uuid) == made and made.prefix == "rpt" and made.uuid.version == 7


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_every_number_has_a_text_that_leads_back(number):
    text = ids.of_number("evt", number)
    assert ids.to_uuid(text).int == number and len(text) == 30


@given(st.lists(st.integers(min_value=0, max_value=2**128 - 1), min_size=2, max_size=20))
def test_texts_sort_as_their_numbers(numbers):
    assert [ids.to_uuid(text).int for text in sorted(ids.of_number("evt", n) for n in numbers)] == sorted(numbers)


@pytest.mark.parametrize("node", [0, 1, 65535])
def test_an_id_carries_its_node(node):
    before = ids.node_of(ids.new("evt"))
    try:
        ids.set_node(node)
        assert ids.node_of(ids.new("evt")) == node
    finally:
        ids.set_node(before)


@pytest.mark.parametrize("node", [-1, 65536])
def test_a_node_number_has_bounds(node):
    with pytest.raises(ValueError, match="node"):
        ids.set_node(node)


GOOD = ids.of_number("evt", 2**127 - 3**70)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "evt",
        "evt_",
        GOOD[:-1],
        GOOD + "0",
        GOOD.upper(),
        "_" + GOOD[4:],
        "evt_" + "z" * 26,
        GOOD[:-1] + "u",
        GOOD[:-1] + "é",
    ],
)
def test_what_is_no_id(text):
    with pytest.raises(BadId):
        ids.parse(text)


def test_an_id_of_another_kind_is_none():
    with pytest.raises(BadId):
        ids.parse(GOOD, "rpt")


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text):
    try:
        assert ids.parse(text) == text
    except BadId as error:
        assert error.status == 404
