"""The one place that catches everything: around plug-ins, jobs and the outermost edges.

A broken scene shows its own name and never stops the house.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a fenced call gave: a value or the exception."""

    value: T | None
    error: Exception | None

    @property
    def ok(self) -> bool:
        return self.error is None


def run(name: str, call: Callable[[], T]) -> Outcome[T]:
    """Call, and hand back value or exception. ``name`` is shown where the outcome is reported."""
    try:
        return Outcome(call(), None)
    except Exception as error:
        error.add_note(f"in {name}")
        return Outcome(None, error)
