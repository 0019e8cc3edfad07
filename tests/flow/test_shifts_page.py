"""The how-to page of shifts: every block on it runs."""

from datetime import datetime, timedelta

from gangmu.base.org import store as org_store
from gangmu.kit import clock
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.flow.ground import CHINA
from tests.flow.test_dispatch_pages import run_blocks, signed_in


def test_the_page_of_shifts_runs(city):
    city.forward(seconds=(datetime(2026, 9, 14, 9, tzinfo=CHINA) - clock.now()).total_seconds())
    with open_unit(System("test"), "people") as unit:
        people = {who: org_store.get_post(unit, post, seen_by=unit.actor).person for who, post in city.posts.items()}
    names = {
        "orgs": city.orgs,
        "posts": city.posts,
        "people": people,
        "month": "2026-10",
        "at": lambda hours: (clock.now() + timedelta(hours=hours)).isoformat(),
        "leader": signed_in(city, "shift_leader"),
        "clerk": signed_in(city, "clerk"),
        "other": signed_in(city, "shift_leader2"),
        "security": signed_in(city, "security_admin"),
    }
    run_blocks("shifts.md", names)
