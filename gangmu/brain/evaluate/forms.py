"""The form of a definition as somebody hands it in: looked at before anything is read from it. Pure rules."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _yes_or_no(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _words(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(one, str) for pair in value.items() for one in pair)


def _list(of: Check) -> Check:
    return lambda value: isinstance(value, list | tuple) and all(of(one) for one in value)


def _pair(first: Check, second: Check) -> Check:
    return lambda value: isinstance(value, list | tuple) and len(value) == 2 and first(value[0]) and second(value[1])


def _made_of(fields: Mapping[str, Check], *needed: str) -> Check:
    return lambda value: isinstance(value, Mapping) and not _wrong(value, fields, needed)


def _wrong(given: Mapping[Any, Any], fields: Mapping[str, Check], needed: tuple[str, ...]) -> list[str]:
    found = [f"{name} is missing" for name in needed if name not in given]
    for name, value in given.items():
        if name not in fields:
            found.append(f"unknown field {str(name)[:40]}")
        elif not fields[name](value):
            found.append(f"{name} has a wrong form")
    return found


_term = _made_of({"word": _text, "stage": _text, "minus": _yes_or_no}, "word")
_terms = _list(lambda value: _text(value) or _term(value))
_part = _made_of(
    {"rate": _text, "weight": _number, "inverted": _yes_or_no, "bands": _list(_pair(_number, _number))},
    "rate",
    "weight",
)
_BOTH: Mapping[str, Check] = {
    "id": _text,
    "title": _words,
    "note": _words,
    "source": _text,
    "mark": _text,
    "verified": _yes_or_no,
}
_FIELDS: Mapping[str, Mapping[str, Check]] = {
    "rate": {
        **_BOTH,
        "numerator": _terms,
        "denominator": _terms,
        **dict.fromkeys(("scopes", "flows", "channels", "roles", "leaves_out"), _list(_text)),
        **dict.fromkeys(("unit", "better", "group"), _text),
    },
    "score": {
        **_BOTH,
        "scope": _text,
        "levels": _list(_text),
        "parts": _list(_part),
        "grades": _list(_pair(_text, _number)),
    },
}
_NEEDED = {"rate": ("id", "title", "numerator"), "score": ("id", "title", "scope", "parts")}


def wrong_in(kind: str, definition: Mapping[str, Any]) -> list[str]:
    """What is out of form in a rate or a score as plain values; nothing where it can be read."""
    return _wrong(definition, _FIELDS[kind], _NEEDED[kind])


def named(key: str, title: Mapping[str, str]) -> list[str]:
    """What is wrong with the id and the title of a rate or a score."""
    found = [] if re.fullmatch(r"[a-z][a-z0-9_]{1,60}", key) else ["an id is a small word"]
    if not title.get("zh", "").strip() or not title.get("en", "").strip():
        found.append("a title in both languages")
    return found
