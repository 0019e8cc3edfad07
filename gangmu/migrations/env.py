"""Alembic's environment: the connection comes from ``runner``."""

from alembic import context

from gangmu.kit.db import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
