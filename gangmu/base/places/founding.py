"""Founding a city (建城): its divisions from a list or from the records, its boundaries from a file, their changes.

Everything here may be done again with the same input and adds nothing the second time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry

from gangmu.base.places import checks, store
from gangmu.base.places.codes import LEVELS, WIDTHS, Level, full_code, is_inside, level_of, parent_of, short_code
from gangmu.base.places.errors import AnotherCity, BadDivisionCode, BadValidity, EditionTaken, GridCodesSpent, NoCity
from gangmu.base.places.files import Feature
from gangmu.base.places.model import Division, Edition, Finding, Report, reaches
from gangmu.base.places.sift import ListedDivision, Sieve, sift_divisions
from gangmu.kit import ids, seal, zone
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid, Refused
from gangmu.kit.unit import Unit

MANAGE = "place.manage"


def today(unit: Unit) -> date:
    """The day in the city: the one whose validities hold now."""
    return zone.day_of(unit.now)


def require(actor: Actor, division: str) -> None:
    """``Refused`` unless the actor manages the places of a division."""
    if not reaches(actor, MANAGE, division):
        raise Refused(action=MANAGE)


def city(unit: Unit, actor: Actor) -> Division:
    """The division that this node was founded for. Raises ``NoCity``."""
    root = store.find_root(unit, seen_by=actor)
    if root is None:
        raise NoCity()
    return root


def found_city(
    unit: Unit,
    actor: Actor,
    code: str,
    rows: Sequence[Mapping[str, str]] = (),
    *,
    name: str = "",
    source: str = "",
    valid_from: date | None = None,
) -> Report:
    """Found the city of a division code on this node, or bring its divisions up to date.

    ``rows`` are those of a division list (see ``sift_divisions``); without any, divisions come later from the records
    and ``name`` is needed. A name that differs from the one held begins a new validity on ``valid_from`` (today).
    Raises ``BadDivisionCode``, ``AnotherCity``, ``Invalid`` (name), ``BadValidity``, ``Refused``."""
    root_code = full_code(code)
    require(actor, root_code)
    root = store.find_root(unit, seen_by=actor)
    if root is not None and root.code != root_code:
        raise AnotherCity(root.code, root_code)
    known = store.known_now(unit, seen_by=actor)
    sieve = sift_divisions(rows, root_code, known)
    if name:
        sieve.good = [replace(one, name=name) if one.code == root_code else one for one in sieve.good]
    _ensure_root(unit, root_code, name, sieve, known)
    day = valid_from or today(unit)
    fresh = [one for one in sieve.good if one.code not in known and not _is_told(unit, actor, one)]
    store.add_divisions(unit, [_begun(one, None if root is None else day) for one in fresh], source or "list")
    there = [(known[one.code], one) for one in sieve.good if one.code in known]
    changed = [one for held, one in there if _bring_up_to_date(unit, actor, held, one, day)]
    accepted = len(fresh) + len(changed)
    already = len(sieve.good) - accepted + sieve.repeated
    return Report(len(rows), accepted, already, len(changed), tuple(sieve.findings))


def _ensure_root(unit: Unit, code: str, name: str, sieve: Sieve, known: Mapping[str, Division]) -> None:
    """The city itself, when no row of the list is it."""
    if code in known or any(one.code == code for one in sieve.good):
        return
    if not name.strip():
        raise Invalid(field="name", reason="the list does not name the city itself; give its name")
    root = ListedDivision(0, code, level_of(code), name.strip()[:120], parent_of(code))
    store.add_division(unit, root, "founding")


def _begun(listed: ListedDivision, day: date | None) -> ListedDivision:
    """A new division begins with its own date, else the day of the change; a founding list says nothing of the past."""
    return listed if listed.valid_from else replace(listed, valid_from=day)


def _is_told(unit: Unit, actor: Actor, listed: ListedDivision) -> bool:
    """Whether a row about an ended division was taken in before."""
    if listed.valid_to is None:
        return False
    return any(one.valid_to == listed.valid_to for one in store.list_history(unit, listed.code, seen_by=actor))


def _bring_up_to_date(unit: Unit, actor: Actor, held: Division, listed: ListedDivision, day: date) -> bool:
    if listed.valid_to is not None:
        end_division(unit, actor, held.code, listed.valid_to, listed.successor)
        return True
    if listed.name == held.name:
        return False
    rename_division(unit, actor, held.code, listed.name, listed.valid_from or day)
    return True


def rename_division(unit: Unit, actor: Actor, code: str, name: str, valid_from: date | None = None) -> Division:
    """Give a division another name from a day on; the old one stays true of the time before. On the first day of its
    validity it is a correction."""
    was = _open(unit, actor, code)
    day = valid_from or today(unit)
    called = " ".join(name.split())
    if not called or len(called) > 120:
        raise Invalid(field="name", reason="a name has 1 to 120 characters")
    if called == was.name:
        return was
    if was.valid_from == day:
        store.rename_division(unit, was, called)
    elif was.valid_from is not None and day < was.valid_from:
        raise BadValidity(short_code(code), str(was.valid_from))
    else:
        store.end_division(unit, was, day, was.successor)
        store.add_division(unit, ListedDivision(0, was.code, Level(was.level), called, was.parent, day), "edited")
    return _open(unit, actor, code)


def end_division(unit: Unit, actor: Actor, code: str, valid_to: date, successor: str | None = None) -> None:
    """End a division on a day (its first day of not being), naming who takes over what was its."""
    was = _open(unit, actor, code)
    if was.valid_from is not None and valid_to <= was.valid_from:
        raise BadValidity(short_code(code), str(was.valid_from))
    heir = full_code(successor) if successor else None
    if heir == was.code:
        raise Invalid(field="successor", reason="a division does not succeed itself")
    store.end_division(unit, was, valid_to, heir)


def add_division(unit: Unit, actor: Actor, code: str, name: str, valid_from: date | None = None) -> Division:
    """Add one division below one that is there."""
    root = city(unit, actor)
    row = {"code": code, "name": name}
    day = valid_from or today(unit)
    sieve = sift_divisions([row], root.code, store.known_now(unit, seen_by=actor))
    require(actor, full_code(code))
    if sieve.findings:
        raise Invalid(field=sieve.findings[0].field, reason=sieve.findings[0].reason)
    store.add_division(unit, replace(sieve.good[0], valid_from=day), "edited")
    return _open(unit, actor, code)


def _open(unit: Unit, actor: Actor, code: str) -> Division:
    digits = full_code(code)
    require(actor, digits)
    history = store.list_history(unit, digits, seen_by=actor)
    running = [one for one in history if one.valid_to is None]
    return running[0] if running else store.get_division(unit, digits, today(unit), seen_by=actor)


def learn_division(unit: Unit, actor: Actor, name: str, level: Level = Level.county, within: str = "") -> Division:
    """The division of this name inside another (the city, if none is given), made with the next free code when records
    name it for the first time. For cities whose divisions come from their records. Raises ``GridCodesSpent``."""
    outer = full_code(within) if within else city(unit, actor).code
    called = " ".join(name.split())[:120]
    if not called:
        raise Invalid(field="name", reason="a division needs a name")
    require(actor, outer)
    found = store.find_named(unit, called, outer, level.value, today(unit), seen_by=actor)
    if found is not None:
        return found
    code = _next_code(outer, level, store.codes_ever(unit, outer, seen_by=actor))
    store.add_division(unit, ListedDivision(0, code, level, called, parent_of(code)), "records")
    return _open(unit, actor, code)


def _next_code(outer: str, level: Level, used: Iterable[str]) -> str:
    if LEVELS.index(level) <= LEVELS.index(level_of(outer)):
        raise Invalid(field="level", reason=f"no {level} lies in a {level_of(outer)}")
    above = WIDTHS[LEVELS[LEVELS.index(level) - 1]]
    width = WIDTHS[level] - above
    start = outer[:above]
    taken = [int(code[above : above + width]) for code in used if code.startswith(start) and level_of(code) is level]
    number = max(taken, default=0) + 1
    if number >= 10**width:
        raise GridCodesSpent(short_code(outer))
    return f"{start}{number:0{width}d}".ljust(12, "0")


# --- boundaries ---


def publish_boundaries(
    unit: Unit,
    actor: Actor,
    features: Sequence[Feature],
    *,
    label: str,
    source: str = "",
    valid_from: date | None = None,
    told: Sequence[Finding] = (),
    read: int | None = None,
) -> Report:
    """Publish an edition of boundaries: one for each level that the file holds, each taking over from the one before it
    on ``valid_from`` (today). Features name their division by code, else by a name that only one division bears.
    Raises ``EditionTaken`` when the label stands for another content."""
    root = city(unit, actor)
    require(actor, root.code)
    outlines, findings = _assigned(features, root.code, store.known_now(unit, seen_by=actor))
    taken = sum(len(parts) for parts in outlines.values())
    merged = {code: parts[0] if len(parts) == 1 else shapely.union_all(parts) for code, parts in outlines.items()}
    already = 0
    for level in LEVELS:
        part = {code: outline for code, outline in merged.items() if level_of(code) is level}
        if part and not _publish(unit, actor, level, part, label.strip() or "1", source, valid_from or today(unit)):
            already += sum(len(outlines[code]) for code in part)
        findings += _overlaps(part, outlines, features)
    count = len(features) + sum(not one.is_note for one in told) if read is None else read
    everything = sorted([*told, *findings], key=lambda one: one.row)
    return Report(count, taken - already, already, 0, tuple(everything))


def _assigned(
    features: Sequence[Feature], root: str, known: Mapping[str, Division]
) -> tuple[dict[str, list[BaseGeometry]], list[Finding]]:
    by_name: dict[str, list[str]] = {}
    for held in known.values():
        by_name.setdefault(held.name, []).append(held.code)
    outlines: dict[str, list[BaseGeometry]] = {}
    findings = []
    for feature in features:
        given, name = feature.fields.get("code", ""), feature.fields.get("name", "")
        try:
            code = full_code(given) if given else (by_name.get(name) or [""])[0]
        except BadDivisionCode:
            findings.append(Finding(feature.row, "code", "bad_code", given))
            continue
        if not given and len(by_name.get(name, [])) != 1:
            findings.append(Finding(feature.row, "code", "missing", name))
        elif not is_inside(code, root):
            findings.append(Finding(feature.row, "code", "not_in_city", given))
        elif code not in known:
            findings.append(Finding(feature.row, "code", "unknown_division", given))
        else:
            outlines.setdefault(code, []).append(feature.outline)
    return outlines, findings


def _publish(
    unit: Unit, actor: Actor, level: Level, outlines: Mapping[str, BaseGeometry], label: str, source: str, day: date
) -> bool:
    """Whether the edition was new."""
    parts = [code.encode() + shapely.to_wkb(shapely.normalize(outlines[code])) for code in sorted(outlines)]
    digest = seal.sm3(*parts).hex()
    for held in store.list_editions(unit, seen_by=actor):
        if held.level == level and held.digest == digest:
            return False
        if held.level == level and held.label == label:
            raise EditionTaken(label)
    store.add_edition(unit, Edition(ids.new("bed"), label, level.value, day, source, digest), outlines)
    store.new_mark(unit)
    return True


def _overlaps(
    part: Mapping[str, BaseGeometry], outlines: Mapping[str, list[BaseGeometry]], features: Sequence[Feature]
) -> list[Finding]:
    """A note for each boundary that lies on another of its level by more than a thousandth of itself."""
    rows = {id(feature.outline): feature.row for feature in features}
    ordered = sorted(part)
    new = [(rows.get(id(outlines[code][0]), 0), code, part[code]) for code in ordered]
    smallest = min((checks.area_m2(outline) for outline in part.values()), default=0.0)
    found = checks.overlapping(new, [], sliver_m2=max(smallest / 1000, 1.0))
    return [replace(one, is_note=True) for one in found]
