"""Use cases of figures: tables by area, department and post, trends, and the facts behind any of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gangmu.base import access, city, org, places
from gangmu.base.access import Located
from gangmu.base.org import service as org_service
from gangmu.base.org.model import Org
from gangmu.brain.evaluate import model, periods, rules, scoring, service, store
from gangmu.brain.evaluate.errors import NobodyScored, ScoreElsewhere
from gangmu.brain.evaluate.model import Cell, Figure, Period, Rate, Row
from gangmu.brain.evaluate.period_store import Publication
from gangmu.brain.evaluate.scoring import Score, Scored
from gangmu.brain.evaluate.settings import EvaluateSettings
from gangmu.brain.evaluate.store import Asked
from gangmu.kit import settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import division_full
from gangmu.kit.unit import Unit

NAMES = System("evaluate.names")
AREA, DEPARTMENT, POST = model.SCOPES
NOTHING = Figure()
PARTS = ("numerator", "denominator", "excluded")
USUAL_GROUP = "closing"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A table as somebody asks for it. ``live``: what is counted now, also where the period is published; ``edition``:
    that one of the asker's division; ``publication``: that very one, of anybody. ``rates`` and ``score`` choose the
    columns, else ``group`` (closing or the first, where the scope has none of that name; all groups when empty)."""

    period: Period
    scope: str = DEPARTMENT
    level: str = "town"
    division: str = ""
    org: Id | None = None
    post: Id | None = None
    unit_grid: str = ""
    flow: str = ""
    rates: tuple[str, ...] = ()
    group: str = ""
    score: str = ""
    live: bool = False
    edition: int | None = None
    publication: Id | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: whose it is, its figures, its score."""

    key: str
    name: str
    parent: str
    depth: int
    figures: Mapping[str, Figure]
    scored: Scored | None = None
    place: int | None = None

    @property
    def idle(self) -> bool:
        """Nothing was due and nothing is counted or left out: there is nothing to say of it."""
        return not any(one.numerator or one.denominator or one.excluded for one in self.figures.values())


@dataclass(frozen=True, slots=True)
class Table:
    """A table with all that explains it. ``groups``: those of the scope, of which ``group`` is shown (empty: all)."""

    wanted: Wanted
    groups: tuple[str, ...]
    group: str
    rates: tuple[Rate, ...]
    score: Score | None
    lines: tuple[Line, ...]
    total: Line
    publication: Publication | None
    as_of: datetime
    few: int


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a table stands on: the living facts under today's rules, or a publication under its own."""

    asked: Asked
    rates: Mapping[str, Rate]
    scores: Mapping[str, Score]
    publication: Publication | None
    as_of: datetime
    orgs: Mapping[Id, Org] = field(default_factory=dict)


def table(unit: Unit, actor: Actor, wanted: Wanted) -> Table:
    """The figures of a period, one line a key."""
    basis = _basis(unit, actor, wanted)
    score = _score_of(basis, wanted)
    groups = tuple(dict.fromkeys(rate.group for rate in basis.rates.values() if wanted.scope in rate.scopes))
    group = _group_of(wanted, groups)
    rates = _columns(basis, replace(wanted, group=group), score)
    cells = _cells(unit, actor, wanted, basis, rates)
    rows = model.table_of(rates, cells)
    total = model.total_of(rates, rows)
    if wanted.scope == DEPARTMENT:
        parents = {str(key): str(one.parent) if one.parent else None for key, one in basis.orgs.items()}
        rows = [row for row in model.table_of(rates, model.rolled_up(cells, parents)) if _may_see(actor, basis, row)]
    lines = _named(unit, wanted, basis, rows)
    few = settings.get(EvaluateSettings).few
    if score is not None:
        lines = [replace(line, scored=scoring.score(score, line.figures, few)) for line in lines]
        if wanted.scope == POST:
            lines = [line for line in lines if any(line.figures.get(part.rate, NOTHING).base for part in score.parts)]
        if settings.get(EvaluateSettings).ranking:
            placed = dict(scoring.ranked([(line.key, line.scored) for line in lines if line.scored]))
            lines = [replace(line, place=placed.get(line.key)) for line in lines]
    scored = scoring.score(score, total.figures, few) if score is not None and score.fits("city") else None
    whole = Line("", "", "", 0, total.figures, scored)  # all together are an area as wide as a city
    return Table(wanted, groups, group, rates, score, tuple(lines), whole, basis.publication, basis.as_of, few)


def _group_of(wanted: Wanted, groups: Sequence[str]) -> str:
    if not wanted.group or not groups or wanted.rates or wanted.score:
        return ""
    return wanted.group if wanted.group in groups else USUAL_GROUP if USUAL_GROUP in groups else groups[0]


def _basis(unit: Unit, actor: Actor, wanted: Wanted) -> _Basis:
    if wanted.scope not in model.SCOPES:
        raise Invalid(field="scope", reason="area, department or post")
    if wanted.scope != AREA and not city.scores_people():
        raise NobodyScored()
    if wanted.level != "grid" and wanted.level not in store.LEVELS:
        raise Invalid(field="level", reason="city, county, town, community or grid")
    if wanted.publication is not None:
        published: Publication | None = periods.get_published(unit, actor, wanted.publication)
    else:
        published = None if wanted.live else periods.find_published(unit, actor, wanted.period.name, wanted.edition)
    if published is not None and published.period != wanted.period.name:
        raise NotFound(what=f"{wanted.period.name}/{published.id}")
    if published is None and wanted.edition is not None:
        raise NotFound(what=f"{wanted.period.name}/{wanted.edition}")
    if published is not None:
        rates, scores = rules.of_publication(published)
    else:
        rates, scores = rules.on_day(unit, wanted.period, actor.division)
    every = {one.id: one for one in org_service.list_orgs(unit, NAMES)}
    asked = Asked(
        period=wanted.period,
        until=None if published else unit.now,
        today=None if published else service.day_of(unit.now),
        publication=published.id if published else None,
        division=wanted.division,
        orgs=_branch(every, wanted.org) if wanted.org else (),
        post=wanted.post,
        flow=wanted.flow,
        unit_grid=wanted.unit_grid,
    )
    as_of = published.published_at if published and published.published_at else unit.now
    return _Basis(asked, rates, scores, published, as_of, every)


def _branch(every: Mapping[Id, Org], top: Id) -> tuple[Id, ...]:
    """An organisation and all below it."""
    found = [top]
    for one in found:
        found.extend(key for key, other in every.items() if other.parent == one and key not in found)
    return tuple(found)


def _score_of(basis: _Basis, wanted: Wanted) -> Score | None:
    if not wanted.score:
        return None
    found = basis.scores.get(wanted.score)
    if found is None or found.scope != wanted.scope:
        raise NotFound(what=wanted.score[:60])
    if wanted.scope == AREA and not found.fits(wanted.level):
        raise ScoreElsewhere(found.id, found.levels)
    return found


def _columns(basis: _Basis, wanted: Wanted, score: Score | None) -> tuple[Rate, ...]:
    """The rates asked for, those of the score, or all of the scope."""
    if wanted.rates:
        unknown = [name for name in wanted.rates if name not in basis.rates]
        if unknown:
            raise NotFound(what=unknown[0][:60])
        chosen = list(wanted.rates)
    elif score is not None:
        chosen = [part.rate for part in score.parts if part.rate in basis.rates]
    else:
        of_scope = [rate for rate in basis.rates.values() if wanted.scope in rate.scopes]
        chosen = [rate.id for rate in of_scope if wanted.group in ("", rate.group)]
    if score is not None:
        chosen += [part.rate for part in score.parts if part.rate in basis.rates and part.rate not in chosen]
    return tuple(basis.rates[name] for name in dict.fromkeys(chosen))


def _cells(unit: Unit, actor: Actor, wanted: Wanted, basis: _Basis, rates: Sequence[Rate]) -> list[Cell]:
    """The sums that the rates are made of. Who has facts of the scope's other rates alone has a line of nothing."""
    words = {word for rate in rates for word in rate.words()}
    others = {word for rate in basis.rates.values() if wanted.scope in rate.scopes for word in rate.words()}
    return store.sum_cells(unit, basis.asked, wanted.scope, wanted.level, words, others, seen_by=actor)


def _may_see(actor: Actor, basis: _Basis, row: Row) -> bool:
    """A line that adds up several departments is shown to who reaches the one above them all."""
    one = basis.orgs.get(Id(row.key))
    return one is None or access.sees(actor, "evaluate.read", Located(one.division, (one.id,)))


# --- names --------------------------------------------------------------------------------------------------


def _named(unit: Unit, wanted: Wanted, basis: _Basis, rows: Sequence[Row]) -> list[Line]:
    if wanted.scope == DEPARTMENT:
        return _departments(basis, rows)
    if wanted.scope == POST:
        posts = org.post_names(unit, [Id(row.key) for row in rows])
        made = []
        for row in rows:
            post = posts.get(Id(row.key))
            name = f"{post.person_name} {post.title}".strip() if post else ""
            made.append(Line(row.key, name, post.org_name if post else "", 0, row.figures))
        return sorted(made, key=lambda line: (line.parent, line.name, line.key))
    if wanted.level == "grid":
        around = {row.key: division_full(row.key[:12]) for row in rows}
        places_named = places.division_names(unit, set(around.values()))
        return [Line(key, key, places_named.get(around[key], ""), 0, row.figures) for row in rows if (key := row.key)]
    names = places.division_names(unit, [row.key for row in rows])
    return [Line(row.key, names.get(row.key, ""), "", 0, row.figures) for row in rows]


def _departments(basis: _Basis, rows: Sequence[Row]) -> list[Line]:
    """Organisations as a tree: each under the one above it that has a line of its own."""
    by_key = {row.key: row for row in rows}
    children: dict[str, list[str]] = {}
    for key in by_key:
        one = basis.orgs.get(Id(key))
        above = str(one.parent) if one and one.parent else ""
        while above and above not in by_key:
            upper = basis.orgs.get(Id(above))
            above = str(upper.parent) if upper and upper.parent else ""
        children.setdefault(above, []).append(key)

    def name(key: str) -> str:
        one = basis.orgs.get(Id(key))
        return one.name if one else ""

    lines: list[Line] = []

    def walk(above: str, depth: int) -> None:
        for key in sorted(children.get(above, ()), key=lambda each: (name(each), each)):
            lines.append(Line(key, name(key), above, depth, by_key[key].figures))
            walk(key, depth + 1)

    walk("", 0)
    return lines


# --- trend --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a trend."""

    period: Period
    figures: Mapping[str, Figure]
    publication: Publication | None
    open: bool


def trend(unit: Unit, actor: Actor, wanted: Wanted, many: int) -> tuple[list[Point], tuple[Rate, ...]]:
    """The last periods up to the one asked for, each as published, else as it stands."""
    found: list[Point] = []
    rates: tuple[Rate, ...] = ()
    for back in range(many - 1, -1, -1):
        period = wanted.period.before(back)
        asked = replace(wanted, period=period, score="")
        if back:
            asked = replace(asked, edition=None, publication=None)
        basis = _basis(unit, actor, asked)
        held = tuple(name for name in wanted.rates if name in basis.rates)
        if wanted.rates and not held and back:  # not declared yet: a gap, where the newest period refuses
            found.append(Point(period, {}, basis.publication, periods.is_open(unit, period)))
            continue
        rates = _columns(basis, replace(asked, rates=held) if back else asked, None)
        whole = replace(basis, asked=_narrowed(basis, asked, ""))
        rows = model.table_of(rates, _cells(unit, actor, replace(asked, scope=""), whole, rates))
        total = model.total_of(rates, rows)
        found.append(Point(period, total.figures, basis.publication, periods.is_open(unit, period)))
    return found, rates


# --- what was counted ---------------------------------------------------------------------------------------


def counted(
    unit: Unit, actor: Actor, wanted: Wanted, key: str, rate_id: str, part: str, at: Page
) -> Paged[Mapping[str, Any]]:
    """The facts behind one figure of a table."""
    if part not in PARTS:
        raise Invalid(field="part", reason="numerator, denominator or excluded")
    basis = _basis(unit, actor, wanted)
    rate = basis.rates.get(rate_id)
    if rate is None:
        raise NotFound(what=rate_id[:60])
    return store.list_counted(unit, _narrowed(basis, wanted, key), rate, part, at, seen_by=actor)


def _narrowed(basis: _Basis, wanted: Wanted, key: str) -> Asked:
    """The facts of one line of the table; of all of them without a key (but only of those that have one)."""
    asked = replace(basis.asked, keyed=wanted.scope if wanted.level != "grid" or wanted.scope != AREA else "grid")
    if not key:
        return asked
    if wanted.scope == AREA:
        return replace(asked, unit_grid=key) if wanted.level == "grid" else replace(asked, area=(wanted.level, key))
    known = Id(key)
    if wanted.scope == POST:
        return replace(asked, post=known)
    mine = _branch(basis.orgs, known)
    return replace(asked, orgs=tuple(one for one in mine if not asked.orgs or one in asked.orgs))


def exclusions(unit: Unit, actor: Actor, wanted: Wanted, at: Page) -> Paged[Mapping[str, Any]]:
    """Matters that the rates of a period leave out, each with its cause, its reason and who approved it."""
    return store.list_exclusions(unit, _basis(unit, actor, wanted).asked, at, seen_by=actor)


def names_of(unit: Unit, rows: Iterable[Mapping[str, Any]]) -> tuple[dict[Id, str], dict[Id, str]]:
    """Names of the organisations and posts of facts."""
    listed = list(rows)
    orgs = org.org_names(unit, {row["org"] for row in listed if row["org"]})
    posts = org.post_names(unit, {row["post"] for row in listed if row["post"]})
    return orgs, {key: one.person_name for key, one in posts.items()}


# --- what a correction changed --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changed:
    """A figure that two editions of a period have otherwise."""

    scope: str
    key: str
    name: str
    rate: str
    before: Figure
    now: Figure


def compared(unit: Unit, actor: Actor, newer: Publication, older: Publication) -> list[Changed]:
    """The figures of areas and departments that a correction changed."""
    period = model.parse_period(newer.period)
    found: list[Changed] = []
    for scope in (AREA, DEPARTMENT):
        tables = [
            table(unit, actor, Wanted(period, scope=scope, group="", publication=one.id)) for one in (newer, older)
        ]
        now, then = ({line.key: line for line in (*one.lines, one.total)} for one in tables)
        for key in sorted({*now, *then}):
            name = (now.get(key) or then[key]).name
            for rate in {rate.id: rate for one in tables for rate in one.rates}:
                a = then[key].figures.get(rate, Figure()) if key in then else Figure()
                b = now[key].figures.get(rate, Figure()) if key in now else Figure()
                if (a.numerator, a.denominator, a.excluded) != (b.numerator, b.denominator, b.excluded):
                    found.append(Changed(scope, key, name, rate, a, b))
    return found
