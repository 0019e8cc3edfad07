"""Use cases of a replay: read a file, plan what belongs together, play it batch by batch, read back what came of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from gangmu.base import org, places
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.base.org.service import find_org_named
from gangmu.base.places.errors import NoCity
from gangmu.core.intake import service as intake
from gangmu.core.intake.mapping import Mapper
from gangmu.core.intake.model import Incoming, positions
from gangmu.core.intake.profile import Profile
from gangmu.core.intake.promises import Promise
from gangmu.core.intake.readers.table import Raw
from gangmu.core.intake.resolving import Resolver
from gangmu.core.intake.run import Source, digest_of, open_source
from gangmu.core.intake.service import Mapped
from gangmu.core.intake.settings import IntakeSettings
from gangmu.core.intake.values import as_text, cleaned
from gangmu.core.replay.comparing import Rulebook
from gangmu.core.replay.errors import NotItsOwn
from gangmu.core.replay.playing import Plan, Player
from gangmu.core.replay.script import is_open_on
from gangmu.kit import clock, settings, virtual
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.text import t
from gangmu.kit.unit import Unit

OpenUnit = Callable[[], AbstractContextManager[Unit]]
Told = Callable[[int, int], None]
BATCH = 1000
UNNAMED = 2


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file that can be played: what it is, and what the file says besides."""

    mapped: Mapped
    found: Incoming
    group: str
    verdict: str = ""  # met, missed or nothing said
    is_duplicate: bool = False
    same: tuple[str, ...] = ()


@dataclass(slots=True)
class Reading:
    """A file read whole. ``until`` is the last moment that it knows of: there its city's clock stands."""

    rows: list[Row]
    bad: list[Mapped]
    columns: tuple[str, ...]
    mapper: Mapper
    promises: dict[str, Promise]
    until: datetime
    notes: dict[str, str] = field(default_factory=dict)
    mains: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """What a replay did: counts of the batch, acts decided, time taken."""

    reading: Reading
    counts: dict[str, int]
    transitions: int
    merged: int
    refused: list[tuple[str, str, str]]
    wall_s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        return self.transitions / self.wall_s if self.wall_s else 0.0


def read(path: Path, profile: Profile, most: int | None = None) -> Reading:
    """Read a file and find out which rule each row runs on, and which case a duplicate belongs to."""
    with open_source(Source(path, profile, "")) as table:
        mapper = Mapper(profile, table.columns, settings.get(IntakeSettings).rules())
        where = positions(profile, table.columns)
        rules, good, bad, now = Rulebook(profile), list[Row](), list[Mapped](), clock.real_now()
        promises: dict[str, Promise] = {}
        for raw in islice(table.rows, most):
            found = mapper.map(raw, now)
            if not isinstance(found, Incoming):
                bad.append(Mapped(raw, found))
                continue
            cells = _Cells(raw, where)
            good.append(_row(profile, Mapped(raw, found), found, cells))
            rule = rules.promise_for(cells, found.happened_at)
            if rule is not None and rule.runs and found.target_at is not None:
                promises[found.number] = rule
        notes = {"columns": list(table.columns), "format": table.form, **table.notes}
        columns = table.columns
    times = [at for row in good for at in (row.found.received_at, row.found.closed_at, row.found.replied_at) if at]
    reading = Reading(good, bad, columns, mapper, promises, max(times, default=now), notes)
    reading.mains = find_mains(good)
    return reading


class _Cells(dict[str, str]):
    """The values of a row by column, read when somebody asks."""

    def __init__(self, raw: Raw, where: dict[str, int]) -> None:
        super().__init__()
        self._raw, self._where = raw, where

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        spot = self._where.get(name)
        return default if spot is None else cleaned(as_text(self._raw.cells[spot])).strip()


def _row(profile: Profile, mapped: Mapped, found: Incoming, cells: _Cells) -> Row:
    verdict, duplicates = "", profile.duplicates
    if profile.verdict is not None:
        said = cells.get(profile.verdict.column)
        verdict = "met" if said in profile.verdict.met else "missed" if said in profile.verdict.missed else ""
    group = found.matter_path[-1] if found.matter_path else found.title
    if duplicates is None:
        return Row(mapped, found, group, verdict)
    same = tuple(cells.get(name) for name in duplicates.same)
    is_duplicate = duplicates.pattern.search(cells.get(duplicates.column)) is not None
    return Row(mapped, found, group, verdict, is_duplicate, same if all(same) else ())


def find_mains(rows: Sequence[Row]) -> dict[str, str]:
    """For the number of each duplicate that has one: the earliest case of the same values that was still open when it
    came, and is no duplicate itself."""
    cases: dict[tuple[str, ...], list[Incoming]] = {}
    for row in rows:
        if row.same and not row.is_duplicate:
            cases.setdefault(row.same, []).append(row.found)
    for found in cases.values():
        found.sort(key=lambda one: (one.received_at, one.at))
    mains: dict[str, str] = {}
    for row in rows:
        if row.is_duplicate and row.same:
            came = row.found.received_at
            main = next(
                (
                    one
                    for one in cases.get(row.same, ())
                    if one.number != row.found.number and is_open_on(one.received_at, one.closed_at, came)
                ),
                None,
            )
            if main is not None:
                mains[row.found.number] = main.number
    return mains


def play(
    open_unit: OpenUnit, actor: Actor, path: Path, profile: Profile, text: str, reading: Reading, told: Told
) -> Run:
    """Play a file that was read. What has been played before is counted and left alone; bad rows wait in quarantine."""
    with open_unit() as unit:
        _own_folder(unit, actor)
    if not clock.is_virtual() or clock.now() < reading.until:
        virtual.put(reading.until)
    with open_unit() as unit:
        batch, _ = intake.begin_batch(
            unit, actor, profile, profile_text=text, file_name=path.name, digest=digest_of(path, f"replay {text}"),
            notes=reading.notes,
        )  # fmt: skip
        units = _unnamed(unit, actor)
    player = Player(Plan(reading.promises, reading.mains, units, reading.until), profile.owner or profile.name)
    resolver, counts = Resolver(profile), dict.fromkeys(("read", "accepted", "quarantined", "already"), 0)
    begun, worked, done = clock.monotonic(), clock.cpu_s(), 0
    total = len(reading.rows) + len(reading.bad)
    for part in batches(reading):
        with open_unit() as unit:
            came = intake.take_chunk(unit, actor, batch, reading.mapper, resolver, part, player.take)
        for key in counts:
            counts[key] += getattr(came, key)
        done += len(part)
        told(done, total)
    wall, cpu = clock.monotonic() - begun, clock.cpu_s() - worked
    with open_unit() as unit:
        intake.end_batch(unit, actor, batch.id)
    return Run(reading, counts, player.transitions, player.merged, player.refused, wall, cpu)


def batches(reading: Reading, size: int = BATCH) -> Iterator[list[Mapped]]:
    """Rows in batches by the time they came; a duplicate travels with its main case."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(reading.rows, key=lambda row: (row.found.received_at, row.found.at)):
        groups.setdefault(reading.mains.get(row.found.number, row.found.number), []).append(row)
    part: list[Mapped] = list(reading.bad)
    for group in groups.values():
        if part and len(part) + len(group) > size:
            yield part
            part = []
        part += [row.mapped for row in group]
    if part:
        yield part


def _own_folder(unit: Unit, actor: Actor) -> None:
    """A replay has a city of its own: its clock stands in the past."""
    try:
        held = places.city(unit, actor)
    except NoCity:
        return
    if not clock.is_virtual():
        raise NotItsOwn(city=held.name)


def _unnamed(unit: Unit, actor: Actor) -> list[Id]:
    """The units that cases are given to whose record names none."""
    city = places.city(unit, actor).code
    found = []
    for number in range(1, UNNAMED + 1):
        name = t("replay.unnamed_unit", "zh-CN", number=number)
        known = find_org_named(unit, actor, name, city)
        found.append(known.id if known else org.add_org(unit, actor, name, OrgKind.department, OrgLevel.city, city).id)
    return found
