"""The calendars that travel with the house, and calendar files of others."""

import json
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from gangmu.base.calendar.errors import CalendarUnreadable, NoCalendar
from gangmu.base.calendar.model import Calendar
from gangmu.base.calendar.reading import read

_MOST_BYTES = 4_000_000


def shipped_names() -> list[str]:
    """The names of the calendars in the package."""
    folder = resources.files(__package__) / "data"
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))


@cache
def shipped(name: str) -> Calendar:
    """A calendar of the package; ``NoCalendar`` if there is none of this name."""
    if name not in shipped_names():
        raise NoCalendar(name)
    text = (resources.files(__package__) / "data" / f"{name}.toml").read_text(encoding="utf-8")
    return read(tomllib.loads(text))


def load_file(path: Path) -> Calendar:
    """A calendar from a TOML or JSON file; ``CalendarUnreadable`` names the file and what is wrong with it."""
    try:
        blob = path.read_bytes()[: _MOST_BYTES + 1]
    except OSError as error:
        raise CalendarUnreadable(str(path), error.strerror or "cannot be read") from None
    if len(blob) > _MOST_BYTES:
        raise CalendarUnreadable(str(path), "is too large for a calendar")
    try:
        data = _parse(blob.decode("utf-8-sig"), is_json=path.suffix.lower() == ".json")
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise CalendarUnreadable(str(path), f"is not {path.suffix.lstrip('.') or 'toml'}: {error}") from None
    if not isinstance(data, dict):
        raise CalendarUnreadable(str(path), "must be a table of keys")
    try:
        return read(data, name=_plain_name(path))
    except CalendarUnreadable as error:
        raise CalendarUnreadable(f"{path}: {error.params['where']}", error.params["reason"]) from None


def _parse(text: str, *, is_json: bool) -> Any:
    return json.loads(text) if is_json else tomllib.loads(text)


def _plain_name(path: Path) -> str:
    letters = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in path.stem.lower())
    return letters.strip("-")[:40] or "file"
