"""Profiles are data: the shipped ones are whole, a wrong one says where."""

import pytest

from gangmu.core.intake import profile as profiles
from gangmu.core.intake.errors import BadProfile, UnknownProfile

SMALL = """
name = "small"
source = "a test"
zone = "Asia/Shanghai"
[fields]
title = "t"
text = "t"
happened_at = "w"
"""


def test_the_shipped_profiles():
    assert profiles.shipped() == ["boston", "chicago", "fuzhou12345", "losangeles", "standard", "tipdm"]


@pytest.mark.parametrize("name", profiles.shipped())
def test_a_shipped_profile_says_where_its_rows_come_from(name):
    plan = profiles.load(name)
    assert plan.name == name and plan.source and plan.title
    assert plan.rules["happened_at"].required and plan.rules["title"].required
    if name != "standard":
        assert plan.city and plan.licence and plan.owner and plan.masks and plan.calendar


def test_foreign_cities_lie_outside_the_national_list():
    codes = {name: plan.city.code for name in profiles.shipped() if (plan := profiles.load(name)).city}
    assert codes.pop("fuzhou12345") == "3501"
    assert all(code.startswith("99") for code in codes.values())
    assert len(set(codes.values())) == len(codes)


def test_a_profile_of_a_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SMALL, encoding="utf-8")
    assert profiles.load(str(path)).name == "small"
    with pytest.raises(UnknownProfile):
        profiles.load(str(path), files=False)


@pytest.mark.parametrize("name", ["nowhere", "boston.toml", ""])
def test_an_unknown_profile_names_the_known(name):
    with pytest.raises(UnknownProfile) as error:
        profiles.load(name)
    assert "boston" in error.value.params["known"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[fields]", "colour = 1\n[fields]"), "colour: no such key"),
        (('zone = "Asia/Shanghai"', 'zone = "Mars/Base"'), "zone"),
        (('zone = "Asia/Shanghai"', ""), "zone is missing"),
        (('text = "t"', ""), "fields.text is missing"),
        (('text = "t"', 'text = "t"\nsmell = "s"'), "fields.smell: no such field"),
        (('title = "t"', "title = { from = 5 }"), "fields.title.from"),
        (('title = "t"', 'title = { from = "t", must = true }'), "fields.title.must"),
        (('title = "t"', 'title = "t"\nkind = { from = "k", codes = { A = "moan" } }'), "'moan' is none of"),
        (('title = "t"', 'title = "t"\nkind = { from = "k", patterns = [["(", "help"]] }'), "is no pattern"),
        (("[fields]", "bounds = [3, 2, 1, 0]\n[fields]"), "bounds"),
        (("[fields]", '[city]\ncode = "12"\n[fields]'), "city.code"),
        (("[fields]", 'mask = ["faces"]\n[fields]'), "mask"),
        (("name =", "name ="), ""),
        (("[fields]", "[fields"), ""),
        (('name = "small"', "name = 5"), "name: str is needed"),
        (('name = "small"', 'name = "Bad Name"'), "name: small letters"),
    ],
)
def test_a_wrong_profile_says_where(change, said):
    text = SMALL.replace(*change)
    if text == SMALL:
        assert profiles.parse(text).name == "small"
        return
    with pytest.raises(BadProfile) as error:
        profiles.parse(text)
    assert said in error.value.params["reason"]
