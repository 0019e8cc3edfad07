"""Which database the house works with."""

from pydantic import Field

from gangmu.kit.engine.options import Options
from gangmu.kit.settings import Section


class DatabaseSettings(Section, name="database", admin=False):
    """Both unset: the embedded engine of the data folder."""

    uri: str = Field(
        "",
        description="Address of a PostgreSQL of version 15 or newer, as the role that works with the rows: "
        "postgresql://gangmu_app:PASSWORD@HOST/gangmu. Replaces the embedded engine; recommended for production.",
    )
    owner_uri: str = Field(
        "",
        description="The same database as the role that owns the tables and runs migrations. "
        "Unset: database.uri, and the application may then change its own journal.",
    )


class EngineSettings(Section, name="engine", admin=False):
    """The embedded PostgreSQL of the data folder."""

    port: int = Field(0, ge=0, le=65535, description="Listen on this port of 127.0.0.1 too; 0: private socket only.")
    durable: bool = Field(True, description="Write through to the disk (fsync). Off loses data when the machine stops.")
    max_connections: int = Field(100, ge=10, le=2000, description="How many connections the server takes.")
    shared_buffers_mb: int = Field(0, ge=0, description="Memory for pages, in MB; 0: an eighth of the machine.")
    account: str = Field("gangmu", description="Started as root, the server runs as this account; made when missing.")
    start_within_s: float = Field(300, gt=0, description="Patience for a start with recovery, in seconds.")
    stop_within_s: float = Field(60, gt=0, description="How long a clean stop may take, in seconds.")

    def options(self) -> Options:
        return Options(**{**self.model_dump(), "port": self.port or None})
