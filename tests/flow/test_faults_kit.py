"""Pages, numbers and settings on a real database: pages partition a list, numbers are given once."""

import base64
import threading
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from gangmu.core.event.settings import EventSettings
from gangmu.kit import numbers, page
from gangmu.kit import settings as house_settings
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.page import Key, Page
from gangmu.kit.tables import allocator, setting_row
from gangmu.kit.unit import open_unit
from tests.city import City


@seed(20260918)
@settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(values=st.lists(st.integers(0, 4), max_size=25), limit=st.integers(1, 9), descending=st.booleans())
def test_pages_partition_a_list_also_with_equal_keys(db: Any, values: list[int], limit: int, descending: bool) -> None:
    with db.unit() as unit:
        unit.run(sa.delete(allocator))
        for n, value in enumerate(values):
            unit.run(sa.insert(allocator).values(name=f"n{n:03}", last=value))
        keys, seen, after, pages = [Key(allocator.c.last, descending), Key(allocator.c.name, descending)], [], None, 0
        while True:
            got = page.of(unit, sa.select(allocator.c.name), Page(limit, after), keys, lambda row: row.name)
            seen += got.items
            pages += 1
            assert len(got.items) <= limit
            if got.next is None:
                break
            after = got.next
    wanted = sorted(((value, f"n{n:03}") for n, value in enumerate(values)), reverse=descending)
    assert seen == [name for _, name in wanted] and pages == max(1, -(-len(values) // limit))


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "====",
        cursor(),
        cursor(1),
        cursor(1, 2, 3),
        cursor(None, None),
        cursor([1], {"a": 1}),
        cursor({"t": "yesterday"}, "n"),
        cursor({"t": 5}, "n"),
        cursor("x", "evt_1"),
        cursor(2**63, "n"),
        cursor("\x00", "\x00"),
        cursor("2026-01-01", True),
        "é" * 40,
        "A" * 999,
    ],
)
def test_a_cursor_that_is_none_of_this_list_is_refused(city: City, after: str) -> None:
    for path in ("/api/events", "/api/events?status=closed", "/api/alarms"):
        answer = city.sign_in("clerk").get(path, params={"after": after})
        assert answer.status_code in (200, 404, 422), (path, answer.text)
    assert city.sign_in("clerk").get("/api/events", params={"after": "x"}).status_code == 422


def test_pages_of_a_list_that_moves_show_nothing_twice(city: City) -> None:
    made = [city.report()["id"] for _ in range(7)]
    clerk, seen, after = city.sign_in("clerk"), [], None
    for _ in range(9):
        got = clerk.get("/api/events", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [item["id"] for item in got["items"]]
        city.report()
        after = got["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) and set(made) <= set(seen)


def test_numbers_are_given_once_over_threads(db: Any) -> None:
    given_out: list[int] = []

    def take() -> None:
        given_out.extend([numbers.take("case:370303:20260918") for _ in range(60)])

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    many = list(numbers.take_many("case:370303:20260918", 50))
    blocks = numbers.take_blocks({"case:370303:20260918": 3, "case:370304:20260918": 2})
    everything = [*given_out, *many, *blocks["case:370303:20260918"]]
    assert len(set(everything)) == 353 and min(everything) == 1
    assert list(blocks["case:370304:20260918"]) == [1, 2]


def test_a_number_is_not_given_again_after_a_rollback(db: Any) -> None:
    with pytest.raises(ZeroDivisionError), db.unit():
        first = numbers.take("case:x")
        raise ZeroDivisionError
    assert numbers.take("case:x") > first


def test_what_an_administrator_sets_is_checked_kept_and_taken_back(city: City, db: Any) -> None:
    admin, before = city.sign_in("system_admin"), house_settings.get(EventSettings).done_back_hours
    path = "/api/settings/event.done_back_hours"
    for wrong in ("many", -1, 10**40, [1], {"a": 1}, 1.5):
        answer = admin.put(path, json={"value": wrong})
        assert answer.status_code == 422, (wrong, answer.text)
    assert admin.put("/api/settings/event.no_such", json={"value": 1}).status_code == 404
    assert admin.put(path, json={"value": before + 1}).status_code == 204
    assert house_settings.get(EventSettings).done_back_hours == before + 1
    with db.unit() as unit:
        assert unit.value(sa.select(setting_row.c.value)) == before + 1
    assert admin.put(path, json={"value": None}).status_code == 204
    assert house_settings.get(EventSettings).done_back_hours == before


def test_a_setting_that_no_screen_may_change(db: Any) -> None:
    closed = [row["name"] for row in house_settings.described() if not row["admin"]]
    for name in closed[:5]:
        with pytest.raises(NotFound), open_unit(db_actor(), "try") as unit:
            house_settings.put(unit, name, 1)
    with pytest.raises(Invalid), open_unit(db_actor(), "try") as unit:
        house_settings.put(unit, "event.done_back_hours", "soon")


def db_actor() -> Any:
    from gangmu.kit.actor import System

    return System("test")
