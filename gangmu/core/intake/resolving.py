"""From words of the source to rows of the city: divisions, classes, departments. One resolver a running import."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gangmu.base import org, places
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.base.org.service import find_org_named
from gangmu.base.places import Level
from gangmu.base.places.errors import GridCodesSpent
from gangmu.base.places.service import current_atlas
from gangmu.core.intake.model import Incoming, Known
from gangmu.core.intake.profile import Profile
from gangmu.core.matter import learning
from gangmu.kit import geo
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.text import division_full
from gangmu.kit.unit import Unit


def known_codes(unit: Unit, actor: Actor, profile: Profile) -> Known:
    """The codes that rows may name: divisions of the city and classes of the catalogue, where the profile reads any."""
    divisions = matters = None
    if "division" in profile.rules:
        divisions = frozenset(one.code for one in places.list_divisions(unit, actor, None))
    if "matter" in profile.rules:
        matters = frozenset(learning.codes_now(unit, actor, unit.now.date()))
    return Known(divisions, matters)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a row lies: CGCS2000 degrees (None without a point), 12-digit division, unit grid, flags."""

    lon: float | None
    lat: float | None
    division: str
    unit_grid: str
    flags: tuple[str, ...]


@dataclass(slots=True)
class Resolver:
    """Remembers what it has found or founded, for one import. What it adds is part of the chunk's transaction; call
    ``forget`` when that is rolled back."""

    profile: Profile
    city: str = ""
    _divisions: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    _matters: dict[tuple[str, ...], Id | None] = field(default_factory=dict)
    _orgs: dict[str, Id | None] = field(default_factory=dict)

    def forget(self) -> None:
        self.city = ""
        self._divisions.clear()
        self._matters.clear()
        self._orgs.clear()

    # --- places --------------------------------------------------------------------------------------

    def spots(self, unit: Unit, actor: Actor, rows: Sequence[Incoming]) -> list[Spot]:
        """The place of each row: its own division, else where its point lies, else the whole city."""
        if not self.city:
            self.city = places.city(unit, actor).code
        points = self._points(rows)
        inside = self._attributed(unit, points)
        return [self._spot(unit, actor, row, points[n], inside.get(n)) for n, row in enumerate(rows)]

    def _spot(
        self, unit: Unit, actor: Actor, row: Incoming, point: tuple[float, float] | None, where: tuple[str, str] | None
    ) -> Spot:
        flags: tuple[str, ...] = ()
        division, unit_grid = row.division, ""
        if where is not None:
            if where[0]:
                unit_grid = where[1]
                division = division or where[0]
            elif "outside_city" not in row.flags:
                flags = ("outside_city",)
        if not division:
            division, more = self._named(unit, actor, row.places)
            flags += more
        lon, lat = point if point else (None, None)
        return Spot(lon, lat, division or self.city, unit_grid, flags)

    def _points(self, rows: Sequence[Incoming]) -> list[tuple[float, float] | None]:
        """CGCS2000 degrees, converted by datum many at a time."""
        found: list[tuple[float, float] | None] = [None] * len(rows)
        by_datum: dict[str, list[int]] = {}
        for n, row in enumerate(rows):
            if row.lon is not None and row.lat is not None:
                by_datum.setdefault(row.datum, []).append(n)
                found[n] = (row.lon, row.lat)
        for datum, at in by_datum.items():
            if geo.crs_of(datum) in (geo.Crs.CGCS2000, geo.Crs.WGS84):
                continue
            lons = np.array([rows[n].lon for n in at], float)
            lats = np.array([rows[n].lat for n in at], float)
            for n, lon, lat in zip(at, *geo.to_cgcs2000_many(lons, lats, datum), strict=True):
                found[n] = (float(lon), float(lat))
        return found

    def _attributed(self, unit: Unit, points: Sequence[tuple[float, float] | None]) -> dict[int, tuple[str, str]]:
        """Division and unit grid by row, for rows with a point in a city that has outlines."""
        at = [n for n, point in enumerate(points) if point is not None]
        if not at or current_atlas(unit).deepest == "none":
            return {}
        lons, lats = zip(*[points[n] for n in at], strict=True)
        found = places.attribute_many(unit, lons, lats)
        return {n: (str(found.division[k]), str(found.unit_grid[k])) for k, n in enumerate(at)}

    def _named(self, unit: Unit, actor: Actor, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        if not names:
            return self.city, ()
        if names not in self._divisions:
            self._divisions[names] = self._learn(unit, actor, names)
        return self._divisions[names]

    def _learn(self, unit: Unit, actor: Actor, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """The division by its names, county first; names nobody knows yet are founded under the city."""
        within = self.city
        for depth, name in enumerate(names):
            given = self.profile.levels[depth].codes.get(name) if depth < len(self.profile.levels) else None
            if given is not None:
                within = division_full(given)
                continue
            level = Level.county if depth == 0 else Level.town
            try:
                within = places.learn_division(unit, actor, name, level, within).code
            except GridCodesSpent:
                return within, ("divisions_spent",)
        return within, ()

    # --- classes and departments ---------------------------------------------------------------------

    def matter(self, unit: Unit, actor: Actor, row: Incoming) -> Id | None:
        """The class of a row: by its code, or by the words of the source, made as a local class of its tree."""
        key = (row.matter,) if row.matter else ("", *row.matter_path)
        if len(key) == 1 and not key[0]:
            return None
        if key not in self._matters:
            self._matters[key] = self._matter(unit, actor, row)
        return self._matters[key]

    def _matter(self, unit: Unit, actor: Actor, row: Incoming) -> Id | None:
        if row.matter:
            return learning.codes_now(unit, actor, unit.now.date()).get(row.matter)
        tree = self.profile.tree
        if tree is None:
            return None
        return learning.learn_class(unit, actor, tree.tree, tree.title, row.matter_path, source=self.profile.name)

    def department(self, unit: Unit, actor: Actor, name: str) -> Id | None:
        """The organisation that did the work. A set that founds its city founds its departments too; in a city with
        its own organisations the name must be one of them."""
        if not name:
            return None
        if name not in self._orgs:
            called = self.profile.departments.get(name, name)[:120]
            found = find_org_named(unit, actor, called, self.city)
            if found is None and self.profile.city is not None:
                found = org.add_org(unit, actor, called, OrgKind.department, OrgLevel.city, self.city)
            self._orgs[name] = None if found is None else found.id
        return self._orgs[name]
