"""A definition as TOML text, in the layout of the shipped ones. ``tomllib.loads(write(d))`` gives ``d`` back."""

from collections.abc import Mapping
from typing import Any

import orjson

PARTS = ("stage", "state", "verb")
WIDE = 110


def write(definition: Mapping[str, Any]) -> str:
    """The whole definition: its own fields first, then stages, states and verbs as tables."""
    lines = [f"{key} = {_value(value)}" for key, value in definition.items() if key not in PARTS and value is not None]
    for part in PARTS:
        for row in definition.get(part) or ():
            lines += ["", f"[[{part}]]"]
            lines += [f"{key} = {_value(value)}" for key, value in row.items() if value is not None]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        items = [_value(item) for item in value]
        line = "[" + ", ".join(items) + "]"
        if len(line) <= WIDE or not items:
            return line
        return "[\n" + "".join(f"  {item},\n" for item in items) + "]"
    return _text(str(value))


def _text(text: str) -> str:
    """A TOML string: JSON's escapes are TOML's, but for the control character 127."""
    return orjson.dumps(text).decode().replace("\x7f", "\\u007f")
