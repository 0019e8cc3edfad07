"""Grids and zones (网格、功能区): taken in from files, voided, walked by posts. What does not fit is told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry

from gangmu.base.places import checks, store
from gangmu.base.places.codes import DUTY_KINDS, Level, full_code, is_unit_code, level_of, next_unit_code
from gangmu.base.places.errors import BadDivisionCode, GridCodesSpent, GridVoid
from gangmu.base.places.files import Feature
from gangmu.base.places.founding import city, require, today
from gangmu.base.places.model import (
    Duty,
    DutyGrid,
    Finding,
    GridDuty,
    GridState,
    Report,
    UnitGrid,
    Zone,
    edition_on,
)
from gangmu.base.places.settings import PlacesSettings
from gangmu.base.places.sift import sift_duty_grids
from gangmu.kit import geo, ids, settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import t
from gangmu.kit.unit import Unit

Placed = tuple[int, str, BaseGeometry]


def import_unit_grids(
    unit: Unit,
    actor: Actor,
    features: Sequence[Feature],
    *,
    source: str = "",
    told: Sequence[Finding] = (),
    read: int | None = None,
) -> Report:
    """Take in unit grids. A feature carries its 15-digit code, or the 12 digits of its community and is given the next
    code. Grids that overlap others, lie in several pieces or bear a code that is spent stay out; gaps, lonely grids
    and such as reach out of their community are notes."""
    require(actor, city(unit, actor).code)
    store.new_mark(unit)
    ever = store.unit_codes(unit, seen_by=actor)
    standing = store.unit_outlines(unit, seen_by=actor)
    known = store.known_now(unit, seen_by=actor)
    findings: list[Finding] = []
    placed: list[Placed] = []
    already = 0
    held = {shapely.normalize(outline).wkb: code for code, outline in standing.items()}
    seen: set[str] = set()
    for feature in features:
        code, wrong = _claimed(feature, known, ever, seen)
        twin = held.get(shapely.normalize(feature.outline).wkb)
        if twin is not None and (twin == code or (not wrong and len(code) == 12 and twin.startswith(code))):
            already += 1
        elif wrong or code in standing:
            findings.append(wrong or Finding(feature.row, "code", "code_taken", code))
        else:
            seen.add(code)
            placed.append((feature.row, code, feature.outline))
    good, more = _fitting(unit, actor, placed, standing)
    coded, spent = _coded(good, ever)
    store.add_unit_grids(unit, [(code, outline) for _, code, outline in coded], source or "unit grids")
    count = len(features) + sum(not one.is_note for one in told) if read is None else read
    out = {one.row for one in spent}
    more = [one for one in more if one.row not in out]
    everything = sorted([*told, *findings, *more, *spent], key=lambda one: (one.row, one.is_note))
    return Report(count, len(coded), already, 0, tuple(everything))


def _claimed(
    feature: Feature, known: Mapping[str, object], ever: Mapping[str, str], seen: set[str]
) -> tuple[str, Finding | None]:
    """The code that a feature claims (15 digits), or its community (12), and what is wrong with it."""
    given, area = feature.fields.get("code", ""), feature.fields.get("community", "")
    if not given:
        try:
            community = full_code(area)
        except BadDivisionCode:
            wrong = ("community", "bad_code") if area else ("code", "missing")
            return area, Finding(feature.row, *wrong, area)
        if level_of(community) is not Level.community or community not in known:
            return area, Finding(feature.row, "community", "unknown_division", area)
        return community, None
    if not is_unit_code(given):
        return given, Finding(feature.row, "code", "bad_unit_code", given)
    if given[:12] not in known:
        return given, Finding(feature.row, "code", "unknown_division", given)
    if ever.get(given) == GridState.void:
        return given, Finding(feature.row, "code", "code_void", given)
    if given in seen:
        return given, Finding(feature.row, "code", "code_twice", given)
    return given, None


def _fitting(
    unit: Unit, actor: Actor, placed: list[Placed], standing: Mapping[str, BaseGeometry]
) -> tuple[list[Placed], list[Finding]]:
    sliver = settings.get(PlacesSettings).sliver_m2
    findings = checks.shapes(placed)
    whole = _without(placed, findings)
    findings += checks.overlapping(whole, list(standing.items()), sliver)
    good = _without(placed, findings)
    if good:
        around = [*standing.values(), *[outline for _, _, outline in good]]
        findings += checks.outside(good, _communities(unit, actor), sliver)
        findings += checks.gaps(around, sliver)
        findings += checks.lonely(good, around)
    return good, findings


def _without(placed: list[Placed], findings: Iterable[Finding]) -> list[Placed]:
    out = {one.row for one in findings if not one.is_note}
    return [one for one in placed if one[0] not in out]


def _communities(unit: Unit, actor: Actor) -> dict[str, BaseGeometry]:
    edition = edition_on(store.list_editions(unit, seen_by=actor), Level.community.value, today(unit))
    return store.boundaries_of(unit, edition.id, seen_by=actor) if edition else {}


def _coded(good: list[Placed], ever: Iterable[str]) -> tuple[list[Placed], list[Finding]]:
    """Every grid with a code of its own; a finding for each that its community has no code left for."""
    used = set(ever) | {code for _, code, _ in good if len(code) == 15}
    coded: list[Placed] = []
    findings = []
    for row, code, outline in good:
        try:
            own = code if len(code) == 15 else next_unit_code(code, used)
        except GridCodesSpent:
            findings.append(Finding(row, "community", "codes_spent", code))
            continue
        used.add(own)
        coded.append((row, own, outline))
    return coded, findings


def draw_unit_grid(unit: Unit, actor: Actor, community: str, ring: Sequence[tuple[float, float]], crs: str) -> UnitGrid:
    """A unit grid drawn by hand: it gets the next code of its community, and must fit between the others like one from
    a file. A coded grid does not change: void it and draw its successors."""
    spots = [geo.point(lon, lat, crs) for lon, lat in ring]
    outline = shapely.Polygon([(spot.lon, spot.lat) for spot in spots])
    ever = set(store.unit_codes(unit, seen_by=actor))
    feature = Feature(1, {"community": community}, outline)
    told = import_unit_grids(unit, actor, [feature], source="drawn")
    wrong = next((one for one in told.findings if not one.is_note), None)
    if wrong is not None:
        raise Invalid(field="ring", reason=t(f"places.reason.{wrong.reason}", "en"), word=wrong.reason)
    fresh = [code for code in store.unit_codes(unit, seen_by=actor) if code not in ever]
    if not fresh:
        raise Invalid(field="ring", reason="this very grid is there")
    return store.get_unit_grid(unit, fresh[0], seen_by=actor)


def put_duty_grid(unit: Unit, actor: Actor, code: str, name: str, units: Sequence[str]) -> DutyGrid:
    """A responsibility grid of these unit grids, or another set for one that is there."""
    told = import_duty_grids(unit, actor, [{"code": code, "name": name, "units": " ".join(units)}], source="hand")
    wrong = next((one for one in told.findings if not one.is_note), None)
    if wrong is not None:
        field = wrong.field if wrong.field in ("code", "name", "units") else "units"
        raise Invalid(field=field, reason=t(f"places.reason.{wrong.reason}", "en"), word=wrong.reason)
    return store.get_duty_grid(unit, code.strip().upper(), seen_by=actor)


def list_unit_grids(unit: Unit, actor: Actor, within: str, at: Page) -> Paged[UnitGrid]:
    """Unit grids of a division by code, voided ones too."""
    return store.list_unit_grids(unit, full_code(within), at, seen_by=actor)


def get_unit_grid(unit: Unit, actor: Actor, code: str) -> UnitGrid:
    return store.get_unit_grid(unit, code, seen_by=actor)


def void_unit_grid(unit: Unit, actor: Actor, code: str, reason: str) -> UnitGrid:
    """Void a unit grid; its code is never given again. Responsibility grids lose it."""
    was = store.get_unit_grid(unit, code, seen_by=actor)
    require(actor, was.division)
    if was.state == GridState.void:
        raise GridVoid(code)
    if not reason.strip():
        raise Invalid(field="reason", reason="voiding a grid needs a reason")
    store.new_mark(unit)
    store.void_unit_grid(unit, was, reason.strip()[:500])
    for grid in store.list_duty_grids(unit, today(unit), seen_by=actor):
        if code in grid.units:
            store.save_duty_grid(unit, replace(grid, units=tuple(one for one in grid.units if one != code)), grid)
    return store.get_unit_grid(unit, code, seen_by=actor)


def import_duty_grids(unit: Unit, actor: Actor, rows: Sequence[Mapping[str, object]], *, source: str = "") -> Report:
    """Take in responsibility grids: code, name and the codes of their unit grids, which must touch and lie in one town.
    A grid that is here already gets the units of its row."""
    require(actor, city(unit, actor).code)
    store.new_mark(unit)
    day = today(unit)
    outlines = store.unit_outlines(unit, seen_by=actor)
    standing = {grid.code: grid for grid in store.list_duty_grids(unit, day, seen_by=actor)}
    coming = {str(row.get("code") or "").strip().upper() for row in rows}
    taken = {grid.kind + cell: code for code, grid in standing.items() if code not in coming for cell in grid.units}
    good, findings = sift_duty_grids(
        rows, outlines, taken, lambda cells: checks.in_one_piece([outlines[cell] for cell in cells])
    )
    ever = store.duty_codes_ever(unit, seen_by=actor)
    new = changed = already = 0
    for row, code, name, cells in good:
        was = standing.get(code)
        if was is not None and (was.name, list(was.units)) == (name or was.name, cells):
            already += 1
        elif was is not None:
            store.save_duty_grid(unit, replace(was, name=name or was.name, units=tuple(cells)), was)
            changed += 1
        elif code in ever:
            findings.append(Finding(row, "code", "code_void", code))
        else:
            town = full_code(code[:9])
            store.add_duty_grid(unit, DutyGrid(ids.new("dgr"), code, code[9], name, town, tuple(cells), day, None, 1))
            new += 1
    unit.note("duty grids taken in", source or "duty grids", new=new, changed=changed, already=already)
    return Report(len(rows), new + changed, already, changed, tuple(sorted(findings, key=lambda one: one.row)))


def assign_duty(unit: Unit, actor: Actor, grid: str, duty: Duty, post: Id | None) -> list[GridDuty]:
    """Bind a post to a responsibility grid for a duty from today on, in place of the one before; None ends it."""
    held = store.get_duty_grid(unit, grid, seen_by=actor)
    require(actor, held.division)
    if DUTY_KINDS[held.kind] not in ("general", duty.value):
        raise Invalid(field="duty", reason=f"a grid of kind {held.kind} carries {DUTY_KINDS[held.kind]} only")
    day = today(unit)
    was = store.find_open_duty(unit, grid, duty.value, seen_by=actor)
    if was is None or was.post != post:
        if was is not None and was.valid_from == day and post is not None:
            store.move_grid_duty(unit, was, post)
        elif was is not None:
            store.end_grid_duty(unit, was, day)
        if post is not None and (was is None or was.valid_from != day):
            store.add_grid_duty(unit, GridDuty(ids.new("gdy"), grid, duty.value, post, day, None, 1))
    return store.list_grid_duties(unit, day, seen_by=actor, grid=grid)


def duties_of(
    unit: Unit, actor: Actor, grid: str | None = None, post: Id | None = None, day: date | None = None
) -> list[GridDuty]:
    """Who walks which grid for what: of a grid, of a post, or all, on a day (today)."""
    return store.list_grid_duties(unit, day or today(unit), seen_by=actor, grid=grid, post=post)


def list_duty_grids(unit: Unit, actor: Actor) -> list[DutyGrid]:
    return store.list_duty_grids(unit, today(unit), seen_by=actor)


def import_zones(
    unit: Unit,
    actor: Actor,
    features: Sequence[Feature],
    *,
    source: str = "",
    told: Sequence[Finding] = (),
    read: int | None = None,
) -> Report:
    """Take in functional zones: code (any short text, else the name), name, kind. They may overlap everything. A zone
    that is here already gets the name and outline of its feature."""
    require(actor, city(unit, actor).code)
    store.new_mark(unit)
    standing = store.zones_now(unit, seen_by=actor)
    findings = list(told)
    new = changed = already = 0
    seen: set[str] = set()
    for feature in features:
        fields = feature.fields
        code, name = (fields.get("code") or fields.get("name") or "")[:60], fields.get("name", "")[:120]
        if not name or code in seen:
            findings.append(Finding(feature.row, "code" if name else "name", "code_twice" if name else "missing", code))
            continue
        seen.add(code)
        was, outline = standing.get(code, (None, None))
        wanted = Zone(was.id if was else ids.new("zon"), code, name, fields.get("kind", "")[:60], None, None, 1)
        if was is None or outline is None:
            store.add_zone(unit, wanted, feature.outline)
            new += 1
        elif (was.name, was.kind) == (name, wanted.kind) and shapely.equals_exact(outline, feature.outline):
            already += 1
        else:
            store.save_zone(unit, wanted, was, feature.outline)
            changed += 1
    unit.note("zones taken in", source or "zones", new=new, changed=changed, already=already)
    count = len(features) + sum(not one.is_note for one in told) if read is None else read
    return Report(count, new + changed, already, changed, tuple(sorted(findings, key=lambda one: one.row)))
