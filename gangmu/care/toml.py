"""``gangmu.toml`` written anew: what was read, in the same order, without what must not travel."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def written(told: Mapping[str, Any]) -> str:
    """TOML of tables of values: what stands outside tables first."""
    plain = {name: value for name, value in told.items() if not isinstance(value, dict)}
    parts = [_lines(plain)] if plain else []
    parts += [f"[{_key(name)}]\n{_lines(value)}" for name, value in told.items() if isinstance(value, dict)]
    return "\n".join(parts)


def _lines(values: Mapping[str, Any]) -> str:
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in values.items())


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(name)} = {_value(one)}' for name, one in value.items())}}}"
    return str(value)  # numbers; days and times as ISO 8601 has them


def _text(text: str) -> str:
    return orjson.dumps(text).decode().replace("\x7f", "\\u007f")
