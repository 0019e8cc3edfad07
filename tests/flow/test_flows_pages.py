"""The how-to pages of flows and of the catalogue do what they say: their blocks are run, in order."""

import re
import tomllib
from pathlib import Path
from uuid import uuid4

import pytest

from gangmu.core.flow import service, stepping
from gangmu.core.flow.reading import parse

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Steward:
    """The `browser` of the pages: a signed-in client that gives every change its own key."""

    def __init__(self, browser):
        self.browser = browser

    def __getattr__(self, name):
        def call(path, **given):
            headers = {} if name == "get" else {"idempotency-key": uuid4().hex}
            return getattr(self.browser, name)(path, headers=headers, **given)

        return call


@pytest.mark.parametrize("page", ["flows.md", "catalogue.md"])
def test_the_blocks_of_the_page_run(city, page):
    blocks = BLOCK.findall((PAGES / page).read_text("utf-8"))
    assert len(blocks) >= 4
    known = dict(stepping.PREDICATES)
    names = {"browser": Steward(city.sign_in("data_steward")), "colleague": Steward(city.sign_in("leader"))}
    try:
        for kind, text in blocks:
            if kind == "python":
                exec(compile(text, page, "exec"), names)
    finally:
        stepping.PREDICATES.clear()
        stepping.PREDICATES.update(known)


def test_the_verb_on_the_page_is_one_that_a_flow_can_have():
    (text,) = [block for kind, block in BLOCK.findall((PAGES / "flows.md").read_text("utf-8")) if kind == "toml"]
    made = dict(service.shipped_data("urban_case"))
    (verb,) = tomllib.loads(text)["verb"]
    made["verb"] = [verb if v["id"] == verb["id"] else v for v in made["verb"]]
    assert parse(made).find_verb("return").guards[-1].params == {"verb": "return", "n": 2, "by": "org"}
