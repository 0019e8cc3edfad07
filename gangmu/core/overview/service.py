"""Use cases of the desks' views: count days, find what repeats, put the figures of a view together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from gangmu.core import flow
from gangmu.core.event import Event, get_event, reading
from gangmu.core.event.reading import Load, Queue
from gangmu.core.event.service import find_events
from gangmu.core.flow import service as flow_service
from gangmu.core.overview import model, store
from gangmu.core.overview.model import DayCount, Place
from gangmu.core.overview.settings import OverviewSettings
from gangmu.core.report import service as report_service
from gangmu.kit import ids, settings, zone
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.text import division_full, division_prefix
from gangmu.kit.unit import Unit

CLOSED = "@closed"


def day_of(unit: Unit, at: datetime | None = None) -> date:
    """The day of the city."""
    return zone.day_of(at or unit.now)


# --- counting -----------------------------------------------------------------------------------------------


def count(unit: Unit, what: str, division: str, org: Id | None, at: datetime) -> None:
    """One more of something on a day, by town and organisation."""
    area = division_full(division[:9])
    store.count_day(unit, {"day": day_of(unit, at), "division": area, "org": org, "what": what})


def is_end(unit: Unit, event_id: Id, from_state: str, to_state: str) -> bool:
    """Whether a move ended the matter: out of an open state into one that counts as closed."""
    one = get_event(unit, unit.actor, event_id)
    way = flow_service.get_flow(unit, unit.actor, one.flow, one.flow_version)
    was, now = way.find_state(from_state), way.find_state(to_state)
    return was is not None and now is not None and was.status.value == "open" and now.status.value == "closed"


def fold(unit: Unit) -> int:
    """Keep the counts short."""
    return store.fold_days(unit, day_of(unit) - timedelta(days=3), 500)


def forget(unit: Unit) -> int:
    return store.forget_days(unit, day_of(unit) - timedelta(days=settings.get(OverviewSettings).keep_days))


def find_repeats(unit: Unit) -> int:
    """Look for places and callers of the last days that come again and again. A chore: it walks the span once."""
    rules = settings.get(OverviewSettings)
    since = unit.now - timedelta(days=rules.repeat_days)
    places = [
        Place(
            id=ids.new("orp"),
            kind="place",
            division=one.division,
            orgs=one.orgs,
            matter=one.matter,
            n=one.n,
            open=one.open,
            west=one.west,
            south=one.south,
            east=one.east,
            north=one.north,
            address=one.address,
            last_at=one.last_at,
            events=one.events,
            made_at=unit.now,
        )
        for one in reading.list_repeats(unit, unit.actor, since, rules.repeat_least)
    ]
    callers = [
        Place(
            id=ids.new("orp"),
            kind="caller",
            division=_common(one.divisions),
            orgs=(),
            matter=None,
            n=one.n,
            open=0,
            west=None,
            south=None,
            east=None,
            north=None,
            address="",
            last_at=one.last_at,
            events=one.events,
            made_at=unit.now,
        )
        for one in report_service.list_callers(unit, unit.actor, since, rules.repeat_least)
    ]
    store.put_repeats(unit, [*places, *callers])
    return len(places) + len(callers)


def _common(codes: Sequence[str]) -> str:
    """The smallest division in which all of these lie."""
    for length in (12, 9, 6, 4, 2):
        heads = {code[:length] for code in codes}
        if len(heads) == 1:
            return division_full(heads.pop())
    return division_full("")


# --- the shift leader ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StateQueue:
    """What waits in one state: how much, how late, since when the longest."""

    flow: flow.Flow
    state: str
    own: bool
    tally: model.Tally
    look: Queue | None


def queues(unit: Unit, actor: Actor) -> list[StateQueue]:
    """The queues of all states that somebody of the centre holds, one's own first with a look into each."""
    rows = reading.sums(unit, actor, "state")
    ways = {name: flow_service.current_flow(unit, actor, name) for name in sorted({str(row["flow"]) for row in rows})}
    made = []
    for name, way in ways.items():
        tallies = {one.key: one for one in model.tallied([row for row in rows if row["flow"] == name])}
        for state in way.states:
            if state.id not in tallies:
                continue
            own = state.holder in actor.roles
            look = reading.look(unit, actor, name, state.id) if own or state.holder_of.value != "lead_org" else None
            made.append(StateQueue(way, state.id, own, tallies[state.id], look))
    return sorted(made, key=lambda one: (not one.own, -one.tally.late, -one.tally.n))


# --- figures ------------------------------------------------------------------------------------------------


def open_by(unit: Unit, actor: Actor, grain: str, digits: int = 6) -> list[Mapping[str, Any]]:
    return reading.sums(unit, actor, grain, digits)


def loads(unit: Unit, actor: Actor) -> list[Load]:
    """What lies on whom in one's organisation and below, the most loaded first."""
    if not actor.orgs:
        return []
    found = reading.load(unit, actor, actor.orgs)
    return sorted(found, key=lambda one: (one.post is None, -one.late, -one.n))


def list_of_post(unit: Unit, actor: Actor, post: Id) -> list[Event]:
    """The open events in the hands of one of one's people, late first."""
    return reading.list_of_handler(unit, actor, post)


def days(unit: Unit, actor: Actor, count_days: int, *, by_day: bool = False, orgs: Sequence[Id] = ()) -> list[DayCount]:
    """What happened in the last days, today included."""
    since = day_of(unit) - timedelta(days=count_days - 1)
    return store.list_days(unit, since, seen_by=actor, by_day=by_day, orgs=orgs)


def place_digits(actor: Actor) -> int:
    """The next finer division than the actor's own: a city sees counties, a county towns, a town communities."""
    own = len(division_prefix(actor.division)) if actor.division else 0
    return 6 if own < 6 else 9 if own < 9 else 12


def repeats(unit: Unit, actor: Actor, kind: str, most: int = 20) -> list[Place]:
    return store.list_repeats(unit, most, seen_by=actor, kind=kind)


def list_of_repeat(unit: Unit, actor: Actor, repeat_id: Id) -> list[Event]:
    """The events of something that repeats, as far as one may see them, the newest first."""
    return find_events(unit, actor, store.get_repeat(unit, repeat_id, seen_by=actor).events)


def rework_states(ways: Iterable[flow.Flow]) -> list[tuple[str, str]]:
    """The states (by flow) into which a failed check sends work back."""
    return sorted({(way.id, verb.to) for way in ways for verb in way.verbs if "rework_clock" in verb.effects})


# --- what a desk remembers ----------------------------------------------------------------------------------


def remember(unit: Unit, actor: Actor, key: str, value: Any) -> None:
    """Keep something small under a key for this person's desk."""
    if actor.person is None:
        raise Invalid(field="person", reason="a desk belongs to a person")
    store.keep_memory(unit, actor.person, key, value)


def memory(unit: Unit, actor: Actor) -> dict[str, Any]:
    return store.list_memory(unit, seen_by=actor) if actor.person else {}
