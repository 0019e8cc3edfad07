"""The page on retention does what it says: its blocks are run in order on a house with something to erase."""

import json

import pytest

from tests.flow.kept_house import gangmu, living
from tests.flow.test_care_pages import blocks, run
from tests.flow.test_retention import closed, erased, post

pytestmark = pytest.mark.slow
YEARS = 4 * 365


def test_the_page_does_what_it_says(tmp_path):
    names = {"CITY": tmp_path / "city"}
    look, prove = blocks("retention.md")
    with living(names["CITY"]) as kept:
        closed(kept.city)
        other = closed(kept.city, reporter={"name": "李四", "phone": "13712345678"})
        kept.city.settle()
        kept.city.forward(days=YEARS)
        post(kept.city, "supervisor", "/holds", {"event": other["id"], "reason": "行政复议中"}, expect=201)
        due, made, lists = run(look, names)
        (reporters,) = [line for line in due.splitlines() if line.startswith("Reporters: 3 years")]
        assert "due 1" in reporters and "held 1" in reporters, reporters
        assert made.strip() in lists and "reporter 1" in lists and "proposed" in lists
        post(kept.city, "security_admin", f"/runs/{made.strip()}/refuse", {"note": "先看证明"})
        names["LIST"] = erased(kept.city)["id"]
        (proved,) = run(prove, names)
        assert "none can be read" in proved
        told = gangmu("retention", "prove", names["LIST"], "--data", names["CITY"], "--json")
        assert json.loads(told.stdout)["ok"]
