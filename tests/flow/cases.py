"""Matters taken through their stages over HTTP, by the people whose posts they are, at times that a test sets."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gangmu.kit import clock
from gangmu.kit.actor import System
from gangmu.kit.tables import clock_row
from gangmu.kit.unit import forget_clock, open_unit
from tests.city import City
from tests.flow.ground import CHINA, PLACE, found, key, matter_of, shot

MONDAY = datetime(2026, 10, 12, 9, 0, tzinfo=CHINA)  # a working Monday of a year whose holidays are published


def now_is(city: City, at: datetime) -> None:
    """Set the city's clock."""
    with open_unit(System("test"), "clock") as unit:
        unit.run(sa.delete(clock_row))
        unit.run(sa.insert(clock_row), {"one": True, "real": clock.real_now(), "shown": at, "speed": 1.0})
    forget_clock()
    with open_unit(System("test"), "clock"):
        pass
    city.settle()


class Cases:
    """A founded city with one class of matter and its filing condition."""

    def __init__(self, city: City, begin: datetime = MONDAY) -> None:
        self.city = city
        self._found()
        now_is(city, begin)
        self.closing: dict[str, str] = {}
        self.cover = matter_of(city.sign_in("clerk"), "urban_component", "0101")

    def _found(self) -> None:
        found(self.city)

    def condition(self, limit: str) -> dict[str, Any]:
        """The filing condition with this limit."""
        return dict(next(one for one in self.cover["conditions"] if one["limit"] == limit))

    def filed(self, limit: str = "4h", who: str = "patrol", **given: Any) -> dict[str, Any]:
        seen = [shot(self.city.sign_in(who), "before")["file"]] if who.startswith("patrol") else []
        body = {"matter_id": self.cover["id"], "lon": PLACE[0], "lat": PLACE[1], "attachments": seen, **given}
        event = self.city.sign_in("clerk").do(self.city.report(who, **body), "accept")
        chosen = self.condition(limit)
        self.closing[event["id"]] = chosen["closing"][0]["id"]
        return self.city.sign_in("shift_leader").do(event, "register", condition_id=chosen["id"])

    def dispatched(self, limit: str = "4h", org: str = "市政处", **given: Any) -> dict[str, Any]:
        helpers = [self.city.orgs[name] for name in given.pop("assistants", ())]
        event = self.filed(limit, **given)
        lead = self.city.orgs[org]
        return self.city.sign_in("dispatcher").do(event, "dispatch", lead_org=lead, assistants=helpers)

    def handled(self, event: dict[str, Any], lead: str = "dept_lead") -> dict[str, Any]:
        """The department does it and confirms. (Of 环卫处 the lead does it himself.)"""
        browser = self.city.sign_in("handler" if lead == "dept_lead" else lead)
        event = browser.do(event, "start")
        proof = [shot(browser, "before"), shot(browser, "after")]
        event = browser.do(event, "submit", answer="已处理", evidence=proof)
        return self.city.sign_in(lead).do(event, "confirm")

    def checked(self, event: dict[str, Any], result: str = "check_pass") -> dict[str, Any]:
        clerk = self.city.sign_in("clerk")
        event = clerk.do(event, "send_check")
        task = next(
            one
            for one in clerk.get("/api/tasks", params={"kind": "check"}).json()["items"]
            if one["event_id"] == event["id"]
        )
        worker = next(who for who in ("patrol", "patrol2") if self.city.posts[who] == task["assignee"])
        walker = self.city.sign_in(worker)
        body = {"result": result, "reason": "现场看过", "evidence": [shot(walker, "check")]}
        answer = walker.post(f"/api/tasks/{task['id']}/done", json=body, headers=key())
        assert answer.status_code == 200, answer.text
        return clerk.sees(event)

    def closed(self, event: dict[str, Any]) -> dict[str, Any]:
        closing = self.closing[event["id"]]
        return self.city.sign_in("shift_leader").do(event, "close", closing_condition_id=closing)

    def later(self, **delta: float) -> datetime:
        """Move on."""
        at = clock.now() + timedelta(**delta)
        now_is(self.city, at)
        return at

    def table(self, who: str = "evaluator", **asked: Any) -> dict[str, Any]:
        answer = self.city.sign_in(who).get("/api/evaluate/table", params=asked)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def figure(self, rate: str, name: str = "", who: str = "evaluator", **asked: Any) -> tuple[int, int, int]:
        """Numerator, denominator and what was left out, of a line by its name (all lines without one)."""
        table = self.table(who, rates=rate, **asked)
        line = next((one for one in table["lines"] if one["name"] == name), None) if name else table["total"]
        if line is None:
            return (0, 0, 0)
        one = next(each for each in line["figures"] if each["rate"] == rate)
        return (one["numerator"], one["denominator"], one["excluded"])

    def counted(self, rate: str, part: str = "denominator", who: str = "evaluator", **asked: Any) -> list[Any]:
        """All facts behind a figure, page after page."""
        items: list[Any] = []
        after: str | None = None
        while True:
            params = {"rate": rate, "part": part, "limit": 3, **asked, **({"after": after} if after else {})}
            answer = self.city.sign_in(who).get("/api/evaluate/counted", params=params)
            assert answer.status_code == 200, answer.text
            items += answer.json()["items"]
            after = answer.json()["next"]
            if after is None:
                return items
