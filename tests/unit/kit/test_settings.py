"""Settings: default < file < environment < administrator; a wrong value is named, not obeyed."""

from collections.abc import Iterator

import pytest
from pydantic import Field

from gangmu.kit import settings
from gangmu.kit.errors import Invalid


@pytest.fixture
def section() -> Iterator[type[settings.Section]]:
    class Kettle(settings.Section, name="kettle"):
        """Of this test alone."""

        degrees: int = Field(60, ge=0, le=100, description="How hot.")
        lid: str = Field("on", description="How closed.")

    before = settings._file, settings._admin
    yield Kettle
    settings._file, settings._admin = before
    del settings._sections["kettle"]


def test_each_layer_is_above_the_one_before(section, tmp_path, monkeypatch):
    file = tmp_path / "gangmu.toml"
    settings.read_file(file)
    assert settings.get(section).degrees == 60
    file.write_text("[kettle]\ndegrees = 70\n", "utf-8")
    settings.read_file(file)
    assert settings.get(section).degrees == 70
    monkeypatch.setenv("GANGMU_KETTLE__DEGREES", "80")
    assert settings.get(section).degrees == 80
    settings._admin = {"kettle.degrees": 90}
    assert settings.get(section).degrees == 90
    rows = {row["name"]: (row["value"], row["source"], row["default"]) for row in settings.described()}
    assert rows["kettle.degrees"] == (90, "admin", 60) and rows["kettle.lid"] == ("on", "default", "on")


def test_a_setting_is_known_by_the_names_it_had(tmp_path, monkeypatch):
    class Pot(settings.Section, name="pot", formerly={"degrees": ("pan.heat",)}):
        """Of this test alone."""

        degrees: int = Field(60, ge=0, le=100, description="How hot.")

    before = settings._file, settings._admin
    try:
        file = tmp_path / "gangmu.toml"
        file.write_text("[pan]\nheat = 70\n", "utf-8")
        settings.read_file(file)
        assert settings.get(Pot).degrees == 70
        monkeypatch.setenv("GANGMU_PAN__HEAT", "80")
        assert settings.get(Pot).degrees == 80
        settings._admin = {"pan.heat": 85}
        assert settings.get(Pot).degrees == 85
        settings._admin = {"pan.heat": 85, "pot.degrees": 90}
        assert settings.get(Pot).degrees == 90
    finally:
        settings._file, settings._admin = before
        del settings._sections["pot"], settings._renamed["pan.heat"]


@pytest.mark.parametrize("text", ["101", "-1", "hot", '"x', "null1"])
def test_a_wrong_value_is_named(section, monkeypatch, text):
    monkeypatch.setenv("GANGMU_KETTLE__DEGREES", text)
    with pytest.raises(Invalid) as refused:
        settings.get(section)
    assert refused.value.params["field"] == "kettle.degrees"


def test_a_file_that_is_none_says_where(tmp_path):
    file = tmp_path / "gangmu.toml"
    file.write_bytes(b"[kettle\ndegrees = ")
    with pytest.raises(Invalid) as refused:
        settings.read_file(file)
    assert refused.value.params["field"] == "gangmu.toml" and "line" in refused.value.params["reason"]
    settings.read_file(tmp_path / "none.toml")
