"""The simulated city 12345 lets go of what is over, and its readers notice nothing."""

from datetime import UTC, datetime, timedelta

from gangmu.sdk.testing.hotline import Faults, Hotline

THEN = datetime(2026, 10, 1, 8, tzinfo=UTC)
NOW = THEN + timedelta(days=30)


def reply(number: str, n: int) -> dict[str, str]:
    return {"id": f"act-{n}", "number": number, "act": "REPLY"}


def test_what_is_over_is_forgotten_and_readers_go_on_where_they_were():
    city = Hotline(Faults(), seed=3)
    old = city.issue(20, THEN, acts=False)
    first = city.read(0, 1000)
    city.take([reply(number, n) for n, number in enumerate(old[:15])], THEN)
    second = city.read(int(first["next"]), 1000)
    new = city.issue(4, NOW, acts=False)
    city.forget(NOW - timedelta(days=21))
    assert sorted(city.orders) == sorted(old[15:] + new)
    third = city.read(int(second["next"]), 1000)
    assert [row["number"] for row in third["rows"]] == new and not third["more"]
    assert int(third["next"]) == 20 + 15 + 4
    again = Hotline(Faults(), seed=3)
    again.restore(city.kept())
    assert again.read(int(second["next"]), 1000) == third
    assert again.read(0, 1000)["rows"] == third["rows"], "who begins anew gets what is still kept"


def test_an_open_order_is_never_forgotten():
    city = Hotline(Faults(), seed=3)
    (number,) = city.issue(1, THEN, acts=False)
    city.issue(1, NOW, acts=False)
    city.forget(NOW)
    assert number in city.orders
    assert city.take([reply(number, 1)], NOW)[0]["verdict"] == "taken"
