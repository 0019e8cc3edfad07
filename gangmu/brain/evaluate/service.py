"""Use cases of counting: take what is told, count its events anew, ship the rules."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from gangmu.base import places
from gangmu.brain.evaluate import counting, period_store, shipped, store, taking
from gangmu.brain.evaluate.counting import Rules
from gangmu.brain.evaluate.period_store import Rule
from gangmu.brain.evaluate.rows import CallRow, Case, CorrectionRow, EditionRow, Fact
from gangmu.brain.evaluate.settings import EvaluateSettings
from gangmu.brain.evaluate.store import Rowish
from gangmu.kit import ids, settings
from gangmu.kit.actor import System
from gangmu.kit.unit import Unit
from gangmu.kit.zone import day_of, zone
from gangmu.messages.event import EventsTold

COUNTER = System("evaluate")
PUBLISHED, DRAFT = "published", "draft"


def rules() -> Rules:
    """What the city has set about counting."""
    given = settings.get(EvaluateSettings)
    return Rules(
        words=shipped.words(),
        direct=shipped.calls()["direct"],
        idle=shipped.calls()["idle"],
        counts=given.counts,
        contact=timedelta(hours=given.contact_hours),
        answer=timedelta(seconds=given.answer_s),
    )


def take(unit: Unit, events: Sequence[str], *kinds: Sequence[Rowish]) -> None:
    """Keep what was told and count these events anew."""
    store.hold(unit, events)
    for rows in kinds:
        store.put(unit, rows)
    recount(unit, events)


def hear(unit: Unit, page: EventsTold) -> None:
    """Events told by the batch, with their whole history and clocks."""
    rows = [taking.event_of(one) for one in page.rows]
    acts = [taking.act_of(one) for one in page.acts]
    take(unit, [one.id for one in rows], rows, acts, taking.clocks_of(page.clocks))


def recount(unit: Unit, events: Sequence[str]) -> None:
    """The facts of these events from all that was told of them."""
    cases = store.cases_of(unit, events, seen_by=COUNTER)
    by_day: dict[date, Mapping[str, str]] = {}
    facts = [fact for case in cases for fact in facts_of(unit, case, by_day)]
    store.put_facts(unit, events, facts, zone())


def facts_of(unit: Unit, case: Case, by_day: dict[date, Mapping[str, str]]) -> list[Fact]:
    """The facts of one event; ``by_day`` remembers who walked which grid."""
    walkers: Mapping[str, str] = {}
    if case.event.duty_grid:
        day = day_of(case.event.reported_at)
        if day not in by_day:
            by_day[day] = walkers_on(unit, day)
        walkers = by_day[day]
    return counting.count_case(case, rules(), walkers)


def walkers_on(unit: Unit, day: date) -> dict[str, str]:
    """The patrol post of each responsibility grid on a day; of several duties the first by name."""
    found: dict[str, str] = {}
    for duty in places.duties_of(unit, COUNTER, day=day):
        found.setdefault(duty.grid, duty.post)
    return found


def take_call(unit: Unit, call: CallRow) -> None:
    """Keep a call and count it."""
    store.hold(unit, [call.id])
    store.put(unit, [call])
    facts = [fact for one in store.find_calls(unit, [call.id], seen_by=COUNTER) for fact in calls_facts(one)]
    store.put_facts(unit, [call.id], facts, zone())


def calls_facts(call: CallRow) -> list[Fact]:
    return counting.count_call(call, rules())


def take_knowledge(unit: Unit, entry: str, row: EditionRow | CorrectionRow) -> None:
    """Keep what was told of a knowledge entry and count it anew."""
    store.hold(unit, [entry])
    store.put(unit, [row])
    editions, corrections = store.find_entry(unit, entry, seen_by=COUNTER)
    store.put_facts(unit, [entry], entry_facts(editions, corrections), zone())


def entry_facts(editions: Sequence[EditionRow], corrections: Sequence[CorrectionRow]) -> list[Fact]:
    return counting.count_entry(editions, corrections, zone())


def load_shipped(unit: Unit) -> None:
    """Rates and scores as the house ships them: those that are not there yet, and a new edition of those that it counts
    otherwise now. A city's own editions stay and go before them; what is published keeps its rules."""
    newest: dict[tuple[str, str], int] = {}
    held: dict[tuple[str, str], Rule] = {}
    for row in period_store.list_rules(unit, seen_by=COUNTER):
        newest[row.kind, row.key] = max(row.edition, newest.get((row.kind, row.key), 0))
        if not row.division and row.edition >= held.get((row.kind, row.key), row).edition:
            held[row.kind, row.key] = row
    given = [("rate", rate.id, shipped.plain_rate(rate)) for rate in shipped.rates()]
    given += [("score", one.id, shipped.plain_score(one)) for one in shipped.scores()]
    for kind, key, definition in given:
        known = held.get((kind, key))
        if known is None or not shipped.same(kind, known.definition, definition):
            period_store.add_rule(unit, _shipped_rule(unit, kind, key, definition, 1 + newest.get((kind, key), 0)))


def _shipped_rule(unit: Unit, kind: str, key: str, definition: Mapping[str, Any], edition: int) -> Rule:
    return Rule(
        id=ids.new("erl"),
        kind=kind,
        key=key,
        division="",
        edition=edition,
        state=PUBLISHED,
        definition=definition,
        reason="",
        valid_from=date(2000, 1, 1),
        valid_to=None,
        made_by=None,
        made_name="",
        made_at=unit.now,
        published_name="",
        published_at=unit.now,
    )
