"""Use cases of addresses and landmarks (地名地址): take apart, look for, keep, correct."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gangmu.base.places import address_store as store
from gangmu.base.places import founding
from gangmu.base.places import service as places_service
from gangmu.base.places import store as places_store
from gangmu.base.places.address_text import AddressParts, Names, parse, plain
from gangmu.base.places.codes import full_code
from gangmu.base.places.errors import CorrectionDecided
from gangmu.base.places.model import Address, AddressName, Correction, CorrectionState, FoundAddress, reaches
from gangmu.kit import geo, ids
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Conflict, Invalid, Refused
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import fold
from gangmu.kit.unit import Unit

MANAGE = founding.MANAGE
_READER = System("addresses")
_PARTS = ("road", "house_no", "compound", "building", "unit_no", "room", "name")


def get_address(unit: Unit, actor: Actor, address_id: Id) -> Address:
    """One address of the register; ``NotFound``."""
    return store.get_address(unit, address_id, seen_by=actor)


def names_of(unit: Unit) -> Names:
    """The names of the city's divisions, read once a unit."""
    if "address names" not in unit.memo:
        listed = places_store.list_divisions(unit, founding.today(unit), seen_by=_READER)
        unit.memo["address names"] = Names.of([(one.level, one.name) for one in listed])
    held: Names = unit.memo["address names"]
    return held


def parse_address(unit: Unit, text: str) -> AddressParts:
    """Free text taken apart with the city's own names."""
    return parse(text[:300], names_of(unit))


# --- looking for -----------------------------------------------------------------------------------------------


def search(unit: Unit, actor: Actor, text: str, limit: int = 20) -> list[FoundAddress]:
    """What somebody typed: as it stands (characters, or first letters of the pinyin); else with one letter mended, the
    sound taken for the writing, or an old name for the new; else as much of it as there is."""
    most = max(1, min(limit, 50))
    said = text[:100]
    exact = store.search_addresses(unit, said, most, seen_by=actor)
    if exact or len(fold(said)) < 2:
        return [FoundAddress(one) for one in exact]
    parts = parse_address(unit, said)
    found = _corrected(unit, actor, said, parts, most)
    return found or _partly(unit, actor, parts, most)


def _corrected(unit: Unit, actor: Actor, said: str, parts: AddressParts, most: int) -> list[FoundAddress]:
    tried: dict[Id, FoundAddress] = {}
    words = [word for word in (parts.road, parts.compound, parts.name) if word] or [plain(said)]
    for word in dict.fromkeys([*words, plain(said)]):
        for near in store.names_near(unit, word, 3, seen_by=actor):
            meant = near.means or near.name
            asked = f"{meant}{parts.house_no}" if word in (parts.road, parts.compound) else meant
            for one in store.search_addresses(unit, asked, most, seen_by=actor):
                tried.setdefault(one.id, FoundAddress(one, "corrected", word, meant))
            if len(tried) >= most:
                break
        if tried:
            break
    return list(tried.values())[:most]


def _partly(unit: Unit, actor: Actor, parts: AddressParts, most: int) -> list[FoundAddress]:
    """Without room, unit and building; then the road or compound alone."""
    street = parts.road or parts.compound
    for asked in (f"{street}{parts.house_no}", parts.compound, street, parts.name):
        if len(asked) >= 2:
            found = store.search_addresses(unit, asked, most, seen_by=actor)
            if found:
                return [FoundAddress(one, "part", "", asked) for one in found]
    return []


def list_landmarks(unit: Unit, actor: Actor, kind: str, within: str, box: geo.Box | None, at: Page) -> Paged[Address]:
    """Landmarks (schools, markets, parks ...) by pinyin."""
    return store.list_landmarks(unit, kind, full_code(within) if within else "", box, at, seen_by=actor)


# --- keeping ---------------------------------------------------------------------------------------------------


def add_address(unit: Unit, actor: Actor, given: dict[str, Any], spot: geo.Point | None) -> Address:
    """Add an address from its parts or its text. ``Conflict`` when the text is there."""
    values = _values(unit, actor, given, spot)
    new = {"id": ids.new("adr"), "void_reason": "", "version": 1, **values}
    if store.addresses_known(unit, [values["full"]], seen_by=actor):
        raise Conflict(rule="uq_address_full")
    store.add_address(unit, new, "hand")
    return store.get_address(unit, Id(new["id"]), seen_by=actor)


def _values(unit: Unit, actor: Actor, given: dict[str, Any], spot: geo.Point | None) -> dict[str, Any]:
    where = places_service.attribute(unit, spot) if spot else None
    code = full_code(given["division"]) if given.get("division") else (where.division if where else "")
    if not code:
        raise Invalid(field="division", reason="give a division, or a place inside the city")
    known = places_store.known_now(unit, seen_by=actor)
    if code not in known:
        raise Invalid(field="division", reason="no such division")
    _require(actor, code)
    text = " ".join(str(given.get("full") or "").split())
    parts = parse_address(unit, text)
    told = {name: str(given.get(name) or getattr(parts, _as_parsed(name), "")).strip() for name in _PARTS}
    local = "".join(told[name] for name in ("compound", "road", "house_no", "building", "unit_no", "room", "name"))
    line = places_service.line_above(unit, actor, code)
    full = text or "".join([*(one.name for one in line if one.level != "community"), known[code].name, local])
    if not (text or local) or len(full) > 300:
        raise Invalid(field="full", reason="1 to 300 characters")
    return {
        "full": full,
        "division": code,
        **told,
        "kind": str(given.get("kind") or "").strip()[:40],
        "aliases": _aliases(given.get("aliases") or ()),
        "lon": spot.lon if spot else None,
        "lat": spot.lat if spot else None,
        "datum": spot.source.value if spot else "",
        "unit_grid": (where.unit_grid or None) if where else None,
    }


def _as_parsed(name: str) -> str:
    return "unit" if name == "unit_no" else name


def _aliases(given: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(said for said in (" ".join(one.split())[:120] for one in given) if said))[:20]


def change_address(
    unit: Unit, actor: Actor, address_id: Id, given: dict[str, Any], spot: geo.Point | None, version: int
) -> Address:
    """Mend an address. A text that it had before stays one of its names, so that old letters still find it."""
    was = store.get_address(unit, address_id, seen_by=actor)
    _require(actor, was.division)
    if was.state != "valid":
        raise Invalid(field="state", reason="the address has been voided")
    changed: dict[str, Any] = {
        name: str(given[name]).strip() for name in (*_PARTS, "kind") if given.get(name) is not None
    }
    aliases = list(given["aliases"]) if given.get("aliases") is not None else list(was.aliases)
    text = " ".join(str(given.get("full") or "").split())[:300]
    if text and text != was.full:
        if store.addresses_known(unit, [text], seen_by=actor):
            raise Conflict(rule="uq_address_full")
        changed["full"] = text
        aliases.append(was.full)
        parts = parse_address(unit, text)
        for name in _PARTS:
            if name not in changed and getattr(parts, _as_parsed(name)):
                changed[name] = getattr(parts, _as_parsed(name))
    if changed.get("name", was.name) != was.name and was.name:
        aliases.append(was.name)
    changed["aliases"] = tuple(_aliases([one for one in aliases if one != changed.get("full", was.full)]))
    if spot is not None:
        where = places_service.attribute(unit, spot)
        changed |= {"lon": spot.lon, "lat": spot.lat, "unit_grid": where.unit_grid or None}
    store.save_address(unit, replace(was, version=version), changed)
    return store.get_address(unit, address_id, seen_by=actor)


def void_address(unit: Unit, actor: Actor, address_id: Id, reason: str) -> Address:
    """It is no address any more (demolished, never was): not found again, kept with its reason."""
    was = store.get_address(unit, address_id, seen_by=actor)
    _require(actor, was.division)
    said = " ".join(reason.split())[:500]
    if not said:
        raise Invalid(field="reason", reason="say why")
    store.save_address(unit, was, {"state": "void", "void_reason": said})
    return store.get_address(unit, address_id, seen_by=actor)


def add_alias(unit: Unit, actor: Actor, name: str, means: str, way: str) -> AddressName:
    """Another or an older name of a road, compound or landmark."""
    _require(actor, founding.city(unit, actor).code)
    said, meant = " ".join(name.split())[:60], " ".join(means.split())[:60]
    if len(said) < 2 or len(meant) < 2 or said == meant:
        raise Invalid(field="name", reason="two different names of two letters or more")
    new = AddressName(ids.new("adn"), said, "alias", way, meant, 1)
    store.add_name(unit, new)
    return new


def list_names(unit: Unit, actor: Actor, way: str, q: str, at: Page) -> Paged[AddressName]:
    return store.list_names(unit, way, q, at, seen_by=actor)


# --- corrections -----------------------------------------------------------------------------------------------


def propose_correction(
    unit: Unit, actor: Actor, about: str, division: str, was_text: str, text: str, spot: geo.Point | None, reason: str
) -> Correction | None:
    """Somebody who was there says that an address lies elsewhere or is written otherwise. A steward decides; one open
    proposal a thing. None when the register has nothing to learn from it."""
    held = store.find_full(unit, " ".join(was_text.split()), seen_by=actor) if was_text.strip() else None
    said = " ".join(text.split())[:300]
    parts = parse_address(unit, said)
    if held is None and (not said or spot is None or not (parts.house_no or parts.compound or parts.building)):
        return None
    if held is None and store.find_full(unit, said, seen_by=actor) is not None:
        return None
    if store.find_open(unit, about, held.id if held else None, seen_by=actor) is not None:
        return None
    new = Correction(
        id=ids.new("acr"),
        address=held.id if held else None,
        about=about,
        division=held.division if held else division,
        was_full=held.full if held else "",
        was_lon=held.lon if held else None,
        was_lat=held.lat if held else None,
        full=said or (held.full if held else ""),
        lon=spot.lon if spot else None,
        lat=spot.lat if spot else None,
        reason=" ".join(reason.split())[:500],
        state=CorrectionState.open.value,
        by_person=actor.person,
        by_name=actor.name[:80],
        made_at=unit.now,
        decided_by=None,
        decided_name="",
        decided_at=None,
        decision="",
        version=1,
    )
    store.add_correction(unit, new)
    return new


def list_corrections(unit: Unit, actor: Actor, state: str, at: Page) -> Paged[Correction]:
    return store.list_corrections(unit, state, MANAGE, at, seen_by=actor)


def accept_correction(unit: Unit, actor: Actor, correction_id: Id) -> Correction:
    """Take a proposal into the register. Who proposed does not decide."""
    was = _to_decide(unit, actor, correction_id)
    spot = geo.point(was.lon, was.lat) if was.lon is not None and was.lat is not None else None
    if was.address is None:
        add_address(unit, actor, {"full": was.full, "division": was.division}, spot)
    else:
        held = store.get_address(unit, was.address, seen_by=actor)
        change_address(unit, actor, held.id, {"full": was.full}, spot, held.version)
    return _decide(unit, actor, was, CorrectionState.accepted, "")


def refuse_correction(unit: Unit, actor: Actor, correction_id: Id, reason: str) -> Correction:
    was = _to_decide(unit, actor, correction_id)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why")
    return _decide(unit, actor, was, CorrectionState.refused, " ".join(reason.split())[:500])


def _to_decide(unit: Unit, actor: Actor, correction_id: Id) -> Correction:
    was = store.get_correction(unit, correction_id, MANAGE, seen_by=actor)
    if was.state != CorrectionState.open:
        raise CorrectionDecided(str(correction_id), was.state)
    if actor.person is not None and actor.person == was.by_person:
        raise Refused(action=MANAGE)
    return was


def _decide(unit: Unit, actor: Actor, was: Correction, state: CorrectionState, said: str) -> Correction:
    changed = {
        "state": state.value,
        "decided_by": actor.person,
        "decided_name": actor.name[:80],
        "decided_at": unit.now,
        "decision": said,
    }
    store.save_correction(unit, was, changed)
    return store.get_correction(unit, was.id, MANAGE, seen_by=actor)


def _require(actor: Actor, division: str) -> None:
    if not reaches(actor, MANAGE, division):
        raise Refused(action=MANAGE)
