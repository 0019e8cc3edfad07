"""Bring a database up to date, back, or say where it stands. Run as the owner of the tables.

After every run the append-only tables (``info={"append_only": True}``) are taken from the application's rights to
update and delete: history is protected by the database too, not by habit.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from gangmu.kit.db import metadata, psycopg_uri
from gangmu.kit.engine.roles import APP

_LOCK = 7_401_003


def _config(conn: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = conn
    return config


def up(owner_uri: str, to: str = "head", app: str = APP) -> None:
    """Run what is missing; ``app`` is the role that the application works as. Two processes that start at once wait for
    each other."""
    engine = sa.create_engine(psycopg_uri(owner_uri), poolclass=sa.pool.NullPool)
    with engine.connect() as conn:
        conn.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        conn.rollback()
        config = _config(conn)
        if to != "head" or MigrationContext.configure(conn).get_current_revision() != head():
            conn.rollback()
            command.upgrade(config, to)
        protect(conn, app)


def down(owner_uri: str, to: str) -> None:
    """Go back to a revision (``base``: before the first)."""
    engine = sa.create_engine(psycopg_uri(owner_uri), poolclass=sa.pool.NullPool)
    with engine.connect() as conn:
        command.downgrade(_config(conn), to)


def current(owner_uri: str) -> str | None:
    """The revision that a database stands at."""
    engine = sa.create_engine(psycopg_uri(owner_uri), poolclass=sa.pool.NullPool)
    with engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def head() -> str | None:
    """The newest revision there is."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return ScriptDirectory.from_config(config).get_current_head()


def is_known(revision: str) -> bool:
    """Whether this version has the migration."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return revision in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def differences(owner_uri: str) -> list[object]:
    """What the tables in code have that the database has not, or the other way round. Empty when both agree."""
    engine = sa.create_engine(psycopg_uri(owner_uri), poolclass=sa.pool.NullPool)
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": False})
        return list(compare_metadata(context, metadata))


def protect(conn: sa.Connection, app: str) -> None:
    """Give the application its rights to the rows, and take update and delete on append-only tables from it. Nothing
    happens where the application is the owner itself: then only the seals protect history."""
    conn.rollback()
    with conn.begin():
        there = set(sa.inspect(conn).get_table_names())
        known = conn.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :app"), {"app": app}).scalar()
        owner = conn.execute(sa.text("SELECT current_user")).scalar()
        if not known or owner == app:
            return
        role = conn.dialect.identifier_preparer.quote(app)
        conn.execute(sa.text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"))
        for table in metadata.sorted_tables:
            if table.info.get("append_only") and table.name in there:
                conn.execute(sa.text(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table.name}" FROM {role}'))
