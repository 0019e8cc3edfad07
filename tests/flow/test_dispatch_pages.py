"""The how-to pages of dispatch and check: every block on them runs."""

import re
from pathlib import Path
from uuid import uuid4

from tests.city import HERE, TOWN, Browser
from tests.flow.ground import found, now_photo
from tests.flow.test_loop_urban_case import handled

PAGES = Path(__file__).resolve().parents[2] / "docs" / "how-to"


class Keyed(Browser):
    """A browser that sends an idempotency key with every change by itself."""

    def post(self, *args, **kw):
        return super().post(*args, **{"headers": {"idempotency-key": uuid4().hex}, **kw})


def run_blocks(page, names):
    text = (PAGES / page).read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), names)


def signed_in(city, who, lang="zh-CN"):
    return Keyed(city.app, lang).sign_in(who)


def test_the_page_of_dispatch_runs(city):
    found(city)
    names = {"orgs": city.orgs, "HERE": HERE, "STREET": TOWN}
    names |= {"steward": signed_in(city, "data_steward"), "dispatcher": signed_in(city, "dispatcher")}
    names["done"] = lambda ask: (city.settle(), ask())[1]
    run_blocks("dispatch.md", names)


class Next:
    """Whoever of the patrol has the task, once it is known."""

    def __init__(self, city, clerk):
        self.city, self.clerk, self.browser = city, clerk, None

    def __getattr__(self, name):
        if self.browser is None:
            post = self.clerk.get("/api/tasks").json()["items"][0]["assignee"]
            self.browser = signed_in(self.city, next(who for who, held in self.city.posts.items() if held == post))
        return getattr(self.browser, name)


def test_the_page_of_check_runs(city):
    found(city)
    event = handled(city)
    names = {"clerk": signed_in(city, "clerk"), "event": event, "photo": now_photo}
    names["patrol"] = Next(city, names["clerk"])
    run_blocks("check.md", names)
