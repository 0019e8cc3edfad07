"""The only SQL of drawings."""

import sqlalchemy as sa

from gangmu.base import access
from gangmu.core.sampling.model import Drawing
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, maker, metadata, ref_col, text_col, when
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

sample_draw = sa.Table(
    "sample_draw",
    metadata,
    id_col("id", "smp"),
    when("at", nullable=False),
    ref_col("by", "prs"),
    text_col("by_name"),
    sa.Column("seed", sa.Text, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("wanted", sa.Integer, nullable=False),
    sa.Column("drawn", sa.Integer, nullable=False),
    sa.Column("among", sa.Integer, nullable=False),
    text_col("purpose"),
    text_col("digest"),
)

_drawing = maker(Drawing)


def add(unit: Unit, new: Drawing) -> None:
    unit.insert(sample_draw, db.values_of(new, sample_draw))


def list_drawings(unit: Unit, wanted: Page, *, seen_by: Actor) -> Paged[Drawing]:
    """Newest first, of divisions in which one may draw."""
    query = sa.select(sample_draw).where(access.scope(seen_by, "sample.draw", sample_draw.c.division))
    return page.of(unit, query, wanted, [page.Key(sample_draw.c.id, descending=True)], _drawing)
