"""The only SQL of the knowledge base: entries, editions, what they are found by, corrections, gaps, numbers."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base import access
from gangmu.core.knowledge.model import (
    Correction,
    Edition,
    Entry,
    Gap,
    Keys,
    Number,
    State,
    Synonyms,
    Tally,
    ancestors,
)
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, maker, metadata, ref_col, refs_col, text_col, texts_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

READ, MANAGE = "knowledge.read", "knowledge.manage"


def _content_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        text_col("note"),
        texts_col("words"),
        text_col("tree"),
        text_col("code"),
        ref_col("owner", "org", nullable=False),
        sa.Column("division", sa.Text, nullable=False),
        text_col("source"),
        text_col("basis"),
        sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
    ]


entry = sa.Table(
    "knowledge_entry",
    metadata,
    id_col("id", "kno"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    *_content_columns(),
    refs_col("orgs", "org"),
    when("changed_at", nullable=False),
    ref_col("changed_by", "prs"),
    version_col(),
    sa.Index("ix_knowledge_entry_newest", sa.text("changed_at DESC"), sa.text("id DESC")),
    sa.Index("ix_knowledge_entry_valid_to", "valid_to", "id", postgresql_where=sa.text("valid_to IS NOT NULL")),
    sa.Index("ix_knowledge_entry_class", "tree", "code"),
)

edition = sa.Table(
    "knowledge_edition",
    metadata,
    id_col("id", "kne"),
    ref_col("entry", "kno", nullable=False),
    sa.Column("no", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    *_content_columns(),
    text_col("why"),
    when("at", nullable=False),
    ref_col("person", "prs"),
    text_col("by_name"),
    sa.UniqueConstraint("entry", "no"),
    info={"append_only": True},
)

keys = sa.Table(
    "knowledge_keys",
    metadata,
    id_col("entry", "kno"),
    texts_col("head"),
    texts_col("grams"),
    text_col("initials"),
    sa.Index("ix_knowledge_keys_grams", "grams", postgresql_using="gin"),
)

tally = sa.Table(
    "knowledge_tally",
    metadata,
    id_col("entry", "kno"),
    sa.Column("uses", sa.BigInteger, nullable=False, server_default="0"),
    when("last_at"),
)

correction = sa.Table(
    "knowledge_correction",
    metadata,
    id_col("id", "knc"),
    ref_col("entry", "kno", nullable=False, index=True),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    refs_col("orgs", "org"),
    ref_col("raised_by", "prs"),
    ref_col("raised_post", "pst"),
    when("raised_at", nullable=False),
    when("due_at"),
    sa.Column("state", sa.Text, nullable=False),
    text_col("reason"),
    ref_col("answered_by", "prs"),
    when("answered_at"),
    sa.Column("new_edition", sa.Integer),
    version_col(),
    sa.Index("ix_knowledge_correction_open", "raised_at", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_knowledge_correction_newest", sa.text("raised_at DESC"), sa.text("id DESC")),
)

gap = sa.Table(
    "knowledge_gap",
    metadata,
    id_col("id", "kng"),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("times", sa.Integer, nullable=False, server_default="1"),
    when("first_at", nullable=False),
    when("last_at", nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    ref_col("entry", "kno"),
    text_col("reason"),
    version_col(),
    sa.Index("uq_knowledge_gap_open", "division", "words", unique=True, postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_knowledge_gap_often", sa.text("times DESC"), sa.text("id DESC")),
)

synonyms = sa.Table(
    "knowledge_synonyms",
    metadata,
    id_col("id", "kns"),
    texts_col("words"),
    text_col("source"),
    version_col(),
)

number = sa.Table(
    "service_number",
    metadata,
    id_col("id", "num"),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    text_col("source"),
    text_col("region"),
    sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.false()),
    text_col("note"),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    version_col(),
    sa.Index("uq_service_number_open", "key", unique=True, postgresql_where=sa.text("valid_to IS NULL")),
)

_edition, _correction, _gap = maker(Edition), maker(Correction), maker(Gap)
_number = maker(Number)


def _entry(row: Any) -> Entry:
    values = {name: getattr(row, name) for name in Entry.__dataclass_fields__}
    return Entry(**{**values, "words": tuple(row.words)})


def _synonyms(row: Any) -> Synonyms:
    return Synonyms(row.id, tuple(row.words), row.source, row.version)


# --- who sees what ----------------------------------------------------------------------------------------------


def readable(actor: Actor) -> sa.ColumnElement[bool]:
    """Entries of one's area, of what lies in it and of what it lies in: a county answers by the city's entries too.
    Drafts and withdrawn ones only to who may change them."""
    if actor.kind == "system":
        return sa.true()
    above = {code for grant in actor.grants_of(READ) if grant.reach == "division" for code in ancestors(grant.division)}
    reach = access.scope(actor, READ, entry.c.division, entry.c.orgs)
    seen = sa.and_(entry.c.state == State.in_force.value, sa.or_(reach, entry.c.division.in_(sorted(above))))
    return sa.or_(seen, changeable(actor))


def changeable(actor: Actor) -> sa.ColumnElement[bool]:
    return access.scope(actor, MANAGE, entry.c.division, entry.c.orgs)


def _in_force(day: date) -> sa.ColumnElement[bool]:
    ends = entry.c.valid_to
    return sa.and_(entry.c.state == State.in_force.value, entry.c.valid_from <= day, sa.or_(ends.is_(None), ends > day))


# --- entries ----------------------------------------------------------------------------------------------------


def get_entry(unit: Unit, entry_id: Id, *, seen_by: Actor, lock: bool = False) -> Entry:
    query = sa.select(entry).where(entry.c.id == entry_id, readable(seen_by))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(entry_id))
    return _entry(row)


def find_entries(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> dict[Id, Entry]:
    """Those of these entries that may be seen, by id."""
    query = sa.select(entry).where(entry.c.id.in_(list(wanted)), readable(seen_by))
    return {row.id: _entry(row) for row in unit.rows(query)}


def list_entries(
    unit: Unit,
    at: Page,
    view: str,
    day: date,
    until: date,
    *,
    seen_by: Actor,
    owner: Id | None = None,
    tree: str = "",
    code: str = "",
) -> Paged[Entry]:
    """Entries newest change first; ``expiring`` and ``expired`` by the day of their end."""
    query = sa.select(entry).where(readable(seen_by))
    if owner is not None:
        query = query.where(entry.c.owner == owner)
    if tree:
        query = query.where(entry.c.tree == tree)
    if code:
        query = query.where(entry.c.code.startswith(code, autoescape=True))
    if view == "expiring":
        near = sa.and_(_in_force(day), entry.c.valid_to.is_not(None), entry.c.valid_to <= until)
        return page.of(unit, query.where(near, changeable(seen_by)), at, _BY_NEWEST, _entry)
    if view == "expired":
        gone = sa.and_(entry.c.state == State.in_force.value, entry.c.valid_to <= day)
        return page.of(unit, query.where(gone), at, _BY_NEWEST, _entry)
    if view in (State.draft.value, State.ended.value):
        query = query.where(entry.c.state == view)
    elif view == "mine":
        query = query.where(changeable(seen_by))
    else:
        query = query.where(_in_force(day))
    return page.of(unit, query, at, _BY_NEWEST, _entry)


def list_changeable(unit: Unit, *, seen_by: Actor) -> list[Entry]:
    """All entries that one may change and that were not withdrawn, for a workbook in or out."""
    query = sa.select(entry).where(changeable(seen_by), entry.c.state != State.ended.value)
    return [_entry(row) for row in unit.rows(query.order_by(entry.c.division, entry.c.question, entry.c.id))]


_BY_NEWEST = [page.Key(entry.c.changed_at, descending=True), page.Key(entry.c.id, descending=True)]


def search_entries(
    unit: Unit, grams: Sequence[str], letters: str, day: date, *, seen_by: Actor, most: int = 80
) -> list[tuple[Entry, tuple[str, ...], tuple[str, ...], bool]]:
    """Entries in force that share most with a search: entry, head, grams, and whether its initials fit."""
    if not grams and not letters:
        return []
    wanted = sa.bindparam("wanted", list(grams), type_=keys.c.grams.type)
    shared = (
        sa.select(sa.func.count())
        .select_from(sa.func.unnest(keys.c.grams).alias("gram"))
        .where(sa.literal_column("gram") == sa.any_(wanted))
        .scalar_subquery()
    )
    spelt = keys.c.initials.contains(letters, autoescape=True) if letters else sa.false()
    query = (
        sa.select(entry, keys.c.head, keys.c.grams, spelt.label("spelt"))
        .join(keys, keys.c.entry == entry.c.id)
        .where(_in_force(day), readable(seen_by), sa.or_(keys.c.grams.overlap(wanted), spelt))
        .order_by(sa.case((spelt, 1), else_=0).desc(), shared.desc(), entry.c.id)
        .limit(most)
    )
    return [(_entry(row), tuple(row.head), tuple(row.grams), bool(row.spelt)) for row in unit.rows(query)]


def add_entry(unit: Unit, new: Entry, found_by: Keys) -> None:
    unit.insert(entry, _entry_values(new))
    put_keys(unit, new.id, found_by)


def save_entry(unit: Unit, now: Entry, was: Entry, found_by: Keys) -> None:
    values = _entry_values(now)
    values.pop("version")
    unit.update(entry, was.id, values, was=_entry_values(was))
    put_keys(unit, now.id, found_by)


def _entry_values(one: Entry) -> dict[str, Any]:
    return {**db.values_of(one, entry), "words": list(one.words), "orgs": list(one.orgs)}


def put_keys(unit: Unit, entry_id: Id, found_by: Keys) -> None:
    """What the entry is found by (a read model: not journaled)."""
    row = {
        "entry": entry_id,
        "head": list(found_by.head),
        "grams": list(found_by.grams),
        "initials": found_by.initials,
    }
    adding = pg_insert(keys).values(row)
    unit.run(
        adding.on_conflict_do_update(index_elements=["entry"], set_={k: v for k, v in row.items() if k != "entry"})
    )


def add_edition(unit: Unit, new: Edition) -> None:
    unit.insert(edition, {**db.values_of(new, edition), "words": list(new.words)})


def list_editions(unit: Unit, entry_id: Id, *, seen_by: Actor) -> list[Edition]:
    """What an entry said before and says now, oldest first. The caller has asked whether the entry may be seen."""
    query = sa.select(edition).where(edition.c.entry == entry_id).order_by(edition.c.no)
    return [_edition(row) for row in unit.rows(query)]


# --- uses -------------------------------------------------------------------------------------------------------


def count_uses(unit: Unit, entries: Sequence[Id]) -> None:
    """One more answered call for each (counters: not journaled; in one order, so that no two calls wait crosswise)."""
    for entry_id in sorted(set(entries)):
        adding = pg_insert(tally).values(entry=entry_id, uses=1, last_at=unit.now)
        more = {"uses": tally.c.uses + 1, "last_at": unit.now}
        unit.run(adding.on_conflict_do_update(index_elements=["entry"], set_=more))


def tallies(unit: Unit, entries: Iterable[Id], *, seen_by: Actor) -> dict[Id, Tally]:
    rows = unit.rows(sa.select(tally).where(tally.c.entry.in_(list(entries))))
    return {row.entry: Tally(row.uses, row.last_at) for row in rows}


# --- corrections ------------------------------------------------------------------------------------------------


def _own_or_asked(actor: Actor) -> sa.ColumnElement[bool]:
    """A request is seen by who must answer it and by who made it."""
    clause = access.scope(actor, MANAGE, correction.c.division, correction.c.orgs)
    return clause if actor.person is None else sa.or_(clause, correction.c.raised_by == actor.person)


def get_correction(unit: Unit, correction_id: Id, *, seen_by: Actor, lock: bool = False) -> Correction:
    query = sa.select(correction).where(correction.c.id == correction_id, _own_or_asked(seen_by))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(correction_id))
    return _correction(row)


def list_corrections(unit: Unit, at: Page, open_only: bool, *, seen_by: Actor) -> Paged[Correction]:
    """Open requests, the oldest first; or all, the newest first."""
    query = sa.select(correction).where(_own_or_asked(seen_by))
    if open_only:
        waiting = query.where(sa.literal_column("knowledge_correction.state = 'open'"))
        return page.of(unit, waiting, at, [correction.c.raised_at, correction.c.id], _correction)
    order = [page.Key(correction.c.raised_at, descending=True), page.Key(correction.c.id, descending=True)]
    return page.of(unit, query, at, order, _correction)


def add_correction(unit: Unit, new: Correction) -> None:
    unit.insert(correction, {**db.values_of(new, correction), "orgs": list(new.orgs)})


def save_correction(unit: Unit, now: Correction, was: Correction) -> None:
    names = ("state", "reason", "answered_by", "answered_at", "new_edition")
    unit.update(correction, was.id, {name: getattr(now, name) for name in names}, was=was)


# --- gaps -------------------------------------------------------------------------------------------------------


def note_gap(unit: Unit, new: Gap) -> None:
    """Count a search without answer (a statistic without persons: not journaled)."""
    adding = pg_insert(gap).values(db.values_of(new, gap))
    again = {"times": gap.c.times + 1, "last_at": unit.now}
    unit.run(
        adding.on_conflict_do_update(
            index_elements=["division", "words"], index_where=sa.text("state = 'open'"), set_=again
        )
    )


def _gaps_seen(actor: Actor) -> sa.ColumnElement[bool]:
    return access.scope(actor, MANAGE, gap.c.division)


def get_gap(unit: Unit, gap_id: Id, *, seen_by: Actor) -> Gap:
    row = unit.one(sa.select(gap).where(gap.c.id == gap_id, _gaps_seen(seen_by)))
    if row is None:
        raise NotFound(what=str(gap_id))
    return _gap(row)


def list_gaps(unit: Unit, at: Page, *, seen_by: Actor) -> Paged[Gap]:
    """Open gaps, the most frequent first."""
    query = sa.select(gap).where(gap.c.state == "open", _gaps_seen(seen_by))
    order = [page.Key(gap.c.times, descending=True), page.Key(gap.c.id, descending=True)]
    return page.of(unit, query, at, order, _gap)


def save_gap(unit: Unit, now: Gap, was: Gap) -> None:
    unit.update(gap, was.id, {"state": now.state, "entry": now.entry, "reason": now.reason}, was=was)


# --- synonyms and numbers ---------------------------------------------------------------------------------------


def list_synonyms(unit: Unit, *, seen_by: Actor) -> list[Synonyms]:
    """All groups of words of one meaning; they belong to nobody."""
    return [_synonyms(row) for row in unit.rows(sa.select(synonyms).order_by(synonyms.c.id))]


def get_synonyms(unit: Unit, group_id: Id, *, seen_by: Actor) -> Synonyms:
    row = unit.one(sa.select(synonyms).where(synonyms.c.id == group_id))
    if row is None:
        raise NotFound(what=str(group_id))
    return _synonyms(row)


def add_synonyms(unit: Unit, new: Synonyms) -> None:
    unit.insert(synonyms, {**db.values_of(new, synonyms), "words": list(new.words)})


def drop_synonyms(unit: Unit, was: Synonyms) -> None:
    unit.delete(synonyms, was.id, was=was)


def list_numbers(unit: Unit, *, seen_by: Actor, history: str = "") -> list[Number]:
    """The numbers in force, or all editions of one, oldest first."""
    query = sa.select(number).order_by(number.c.key, number.c.valid_from, number.c.id)
    query = query.where(number.c.key == history) if history else query.where(number.c.valid_to.is_(None))
    return [_number(row) for row in unit.rows(query)]


def find_number(unit: Unit, key: str, day: date, *, seen_by: Actor) -> Number | None:
    """The number that holds on a day."""
    ends = number.c.valid_to
    query = sa.select(number).where(number.c.key == key, number.c.valid_from <= day, sa.or_(ends.is_(None), ends > day))
    row = unit.one(query.order_by(number.c.valid_from.desc(), number.c.id.desc()).limit(1))
    return None if row is None else _number(row)


def add_number(unit: Unit, new: Number) -> None:
    unit.insert(number, db.values_of(new, number))


def end_number(unit: Unit, was: Number, day: date) -> None:
    unit.update(number, was.id, {"valid_to": day}, was=was)
