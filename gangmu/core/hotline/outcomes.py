"""Outcomes as data, and the figures of calls and matters."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from gangmu.core.hotline import outcome_store
from gangmu.core.hotline.model import (
    Outcome,
)
from gangmu.kit import ids
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.kit.zone import day_of


def outcome_named(unit: Unit, actor: Actor, key: str) -> Outcome:
    found = outcome_store.find_outcome(unit, key, seen_by=actor)
    if found is None:
        raise NotFound(what=key)
    return found


def list_outcomes(unit: Unit, actor: Actor, history: str = "") -> list[Outcome]:
    return outcome_store.list_outcomes(unit, seen_by=actor, history=history)


def outcomes_by_id(unit: Unit, actor: Actor, wanted: Sequence[Id]) -> dict[Id, Outcome]:
    return outcome_store.get_outcomes(unit, wanted, seen_by=actor)


def change_outcome(unit: Unit, actor: Actor, key: str, wording: Outcome, version: int) -> Outcome:
    """The next edition of an outcome's words, from today on. What it needs and how it is counted are the house's."""
    was = outcome_named(unit, actor, key)
    if was.version != version:
        raise StaleWrite(about=str(was.id))
    if not wording.answer_zh.strip() or not wording.title_zh.strip():
        raise Invalid(field="answer_zh", reason="the caller gets words")
    day = day_of(unit.now)
    kept = ("group", "needs", "place", "key")
    new = replace(
        wording,
        id=ids.new("hoc"),
        valid_from=day,
        valid_to=None,
        version=1,
        **{name: getattr(was, name) for name in kept},
    )
    outcome_store.end_outcome(unit, was, max(day, was.valid_from))
    outcome_store.add_outcome(unit, new)
    return new


def figures(
    unit: Unit, actor: Actor, first: date, last: date, division: str = ""
) -> dict[date, dict[tuple[str, str], int]]:
    """The counts of each day that has any: calls and matters, answers and misses, outcomes and kinds."""
    if last < first or (last - first).days > 366:
        raise Invalid(field="last", reason="at most a year, first day first")
    return outcome_store.counts_between(unit, first, last, seen_by=actor, division=division)
