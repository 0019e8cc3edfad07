"""Facts that cross stages: frozen, versioned dataclasses, named in the past tense.

``@message(version=1)`` registers a class under its name; ids in it are plain text, times aware.
A message whose class has ``tick`` also travels to browsers as a tick of that topic.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

import msgspec

T = TypeVar("T")
_known: dict[tuple[str, int], type] = {}


@dataclass_transform(frozen_default=True)
def message(version: int = 1) -> Callable[[type[T]], type[T]]:
    """Make a class a message. Its name and version are what the outbox stores."""

    def register(cls: type[T]) -> type[T]:
        made = dataclass(frozen=True, slots=True)(cls)
        made.message_version = version  # type: ignore[attr-defined]
        _known[cls.__name__, version] = made
        return made

    return register


def encode(fact: object) -> bytes:
    """A message as JSON bytes."""
    return msgspec.json.encode(fact, enc_hook=str)


def decode(name: str, version: int, body: bytes | dict[str, Any]) -> Any:
    """The message back from its name, version and JSON; ``LookupError`` if nobody knows it."""
    cls = _known.get((name, version))
    if cls is None:
        raise LookupError(f"no message {name} v{version}")
    if isinstance(body, bytes):
        return msgspec.json.decode(body, type=cls)
    return msgspec.convert(body, type=cls)


def known() -> list[tuple[str, int, type]]:
    return [(name, version, cls) for (name, version), cls in sorted(_known.items(), key=lambda item: item[0])]
