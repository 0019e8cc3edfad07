"""Codes, classes and editions of components."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.base.registers import model
from gangmu.base.registers.errors import BadComponentCode, ExtensionCodesSpent
from gangmu.base.registers.schema import ComponentIn

BARE = ComponentIn(code="3205080101000001").draft()


def test_the_codes_of_the_two_variants():
    assert model.parse_code("3205080101000001", "2+6") == model.Code("320508", "0101", 1)
    assert model.parse_code("3205080100100001", "3+5") == model.Code("320508", "01001", 1)
    assert model.make_code("320508", "0101", 1) == "3205080101000001"
    assert model.make_code("320508000000", "01001", 42) == "3205080100100042"
    assert model.make_code("320508", "0101", 1_000_000) is None
    assert model.make_code("320508", "01001", 100_000) is None
    for wrong in ("", "32050801010000", "32050801010000x1", "3205080101000000", "３２０５０８０１０１０００００１"):
        with pytest.raises(BadComponentCode):
            model.parse_code(wrong, "2+6")


@given(st.integers(1, 99_999), st.sampled_from(["2+6", "3+5"]))
def test_a_made_code_is_read_back(serial, variant):
    kind = model.shipped_code("0305", variant)
    code = model.make_code("370303", kind, serial)
    assert code is not None and model.parse_code(code, variant) == model.Code("370303", kind, serial)


def test_local_classes_are_counted_down_and_never_given_twice():
    assert model.next_extension("01", {"0101", "0157"}, "2+6") == "0199"
    assert model.next_extension("01", {"0199", "0198"}, "2+6") == "0197"
    assert model.next_extension("01", set(), "3+5") == "01999"
    with pytest.raises(ExtensionCodesSpent):
        model.next_extension("01", {f"01{n:03d}" for n in range(80, 1000)}, "3+5")


def test_an_edition_tells_what_changed():
    now = replace(BARE, state="damaged", road="人民路", photos=())
    assert model.changes_between(BARE, now) == {
        "state": {"was": "good", "is": "damaged"},
        "road": {"was": "", "is": "人民路"},
    }
    assert model.changes_between(BARE, BARE) == {}


@given(st.floats(73, 136), st.floats(3, 54), st.sampled_from(model.LEVELS))
def test_a_place_lies_in_its_square(lon, lat, level):
    size = 360 / 2**level
    x, y = model.square_of(lon, lat, level)
    assert x * size - 180 <= lon + 1e-9 and lon - 1e-9 <= (x + 1) * size - 180
    assert y * size - 90 <= lat + 1e-9 and lat - 1e-9 <= (y + 1) * size - 90


def test_squares_grow_as_one_goes_out():
    assert model.level_for(17) is None and model.level_for(16) == 18
    assert [model.level_for(zoom) for zoom in (4, 8, 10, 12, 14)] == [10, 10, 12, 14, 16]
