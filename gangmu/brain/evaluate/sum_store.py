"""The only SQL of daily sums: what the facts of a day come to, by area, organisation and post, so that a long table
adds days instead of facts.

A change of facts adds a piece with what it changes, in its own transaction: pieces are never waited for, and all pieces
of a day add up to its facts at any moment. A chore folds the pieces of a day together.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.kit.actor import Actor
from gangmu.kit.db import metadata, ref_col, text_col
from gangmu.kit.unit import Unit

KIND = ("word", "stage", "role", "flow", "channel", "excluded")
PLACE = ("day", "division", "unit_grid", "org", "post")
_NAMES = ", ".join(KIND)
_LOCK = 7_401_023

evaluate_kind = sa.Table(
    "evaluate_kind",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    *[sa.Column(name, sa.Text, nullable=False) for name in KIND],
    sa.UniqueConstraint(*KIND, name="uq_evaluate_kind"),
)


def sum_columns() -> list[Any]:
    """Where the facts stand, and how many there are of each kind."""
    return [
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("division", sa.Text, nullable=False),
        text_col("unit_grid"),
        ref_col("org", "org"),
        ref_col("post", "pst"),
        sa.Column("kinds", ARRAY(sa.Integer), nullable=False),
        sa.Column("ns", ARRAY(sa.Integer), nullable=False),
    ]


evaluate_day = sa.Table(
    "evaluate_day",
    metadata,
    *sum_columns(),
    sa.Column("folded", sa.Boolean, nullable=False),
    sa.Index("ix_evaluate_day_day", "day"),
    sa.Index("ix_evaluate_day_piece", "day", postgresql_where=sa.text("NOT folded")),
)

evaluate_frozen_day = sa.Table(
    "evaluate_frozen_day",
    metadata,
    ref_col("publication", "evp", nullable=False),
    *sum_columns(),
    sa.Index("ix_evaluate_frozen_day_publication", "publication", "day"),
    info={"append_only": True},
)


@dataclass(frozen=True, slots=True)
class Kind:
    """All that a rate asks of a fact besides where it stands."""

    word: str
    stage: str
    role: str
    flow: str
    channel: str
    excluded: str


def kinds(unit: Unit, *, seen_by: Actor) -> dict[Kind, int]:
    """The numbers of all kinds that there have been."""
    return _kinds(unit) if seen_by.may("evaluate.read") else {}


def _kinds(unit: Unit) -> dict[Kind, int]:

    def load() -> dict[Kind, int]:
        return {Kind(*(getattr(row, name) for name in KIND)): row.id for row in unit.rows(sa.select(evaluate_kind))}

    return unit.lately(evaluate_kind, "all", load)


def _numbered(unit: Unit, wanted: Iterable[Kind]) -> dict[Kind, int]:
    """The numbers of these kinds; new ones get theirs."""
    known, asked = _kinds(unit), set(wanted)
    new = sorted(asked - known.keys(), key=lambda kind: [getattr(kind, name) for name in KIND])
    if new:
        values = [{name: getattr(kind, name) for name in KIND} for kind in new]
        unit.run(pg_insert(evaluate_kind).on_conflict_do_nothing(), values)
        unit.touch(evaluate_kind)
        known = _kinds(unit)
    return known


def add(unit: Unit, gone: Iterable[Mapping[str, Any]], come: Iterable[Mapping[str, Any]]) -> None:
    """Facts have gone and come: add what that changes to their days."""
    changes: dict[tuple[Any, ...], dict[Kind, int]] = defaultdict(lambda: defaultdict(int))
    for sign, facts in ((-1, gone), (1, come)):
        for fact in facts:
            kind = Kind(*[fact[name] for name in KIND])
            changes[tuple(fact[name] for name in PLACE)][kind] += sign * fact["n"]
    changes = {place: left for place, one in changes.items() if (left := {k: n for k, n in one.items() if n})}
    if not changes:
        return
    number = _numbered(unit, {kind for one in changes.values() for kind in one})
    rows = []
    for place, one in changes.items():
        pairs = sorted((number[kind], n) for kind, n in one.items())
        listed = {"kinds": [kind for kind, _ in pairs], "ns": [n for _, n in pairs], "folded": False}
        rows.append({**dict(zip(PLACE, place, strict=True)), **listed})
    unit.copy(evaluate_day, rows)


# --- folding, and making anew --------------------------------------------------------------------------------

_FOLD = sa.text(
    "WITH gone AS (DELETE FROM evaluate_day WHERE day = :day RETURNING *),"
    " one AS (SELECT division, unit_grid, org, post, k, sum(n)::int AS n"
    "  FROM gone, unnest(kinds, ns) AS u(k, n) GROUP BY division, unit_grid, org, post, k HAVING sum(n) <> 0)"
    " INSERT INTO evaluate_day (day, division, unit_grid, org, post, kinds, ns, folded)"
    " SELECT :day, division, unit_grid, org, post, array_agg(k ORDER BY k), array_agg(n ORDER BY k), true"
    " FROM one GROUP BY division, unit_grid, org, post"
)
_MANY = sa.text("SELECT day FROM evaluate_day WHERE NOT folded GROUP BY day HAVING count(*) >= :many ORDER BY day")


def fold(unit: Unit, many: int) -> int:
    """Fold the pieces of each day that has so many of them: how many days. One folds at a time; whoever adds a piece
    meanwhile leaves it for the next turn."""
    if not unit.value(sa.text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}):
        return 0
    days = [row.day for row in unit.rows(_MANY, {"many": many})]
    for day in days:
        unit.run(_FOLD, {"day": day})
    return len(days)


_SAME = " AND ".join(f"k.{name} = f.{name}" for name in KIND)
_BY = "f.division, f.unit_grid, f.org, f.post"


def _of_facts(table: str, where: str) -> str:
    """The sums of a table of facts, as a query."""
    one = (
        f"SELECT f.day, {_BY}, k.id AS k, sum(f.n)::int AS n FROM {table} f JOIN evaluate_kind k ON {_SAME}"
        f" WHERE {where} GROUP BY f.day, {_BY}, k.id"
    )
    return (
        "SELECT f.day, f.division, f.unit_grid, f.org, f.post, array_agg(f.k ORDER BY f.k) AS kinds,"
        f" array_agg(f.n ORDER BY f.k) AS ns FROM ({one}) f GROUP BY f.day, {_BY}"
    )


_COLUMNS = "day, division, unit_grid, org, post, kinds, ns"


def fill(unit: Unit) -> None:
    """Make all sums of the living facts anew."""
    unit.run(sa.delete(evaluate_day))
    listed = f"SELECT DISTINCT {_NAMES} FROM evaluate_fact"
    unit.run(sa.text(f"INSERT INTO evaluate_kind ({_NAMES}) {listed} ON CONFLICT DO NOTHING"))
    unit.touch(evaluate_kind)
    sums = _of_facts("evaluate_fact", "true")
    unit.run(sa.text(f"INSERT INTO evaluate_day ({_COLUMNS}, folded) SELECT {_COLUMNS}, true FROM ({sums}) s"))


def freeze(unit: Unit, publication: Any) -> None:
    """The sums of what a publication has frozen, for good."""
    sums = _of_facts("evaluate_frozen", "f.publication = :publication")
    adding = (
        f"INSERT INTO evaluate_frozen_day (publication, {_COLUMNS}) SELECT :publication, {_COLUMNS} FROM ({sums}) s"
    )
    named = sa.bindparam("publication", type_=evaluate_frozen_day.c.publication.type)
    unit.run(sa.text(adding).bindparams(named), {"publication": publication})


def days(unit: Unit, *, seen_by: Actor) -> list[date]:
    """The days of which there are facts or sums."""
    if not seen_by.may("evaluate.read"):
        return []
    both = sa.text("SELECT DISTINCT day FROM evaluate_fact UNION SELECT DISTINCT day FROM evaluate_day ORDER BY 1")
    return [row.day for row in unit.rows(both)]


_WRONG = sa.text(
    f"SELECT division, unit_grid, org, post, {_NAMES}, sum(f) AS facts, sum(s) AS sums FROM ("
    f" SELECT division, unit_grid, org, post, {_NAMES}, n AS f, 0 AS s FROM evaluate_fact WHERE day = :day"
    f" UNION ALL SELECT d.division, d.unit_grid, d.org, d.post, {', '.join('k.' + name for name in KIND)}, 0, u.n"
    "  FROM evaluate_day d CROSS JOIN LATERAL unnest(d.kinds, d.ns) AS u(k, n)"
    "  LEFT JOIN evaluate_kind k ON k.id = u.k WHERE d.day = :day"
    f") both_ways GROUP BY division, unit_grid, org, post, {_NAMES} HAVING sum(f) <> sum(s) LIMIT :most"
)


def wrong(unit: Unit, day: date, most: int, *, seen_by: Actor) -> list[dict[str, Any]]:
    """Sums of a day that are otherwise than its facts."""
    if not seen_by.may("evaluate.read"):
        return []
    return [dict(row._mapping) for row in unit.rows(_WRONG, {"day": day, "most": most})]
