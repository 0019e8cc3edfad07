"""The SQL of addresses, of the names in them, and of corrections to them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base.places.address_text import is_near, slips
from gangmu.base.places.codes import short_code
from gangmu.base.places.model import Address, AddressName, Correction
from gangmu.base.places.store import address, escaped
from gangmu.kit import geo, ids, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, maker, metadata, ref_col, text_col, texts_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import bigrams, fold, pinyin_initials, pinyin_key, query_grams
from gangmu.kit.unit import Unit

address_name = sa.Table(
    "address_name",
    metadata,
    id_col("id", "adn"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("way", sa.Text, nullable=False),
    text_col("means"),
    version_col(),
    text_col("pinyin", info={"derived": True}),
    texts_col("slips", info={"derived": True}),
    sa.UniqueConstraint("name", "kind", "means"),
    sa.Index("ix_address_name_pinyin", "pinyin"),
    sa.Index("ix_address_name_slips", "slips", postgresql_using="gin"),
)

address_correction = sa.Table(
    "address_correction",
    metadata,
    id_col("id", "acr"),
    ref_col("address", "adr", "address.id"),
    text_col("about"),
    sa.Column("division", sa.Text, nullable=False),
    text_col("was_full"),
    sa.Column("was_lon", sa.Float),
    sa.Column("was_lat", sa.Float),
    text_col("full"),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    text_col("reason"),
    sa.Column("state", sa.Text, nullable=False),
    ref_col("by_person", "prs"),
    text_col("by_name"),
    when("made_at", nullable=False),
    ref_col("decided_by", "prs"),
    text_col("decided_name"),
    when("decided_at"),
    text_col("decision"),
    version_col(),
    sa.Index("ix_address_correction_state", "state", "id"),
    sa.Index("ix_address_correction_open", "about", "address", unique=True, postgresql_where=sa.text("state = 'open'")),
)

_name = maker(AddressName)
_correction = maker(Correction)
_columns = maker(Address)


def _address(row: Any) -> Address:
    made = _columns(row)
    return Address(**{**_plain(made), "aliases": tuple(made.aliases)})


def _plain(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


# --- addresses ---


def get_address(unit: Unit, address_id: Id, *, seen_by: Actor) -> Address:
    row = unit.one(sa.select(address).where(address.c.id == address_id))
    if row is None:
        raise NotFound(what=str(address_id))
    return _address(row)


def find_full(unit: Unit, text: str, *, seen_by: Actor) -> Address | None:
    """The valid address of exactly this text, or with this alias."""
    valid = address.c.state == "valid"
    row = unit.one(sa.select(address).where(address.c.full == text, valid))
    if row is None and len(text) >= 2:
        grams = query_grams(text)[:20]
        named = sa.and_(address.c.grams.contains(grams), address.c.aliases.contains([text]), valid)
        row = unit.one(sa.select(address).where(named).limit(1)) if grams else None
    return None if row is None else _address(row)


def addresses_known(unit: Unit, texts: Sequence[str], *, seen_by: Actor) -> set[str]:
    """Which of these standard addresses are here already."""
    found: set[str] = set()
    for start in range(0, len(texts), 5000):
        query = sa.select(address.c.full).where(address.c.full.in_(texts[start : start + 5000]))
        found.update(row.full for row in unit.rows(query))
    return found


def add_addresses(unit: Unit, rows: Sequence[Mapping[str, Any]], source: str) -> None:
    """Rows have the columns of an address but its keys, which are made here. The names in them are learnt."""
    blank = {"compound": "", "building": "", "unit_no": "", "room": "", "aliases": [], "state": "valid"}
    whole = [{**blank, **row, "void_reason": "", "version": 1, "source": source} for row in rows]
    unit.insert_many(address, [{**row, **_keys(row)} for row in whole], source=source)
    learn(unit, [name for row in whole for name in _names_in(row)])


def add_address(unit: Unit, row: Mapping[str, Any], source: str) -> None:
    whole = {"aliases": [], "state": "valid", **row, "source": source}
    unit.insert(address, {**whole, **_keys(whole)})
    learn(unit, _names_in(whole))


def save_address(unit: Unit, was: Address, changed: Mapping[str, Any]) -> None:
    now = {**_plain(was), **changed}
    values = {**changed, **_keys(now)}
    if "aliases" in values:
        values["aliases"] = list(values["aliases"])
    unit.update(address, was.id, values, was={**_plain(was), "void_reason": ""}, version=was.version)
    learn(unit, _names_in(now))


def _names_in(row: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Name, kind, way, what it means."""
    found = [(row[part], part, "name", "") for part in ("road", "compound") if row.get(part)]
    if row.get("name"):
        found.append((row["name"], "landmark", "name", ""))
        found += [(alias, "landmark", "alias", row["name"]) for alias in row.get("aliases") or ()]
    return found


def _keys(row: Mapping[str, Any]) -> dict[str, Any]:
    """What an address is found by."""
    street = (row["road"] or row.get("compound") or "") + row["house_no"]
    local = " ".join(part for part in (row["name"], street) if part) or row["full"]
    initials = " ".join(pinyin_initials(part) for part in local.split())
    pairs = {"^" + word[at : at + 2] for word in initials.split() for at in range(len(word) - 1)}
    firsts = {"$" + fold(part)[:1] for part in (row["name"], row["road"], row.get("compound")) if part}
    said = " ".join([row["full"], *(row.get("aliases") or ())])
    return {
        "folded": fold(said),
        "initials": initials,
        "grams": [*bigrams(said), *sorted(pairs | firsts)],
        "sort_key": pinyin_key(local),
    }


def search_addresses(unit: Unit, text: str, limit: int, *, seen_by: Actor) -> list[Address]:
    """Addresses that hold the text, or whose names begin with its letters; those that begin with it first, then the
    shorter ones."""
    wanted = fold(text)
    if not wanted:
        return []
    like = escaped(wanted)
    by_text = sa.and_(*[address.c.folded.like(f"%{part}%") for part in like.split()])
    clauses = [sa.and_(address.c.grams.contains(_needed(wanted)), by_text)]
    if wanted.isascii() and wanted.isalpha():
        pairs = ["^" + wanted[at : at + 2] for at in range(len(wanted) - 1)]
        by_letter = address.c.grams.contains(pairs) if pairs else address.c.initials.like(f"{like}%")
        clauses.append(sa.and_(by_letter, address.c.initials.like(f"%{like}%")))
    name = sa.func.lower(address.c.name)
    rank = sa.case(
        (name == wanted, 0),
        (sa.or_(name.like(f"{like}%"), sa.func.lower(address.c.road).like(f"{like}%")), 1),
        (address.c.initials.like(f"{like}%"), 2),
        else_=3,
    )
    query = sa.select(address).where(address.c.state == "valid", sa.or_(*clauses))
    ordered = query.order_by(rank, sa.func.length(address.c.full), address.c.sort_key, address.c.id)
    return [_address(row) for row in unit.rows(ordered.limit(limit))]


def _needed(wanted: str) -> list[str]:
    """Grams that an index finds the text by. A short piece beside longer ones is left to the comparison, since it may
    be a part of a word; alone, a character must begin a name or a road, and a short word stand whole."""
    grams = query_grams(wanted)
    pairs = [gram for gram in grams if gram.startswith("~") or (len(gram) == 2 and not gram.isascii())]
    return pairs or [gram if gram.isascii() else "$" + gram for gram in grams] or ["$" + wanted[:1]]


def list_landmarks(
    unit: Unit, kind: str, within: str, box: geo.Box | None, at: Page, *, seen_by: Actor
) -> Paged[Address]:
    """Addresses with a kind (landmarks), by pinyin."""
    query = sa.select(address).where(address.c.state == "valid", address.c.kind != "")
    if kind:
        query = query.where(address.c.kind == kind)
    if within:
        prefix = short_code(within)
        query = query.where(address.c.division >= prefix.ljust(12, "0"), address.c.division <= prefix.ljust(12, "9"))
    if box is not None:
        query = query.where(address.c.lon.between(box.west, box.east), address.c.lat.between(box.south, box.north))
    return page.of(unit, query, at, [address.c.sort_key, address.c.id], _address)


def list_all(unit: Unit, at: Page, *, seen_by: Actor) -> Paged[Address]:
    """Every valid address, by pinyin."""
    query = sa.select(address).where(address.c.state == "valid")
    return page.of(unit, query, at, [address.c.sort_key, address.c.id], _address)


# --- names ---


def learn(unit: Unit, given: Iterable[tuple[str, str, str, str]]) -> None:
    """Keep names once; those that are there stay."""
    rows = [
        {
            "id": ids.new("adn").uuid,
            "name": name[:60],
            "kind": kind,
            "way": way,
            "means": means,
            "pinyin": pinyin_key(name),
            "slips": slips(fold(name)) if len(name) > 2 else [],
        }
        for name, kind, way, means in sorted(dict.fromkeys(given))
    ]
    for start in range(0, len(rows), 1000):
        unit.run(pg_insert(address_name).values(rows[start : start + 1000]).on_conflict_do_nothing())


def add_name(unit: Unit, new: AddressName) -> None:
    keys = {"pinyin": pinyin_key(new.name), "slips": slips(fold(new.name)) if len(new.name) > 2 else []}
    unit.insert(address_name, {**_plain(new), **keys})


def list_names(unit: Unit, way: str, q: str, at: Page, *, seen_by: Actor) -> Paged[AddressName]:
    """Names of one way (name, alias, old), by pinyin."""
    query = sa.select(address_name)
    if way:
        query = query.where(address_name.c.way == way)
    if q:
        query = query.where(address_name.c.name.contains(q, autoescape=True))
    return page.of(unit, query, at, [address_name.c.pinyin, address_name.c.id], _name)


def names_near(unit: Unit, word: str, most: int, *, seen_by: Actor) -> list[AddressName]:
    """Names that a word may have meant: an alias, one that sounds the same, or one with one letter different."""
    folded = fold(word)
    if len(folded) < 2:
        return []
    t = address_name.c
    clauses = [t.pinyin == pinyin_key(word)]
    if len(folded) > 2:
        clauses.append(t.slips.overlap(slips(folded)))
    rows = unit.rows(sa.select(address_name).where(sa.or_(*clauses)).limit(200))
    sound = pinyin_key(word)
    near = [
        _name(row)
        for row in rows
        if (row.way != "name" and fold(row.name) == folded)
        or (fold(row.name) != folded and (row.pinyin == sound or is_near(fold(row.name), folded)))
    ]
    return sorted(near, key=lambda one: (fold(one.name) != folded, pinyin_key(one.name) != sound, one.name))[:most]


# --- corrections ---


def _reached(actor: Actor, permission: str) -> sa.ColumnElement[bool]:
    """The divisions that the actor's right reaches."""
    if actor.kind == "system":
        return sa.true()
    column, clauses = address_correction.c.division, []
    for grant in actor.grants_of(permission):
        if grant.reach == "all":
            return sa.true()
        if grant.reach == "division" and grant.division:
            prefix = short_code(grant.division)
            clauses.append(column.between(prefix.ljust(12, "0"), prefix.ljust(12, "9")))
    return sa.or_(*clauses) if clauses else sa.false()


def add_correction(unit: Unit, new: Correction) -> None:
    unit.insert(address_correction, _plain(new))


def find_open(unit: Unit, about: str, address_id: Id | None, *, seen_by: Actor) -> Correction | None:
    """The open proposal about the same thing, if there is one."""
    t = address_correction.c
    same = t.address == address_id if address_id is not None else t.address.is_(None)
    row = unit.one(sa.select(address_correction).where(t.about == about, same, t.state == "open"))
    return None if row is None else _correction(row)


def get_correction(unit: Unit, correction_id: Id, permission: str, *, seen_by: Actor) -> Correction:
    reached = _reached(seen_by, permission)
    row = unit.one(sa.select(address_correction).where(address_correction.c.id == correction_id, reached))
    if row is None:
        raise NotFound(what=str(correction_id))
    return _correction(row)


def list_corrections(unit: Unit, state: str, permission: str, at: Page, *, seen_by: Actor) -> Paged[Correction]:
    t = address_correction.c
    query = sa.select(address_correction).where(_reached(seen_by, permission))
    if state:
        query = query.where(t.state == state)
    return page.of(unit, query, at, [page.Key(t.id, True)], _correction)


def save_correction(unit: Unit, was: Correction, changed: Mapping[str, Any]) -> None:
    unit.update(address_correction, was.id, changed, was=was)
