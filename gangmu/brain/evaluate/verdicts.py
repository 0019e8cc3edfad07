"""Whether matters were in time, as evaluation has counted it: for who holds that against what somebody else says.

A verdict is read from the facts of a matter, the same that every rate adds up. Nothing is judged here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gangmu.brain.evaluate import verdict_store
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

DUE, LATE, MERGED = "need_archive", "overdue", "merged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one matter: its deadline, whether it had passed unmet by the time asked for, and what takes the matter out of
    the rates (``merged``, ``suspended``, an exemption), if anything does."""

    due_at: datetime | None
    is_late: bool
    excluded: str = ""


def verdicts_of(unit: Unit, actor: Actor, events: Sequence[Id], until: datetime) -> dict[Id, Verdict]:
    """The verdicts of these matters as of a time. A matter that has nothing due has none."""
    rows = verdict_store.list_judged(unit, events, (DUE, LATE, MERGED), until, seen_by=actor)
    late = {row.subject for row in rows if row.word == LATE and row.passed}
    return {Id(row.subject): Verdict(row.due_at, row.subject in late, row.excluded) for row in rows if row.word != LATE}
