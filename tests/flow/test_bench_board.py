"""The benchmarks of the screens, small: every screen hears of every act. Never how fast."""

import pytest

from tests.flow.test_faults_clocks import measured


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_wall_hears_of_every_counting() -> None:
    told = measured("board", "--n", "2000")
    figures, notes = told["figures"], told["notes"]
    assert list(figures) == ["overview_p95_ms", "first_paint_ms", "streams", "stream_p95_ms"]
    assert figures["streams"] == 50 and notes["lost"] == 0 and notes["acts"] > 0 and notes["open"] > 0, told
    assert (figures["first_paint_ms"] is None) == ("why" in told), told


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_screen_hears_of_every_act() -> None:
    told = measured("live", "--n", "20")
    assert (told["figures"]["screens"], told["figures"]["lost"]) == (20, 0), told
    assert told["n"] == told["notes"]["20"]["ticks"] > 0
