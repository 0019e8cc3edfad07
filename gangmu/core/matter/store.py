"""The only SQL of the matter catalogue."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from gangmu.core.matter.model import Closing, Condition, Matter, Tree
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, metadata, text_col, texts_col, version_col
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.text import bigrams, pinyin_initials, query_grams
from gangmu.kit.unit import Unit

code_tree = sa.Table(
    "code_tree",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_col("title_zh"),
    text_col("title_en"),
    json_col("pairs", nullable=False),
    sa.Column("extension_first", sa.Integer, nullable=False),
    sa.Column("extension_last", sa.Integer, nullable=False),
    text_col("flow"),
    text_col("source"),
    text_col("region"),
    text_col("edition"),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    sa.Column("verified", sa.Boolean, nullable=False),
    version_col(),
)

matter = sa.Table(
    "matter",
    metadata,
    id_col("id", "mat"),
    sa.Column("tree", sa.Text, sa.ForeignKey("code_tree.id"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    text_col("parent"),
    sa.Column("level", sa.Integer, nullable=False),
    text_col("title_zh"),
    text_col("title_en"),
    sa.Column("local", sa.Boolean, nullable=False),
    text_col("national"),
    text_col("source"),
    text_col("region"),
    sa.Column("verified", sa.Boolean, nullable=False),
    text_col("note"),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    texts_col("grams", info={"derived": True}),
    text_col("initials", info={"derived": True}),
    version_col(),
    sa.Index("uq_matter_open", "tree", "code", unique=True, postgresql_where=sa.text("valid_to IS NULL")),
    sa.Index("ix_matter_code", "tree", "code", "valid_from"),
    sa.Index("ix_matter_grams", "grams", postgresql_using="gin"),
)

filing_condition = sa.Table(
    "filing_condition",
    metadata,
    id_col("id", "cnd"),
    sa.Column("tree", sa.Text, sa.ForeignKey("code_tree.id"), nullable=False),
    text_col("code"),
    sa.Column("seq", sa.Integer, nullable=False),
    text_col("text_zh"),
    text_col("text_en"),
    text_col("limit"),
    json_col("closing", nullable=False),
    texts_col("units"),
    sa.Column("same_time", sa.Boolean, nullable=False),
    text_col("source"),
    text_col("region"),
    sa.Column("verified", sa.Boolean, nullable=False),
    text_col("note"),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    version_col(),
    sa.Index("uq_condition_open", "tree", "code", "seq", unique=True, postgresql_where=sa.text("valid_to IS NULL")),
    sa.Index("ix_condition_code", "tree", "code", "valid_from"),
)


def _tree(row: Any) -> Tree:
    return Tree(
        row.id,
        row.title_zh,
        row.title_en,
        tuple(row.pairs),
        row.extension_first,
        row.extension_last,
        row.flow,
        row.source,
        row.region,
        row.edition,
        row.valid_from,
        row.valid_to,
        row.verified,
        row.version,
    )


_MATTER = [c for c in matter.columns if c.name not in ("grams", "initials")]


def _matter(row: Any) -> Matter:
    return Matter(**{c.name: getattr(row, c.name) for c in _MATTER})


def _condition(row: Any) -> Condition:
    values = {c.name: getattr(row, c.name) for c in filing_condition.columns if c.name not in ("closing", "units")}
    closing = tuple(Closing(Id(c["id"]), c["zh"], c["en"]) for c in row.closing)
    return Condition(**values, closing=closing, units=tuple(row.units))


def _on(table: sa.Table, day: date) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.valid_from <= day, sa.or_(table.c.valid_to.is_(None), table.c.valid_to > day))


def matter_values(row: Matter) -> dict[str, Any]:
    """A class as column values, with its search keys."""
    values = {c.name: getattr(row, c.name) for c in _MATTER}
    grams = bigrams(f"{row.code} {row.title_zh} {row.title_en}")
    return {**values, "grams": grams, "initials": pinyin_initials(row.title_zh)}


def condition_values(row: Condition) -> dict[str, Any]:
    values = {c.name: getattr(row, c.name) for c in filing_condition.columns if c.name not in ("closing", "units")}
    closing = [{"id": str(c.id), "zh": c.text_zh, "en": c.text_en} for c in row.closing]
    return {**values, "closing": closing, "units": list(row.units)}


# --- trees -----------------------------------------------------------------------------------------------


def list_trees(unit: Unit, *, seen_by: Actor) -> list[Tree]:
    return [_tree(row) for row in unit.rows(sa.select(code_tree).order_by(code_tree.c.id))]


def get_tree(unit: Unit, tree_id: str, *, seen_by: Actor) -> Tree:
    row = unit.one(sa.select(code_tree).where(code_tree.c.id == tree_id))
    if row is None:
        raise NotFound(what=f"tree {tree_id}")
    return _tree(row)


def add_tree(unit: Unit, row: Tree) -> None:
    values = {c.name: getattr(row, c.name) for c in code_tree.columns}
    unit.insert(code_tree, {**values, "pairs": list(row.pairs)})


def hold_tree(unit: Unit, tree_id: str) -> None:
    """One editor of a tree at a time, so that extension numbers and sequences are given once."""
    unit.run(sa.text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": f"matter/{tree_id}"})


# --- classes ---------------------------------------------------------------------------------------------


def list_matters(
    unit: Unit,
    day: date,
    *,
    seen_by: Actor,
    tree: str = "",
    parent: str | None = None,
    q: str = "",
    most: int = 2000,
) -> list[Matter]:
    """Classes valid on a day by tree and code; the catalogue is known to everybody who works here."""
    query = sa.select(*_MATTER).where(_on(matter, day))
    if tree:
        query = query.where(matter.c.tree == tree)
    if parent is not None:
        query = query.where(matter.c.parent == parent)
    if q:
        query = query.where(_found_by(q))
    return [_matter(row) for row in unit.rows(query.order_by(matter.c.tree, matter.c.code).limit(most))]


def _found_by(q: str) -> sa.ColumnElement[bool]:
    text = q.strip().lower()
    ways: list[sa.ColumnElement[bool]] = []
    if grams := query_grams(text):
        ways.append(matter.c.grams.contains(grams))
    if text.isascii() and text.isalnum():
        ways.append(matter.c.initials.contains(text, autoescape=True))
        ways.append(matter.c.code.startswith(text, autoescape=True))
    return sa.or_(*ways) if ways else sa.false()


def get_matter(unit: Unit, matter_id: Id, *, seen_by: Actor) -> Matter:
    def read() -> Matter:
        row = unit.one(sa.select(*_MATTER).where(matter.c.id == matter_id))
        if row is None:
            raise NotFound(what=str(matter_id))
        return _matter(row)

    return unit.lately(matter, matter_id, read)


def get_matters(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> dict[Id, Matter]:
    listed = {item for item in wanted if item}
    if not listed:
        return {}
    return {row.id: _matter(row) for row in unit.rows(sa.select(*_MATTER).where(matter.c.id.in_(listed)))}


def find_matter(unit: Unit, tree: str, code: str, day: date, *, seen_by: Actor) -> Matter | None:
    def load() -> Matter | None:
        row = unit.one(sa.select(*_MATTER).where(matter.c.tree == tree, matter.c.code == code, _on(matter, day)))
        return None if row is None else _matter(row)

    return unit.lately(matter, ("in force", tree, code, day), load)


def find_open_matter(unit: Unit, tree: str, code: str, *, seen_by: Actor) -> Matter | None:
    """The newest row of a code, the one that a change replaces; also when its validity only begins later."""
    query = sa.select(*_MATTER).where(matter.c.tree == tree, matter.c.code == code, matter.c.valid_to.is_(None))
    row = unit.one(query)
    return None if row is None else _matter(row)


def list_codes_ever(unit: Unit, tree: str) -> set[str]:
    """All codes that were ever used: none is given to something else."""
    return {row.code for row in unit.rows(sa.select(matter.c.code).where(matter.c.tree == tree).distinct())}


def list_history(unit: Unit, tree: str, code: str, *, seen_by: Actor) -> list[Matter]:
    query = sa.select(*_MATTER).where(matter.c.tree == tree, matter.c.code == code)
    return [_matter(row) for row in unit.rows(query.order_by(matter.c.valid_from, matter.c.id))]


def add_matter(unit: Unit, row: Matter) -> None:
    unit.insert(matter, matter_values(row))


def end_matter(unit: Unit, was: Matter, day: date) -> None:
    unit.update(matter, was.id, {"valid_to": day}, was=was)


# --- filing conditions -----------------------------------------------------------------------------------


def list_conditions(
    unit: Unit, day: date, *, seen_by: Actor, tree: str = "", codes: Iterable[str] | None = None
) -> list[Condition]:
    query = sa.select(filing_condition).where(_on(filing_condition, day))
    if tree:
        query = query.where(filing_condition.c.tree == tree)
    if codes is not None:
        query = query.where(filing_condition.c.code.in_(list(codes)))
    order = (filing_condition.c.tree, filing_condition.c.code, filing_condition.c.seq)
    return [_condition(row) for row in unit.rows(query.order_by(*order).limit(20_000))]


def list_conditions_ever(unit: Unit, tree: str, code: str, *, seen_by: Actor) -> list[Condition]:
    """All editions of the conditions of a class, by number, oldest first."""
    query = sa.select(filing_condition).where(filing_condition.c.tree == tree, filing_condition.c.code == code)
    order = (filing_condition.c.seq, filing_condition.c.valid_from, filing_condition.c.id)
    return [_condition(row) for row in unit.rows(query.order_by(*order))]


def get_condition(unit: Unit, condition_id: Id, *, seen_by: Actor) -> Condition:
    def read() -> Condition:
        row = unit.one(sa.select(filing_condition).where(filing_condition.c.id == condition_id))
        if row is None:
            raise NotFound(what=str(condition_id))
        return _condition(row)

    return unit.lately(filing_condition, condition_id, read)


def find_open_condition(unit: Unit, tree: str, code: str, seq: int, *, seen_by: Actor) -> Condition | None:
    """The newest row of a condition, the one that a change replaces."""
    same = (filing_condition.c.tree == tree, filing_condition.c.code == code, filing_condition.c.seq == seq)
    row = unit.one(sa.select(filing_condition).where(*same, filing_condition.c.valid_to.is_(None)))
    return None if row is None else _condition(row)


def last_seq(unit: Unit, tree: str, code: str) -> int:
    """The highest number ever given among the conditions of a class."""
    query = sa.select(sa.func.max(filing_condition.c.seq)).where(
        filing_condition.c.tree == tree, filing_condition.c.code == code
    )
    found: int | None = unit.value(query)
    return found or 0


def add_condition(unit: Unit, row: Condition) -> None:
    unit.insert(filing_condition, condition_values(row))


def end_condition(unit: Unit, was: Condition, day: date) -> None:
    unit.update(filing_condition, was.id, {"valid_to": day}, was=was)


def load(unit: Unit, matters: list[Mapping[str, Any]], conditions: list[Mapping[str, Any]], source: str) -> None:
    """Take in the shipped catalogue, one journal entry a table."""
    unit.insert_many(matter, matters, source=source)
    unit.insert_many(filing_condition, conditions, source=source)
