"""Use cases of rates and scores as rows: read those of a day, write a new edition, publish what holds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from gangmu.base import access
from gangmu.brain.evaluate import forms, model, period_store, scoring, shipped
from gangmu.brain.evaluate.errors import BadRule, NotADraft, SecondPerson
from gangmu.brain.evaluate.model import Period, Rate
from gangmu.brain.evaluate.period_store import Publication, Rule
from gangmu.brain.evaluate.scoring import Score
from gangmu.brain.evaluate.service import COUNTER, DRAFT, PUBLISHED
from gangmu.brain.evaluate.settings import EvaluateSettings
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.text import division_prefix
from gangmu.kit.unit import Unit

DEFINE = "evaluate.define"
RATE, SCORE = "rate", "score"
Rules = tuple[Mapping[str, Rate], Mapping[str, Score]]


def on_day(unit: Unit, period: Period, division: str) -> Rules:
    """The rates and scores that hold in a division at the end of a period."""
    return _read(_holding(period_store.list_rules(unit, seen_by=COUNTER), period.end - timedelta(days=1), division))


def _holding(rows: list[Rule], day: date, division: str) -> list[Rule]:
    """Of each key the newest published edition that has begun by a day; an ended one holds no more. A division's own
    goes before that of the one above it, and holds nowhere else."""
    found: dict[tuple[str, str], Rule] = {}
    for row in rows:
        if row.state == PUBLISHED and row.valid_from <= day and division.startswith(division_prefix(row.division)):
            known = found.get((row.kind, row.key))
            if known is None or _weight(known) < _weight(row):
                found[row.kind, row.key] = row
    return [row for row in found.values() if row.valid_to is None or day < row.valid_to]


def _weight(row: Rule) -> tuple[int, int]:
    return len(division_prefix(row.division)), row.edition


def _read(rows: list[Rule]) -> Rules:
    rows = [row for row in rows if not forms.wrong_in(row.kind, row.definition)]  # one out of form counts nothing
    rates = {row.key: shipped.rate_of(row.definition) for row in rows if row.kind == RATE}
    scores = {row.key: shipped.score_of(row.definition) for row in rows if row.kind == SCORE}
    order = [rate.id for rate in shipped.rates()]
    own = [key for key in rates if key not in order]
    return {key: rates[key] for key in (*order, *sorted(own)) if key in rates}, scores


def of_publication(one: Publication) -> Rules:
    """The rules by which a period was counted when it was published."""
    rates = {given["id"]: shipped.rate_of(given) for given in one.rules["rates"]}
    return rates, {given["id"]: shipped.score_of(given) for given in one.rules["scores"]}


def snapshot(unit: Unit, period: Period, division: str) -> dict[str, Any]:
    """The rules of a period, to be kept with its publication."""
    rates, scores = on_day(unit, period, division)
    return {
        "rates": [shipped.plain_rate(rate) for rate in rates.values()],
        "scores": [shipped.plain_score(one) for one in scores.values()],
    }


def list_rules(unit: Unit, actor: Actor, kind: str = "", key: str = "") -> list[Rule]:
    return period_store.list_rules(unit, kind, key, seen_by=actor)


def check(unit: Unit, kind: str, definition: Mapping[str, Any], division: str, day: date) -> list[str]:
    """What stands in the way of a definition in a division from a day on; nothing when it holds. A rate must also leave
    the scores standing that are made of it."""
    if wrong := forms.wrong_in(kind, definition):
        return wrong
    try:
        rates, scores = _read(_holding(period_store.list_rules(unit, seen_by=COUNTER), day, division))
        if kind == SCORE:
            return scoring.problems_of(shipped.score_of(definition), rates)
        rate = shipped.rate_of(definition)
        found = model.problems_of(rate)
        for score in scores.values():
            if not found and any(part.rate == rate.id for part in score.parts):
                broken = scoring.problems_of(score, {**rates, rate.id: rate})
                found += [f"{score.id}: {problem}" for problem in broken]
        return found
    except (KeyError, TypeError, ValueError) as error:
        return [f"not readable: {error}"[:200]]


def write(unit: Unit, actor: Actor, kind: str, definition: Mapping[str, Any], valid_from: date, reason: str) -> Rule:
    """A new edition of a rate or a score, or a new one. It counts when it is published."""
    access.require(actor, DEFINE, actor.division, orgs=actor.chain)
    problems = check(unit, kind, definition, actor.division, valid_from)
    if problems:
        raise BadRule(problems)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why it is to be counted so")
    known = period_store.list_rules(unit, kind, str(definition["id"]), seen_by=COUNTER)
    new = Rule(
        id=ids.new("erl"),
        kind=kind,
        key=str(definition["id"]),
        division=actor.division,
        edition=1 + max((row.edition for row in known), default=0),
        state=DRAFT,
        definition=dict(definition),
        reason=reason.strip()[:1000],
        valid_from=valid_from,
        valid_to=None,
        made_by=actor.person,
        made_name=actor.name,
        made_at=unit.now,
        published_name="",
        published_at=None,
    )
    period_store.add_rule(unit, new)
    return new


def publish(unit: Unit, actor: Actor, rule_id: Id) -> Rule:
    """Let an edition count from its day on, by another person than its writer where the city wants that. What was
    published of past periods keeps the rules it was counted by."""
    was = period_store.get_rule(unit, rule_id, seen_by=actor)
    access.require(actor, DEFINE, was.division, orgs=actor.chain)
    if was.state != DRAFT:
        raise NotADraft(f"{was.key} {was.edition}")
    if settings.get(EvaluateSettings).second_person and was.made_by == actor.person:
        raise SecondPerson()
    problems = check(unit, was.kind, was.definition, was.division, was.valid_from)
    if problems:
        raise BadRule(problems)
    now = replace(was, state=PUBLISHED, published_name=actor.name, published_at=unit.now)
    period_store.save_rule(unit, now, was)
    return replace(now, version=was.version + 1)
