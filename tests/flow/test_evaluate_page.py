"""The how-to page of evaluation does what it says: its blocks run in order, its commands in a city of their own."""

import json
import re
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from tests.city import City
from tests.flow.cases import MONDAY, Cases, now_is
from tests.flow.ground import CHINA
from tests.flow.test_intake_pages import CONSOLE, script, shell

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "evaluate.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
assert shell


class Client:
    """A signed-in client that gives every change its own key."""

    def __init__(self, city: City, who: str) -> None:
        self.browser = city.sign_in(who)

    def __getattr__(self, name: str):
        def call(path: str, **given):
            headers = {} if name == "get" else {"idempotency-key": uuid4().hex}
            return getattr(self.browser, name)(path, headers=headers, **given)

        return call


def test_the_blocks_of_the_page_run(city: City) -> None:
    cases = Cases(city, MONDAY)
    cases.closed(cases.checked(cases.handled(cases.dispatched())))
    cases.dispatched()
    now_is(city, datetime(2026, 11, 3, 9, tzinfo=CHINA))
    names = {who: Client(city, role) for who, role in (("lead", "dept_lead"), ("evaluator", "evaluator"))}
    given = {**names, "supervisor": Client(city, "supervisor"), "orgs": city.orgs}
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(blocks) >= 6
    for text in blocks:
        exec(compile(text, str(PAGE), "exec"), given)


def test_the_commands_of_the_page_run(shell) -> None:
    (block,) = CONSOLE.findall(PAGE.read_text("utf-8"))
    said = shell(script(block)).splitlines()
    objects = [json.loads(line) for line in said if line.startswith("{")]
    assert objects[0]["period"]["name"] == "2026-10" and objects[0]["lines"] == []
    assert (objects[-1]["differences"], objects[-1]["pending"], objects[-1]["checked"]) == (0, 0, True)
    assert "0 differences" in said[-1]
