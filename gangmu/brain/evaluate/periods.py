"""Use cases of published periods: prepare, publish, correct. What is published stays as it is, with what it counted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from gangmu.base import access, city
from gangmu.brain.evaluate import period_store, rules
from gangmu.brain.evaluate.errors import NobodyScored, NotADraft, NotAllHeard, PeriodOpen, PeriodWaits, SecondPerson
from gangmu.brain.evaluate.model import Period, parse_period
from gangmu.brain.evaluate.period_store import Publication
from gangmu.brain.evaluate.service import DRAFT, PUBLISHED, day_of, zone
from gangmu.brain.evaluate.settings import EvaluateSettings
from gangmu.kit import ids, jobs, settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.text import division_prefix
from gangmu.kit.unit import Unit

PUBLISH = "evaluate.publish"
MOST_DIFFERENCES = 500


def is_open(unit: Unit, period: Period) -> bool:
    """Whether a period is not over yet."""
    return day_of(unit.now) < period.end


def list_periods(unit: Unit, actor: Actor, period: str = "") -> list[Publication]:
    return period_store.list_periods(unit, period, seen_by=actor)


def get_period(unit: Unit, actor: Actor, period_id: Id) -> Publication:
    return period_store.get_period(unit, period_id, seen_by=actor)


def get_published(unit: Unit, actor: Actor, period_id: Id) -> Publication:
    found = get_period(unit, actor, period_id)
    if found.state != PUBLISHED:
        raise NotFound(what=str(period_id))
    return found


def find_published(unit: Unit, actor: Actor, period: str, edition: int | None = None) -> Publication | None:
    """The newest publication of a period (or that edition) of the division that the asker belongs into."""
    found = [one for one in list_periods(unit, actor, period) if one.state == PUBLISHED]
    covering = [one for one in found if _covers(one, actor)]
    if edition is not None:
        covering = [one for one in covering if one.edition == edition]
    return max(covering, key=lambda one: (len(division_prefix(one.division)), one.edition), default=None)


def _covers(one: Publication, actor: Actor) -> bool:
    """Whether a publication holds all that the asker reaches."""
    return actor.kind == "system" or actor.division.startswith(division_prefix(one.division))


def prepare(unit: Unit, actor: Actor, name: str, reason: str) -> Publication:
    """A draft of a period that is over. Where it was published before this is a correction, and says why."""
    access.require(actor, PUBLISH, actor.division, orgs=actor.chain)
    if not city.scores_people():
        raise NobodyScored()
    period = parse_period(name)
    if is_open(unit, period):
        raise PeriodOpen(period.name)
    known = [one for one in list_periods(unit, actor, period.name) if one.division == actor.division]
    if any(one.state == DRAFT for one in known):
        raise PeriodWaits(period.name)
    if known and not reason.strip():
        raise Invalid(field="reason", reason="say why what was published is corrected")
    new = Publication(
        id=ids.new("evp"),
        period=period.name,
        start=period.start,
        end=period.end,
        division=actor.division,
        edition=1 + max((one.edition for one in known), default=0),
        state=DRAFT,
        reason=reason.strip()[:1000],
        prepared_by=actor.person,
        prepared_name=actor.name,
        prepared_at=unit.now,
        published_by=None,
        published_name="",
        published_at=None,
        facts=0,
        rules={"rates": [], "scores": []},
    )
    period_store.add_period(unit, new)
    return new


def _all_heard(unit: Unit, one: Publication) -> None:
    """Nothing that happened in the period may still wait to be counted, or have failed on its way."""
    ends = datetime.combine(one.end, time(), zone())
    waiting = jobs.not_heard(unit, "evaluate.", ends)
    if waiting:
        raise NotAllHeard(one.period, waiting)


def publish(unit: Unit, actor: Actor, period_id: Id) -> Publication:
    """Freeze a period: its facts and its rules as they are now. Earlier editions stay readable."""
    was = period_store.get_period(unit, period_id, seen_by=actor, lock=True)
    access.require(actor, PUBLISH, was.division, orgs=actor.chain)
    if was.state != DRAFT:
        raise NotADraft(was.period)
    if settings.get(EvaluateSettings).second_person and was.prepared_by == actor.person:
        raise SecondPerson()
    _all_heard(unit, was)
    now = replace(
        was,
        state=PUBLISHED,
        published_by=actor.person,
        published_name=actor.name,
        published_at=unit.now,
        facts=period_store.freeze(unit, was),
        rules=rules.snapshot(unit, parse_period(was.period), was.division),
    )
    period_store.save_period(unit, now, was)
    return replace(now, version=was.version + 1)


def withdraw(unit: Unit, actor: Actor, period_id: Id) -> None:
    """Take a draft back."""
    was = period_store.get_period(unit, period_id, seen_by=actor, lock=True)
    access.require(actor, PUBLISH, was.division, orgs=actor.chain)
    if was.state != DRAFT:
        raise NotADraft(was.period)
    period_store.drop_period(unit, was)


def before(unit: Unit, actor: Actor, one: Publication) -> Publication | None:
    """The edition that a publication corrects."""
    older = [
        other
        for other in list_periods(unit, actor, one.period)
        if other.state == PUBLISHED and other.division == one.division and other.edition < one.edition
    ]
    return max(older, key=lambda other: other.edition, default=None)


def differences(unit: Unit, actor: Actor, newer: Publication, older: Publication) -> list[Mapping[str, Any]]:
    """The facts that a correction counts otherwise."""
    return period_store.list_differences(unit, newer.id, older.id, MOST_DIFFERENCES, seen_by=actor)
