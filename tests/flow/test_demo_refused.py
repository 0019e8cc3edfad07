"""The demo founds its city in an empty node only, and whole or not at all."""

import pytest

from gangmu import demo
from gangmu.base import places
from gangmu.demo import people, terrain
from gangmu.demo.founding import AnotherCityHere, HalfFounded


def test_the_demo_keeps_off_another_city(db):
    with db.unit() as unit:
        places.found_city(unit, unit.actor, "1301", name="别的市")
    with pytest.raises(AnotherCityHere) as refused:
        demo.found()
    assert refused.value.params["name"] == "别的市"


def test_a_broken_off_founding_says_so(db):
    people.found_places(terrain.make(1))
    with pytest.raises(HalfFounded):
        demo.found()
