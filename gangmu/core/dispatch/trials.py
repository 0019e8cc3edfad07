"""Trying an edition of the duty list on the past (试运行) behind the answer: asked for, worked through in steps that
are seen, and read when it is done.

Each step is a unit of its own, so that nothing is held open over ten million events. A process that dies is followed by
one that begins anew: a try-out changes nothing but its own row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from gangmu.base import access
from gangmu.core.dispatch import edition, edition_store, service, trial_store, tryout
from gangmu.core.dispatch.edition import EVERYTHING, Tried
from gangmu.core.dispatch.model import Duty
from gangmu.core.dispatch.trial_store import DutyTrial
from gangmu.core.dispatch.tryout import Lists, Shift, Trial
from gangmu.core.event import past as past_events
from gangmu.core.event.past import Shown
from gangmu.core.event.service import find_events
from gangmu.kit import ids
from gangmu.kit.actor import Actor
from gangmu.kit.errors import HouseError
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.dispatch import DutyTrialAsked

OpenUnit = Callable[[], AbstractContextManager[Unit]]
SLICES = 30
CHUNK = 5000
COUNTS = ("events", "same", "changed", "helpers", "unclassed")
_ABSENT = timedelta(minutes=10)


def ask(unit: Unit, actor: Actor, edition_id: Id, days: int = edition.USUAL_DAYS) -> DutyTrial:
    """Let an edition be tried on the events of the last days. Who asks while the same is being worked out gets that."""
    one = edition_store.get(unit, edition_id, seen_by=actor, lock=True)
    last = trial_store.newest_trial(unit, edition_id, seen_by=actor)
    if last is not None and last.state in ("waiting", "running") and last.asked_at > unit.now - _ABSENT:
        same = (last.edition_version, last.days, last.post) == (one.version, days, actor.post)
        if same:
            return last
    new = DutyTrial(
        id=ids.new("dtt"),
        edition=edition_id,
        edition_version=one.version,
        days=days,
        state="waiting",
        phase="",
        done=0,
        total=0,
        post=actor.post,
        asked_by_name=actor.name,
        asked_at=unit.now,
        ended_at=None,
        why="",
        found=None,
    )
    trial_store.add_trial(unit, new)
    unit.tell(DutyTrialAsked(about=new.id, edition=edition_id, orgs=[], division=actor.division, at=unit.now))
    return new


def newest(unit: Unit, actor: Actor, edition_id: Id) -> tuple[DutyTrial | None, Tried | None]:
    """The last try-out of an edition and what it found, with the examples that the reader may open."""
    edition_store.get(unit, edition_id, seen_by=actor)
    last = trial_store.newest_trial(unit, edition_id, seen_by=actor)
    found = None if last is None or last.found is None else _read(unit, actor, last.found)
    return last, found


# --- working it out -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Work:
    """What is known of a try-out on its way."""

    trial: DutyTrial
    actor: Actor
    before: Lists
    after: Lists
    since: datetime
    until: datetime
    day: date
    counts: dict[tuple[Id | None, str], int] = field(default_factory=dict)


def run(open_unit: OpenUnit, trial_id: Id) -> None:
    """Work a try-out through; one that is done is left alone."""
    with open_unit() as unit:
        trial = trial_store.get_trial(unit, trial_id, seen_by=EVERYTHING)
    if trial.state not in ("waiting", "running"):
        return
    try:
        tried, told = _worked_out(open_unit, trial)
    except HouseError as refused:
        with open_unit() as unit:
            was = trial_store.get_trial(unit, trial_id, seen_by=EVERYTHING)
            trial_store.end_trial(unit, was, "failed", None, refused.code)
        return
    with open_unit() as unit:
        was = trial_store.get_trial(unit, trial_id, seen_by=EVERYTHING)
        trial_store.end_trial(unit, was, "done", told, "")
        counts = {name: getattr(tried.found, name) for name in COUNTS}
        span = {"since": tried.since.isoformat(), "until": tried.until.isoformat()}
        edition_store.keep_tried(unit, was.edition, {**counts, **span, "edition_version": was.edition_version})


def _worked_out(open_unit: OpenUnit, trial: DutyTrial) -> tuple[Tried, dict[str, Any]]:
    with open_unit() as unit:
        work = _begun(unit, trial)
    slices = list(_slices(work.since, work.until))
    for n, (since, until) in enumerate(slices):
        with open_unit() as unit:
            trial_store.progress(unit, trial.id, "reading", n, len(slices))
            for row in past_events.list_places(unit, EVERYTHING, since, until):
                key = row.matter, row.division
                work.counts[key] = work.counts.get(key, 0) + row.n
    with open_unit() as unit:
        asked, matters, unclassed = edition.asked_of(unit, work.actor, work.counts)
    found = Trial()
    for start in range(0, len(asked), CHUNK):
        with open_unit() as unit:
            trial_store.progress(unit, trial.id, "asking", start, len(asked))
        tryout.try_out(work.before, work.after, asked[start : start + CHUNK], found)
    found.events += unclassed
    found.unclassed = unclassed
    with open_unit() as unit:
        trial_store.progress(unit, trial.id, "examples", len(asked), len(asked))
        examples = edition.examples_of(unit, work.actor, found, matters, work.since, work.until)
    tried = Tried(found, work.since, work.until, work.day, examples)
    return tried, _kept(tried)


def _begun(unit: Unit, trial: DutyTrial) -> _Work:
    actor = access.actor_of_post(unit, trial.post) if trial.post else EVERYTHING
    one = edition_store.get(unit, trial.edition, seen_by=EVERYTHING)
    changes = edition_store.changes_of(unit, trial.edition, seen_by=EVERYTHING)
    until = trial.asked_at
    day = max(one.valid_from, service.today(unit))
    holding = edition_store.list_holding(unit, day, seen_by=EVERYTHING)
    after = edition.list_after(one, changes, holding)
    lists = [edition.lists(unit, day, until, rows) for rows in (holding, after)]
    return _Work(trial, actor, lists[0], lists[1], until - timedelta(days=trial.days), until, day)


def _slices(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The time in even parts, end to end."""
    step = (until - since) / SLICES
    for n in range(SLICES):
        yield since + step * n, until if n == SLICES - 1 else since + step * (n + 1)


# --- keeping what was found --------------------------------------------------------------------------------


def _kept(tried: Tried) -> dict[str, Any]:
    shifts = tried.found.sorted_shifts()[: edition.SHOWN]
    return {
        "since": tried.since.isoformat(),
        "until": tried.until.isoformat(),
        "day": tried.day.isoformat(),
        **{name: getattr(tried.found, name) for name in COUNTS},
        "shifts": [
            {
                "before": shift.before,
                "after": shift.after,
                "row": _plain(shift.row) if shift.row else None,
                "n": shift.n,
                "examples": [one.id for one in tried.examples.get(_key(shift), ())],
            }
            for shift in shifts
        ],
    }


def _key(shift: Shift) -> tuple[Id | None, Id | None, Id | None]:
    return shift.before, shift.after, shift.row.id if shift.row else None


def _plain(row: Duty) -> dict[str, Any]:
    values = {one.name: getattr(row, one.name) for one in fields(Duty)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _duty(kept: Mapping[str, Any]) -> Duty:
    values = dict(kept)
    for name in ("id", "lead_org", "replaces"):
        values[name] = Id(values[name]) if values[name] else None
    values["assistants"] = tuple(Id(one) for one in values["assistants"])
    for name in ("valid_from", "valid_to"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return Duty(**values)


def _read(unit: Unit, actor: Actor, kept: Mapping[str, Any]) -> Tried:
    """What was found, for whoever reads it now: the examples are those that he may open."""
    trial = Trial(**{name: kept[name] for name in COUNTS})
    named: dict[tuple[Id | None, Id | None, Id | None], Sequence[Id]] = {}
    for one in kept["shifts"]:
        row = _duty(one["row"]) if one["row"] else None
        shift = Shift(_id(one["before"]), _id(one["after"]), row, one["n"])
        trial.shifts[_key(shift)] = shift
        named[_key(shift)] = [Id(each) for each in one["examples"]]
    seen = {one.id: one for one in find_events(unit, actor, {each for ones in named.values() for each in ones})}
    examples = {
        key: [Shown(seen[one].id, seen[one].case_no, seen[one].title) for one in ones if one in seen]
        for key, ones in named.items()
    }
    since, until = (datetime.fromisoformat(kept[name]) for name in ("since", "until"))
    return Tried(trial, since, until, date.fromisoformat(kept["day"]), examples)


def _id(text: str | None) -> Id | None:
    return Id(text) if text else None
