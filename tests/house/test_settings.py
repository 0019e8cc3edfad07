"""Every setting works unset, says what it is for, and stands on the page of settings."""

import importlib
import re

import pytest

from gangmu.kit import settings
from tests.house.tree import ROOT, house

PAGE = ROOT / "docs" / "reference" / "settings.md"


@pytest.fixture(scope="module")
def described():
    for module in house():
        if re.search(r"\(Section, name=", module.text) and module.path != "gangmu/kit/settings.py":
            importlib.import_module(module.name)
    return {each["name"]: each for each in settings.described()}


def test_every_setting_has_a_default_and_a_sentence(described):
    assert len(described) > 10
    for kind in settings._sections.values():
        kind()
    assert [name for name, each in described.items() if len(each["about"].split()) < 4] == []


def test_every_setting_stands_on_the_page(described):
    """``gangmu settings --page`` writes it."""
    listed = re.findall(r"^\| `([a-z_0-9]+\.[a-z_0-9]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(described)


def test_secrets_are_not_shown(monkeypatch):
    from gangmu.faces.cli.settings import shown

    assert "hidden" not in shown("postgresql://gangmu_app:hidden@db/gangmu")
    assert shown("postgresql://gangmu_app:hidden@db/gangmu").startswith("postgresql://gangmu_app:")
    assert shown(12) == "12"
