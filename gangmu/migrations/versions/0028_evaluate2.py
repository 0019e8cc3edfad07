"""Evaluation: the sums of each day, made of the facts that are there; what is told of the knowledge base."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KIND = ("word", "stage", "role", "flow", "channel", "excluded")


def _sums() -> list[sa.Column]:
    return [
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("unit_grid", sa.Text(), server_default="", nullable=False),
        sa.Column("org", sa.UUID(), nullable=True),
        sa.Column("post", sa.UUID(), nullable=True),
        sa.Column("kinds", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("ns", postgresql.ARRAY(sa.Integer()), nullable=False),
    ]


def _filled(table: str, more: str = "") -> str:
    """The sums of a table of facts; ``more``: columns that they are apart by besides."""
    by = f"{more}f.day, f.division, f.unit_grid, f.org, f.post"
    same = " AND ".join(f"k.{name} = f.{name}" for name in KIND)
    one = (
        f"SELECT {by}, k.id AS k, sum(f.n)::int AS n FROM {table} f JOIN evaluate_kind k ON {same} GROUP BY {by}, k.id"
    )
    return f"SELECT {by}, array_agg(f.k ORDER BY f.k), array_agg(f.n ORDER BY f.k) FROM ({one}) f GROUP BY {by}"


def upgrade() -> None:
    op.create_table(
        "evaluate_kind",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in KIND],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluate_kind")),
        sa.UniqueConstraint(*KIND, name="uq_evaluate_kind"),
    )
    op.create_table("evaluate_day", *_sums(), sa.Column("folded", sa.Boolean(), nullable=False))
    op.create_table("evaluate_frozen_day", sa.Column("publication", sa.UUID(), nullable=False), *_sums())
    names = ", ".join(KIND)
    op.execute(
        f"INSERT INTO evaluate_kind ({names})"
        f" SELECT {names} FROM evaluate_fact UNION SELECT {names} FROM evaluate_frozen"
    )
    columns = "day, division, unit_grid, org, post, kinds, ns"
    op.execute(f"INSERT INTO evaluate_day ({columns}, folded) SELECT s.*, true FROM ({_filled('evaluate_fact')}) s")
    frozen = _filled("evaluate_frozen", "f.publication, ")
    op.execute(f"INSERT INTO evaluate_frozen_day (publication, {columns}) {frozen}")
    op.create_index("ix_evaluate_day_day", "evaluate_day", ["day"], unique=False)
    op.create_index(
        "ix_evaluate_day_piece", "evaluate_day", ["day"], unique=False, postgresql_where=sa.text("NOT folded")
    )
    op.create_index("ix_evaluate_frozen_day_publication", "evaluate_frozen_day", ["publication", "day"], unique=False)

    op.add_column(
        "evaluate_call", sa.Column("is_new_matter", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.execute(
        "UPDATE evaluate_call c SET is_new_matter = h.is_new_matter FROM hotline_call h"
        " WHERE h.id = c.id AND h.is_new_matter"
    )
    op.create_table(
        "evaluate_edition",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("entry", sa.UUID(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluate_edition")),
    )
    op.create_index(op.f("ix_evaluate_edition_entry"), "evaluate_edition", ["entry"], unique=False)
    op.create_table(
        "evaluate_correction",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("entry", sa.UUID(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=True),
        sa.Column("division", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluate_correction")),
    )
    op.create_index(op.f("ix_evaluate_correction_entry"), "evaluate_correction", ["entry"], unique=False)


def downgrade() -> None:
    op.drop_table("evaluate_correction")
    op.drop_table("evaluate_edition")
    op.drop_column("evaluate_call", "is_new_matter")
    op.drop_table("evaluate_frozen_day")
    op.drop_table("evaluate_day")
    op.drop_table("evaluate_kind")
