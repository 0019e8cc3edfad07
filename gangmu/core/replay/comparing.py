"""Targets of a file held against the rules of its profile: every one is computed anew by the house's clocks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from gangmu.base.calendar import Almanac, Calendar, shipped
from gangmu.base.calendar.shipped import shipped_names
from gangmu.core.deadline.model import Clock, due
from gangmu.core.intake.model import positions
from gangmu.core.intake.profile import Profile
from gangmu.core.intake.promises import Promise
from gangmu.core.intake.run import Source, open_source
from gangmu.core.intake.values import as_text, cleaned, to_utc, wall_time
from gangmu.core.replay.errors import NoRule
from gangmu.core.replay.model import TOLERANCE, Compared, Example, cause_of


@dataclass(slots=True)
class Rulebook:
    """The rules of a profile with their calendars laid out."""

    profile: Profile
    _almanacs: dict[str, Almanac] = field(default_factory=dict)

    def promise_for(self, values: Mapping[str, str], opened: datetime) -> Promise | None:
        """The rule that a case is promised under."""
        day = opened.astimezone(self.profile.zone).date()
        return next((one for one in self.profile.promises if one.fits(values, day)), None)

    def due(self, promise: Promise, opened: datetime, days: int = 0) -> datetime | None:
        """When a case is due that was opened then; ``days`` more or less than the rule says."""
        almanac = self.almanac(promise.calendar)
        limit = promise.limit if not days else replace(promise.limit, amount=promise.limit.amount + days)
        if limit.amount <= 0:
            return None
        begun = promise.begin(opened, almanac.calendar)
        return due(Clock(limit, begun, promise.meaning), almanac).at

    def cause(self, promise: Promise | None, opened: datetime, target: datetime, computed: datetime) -> str:
        """Why a target differs from what its rule comes to."""
        if promise is None:
            return cause_of(opened, target, computed, lambda days: None)
        plain = Almanac(replace(self.almanac(promise.calendar).calendar, days={}))
        begun = promise.begin(opened, plain.calendar)
        unbroken = due(Clock(promise.limit, begun, promise.meaning), plain).at
        return cause_of(opened, target, computed, lambda days: self.due(promise, opened, days), unbroken)

    def almanac(self, name: str) -> Almanac:
        """A calendar of the profile, or of the package."""
        if name not in self._almanacs:
            self._almanacs[name] = Almanac(self._calendar(name))
        return self._almanacs[name]

    def _calendar(self, name: str) -> Calendar:
        own = self.profile.calendar
        if own is not None and name in ("", own.name) and own.name not in shipped_names():
            return own
        return shipped(name or (own.name if own is not None else "plain"))


def compare(path: Path, profile: Profile, most: int | None = None) -> list[Compared]:
    """Compare every target of a file that a rule of the profile covers, at most so many rows. One result a rule, in
    the profile's order; the editions of one rule (of one id) count together."""
    if not profile.promises or "target_at" not in profile.rules:
        raise NoRule(profile=profile.name)
    rules, found = Rulebook(profile), dict[str, Compared]()
    for one in profile.promises:
        found.setdefault(one.id, Compared(one.id, one.title, str(one.limit)))
    with open_source(Source(path, profile, "")) as table:
        for at, values, opened, target in islice(_rows(table.rows, table.columns, profile), most):
            promise = rules.promise_for(values, opened)
            if promise is not None:
                _weigh(rules, promise, found[promise.id], at, opened, target)
    return list(found.values())


def _weigh(rules: Rulebook, promise: Promise, into: Compared, at: int, opened: datetime, target: datetime) -> None:
    computed = rules.due(promise, opened)
    into.n += 1
    if computed is not None and abs(computed - target) <= TOLERANCE:
        into.equal += 1
        return
    shown = computed or target
    cause = rules.cause(promise, opened, target, shown)
    zone = rules.profile.zone
    into.differs(cause, Example(at, opened.astimezone(zone), target.astimezone(zone), shown.astimezone(zone)))


def _rows(
    rows: Iterator[Any], columns: Sequence[str], profile: Profile
) -> Iterator[tuple[int, dict[str, str], datetime, datetime]]:
    """Rows with a start and a target: where they stand, the values that rules ask for, both times."""
    where = positions(profile, columns)
    asked = {name: where[name] for one in profile.promises for name in one.when if name in where}
    starts, targets = (
        [where[name] for name in profile.rules[rule].columns if name in where] for rule in ("happened_at", "target_at")
    )
    for raw in rows:
        if raw.fault is not None:
            continue
        opened, target = _time(raw.cells, starts, profile), _time(raw.cells, targets, profile)
        if opened is not None and target is not None:
            yield raw.at, {name: _text(raw.cells[spot]) for name, spot in asked.items()}, opened, target


def _time(cells: Sequence[Any], spots: Sequence[int], profile: Profile) -> datetime | None:
    for spot in spots:
        text = _text(cells[spot])
        found = wall_time(cells[spot], text, profile.dates) if text and text not in profile.blanks else None
        if found is not None:
            return to_utc(found[0], profile.zone).astimezone(UTC)
    return None


def _text(cell: Any) -> str:
    return cleaned(as_text(cell)).strip()
