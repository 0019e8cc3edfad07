"""Components, their classes, editions and counts; parts, names and corrections of addresses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "component_class",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), server_default="", nullable=False),
        sa.Column("extras", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_component_class")),
        sa.UniqueConstraint("code", name=op.f("uq_component_class_code")),
    )
    op.create_table(
        "component",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("unit_grid", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("authority", sa.UUID(), nullable=True),
        sa.Column("authority_name", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.UUID(), nullable=True),
        sa.Column("owner_name", sa.Text(), server_default="", nullable=False),
        sa.Column("maintainer", sa.UUID(), nullable=True),
        sa.Column("maintainer_name", sa.Text(), server_default="", nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("accuracy", sa.Text(), server_default="", nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("datum", sa.Text(), server_default="", nullable=False),
        sa.Column("road", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("material", sa.Text(), server_default="", nullable=False),
        sa.Column("shape", sa.Text(), server_default="", nullable=False),
        sa.Column("height_m", sa.Float(), nullable=True),
        sa.Column("on_blind_path", sa.Boolean(), nullable=True),
        sa.Column("photos", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("edition", sa.Integer(), server_default="1", nullable=False),
        sa.Column("void_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_component")),
        sa.UniqueConstraint("code", name=op.f("uq_component_code")),
    )
    op.create_index("ix_component_cell", "component", ["cell"], unique=False)
    op.create_index(
        "ix_component_code", "component", ["code"], unique=False, postgresql_ops={"code": "text_pattern_ops"}
    )
    op.create_index("ix_component_division", "component", ["division", "code"], unique=False)
    op.create_index("ix_component_grams", "component", ["grams"], unique=False, postgresql_using="gin")
    op.create_index("ix_component_kind", "component", ["kind", "code"], unique=False)
    op.create_index("ix_component_maintainer", "component", ["maintainer", "code"], unique=False)
    op.create_index("ix_component_photos", "component", ["photos"], unique=False, postgresql_using="gin")
    op.create_table(
        "component_edition",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("component", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("surveyed_on", sa.Date(), nullable=False),
        sa.Column("person", sa.UUID(), nullable=True),
        sa.Column("person_name", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("changed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["component"], ["component.id"], name=op.f("fk_component_edition_component")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_component_edition")),
        sa.UniqueConstraint("component", "number", name=op.f("uq_component_edition_component_number")),
        info={"append_only": True},
    )
    op.create_table(
        "component_serial",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_component_serial")),
    )
    op.create_table(
        "component_count",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("level", "x", "y", "division", name=op.f("pk_component_count")),
    )
    op.create_table(
        "address_name",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("means", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("pinyin", sa.Text(), server_default="", nullable=False),
        sa.Column("slips", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_name")),
        sa.UniqueConstraint("name", "kind", "means", name=op.f("uq_address_name_name_kind_means")),
    )
    op.create_index("ix_address_name_pinyin", "address_name", ["pinyin"], unique=False)
    op.create_index("ix_address_name_slips", "address_name", ["slips"], unique=False, postgresql_using="gin")
    op.create_table(
        "address_correction",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("address", sa.UUID(), nullable=True),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("was_full", sa.Text(), server_default="", nullable=False),
        sa.Column("was_lon", sa.Float(), nullable=True),
        sa.Column("was_lat", sa.Float(), nullable=True),
        sa.Column("full", sa.Text(), server_default="", nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by_person", sa.UUID(), nullable=True),
        sa.Column("by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("decided_name", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["address"], ["address.id"], name=op.f("fk_address_correction_address")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_correction")),
    )
    op.create_index(
        "ix_address_correction_open",
        "address_correction",
        ["about", "address"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_address_correction_state", "address_correction", ["state", "id"], unique=False)

    op.add_column("address", sa.Column("compound", sa.Text(), server_default="", nullable=False))
    op.add_column("address", sa.Column("building", sa.Text(), server_default="", nullable=False))
    op.add_column("address", sa.Column("unit_no", sa.Text(), server_default="", nullable=False))
    op.add_column("address", sa.Column("room", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "address", sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("address", sa.Column("state", sa.Text(), server_default="valid", nullable=False))
    op.add_column("address", sa.Column("void_reason", sa.Text(), server_default="", nullable=False))
    op.add_column("address", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index(
        "ix_address_kind", "address", ["kind", "sort_key", "id"], unique=False, postgresql_where=sa.text("kind <> ''")
    )


def downgrade() -> None:
    op.drop_index("ix_address_kind", table_name="address")
    for column in ("version", "void_reason", "state", "aliases", "room", "unit_no", "building", "compound"):
        op.drop_column("address", column)
    op.drop_index("ix_address_correction_state", table_name="address_correction")
    op.drop_index("ix_address_correction_open", table_name="address_correction")
    op.drop_table("address_correction")
    op.drop_index("ix_address_name_slips", table_name="address_name")
    op.drop_index("ix_address_name_pinyin", table_name="address_name")
    op.drop_table("address_name")
    op.drop_table("component_count")
    op.drop_table("component_serial")
    op.drop_table("component_edition")
    op.drop_index("ix_component_photos", table_name="component")
    op.drop_index("ix_component_maintainer", table_name="component")
    op.drop_index("ix_component_kind", table_name="component")
    op.drop_index("ix_component_grams", table_name="component")
    op.drop_index("ix_component_division", table_name="component")
    op.drop_index("ix_component_code", table_name="component")
    op.drop_index("ix_component_cell", table_name="component")
    op.drop_table("component")
    op.drop_table("component_class")
