"""What the stories of docking stand on: a link to a simulated 12345, its mappings, people who work orders off."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gangmu.core.docking import jobs as docking_jobs
from gangmu.core.docking import service, visits
from gangmu.core.docking.service import LinkDraft
from gangmu.kit import clock
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import open_unit
from gangmu.sdk.testing.hotline import CHINA, CLASSES, Faults, Hotline, serve
from tests.city import HERE, City
from tests.flow.ground import found, key

STEWARD = System("test")
TOKEN = "secret-of-the-city"


@contextmanager
def docked(city: City, faults: Faults = Faults(), *, mapped: bool = True, **given: Any) -> Iterator[tuple[Hotline, Id]]:
    """A simulated city on the loopback and the link to it."""
    found(city)
    town = Hotline(faults, area=HERE[:6], token=TOKEN)
    with serve(town) as address:
        yield town, linked(city, address, mapped=mapped, **given)


def linked(city: City, address: str, *, mapped: bool = True, **given: Any) -> Id:
    """A link, with every class of the simulated city mapped but one that is known and means nothing."""
    draft = LinkDraft(
        **{
            "name": "市12345",
            "kind": "hotline",
            "connector": "rest_orders",
            "division": HERE,
            "org": city.orgs["指挥中心"],
            "settings": {"address": address, "token": TOKEN, "page": "100"},
            **given,
        }
    )
    with open_unit(STEWARD, "test") as unit:
        link = service.add_link(unit, STEWARD, draft)
        if mapped:
            map_classes(unit, link.id)
    return link.id


def map_classes(unit: Any, link: Id, but: tuple[str, ...] = ()) -> None:
    for code in CLASSES:
        if code not in but:
            value = "-" if code.startswith("09") else "hotline:020101"
            service.put_mapping(unit, STEWARD, link, "class", code, value)


def put(kind: str, link: Id, **rows: str) -> None:
    with open_unit(STEWARD, "test") as unit:
        for code, value in rows.items():
            service.put_mapping(unit, STEWARD, link, kind, code, value)


def push(city: City, link: Id) -> int:
    """Let what happened travel."""
    city.settle()
    docking_jobs.gather()
    return visits.push(link)


def events(city: City, who: str = "dispatcher", **params: Any) -> list[dict[str, Any]]:
    """All events that somebody sees."""
    browser, found, after = city.sign_in(who), [], None
    while True:
        asked = {"limit": 200, **params, **({"after": after} if after else {})}
        answer = browser.get("/api/events", params=asked)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        after = answer.json()["next"]
        if after is None:
            return found


def signed_and_sent(city: City, event: dict[str, Any]) -> dict[str, Any]:
    """The centre signs and dispatches."""
    dispatcher = city.sign_in("dispatcher")
    event = dispatcher.do(event, "sign")
    return dispatcher.do(event, "dispatch", lead_org=city.orgs["市政处"])


def answered(city: City, event: dict[str, Any]) -> dict[str, Any]:
    """The department handles, replies and confirms."""
    handler, lead = city.sign_in("handler"), city.sign_in("dept_lead")
    handler.do(event, "start")
    handler.do(event, "reply", answer="已派人修复，现场恢复通行", outcome="solved")
    return lead.do(event, "confirm")


def account(link: Id) -> dict[str, Any]:
    return dict(docking_jobs.draw_up(link, clock.now().astimezone(CHINA).date()))


def get(city: City, who: str, path: str, expect: int = 200, **params: Any) -> Any:
    answer = city.sign_in(who).get(f"/api/docking{path}", params=params)
    assert answer.status_code == expect, f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


def post(city: City, who: str, path: str, body: Any = None, expect: int = 200, method: str = "POST") -> Any:
    answer = city.sign_in(who).request(method, f"/api/docking{path}", json=body, headers=key())
    assert answer.status_code == expect, f"{path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None
