"""What differs between two definitions of a flow: place by place, so that a person can read it and a screen mark it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

PARTS = ("stage", "state", "verb")
TOP = ("title", "start", "roles", "source", "note")
Definition = Mapping[str, Any]
Do = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. ``part`` is flow, stage, state or verb, ``id`` which one; ``field`` is empty when it is added,
    removed or only moved as a whole; ``at`` is the place as the model check names it."""

    do: Do
    part: str
    id: str
    field: str = ""
    before: Any = None
    after: Any = None

    @property
    def at(self) -> str:
        head = f"{self.part}[{self.id}]" if self.part != "flow" else "flow"
        return f"{head}.{self.field}" if self.field else head


def compare(old: Definition, new: Definition) -> list[Difference]:
    """Everything that ``new`` has otherwise than ``old``, in the order in which it is read."""
    found = [
        Difference("changed", "flow", "", name, old.get(name), new.get(name))
        for name in TOP
        if plain(old.get(name)) != plain(new.get(name))
    ]
    for part in PARTS:
        before, after = _by_id(old.get(part)), _by_id(new.get(part))
        for key, row in after.items():
            if key not in before:
                found.append(Difference("added", part, key, after=row))
            else:
                found += _row(part, key, before[key], row)
        found += [Difference("removed", part, key, before=row) for key, row in before.items() if key not in after]
        found += _moved(part, list(before), list(after))
    return found


def _row(part: str, key: str, old: Definition, new: Definition) -> Iterable[Difference]:
    for name in dict.fromkeys([*old, *new]):
        if name == "guards":
            yield from _named(part, key, name, old.get(name), new.get(name), "name")
        elif name == "outcomes":
            yield from _named(part, key, name, old.get(name), new.get(name), "id")
        elif plain(old.get(name)) != plain(new.get(name)):
            yield Difference("changed", part, key, name, old.get(name), new.get(name))


def _named(part: str, key: str, field: str, old: Any, new: Any, by: str) -> Iterable[Difference]:
    """Guards and outcomes, each under its name; a name that stands twice is told by its number."""
    before, after = _keyed(old, by), _keyed(new, by)
    for name in dict.fromkeys([*before, *after]):
        if plain(before.get(name)) != plain(after.get(name)):
            yield Difference("changed", part, key, f"{field}.{name}", before.get(name), after.get(name))


def _keyed(rows: Any, by: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows if isinstance(rows, list | tuple) else ():
        name = str(row.get(by, "")) if isinstance(row, Mapping) else str(row)
        while name in found:
            name += "+"
        found[name] = row
    return found


def _by_id(rows: Any) -> dict[str, Definition]:
    return {
        str(row.get("id", number)): row
        for number, row in enumerate(rows if isinstance(rows, list | tuple) else ())
        if isinstance(row, Mapping)
    }


def _moved(part: str, old: Sequence[str], new: Sequence[str]) -> Iterable[Difference]:
    """Those that stand in another order among the ones that both have; the order is that of the picture."""
    both = [key for key in old if key in new]
    order = [key for key in new if key in old]
    if both != order:
        moved = next(now for was, now in zip(both, order, strict=True) if was != now)
        yield Difference("moved", part, moved, before=both.index(moved) + 1, after=order.index(moved) + 1)


def plain(value: Any) -> Any:
    """A value as it is compared: what is left out equals what is empty."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if plain(item) not in (None, "", [], {}, False)}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return None if value in ("", False) else value
