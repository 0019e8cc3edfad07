"""The how-to page of the wall screen: every block on it runs; the command makes the figures again."""

from gangmu.core.board import service
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import Browser
from tests.flow.ground import PLACE, found, key
from tests.flow.test_board import caught_up
from tests.flow.test_dispatch_pages import run_blocks, signed_in


def test_the_page_of_the_wall_screen_runs(city):
    found(city)
    city.report("patrol", lon=PLACE[0], lat=PLACE[1])
    caught_up(city)
    names = {
        "orgs": city.orgs,
        "key": key,
        "security": signed_in(city, "security_admin"),
        "screen": Browser(city.app),
    }
    run_blocks("board.md", names)


def test_a_wrong_count_is_told_and_made_right(city):
    found(city)
    city.report("patrol")
    caught_up(city)
    with open_unit(System("test"), "spoil") as unit:
        service.store.add_counts(unit, {(None, "990101000000", None, "stock", "reported|late"): 7})
        assert service.rebuild(unit) == (1, 1)
    with open_unit(System("test"), "again") as unit:
        assert service.rebuild(unit) == (1, 0)
