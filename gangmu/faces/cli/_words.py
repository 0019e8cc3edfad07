"""What a command says, in the language that was asked for."""

from typing import Any

from gangmu.kit.text import t

_spoken = ["en"]


def speak(lang: str) -> None:
    """Set the language of this process; the root command does it."""
    _spoken[0] = lang


def spoken() -> str:
    """The language of this process."""
    return _spoken[0]


def say(key: str, /, **values: Any) -> str:
    """The text of a key."""
    return t(key, _spoken[0], **values)
