"""Kinds of cities, and who may wish a fresh one."""

from collections.abc import Collection
from enum import StrEnum

ADMINISTRATOR = "settings.manage"


class Kind(StrEnum):
    """What is real here: everything, nothing, or nothing and nobody is scored."""

    real = "real"
    demo = "demo"
    practice = "practice"


def of(demo: bool, practice: bool) -> Kind:
    """Practice beats demo: the stricter mark."""
    return Kind.practice if practice else Kind.demo if demo else Kind.real


def may_reset(kind: Kind, by: str, permissions: Collection[str]) -> bool:
    """A real city is never founded anew; the others by whom the setting names."""
    return kind is not Kind.real and (by == "anybody" or ADMINISTRATOR in permissions)
