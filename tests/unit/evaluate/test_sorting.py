"""Sorting outside memory."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gangmu.brain.evaluate.sorting import Sorted

LINES = st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), st.binary(max_size=4)), max_size=150)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(LINES, st.integers(1, 2000))
def test_lines_come_in_the_order_of_their_keys_and_of_one_key_as_they_came(
    tmp_path: Path, lines: list[tuple[str, bytes]], most: int
) -> None:
    plain = [(key, value.hex().encode()) for key, value in lines]
    found = Sorted(tmp_path, most)
    for key, value in plain:
        found.add(key, value)
    assert list(found) == sorted(plain, key=lambda line: line[0])
    assert list(found) == list(found)
