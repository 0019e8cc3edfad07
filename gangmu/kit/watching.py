"""How a running house is watched: its log, its metrics, and from when on doctor and readiness complain."""

from pydantic import Field

from gangmu.kit.settings import Section


class LogSettings(Section, name="log", admin=False):
    """What is written to stderr."""

    as_json: bool = Field(False, description="One JSON object a line, for a log collector; otherwise for a reader.")
    requests: bool = Field(
        False, description="A line a request: id, who, route, status, milliseconds; never its content."
    )
    level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="From which level on lines are kept."
    )


class MetricsSettings(Section, name="metrics", admin=False):
    """Who may read /metrics."""

    token: str = Field(
        "",
        description="Who brings this as bearer token may read /metrics from elsewhere; empty: only this very machine.",
    )


class CareSettings(Section, name="care"):
    """From when on something is told as wrong."""

    disk_free_gb: float = Field(2.0, ge=0, description="Less free disk than this, in GB, is told by doctor.")
    backup_days: float = Field(2.0, gt=0, description="A last backup older than this, in days, is told by doctor.")
    seal_late_s: float = Field(60.0, ge=0, description="A journal entry unsealed for so many seconds is told.")
    outbox_late_s: float = Field(
        60.0, ge=0, description="A message that waits for the relay for so many seconds is told."
    )
    jobs_late_s: float = Field(300.0, ge=0, description="A job or timer that is overdue by so many seconds is told.")
    sessions_days: float = Field(7.0, ge=0, description="Sessions not used for so many days are told.")
    connections: int = Field(50, ge=1, description="The least number of connections that the database should take.")
    clock_skew_s: float = Field(2.0, gt=0, description="A difference of clocks of more than so many seconds is told.")
