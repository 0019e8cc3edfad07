"""Divisions, boundaries, grids, zones, addresses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "address",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("full", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("road", sa.Text(), server_default="", nullable=False),
        sa.Column("house_no", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("datum", sa.Text(), server_default="", nullable=False),
        sa.Column("unit_grid", sa.Text(), nullable=True),
        sa.Column("folded", sa.Text(), server_default="", nullable=False),
        sa.Column("initials", sa.Text(), server_default="", nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("sort_key", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.UniqueConstraint("full", name=op.f("uq_address_full")),
    )
    op.create_index("ix_address_grams", "address", ["grams"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_address_initials", "address", ["initials"], unique=False, postgresql_ops={"initials": "text_pattern_ops"}
    )
    op.create_index("ix_address_sort_key", "address", ["sort_key", "id"], unique=False)
    op.create_table(
        "boundary_edition",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boundary_edition")),
        sa.UniqueConstraint("label", "level", name=op.f("uq_boundary_edition_label_level")),
    )
    op.create_table(
        "division",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_key", sa.Text(), server_default="", nullable=False),
        sa.Column("initials", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_division")),
    )
    op.create_index("ix_division_code", "division", ["code"], unique=False)
    op.create_index("ix_division_now", "division", ["code"], unique=True, postgresql_where=sa.text("valid_to IS NULL"))
    op.create_index("ix_division_parent", "division", ["parent", "sort_key"], unique=False)
    op.create_table(
        "duty_grid",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("units", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_grid")),
        sa.UniqueConstraint("code", name=op.f("uq_duty_grid_code")),
    )
    op.create_table(
        "grid_duty",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("post", sa.UUID(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_duty")),
    )
    op.create_index(
        "ix_grid_duty_now", "grid_duty", ["grid", "duty"], unique=True, postgresql_where=sa.text("valid_to IS NULL")
    )
    op.create_index("ix_grid_duty_post", "grid_duty", ["post"], unique=False)
    op.create_table(
        "place_mark",
        sa.Column("one", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_place_mark_one_row")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_place_mark")),
    )
    op.create_table(
        "unit_grid",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="valid", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_grid")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_grid_code")),
    )
    op.create_table(
        "zone",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
        sa.UniqueConstraint("code", name=op.f("uq_zone_code")),
    )
    op.create_table(
        "boundary",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("edition", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["edition"], ["boundary_edition.id"], name=op.f("fk_boundary_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boundary")),
        sa.UniqueConstraint("edition", "division", name=op.f("uq_boundary_edition_division")),
    )


def downgrade() -> None:
    op.drop_table("boundary")
    op.drop_table("zone")
    op.drop_table("unit_grid")
    op.drop_table("place_mark")
    op.drop_index("ix_grid_duty_post", table_name="grid_duty")
    op.drop_index("ix_grid_duty_now", table_name="grid_duty", postgresql_where=sa.text("valid_to IS NULL"))
    op.drop_table("grid_duty")
    op.drop_table("duty_grid")
    op.drop_index("ix_division_parent", table_name="division")
    op.drop_index("ix_division_now", table_name="division", postgresql_where=sa.text("valid_to IS NULL"))
    op.drop_index("ix_division_code", table_name="division")
    op.drop_table("division")
    op.drop_table("boundary_edition")
    op.drop_index("ix_address_sort_key", table_name="address")
    op.drop_index("ix_address_initials", table_name="address", postgresql_ops={"initials": "text_pattern_ops"})
    op.drop_index("ix_address_grams", table_name="address", postgresql_using="gin")
    op.drop_table("address")
