"""Whether matters were closed in time, one by one: what the facts of each say of its deadline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gangmu.brain.evaluate import store
from gangmu.brain.evaluate.rows import Fact
from gangmu.kit.actor import Actor
from gangmu.kit.unit import Unit

MOST = 500
WORDS = ("need_archive", "in_time_archive", "late_archive", "overdue")


@dataclass(frozen=True, slots=True)
class Judged:
    """One matter. ``on_time``: closed by its deadline; False: closed later, or its deadline has passed; None: not due
    yet. ``excluded``: why rates leave it out (which changes nothing of the fact)."""

    event: str
    due_at: datetime | None
    done_at: datetime | None
    on_time: bool | None
    late_s: int | None
    excluded: str


def judge(unit: Unit, actor: Actor, events: Sequence[str]) -> dict[str, Judged]:
    """Those of these events that were ever due, as they stand now and as far as the actor may see their facts."""
    found: dict[str, Judged] = {}
    for start in range(0, len(events), MOST):
        facts = store.facts_of(unit, events[start : start + MOST], WORDS, seen_by=actor)
        found |= judged_of(facts, unit.now)
    return found


def judged_of(facts: Iterable[Fact], now: datetime) -> dict[str, Judged]:
    """The same from facts alone, as ``count_case`` makes them."""
    by_event: dict[str, dict[str, Fact]] = {}
    for fact in facts:
        if fact.word in WORDS and fact.event is not None:
            by_event.setdefault(fact.event, {})[fact.word] = fact
    return {event: _judged(event, words, now) for event, words in by_event.items() if "need_archive" in words}


def _judged(event: str, words: Mapping[str, Fact], now: datetime) -> Judged:
    need = words["need_archive"]
    late = "late_archive" in words or ("overdue" in words and words["overdue"].at <= now)
    on_time = True if "in_time_archive" in words else False if late else None
    return Judged(event, need.due_at, need.done_at, on_time, need.late_s, need.excluded)
