"""The only SQL of verdicts: the facts that say whether matters were in time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gangmu.brain.evaluate.store import evaluate_fact, visible
from gangmu.kit.actor import Actor
from gangmu.kit.unit import Unit


def list_judged(
    unit: Unit, subjects: Sequence[str], words: Sequence[str], until: datetime, *, seen_by: Actor
) -> list[Any]:
    """The facts of these words that these matters have: subject, word, deadline, what takes it out, and whether it had
    come to pass at a time."""
    fact = evaluate_fact
    passed = (fact.c.at <= until).label("passed")
    query = sa.select(fact.c.subject, fact.c.word, fact.c.due_at, fact.c.excluded, passed).where(
        fact.c.subject.in_(list(subjects)), fact.c.word.in_(list(words)), visible(seen_by, fact)
    )
    return list(unit.rows(query))
